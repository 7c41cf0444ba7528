"""Public Ansible projects, read by ansible-playbook and by orchestra: do both accept them, and list the same tasks?

ORCHESTRA_PROJECTS=FOLDER python3 -m tests.compat.reading --peer .peer/bin/ansible-playbook [--most 20] [--only NAME]
"""

import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.compat.sources import VARIABLE, Layout, lay_out, projects_folder

ASKED = ("--syntax-check", "--list-tasks")
SKIPPED_FOLDERS = {
    "roles", "tasks", "handlers", "vars", "defaults", "templates", "files", "meta", "group_vars", "host_vars",
    "molecule", "tests", ".git", ".github", "collections", "library", "plugins",
}  # fmt: skip
TAGS = re.compile(r"TAGS: \[(.*)\]")
LIST = re.compile(r"\A(\s*(#.*|---.*|%.*)?\n)*- ")  # an inventory has hosts too, and is a mapping
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
    def lenient(self) -> bool:
        """Only a module that is not installed keeps ansible-playbook from reading it; orchestra warns and reads on."""
        return not self.ours.status and "couldn't resolve module/action" in self.theirs.err

    @property
    def equal(self) -> bool:
        """Both refuse, or both accept and print the same."""
        if self.theirs.status or self.ours.status:
            return bool(self.theirs.status) == bool(self.ours.status)
        return _settled(self.theirs.out) == _settled(self.ours.out)

    def difference(self) -> str:
        """The lines that tell what differs, for a reader."""
        if bool(self.theirs.status) != bool(self.ours.status):
            refused = self.ours if self.ours.status else self.theirs
            who = "orchestra" if self.ours.status else "ansible-playbook"
            return f"only {who} refuses ({refused.status}):\n{refused.err[-2000:]}"
        lines = difflib.unified_diff(
            _settled(self.theirs.out), _settled(self.ours.out), "ansible-playbook", "orchestra", "", "", 0, ""
        )
        return "\n".join(lines)


def _settled(listing: str) -> list[str]:
    """Its lines; tags that an import adds come in the order of a set, another one in each run of ansible-playbook."""
    return [TAGS.sub(lambda found: f"TAGS: {sorted(found[1].split(','))}", line) for line in listing.splitlines()]


def playbooks(project: Path) -> Iterator[Path]:
    """Files of the project that hold plays, outside the folders where none are meant to stand alone."""
    for path in sorted([*project.rglob("*.yml"), *project.rglob("*.yaml")]):
        inside = path.relative_to(project)
        beside = SKIPPED_FOLDERS.isdisjoint(inside.parts[:-1]) and path.is_file()
        text = path.read_text(encoding="utf-8", errors="replace") if beside else ""
        if LIST.match(text) and PLAY.search(text):
            yield inside


@dataclass(frozen=True, slots=True)
class Reader:
    """Asks both programs the same; the layout tells them where collections and roles are."""

    peer: Path
    layout: Layout

    def compare(self, project: Path, most: int) -> list[Comparison]:
        """All questions about ``most`` of the project's playbooks, taken evenly from all of them."""
        home = self.layout.home(project)
        found = list(playbooks(home))
        chosen = found[:: max(1, -(-len(found) // most))]
        wanted = [(playbook, question) for playbook in chosen for question in ASKED]
        with ThreadPoolExecutor(max_workers=2) as pool:
            return list(pool.map(lambda pair: self._pair(home, *pair), wanted))

    def _pair(self, project: Path, playbook: Path, question: str) -> Comparison:
        arguments = [question, "-i", "localhost,", str(playbook)]
        ours = [sys.executable, "-m", "orchestra", "play", "--output", "ansible", *arguments]
        theirs = [str(self.peer), *arguments]
        return Comparison(playbook, question, self._ask(project, theirs), self._ask(project, ours))

    def _ask(self, project: Path, command: Sequence[str]) -> Answer:
        said = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_DEPRECATION_WARNINGS": "0"}
        environ = {**os.environ, **self.layout.seen_from(project), **said}
        done = subprocess.run(
            command, cwd=project, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300
        )
        return Answer(done.returncode, done.stdout, done.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--peer", type=Path, required=True, help="ansible-playbook of ansible-core 2.19")
    parser.add_argument("--most", type=int, default=1000, help="playbooks of each project (default: all)")
    parser.add_argument("--only", default="", help="projects whose name holds this text")
    chosen = parser.parse_args()
    sources = projects_folder()
    if sources is None:
        parser.error(f"{VARIABLE} must name a folder with the projects' sources")
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(chosen.peer.resolve(), lay_out(sources, Path(folder)))
        names = sorted(path.name for path in sources.iterdir() if chosen.only in path.name)
        return max([_report(reader, sources / name, chosen.most) for name in names], default=0)


def _report(reader: Reader, project: Path, most: int) -> int:
    """Print how one project went; 1 if both differ anywhere."""
    rows = reader.compare(project, most)
    differing = [row for row in rows if not (row.equal or row.lenient)]
    if rows:
        accepted = sum(not row.theirs.status for row in rows)
        lenient = sum(row.lenient for row in rows)
        alike = len(rows) - len(differing) - lenient
        counts = f"{len(rows)} asked, {alike} equal ({accepted} accepted), {lenient} read by us alone"
        print(f"{project.name}: {counts}", flush=True)
    for row in differing:
        print(f"  {row.playbook} {row.question}: {row.difference()}\n", flush=True)
    return int(bool(differing))


if __name__ == "__main__":
    sys.exit(main())
