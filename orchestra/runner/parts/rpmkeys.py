"""Keys in rpm's database: which are there, and the effects that import and erase one."""

from orchestra.runner.sdk import NOTHING, Command, Effect, Failed, Result, no

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System


def trusted(system: "System") -> "set[str]":
    """Ids of the keys, the last eight digits in lower case."""
    ran = system.query(["rpm", "-q", "gpg-pubkey", "--qf", "%{VERSION}\\n"])
    found = {line.strip().lower()[-8:] for line in ran.out.splitlines()} if ran.rc == 0 else set()
    foretold = system.foreseen("rpm keys", "all")
    if foretold is not NOTHING:
        found = (found | set(foretold.get("added", ()))) - set(foretold.get("gone", ()))
    return found


def _foresee(system: "System", added: "list[str]", gone: "list[str]") -> "None":
    known = system.foreseen("rpm keys", "all")
    known = known if known is not NOTHING else {"added": [], "gone": []}
    fresh = {
        "added": [one for one in known["added"] if one not in gone] + added,
        "gone": [one for one in known["gone"] if one not in added] + gone,
    }
    system.foresee("rpm keys", "all", fresh)


class ImportKey(Effect):
    """rpm --import."""

    def __init__(self, content: "bytes", ident: "str") -> "None":
        self.content = content
        self.ident = ident

    def undo(self, system: "System") -> "Any":
        return [EraseKey(self.ident)]

    def apply(self, system: "System") -> "Result":
        from orchestra.runner.process import communicate

        path = system.scratch() + "/key.asc"
        with open(path, "wb") as file:
            file.write(self.content)
        rc, out, err = communicate(system, ["rpm", "--import", path])
        if rc != 0:
            raise Failed("rpm --import: " + (err or out).decode("utf-8", "replace").strip(), rc=rc)
        return Result(True)

    def predict(self, system: "System") -> "Result":
        _foresee(system, [self.ident], [])
        return Result(True)


class EraseKey(Command):
    """rpm --erase of a key."""

    predicts = True  # type: Any
    repeats = True  # type: Any
    undoes = no("an erased key is not kept")  # type: Any

    def __init__(self, ident: "str") -> "None":
        super().__init__(["rpm", "--erase", "--allmatches", "gpg-pubkey-" + ident], touches=[])
        self.ident = ident

    def record(self) -> "dict[str, Any]":
        return {"ident": self.ident}

    def predict(self, system: "System") -> "Result":
        _foresee(system, [], [self.ident])
        return Result(True)
