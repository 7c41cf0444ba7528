"""Which collections and roles lie in the folders of a configuration; ``ansible-galaxy``'s two listings."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

_UNKNOWN = "*"


def list_collections(folders: Sequence[str], wanted: str = "") -> str:
    """A table for each folder that holds collections; ``wanted`` is the name of one."""
    parts: list[str] = []
    for folder in folders:
        root = Path(folder)
        root = root if root.name == "ansible_collections" else root / "ansible_collections"
        rows = [row for row in _collections(root) if wanted in ("", row[0])]
        if rows:
            parts.append(_table(str(root), rows))
    return "\n".join(parts)


def _collections(root: Path) -> Iterator[tuple[str, str]]:
    for manifest in sorted(_below(root, 2)):
        if (manifest / "MANIFEST.json").is_file() or (manifest / "galaxy.yml").is_file():
            yield f"{manifest.parent.name}.{manifest.name}", _version(manifest)


def _below(root: Path, depth: int) -> Iterable[Path]:
    return (path for path in root.glob("/".join("*" * depth)) if path.is_dir())


def _version(collection: Path) -> str:
    try:
        data = json.loads((collection / "MANIFEST.json").read_text(encoding="utf-8"))
        return str(data["collection_info"]["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return _from_galaxy_yml(collection / "galaxy.yml")


def _from_galaxy_yml(path: Path) -> str:
    from orchestra.language.yamltext import load_file

    if not path.is_file():
        return _UNKNOWN
    data: Any = load_file(str(path))
    return str(data.get("version") or _UNKNOWN) if isinstance(data, dict) else _UNKNOWN


def _table(title: str, rows: Sequence[tuple[str, str]]) -> str:
    names = max(len("Collection"), *(len(name) for name, _ in rows))
    versions = max(len("Version"), *(len(version) for _, version in rows))
    lines = [f"{name:<{names}} {version:<{versions}}" for name, version in (("Collection", "Version"), *rows)]
    return "\n".join(["", f"# {title}", lines[0], f"{'-' * names} {'-' * versions}", *lines[1:]])


def list_roles(folders: Sequence[str], wanted: str = "") -> str:
    """The roles of each folder that there is, with their versions."""
    lines: list[str] = []
    for folder in filter(os.path.isdir, folders):
        lines.append(f"# {folder}")
        for path in sorted(_below(Path(folder), 1)):
            if (path / "meta").is_dir() and wanted in ("", path.name):
                lines.append(f"- {path.name}, {_role_version(path)}")
    return "\n".join(lines)


def _role_version(role: Path) -> str:
    from orchestra.language.yamltext import load_file

    info = role / "meta" / ".galaxy_install_info"
    data: Any = load_file(str(info)) if info.is_file() else None
    return str((data.get("version") if isinstance(data, dict) else None) or "(unknown version)")
