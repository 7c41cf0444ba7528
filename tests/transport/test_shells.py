"""A quoted line means the same to every shell that may be somebody's login shell."""

import random
import shlex
import subprocess

import pytest

from orchestra.transport.shells import is_plain, quote, sh_line
from tests.loginshells import argv_of

SHELLS = ["sh", "bash", "dash", "tcsh", "fish"]
SHELLS += [shell for shell in ("bsd-csh", "zsh", "ksh", "busybox") if argv_of(shell)]
AWKWARD = "ab '\"\\!$`\n\r\t~*?[]{}()<>|&;#=%^é0"


def argv(shell: str, line: str) -> list[str]:
    words = argv_of(shell)
    if words is None:
        pytest.skip(f"{shell} is not installed, or does not start")
    return [*words, line]


def texts() -> list[str]:
    chance = random.Random(20)
    return ["".join(chance.choices(AWKWARD, k=chance.randint(1, 14))) for _ in range(25)]


@pytest.mark.parametrize("shell", SHELLS)
def test_any_text_reaches_sh_unchanged(shell: str) -> None:
    for text in texts():
        done = subprocess.run(argv(shell, sh_line(f"printf %s {shlex.quote(text)}")), capture_output=True)
        assert (done.stdout.decode(), done.stderr) == (text, b""), text


@pytest.mark.parametrize("shell", SHELLS)
def test_a_word_without_line_breaks_is_quoted_for_the_shell_itself(shell: str) -> None:
    for text in texts():
        word = text.replace("\n", "").replace("\r", "")
        done = subprocess.run(argv(shell, f"env printf %s {quote(word)}"), capture_output=True)
        assert done.stdout.decode() == word


@pytest.mark.parametrize("shell", SHELLS)
def test_the_status_is_the_programs_own(shell: str) -> None:
    assert subprocess.run(argv(shell, sh_line("exit 7"))).returncode == 7


@pytest.mark.parametrize(
    ("command", "plain"),
    [
        ("show version", True),
        ("ls -l /tmp", True),
        ("echo 'x'", False),
        ("a; b", False),
        ("echo $HOME", False),
        ("x=1 y", False),
        ("", False),
        (" ls", False),
        ("ls *", False),
        ("~/x", False),
    ],
)
def test_only_plain_words_go_out_unquoted(command: str, plain: bool) -> None:
    assert is_plain(command) is plain
