"""The forked worker: runs one plan after the other and answers each; it leaves when it is no longer clean.

Working folder, environment and umask are put back for each task. A worker that a module has made dirty (descriptors,
memory, an unexpected exception) says so with its last reply, and the runner forks a new one.
"""

import _signal  # type: ignore[import-not-found]
import os
import sys

from orchestra.runner import wire
from orchestra.runner.plan import Performer, carry_out, trace
from orchestra.runner.system import Attachment, System

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.boot import Sources

INLINE = 4096  # longer texts travel as attachments
SPOOL = 1024 * 1024  # larger attachments wait in a file
GROWTH = 8192  # pages, 32 MB


class Stopped(BaseException):
    """The runner wants this worker to end now; what is open is cleaned up on the way out."""


class TooLarge(Exception):
    """The reply would be larger than the run allows."""


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
        self.home = os.getcwd() if os.access(".", os.X_OK) else "/"
        self.environ = dict(os.environ)
        self.umask = os.umask(0o22)
        os.umask(self.umask)
        self.performer = None  # type: Performer | None
        self.number = 0
        sources.want = self.want
        self.size = _pages()
        _signal.signal(_signal.SIGHUP, _signal.SIG_DFL)
        _signal.signal(_signal.SIGUSR1, self._stop_gently)
        _signal.signal(_signal.SIGTERM, self._stop_now)

    def serve(self) -> "None":
        """Until the runner closes the pipe or this worker is dirty."""
        while True:
            found = self._next()
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

    def _next(self) -> "Any":
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
            found = self._next()
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
        lowest = _lowest_descriptor()
        clean = True
        system = self._system(request)
        if request.get("site"):
            import site

            site.main()
        try:
            self._receive(number, request, system)
            result = self._run(number, request, system)
        except Exception as error:
            clean = False
            text = "{}: {}".format(type(error).__name__, error)
            result = {"failed": True, "changed": False, "msg": text, "exception": trace(error)}
        finally:
            self.performer = None
            _clean_up(system)
        clean = self._put_back() and clean and not request.get("fresh") and _lowest_descriptor() == lowest
        clean = clean and _pages() - self.size < GROWTH
        self._answer(number, request, result, system, clean)
        return clean

    def _system(self, request: "dict[str, Any]") -> "System":
        diff = bool(request.get("diff"))
        system = self._foresight(diff) if request.get("check") else System(diff=diff)
        system.environ.update(request.get("env") or {})
        if request.get("env"):
            os.environ.update(request["env"])
        system.umask = self.umask
        system.reply_limit = request.get("limit") or system.reply_limit
        return system

    def _foresight(self, diff: "bool") -> "System":
        from orchestra.runner.foresight import Foresight
        from orchestra.runner.overlay import Overlay

        if self.overlay is None:
            self.overlay = Overlay()
        for rows in self.news:
            self.overlay.add_news(rows)
        self.news = []
        return Foresight(self.overlay, True, diff)

    def _run(self, number: "int", request: "dict[str, Any]", system: "System") -> "dict[str, Any]":
        module = _load(request["m"])
        system.progress = lambda text: wire.send(self.outlet, wire.NOTE, number, {"text": text})  # type: ignore
        performer = self.performer = Performer(system, self._recorder(number, system) if request.get("undo") else None)
        if request.get("job"):
            from orchestra.runner.job import start_job

            return start_job(
                request["job"], lambda: carry_out(module, request["o"], performer, validated=True), system, self
            )
        result = carry_out(module, request["o"], performer, validated=True)
        if system.check:
            news = self.overlay.take_news()
            if news:
                wire.send(self.outlet, wire.OVERLAY, number, news)
        return result

    def _recorder(self, number: "int", system: "System") -> "Any":
        """Sends what undo needs before the effect is applied, so that a crash does not lose it."""

        def keep(effect: "Any", undo: "Any") -> "None":
            from orchestra.runner.undo import pack

            wire.send(self.outlet, wire.UNDO, number, pack(effect, undo, system))

        return keep

    def _receive(self, number: "int", request: "dict[str, Any]", system: "System") -> "None":
        """Collect the request's attachments: {name: size} says what will come."""
        for name, size in (request.get("a") or {}).items():
            spool = os.path.join(system.scratch(), "attachment%d" % len(system.incoming)) if size > SPOOL else None
            parts = []  # type: list[bytes]
            left = size
            while left > 0:
                found = self._next()
                if found is None:
                    raise Stopped
                if found[0] == wire.DATA and found[1] == number:
                    left -= len(found[3])
                    _keep(found[3], parts, spool)
            system.incoming[name] = Attachment(None if spool else b"".join(parts), spool, size)

    # --- the answer ---

    def _answer(
        self, number: "int", request: "Any", result: "dict[str, Any]", system: "System", clean: "bool"
    ) -> "None":
        try:
            self._send(number, result, system, clean)
        except TooLarge as error:
            text = "the reply has {} bytes, more than the {} that the setting max_reply_bytes allows"
            short = {"failed": True, "changed": bool(result.get("changed")), "msg": text.format(*error.args)}
            self._send(number, short, System(), clean)

    def _send(self, number: "int", result: "dict[str, Any]", system: "System", clean: "bool") -> "None":
        long = {}  # type: dict[str, bytes]
        for name, value in result.items():
            if isinstance(value, (str, bytes)):
                data = _apart(value)
                if data is not None:
                    long[name] = data
        rest = {name: value for name, value in result.items() if name not in long}
        header = wire.dumps(rest).encode()
        size = len(header) + sum(map(len, long.values()))
        if size > system.reply_limit:
            raise TooLarge(size, system.reply_limit)
        for name, data in long.items():
            self._stream(number, {"n": name, "t": 1}, data)
        for name, content in system.outgoing.items():
            self._stream(number, {"n": name}, content)
        wire.write_all(self.outlet, wire.frame(wire.REPLY if clean else wire.LAST_REPLY, number, header))

    def _stream(self, number: "int", header: "dict[str, Any]", content: "Any") -> "None":
        if isinstance(content, tuple):
            with open(content[1], "rb") as file:
                block = file.read(wire.CHUNK)
                wire.send(self.outlet, wire.DATA, number, header, block)
                while block:
                    block = file.read(wire.CHUNK)
                    if block:
                        wire.send(self.outlet, wire.DATA, number, header, block)
            return
        data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
        for start in range(0, len(data), wire.CHUNK):
            wire.send(self.outlet, wire.DATA, number, header, data[start : start + wire.CHUNK])
        if not data:
            wire.send(self.outlet, wire.DATA, number, header)

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
        if self.performer is not None:
            self.performer.stop = True

    def _stop_now(self, *_: "Any") -> "None":
        _signal.signal(_signal.SIGTERM, _signal.SIG_IGN)
        raise Stopped


def _load(name: "str") -> "Any":
    __import__(name)
    return sys.modules[name]


def _apart(value: "str | bytes") -> "bytes | None":
    """The bytes of a value that should not travel as JSON: long, or not UTF-8."""
    if isinstance(value, bytes):
        return value
    if len(value) <= INLINE:
        try:
            value.encode()
            return None
        except UnicodeEncodeError:
            pass
    return value.encode("utf-8", "surrogateescape")


def _keep(data: "bytes", parts: "list[bytes]", spool: "str | None") -> "None":
    if spool is None:
        parts.append(data)
        return
    fd = os.open(spool, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        wire.write_all(fd, data)
    finally:
        os.close(fd)


def _clean_up(system: "System") -> "None":
    if system._scratch is not None:
        from orchestra.runner.disk import remove_tree

        try:
            remove_tree(system._scratch)
        except OSError:
            system.warn("a private folder could not be removed: " + system._scratch)


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
