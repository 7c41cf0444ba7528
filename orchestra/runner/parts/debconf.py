"""The answers that Debian's packages ask for: what is recorded (debconf-show), and the effect that records one."""

from orchestra.runner.sdk import NOTHING, Command, Failed, Result, no, yes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System


def recorded(system: "System", package: "str") -> "dict[str, str]":
    """Question -> answer, for all that a package owns; passwords are not shown."""
    ran = system.query(["debconf-show", package])
    if ran.rc != 0:
        raise Failed(ran.err.strip() or "debconf-show failed", rc=ran.rc)
    found = {}
    for line in ran.out.splitlines():
        question, colon, answer = line.partition(":")
        if colon:
            found[question.lstrip("* ").strip()] = answer.strip()
    foretold = system.foreseen("debconf", package)
    found.update(foretold if foretold is not NOTHING else {})
    return found


def password(system: "System", package: "str", question: "str") -> "str":
    """The answer to a question for a password, which debconf-show leaves out."""
    foretold = system.foreseen("debconf", package)
    if foretold is not NOTHING and question in foretold:
        return str(foretold[question])
    ran = system.query(["debconf-communicate", package], stdin="GET {}\n".format(question))
    code, _, answer = ran.out.partition(" ")
    if ran.rc != 0 or code != "0":
        raise Failed("Failed to get the value {!r} from {!r}: {}".format(question, package, ran.err or ran.out))
    return str(answer).rstrip("\n")


class RecordAnswer(Command):
    """debconf-set-selections with one line. `before`: the answer that stood, or None where the question was new."""

    predicts = yes  # type: Any
    repeats = yes  # type: Any
    undoes = yes  # type: Any

    def __init__(
        self,
        package: "str",
        question: "str",
        kind: "str",
        answer: "str",
        unseen: "bool" = False,
        before: "str | None" = None,
    ) -> "None":
        line = " ".join((package, question, kind, answer)) + "\n"
        super().__init__(["debconf-set-selections"] + (["-u"] if unseen else []), stdin=line, touches=[])
        self.package = package
        self.question = question
        self.kind = kind
        self.answer = answer
        self.unseen = unseen
        self.before = before
        if kind == "password":
            self.undoes = no("the password before is not kept")
        elif before is None:
            self.undoes = no("a question that was answered can not be unasked")

    def record(self) -> "dict[str, Any]":
        names = ("package", "question", "kind", "answer", "unseen", "before")
        return {name: getattr(self, name) for name in names}

    def diff(self, system: "System") -> "Any":
        before, after = self.before or "", self.answer
        if self.kind == "password":
            before, after = "(password omitted)", "(password omitted, changed)"
        return {"before": {self.question: before}, "after": {self.question: after}}

    def undo(self, system: "System") -> "Any":
        return [RecordAnswer(self.package, self.question, self.kind, self.before or "", before=self.answer)]

    def predict(self, system: "System") -> "Result":
        known = system.foreseen("debconf", self.package)
        system.foresee("debconf", self.package, dict({} if known is NOTHING else known, **{self.question: self.answer}))
        return Result(True, stdout="")
