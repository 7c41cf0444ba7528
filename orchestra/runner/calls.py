"""The effect for a rare change that no class describes."""

from orchestra.runner.effects import Effect, Result, no, yes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System


class Call(Effect):
    """The open way for a rare change that no effect describes: a function that does it, with its declarations.

    `Call("reload the cache", do=function(system) -> Result|dict|None, needed=bool or function, foretell=function,
    undoes=no("..."))`. Parts that are used twice deserve an Effect class instead.
    """

    predicts = no("what the function leaves is not known")  # type: Any
    undoes = no("a function can not be taken back")  # type: Any

    def __init__(
        self, what: "str", do: "Any", needed: "Any" = True, foretell: "Any" = None, undo: "Any" = None
    ) -> "None":
        self._what = what
        self._do = do
        self._needed = needed
        self._foretell = foretell
        self._undo = undo
        if foretell is not None:
            self.predicts = yes
        if undo is not None:
            self.undoes = yes

    def needed(self, system: "System") -> "bool":
        return bool(self._needed(system)) if callable(self._needed) else bool(self._needed)

    def undo(self, system: "System") -> "list[Effect]":
        found = self._undo(system) if callable(self._undo) else self._undo
        return list(found or ())

    def apply(self, system: "System") -> "Result":
        return _as_result(self._do(system))

    def predict(self, system: "System") -> "Result":
        return _as_result(self._foretell(system)) if self._foretell is not None else Result.not_run()


def _as_result(found: "Any") -> "Result":
    return found if isinstance(found, Result) else Result(True, **(found or {}))
