"""Runs module plans on a fleet host with the host's own Python, without SSH: for tests of modules on real systems.

The runner and the modules are copied to the host; each call is a new interpreter. A check run keeps its overlay over
several tasks in one interpreter (`sequence`), as the runner's worker does.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from tests.fleet.machine import Machine

ROOT = Path(__file__).parent.parent.parent
PLACE = "opt/orchestra-test"
DRIVER = """
import importlib.util, json, sys
sys.path.insert(0, "/opt/orchestra-test")
from orchestra.runner.foresight import Foresight
from orchestra.runner.overlay import Overlay
from orchestra.runner.plan import Performer, carry_out
from orchestra.runner.system import System

with open(sys.argv[1]) as file:
    request = json.load(file)
overlay = Overlay()
results = []
for name, options in request["tasks"]:
    spec = importlib.util.spec_from_file_location("module_" + name, "/opt/orchestra-test/modules/" + name + ".py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    diff = request["diff"]
    system = Foresight(overlay, diff=diff) if request["check"] else System(diff=diff)
    results.append(carry_out(module, options, Performer(system)))
print("RESULT" + json.dumps(results))
"""


class ModuleHost:
    """Modules on one fleet host."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._install()

    def _install(self) -> None:
        place = self.machine.root / PLACE
        shutil.rmtree(place, ignore_errors=True)
        (place / "orchestra").mkdir(parents=True)
        (place / "orchestra/__init__.py").touch()
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "orchestra/runner", place / "orchestra/runner", ignore=ignore)
        shutil.copytree(ROOT / "modules", place / "modules", ignore=ignore)
        (place / "driver.py").write_text(DRIVER, encoding="utf-8")

    def sequence(
        self, *tasks: tuple[str, dict[str, Any]], check: bool = False, diff: bool = False
    ) -> list[dict[str, Any]]:
        """Run tasks (module, options) one after the other; their results."""
        request = self.machine.root / PLACE / "request.json"
        request.write_text(json.dumps({"tasks": tasks, "check": check, "diff": diff}), encoding="utf-8")
        done = self.machine.run("/usr/bin/python3", f"/{PLACE}/driver.py", f"/{PLACE}/request.json", check=False)
        _, mark, text = done.stdout.rpartition("RESULT")
        assert mark, f"the driver failed: {done.stdout}{done.stderr}"
        return list(json.loads(text))

    def run(self, module: str, check: bool = False, diff: bool = False, **options: Any) -> dict[str, Any]:
        """Run one module; its result."""
        return self.sequence((module, options), check=check, diff=diff)[0]

    def settle(self, module: str, **options: Any) -> dict[str, Any]:
        """Check, apply, apply again: the second run must change nothing. Gives the first run's result."""
        foretold = self.run(module, check=True, diff=True, **options)
        assert not foretold.get("failed"), foretold
        assert foretold["changed"], f"check mode foretells no change: {foretold}"
        first = self.run(module, diff=True, **options)
        assert not first.get("failed"), first
        assert first["changed"], first
        again = self.run(module, **options)
        assert not again.get("failed"), again
        assert not again["changed"], f"the second run changed something: {again}"
        return first
