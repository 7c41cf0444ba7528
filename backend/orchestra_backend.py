"""Builds Orchestra's wheels: what setuptools builds, and beside it what lies in ``site/``.

Those files belong into the folder of installed packages itself: a ``.pth`` file, which no setting of setuptools puts
there, and the module that it names. Every way to install (wheel, editable, from the source archive) comes through here.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403 - the other hooks of a build backend are setuptools' own

_SITE = Path(__file__).parent / "site"


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """The hook of PEP 517: builds the wheel into the folder and returns its file name."""
    name = build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    _complete(Path(wheel_directory, name))
    return name


def build_editable(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """The hook of PEP 660: the same for an installation that works from the checkout."""
    name = build_meta.build_editable(wheel_directory, config_settings, metadata_directory)
    _complete(Path(wheel_directory, name))
    return name


def _complete(wheel: Path) -> None:
    """Write the wheel again with the files of ``site/`` in it and in its RECORD, which comes last as it has to."""
    fresh = wheel.with_suffix(".fresh")
    with ZipFile(wheel) as old, ZipFile(fresh, "w", ZIP_DEFLATED) as new:
        *others, record = sorted(old.infolist(), key=lambda one: one.filename.endswith(".dist-info/RECORD"))
        for one in others:
            new.writestr(one, old.read(one))
        lines = old.read(record).decode()
        for path, data in _files():
            new.writestr(_entry(path, like=record), data)
            lines += _line(path, data)
        new.writestr(record, lines)
    os.replace(fresh, wheel)


def _files() -> Iterator[tuple[str, bytes]]:
    for path in sorted(_SITE.iterdir()):
        if path.suffix in (".py", ".pth"):
            yield path.name, path.read_bytes()


def _entry(path: str, like: ZipInfo) -> ZipInfo:
    """The time is that of the rest, which SOURCE_DATE_EPOCH may have fixed."""
    entry = ZipInfo(path, like.date_time)
    entry.external_attr = like.external_attr
    entry.compress_type = ZIP_DEFLATED
    return entry


def _line(path: str, data: bytes) -> str:
    """A line of RECORD: path, digest, size (Python Packaging User Guide, "Recording installed projects")."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow((path, f"sha256={digest}", len(data)))
    return line.getvalue()
