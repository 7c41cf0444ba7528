"""What update-alternatives has registered, and the effect that changes it."""

from orchestra.runner.sdk import NOTHING, Command, Failed, Result, no

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System


class Registered:
    """A name's choices with their priorities, the one that is current, and whether that was chosen by hand."""

    def __init__(self) -> "None":
        self.choices = {}  # type: dict[str, int]
        self.current = ""
        self.link = ""
        self.manual = False


def parse_display(text: "str", system: "System", name: "str") -> "Registered":
    """The output of --display in the C locale, as Debian's and Red Hat's programs both write it."""
    found = Registered()
    for line in text.splitlines():
        words = line.split()
        if line.startswith("/") and " - " in line and "priority" in words:
            found.choices[words[0]] = int(words[words.index("priority") + 1])
        elif "link currently points to" in line:
            found.current = words[-1]
        elif line.strip().startswith("link {} is ".format(name)):
            found.link = words[-1]
        elif "status is manual" in line or (line.startswith(name) and line.rstrip(".").endswith("manual mode")):
            found.manual = True
    foretold = system.foreseen("alternative", name)
    for step in foretold if foretold is not NOTHING else ():
        _foresee(found, step)
    return found


def _foresee(found: "Registered", step: "dict[str, Any]") -> "None":
    if "added" in step:
        found.choices[step["added"]] = step["priority"]
        found.link = found.link or step["link"]
    found.choices.pop(step.get("gone", ""), None)
    found.current = step.get("current", found.current)
    found.manual = step.get("manual", found.manual)


class SetAlternative(Command):
    """One run of update-alternatives; `becomes` says what it changes."""

    predicts = True  # type: Any
    repeats = True  # type: Any
    undoes = no("the choice before is not kept")  # type: Any

    def __init__(self, argv: "list[str]", name: "str", becomes: "dict[str, Any]") -> "None":
        super().__init__(argv, touches=[], ok=None)
        self.name = name
        self.becomes = becomes

    def apply(self, system: "System") -> "Result":
        result = super().apply(system)
        if result.rc != 0:
            raise Failed(
                result.stderr.strip() or result.stdout.strip() or "{} failed".format(self.argv[0]), rc=result.rc
            )
        return result

    def predict(self, system: "System") -> "Result":
        known = system.foreseen("alternative", self.name)
        system.foresee("alternative", self.name, (known if known is not NOTHING else []) + [self.becomes])
        return Result(True)
