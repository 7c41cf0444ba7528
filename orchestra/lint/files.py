"""Which files of a project are looked at, and what each is: by where it lies, and for playbooks by what it holds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from yaml import YAMLError
from yaml.nodes import MappingNode, Node

from orchestra.errors import LanguageError, OrchestraError, UsageError
from orchestra.language.yamlerrors import explain
from orchestra.language.yamlnodes import compose
from orchestra.language.yamltext import decode
from orchestra.lint.document import Document, get, items, mapping, texts

_ENDINGS = (".yml", ".yaml")
_PASSED_OVER = frozenset(
    (
        ".git",
        ".github",
        ".tox",
        ".venv",
        "venv",
        "node_modules",
        ".cache",
        "collections",
        "molecule",
        "files",
        "templates",
    )
)
#: Names of folders, and what the files in them are.
_KINDS = {
    "tasks": "tasks", "handlers": "handlers", "defaults": "vars", "vars": "vars", "group_vars": "vars",
    "host_vars": "vars", "meta": "other",
}  # fmt: skip
_INCLUDES = ("include_tasks", "import_tasks", "include")


class Collection:
    """The documents of one look, each file once; what could not be read is kept as problems."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.problems: list[OrchestraError] = []

    def add(self, path: Path, kind: str = "") -> Document | None:
        """Read a file; None where it can not be, or is a vault."""
        name = os.path.normpath(path)
        known = self.documents.get(name)
        if known is not None:
            if kind and known.kind == "other":
                known = self.documents[name] = replace(known, kind=kind)
            return known
        try:
            data = path.read_bytes()
            if data.startswith(b"$ANSIBLE_VAULT;"):
                return None
            text = decode(data, name)
            root = _composed(text, name)
        except OrchestraError as error:
            self.problems.append(error)
            return None
        except OSError as error:
            self.problems.append(LanguageError(f"cannot read {name}: {error.strerror}"))
            return None
        document = Document(name, kind or _kind(path, root), text, root, _role_of(path))
        self.documents[name] = document
        return document


def _composed(text: str, name: str) -> Node | None:
    try:
        return compose(text)
    except YAMLError as error:
        raise explain(error, text, name) from error


def _kind(path: Path, root: Node | None) -> str:
    for part in reversed(path.parts[:-1]):
        if part in _KINDS:
            return _KINDS[part]
    members = [one for one in items(root) if isinstance(one, MappingNode)]
    if any(get(one, "hosts") or any(key.endswith("import_playbook") for key in mapping(one)) for one in members):
        return "playbook"
    return "other"


def _role_of(path: Path) -> str:
    for parent in path.parents:
        role = parent.parent
        inside = parent.name in ("tasks", "handlers", "defaults", "vars", "meta") and role.name
        if inside and ((role / "tasks").is_dir() or role.parent.name == "roles"):
            return str(role)
    return ""


def collect(paths: Iterable[str]) -> Collection:
    """The documents of folders, and those of playbooks with all they use.

    Raises:
        UsageError: a path is not there.
    """
    found = Collection()
    for name in paths:
        path = Path(name)
        if not path.exists():
            raise UsageError(f"{name} does not exist")
        for file in _below(path) if path.is_dir() else [path]:
            found.add(file)
    _follow(found)
    return found


def _below(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(one for one in folders if one not in _PASSED_OVER and not one.startswith("."))
        for name in sorted(files):
            inside = {"group_vars", "host_vars"} & set(Path(root).parts)
            if name.endswith(_ENDINGS) or (inside and "." not in name):
                yield Path(root, name)


def _follow(found: Collection) -> None:
    """Add what is included and imported by plain names; a file that is brought in as tasks is one of tasks."""
    waiting = [(document, Path(document.path).parent) for document in found.documents.values()]
    seen: set[tuple[str, str]] = set()
    while waiting:
        document, base = waiting.pop()
        if (document.path, document.kind) in seen:
            continue
        seen.add((document.path, document.kind))
        for file, kind in _used_by(document, base):
            used = found.add(file, kind) if file.is_file() else None
            waiting += [(used, base)] if used is not None else []


def _used_by(document: Document, base: Path) -> Iterator[tuple[Path, str]]:
    here = Path(document.path).parent
    for play in document.plays:
        for key, value in mapping(play).items():
            if key.endswith("import_playbook"):
                yield from ((here / str(node.value), "playbook") for node in texts(value))
            elif key == "roles":
                for role in items(value):
                    named = get(role, "role") or get(role, "name") or role
                    yield from ((file, "") for node in texts(named) for file in _role_files(base, str(node.value)))
    for task in document.tasks:
        if task.action in _INCLUDES:
            name = (task.option_text("file") or task.free_form()).split(" ")[0]
            kind = "handlers" if task.handler else "tasks"
            yield from ((folder / name, kind) for folder in (here, base) if name)
        elif task.action in ("include_role", "import_role"):
            yield from ((file, "") for file in _role_files(base, task.option_text("name") or ""))


def _role_files(base: Path, name: str) -> Iterator[Path]:
    for folder in (base / "roles" / name, base / name):
        if name and (folder / "tasks").is_dir():
            yield from _below(folder)
            return
