"""Runs the same tasks through ansible-core and through our modules, on twin folders, and lists where they differ.

Scenarios are data (tests/cases/compat/*.yml): what is there before, and tasks that follow each other. Compared are,
for each task, `changed`, `failed`, `skipped`, the names of the results and the values that do not depend on time or
place; and for each scenario what is on the disk at its end.
"""

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from orchestra.library.locate import load_file, packaged_folder
from orchestra.runner.foresight import Foresight
from orchestra.runner.overlay import Overlay
from orchestra.runner.plan import Performer, carry_out
from orchestra.runner.system import System
from orchestra.testing.cases import _make, snapshot

#: Values of these say when or where, not what; only their presence counts.
VOLATILE = {
    "atime", "mtime", "ctime", "inode", "dev", "start", "end", "delta", "elapsed", "backup_file", "size_on_disk",
    "version", "date", "path_content", "attributes", "attr_flags", "blocks", "device_type", "block_size",
}  # fmt: skip
#: Names that only the controller adds, or that are ours alone.
IGNORED = {
    "stdout_lines", "stderr_lines", "invocation", "exception", "_ansible_no_log", "assumed", "not_undone", "warnings",
    "diff", "deprecations", "errno",
}  # fmt: skip

CALLBACK = """
import json
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, "stdout", "rows"

    def row(self, result, **state):
        print(json.dumps(dict(result._result, **state), default=str), flush=True)

    def v2_runner_on_ok(self, result):
        self.row(result, failed=False)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.row(result, failed=True)

    def v2_runner_on_skipped(self, result):
        self.row(result, failed=False, skipped=True)
"""


@dataclass(frozen=True)
class Task:
    """One task of a scenario. `except_for`: result names where we differ on purpose, with the reason in `about`."""

    module: str
    args: dict[str, Any]
    check: bool = False
    except_for: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True)
class Scenario:
    """Tasks that follow each other in one folder."""

    name: str
    before: dict[str, Any]
    tasks: tuple[Task, ...]
    except_for: tuple[str, ...] = ()


def load(path: Path) -> list[Scenario]:
    """The scenarios of a file."""
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [_scenario(name, what) for name, what in found.items()]


def _scenario(name: str, what: dict[str, Any]) -> Scenario:
    return Scenario(
        name, what.get("before") or {}, tuple(map(_task, what["tasks"])), tuple(what.get("except_for") or ())
    )


def _task(row: dict[str, Any]) -> Task:
    row = dict(row)
    more = {key: row.pop(key) for key in ("check", "about") if key in row}
    skipped = tuple(row.pop("except_for", ()))
    ((module, args),) = row.items()
    return Task(module, args or {}, except_for=skipped, **more)


def fill(value: Any, names: dict[str, str]) -> Any:
    """Replace {dir}, {url} ... wherever they stand."""
    if isinstance(value, str):
        for name, text in names.items():
            value = value.replace("{" + name + "}", text)
        return value
    if isinstance(value, dict):
        return {key: fill(one, names) for key, one in value.items()}
    return [fill(one, names) for one in value] if isinstance(value, list) else value


def lay_out(scenario: Scenario, folder: Path) -> None:
    """Make what is there before."""
    folder.mkdir(parents=True)
    for name, what in fill(scenario.before, {"dir": str(folder)}).items():
        _make(folder / name, what)


def run_peer(program: str, scenarios: list[Scenario], root: Path, names: dict[str, str]) -> list[list[dict[str, Any]]]:
    """What ansible-core answers: for each scenario a list of results. One process runs them all."""
    (root / "rows.py").write_text(textwrap.dedent(CALLBACK))
    tasks = []
    for scenario in scenarios:
        lay_out(scenario, root / scenario.name)
        place = dict(names, dir=str(root / scenario.name))
        tasks += [
            {task.module: fill(task.args, place), "check_mode": task.check, "ignore_errors": True}
            for task in scenario.tasks
        ]
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    (root / "play.yml").write_text(json.dumps([play]))
    environ = dict(os.environ, ANSIBLE_CALLBACK_PLUGINS=str(root), ANSIBLE_STDOUT_CALLBACK="rows", LC_ALL="C.UTF-8")
    environ.update(ANSIBLE_LOCALHOST_WARNING="false", ANSIBLE_HOME=str(root / "home"), ANSIBLE_NOCOLOR="1")
    environ.pop("PYTHONPATH", None)
    python = f"ansible_python_interpreter={sys.executable}"
    command = [program, "-i", "localhost,", "-e", python, str(root / "play.yml")]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True)
    rows = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    assert len(rows) == len(tasks), f"{len(rows)} of {len(tasks)} tasks: {ran.stdout[-2000:]}{ran.stderr[-2000:]}"
    answers = iter(rows)
    return [[next(answers) for _ in scenario.tasks] for scenario in scenarios]


