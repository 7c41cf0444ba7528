"""The resident runner: relays frames between the controller and forked workers, and keeps their time.

It never runs a module itself, so nothing that a module does can hold it up: it answers, beats and kills on time. When
the controller hangs up, idle workers go at once, busy ones end their current effect, and then it goes too.
"""

import _signal  # type: ignore[import-not-found]
import os
import select
import sys
import time

from orchestra.runner import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.boot import Sources

BEAT_SECONDS = 20
KILL_GRACE = 3.0  # seconds between asking a worker to clean up and killing it
MOST_WORKERS = 200
IDLE_KEPT = 16


class Child:
    """One forked worker as the runner sees it."""

    def __init__(self, pid: "int", to: "int", source: "int") -> "None":
        self.pid = pid
        self.to = to
        self.source = source
        self.reader = wire.Reader()
        self.job = 0  # the request that it works on; 0: idle
        self.deadline = 0.0
        self.fault = ""  # why it is being ended
        self.wanted = ""  # the file that it waits for the controller to send
        self.pending = []  # type: list[bytes]  # frames for when it is idle again

    def let_go(self) -> "None":
        """Close our ends of its pipes."""
        os.close(self.source)
        if self.to >= 0:
            os.close(self.to)

    def send(self, raw: "bytes") -> "None":
        """Pass a frame on to it."""
        try:
            wire.write_all(self.to, raw)
        except OSError:
            self.fault = self.fault or "died"  # its end is noticed, and told, where it is read

    def refuse(self) -> "None":
        """Tell it that the file it waits for will not come."""
        if self.wanted:
            self.send(wire.frame(wire.CODE, self.job, wire.dumps({"name": self.wanted, "file": ""}).encode()))
            self.wanted = ""

    def flush(self) -> "None":
        """Pass on what waited until it is idle."""
        if not self.job:
            for raw in self.pending:
                self.send(raw)
            self.pending = []

    def dismiss(self) -> "None":
        """No more work for it; it ends by itself."""
        self.fault = self.fault or "dismissed"
        if self.to >= 0:
            os.close(self.to)
            self.to = -1

    def signal(self, number: "int") -> "None":
        """Tell it something; it may have ended."""
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            pass

    def kill(self) -> "None":
        """End it and what is left of its group by force."""
        try:
            os.killpg(self.pid, _signal.SIGKILL)
        except OSError:
            self.signal(_signal.SIGKILL)


