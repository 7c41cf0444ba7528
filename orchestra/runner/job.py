"""Background jobs: a detached process that survives the connection and leaves its result in a file.

The file is what Ansible's async_status reads: {started, finished, ansible_job_id} while it runs, the module's result
after it. A watcher process keeps the time limit and writes the result also when the job dies.
"""

import _signal  # type: ignore[import-not-found]
import os
import time

from orchestra.runner import wire
from orchestra.runner.disk import remove_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from orchestra.runner.system import System


#: A file of the state file's name and this asks the watcher to end the job and forget it (async_status, mode stop).
UNWANTED = ".stop"


def start_job(
    job: "dict[str, Any]", run: "Callable[[], dict[str, Any]]", system: "System", worker: "Any"
) -> "dict[str, Any]":
    """Start `run` in the background; `job` has id, limit (seconds) and dir. Returns what such a task says."""
    folder = system.expand(job["dir"])
    os.makedirs(folder, 0o700, exist_ok=True)
    path = os.path.join(folder, job["id"])
    state = {"started": 1, "finished": 0, "ansible_job_id": job["id"], "results_file": path}
    _store(path, state)
    system.background = True
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            if os.fork() == 0:
                _let_go(worker)
                _watch(path, job, run, system)
                if system._scratch is not None:
                    remove_tree(system._scratch)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    system._scratch = None  # the job's now, and removed by its watcher
    return dict(state, changed=True)


def _let_go(worker: "Any") -> "None":
    os.close(worker.inlet)
    os.close(worker.outlet)
    nowhere = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    for number in (_signal.SIGUSR1, _signal.SIGTERM):
        _signal.signal(number, _signal.SIG_DFL)


def _watch(path: "str", job: "dict[str, Any]", run: "Callable[[], dict[str, Any]]", system: "System") -> "None":
    """Fork the job proper, and see to it that a result is written."""
    deadline = time.time() + job["limit"]
    pid = os.fork()
    if pid == 0:
        os.setsid()
        _signal.signal(_signal.SIGTERM, lambda *_: system.interrupt(SystemExit(1)))
        _work(path, job, run)
        os._exit(0)
    pause = 0.02
    while os.waitpid(pid, os.WNOHANG)[0] == 0:
        unwanted = os.path.exists(path + UNWANTED)
        if unwanted or time.time() > deadline:
            _stop(pid)
        if unwanted:
            _forget(path)
            return
        if time.time() > deadline:
            text = "the job was stopped: its time limit of {} s passed".format(job["limit"])
            _finish(path, job, {"failed": True, "changed": True, "msg": text, "child_pid": pid})
            return
        time.sleep(pause)
        pause = min(pause * 1.3, 1.0)
    with open(path, "rb") as file:
        written = wire.loads(file.read().decode())
    if not written.get("finished"):
        _finish(path, job, {"failed": True, "changed": True, "msg": "the job's process died"})


def _forget(path: "str") -> "None":
    for name in (path + UNWANTED, path):
        try:
            os.unlink(name)
        except FileNotFoundError:
            pass


def _work(path: "str", job: "dict[str, Any]", run: "Callable[[], dict[str, Any]]") -> "None":
    try:
        result = run()
    except Exception as error:
        from orchestra.runner.plan import trace

        result = {"failed": True, "msg": "{}: {}".format(type(error).__name__, error), "exception": trace(error)}
    _finish(path, job, result)


def _stop(pid: "int") -> "None":
    """SIGTERM lets it kill its programs and clean up; then by force."""
    os.kill(pid, _signal.SIGTERM)
    for _ in range(30):
        if os.waitpid(pid, os.WNOHANG)[0]:
            return
        time.sleep(0.1)
    os.killpg(pid, _signal.SIGKILL)
    os.waitpid(pid, 0)


def _finish(path: "str", job: "dict[str, Any]", result: "dict[str, Any]") -> "None":
    _store(path, dict(result, started=1, finished=1, ansible_job_id=job["id"]))


def _store(path: "str", state: "dict[str, Any]") -> "None":
    """Replace the state file at once; it belongs to its owner alone."""
    temporary = path + ".tmp"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        wire.write_all(fd, wire.dumps(state).encode())
    finally:
        os.close(fd)
    os.rename(temporary, path)
