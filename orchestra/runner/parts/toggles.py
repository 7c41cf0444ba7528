"""A setting that one command line switches and another switches back: its effect, and a look that knows predictions."""

from orchestra.runner.sdk import NOTHING, Command, Result, no, yes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from orchestra.runner.system import System


def now(system: "System", kind: "str", key: "str", look: "Callable[[], Any]") -> "Any":
    """What a setting is: as an earlier task of a check run would have left it, else what `look()` finds."""
    foretold = system.foreseen(kind, key)
    return look() if foretold is NOTHING else foretold


class Toggle(Command):
    """Run argv, after which `now(system, kind, key, ...)` is `becomes`.

    `back`: the command line that takes it back, None where there is none. `stdin`: text for its input; it is not kept
    for undo, and neither is that of a way back.
    """

    predicts = yes  # type: Any
    repeats = yes  # type: Any
    undoes = yes  # type: Any

    def __init__(
        self,
        argv: "list[str]",
        kind: "str",
        key: "str",
        becomes: "Any",
        back: "list[str] | None" = None,
        stdin: "str | None" = None,
        env: "dict[str, str] | None" = None,
    ) -> "None":
        super().__init__(argv, touches=[], stdin=stdin, env=env)
        self.kind = kind
        self.key = key
        self.becomes = becomes
        self.back = back
        if back is None:
            self.undoes = no("the way back is not kept")

    def record(self) -> "dict[str, Any]":
        names = ("argv", "kind", "key", "becomes", "back")
        return {name: getattr(self, name) for name in names}

    def undo(self, system: "System") -> "Any":
        assert self.back is not None
        return [Toggle(self.back, self.kind, self.key, None)]

    def predict(self, system: "System") -> "Result":
        system.foresee(self.kind, self.key, self.becomes)
        return Result(True)
