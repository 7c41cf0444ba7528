"""Orchestra beside its peers, in one run on one machine: ``python bench/run.py`` (README.md says what and how).

Repetitions go round the peers (a, b, c, a, b, c, ...), so that a noisy minute hits all of them; figures are medians.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from meters import ControlGroup, Cost, Group, make_groups, measure
from peers import PEERS, Peer, Place, install, version
from report import Sample, describe_machine, markdown, medians, write_json
from target import Target, start_target

TASKS = {"W0": 1, "W1": 1, "W2": 20, "W3": 31, "W4": 1, "W5": 20, "W6": 1}
DEFAULT_HOSTS = {
    "W0": (1,),
    "W1": (50, 500),
    "W2": (50, 200),
    "W3": (10,),
    "W4": (50,),
    "W5": (50, 1000),
    "W6": (250, 1000),
}
#: Variables that each host has for itself in the inventory.
VARIABLES = {"W5": 200, "W6": 200}
#: Hosts in the recap, where it is not all: W6 plays on one, which asks for the variables of all.
REPORTED = {"W6": 1}
#: W3 counts when nothing is left to change: a run before, not measured, makes the changes.
PREPARED = {"W3"}
LIMIT_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Bench:
    """What all measurements of one call share."""

    target: Target
    controller: Group
    cache: Path
    peers: dict[str, Path]  #: name -> virtual environment


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table, write the JSON file; 1 if a run failed."""
    options = _options(argv)
    _raise_descriptor_limit()
    peers = {name: install(PEERS[name], options.cache) for name in options.peers}
    if options.orchestra:
        peers["orchestra"] = options.orchestra
    versions = {name: version(PEERS[name], venv) for name, venv in peers.items()}
    controller, target_group, counting = make_groups(options.trees)
    target = start_target(options.cache / "target", target_group)
    samples: list[Sample] = []
    try:
        bench = Bench(target, controller, options.cache, peers)
        for workload, hosts in _plan(options):
            samples += _measure_workload(bench, workload, hosts, options.runs, options.slow_limit)
    finally:
        target.stop()
        for group in (controller, target_group):
            if isinstance(group, ControlGroup):
                group.remove()
    machine = {**describe_machine(), "counted by": counting, "runs": options.runs, "versions": versions}
    write_json(options.output, machine, samples)
    table = markdown(machine, medians(samples))
    options.output.with_suffix(".md").write_text(table, encoding="utf-8")
    print(table)
    return 1 if any(sample.problem for sample in samples) else 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run.py", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workloads", type=_names, default=list(TASKS), help=",".join(TASKS))
    parser.add_argument("--hosts", type=_numbers, help="host counts for every workload (default: the README's)")
    parser.add_argument("--peers", type=_names, default=list(PEERS), help=",".join(PEERS))
    parser.add_argument("--runs", type=int, default=3, help="repetitions; the median counts")
    parser.add_argument("--slow-limit", type=int, default=1000, help="host-tasks beyond which slow peers are left out")
    parser.add_argument("--orchestra", type=Path, metavar="VENV", help="measure the orchestra of this environment")
    parser.add_argument("--trees", action="store_true", help="count by process trees even where control groups work")
    parser.add_argument("--output", type=Path, default=Path("bench/results/latest.json"))
    default = os.environ.get("ORCHESTRA_BENCH_DIR", "/var/tmp/orchestra-bench")
    parser.add_argument("--cache", type=Path, default=Path(default), help="peers' environments and scratch files")
    options = parser.parse_args(argv)
    for given, known in ((options.workloads, TASKS), (options.peers, PEERS)):
        if unknown := set(given) - set(known):
            parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.cache.mkdir(parents=True, exist_ok=True)
    return options


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _numbers(text: str) -> list[int]:
    return [int(number) for number in _names(text)]


def _raise_descriptor_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _plan(options: argparse.Namespace) -> Iterator[tuple[str, int]]:
    for workload in options.workloads:
        counts = DEFAULT_HOSTS[workload] if workload == "W0" else options.hosts or DEFAULT_HOSTS[workload]
        for hosts in counts:
            yield workload, hosts


def _measure_workload(bench: Bench, workload: str, hosts: int, runs: int, slow_limit: int) -> list[Sample]:
    bench.target.write_inventories(hosts, VARIABLES.get(workload, 0))
    work = hosts * TASKS[workload]
    able = {name: venv for name, venv in bench.peers.items() if PEERS[name].plays(workload)}
    peers = {name: venv for name, venv in able.items() if work <= slow_limit or not PEERS[name].slow}
    samples: list[Sample] = []
    failed: set[str] = set()
    for repetition in range(runs):
        for name, venv in peers.items():
            if name in failed:
                continue
            prepare = workload in PREPARED and repetition == 0
            sample = _measure_once(bench, PEERS[name], venv, workload, hosts, prepare)
            samples.append(sample)
            _tell(sample, repetition)
            if sample.problem:
                failed.add(name)
    return samples


def _measure_once(bench: Bench, peer: Peer, venv: Path, workload: str, hosts: int, prepare: bool) -> Sample:
    run = bench.cache / "run"
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(mode=0o700)
    place = Place(venv, bench.target.folder, run)
    argv = [str(venv / "bin" / peer.program), "--version"] if workload == "W0" else peer.command(place, workload)
    environment = _environment(peer, place)
    if prepare:
        measure(bench.controller, argv, environment, run, LIMIT_SECONDS)
    before = bench.target.cpu_when_quiet()
    cost = measure(bench.controller, argv, environment, run, LIMIT_SECONDS)
    spent = bench.target.cpu_when_quiet() - before
    problem = _problem(peer, workload, hosts, cost)
    return Sample(peer.name, workload, hosts, TASKS[workload], cost.wall, cost.cpu, spent, cost.memory, problem)


def _environment(peer: Peer, place: Place) -> dict[str, str]:
    """A plain environment: nobody's settings, a HOME for each tool that stays from run to run, as a user's does."""
    home = place.run.parent / f"home-{peer.name}"
    home.mkdir(mode=0o700, exist_ok=True)
    plain = {"HOME": str(home), "LANG": "C.UTF-8", "TERM": "dumb", "USER": "bench"}
    return {**plain, "PATH": f"{place.venv}/bin:/usr/local/bin:/usr/bin:/bin", **peer.environment(place)}


def _problem(peer: Peer, workload: str, hosts: int, cost: Cost) -> str:
    """Why this run does not count; empty if it did what it should."""
    tail = cost.output.strip()[-1500:]
    if cost.status != 0:
        return f"exit status {cost.status}: {tail}"
    if workload == "W0" or not peer.reports_changes:
        return ""
    recap = re.findall(r"ok=(\d+)\s+changed=(\d+)\s+unreachable=0\s+failed=0", cost.output)
    expected = REPORTED.get(workload, hosts)
    if len(recap) != expected:
        return f"{len(recap)} of {expected} hosts in the recap: {tail}"
    if workload in PREPARED and any(int(changed) for _, changed in recap):
        return f"something changed in the second run: {tail}"
    if any(int(ok) != TASKS[workload] for ok, _ in recap):
        return f"not every host did {TASKS[workload]} tasks: {tail}"
    return ""


def _tell(sample: Sample, repetition: int) -> None:
    text = f"{sample.workload} {sample.hosts:4d} hosts  {sample.peer:10s} run {repetition + 1}: "
    if sample.problem:
        text += f"FAILED: {sample.problem}"
    else:
        text += f"wall {sample.wall:7.2f} s  controller {sample.cpu:7.2f} s  target {sample.target_cpu:7.2f} s"
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
