"""Nothing heavy is imported before the first template."""

import subprocess
import sys

PROGRAM = """
import sys
from orchestra.model.origin import TemplateText
from orchestra.model.secret import Redactor
from orchestra.templating.templar import Templar
scope = Templar(object(), Redactor()).scope({"a": 1, "b": "text"}, None)
assert scope.render({"plain": [1, "x"]}) == {"plain": [1, "x"]}
assert scope.render_args({"a": "b"}) == {"a": "b"}
assert scope.condition(True) is True
assert scope.get("b") == "text"
assert scope.child({"item": 1}).get("item") == 1
assert "jinja2" not in sys.modules
assert scope.render(TemplateText("{{ a }}")) == 1
assert "jinja2" in sys.modules
heavy = ("yaml", "urllib.request", "ssl", "difflib", "uuid", "ctypes", "subprocess", "asyncio")
assert not {*heavy} & {*sys.modules}, {*heavy} & {*sys.modules}
"""


def test_jinja_is_imported_with_the_first_template() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
