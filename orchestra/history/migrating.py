"""Brings tables from one revision to another, by Alembic; imported only when there is something to do."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

_SCRIPTS = Path(__file__).parent / "migrations"


def _config(scripts: Path | None) -> Config:
    config = Config()
    # Alembic's options go through configparser, where a per cent sign begins a reference.
    config.set_main_option("script_location", str(scripts or _SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def knows(revision: str, scripts: Path | None = None) -> bool:
    """Say whether a revision is one of ours."""
    directory = ScriptDirectory.from_config(_config(scripts))
    return revision in {script.revision for script in directory.walk_revisions()}


def migrate(connection: Connection, scripts: Path | None, target: str) -> None:
    """Bring the tables to ``target``, within the connection's transaction."""
    config = _config(scripts)
    config.attributes["connection"] = connection
    command.upgrade(config, target)
