"""Starting programs: the `Command` effect and the looking `run`, without subprocess.

A program gets no terminal, /dev/null or the given bytes as its input, and leads a process group of its own, so that
ending a task ends all that the program started, and nothing that an earlier task left running. It is over when its
process has exited: a daemon that it left behind and that still holds the pipe does not keep the task waiting.
"""

import os
import select
import time

from orchestra.runner.effects import Effect, Result, no
from orchestra.runner.system import UNKNOWN, Failed, Ran, Unpredicted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System

_LINES_TOLD = 10
_GRACE = 0.05  # seconds in which the last output of an ended program may still arrive


class TimedOut(Exception):
    """A program ran longer than its own timeout and was killed; args: seconds, output, errors."""


def _bytes(value: "Any") -> "bytes":
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


def _text(value: "bytes") -> "str":
    return value.decode("utf-8", "surrogateescape")


def run(system: "System", argv: "list[str]", **more: "Any") -> "Ran":
    """Run a program for its answer, in the C locale. Options as `System.query`; rc 127 where it is not there."""
    env = {"LC_ALL": "C", "LANGUAGE": "C"}
    env.update(more.pop("env", None) or {})
    binary = more.pop("binary", False)
    timeout = more.get("timeout")
    try:
        rc, out, err = communicate(system, argv, env=env, **more)
    except FileNotFoundError:
        if system.doubts():
            raise Unpredicted("program " + argv[0]) from None
        rc, out, err = 127, b"", _bytes(argv[0]) + b": not found\n"
    except TimedOut:
        raise Failed("{} gave no answer within {} s".format(argv[0], timeout), rc=124) from None
    return Ran(rc, out, err) if binary else Ran(rc, _text(out), _text(err))


def communicate(
    system: "System",
    argv: "list[str]",
    stdin: "Any" = None,
    env: "dict[str, str] | None" = None,
    cwd: "str | None" = None,
    timeout: "float | None" = None,
) -> "tuple[int, bytes, bytes]":
    """Start argv and collect (rc, output, errors); rc is negative for a signal. FileNotFoundError, TimedOut."""
    path = system.which(argv[0]) if cwd is None or "/" not in argv[0] else os.path.join(cwd, argv[0])
    if path is None:
        raise FileNotFoundError(2, "No such file or directory", argv[0])
    surroundings = dict(system.environ, **(env or {}))
    feed = None if stdin is None else _bytes(stdin)
    system.starting = True
    try:
        pid, writer, readers = _start(path, argv, surroundings, cwd, feed is not None)
        conversation = _Conversation(pid, writer, feed or b"", readers, timeout, system.reply_limit)
    except OSError:
        system.starting = False
        raise
    try:
        system.starting = False
        if system.stopped is not None:
            raise system.stopped
        rc = conversation.hold()
    finally:
        conversation.close()
    return rc, bytes(conversation.outputs[0]), bytes(conversation.outputs[1])


def _start(path: "str", argv: "Any", env: "Any", cwd: "Any", fed: "bool") -> "tuple[int, int, list[int]]":
    """Start the program; our ends of its input (-1: none) and of its output and errors."""
    out, err = os.pipe(), os.pipe()
    feed = os.pipe() if fed else (os.open("/dev/null", os.O_RDONLY), -1)
    try:
        with _Inside(cwd):
            pid = _spawn(path, [_bytes(one) for one in argv], env, (feed[0], out[1], err[1]))
    except BaseException:
        for fd in (out[0], err[0], feed[1]):
            if fd >= 0:
                os.close(fd)
        raise
    finally:
        for fd in (feed[0], out[1], err[1]):
            os.close(fd)
    return pid, feed[1], [out[0], err[0]]


class _Inside:
    """Stand in a folder while a program is started; nothing else runs in this process meanwhile."""

    def __init__(self, cwd: "str | None") -> "None":
        self.cwd = cwd
        self.back = -1

    def __enter__(self) -> "None":
        if self.cwd is not None:
            try:
                self.back = os.open(".", os.O_RDONLY)
            except OSError:
                self.back = os.open("/", os.O_RDONLY)
            try:
                os.chdir(self.cwd)
            except OSError:
                os.close(self.back)
                raise

    def __exit__(self, *exc: "Any") -> "None":
        if self.cwd is not None:
            os.fchdir(self.back)
            os.close(self.back)


