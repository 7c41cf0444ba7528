"""Runs a foreign module in the worker that was forked for it, and makes its end a task's result.

The module sees a process of its own: it is `__main__`, what it prints is caught, `sys.exit` ends it.
"""

import os
import sys

from orchestra.runner.foreign import finder, session
from orchestra.runner.foreign.names import STAND_INS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System


class Options:
    """Whatever the task gives: the module itself says what it takes."""

    ACCEPTS_ANY = True


def perform(
    name: "str", package: "str", file: "str", texts: "dict[str, tuple[str, str]]", given: "Any", system: "System"
) -> "dict[str, Any]":
    """Run the module whose text is `texts[""]`, with the others importable; returns the task's result."""
    main = texts.pop("")[1]
    if package:
        texts.setdefault(package, (package.replace(".", "/") + "/__init__.py", ""))
    run = session.Session(name, dict(given._others), system)
    session.begin(run)
    finder.install(finder.Finder(dict(STAND_INS), texts))
    sys.path.extend(path for path in os.environ.get("PYTHONPATH", "").split(":") if path and path not in sys.path)
    sys.argv = [file]
    with Caught(system) as caught:
        code = _run(main, package, file, run)
    return _result(run, code, caught)


def _run(text: "str", package: "str", file: "str", run: "session.Session") -> "Any":
    module = type(sys)("__main__")
    module.__file__ = file
    module.__package__ = package
    sys.modules["__main__"] = module
    try:
        exec(compile(text, file, "exec", dont_inherit=True), module.__dict__)
    except SystemExit as end:
        return 0 if end.code is None else end.code
    except Exception as error:
        from orchestra.runner.plan import trace

        text = "Task failed: Module failed: {}".format(error)
        if isinstance(error, ImportError):
            text += " ({})".format(_place(error, file))
        run.result = {"failed": True, "msg": text, "exception": trace(error)}
        return 1
    return None


def _place(error: "ImportError", file: "str") -> "str":
    """Which line of the module asked for what is not there."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return "{}:{}".format(file, line)


class Caught:
    """What is written to descriptors 1 and 2 meanwhile, kept in files without a name."""

    def __init__(self, system: "System") -> "None":
        import tempfile

        self.files = [tempfile.TemporaryFile(dir=system.scratch()) for _ in (1, 2)]  # noqa: SIM115  closed at the end
        self.said = ["", ""]

    def __enter__(self) -> "Caught":
        self.before = [os.dup(1), os.dup(2)]
        self.streams = (sys.stdout, sys.stderr)
        for number, file in enumerate(self.files, 1):
            os.dup2(file.fileno(), number)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
        return self

    def __exit__(self, *_: "Any") -> "None":
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = self.streams
        for index, file in enumerate(self.files):
            os.dup2(self.before[index], index + 1)
            os.close(self.before[index])
            file.seek(0)
            self.said[index] = file.read().decode("utf-8", "surrogateescape")
            file.close()


def _result(run: "session.Session", code: "Any", caught: "Caught") -> "dict[str, Any]":
    result, after = run.result, ""
    if result is None and code is not None:
        result, after = printed(caught.said[0])
    elif run.told is not None:
        after = caught.said[0].encode("utf-8", "surrogateescape")[run.told :].decode("utf-8", "surrogateescape")
    if result is None:
        text = "Task failed: Module failed: New-style module did not handle its own exit."
        if code is not None:
            text = "MODULE FAILURE\nSee stdout/stderr for the exact error"
        result = {"failed": True, "msg": text, "module_stdout": caught.said[0], "module_stderr": caught.said[1]}
        result["rc"] = code if isinstance(code, int) else 1
    warnings = run.warnings + junk(after)
    if warnings:
        result["warnings"] = warnings
    if run.deprecations:
        result["deprecations"] = run.deprecations
    if run.system.background and caught.said[1]:
        result["stderr"] = caught.said[1]  # as Ansible's wrapper of such jobs has it
    result.setdefault("changed", False)
    return result


def printed(text: "str") -> "tuple[dict[str, Any] | None, str]":
    """The JSON mapping that a module printed, perhaps with other words around it; and the words behind it."""
    import json

    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return None, ""
    try:
        found = json.loads(text[start : end + 1])
    except ValueError:
        return None, ""
    return (found, text[end + 1 :]) if isinstance(found, dict) else (None, "")


def junk(after: "str") -> "list[str]":
    """A warning of what a module printed behind its result: somebody may have meant it."""
    text = after.strip()
    return ["Module invocation had junk after the JSON data: {}".format(text)] if text else []
