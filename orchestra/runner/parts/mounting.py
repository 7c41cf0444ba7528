"""Mounting and unmounting: what is mounted, and the effect that changes it."""

from orchestra.runner.sdk import NOTHING, Command, Failed, Result, no

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System


def _rows(system: "System") -> "list[list[str]]":
    try:
        lines = system.read_text("/proc/self/mountinfo").splitlines()
    except OSError:
        return []
    return [[_plain(field) for field in line.split()] for line in lines]


def _plain(field: "str") -> "str":
    for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        field = field.replace(code, letter)
    return field


def is_mounted(system: "System", path: "str") -> "bool":
    """Whether something is mounted there."""
    foretold = system.foreseen("mount", path)
    if foretold is not NOTHING:
        return bool(foretold)
    real = system.resolve(path)
    return any(len(row) > 4 and row[4] == real for row in _rows(system))


def mounted_from(system: "System", path: "str") -> "str | None":
    """The device or share behind a mount point."""
    real = system.resolve(path)
    rows = [row for row in _rows(system) if len(row) > 4 and row[4] == real and "-" in row]
    return rows[-1][rows[-1].index("-") + 2] if rows else None


class SetMount(Command):
    """mount or umount. `again`: a remount; `otherwise`: command lines for a file system that refuses to remount."""

    predicts = True  # type: Any
    repeats = True  # type: Any
    undoes = True  # type: Any

    def __init__(
        self, argv: "list[str]", path: "str", mounted: "bool", again: "bool" = False, otherwise: "Any" = ()
    ) -> "None":
        super().__init__(argv, touches=[], ok=None)
        self.path = path
        self.mounted = mounted
        self.again = again
        self.otherwise_run = [list(line) for line in otherwise]
        if again:
            self.undoes = no("the options before a remount are not kept")

    def undo(self, system: "System") -> "Any":
        if self.mounted:
            return [SetMount(["umount", self.path], self.path, False)]
        source = mounted_from(system, self.path)
        return [SetMount(["mount", source or self.path, self.path], self.path, True)]

    def apply(self, system: "System") -> "Result":
        result = super().apply(system)
        if result.rc != 0 and self.otherwise_run:
            for line in self.otherwise_run:
                self.argv = line
                result = super().apply(system)
        if result.rc != 0:
            said = result.stderr.strip() or result.stdout.strip()
            verb = "mounting" if self.mounted else "unmounting"
            raise Failed("Error {} {}: {}".format(verb, self.path, said), rc=result.rc)
        return result

    def predict(self, system: "System") -> "Result":
        system.foresee("mount", self.path, self.mounted)
        return Result(True)
