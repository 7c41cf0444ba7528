"""What a run was made from: git's revision of the project, and what the files that it reads contained.

All of it is found out by the thread that writes the journal, beside the run. Must not know events.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from orchestra.history import entries
from orchestra.history.entries import line_of
from orchestra.history.secrecy import without_credentials

#: Seconds that git may take beyond the run.
_PATIENCE = 0.25
#: Files of a folder that are looked into, and bytes of one.
_MAX_FILES, _MAX_BYTES = 2000, 16 << 20
_STATUS = ("status", "--porcelain=v2", "--branch", "--untracked-files=no")
_VARIABLES = ("group_vars", "host_vars")


class Surroundings:
    """Answers for one run: started in ``folder``, of ``playbooks``, with the sources ``inventory``."""

    def __init__(self, folder: str, playbooks: Sequence[str], inventory: Sequence[str]) -> None:
        self._folder = folder
        self._playbooks = [os.path.join(folder, path) for path in playbooks if path]
        self._inventory = [source for source in inventory if os.path.isabs(source)]
        self._git: subprocess.Popen[bytes] | None = None
        self._seen: set[str] = set()

    def begin(self) -> Iterator[str]:
        """Start git, which answers at the end; tell of playbooks, inventory and the variables beside them."""
        base = os.path.dirname(self._playbooks[0]) if self._playbooks else self._folder
        self._git = start_git(base, *_STATUS) if is_checkout(base) else None
        self._base = base
        for path in self._playbooks:
            yield from self.answer(("playbook", path))
        for path in self._inventory:
            yield from self.answer(("inventory", path))
        for folder in dict.fromkeys(map(os.path.dirname, (*self._playbooks, *self._inventory))):
            for name in _VARIABLES:
                yield from self.answer(("variables", os.path.join(folder, name)))

    def answer(self, question: tuple[str, str]) -> Iterator[str]:
        """The digest of a file or folder; nothing where there is none."""
        kind, path = question
        digest = None if path in self._seen else content_digest(path)
        self._seen.add(path)
        if digest:
            yield line_of([entries.FILE, kind, without_credentials(path), digest])

    def end(self) -> Iterator[str]:
        """What git said."""
        if self._git is None:
            return
        try:
            output, _ = self._git.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:  # a large checkout: at least the revision is known at once
            self._git.kill()
            self._git.communicate()
            revision = _answer_of(start_git(self._base, "rev-parse", "HEAD"))
            if revision:
                yield line_of([entries.REVISION, revision.strip(), "", None])
            return
        if self._git.returncode == 0:
            yield line_of([entries.REVISION, *read_status(output.decode(errors="replace"))])


def is_checkout(folder: str) -> bool:
    """Say whether git's data are in a folder or above it; cheaper than to ask git."""
    folder = os.path.abspath(folder)
    while not os.path.exists(os.path.join(folder, ".git")):
        folder, before = os.path.dirname(folder), folder
        if folder == before:
            return False
    return True


def start_git(folder: str, *words: str) -> subprocess.Popen[bytes] | None:
    """Start git in a folder; None where there is no git. It writes nothing and runs no hook."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        return subprocess.Popen(
            ["git", "-c", "core.fsmonitor=false", *words],
            cwd=folder,
            env={**environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None


def _answer_of(process: subprocess.Popen[bytes] | None) -> str:
    if process is None:
        return ""
    try:
        output, _ = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
    return output.decode(errors="replace") if process.returncode == 0 else ""


def read_status(output: str) -> tuple[str, str, bool]:
    """Revision, branch, and whether known files differ from them; of ``git status --porcelain=v2 --branch``."""
    lines = output.splitlines()
    heads = dict(line[2:].partition(" ")[::2] for line in lines if line.startswith("# "))
    revision, branch = heads.get("branch.oid", ""), heads.get("branch.head", "")
    revision = "" if revision.startswith("(") else revision
    return revision, "" if branch.startswith("(") else branch, any(not line.startswith("#") for line in lines)


def content_digest(path: str) -> str:
    """SHA-256 of a file's content, or of all names and contents in a folder; "" where nothing can be read."""
    if os.path.isdir(path):
        return _folder_digest(path)
    digest = sha256()
    return digest.hexdigest() if _add_file(digest, path) else ""


def _folder_digest(folder: str) -> str:
    digest = sha256()
    found = False
    for path in _files_below(folder):
        digest.update(os.fsencode(os.path.relpath(path, folder)) + b"\0")
        found = _add_file(digest, path) or found
    return digest.hexdigest() if found else ""


def _files_below(folder: str) -> Iterable[str]:
    """The files below a folder, in order, none of a hidden folder; no more than is sensible."""
    found: list[str] = []
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += (os.path.join(base, name) for name in sorted(names))
        if len(found) >= _MAX_FILES:
            break
    return found[:_MAX_FILES]


def _add_file(digest: object, path: str) -> bool:
    with contextlib.suppress(OSError):
        if os.path.isfile(path):  # a named pipe would make us wait
            with open(path, "rb") as file:
                digest.update(file.read(_MAX_BYTES))  # type: ignore[attr-defined]
            return True
    return False
