"""Ctrl-C: the first ends a run cleanly and says what was under way, the second at once; nothing stays running."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

INVENTORY = "h1\nh2\n[all:vars]\nansible_connection=local\nansible_python_interpreter={{ ansible_playbook_python }}\n"
PLAY = "- hosts: all\n  gather_facts: false\n  tasks:\n"


class Playing:
    """A run in a process of its own; ``events`` are its JSON lines."""

    def __init__(self, folder: Path, task: str) -> None:
        (folder / "play.yml").write_text(PLAY + task)
        (folder / "inv.ini").write_text(INVENTORY)
        words = [sys.executable, "-m", "orchestra", "play", "-i", "inv.ini", "play.yml", "--output", "json"]
        self.jobs = folder / "jobs"
        environ = {**os.environ, "ANSIBLE_ASYNC_DIR": str(self.jobs)}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            words, cwd=folder, stdout=pipe, stderr=pipe, text=True, start_new_session=True, env=environ
        )
        self.events: list[dict[str, Any]] = []

    def finish(self) -> int:
        """Read to the end."""
        assert self.process.stdout is not None
        self.events += [json.loads(line) for line in self.process.stdout]
        return self.process.wait(20)

    def last(self, event: str) -> dict[str, Any]:
        return [found for found in self.events if found["event"] == event][-1]


@pytest.fixture
def playing(tmp_path: Path) -> Iterator[Any]:
    started: list[Playing] = []

    def start(task: str) -> Playing:
        started.append(Playing(tmp_path, task))
        return started[-1]

    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # a run under nohup, like these tests may be, ignores it
    yield start
    signal.signal(signal.SIGHUP, before)
    for run in started:
        run.process.kill()
        run.process.wait()
        for stream in (run.process.stdout, run.process.stderr):
            assert stream is not None
            stream.close()


class Ear:
    """A named pipe into which something that runs says its process id."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self._descriptor = os.open(path, os.O_RDWR)

    def hear(self) -> int:
        """The process id; waits for it."""
        ready, _, _ = select.select([self._descriptor], [], [], 20)
        assert ready, "nothing was started"
        pid = int(os.read(self._descriptor, 32))
        os.close(self._descriptor)
        return pid


def ends(pid: int) -> bool:
    """Wait for a process to go."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], 20)[0])
    finally:
        os.close(descriptor)


SLEEPER = """\
    - name: long one
      shell: "echo $$ > {{ playbook_dir }}/{{ inventory_hostname }}.pid; exec sleep 300"
"""
BLOCKED = """\
    - name: asks
      debug: {msg: "{{ lookup('pipe', 'echo $$ > ' ~ playbook_dir ~ '/h1.pid; sleep 300; true') }}"}
      run_once: true
"""


POLLED = """\
    - name: polled
      shell: "echo $$ > {{ playbook_dir }}/{{ inventory_hostname }}.pid; sleep 300; true"
      async: 400
      poll: 1
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_ends_the_run_cleanly(playing: Any, tmp_path: Path, number: int) -> None:
    ears = [Ear(tmp_path / f"{host}.pid") for host in ("h1", "h2")]
    run = playing(SLEEPER)
    pids = [ear.hear() for ear in ears]
    run.process.send_signal(number)
    assert run.finish() == 130
    assert run.last("interrupted")["in_flight"] == [["h1", "long one"], ["h2", "long one"]]
    assert run.last("run_finished")["exit"] == 130
    assert all(ends(pid) for pid in pids)


def test_a_lookup_that_waits_is_broken_off(playing: Any, tmp_path: Path) -> None:
    ear = Ear(tmp_path / "h1.pid")
    run = playing(BLOCKED)
    pid = ear.hear()
    run.process.send_signal(signal.SIGINT)
    assert run.finish() == 130
    assert run.last("run_finished")["exit"] == 130
    assert ends(pid)


def test_the_second_ends_the_process_at_once(playing: Any, tmp_path: Path) -> None:
    ear = Ear(tmp_path / "h1.pid")
    run = playing(BLOCKED)
    pid = ear.hear()
    run.process.send_signal(signal.SIGINT)
    run.process.send_signal(signal.SIGTERM)
    assert run.finish() == 130
    assert not [event for event in run.events if event["event"] == "run_finished"]
    os.killpg(run.process.pid, signal.SIGKILL)  # nobody is left to do it
    assert ends(pid)


def test_a_polled_job_ends_with_the_run_and_leaves_no_state(playing: Any, tmp_path: Path) -> None:
    ears = [Ear(tmp_path / f"{host}.pid") for host in ("h1", "h2")]
    run = playing(POLLED)
    pids = [ear.hear() for ear in ears]
    run.process.send_signal(signal.SIGINT)
    assert run.finish() == 130
    assert run.last("interrupted")["in_flight"] == [["h1", "polled"], ["h2", "polled"]]
    assert all(ends(pid) for pid in pids)
    assert list(run.jobs.iterdir()) == []


def test_a_job_that_nobody_waits_for_goes_on(playing: Any, tmp_path: Path) -> None:
    ears = [Ear(tmp_path / f"{host}.pid") for host in ("h1", "h2")]
    seconds = [Ear(tmp_path / f"{host}.second") for host in ("h1", "h2")]
    run = playing(POLLED.replace("poll: 1", "poll: 0") + SLEEPER.replace(".pid", ".second"))
    pids = [ear.hear() for ear in ears]
    assert all(second.hear() for second in seconds)
    run.process.send_signal(signal.SIGINT)
    assert run.finish() == 130
    for pid in pids:
        os.killpg(os.getpgid(pid), signal.SIGKILL)  # raises where it is gone
    assert len([path for path in run.jobs.iterdir() if path.suffix != ".tmp"]) == 2


@pytest.mark.parametrize("keyword", ["timeout: 5", "async: 5"])
def test_a_polled_job_past_its_time_is_ended_on_the_host(playing: Any, tmp_path: Path, keyword: str) -> None:
    ears = [Ear(tmp_path / f"{host}.pid") for host in ("h1", "h2")]
    task = POLLED.replace("async: 400", keyword) if "async" in keyword else f"{POLLED}      {keyword}\n"
    run = playing(f"    - ping:\n{task}")
    pids = [ear.hear() for ear in ears]
    assert run.finish() == 2
    result = run.last("task_finished")["result"]
    if "async" in keyword:
        assert result["msg"] == "async task did not complete within the requested time - 5s"
        assert (result["async_result"]["started"], result["async_result"]["finished"]) == (True, False)
    else:
        assert result["timedout"]["period"] == 5
    assert all(ends(pid) for pid in pids)
    assert list(run.jobs.iterdir()) == []


def test_a_polled_job_outlives_the_loss_of_the_link(playing: Any, tmp_path: Path) -> None:
    """The next look connects again, as Ansible's does."""
    ears = [Ear(tmp_path / f"{host}.pid") for host in ("h1", "h2")]
    run = playing(
        POLLED.replace("sleep 300; true", "until test -e {{ playbook_dir }}/go; do sleep 0.05; done; echo fine")
    )
    for ear in ears:
        ear.hear()
    for line in run.process.stdout:
        run.events.append(json.loads(line))
        if run.events[-1]["event"] == "async_polled":
            break
    for runner in Path(f"/proc/{run.process.pid}/task/{run.process.pid}/children").read_text().split():
        os.kill(int(runner), signal.SIGKILL)
    (tmp_path / "go").touch()
    assert run.finish() == 0
    ended = [event for event in run.events if event["event"] == "task_finished"]
    assert [event["result"]["stdout"] for event in ended] == ["fine", "fine"]
    assert list(run.jobs.iterdir()) == []
