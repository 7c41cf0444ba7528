"""A machine in memory: plans run against it without SSH, disk or root.

An overlay without a base: what `Overlay` predicts is all there is. Applying an effect is predicting it, so a module's
test sees later looks answer as after a real run. Programs are answered from `answers` and remembered in `ran`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from orchestra.runner.effects import Effect, Result
from orchestra.runner.foresight import Foresight
from orchestra.runner.looking import Group, User
from orchestra.runner.overlay import Node, Overlay
from orchestra.runner.plan import Performer, carry_out
from orchestra.runner.process import Command
from orchestra.runner.system import Failed, Ran, Stat

Answer = Ran | tuple[int, str, str] | Callable[[Sequence[str]], Any]


class FakeSystem(Foresight):
    """`FakeSystem(files={"/etc/x": "text"}, folders=("/srv",), users=..., programs=("git",), answers={...})`.

    `answers` maps a command line, or its beginning, as a string ("systemctl is-active nginx") to (rc, out, err) or to
    a function of argv. A program that is started without an answer fails the test by name. `ran` lists every command
    line that was started, looks and effects; `commands` only those of effects. `clock` is what `now()` says.
    """

    def __init__(
        self,
        files: Mapping[str, str | bytes] | None = None,
        folders: Sequence[str] = ("/tmp", "/root", "/etc"),
        users: Sequence[User] = (User("root", 0, 0, "root", "/root", "/bin/sh"),),
        groups: Sequence[Group] = (Group("root", 0, []),),
        programs: Sequence[str] = (),
        answers: Mapping[str, Answer] | None = None,
        check: bool = False,
        diff: bool = False,
    ) -> None:
        super().__init__(Overlay(), check, diff)
        self.environ = {"PATH": "/usr/bin:/bin", "HOME": "/root"}
        self.clock = 1_700_000_000.0
        self.answers: dict[str, Answer] = dict(answers or {})
        self.ran: list[list[str]] = []
        self.commands: list[list[str]] = []
        self.put("/", Node("directory"))
        for folder in folders:
            self.folder(folder)
        for path, content in (files or {}).items():
            self.write(path, content)
        for program in programs:
            self.write(program if "/" in program else f"/usr/bin/{program}", b"", 0o755)
        for user in users:
            self.account("user", user.name, user.uid, user)
        for group in groups:
            self.account("group", group.name, group.gid, group)
        self.assumed = False

    # --- setting the scene ---

    def put(self, path: str, node: Node) -> None:
        """Place a node, with the folders above it."""
        if path != "/":
            self.folder(path.rpartition("/")[0] or "/")
        self.overlay.entries["path", path] = node

    def folder(self, path: str) -> None:
        """Make a folder and those above it."""
        if ("path", path) not in self.overlay.entries:
            self.put(path, Node("directory"))

    def write(self, path: str, content: str | bytes, mode: int = 0o644) -> None:
        """Make a file."""
        self.put(path, Node("file", mode=mode, content=content.encode() if isinstance(content, str) else content))

    def account(self, kind: str, name: str, number: int, entry: User | Group) -> None:
        """Make a user or group known, by name and by number."""
        fields = {slot: getattr(entry, slot) for slot in entry.__slots__}
        for key in (name, str(number)):
            self.overlay.entries[kind, key] = fields

    def text(self, path: str) -> str:
        """A file's content."""
        return self.read_text(path)

    # --- running ---

    def run(self, module: Any, **options: Any) -> dict[str, Any]:
        """Run a module's plan with these options; effects take place in memory. Returns the result as a host would."""
        self.blind = self.missed = self.assumed = False
        self.warnings = []
        return carry_out(module, options, FakePerformer(self))

    # --- the machine that is not there ---

    def _look(self) -> bool:
        super()._look()
        return True

    def base_stat(self, path: str, follow: bool) -> Stat | None:
        return None

    def base_listdir(self, path: str) -> list[str]:
        return []

    def base_open(self, path: str) -> Any:
        self.missed = True
        raise FileNotFoundError(2, "No such file or directory", path)

    def base_user(self, name: str | int) -> User | None:
        return None

    def base_group(self, name: str | int) -> Group | None:
        return None

    def users(self) -> list[User]:
        """Every user that was given, in order of number."""
        return sorted(self._accounts("user", User), key=lambda user: user.uid)

    def groups(self) -> list[Group]:
        """Every group that was given, in order of number."""
        return sorted(self._accounts("group", Group), key=lambda group: group.gid)

    def _accounts(self, kind: str, cls: Any) -> list[Any]:
        entries = self.overlay.entries.items()
        return [cls(**value) for (k, key), value in entries if k == kind and value and key == value["name"]]

    def base_scratch(self) -> str:
        self.folder("/tmp/scratch")
        return "/tmp/scratch"

    def base_query(self, argv: Sequence[str], **more: Any) -> Ran:
        rc, out, err = self.answer(list(argv))
        return Ran(rc, out.encode() if more.get("binary") else out, err.encode() if more.get("binary") else err)

    def answer(self, argv: list[str]) -> tuple[int, str, str]:
        """The longest matching answer to a command line."""
        self.ran.append(argv)
        line = " ".join(argv)
        fitting = [key for key in self.answers if line == key or line.startswith(key + " ")]
        if not fitting:
            raise AssertionError(f"no answer was given for the command: {line}")
        found = self.answers[max(fitting, key=len)]
        rc, out, err = found(argv) if callable(found) else found
        return rc, out, err

    def hostname(self) -> str:
        return "fake"

    def now(self) -> float:
        return self.clock

    def sleep(self, seconds: float) -> None:
        self.clock += seconds

    def euid(self) -> int:
        return 0

    def platform(self) -> str:
        return "linux"

    def context(self, path: str) -> str | None:
        return None


class FakePerformer(Performer):
    """Applying is predicting; a command is answered, remembered, and judged as the real one would be."""

    def apply(self, effect: Effect) -> Result:
        fake = self.system
        assert isinstance(fake, FakeSystem)
        if isinstance(effect, Command):
            fake.commands.append(effect.argv)
            # Asked at each start: an effect may try again.
            effect._run = lambda system: _encoded(fake.answer(effect.argv))  # type: ignore[method-assign]
            return effect.apply(fake)
        if not effect.predicts:
            return effect.apply(fake)
        return effect.predict(fake)


def _encoded(answer: tuple[int, str, str]) -> tuple[int, bytes, bytes]:
    return answer[0], answer[1].encode(), answer[2].encode()


__all__ = ["Failed", "FakePerformer", "FakeSystem"]
