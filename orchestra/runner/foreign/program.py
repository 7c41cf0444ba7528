"""Runs modules that are programs: shell scripts, binaries, anything that reads a file of arguments and prints JSON."""

import os
import shlex
import sys

from orchestra.runner.foreign.host import Options, junk, printed
from orchestra.runner.foreign.text import jsonify

__all__ = ["Options", "perform"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System


def perform(name: "str", content: "bytes", as_json: "bool", given: "Any", system: "System") -> "dict[str, Any]":
    """Write the program and its arguments into the task's private folder, run it, read what it printed."""
    if system.check and not as_json:
        return {"skipped": True, "changed": False, "msg": "remote module ({}) does not support check mode".format(name)}
    folder = system.scratch()
    program, arguments = os.path.join(folder, "program"), os.path.join(folder, "args")
    _store(program, content, 0o700)
    options = dict(given._others, _ansible_check_mode=system.check, _ansible_diff=system.diff, _ansible_no_log=False,
                   _ansible_module_name=name, _ansible_tmpdir=folder)  # fmt: skip
    _store(
        arguments, (jsonify(options) if as_json else _pairs(given._others)).encode("utf-8", "surrogateescape"), 0o600
    )
    ran = system.query(_command(content, program) + [arguments])
    result, after = printed(ran.out)
    if result is None:
        result = {"failed": True, "msg": "MODULE FAILURE\nSee stdout/stderr for the exact error", "rc": ran.rc}
        result.update(module_stdout=ran.out, module_stderr=ran.err)
    elif ran.rc and "failed" not in result:
        result.update(failed=True, rc=ran.rc)
    if after.strip():
        result["warnings"] = list(result.get("warnings") or ()) + junk(after)
    result.setdefault("changed", False)
    return result


def _store(path: "str", content: "bytes", mode: "int") -> "None":
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)


def _pairs(options: "dict[str, Any]") -> "str":
    texts = ((key, value if isinstance(value, str) else jsonify(value)) for key, value in options.items())
    return " ".join("{}={}".format(key, shlex.quote(text)) for key, text in texts)


def _command(content: "bytes", program: "str") -> "list[str]":
    """A Python script runs on the Python that we run on, wherever its first line looks for one."""
    first = content.split(b"\n", 1)[0]
    return [sys.executable, program] if first.startswith(b"#!") and b"python" in first else [program]
