"""The command line that starts a runner: what it may hold, and what it refuses. tests/runner runs it in real shells."""

import pytest

from orchestra.errors import OptionError
from orchestra.payload.bootstrap import INTERPRETERS, command, new_nonce


def test_the_line_holds_nothing_that_a_login_shell_would_change() -> None:
    line = command(new_nonce(), 12345)
    script = line.removeprefix("exec /bin/sh -c '").removesuffix("'")
    assert len(script) == len(line) - len("exec /bin/sh -c ''")
    assert not set("'\\!\n") & set(script)
    assert len(line) < 700


def test_every_candidate_is_tried_unless_one_is_given() -> None:
    line = command("n", 1)
    assert all(f" {name}" in line for name in INTERPRETERS)
    assert '"/opt/py/bin/python"' in command("n", 1, "/opt/py/bin/python")
    assert "platform-python" not in command("n", 1, "/opt/py/bin/python")


@pytest.mark.parametrize("bad", ["python'; rm -rf /", "a$(b)", "a`b`", "a\nb", "a;b", 'a"b', "a\\b"])
def test_an_interpreter_that_a_shell_would_run_is_refused(bad: str) -> None:
    with pytest.raises(OptionError, match="characters"):
        command("n", 1, bad)


def test_nonces_differ() -> None:
    assert len({new_nonce() for _ in range(100)}) == 100
