"""What recording costs: ``python bench/history.py [--hosts 1000] [--rounds 5]``.

First the CPU of a result on its way through the real bus into the journal, the writing thread's share included; then
the wall and CPU of whole runs of W5 (twenty templates a host, nothing is sent: a host-task hardly costs less anywhere)
with the history and without, turn by turn; last what it takes to file such a run. Goals stand beside the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from orchestra.history.entries import Header
from orchestra.history.places import Places
from orchestra.history.recorder import Recorder
from orchestra.model.event import Event, PlayStarted, RunFinished, RunStarted, TaskFinished, TaskStarted
from orchestra.model.origin import Origin
from orchestra.model.outcome import HostTotals, Outcome, Status, TaskInfo
from orchestra.model.secret import Redactor
from orchestra.reporting.bus import Bus

WORKLOAD = Path(__file__).resolve().parent / "workloads" / "w5.yml"
ORIGIN = Origin("/srv/project/site.yml", 3, 7)
MICROSECONDS, PERCENT = 30, 2


def results(kind: str, hosts: int, tasks: int) -> Iterator[Event]:
    """The events of a run whose results are all of one kind."""
    names = tuple(f"web{number:04d}.example.org" for number in range(hosts))
    yield RunStarted("play", ("/srv/project/site.yml",), False, time.time())
    yield PlayStarted("all", ORIGIN, names)
    for number in range(1, tasks + 1):
        task = TaskInfo(number, f"nginx : Task {number}", "ansible.builtin.command", ORIGIN)
        yield TaskStarted(task, hosts)
        for name in names:
            yield TaskFinished(_OUTCOMES[kind](name, task))
    yield RunFinished(0, {name: HostTotals(ok=tasks) for name in names})


def _plain(host: str, task: TaskInfo) -> Outcome:
    result = {"changed": True, "rc": 0, "stdout": "", "stderr": "", "cmd": ["true"], "delta": "0:00:00.001"}
    return Outcome(host, task, Status.CHANGED, result, elapsed=0.0123)


def _printing(host: str, task: TaskInfo) -> Outcome:
    """Every host prints something of its own."""
    text = f"{host} {task.id}\n" * 10
    result = {"changed": True, "rc": 0, "stdout": text, "stderr": "", "msg": f"said by {host}"}
    return Outcome(host, task, Status.CHANGED, result, elapsed=0.0123)


def _differing(host: str, task: TaskInfo) -> Outcome:
    """All hosts have the same difference of fifty lines."""
    before = "".join(f"setting_{number} = {number}\n" for number in range(50))
    diff = ({"before": before, "after": before + "more\n", "before_header": "/etc/a.conf", "after_header": "a"},)
    return Outcome(host, task, Status.CHANGED, {"changed": True}, elapsed=0.0123, diff=diff)


_OUTCOMES: dict[str, Callable[[str, TaskInfo], Outcome]] = {
    "plain": _plain,
    "printing": _printing,
    "differing": _differing,
}


def cost_of(kind: str, folder: Path | None, secrets: int, hosts: int, tasks: int) -> float:
    """Seconds of CPU, of all threads, that a run's events take on the bus."""
    redactor = Redactor()
    for number in range(secrets):
        redactor.add(f"correct-horse-{number}-battery")
    seen: list[Event] = []
    sinks: list[Callable[[Event], None]] = [seen.append]
    recorder = Recorder(Places(folder), Header(folder="/"), redactor, print) if folder is not None else None
    if recorder is not None:
        sinks.append(recorder)
    bus = Bus(sinks, print)
    events = list(results(kind, hosts, tasks))
    begun = time.process_time()
    for event in events:
        bus(event)
    if recorder is not None:
        recorder.close(print)
    return time.process_time() - begun


def microseconds(kind: str, secrets: int, hosts: int, tasks: int, rounds: int) -> float:
    """What the recorder adds to one result: the median of turns with and without it."""
    differences = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            recorded = cost_of(kind, Path(folder), secrets, hosts, tasks)
        differences.append(recorded - cost_of(kind, None, secrets, hosts, tasks))
    return statistics.median(differences) / (hosts * tasks) * 1e6


def write_inventory(path: Path, hosts: int) -> None:
    """Hosts with two hundred variables each, as the bench's W5 has them."""
    known = {
        f"h{number:04d}": {
            "neighbour": number + 1,
            **{f"value_{index:03d}": f"v{index} of {number}" for index in range(200)},
        }
        for number in range(hosts)
    }
    path.write_text(json.dumps({"all": {"hosts": known}}))


def play(folder: Path, recorded: bool) -> tuple[float, float]:
    """Wall and CPU seconds of a whole run."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("ORCHESTRA_", "ANSIBLE_"))}
    environ |= {"ORCHESTRA_HISTORY": "yes" if recorded else "no", "ORCHESTRA_HISTORY_FOLDER": str(folder / "history")}
    program = [sys.executable, "-m", "orchestra", "play", "-i", str(folder / "inventory.json"), str(WORKLOAD)]
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([*program, "--output", "lines"], env=environ, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for kind in _OUTCOMES:
        for secrets in (0, 20):
            cost = microseconds(kind, secrets, options.hosts, 20, options.rounds)
            print(f"{kind} results, {secrets} secrets: {cost:5.1f} microseconds of CPU each (goal {MICROSECONDS})")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_inventory(folder / "inventory.json", options.hosts)
        play(folder, True)  # caches
        pairs = [(play(folder, False), play(folder, True)) for _ in range(options.rounds)]
        for index, what in enumerate(("wall", "CPU")):
            ratio = statistics.median(recorded[index] / plain[index] for plain, recorded in pairs)
            plain = statistics.median(plain[index] for plain, _ in pairs)
            print(f"W5, {options.hosts} hosts: {what} {plain:.2f} s, recorded {ratio - 1:+.1%} (goal {PERCENT}%)")
        begun = time.process_time()
        file_journals(folder / "history")
        spent = (time.process_time() - begun) / (options.rounds + 1)
        print(f"filing such a run into the embedded database: {spent:.2f} s of CPU, after the run")


def file_journals(folder: Path) -> None:
    """File what was recorded."""
    from orchestra.history.keeping import catch_up, opened
    from orchestra.settings import load_settings

    settings = load_settings({"ORCHESTRA_HISTORY_FOLDER": str(folder)}, "/")
    with opened(settings, Places(folder)) as database:
        catch_up(database, Places(folder), settings, datetime.now(UTC), print, patience=0)


if __name__ == "__main__":
    main()
