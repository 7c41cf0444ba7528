"""The forked worker: runs one plan after the other and answers each; it leaves when it is no longer clean.

Working folder, environment and umask are put back for each task. A worker that a module has made dirty (descriptors,
memory, an unexpected exception) says so with its last reply, and the runner forks a new one.
"""

import _signal  # type: ignore[import-not-found]
import os
import sys

from orchestra.runner import wire
from orchestra.runner.plan import Performer, carry_out, trace
from orchestra.runner.system import System

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.boot import Sources

INLINE = 4096  # longer texts travel as attachments
GROWTH = 8192  # pages, 32 MB


class Stopped(BaseException):
    """The runner wants this worker to end now; what is open is cleaned up on the way out."""


class Worker:
    """Serves requests from one pipe, answers on another."""

    def __init__(self, sources: "Sources", inlet: "int", outlet: "int", overlay: "list[Any]") -> "None":
        self.sources = sources
        self.inlet = inlet
        self.outlet = outlet
        self.reader = wire.Reader()
        self.frames = []  # type: list[tuple[int, int, bytes, bytes]]
        self.news = overlay  # what others predicted and this worker has not taken over yet
        self.overlay = None  # type: Any  # made when a check run begins
        self.leaving = False  # no further effect is to be begun
        self.home = _usable_folder()
        self.environ = dict(os.environ)
        self.umask = os.umask(0o22)
        os.umask(self.umask)
        self.performer = None  # type: Performer | None
        self.system = None  # type: System | None
        self.number = 0
        sources.want = self.want
        self.size = _pages()
        for number in (_signal.SIGHUP, _signal.SIGINT):
            _signal.signal(number, _signal.SIG_DFL)
        _signal.signal(_signal.SIGUSR1, self._stop_gently)
        _signal.signal(_signal.SIGTERM, self._stop_now)

    def serve(self) -> "None":
        """Until the runner closes the pipe or this worker is dirty."""
        while True:
            found = self.next()
            if found is None:
                return
            kind, number, raw, body = found
            if kind == wire.CODE:
                header = wire.header_of(raw)
                self.sources.add(header["name"], header["file"], body)
            elif kind == wire.OVERLAY:
                self.news.append(wire.header_of(raw))
            elif kind == wire.RUN and not self.task(number, wire.header_of(raw)):
                return

    def next(self) -> "Any":
        """The next frame from the runner, or None at the end."""
        while not self.frames:
            data = os.read(self.inlet, wire.CHUNK)
            if not data:
                return None
            self.frames = self.reader.feed(data)
        return self.frames.pop(0)

    def want(self, name: "str") -> "bool":
        """Ask the controller for one of the runner's files; what else arrives meanwhile is kept."""
        wire.send(self.outlet, wire.WANT, self.number, {"name": name})
        kept = []
        while True:
            found = self.next()
            if found is None:
                raise Stopped
            kind, _, raw, body = found
            if kind != wire.CODE:
                kept.append(found)
                continue
            header = wire.header_of(raw)
            if body:
                self.sources.add(header["name"], header["file"], body)
            if header["name"] == name:
                self.frames = kept + self.frames
                return bool(body)

    def task(self, number: "int", request: "dict[str, Any]") -> "bool":
        """Run one request and answer it; False when this worker should not run another."""
        self.number = number
        system = self.system = self._system(request)
        try:
            return self._task(number, request, system)
        finally:
            self.performer = self.system = None
            _clean_up(system)

    def _task(self, number: "int", request: "dict[str, Any]", system: "System") -> "bool":
        lowest = _lowest_descriptor()
        clean = True
        if request.get("site"):
            import site

            site.main()
        try:
            if request.get("a"):
                from orchestra.runner.carry import receive

                receive(self.next, number, request["a"], system)
            result = self._run(number, request, system)
        except Exception as error:
            clean = False
            text = "{}: {}".format(type(error).__name__, error)
            result = {"failed": True, "changed": False, "msg": text, "exception": trace(error)}
        clean = self._put_back() and clean and not request.get("fresh") and _lowest_descriptor() == lowest
        clean = clean and _pages() - self.size < GROWTH
        self._answer(number, result, system, clean)
        return clean

    def _system(self, request: "dict[str, Any]") -> "System":
        diff = bool(request.get("diff"))
        system = self._foresee(diff, request.get("alone")) if request.get("check") else System(diff=diff)
        system.environ.update(request.get("env") or {})
        if request.get("env"):
            os.environ.update(request["env"])
        if request.get("cwd"):
            _enter(request["cwd"])
        system.umask = self.umask
        system.reply_limit = request.get("limit") or system.reply_limit
        return system

    def _foresee(self, diff: "bool", alone: "Any") -> "System":
        from orchestra.runner.foresight import foresee

        if alone:
            return foresee(None, [], diff)
        system = foresee(self.overlay, self.news, diff)
        self.overlay, self.news = system.overlay, []
        return system

    def _run(self, number: "int", request: "dict[str, Any]", system: "System") -> "dict[str, Any]":
        module = _load(request["m"])
        system.progress = lambda text: wire.send(self.outlet, wire.NOTE, number, {"text": text})  # type: ignore
        performer = self.performer = Performer(system)
        if request.get("undo"):
            from orchestra.runner.undo import recorder

            performer.keep_undo = recorder(self.outlet, number, system)
        performer.stop = self.leaving
        if request.get("job"):
            from orchestra.runner.job import start_job

            return start_job(
                request["job"], lambda: carry_out(module, request["o"], performer, validated=True), system, self
            )
        result = carry_out(module, request["o"], performer, validated=True)
        if system.check and not request.get("alone"):
            news = self.overlay.take_news()
            if news:
                wire.send(self.outlet, wire.OVERLAY, number, news)
        return result

    # --- the answer ---

    def _answer(self, number: "int", result: "dict[str, Any]", system: "System", clean: "bool") -> "None":
        kind = wire.REPLY if clean else wire.LAST_REPLY
        try:
            header = self._header(number, result, system)
        except OSError as error:
            header = _failure(result, "what the reply carries can not be read: {}".format(error))
        if len(header) > system.reply_limit:
            text = "the reply has {} bytes, more than the {} that the setting orchestra.max_reply_mb allows"
            header = _failure(result, text.format(len(header), system.reply_limit))
        _clean_up(system)  # before the reply, so that nothing is left when it arrives
        wire.write_all(self.outlet, wire.frame(kind, number, header))

    def _header(self, number: "int", result: "dict[str, Any]", system: "System") -> "bytes":
        """The reply's JSON; what is long, binary or attached goes ahead of it."""
        if system.outgoing or any(_is_long(value) for value in result.values()):
            from orchestra.runner.carry import carry_out_of

            result = carry_out_of(self.outlet, number, result, system)
        return wire.dumps(result).encode()

    # --- staying clean ---

    def _put_back(self) -> "bool":
        """Folder, environment and umask as they were; False where that can not be."""
        try:
            os.chdir(self.home)
        except OSError:
            return False
        os.umask(self.umask)
        if os.environ != self.environ:
            os.environ.clear()
            os.environ.update(self.environ)
        return True

    def _stop_gently(self, *_: "Any") -> "None":
        self.leaving = True
        if self.performer is not None:
            self.performer.stop = True

    def _stop_now(self, *_: "Any") -> "None":
        _signal.signal(_signal.SIGTERM, _signal.SIG_IGN)
        if self.system is None:
            raise Stopped
        self.system.interrupt(Stopped())


