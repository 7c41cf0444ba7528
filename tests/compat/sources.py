"""Where public Ansible projects lie on this machine, and how both programs find what they ask of each other.

The projects are not ours and never part of this repository: $ORCHESTRA_PROJECTS names a folder with a checkout of each
(https://github.com/OWNER/NAME as OWNER+NAME). What they need of collections comes from $ANSIBLE_COLLECTIONS_PATH.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

VARIABLE = "ORCHESTRA_PROJECTS"


def projects_folder() -> Path | None:
    """The folder with the checkouts; None where there is none."""
    named = os.environ.get(VARIABLE)
    return Path(named).resolve() if named and Path(named).is_dir() else None


def lay_out(sources: Path, folder: Path) -> Mapping[str, str]:
    """Link all collections and roles into ``folder`` under their own names; the environment that says so."""
    for path, target in _links(sources, folder):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_symlink():
            path.symlink_to(target)
    collections = [str(folder / "collections"), os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")]
    return {
        "ANSIBLE_COLLECTIONS_PATH": ":".join(filter(None, collections)),
        "ANSIBLE_ROLES_PATH": str(folder / "roles"),
    }


def _links(sources: Path, folder: Path) -> Iterator[tuple[Path, Path]]:
    for project in sorted(path for path in sources.iterdir() if path.is_dir()):
        declared = _read(project / "galaxy.yml")
        if {"namespace", "name"} <= declared.keys():
            yield folder / "collections/ansible_collections" / declared["namespace"] / declared["name"], project
        information = _read(project / "meta/main.yml").get("galaxy_info")
        if information:
            owner, _, name = project.name.partition("+")
            short = information.get("role_name") or name.removeprefix("ansible-").removeprefix("role-")
            yield folder / "roles" / f"{information.get('namespace') or owner.lower()}.{short}", project


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}
