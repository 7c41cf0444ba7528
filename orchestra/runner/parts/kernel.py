"""The running kernel's own values: its settings (sysctl) and its host name."""

from orchestra.runner.sdk import NOTHING, Command, Effect, Failed, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System


def setting_place(name: "str") -> "str":
    """Below /proc/sys: the first separator that is used separates, the other one is part of a name."""
    dot, slash = name.find("."), name.find("/")
    if slash >= 0 and (dot < 0 or slash < dot):
        return "/proc/sys/" + name
    return "/proc/sys/" + name.replace("/", "\0").replace(".", "/").replace("\0", ".")


def running_setting(system: "System", name: "str") -> "str | None":
    """The kernel's value, or None where there is no such setting or it can not be read."""
    foretold = system.foreseen("sysctl", name)
    if foretold is not NOTHING:
        return foretold  # type: ignore[no-any-return]
    try:
        return system.read_text(setting_place(name)).strip()
    except OSError:
        return None


def host_name(system: "System") -> "str":
    """The kernel's host name."""
    foretold = system.foreseen("hostname", "kernel")
    return system.hostname() if foretold is NOTHING else str(foretold)


class SetKernel(Command):
    """sysctl -w NAME=VALUE."""

    predicts = True  # type: Any
    repeats = True  # type: Any
    undoes = True  # type: Any

    def __init__(self, name: "str", value: "str", lenient: "bool" = False) -> "None":
        flags = ["-e"] if lenient else []
        super().__init__(["sysctl"] + flags + ["-w", "{}={}".format(name, value)], touches=[], ok=None)
        self.name = name
        self.value = value
        self.lenient = lenient

    def record(self) -> "dict[str, Any]":
        return {"name": self.name, "value": self.value, "lenient": self.lenient}

    def undo(self, system: "System") -> "Any":
        before = running_setting(system, self.name)
        return [] if before is None else [SetKernel(self.name, before)]

    def apply(self, system: "System") -> "Result":
        result = super().apply(system)
        # sysctl says what the kernel refused, but not always by its exit status
        if result.rc != 0 or (result.stderr.strip() and not self.lenient):
            said = result.stderr.strip() or result.stdout.strip()
            raise Failed("setting {} failed: {}".format(self.name, said), rc=result.rc)
        return result

    def predict(self, system: "System") -> "Result":
        system.foresee("sysctl", self.name, self.value)
        return Result(True)


class LoadSettings(Command):
    """sysctl -p FILE; `name` and `value` are what it is loaded for."""

    predicts = True  # type: Any
    repeats = True  # type: Any
    undoes = True  # type: Any

    def __init__(self, path: "str", name: "str", value: "str | None", lenient: "bool" = False) -> "None":
        super().__init__(["sysctl"] + (["-e"] if lenient else []) + ["-p", path], touches=[], ok=None)
        self.name = name
        self.value = value
        self.lenient = lenient

    def undo(self, system: "System") -> "Any":
        before = running_setting(system, self.name)
        changes = self.value is not None and before is not None and before.split() != self.value.split()
        return [SetKernel(self.name, before)] if changes and before is not None else []

    def apply(self, system: "System") -> "Result":
        result = super().apply(system)
        if result.rc != 0 and not self.lenient:
            raise Failed(
                "Failed to reload sysctl: {}".format(result.stderr.strip() or result.stdout.strip()), rc=result.rc
            )
        return result

    def predict(self, system: "System") -> "Result":
        if self.value is not None:
            system.foresee("sysctl", self.name, self.value)
        return Result(True)


class SetHostName(Effect):
    """The running kernel's host name, until the next start."""

    def __init__(self, name: "str") -> "None":
        self.name = name

    def undo(self, system: "System") -> "Any":
        return [SetHostName(host_name(system))]

    def apply(self, system: "System") -> "Result":
        import _socket

        _socket.sethostname(self.name)
        return Result(True)

    def predict(self, system: "System") -> "Result":
        system.foresee("hostname", "kernel", self.name)
        return Result(True)
