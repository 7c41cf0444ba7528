"""Where public Ansible projects lie on this machine, and how both programs find what they ask of each other.

The projects are not ours and never part of this repository: $ORCHESTRA_PROJECTS names a folder with a checkout of each
(https://github.com/OWNER/NAME as OWNER+NAME). What they need of collections comes from $ANSIBLE_COLLECTIONS_PATH.
"""

import configparser
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

VARIABLE = "ORCHESTRA_PROJECTS"


def projects_folder() -> Path | None:
    """The folder with the checkouts; None where there is none."""
    named = os.environ.get(VARIABLE)
    return Path(named).resolve() if named and Path(named).is_dir() else None


@dataclass(frozen=True, slots=True)
class Layout:
    """How the projects lie for a run: what the environment says of it, and where each that is a collection stands."""

    environ: Mapping[str, str]
    collections: Mapping[Path, Path]

    def home(self, project: Path) -> Path:
        """The folder in which its playbooks are run: a collection's has to be below ``ansible_collections``."""
        return self.collections.get(project, project)

    def seen_from(self, home: Path) -> Mapping[str, str]:
        """The environment for a run there: its own configuration's folders of roles come before the laid out ones."""
        configured = configparser.ConfigParser(interpolation=None, strict=False)
        configured.read(home / "ansible.cfg", encoding="utf-8")
        own = configured.get("defaults", "roles_path", fallback="").split(":")
        paths = [str(home / path.strip()) for path in own if path.strip()]
        return {**self.environ, "ANSIBLE_ROLES_PATH": ":".join([*paths, self.environ["ANSIBLE_ROLES_PATH"]])}


def lay_out(sources: Path, folder: Path) -> Layout:
    """Put all collections and roles into ``folder`` under their own names.

    Collections are copied: ansible-core takes the name of a playbook's collection from its real path.
    """
    projects = sorted(path for path in sources.iterdir() if path.is_dir())
    for path, target in filter(None, map(_role, projects)):
        (folder / "roles").mkdir(parents=True, exist_ok=True)
        (folder / "roles" / path).symlink_to(target)
    places = {}
    for project in projects:
        for root, name in _collections(project):
            places[project] = folder / "collections/ansible_collections" / name
            shutil.copytree(root, places[project], symlinks=True, ignore=shutil.ignore_patterns(".git"))
    collections = [str(folder / "collections"), os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")]
    environ = {
        "ANSIBLE_COLLECTIONS_PATH": ":".join(filter(None, collections)),
        "ANSIBLE_ROLES_PATH": str(folder / "roles"),
    }
    return Layout(environ, places)


def _collections(project: Path) -> Iterator[tuple[Path, str]]:
    """The collections that a checkout holds, and each one's place below ``ansible_collections``."""
    for declaration in sorted([*project.glob("galaxy.yml"), *project.glob("*/galaxy.yml")]):
        declared = _read(declaration)
        if {"namespace", "name"} <= declared.keys():
            yield declaration.parent, f"{declared['namespace']}/{declared['name']}"


def _role(project: Path) -> tuple[str, Path] | None:
    """The name under which a project that is a role is known, and where it lies."""
    information = _read(project / "meta/main.yml").get("galaxy_info")
    if not information:
        return None
    owner, _, name = project.name.partition("+")
    short = information.get("role_name") or name.removeprefix("ansible-").removeprefix("role-")
    return f"{information.get('namespace') or owner.lower()}.{short}", project


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}