class Runner:
    """The parent of all workers."""

    def __init__(self, sources: "Sources", inlet: "int", outlet: "int") -> "None":
        self.sources = sources
        self.inlet = inlet
        self.outlet = outlet
        self.reader = wire.Reader()
        self.children = {}  # type: dict[int, Child]
        self.waiting = []  # type: list[tuple[int, bytes, list[bytes]]]
        self.overlay = []  # type: list[bytes]
        self.closing = False
        self.said = time.time()
        self.beat = BEAT_SECONDS  # type: float
        self.poll = select.poll()
        self.poll.register(inlet, select.POLLIN)

    def serve(self) -> "None":
        """Until the controller is gone and every worker has ended."""
        while not self.closing or self.children:
            for fd, _ in self.poll.poll(self._pause()):
                if fd == self.inlet:
                    self._listen()
                elif fd in self.children:
                    self._relay(self.children[fd])
            self._keep_time()

    def say(self, data: "bytes") -> "None":
        """Send a frame to the controller; once it is gone, nothing is said any more."""
        if not self.closing:
            try:
                wire.write_all(self.outlet, data)
                self.said = time.time()
            except OSError:
                self._hang_up()

    # --- from the controller ---

    def _listen(self) -> "None":
        try:
            data = os.read(self.inlet, wire.CHUNK)
        except OSError:
            data = b""
        if not data:
            self._hang_up()
        for kind, number, raw, body in self.reader.feed(data):
            self._take(kind, number, raw, body)

    def _take(self, kind: "int", number: "int", raw: "bytes", body: "bytes") -> "None":
        if kind == wire.RUN:
            self.waiting.append((number, raw, []))
            self._dispatch()
        elif kind == wire.DATA:
            self._forward(number, raw)
        elif kind == wire.CODE:
            header = wire.header_of(raw)
            if body:
                self.sources.add(header["name"], header["file"], body)
            for child in self.children.values():
                if child.wanted == header["name"]:
                    child.wanted = ""
            self._tell_all(raw, number)
        elif kind == wire.OVERLAY:
            self.overlay.append(raw)
            self._tell_all(raw)
        elif kind == wire.CANCEL:
            self._cancel(number, wire.header_of(raw))
        elif kind == wire.BEAT:
            self.beat = wire.header_of(raw)["every"]
        elif kind == wire.QUIT:
            self._hang_up()

    def _tell_all(self, raw: "bytes", asked_by: "int" = 0) -> "None":
        for child in list(self.children.values()):
            if child.job and child.job != asked_by:
                child.pending.append(raw)
            else:
                child.send(raw)

    def _forward(self, number: "int", raw: "bytes") -> "None":
        for child in self.children.values():
            if child.job == number:
                child.send(raw)
                return
        for waiting in self.waiting:
            if waiting[0] == number:
                waiting[2].append(raw)

    def _cancel(self, number: "int", header: "dict[str, Any]") -> "None":
        for child in self.children.values():
            if child.job == number:
                self._end(child, "cancelled", gently=bool(header.get("gently")))
        if any(waiting[0] == number for waiting in self.waiting):
            self.waiting = [waiting for waiting in self.waiting if waiting[0] != number]
            self._fault(number, "cancelled", "cancelled before it began")

    # --- workers ---

    def _dispatch(self) -> "None":
        while self.waiting and not self.closing:
            number, raw, data = self.waiting[0]
            special = b'"fresh"' in raw or b'"deadline"' in raw
            header = wire.header_of(raw) if special else {}
            child = None if header.get("fresh") else self._idle()
            if child is None:
                if len(self.children) >= MOST_WORKERS:
                    return
                child = self._fork()
            del self.waiting[0]
            child.job = number
            child.deadline = time.time() + header["deadline"] if header.get("deadline") else 0.0
            for one in [raw] + data:
                child.send(one)

    def _idle(self) -> "Child | None":
        for child in self.children.values():
            if not child.job and not child.fault:
                return child
        return None

    def _fork(self) -> "Child":
        down, to = os.pipe()
        source, up = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._become_worker(down, up, (to, source))
        os.close(down)
        os.close(up)
        child = self.children[source] = Child(pid, to, source)
        self.poll.register(source, select.POLLIN)
        return child

    def _become_worker(self, down: "int", up: "int", others: "tuple[int, int]") -> "None":
        """In the child: let go of all that is not ours, work, and leave without returning."""
        status = 1
        try:
            os.setsid()
            for fd in others + (self.inlet, self.outlet):
                os.close(fd)
            for child in self.children.values():
                child.let_go()
            from orchestra.runner.worker import Worker

            Worker(self.sources, down, up, [wire.header_of(raw) for raw in self.overlay]).serve()
            status = 0
        finally:
            os._exit(status)

    def _relay(self, child: "Child") -> "None":
        data = os.read(child.source, 2 * wire.CHUNK)
        if not data:
            self._bury(child)
            return
        for kind, number, raw, _ in child.reader.feed(data):
            if kind == wire.OVERLAY:
                self.overlay.append(raw)
                self._tell_others(child, raw)
            if kind == wire.WANT:
                child.wanted = wire.header_of(raw)["name"]
            self.say(raw)
            if self.closing:
                child.refuse()
            if kind in (wire.REPLY, wire.LAST_REPLY) and number == child.job:
                self._finished(child, kind == wire.LAST_REPLY)

    def _tell_others(self, child: "Child", raw: "bytes") -> "None":
        for other in self.children.values():
            if other is not child:
                other.pending.append(raw)
                other.flush()

    def _finished(self, child: "Child", leaving: "bool") -> "None":
        child.job, child.deadline = 0, 0.0
        spare = sum(1 for other in self.children.values() if not other.job) > IDLE_KEPT
        if leaving or child.fault or spare or self.closing:
            child.dismiss()
        else:
            child.flush()
        self._dispatch()

    def _bury(self, child: "Child") -> "None":
        """A worker is gone; if a request was with it, say what became of that."""
        del self.children[child.source]
        self.poll.unregister(child.source)
        child.let_go()
        child.kill()
        _, status = os.waitpid(child.pid, 0)
        if child.job:
            self._obituary(child, status)
        self._dispatch()

    def _obituary(self, child: "Child", status: "int") -> "None":
        how = "signal {}".format(os.WTERMSIG(status)) if os.WIFSIGNALED(status) else "status {}".format(status >> 8)
        texts = {"deadline": "the task was stopped: its time limit passed", "cancelled": "the task was cancelled"}
        text = texts.get(child.fault, "the module's process died ({})".format(how))
        self._fault(child.job, child.fault if child.fault in texts else "died", text)

    def _fault(self, number: "int", kind: "str", text: "str") -> "None":
        self.say(wire.frame(wire.FAULT, number, wire.dumps({"kind": kind, "msg": text}).encode()))

    # --- time and the end ---

    def _pause(self) -> "int":
        """Milliseconds until something is due."""
        due = [child.deadline for child in self.children.values() if child.deadline]
        if not self.closing:
            due.append(self.said + self.beat)
        return max(0, int((min(due) - time.time()) * 1000) + 1) if due else 60000

    def _keep_time(self) -> "None":
        now = time.time()
        for child in list(self.children.values()):
            if child.deadline and now >= child.deadline:
                if child.fault in ("deadline", "cancelled"):
                    child.kill()
                    child.deadline = now + KILL_GRACE
                else:
                    self._end(child, "deadline")
        if now - self.said >= self.beat:
            self.say(wire.frame(wire.BEAT, 0))

    def _end(self, child: "Child", why: "str", gently: "bool" = False) -> "None":
        """Ask a worker to stop: gently after its current effect, else at once, cleaning up; then by force."""
        if gently:
            child.signal(_signal.SIGUSR1)
            return
        child.fault = why
        child.deadline = time.time() + KILL_GRACE
        child.signal(_signal.SIGTERM)

    def _hang_up(self) -> "None":
        """The controller is gone: begin nothing, let what runs end its current effect."""
        if self.closing:
            return
        self.closing = True
        self.waiting = []
        self.poll.unregister(self.inlet)
        for child in list(self.children.values()):
            if child.job:
                child.signal(_signal.SIGUSR1)
                child.refuse()
            else:
                child.dismiss()


def main(sources: "Sources", nonce: "str") -> "None":
    """Say the marker, greet, serve; never returns."""
    for number in (_signal.SIGHUP, _signal.SIGINT):
        _signal.signal(number, _signal.SIG_IGN)
    inlet, outlet = os.dup(0), os.dup(1)
    nowhere = os.open("/dev/null", os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere if os.isatty(2) else 2, 1)
    if os.isatty(2):
        os.dup2(nowhere, 2)
    os.close(nowhere)
    before = os.environ.pop("ORCHESTRA_LC_ALL", "")
    if before:
        os.environ["LC_ALL"] = before
    else:
        os.environ.pop("LC_ALL", None)
    greeting = {"python": list(sys.version_info[:3]), "executable": sys.executable, "pid": os.getpid()}
    greeting.update({"euid": os.geteuid(), "platform": sys.platform})
    wire.write_all(outlet, b"\n" + nonce.encode() + b":up\n")
    wire.send(outlet, wire.HELLO, 0, greeting)
    try:
        Runner(sources, inlet, outlet).serve()
    finally:
        os._exit(0)
