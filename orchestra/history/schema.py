"""The tables of the history, the same in SQLite and PostgreSQL. ``migrations`` makes them; a test compares the two.

A run has a number for people and for the other tables, and a UUID that its journal knows. Times are UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

#: The revision of ``migrations`` that these tables are.
REVISION = "0001"
#: What a run may be: it goes on; came to its end; was stopped, or killed (then it has no exit status).
RUNNING, FINISHED, INTERRUPTED = "running", "finished", "interrupted"
DIGEST = 40


class Moment(TypeDecorator[datetime]):
    """A point in time: aware datetimes in Python, ``timestamptz`` in PostgreSQL, UTC text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """On its way to the database."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """On its way back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: SQLite numbers rows by themselves only where their type is INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _of_run() -> Column[int]:
    return Column("run", _Number, ForeignKey("runs.number", ondelete="CASCADE"), primary_key=True, autoincrement=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


runs = Table(
    "runs",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("started", Moment, nullable=False, index=True),
    Column("ended", Moment),
    #: None while it runs, and where it was killed.
    Column("exit", Integer),
    #: In a few words: the playbooks, or the pattern and the command of an ad hoc run.
    _text("what"),
    Column("argv", JSON, nullable=False),
    Column("playbooks", JSON, nullable=False),
    _text("folder"),
    _text("started_by"),
    _text("controller"),
    _text("version"),
    Column("check_mode", Boolean, nullable=False),
    _text("host_limit"),
    Column("tags", JSON, nullable=False),
    Column("skip_tags", JSON, nullable=False),
    #: Names alone.
    Column("extra_vars", JSON, nullable=False),
    Column("inventory", JSON, nullable=False),
    _text("revision"),
    _text("branch"),
    Column("dirty", Boolean),
    #: Faults that belong to no host.
    _text("fault"),
    _count("hosts"),
    _count("hosts_changed"),
    _count("hosts_failed"),
    _count("hosts_unreachable"),
    #: How many lines of the journal are here, and how many of them made no sense.
    _count("journal_lines"),
    _count("journal_damaged"),
    sqlite_autoincrement=True,  # the number of a run that is gone is nobody else's
)

plays = Table(
    "plays",
    metadata,
    _of_run(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("name"),
    _text("file"),
    _count("line"),
    _count("hosts"),
    Column("check_mode", Boolean, nullable=False),
    _text("strategy"),
)

tasks = Table(
    "tasks",
    metadata,
    _of_run(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _count("play"),
    _text("name"),
    _text("action"),
    _text("file"),
    _count("line"),
    _text("role"),
    Column("handler", Boolean, nullable=False),
    Column("no_log", Boolean, nullable=False),
)

hosts = Table(
    "hosts",
    metadata,
    _of_run(),
    Column("host", String(255), primary_key=True),
    _count("ok"),
    _count("changed"),
    _count("unreachable"),
    _count("failed"),
    _count("skipped"),
    _count("rescued"),
    _count("ignored"),
    Index("ix_hosts_host", "host", "run"),
)

results = Table(
    "results",
    metadata,
    _of_run(),
    #: The line of the journal: the order in which results came.
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("task", Integer, nullable=False),
    Column("host", String(255), nullable=False),
    #: None outside of loops and for a loop's sum.
    Column("item", Text),
    Column("state", String(12), nullable=False),
    Column("looped", Boolean, nullable=False),
    Column("ignored", Boolean, nullable=False),
    Column("check_mode", Boolean, nullable=False),
    Column("assumed", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    #: Seconds.
    Column("took", Double, nullable=False),
    Column("rc", BigInteger),
    _text("message"),
    _text("place"),
    _text("hint"),
    _text("delegated_to"),
    Column("full_message", String(DIGEST)),
    Column("stdout", String(DIGEST)),
    Column("stderr", String(DIGEST)),
    Column("diff", String(DIGEST)),
    Index("ix_results_host", "host", "run", "at"),
)

blobs = Table(
    "blobs",
    metadata,
    Column("digest", String(DIGEST), primary_key=True),
    #: Bytes before compression.
    Column("size", Integer, nullable=False),
    #: zlib's format.
    Column("data", LargeBinary, nullable=False),
)

run_blobs = Table(
    "run_blobs",
    metadata,
    _of_run(),
    Column("digest", String(DIGEST), ForeignKey("blobs.digest"), primary_key=True, index=True),
)

facts = Table(
    "facts",
    metadata,
    _of_run(),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("host", String(255), nullable=False),
    Column("at", Moment, nullable=False),
    #: The blob of facts that stay, and of those that change by themselves (the time, free memory ...).
    Column("steady", String(DIGEST), nullable=False),
    Column("changing", String(DIGEST), nullable=False),
    Index("ix_facts_host", "host", "run"),
)

files = Table(
    "files",
    metadata,
    _of_run(),
    Column("kind", String(20), primary_key=True),
    Column("path", String(1000), primary_key=True),
    #: SHA-256 of its content; of a folder, of all names and contents in it.
    Column("digest", String(64), nullable=False),
)
