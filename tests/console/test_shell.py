"""What lines mean at the console's prompt, with an engine that remembers."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from orchestra.console.shell import COMMANDS, Shell
from orchestra.errors import LanguageError
from orchestra.library.catalogue import Library
from orchestra.model.host import Group, Host, Inventory
from orchestra.model.options import RunOptions

LIBRARY = Library()


@dataclass
class Remembering:
    """Stands for the engine."""

    inventory: Inventory = field(
        default_factory=lambda: Inventory(
            hosts={name: Host(name) for name in ("a", "b")}, groups={"all": Group("all"), "web": Group("web")}
        )
    )
    library: Library = LIBRARY
    ran: list[tuple[str, str, str, RunOptions, int]] = field(default_factory=list)

    def hosts(self, pattern: str, warn=lambda text: None) -> list[str]:
        known = {"all": ["a", "b"], "web": ["a"]}
        if pattern not in known:
            warn(f"nothing is called {pattern}")
        return known.get(pattern, [])

    def run(self, pattern: str, module: str, arguments: str, options: RunOptions, forks: int) -> int:
        if "broken" in arguments:
            raise LanguageError("this is broken")
        self.ran.append((pattern, module, arguments, options, forks))
        return 0


@pytest.fixture
def engine() -> Remembering:
    return Remembering()


@pytest.fixture
def shell(engine: Remembering) -> Shell:
    return Shell(engine, "all", RunOptions(), forks=5, user="me")


@pytest.mark.parametrize(
    ("line", "module", "arguments"),
    [
        ("ping", "ping", ""),
        ("ansible.builtin.copy src=a dest=b", "ansible.builtin.copy", "src=a dest=b"),
        ("uptime | head -1", "shell", "uptime | head -1"),
        ("!ping localhost", "shell", "ping localhost"),
        ("  setup filter=x ", "setup", "filter=x"),
    ],
)
def test_modules_and_what_the_shell_gets(
    shell: Shell, engine: Remembering, line: str, module: str, arguments: str
) -> None:
    assert shell.answer(line) == ""
    assert engine.ran[-1][:3] == ("all", module, arguments)


def test_blank_lines_and_comments_do_nothing(shell: Shell, engine: Remembering) -> None:
    assert [shell.answer(line) for line in ("", "  ", "# x")] == ["", "", ""]
    assert engine.ran == []


def test_wishes_hold_for_what_follows(shell: Shell, engine: Remembering) -> None:
    for line in ("cd web", "become", "become_user bob", "check yes", "diff on", "forks 2", "remote_user eve", "ping"):
        assert shell.answer(line) == "", line
    pattern, _, _, options, forks = engine.ran[-1]
    assert (pattern, forks) == ("web", 2)
    assert (options.become, options.become_user, options.check, options.diff) == (True, "bob", True, True)
    assert shell.prompt == "eve@web (1)[f:2][check]# "
    shell.answer("become no")
    shell.answer("check")
    shell.answer("cd")
    assert shell.prompt == "eve@all (2)[f:2]$ "


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cd elsewhere", "nothing is called elsewhere"),
        ("forks 0", "forks wants a number from 1 on"),
        ("become perhaps", "become yes, or become no"),
        ("copy broken", "this is broken"),
        ("help nonsense", "there is no command and no module 'nonsense'"),
        ("list", "a\nb"),
        ("list groups", "all\nweb"),
    ],
)
def test_answers(shell: Shell, line: str, said: str) -> None:
    assert shell.answer(line) == said


def test_help_knows_commands_and_modules(shell: Shell) -> None:
    text = shell.answer("help")
    assert all(one.usage in text for one in COMMANDS.values())
    assert shell.answer("help forks") == "forks N: hosts at the same time"
    assert shell.answer("help ping").startswith("PING ")


def test_what_tab_offers(shell: Shell) -> None:
    assert shell.complete("pin", "pin") == ["ping"]
    assert "become_user" in shell.complete("bec", "bec")
    assert shell.complete("cd w", "w") == ["web"]
    assert shell.complete("ping da", "da") == ["data="]
    assert shell.complete("check ", "") == ["no", "yes"]


def test_leaving(shell: Shell) -> None:
    shell.answer("exit")
    assert shell.over
