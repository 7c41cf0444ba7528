"""Runs a program on a terminal of its own and answers what it asks, without pexpect.

What is asked is found by regular expressions over the output since the last answer, of several the one that begins
first. A program that reads a password throws away what was typed before it asked: so an answer waits a moment.
"""

import os
import select
import time

from orchestra.runner.sdk import Command, Failed
from orchestra.runner.system import Unpredicted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System

_BEFORE_ANSWER = 0.05  # seconds
_TURN = 0.2  # seconds after which an exit is noticed that left the terminal open (a daemon holds it)
_WINDOW = 65536  # bytes of output in which a question may begin


class Prompt:
    """A question, and its answers: one for every time, or a list of which each serves once."""

    def __init__(self, pattern: "str", answers: "Any") -> "None":
        import re

        self.text = pattern
        try:
            self.pattern = re.compile(_bytes(pattern), re.DOTALL)
        except re.error as error:
            raise Failed("{!r} is not a regular expression: {}".format(pattern, error)) from None
        self._answers = list(answers) if isinstance(answers, list) else None
        self._always = answers

    def answer(self, output: "bytes") -> "bytes":
        """The next answer, with its newline. Failed where none is left."""
        if self._answers is None:
            return _line(self._always)
        if not self._answers:
            shown = output.decode("utf-8", "replace")
            raise Failed("No remaining responses for {!r}, output was {!r}".format(self.text, shown))
        return _line(self._answers.pop(0))


def _bytes(value: "Any") -> "bytes":
    return str(value).encode("utf-8", "surrogateescape")


def _line(answer: "Any") -> "bytes":
    return _bytes(answer).rstrip(b"\n") + b"\n"


class Converse(Command):
    """Run argv on a terminal. Result values as of Command, `rc` None where an answer's time was over.

    `responses`: {regular expression: answer or list of answers}. `patience`: seconds that may pass between two
    questions, None for ever. `echo`: whether answers show up in the output.
    """

    def __init__(
        self,
        argv: "list[str]",
        responses: "dict[str, Any]",
        cwd: "str | None" = None,
        patience: "float | None" = 30,
        echo: "bool" = False,
    ) -> "None":
        super().__init__(argv, cwd=cwd, ok=None)
        self.patience = patience
        self.echo = echo
        self._prompts = [Prompt(pattern, answers) for pattern, answers in responses.items()]

    def _run(self, system: "System") -> "Any":
        path = system.which(self.argv[0])
        if path is None:
            if system.doubts():
                raise Unpredicted("program " + self.argv[0])
            raise Failed("The command was not found or was not executable: {}.".format(self.argv[0]))
        environ = {_bytes(key): _bytes(value) for key, value in system.environ.items()}
        system.starting = True
        try:
            pid, terminal = _start(_bytes(path), [_bytes(one) for one in self.argv], environ, self.cwd, self.echo)
        finally:
            system.starting = False
        talk = _Talk(pid, terminal, self._prompts, self.patience, system.reply_limit)
        try:
            if system.stopped is not None:
                raise system.stopped
            rc = talk.hold()
        finally:
            talk.close()
        return rc, bytes(talk.output), b""


def _start(
    path: "bytes", argv: "list[bytes]", environ: "dict[bytes, bytes]", cwd: "str | None", echo: "bool"
) -> "tuple[int, int]":
    """Process id, and our end of its terminal."""
    pid, terminal = os.forkpty()
    if pid == 0:
        try:
            _be_plain(echo)
            if cwd is not None:
                os.chdir(cwd)
            os.closerange(3, 256)
            os.execve(path, argv, environ)
        except BaseException as error:
            os.write(2, _bytes(error) + b"\n")
        finally:
            os._exit(127)
    return pid, terminal


def _be_plain(echo: "bool") -> "None":
    """In the new process: a terminal of 24 lines with 80 columns, signals as programs expect them."""
    import fcntl
    import signal
    import struct
    import termios

    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    if not echo:
        modes = termios.tcgetattr(0)
        modes[3] &= ~termios.ECHO
        termios.tcsetattr(0, termios.TCSANOW, modes)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


class _Talk:
    """One conversation, until the program ends or keeps us waiting too long."""

    def __init__(self, pid: "int", terminal: "int", prompts: "list[Prompt]", patience: "Any", limit: "int") -> "None":
        self.pid = pid
        self.terminal = terminal
        self.prompts = prompts
        self.patience = patience
        self.limit = limit
        self.output = bytearray()
        self.seen = 0  # what was asked before this place is answered
        self.rc = None  # type: int | None
        self.open = True

    def hold(self) -> "int | None":
        """The exit status; None where patience ended first."""
        deadline = self._deadline()
        while self.open and not (self._ended() and not self._ready(0)):
            if deadline is not None and time.time() > deadline:
                return None
            if self._ready(_TURN if deadline is None else min(_TURN, max(0.0, deadline - time.time()))):
                self._read()
                while self._answered():
                    deadline = self._deadline()
        while not self._ended():
            if deadline is not None and time.time() > deadline:
                return None
            time.sleep(0.01)
        return self.rc

    def _deadline(self) -> "float | None":
        return None if self.patience is None else time.time() + self.patience

    def _ready(self, seconds: "float") -> "bool":
        return bool(select.select([self.terminal], [], [], seconds)[0])

    def _read(self) -> "None":
        try:
            data = os.read(self.terminal, 65536)
        except OSError:
            data = b""  # EIO: nobody has the other end any more
        self.open = bool(data)
        self.output += data
        if len(self.output) > self.limit:
            raise Failed("the program's output is larger than the {} bytes that may be".format(self.limit))

    def _answered(self) -> "bool":
        """Answer the first question that is there."""
        text = bytes(self.output[max(self.seen, len(self.output) - _WINDOW) :])
        found = [(match.start(), number, match.end()) for number, match in self._matches(text)]
        if not found:
            return False
        _, number, end = min(found)
        answer = self.prompts[number].answer(bytes(self.output))
        self.seen = len(self.output) - len(text) + end
        time.sleep(_BEFORE_ANSWER)
        try:
            os.write(self.terminal, answer)
        except OSError:
            return False  # the program has gone without waiting for it
        return True

    def _matches(self, text: "bytes") -> "Any":
        for number, prompt in enumerate(self.prompts):
            match = prompt.pattern.search(text)
            if match is not None and match.end():  # else the same place would be answered for ever
                yield number, match

    def _ended(self) -> "bool":
        if self.rc is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.rc = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        return self.rc is not None

    def close(self) -> "None":
        """Hang up; a program that still runs is ended with all that it started."""
        os.close(self.terminal)
        for number in (1, 9):
            until = time.time() + 1
            while not self._ended() and time.time() < until:
                self._signal(number)
                time.sleep(0.02)
        if self.rc is None:
            os.waitpid(self.pid, 0)

    def _signal(self, number: "int") -> "None":
        try:
            os.killpg(self.pid, number)
        except OSError:
            pass  # it has ended just now, or belongs to another user (sudo): its end is waited for