def _spawn(path: "str", argv: "list[bytes]", env: "dict[str, str]", streams: "tuple[int, int, int]") -> "int":
    encoded = {_bytes(key): _bytes(value) for key, value in env.items()}
    where = _bytes(path)
    if hasattr(os, "posix_spawn"):
        actions = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(streams)]
        # SIGPIPE and SIGXFSZ are ignored by Python, and would be by the program
        return os.posix_spawn(where, argv, encoded, file_actions=actions, setpgroup=0, setsigdef=(13, 25))
    from orchestra.runner.oldfork import fork

    return fork(where, argv, encoded, streams)


class _Conversation:
    """Feeds a program and collects what it says until it has exited."""

    def __init__(
        self, pid: "int", writer: "int", feed: "bytes", readers: "list[int]", timeout: "Any", limit: "int"
    ) -> "None":
        self.pid = pid
        self.limit = limit
        self.writer = writer
        self.feed = memoryview(feed)
        self.outputs = (bytearray(), bytearray())
        self.sinks = {readers[0]: self.outputs[0], readers[1]: self.outputs[1]}
        self.deadline = None if timeout is None else time.time() + timeout
        self.timeout = timeout
        self.rc = None  # type: int | None
        self.poll = select.poll()
        for fd in readers:
            self.poll.register(fd, select.POLLIN)
        self.pidfd = self._watch()
        if writer >= 0:
            os.set_blocking(writer, False)
            self.poll.register(writer, select.POLLOUT)

    def _watch(self) -> "int":
        """A descriptor that becomes readable at the program's exit; -1 where the kernel or Python has none."""
        try:
            fd = os.pidfd_open(self.pid)
        except (AttributeError, OSError):
            return -1
        self.poll.register(fd, select.POLLIN)
        return fd

    def hold(self) -> "int":
        """Until the end; the exit status."""
        pause = 0.01
        while self.rc is None:
            busy = self._turn(self._pause(pause))
            pause = 0.01 if busy else min(pause * 1.5, 0.25)
            if self.deadline is not None and time.time() > self.deadline:
                self._kill()
                raise TimedOut(self.timeout, bytes(self.outputs[0]), bytes(self.outputs[1]))
            if self.pidfd < 0 or not self.sinks:
                self._reap(block=not self.sinks and self.deadline is None and self.writer < 0)
        end = time.time() + _GRACE
        while self.sinks and time.time() < end and self._turn(0):
            pass
        return self.rc

    def _pause(self, pause: "float") -> "float | None":
        left = None if self.deadline is None else max(0.0, self.deadline - time.time()) + 0.001
        if self.pidfd >= 0:
            return left
        return pause if left is None else min(left, pause)

    def _turn(self, pause: "float | None") -> "bool":
        """Wait for one thing to happen and serve it; False when nothing did."""
        ready = self.poll.poll(None if pause is None else pause * 1000)
        moved = False
        for fd, _ in ready:
            if fd == self.pidfd:
                self._reap(block=True)
            elif fd == self.writer:
                self._write()
            else:
                moved = self._read(fd) or moved
        return moved

    def _read(self, fd: "int") -> "bool":
        data = os.read(fd, 65536)
        if not data:
            self._drop(fd)
            return False
        self.sinks[fd] += data
        if len(self.outputs[0]) + len(self.outputs[1]) > self.limit:
            self._kill()
            text = "the program's output is larger than the {} bytes that the setting orchestra.max_reply_mb allows"
            raise Failed(text.format(self.limit))
        return True

    def _write(self) -> "None":
        try:
            sent = os.write(self.writer, self.feed[:65536])
        except BlockingIOError:
            return
        except BrokenPipeError:
            sent = len(self.feed)
        self.feed = self.feed[sent:]
        if not self.feed:
            self.poll.unregister(self.writer)
            os.close(self.writer)
            self.writer = -1

    def _drop(self, fd: "int") -> "None":
        self.poll.unregister(fd)
        del self.sinks[fd]
        os.close(fd)

    def _reap(self, block: "bool") -> "None":
        if self.rc is None:
            pid, status = os.waitpid(self.pid, 0 if block else os.WNOHANG)
            if pid:
                self.rc = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
                if self.pidfd >= 0:
                    self.poll.unregister(self.pidfd)
                    os.close(self.pidfd)
                    self.pidfd = -1

    def _kill(self) -> "None":
        """End the program and all that it started: it may clean up for a second."""
        self._signal(15)
        for _ in range(20):
            self._reap(block=False)
            if self.rc is not None:
                break
            time.sleep(0.05)
        self._signal(9)
        self._reap(block=True)

    def _signal(self, number: "int") -> "None":
        try:
            os.killpg(self.pid, number)
        except OSError:
            pass  # it has ended, or belongs to another user (sudo): its end is waited for

    def close(self) -> "None":
        """Let go of every descriptor; a program that still runs (an exception) is killed."""
        if self.rc is None:
            self._kill()
        for fd in list(self.sinks):
            self._drop(fd)
        if self.writer >= 0:
            os.close(self.writer)


