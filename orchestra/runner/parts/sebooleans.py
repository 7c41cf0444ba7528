"""SELinux booleans: the running value, the one that is kept, and the effect that sets them."""

from orchestra.runner.sdk import NOTHING, Command, Failed, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System


def running_value(system: "System", name: "str") -> "bool | None":
    """The kernel's value; None where there is no such boolean."""
    foretold = system.foreseen("seboolean", name)
    if foretold is not NOTHING:
        return bool(foretold)
    try:
        return system.read_text("/sys/fs/selinux/booleans/" + name).strip("\0").split()[0] == "1"
    except (OSError, IndexError):
        return None


def kept_value(system: "System", name: "str") -> "bool | None":
    """What was set for every start; None where the policy's own value stands."""
    for path in system.glob("/var/lib/selinux/*/active/booleans.local"):
        for line in system.read_text(path).splitlines():
            key, equals, value = line.partition("=")
            if equals and key.strip() == name:
                return value.strip() in ("1", "true", "on")
    return None


class SetBoolean(Command):
    """setsebool, with -P for every start."""

    predicts = True  # type: Any
    repeats = True  # type: Any
    undoes = True  # type: Any

    def __init__(self, name: "str", value: "bool", persistent: "bool" = False) -> "None":
        line = ["setsebool"] + (["-P"] if persistent else []) + [name, "on" if value else "off"]
        super().__init__(line, touches=[], ok=None)
        self.name = name
        self.value = value
        self.persistent = persistent

    def record(self) -> "dict[str, Any]":
        return {"name": self.name, "value": self.value, "persistent": self.persistent}

    def undo(self, system: "System") -> "Any":
        before = running_value(system, self.name)
        return [] if before is None else [SetBoolean(self.name, before, self.persistent)]

    def apply(self, system: "System") -> "Result":
        result = super().apply(system)
        if result.rc != 0:
            raise Failed("Failed to set boolean {}: {}".format(self.name, result.stderr.strip()), rc=result.rc)
        return result

    def predict(self, system: "System") -> "Result":
        system.foresee("seboolean", self.name, self.value)
        return Result(True)
