"""Python's own packages: which pip to call, what is installed beside it, and the effect that runs it."""

from orchestra.runner.sdk import Command, Failed, Result, no, yes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System


class RunPip(Command):
    """One run of pip; whether it changed something is read from what it says."""

    predicts = no("what pip would choose is only known when it has asked its index")  # type: Any
    repeats = yes  # type: Any
    undoes = no("the versions that pip replaces are not kept")  # type: Any

    def __init__(
        self, argv: "list[str]", cwd: "str | None" = None, env: "Any" = None, removes: "bool" = False
    ) -> "None":
        super().__init__(argv, cwd=cwd, env=env, touches=[], ok=None)
        self.removes = removes

    def apply(self, system: "System") -> "Result":
        result = super().apply(system)
        said = result.stdout + result.stderr
        if result.rc != 0 and not (self.removes and "not installed" in said):
            raise explain(self.argv, result)
        mark = "Successfully uninstalled" if self.removes else "Successfully installed"
        result.changed = mark in said
        return result


class MakeEnvironment(Command):
    """Make a virtual environment; undo removes its folder."""

    predicts = yes  # type: Any
    repeats = yes  # type: Any
    undoes = yes  # type: Any

    def __init__(self, argv: "list[str]", path: "str") -> "None":
        super().__init__(argv, touches=[])
        self.path = path

    def undo(self, system: "System") -> "Any":
        from orchestra.runner.sdk import NotRecorded, Remove

        if system.exists(self.path):
            raise NotRecorded("the folder was there before")
        return [Remove(self.path)]

    def predict(self, system: "System") -> "Result":
        from orchestra.runner.sdk import Node

        system.foresee("path", self.path, Node("directory"))
        return Result(True)


def explain(argv: "list[str]", result: "Any") -> "Failed":
    """pip's reason, without its advertising."""
    lines = [line.strip() for line in result.stderr.splitlines() if line.strip() and not line.startswith("[notice]")]
    errors = [line for line in lines if line.startswith(("ERROR:", "error:"))] or lines[-1:] or ["pip failed"]
    text = "; ".join(line.partition(":")[2].strip() or line for line in errors[:4])
    if "externally-managed-environment" in result.stderr:
        text += " (break_system_packages: true overrides that; a virtualenv is better)"
    return Failed(text, rc=result.rc, cmd=argv, stdout=result.stdout, stderr=result.stderr)


def normal(name: "str") -> "str":
    """A distribution's name as the index compares it: extras gone, lower case, one dash for each run of -_. ."""
    text = name.partition("[")[0].strip().lower().replace("_", "-").replace(".", "-")
    while "--" in text:
        text = text.replace("--", "-")
    return text


def installed(system: "System", pip: "list[str]", environment: "str | None") -> "dict[str, str]":
    """{name: version} of what is there: an environment's own folders say it, else pip does."""
    folders = system.glob(environment + "/lib*/python3*/site-packages") if environment else []
    if folders and not _sees_the_system(system, environment or ""):
        found = {}
        for folder in folders:
            for name in system.listdir(folder):
                if name.endswith((".dist-info", ".egg-info")):
                    title, _, version = name.rpartition(".")[0].partition("-")
                    found[normal(title)] = version.partition("-")[0]
        return found
    ran = system.query(pip + ["list", "--format=freeze", "--disable-pip-version-check"])
    pairs = (line.partition("==") for line in ran.out.splitlines())
    return {normal(name): version.strip() for name, equals, version in pairs if equals}


def _sees_the_system(system: "System", environment: "str") -> "bool":
    try:
        text = system.read_text(environment + "/pyvenv.cfg").lower()
    except OSError:
        return True
    return "include-system-site-packages = true" in text
