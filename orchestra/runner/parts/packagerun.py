"""The effect of one run of a package manager: what it installs and removes is foretold by name, and not undone."""

from orchestra.runner.sdk import Command, Result, no, yes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System

#: Output that does not depend on the host's language.
ENVIRONMENT = {"LC_ALL": "C", "LANGUAGE": "C"}


class PackageRun(Command):
    """`installs` and `removes` are the names that check mode foretells; `how` is as for Command."""

    predicts = yes  # type: Any
    repeats = yes  # type: Any
    undoes = no("the versions and configuration that a package run replaces are not kept")

    def __init__(self, argv: "list[str]", installs: "Any" = (), removes: "Any" = (), **how: "Any") -> "None":
        how.setdefault("env", ENVIRONMENT)
        super().__init__(argv, touches=[], **how)
        self.installs = list(installs)
        self.removes = list(removes)

    def foretell(self, system: "System", known: "Any" = ()) -> "None":
        """Later tasks of a check run find it done; the versions of `known` names are foretold already."""
        for name in self.installs:
            if name not in known:
                system.foresee("package", name, {"version": None})
        for name in self.removes:
            system.foresee("package", name, None)

    def predict(self, system: "System") -> "Result":
        self.foretell(system)
        return Result(True)
