"""Become another user on a host: sudo, su and doas, on whatever transport starts programs there.

The wanted command is started behind a marker. Until the marker appears, all that comes is lecture, warnings or a
prompt: they are watched here, a password is given only to a prompt, and a second prompt, a refusal or silence past
the deadline ends the attempt with a sentence. A terminal is used only where the program insists on one. Reading what
the programs say is in refusals.py.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from typing import Protocol

from orchestra.errors import BecomeFailed, Unreachable
from orchestra.model.invocation import Become
from orchestra.model.ports import Process, ProcessSink
from orchestra.transport.program import Marker, NoiseFilter, Program
from orchestra.transport.refusals import (
    is_prompt,
    looks_like_prompt,
    missing_password,
    names_slow_lookup,
    refusal,
    silence,
    wants_terminal,
    wrong_password,
)
from orchestra.transport.shells import quote, sh_line, split_words

_SUDO_DEFAULT = "-H -S -n"
#: A line that ends in a colon in a language we do not read is taken for a prompt after this much silence.
_QUIET = 1.0
#: A user is told about a become that took longer than this, if the cause is known.
_SLOW = 5.0


class StartLine(Protocol):
    """How a transport sends a line to the login shell."""

    async def __call__(self, line: str, sink: ProcessSink, *, pty: bool) -> Program:
        """Start ``line``."""


class _NeedsTerminal(Exception):
    """The program wants a terminal; try again with one."""


class Escalation:
    """One attempt to run a command as another user."""

    def __init__(self, name: str, become: Become, seconds: float, on_notice: Callable[[str], None]) -> None:
        if become.method not in _LINES:
            raise BecomeFailed(f"become_method {become.method!r} is not known", hint=f"use {', '.join(_LINES)}")
        self._name = name
        self._become = become
        self._seconds = seconds
        self._on_notice = on_notice

    async def start(self, start_line: StartLine, command: str, sink: ProcessSink) -> Process:
        """Start ``command`` and return once it runs as the wanted user; ``sink`` sees only its own output.

        Raises:
            BecomeFailed: a wrong or missing password, a refusal, an unknown user or program, or silence.
            Unreachable: the link died meanwhile.
        """
        try:
            return await self._attempt(start_line, command, sink, pty=False)
        except _NeedsTerminal:
            return await self._attempt(start_line, command, sink, pty=True)

    async def _attempt(self, start_line: StartLine, command: str, sink: ProcessSink, *, pty: bool) -> Process:
        loop = asyncio.get_running_loop()
        started = loop.time()
        prompt = f"[orchestra {secrets.token_hex(6)}] password: "
        marker = Marker.fresh()
        script = _LINES[self._become.method](self._become, prompt, marker.before(command, pty=pty))
        gate = _Gate(marker, sink, self._become.password, prompt, pty=pty)
        program = await start_line(sh_line(marker.at_threshold(script, pty=pty)), gate, pty=pty)
        gate.attach(program)
        try:
            async with asyncio.timeout(self._seconds or None):
                await gate.opened
        except TimeoutError:
            raise silence(self._become, self._seconds, gate.said) from None
        except _Refused as refused:
            raise self._explain(refused, gate, pty) from None
        finally:
            gate.close()
            if not gate.is_open:
                program.terminate()
        self._mention_slowness(loop.time() - started, gate.said)
        return program

    def _explain(self, refused: _Refused, gate: _Gate, pty: bool) -> Exception:
        """Turn a refusal into the error that says why."""
        if refused.kind == "missing":
            return missing_password(self._become)
        if refused.kind == "wrong":
            return wrong_password(self._become)
        if refused.status is None:
            return Unreachable(f"the link died while becoming {self._become.user}: {refused.reason}")
        if not pty and not gate.answered and wants_terminal(gate.said, self._become):
            return _NeedsTerminal()
        return refusal(self._become, refused.status, gate.said, password_sent=gate.answered)

    def _mention_slowness(self, seconds: float, said: str) -> None:
        if seconds > _SLOW and names_slow_lookup(said):
            self._on_notice(
                f"{self._name}: {self._become.method} took {seconds:.0f} s because the host cannot look up its own"
                " name; an entry in its /etc/hosts mends that"
            )


class _Refused(Exception):
    """The program ended, or cannot go on: ``missing`` or ``wrong`` password, or ``ended`` with a status."""

    def __init__(self, kind: str, status: int | None = None, reason: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = status
        self.reason = reason


class _Gate(NoiseFilter):
    """Watches what comes before the marker, and answers one prompt."""

    def __init__(self, marker: Marker, sink: ProcessSink, password: str | None, prompt: str, *, pty: bool) -> None:
        super().__init__(marker, sink, pty=pty)
        self._password = password
        self._prompt = prompt
        self._loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = self._loop.create_future()
        self.is_open = False
        self.answered = False
        self._seen = {False: 0, True: 0}
        self._threshold = marker.threshold
        self._quiet: asyncio.TimerHandle | None = None
        self._final = b""

    @property
    def said(self) -> str:
        """All that sudo, su or doas printed before the wanted program ran, without our own prompt."""
        text = (self._final or self._heard()).decode(errors="replace")
        return text.replace(self._prompt, "").replace(self._prompt.strip(), "").replace("\r", "")

    def _heard(self) -> bytes:
        """Standard error first: that is where refusals stand."""
        heard = self._after_threshold(True) + self._after_threshold(False)
        return heard or self.noise(True) + self.noise(False)

    def _after_threshold(self, is_error: bool) -> bytes:
        """What came on one stream after the login shell's own noise; a prompt in a profile is none of ours."""
        return self.noise(is_error).partition(self._threshold)[2]

    def begun(self) -> None:
        """The wanted program runs."""
        self._final = self._final or self._heard()
        self.is_open = True
        if not self.opened.done():
            self.opened.set_result(None)

    def attach(self, program: Program) -> None:
        """Learn the program, and look at what it has said already."""
        super().attach(program)
        self.noise_received()

    def noise_received(self) -> None:
        """Look whether the end of what came is a prompt."""
        if self.opened.done() or self.program is None:
            return
        if self._quiet is not None:
            self._quiet.cancel()
        fresh = [self._fresh_text(is_error) for is_error in (False, True)]
        if any(is_prompt(text, self._prompt) for text in fresh):
            self._answer()
        elif any(looks_like_prompt(text) for text in fresh):
            self._quiet = self._loop.call_later(_QUIET, self._answer)

    def _fresh_text(self, is_error: bool) -> str:
        """What came on one stream since the last answer."""
        return self._after_threshold(is_error)[self._seen[is_error] :].decode(errors="replace")

    def _answer(self) -> None:
        if self.opened.done() or self.program is None:
            return
        if self._password is None:
            self.opened.set_exception(_Refused("missing"))
        elif self.answered:
            self.opened.set_exception(_Refused("wrong"))
        else:
            self.answered = True
            self._seen = {is_error: len(self._after_threshold(is_error)) for is_error in (False, True)}
            self.program.write(self._password.encode("utf-8", "surrogateescape") + b"\n")

    def process_exited(self, status: int | None, reason: str) -> None:
        """The program ended before the wanted one ran."""
        if not self.opened.done():
            self._final = self._heard()
            self.opened.set_exception(_Refused("ended", status, reason))

    def close(self) -> None:
        """Stop watching."""
        if self._quiet is not None:
            self._quiet.cancel()


