"""The effect that changes what dpkg is to do with a package (hold, install ...)."""

from orchestra.runner.sdk import Command, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System


class SetSelection(Command):
    """dpkg --set-selections for one package."""

    predicts = True  # type: Any
    repeats = True  # type: Any
    undoes = True  # type: Any

    def __init__(self, name: "str", selection: "str", before: "str") -> "None":
        super().__init__(["dpkg", "--set-selections"], stdin="{} {}\n".format(name, selection), touches=[])
        self.name = name
        self.selection = selection
        self.before = before

    def record(self) -> "dict[str, Any]":
        return {"name": self.name, "selection": self.selection, "before": self.before}

    def undo(self, system: "System") -> "Any":
        return [SetSelection(self.name, self.before, self.selection)]

    def predict(self, system: "System") -> "Result":
        system.foresee("selection", self.name, self.selection)
        return Result(True)
