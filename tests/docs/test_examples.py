"""The manual's examples are run: what a page shows is what happens."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from orchestra.testing.lab import Lab, running_lab
from tests.docs.markdown import Command, Example, commands, examples, matches

ROOT = Path(__file__).parent.parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "inventories/README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
MODULES = sorted((ROOT / "docs/modules").glob("*.md"))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("docs") / "lab"
    with running_lab(folder, 3) as lab:
        yield lab


@pytest.fixture
def project(tmp_path: Path, lab: Lab) -> Iterator[Path]:
    """A folder with the checkout's playbooks and inventories and, as .lab, three hosts that answer."""
    for name in ("playbooks", "inventories"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / ".lab").symlink_to(lab.directory)
    yield tmp_path
    for host in lab.hosts:
        shutil.rmtree(host.home)
        host.home.mkdir()


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORCHESTRA_", "ANSIBLE_"))}
    path = f"{Path(sys.executable).parent}:{kept['PATH']}"
    state = str(home / ".local/state")
    return {**kept, "PATH": path, "HOME": str(home), "XDG_STATE_HOME": state, "NO_COLOR": "1", "COLUMNS": "100"}


def run(text: str, folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        ["bash", "-c", text],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout


def where(page: Path, example: Example) -> str:
    return f"{page.relative_to(ROOT)}:{example.line}"


@pytest.mark.integration
@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.exists()], ids=lambda page: str(page.relative_to(ROOT))
)
def test_what_a_page_shows_is_what_happens(page: Path, project: Path) -> None:
    wrong = []
    for example in examples(page):
        if example.file:
            (project / example.file).parent.mkdir(parents=True, exist_ok=True)
            (project / example.file).write_text(example.text, encoding="utf-8")
        for command in commands(example) if example.language == "console" else ():
            wrong += [f"{where(page, example)}: {text}" for text in problems(example, command, project)]
    assert not wrong, "\n".join(wrong)


def problems(example: Example, command: Command, project: Path) -> Iterator[str]:
    """What is not as a page shows it: an option that there is none of, a status, a line of the output."""
    for unknown in unknown_options(command):
        yield f"{command.text}\nhas no {unknown}"
    if "norun" in example.words:
        return
    status, output = run(command.text, project)
    shown = f"$ {command.text}\n{output}"
    if status != command.status:
        yield f"{shown}\nended with {status} instead of {command.status}"
    lines = output.splitlines()
    missing = [line for line in command.expected if not any(matches(line, one) for one in lines)]
    if missing:
        yield f"{shown}\nlacks: {missing}"


def unknown_options(command: Command) -> Iterator[str]:
    """Options of its orchestra command lines that do not exist."""
    for words in orchestra_calls(command.text):
        help_text, rest = help_of(tuple(words))
        known = set(re.findall(r"(?<![\w-])--?[\w-]+", help_text))
        given = [word.split("=")[0] for word in rest if re.match(r"--?[a-zA-Z]", word)]
        yield from (word for word in given if word not in known and not (word[:2] in known and word[1] != "-"))


def orchestra_calls(text: str) -> list[list[str]]:
    """The words behind each ``orchestra`` of a command line, up to its end or a lone ``--``."""
    found: list[list[str]] = []
    for part in re.split(r"&&|\||;|\n(?!\s)", text.replace("\\\n", " ")):
        words = shlex.split(part, comments=True)
        if words[:1] == ["orchestra"]:
            found.append(words[1 : words.index("--") if "--" in words else None])
    return found


@cache
def help_of(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The help of the command that ``words`` begin with, and the words after its name."""
    if not words or words[0].startswith("-"):
        return _help(), words
    depth = 2 if words[0] in ("vault", "history") else 1
    return _help(*words[:depth]), words[depth:]


@cache
def _help(*names: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "orchestra", *names, "--help"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, f"orchestra {' '.join(names)} --help: {done.stderr}"
    return done.stdout


@pytest.mark.parametrize("page", [*PAGES, *MODULES], ids=lambda page: str(page.relative_to(ROOT)))
def test_data_is_well_formed(page: Path) -> None:
    for example in examples(page):
        if example.language == "yaml" and "template" not in example.words:
            assert list(yaml.compose_all(example.text)), where(page, example)


def test_playbooks_and_tasks_are_understood(tmp_path: Path) -> None:
    """Those that name no file of their own; one call for all pages, the problems tell which."""
    (tmp_path / "roles").symlink_to(ROOT / "playbooks/roles")
    (tmp_path / "common.yml").write_text("[]\n")  # what the page of import_tasks brings in
    paths = []
    for page in [*PAGES, *MODULES]:
        for example in examples(page):
            if example.language == "yaml" and {"tasks", "playbook"} & set(example.words) and not example.file:
                path = tmp_path / f"{page.stem}-{example.line}.yml"
                path.write_text(as_playbook(example), encoding="utf-8")
                paths.append(path)
    assert paths
    done = subprocess.run(
        [sys.executable, "-m", "orchestra", "play", "--syntax-check", "-i", "localhost,", *map(str, paths)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    assert "is not part of Orchestra" not in done.stderr


def as_playbook(example: Example) -> str:
    if "playbook" in example.words:
        return example.text
    indented = "".join(f"    {line}" if line.strip() else line for line in example.text.splitlines(keepends=True))
    return f"- hosts: all\n  tasks:\n{indented}"


@pytest.mark.parametrize("page", [*PAGES, *MODULES], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target and not target.startswith("#"):
            name, _, anchor = target.partition("#")
            found = page.parent / name
            assert found.exists(), f"{page.relative_to(ROOT)} links to {target}, which is not there"
            if anchor and found.suffix == ".md":
                assert anchor in anchors(found), f"{page.relative_to(ROOT)}: {name} has no heading for #{anchor}"


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
