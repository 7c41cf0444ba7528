"""Samples to medians, medians to a table and a JSON file."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """One measured run, or the medians of several: seconds, and bytes of peak memory."""

    peer: str
    workload: str
    hosts: int
    tasks: int  #: tasks for each host
    wall: float
    cpu: float  #: the controller's whole process tree
    target_cpu: float  #: sshd and all that it started
    memory: int
    problem: str = ""

    @property
    def cpu_each(self) -> float:
        """Controller CPU in milliseconds for each host and task."""
        return self.cpu / (self.hosts * self.tasks) * 1000

    @property
    def target_each(self) -> float:
        """Target CPU in milliseconds for each host and task."""
        return self.target_cpu / (self.hosts * self.tasks) * 1000


def medians(samples: Iterable[Sample]) -> list[Sample]:
    """One sample for each workload, host count and peer; a failed one stays as it is."""
    groups: dict[tuple[str, int, str], list[Sample]] = {}
    for sample in samples:
        groups.setdefault((sample.workload, sample.hosts, sample.peer), []).append(sample)
    return [_median(group) for group in groups.values()]


def _median(group: list[Sample]) -> Sample:
    first = group[0]
    if failed := next((sample for sample in group if sample.problem), None):
        return failed
    values = [statistics.median(getattr(sample, name) for sample in group) for name in ("wall", "cpu", "target_cpu")]
    memory = int(statistics.median(sample.memory for sample in group))
    return Sample(first.peer, first.workload, first.hosts, first.tasks, *values, memory)


def markdown(machine: dict[str, object], rows: list[Sample]) -> str:
    """A table for each workload and host count, with ratios to orchestra where it took part."""
    lines = [f"{name}: {_plain(value)}" for name, value in machine.items()]
    text = "  \n".join(lines) + "\n"
    for workload, hosts in dict.fromkeys((row.workload, row.hosts) for row in rows):
        group = [row for row in rows if (row.workload, row.hosts) == (workload, hosts)]
        text += f"\n### {workload}, {hosts} hosts, {group[0].tasks} tasks each\n\n" + _table(group)
    return text


def _plain(value: object) -> str:
    return "; ".join(f"{name} {text}" for name, text in value.items()) if isinstance(value, dict) else str(value)


def _table(group: list[Sample]) -> str:
    ours = next((row for row in group if row.peer == "orchestra" and not row.problem), None)
    heads = (
        "",
        "wall s",
        "controller CPU s",
        "ms/host-task",
        "target CPU s",
        "ms/host-task",
        "peak MB",
        "wall x",
        "CPU x",
    )
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for row in group:
        if row.problem:
            lines.append(f"| {row.peer} | failed: {row.problem.splitlines()[0][:100]} |" + " |" * (len(heads) - 2))
            continue
        cells = [row.peer, f"{row.wall:.2f}", f"{row.cpu:.2f}", f"{row.cpu_each:.2f}", f"{row.target_cpu:.2f}"]
        cells += [f"{row.target_each:.2f}", f"{row.memory / 1e6:.0f}" if row.memory else "-"]
        cells += [f"{row.wall / ours.wall:.1f}", f"{row.cpu / ours.cpu:.1f}"] if ours else ["-", "-"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write_json(path: Path, machine: dict[str, object], samples: list[Sample]) -> None:
    """Every single run and the medians, with what they were measured on."""
    rows = [{**asdict(row), "cpu_each_ms": row.cpu_each, "target_each_ms": row.target_each} for row in medians(samples)]
    document = {"machine": machine, "medians": rows, "samples": [asdict(sample) for sample in samples]}
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def describe_machine() -> dict[str, object]:
    """What the figures depend on."""
    ssh = subprocess.run(["ssh", "-V"], capture_output=True, text=True).stderr.strip()
    load = os.getloadavg()[0]
    return {
        "measured": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": f"{platform.platform()}, {os.cpu_count()} cores, load {load:.1f} before",
        "Python": platform.python_version(),
        "OpenSSH": ssh,
    }
