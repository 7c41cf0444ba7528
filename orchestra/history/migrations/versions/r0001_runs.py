"""Runs with their plays, tasks, hosts, results, texts, facts and files.

This is what the tables were then, written out: it does not follow ``schema``, which is what they are now.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_Moment = sa.DateTime(timezone=True)
_DIGEST = sa.String(40)


def upgrade() -> None:
    """Make the tables."""
    _make_runs()
    _make_plays_and_tasks()
    _make_hosts()
    _make_results()
    _make_blobs()
    _make_facts_and_files()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _must(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _of_run(table: str, *keys: str) -> list[sa.schema.SchemaItem]:
    """The run that a row belongs to and goes with, and the key that the rest of it makes."""
    return [
        sa.Column("run", _Number, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.number"], name=f"fk_{table}_run", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run", *keys, name=f"pk_{table}"),
    ]


def _make_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("number", _Number, autoincrement=True, nullable=False),
        _must("uuid", sa.String(36)),
        _must("kind", sa.String(20)),
        _must("state", sa.String(20)),
        _must("started", _Moment),
        sa.Column("ended", _Moment),
        sa.Column("exit", sa.Integer),
        _text("what"),
        _must("argv", sa.JSON),
        _must("playbooks", sa.JSON),
        _text("folder"),
        _text("started_by"),
        _text("controller"),
        _text("version"),
        _must("check_mode", sa.Boolean),
        _text("host_limit"),
        *(_must(name, sa.JSON) for name in ("tags", "skip_tags", "extra_vars", "inventory")),
        _text("revision"),
        _text("branch"),
        sa.Column("dirty", sa.Boolean),
        _text("fault"),
        *(_count(name) for name in ("hosts", "hosts_changed", "hosts_failed", "hosts_unreachable")),
        _count("journal_lines"),
        _count("journal_damaged"),
        sa.PrimaryKeyConstraint("number", name="pk_runs"),
        sa.UniqueConstraint("uuid", name="uq_runs_uuid"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_runs_started", "runs", ["started"])


def _make_plays_and_tasks() -> None:
    op.create_table(
        "plays",
        *_of_run("plays", "number"),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        _text("name"),
        _text("file"),
        _count("line"),
        _count("hosts"),
        _must("check_mode", sa.Boolean),
        _text("strategy"),
    )
    op.create_table(
        "tasks",
        *_of_run("tasks", "number"),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        _count("play"),
        _text("name"),
        _text("action"),
        _text("file"),
        _count("line"),
        _text("role"),
        _must("handler", sa.Boolean),
        _must("no_log", sa.Boolean),
    )


def _make_hosts() -> None:
    counts = ("ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored")
    op.create_table("hosts", *_of_run("hosts", "host"), _must("host", sa.String(255)), *map(_count, counts))
    op.create_index("ix_hosts_host", "hosts", ["host", "run"])


def _make_results() -> None:
    op.create_table(
        "results",
        *_of_run("results", "line"),
        sa.Column("line", sa.Integer, autoincrement=False, nullable=False),
        _must("task", sa.Integer),
        _must("host", sa.String(255)),
        sa.Column("item", sa.Text),
        _must("state", sa.String(12)),
        *(_must(name, sa.Boolean) for name in ("looped", "ignored", "check_mode", "assumed")),
        _must("at", _Moment),
        _must("took", sa.Double),
        sa.Column("rc", sa.BigInteger),
        *map(_text, ("message", "place", "hint", "delegated_to")),
        *(sa.Column(name, _DIGEST) for name in ("full_message", "stdout", "stderr", "diff")),
    )
    op.create_index("ix_results_host", "results", ["host", "run", "at"])


def _make_blobs() -> None:
    op.create_table(
        "blobs",
        _must("digest", _DIGEST),
        _must("size", sa.Integer),
        _must("data", sa.LargeBinary),
        sa.PrimaryKeyConstraint("digest", name="pk_blobs"),
    )
    op.create_table(
        "run_blobs",
        *_of_run("run_blobs", "digest"),
        _must("digest", _DIGEST),
        sa.ForeignKeyConstraint(["digest"], ["blobs.digest"], name="fk_run_blobs_digest"),
    )
    op.create_index("ix_run_blobs_digest", "run_blobs", ["digest"])


def _make_facts_and_files() -> None:
    op.create_table(
        "facts",
        *_of_run("facts", "line"),
        sa.Column("line", sa.Integer, autoincrement=False, nullable=False),
        _must("host", sa.String(255)),
        _must("at", _Moment),
        _must("steady", _DIGEST),
        _must("changing", _DIGEST),
    )
    op.create_index("ix_facts_host", "facts", ["host", "run"])
    op.create_table(
        "files",
        *_of_run("files", "kind", "path"),
        _must("kind", sa.String(20)),
        _must("path", sa.String(1000)),
        _must("digest", sa.String(64)),
    )
