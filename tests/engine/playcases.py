"""Plays as data: what a case file says, and one run of it through ``orchestra play`` in this process.

A case is a playbook with the files around it; expected are the exit status, the recap, each step with what became of it
on each host, and what ``debug`` tasks showed. All of it was written down from ansible-core's own run of the same text
(tests/engine/peerplays.py does that again where it is installed); ``differs`` says why we mean to do otherwise.
"""

import contextlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[1] / "cases" / "plays"
INVENTORY = (
    "[web]\nh1\nh2\n[db]\nh3\n"
    "[all:vars]\nansible_connection=local\nansible_python_interpreter={{ ansible_playbook_python }}\n"
)
HEAD = "- hosts: {hosts}\n  gather_facts: false\n  tasks:\n"


@dataclass(frozen=True)
class Case:
    """One play to run. ``shows`` and ``results`` are about host h1, unless ``HOST/`` stands before the task's name."""

    name: str
    playbook: str = ""
    #: Short for a playbook of one play without fact gathering.
    tasks: str = ""
    hosts: str = "h1"
    files: Mapping[str, str] = field(default_factory=dict)
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""
    exit: int = 0
    recap: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    shows: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: Texts that are printed, and texts that must not be; ours alone.
    says: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    #: Hosts go through the steps each for itself: the order tells nothing.
    unordered: bool = False
    #: Why ansible-core does otherwise; empty: it does the same.
    differs: str = ""

    def lay_out(self, folder: Path) -> None:
        """Write the playbook and all that it needs."""
        text = self.playbook or HEAD.format(hosts=self.hosts) + "".join(
            f"    {line}\n" if line else "\n" for line in self.tasks.splitlines()
        )
        for name, content in {"inv.ini": INVENTORY, "play.yml": text, **self.files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            if content.startswith("#!"):
                path.chmod(0o700)

    def command(self) -> list[str]:
        """The words of the command line that both have in common."""
        return ["-i", "inv.ini", "play.yml", *self.args]


@dataclass
class Record:
    """What a run did, in the words of a case."""

    exit: int = 0
    recap: dict[str, str] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    #: Task name -> host -> result, the last one of that name.
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    printed: str = ""


def load(path: Path) -> Iterator[Case]:
    """The cases of one file."""
    for entry in yaml.safe_load(path.read_text()):
        lists = {name: tuple(entry[name]) for name in ("args", "steps", "says", "hides") if name in entry}
        yield Case(**{**entry, **lists})


def fill(record: Record, rows: Iterator[Mapping[str, Any]], unordered: bool) -> Record:
    """Fold rows ({task} for a start; {task, host, status, result} for an end; {recap}) into a record."""
    started: list[tuple[str, dict[str, str]]] = []
    for row in rows:
        if "recap" in row:
            record.recap = {host: _columns(counts) for host, counts in row["recap"].items()}
        elif "host" not in row:
            started.append((row["task"], {}))
        else:
            record.results.setdefault(row["task"], {})[row["host"]] = row["result"]
            holder = next((step for step in reversed(started) if step[0] == row["task"]), None)
            if holder is None:
                started.append(holder := (row["task"], {}))
            holder[1][row["host"]] = row["status"]
    record.steps = [_step(name, ends) for name, ends in started]
    if unordered:
        record.steps = sorted(f"{name}: {host} {status}" for name, ends in started for host, status in ends.items())
    return record


def _step(name: str, ends: Mapping[str, str]) -> str:
    return f"{name}: " + ", ".join(f"{host} {status}" for host, status in sorted(ends.items())) if ends else name


def _columns(counts: Mapping[str, int]) -> str:
    order = ("ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored")
    return " ".join(f"{name}={counts[name]}" for name in order if counts.get(name))


def run_ours(case: Case, verbosity: str = "") -> Record:
    """Run the case in the current folder."""
    from orchestra.cli.exits import status_of
    from orchestra.cli.main import main

    words = ["play", *case.command(), "--output", "json", *([verbosity] if verbosity else [])]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _input(case.stdin):
        code = status_of(lambda: main.main(words, standalone_mode=False), words)
    record = fill(Record(code), _rows(out.getvalue()), case.unordered)
    record.printed = out.getvalue() + err.getvalue()
    return record


@contextlib.contextmanager
def _input(text: str) -> Iterator[None]:
    import sys

    held, sys.stdin = sys.stdin, io.StringIO(text)
    try:
        yield
    finally:
        sys.stdin = held


def _rows(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        event = json.loads(line)
        if event.get("task", {}).get("action") in ("meta", "ansible.builtin.meta"):
            continue  # a word to the engine: what it does shows in what follows
        if event["event"] == "task_started":
            yield {"task": event["task"]["name"]}
        elif event["event"] == "task_finished":
            yield {
                "task": event["task"]["name"],
                "host": event["host"],
                "status": _status(event),
                "result": event.get("result") or {},
            }
        elif event["event"] == "run_finished":
            yield {"recap": event["hosts"]}


def _status(event: Mapping[str, Any]) -> str:
    status = str(event["status"])
    return f"{status} (ignored)" if event.get("ignored") and status == "failed" else status


def environment(case: Case) -> dict[str, str]:
    """What the run's environment is, beside what every run has."""
    return {"ANSIBLE_DEPRECATION_WARNINGS": "0", "ANSIBLE_NOCOLOR": "1", "PWD": os.getcwd(), **case.env}