def _load(name: "str") -> "Any":
    __import__(name)
    return sys.modules[name]


def _is_long(value: "Any") -> "bool":
    """Whether a value should not travel as JSON: bytes, long text, or text that is not UTF-8."""
    if isinstance(value, str):
        if len(value) > INLINE:
            return True
        try:
            value.encode()
            return False
        except UnicodeEncodeError:
            return True
    return isinstance(value, bytes)


def _failure(result: "dict[str, Any]", text: "str") -> "bytes":
    return wire.dumps({"failed": True, "changed": bool(result.get("changed")), "msg": text}).encode()


def _clean_up(system: "System") -> "None":
    if system._scratch is not None:
        from orchestra.runner.disk import remove_tree

        try:
            remove_tree(system._scratch)
        except OSError as error:
            os.write(2, "{}: {}\n".format(system._scratch, error).encode("utf-8", "replace"))
        system._scratch = None


def _enter(folder: "str") -> "None":
    """Begin there, if this user may."""
    try:
        os.chdir(folder)
    except OSError:
        pass  # another user's folder: the task begins where it would otherwise


def _usable_folder() -> "str":
    """Where tasks begin: where we were started if this user may be there, else home."""
    for folder in (".", os.environ.get("HOME") or "/", "/"):
        try:
            os.chdir(folder)
            return os.getcwd()
        except OSError:
            continue
    return "/"


def _lowest_descriptor() -> "int":
    """The lowest free number: it rises when a task leaves descriptors open."""
    fd = os.dup(0)
    os.close(fd)
    return fd


def _pages() -> "int":
    """Resident memory in pages; 0 where /proc does not tell."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1])
    except OSError:
        return 0