class Command(Effect):
    """Run a program that changes something. Result values: rc, stdout, stderr, started, ended (seconds).

    argv: a list. `ok`: exit statuses that are fine (None: all); another one fails the task with rc, stdout, stderr,
    cmd. `stdin`: bytes or str. `env`: additions. `timeout`: seconds. `changes`: whether a run counts as a change:
    True, False or function(result) -> bool. `touches`: what it may alter, [("path", "/etc/nginx"), ("user", "x")];
    [] for nothing that a later look would see; None for anything: then this plan can not look any more in check mode.
    `undo`: argv lists or effects that take it back, or None.
    """

    predicts = no("what a command does is not known before it runs")  # type: Any
    repeats = no("a command runs every time that it is yielded")  # type: Any
    undoes = no("a command can not be taken back")  # type: Any

    def __init__(
        self,
        argv: "list[str]",
        stdin: "Any" = None,
        cwd: "str | None" = None,
        env: "dict[str, str] | None" = None,
        touches: "list[tuple[str, str]] | None" = None,
        undo: "Any" = None,
        changes: "Any" = True,
        timeout: "float | None" = None,
        ok: "Any" = (0,),
        msg: "str | None" = None,
    ) -> "None":
        self.argv = list(argv)
        self.stdin = stdin
        self.cwd = cwd
        self.env = env
        self.timeout = timeout
        self._touches = touches
        self._undo = undo
        self._changes = changes
        self._ok = ok
        self._msg = msg
        if undo is not None:
            self.undoes = True

    def undo(self, system: "System") -> "list[Effect]":
        return [one if isinstance(one, Effect) else Command(one) for one in self._undo or ()]

    def apply(self, system: "System") -> "Result":
        started = system.now()
        try:
            rc, out, err = self._run(system)
        except FileNotFoundError as error:
            raise Failed(str(error), rc=2, cmd=self.argv) from None
        except TimedOut as error:
            late = {"stdout": _text(error.args[1]), "stderr": _text(error.args[2])}
            text = "{} ran longer than {} s and was ended".format(self.argv[0], self.timeout)
            raise Failed(text, rc=124, cmd=self.argv, **late) from None
        values = {"rc": rc, "stdout": _text(out), "stderr": _text(err)}
        if self._ok is not None and rc not in self._ok:
            text = self._msg or _end_of(err) or _end_of(out) or "{} ended with {}".format(self.argv[0], rc)
            raise Failed(text, cmd=self.argv, **values)
        result = Result(True, started=started, ended=system.now(), **values)
        result.changed = bool(self._changes(result) if callable(self._changes) else self._changes)
        return result

    def _run(self, system: "System") -> "tuple[int, bytes, bytes]":
        return communicate(system, self.argv, self.stdin, self.env, self.cwd, self.timeout)

    def predict(self, system: "System") -> "Result":
        if self._touches is None:
            system.blind = True
            system.foresee("command", self.argv[0], UNKNOWN)
        for kind, key in self._touches or ():
            system.foresee(kind, key, UNKNOWN)
        return Result.not_run(self._changes is not False)


def _end_of(output: "bytes") -> "str":
    """What a program said last; the cause often stands some lines above the end."""
    return "\n".join(_text(output).strip().splitlines()[-_LINES_TOLD:])
