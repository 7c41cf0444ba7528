"""What ``--version`` of Ansible's commands says: its form, and the truth about who answers."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.metadata import version as installed
from pathlib import Path

from orchestra import __version__
from orchestra.settings import Settings


def version_text(tool: str, settings: Settings, language: tuple[int, int, int]) -> str:
    """The lines that programs read; ``language`` is the ansible-core whose language is spoken."""
    core = ".".join(map(str, language))
    rows = {
        "config file": settings.config_file or None,
        "configured module search path": list(settings.library),
        "ansible python module location": str(Path(__file__).parent.parent),
        "ansible collection location": os.pathsep.join(settings.collections_path),
        "executable location": shutil.which(tool) or sys.argv[0],
        "python version": f"{sys.version.replace(chr(10), '')} ({sys.executable})",
        "jinja version": installed("jinja2"),
        "pyyaml version": installed("pyyaml"),
        "implementation": f"Orchestra {__version__}, which speaks the language of ansible-core {core}",
    }
    return "\n".join([f"{tool} [core {core}]", *(f"  {name} = {value}" for name, value in rows.items())])