def run_ours(scenario: Scenario, root: Path, names: dict[str, str]) -> list[dict[str, Any]]:
    """What our modules answer, in this process."""
    folder = root / scenario.name
    lay_out(scenario, folder)
    os.umask(0o022)
    return [_run_one(task, fill(task.args, dict(names, dir=str(folder)))) for task in scenario.tasks]


def _run_one(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    module = load_file(str(packaged_folder() / f"{task.module}.py"))
    system = Foresight(Overlay()) if task.check else System()
    result = carry_out(module, args, Performer(system))
    result.setdefault("failed", False)
    return result


def differences(task: Task, peer: dict[str, Any], ours: dict[str, Any], folders: tuple[str, str]) -> list[str]:
    """Sentences; none where the two agree."""
    peer, ours = ({k: v for k, v in one.items() if k not in IGNORED} for one in (peer, ours))
    skip = {"msg", *task.except_for} if peer["failed"] else set(task.except_for)
    found = []
    for key in sorted(set(peer) | set(ours)):
        if key in skip or (key == "skipped" and not peer.get(key) and not ours.get(key)):
            continue
        if key not in ours:
            found.append(f"{key} is missing (peer: {peer[key]!r})")
        elif key in peer and not peer["failed"]:
            found += _unlike(key, peer[key], ours[key], folders)
        elif key in ("changed", "failed"):
            found += _unlike(key, peer.get(key), ours[key], folders)
    return found


def _unlike(key: str, peer: Any, ours: Any, folders: tuple[str, str]) -> list[str]:
    if isinstance(peer, dict) and isinstance(ours, dict):
        peer, ours = (json.loads(_neutral(one, folder)) for one, folder in ((peer, folders[0]), (ours, folders[1])))
        missing = [f"{key}.{one} is missing" for one in peer if one not in ours]
        return missing + [text for one in peer if one in ours for text in _unlike(one, peer[one], ours[one], folders)]
    if key == "files" and isinstance(peer, list) and peer and isinstance(peer[0], dict):
        peer, ours = (sorted(files, key=lambda file: str(file["path"])) for files in (peer, ours))
        return [text for one, other in zip(peer, ours, strict=False) for text in _unlike(key, one, other, folders)]
    if key == "backup" and bool(peer) == bool(ours):
        return []
    temporary = key == "src" and isinstance(peer, str) and "ansible-tmp-" in peer
    if key in VOLATILE or temporary or _neutral(peer, folders[0]) == _neutral(ours, folders[1]):
        return []
    return [f"{key} is {ours!r}, the peer's {peer!r}"]


def _neutral(value: Any, folder: str) -> str:
    return json.dumps(value, sort_keys=True, default=str).replace(folder, "{dir}")


def unlike_folders(scenario: Scenario, peer: Path, ours: Path) -> list[str]:
    """What differs on the disk after a scenario."""
    left, right = (_plain(snapshot(one), one) for one in (peer, ours))
    names = sorted(name for name in set(left) | set(right) if left.get(name) != right.get(name))
    return [
        f"{name}: {right.get(name)}, the peer's {left.get(name)}" for name in names if name not in scenario.except_for
    ]


def _plain(found: Any, folder: Path) -> dict[str, Any]:
    """Backups have the time in their name, links and texts may hold the folder's own name."""
    plain = {}
    for name, (kind, mode, value) in found.items():
        if isinstance(value, bytes):
            value = value.replace(str(folder).encode(), b"{dir}")
        elif isinstance(value, str):
            value = value.replace(str(folder), "{dir}")
        name = name.split("@")[0].rsplit(".", 2)[0] + "~" if name.endswith("~") else name
        plain[name] = (kind, mode, value)
    return plain
