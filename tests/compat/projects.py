"""Public Ansible projects, read by ansible-playbook and by orchestra: do both accept them, and list the same tasks?

    python3 -m tests.compat.projects SOURCES --peer .peer/bin/ansible-playbook [--most 20] [--only NAME] [--quiet]

SOURCES is a folder with a checkout of each project (any names). They are not ours and never part of this repository.
"""

import argparse
import difflib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ASKED = ("--syntax-check", "--list-tasks")
SKIPPED_FOLDERS = {
    "roles", "tasks", "handlers", "vars", "defaults", "templates", "files", "meta", "group_vars", "host_vars",
    "molecule", "tests", ".git", ".github", "collections", "library", "plugins",
}  # fmt: skip
PLAY = re.compile(r"^(- |  )(ansible\.builtin\.)?(hosts|import_playbook):", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one program said of one playbook: exit status, standard output, standard error."""

    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both programs on one playbook, for one question."""

    playbook: Path
    question: str
    theirs: Answer
    ours: Answer

    @property
    def equal(self) -> bool:
        """Both refuse, or both accept and print the same."""
        if self.theirs.status or self.ours.status:
            return bool(self.theirs.status) == bool(self.ours.status)
        return self.theirs.out == self.ours.out

    def difference(self) -> str:
        """The lines that tell what differs, for a reader."""
        if bool(self.theirs.status) != bool(self.ours.status):
            refused = self.ours if self.ours.status else self.theirs
            who = "orchestra" if self.ours.status else "ansible-playbook"
            return f"only {who} refuses ({refused.status}):\n{refused.err[-2000:]}"
        lines = difflib.unified_diff(
            self.theirs.out.splitlines(), self.ours.out.splitlines(), "ansible-playbook", "orchestra", "", "", 0, ""
        )
        return "\n".join(lines)


def playbooks(project: Path) -> Iterator[Path]:
    """Files of the project that hold plays, outside the folders where none are meant to stand alone."""
    for path in sorted([*project.rglob("*.yml"), *project.rglob("*.yaml")]):
        inside = path.relative_to(project)
        beside = SKIPPED_FOLDERS.isdisjoint(inside.parts[:-1]) and path.is_file()
        if beside and PLAY.search(path.read_text(encoding="utf-8", errors="replace")):
            yield inside


def compare(project: Path, playbook: Path, question: str, peer: Path) -> Comparison:
    """Ask both programs the same question about one playbook."""
    arguments = [question, "-i", "localhost,", str(playbook)]
    ours = [sys.executable, "-m", "orchestra", "play", "--output", "ansible", *arguments]
    return Comparison(playbook, question, _ask(project, [str(peer), *arguments]), _ask(project, ours))


def _ask(project: Path, command: Sequence[str]) -> Answer:
    environ = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_DEPRECATION_WARNINGS": "0", "ANSIBLE_FORCE_COLOR": "0"}
    done = subprocess.run(
        command, cwd=project, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def compare_project(project: Path, peer: Path, most: int) -> list[Comparison]:
    """All questions about the project's first ``most`` playbooks."""
    wanted = [(playbook, question) for playbook in list(playbooks(project))[:most] for question in ASKED]
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(lambda pair: compare(project, *pair, peer), wanted))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("sources", type=Path)
    parser.add_argument("--peer", type=Path, required=True, help="ansible-playbook of ansible-core 2.19")
    parser.add_argument("--most", type=int, default=1000, help="playbooks of each project (default: all)")
    parser.add_argument("--only", default="", help="projects whose name holds this text")
    parser.add_argument("--quiet", action="store_true", help="only the line for each project")
    chosen = parser.parse_args()
    worst = 0
    for project in sorted(path for path in chosen.sources.iterdir() if path.is_dir() and chosen.only in path.name):
        rows = compare_project(project.resolve(), chosen.peer.resolve(), chosen.most)
        differing = [row for row in rows if not row.equal]
        accepted = sum(not row.theirs.status for row in rows)
        print(f"{project.name}: {len(rows) - len(differing)} of {len(rows)} equal ({accepted} accepted)", flush=True)
        for row in [] if chosen.quiet else differing:
            print(f"  {row.playbook} {row.question}: {row.difference()}\n", flush=True)
        worst |= bool(differing)
    return worst


if __name__ == "__main__":
    sys.exit(main())