def _words(words: Sequence[str]) -> str:
    return " ".join(quote(word) for word in words)


def _sudo_line(become: Become, prompt: str, script: str) -> str:
    words = split_words(become.flags if become.flags is not None else _SUDO_DEFAULT)
    if become.password is None:
        words = words if _has_flag(words, "n") else [*words, "-n"]
    else:
        words = [kept for word in words if (kept := _without_letter(word, "n"))]
        words = words if _has_flag(words, "S") else [*words, "-S"]
        words += ["-p", prompt]
    shell = ["/bin/sh", "-c", script]
    if _has_flag(words, "i") or _has_flag(words, "s"):  # sudo escapes the words for that shell, but leaves $ alone
        shell = ["/bin/sh", "-c", _without_dollars(script)]
    there = f"cd {quote(become.chdir)} && " if become.chdir else ""
    return f"{there}exec {_words([become.exe or 'sudo', *words, '-u', become.user, *shell])}"


def _su_line(become: Become, prompt: str, script: str) -> str:
    words = split_words(become.flags or "")
    return f"exec {_words([become.exe or 'su', *words, become.user, '-c', sh_line(script)])}"


def _doas_line(become: Become, prompt: str, script: str) -> str:
    words = split_words(become.flags or "")
    if become.password is None and not _has_flag(words, "n"):
        words.append("-n")
    if become.password is not None:
        words = [kept for word in words if (kept := _without_letter(word, "n"))]
    return f"exec {_words([become.exe or 'doas', *words, '-u', become.user, '/bin/sh', '-c', script])}"


_LINES: dict[str, Callable[[Become, str, str], str]] = {"sudo": _sudo_line, "su": _su_line, "doas": _doas_line}


def shown(become: Become, command: str) -> str:
    """The line that becomes the user and runs ``command``, for people: without the marks that tell its parts apart."""
    line = _LINES.get(become.method)
    return sh_line(line(become, "[orchestra] password: ", command)) if line else command


#: sudo's and doas's one-letter flags that take a value, so that the letters after them are not flags.
_VALUED = frozenset("CcDghpRrTtUua")


def _letters_of(word: str) -> str:
    """The flags in ``-HSn``; none in a long option, and none after one that takes a value."""
    if not word.startswith("-") or word.startswith("--"):
        return ""
    letters = ""
    for letter in word[1:]:
        letters += letter
        if letter in _VALUED:
            break
    return letters


def _has_flag(words: Sequence[str], letter: str) -> bool:
    return any(letter in _letters_of(word) for word in words)


def _without_letter(word: str, letter: str) -> str:
    """``-HSn`` without n is ``-HS``; ``-n`` without it is nothing."""
    if word == "--non-interactive" or letter not in _letters_of(word):
        return "" if word == "--non-interactive" else word
    rest = word.replace(letter, "", 1)
    return "" if rest == "-" else rest


def _without_dollars(script: str) -> str:
    """The same script in characters that no shell in between expands."""
    encoded = "".join(f"\\0{byte:o}" for byte in script.encode("utf-8", "surrogateescape"))
    return f"eval \"`printf %b '{encoded}'`\""
