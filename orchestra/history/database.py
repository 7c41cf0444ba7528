"""Opens the database of the history, embedded or by URL, and brings its tables up to date.

The only place that knows how SQLite and PostgreSQL differ.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from orchestra.errors import OrchestraError
from orchestra.history.places import Places, make_folders
from orchestra.history.schema import REVISION
from orchestra.history.secrecy import without_credentials
from orchestra.settings.settings import Settings

_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
#: Seconds: to connect, to wait for a lock, for one statement; milliseconds without an answer on a connection.
_CONNECT, _LOCK, _STATEMENT, _SILENCE = 10, 20, 120, 30_000
#: The number of the lock that is held while tables change.
_MIGRATING = 6_724_701
_LATER = "the history database was made by a later Orchestra"


class NoDatabase(OrchestraError):
    """The database cannot be used: not reached, not understood, of a later version."""


class Database:
    """An open history. ``reading`` and ``writing`` are transactions; errors of the database become NoDatabase."""

    def __init__(self, engine: Engine, shown: str) -> None:
        self.engine = engine
        #: How the database is called in messages; no password is in it.
        self.shown = shown

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only looks. Raises NoDatabase."""
        with self._told(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction; what it did counts when it comes to its end.

        Raises:
            NoDatabase: the database is at fault. IntegrityError, DataError: the rows are.
        """
        with self._told(), self.engine.connect() as connection:
            connection.execution_options(orchestra_writes=True)
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK}s'")
                    connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{_STATEMENT}s'")
                yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.IntegrityError, sa.exc.DataError):
            raise
        except (DBAPIError, sa.exc.TimeoutError, sqlite3.Error) as error:
            raise NoDatabase(f"{self.shown}: {sentence_of(error)}") from error

    def close(self) -> None:
        """Close its connections."""
        self.engine.dispose()


def sentence_of(error: Exception) -> str:
    """The database's own words in one line, without the statement and without passwords."""
    words = str(error.orig) if isinstance(error, DBAPIError) and error.orig is not None else str(error)
    return without_credentials(" ".join(words.split())) or type(error).__name__


def open_database(settings: Settings, places: Places) -> Database:
    """Open the database that the settings name, with tables that are up to date.

    Raises:
        NoDatabase: it is not reached, is no history, or is a later Orchestra's.
        NoFolder: the embedded one has no place.
    """
    database = _connected(settings.history_url) if settings.history_url else _embedded(places)
    try:
        bring_up_to_date(database)
    except NoDatabase:
        database.close()
        raise
    return database


def _connected(text: str) -> Database:
    try:
        url = sa.make_url(text)
    except ArgumentError:
        raise NoDatabase("history_url is no URL", hint="postgresql://user@host/database") from None
    if url.drivername == "sqlite" and url.database:
        return _sqlite(_absolute(Path(url.database)))
    if url.drivername not in _POSTGRESQL:
        raise NoDatabase(
            f"history_url: {url.drivername} is not known", hint="postgresql://user@host/database, or nothing at all"
        )
    return _postgresql(url.set(drivername="postgresql+psycopg"))


def _absolute(path: Path) -> Path:
    if not path.is_absolute():  # it would be another file in each folder that somebody runs something in
        raise NoDatabase(
            f"history_url: the path {path} is not absolute", hint="sqlite:////var/lib/orchestra/history.sqlite"
        )
    return path


def _postgresql(url: URL) -> Database:
    shown = url.set(drivername="postgresql").render_as_string(hide_password=True)
    try:
        engine = sa.create_engine(
            url,
            pool_size=1,
            json_serializer=_json,
            connect_args={"connect_timeout": _CONNECT, "tcp_user_timeout": _SILENCE, "application_name": "orchestra"},
        )
    except (ModuleNotFoundError, NoSuchModuleError):
        raise NoDatabase(
            "PostgreSQL needs psycopg, which is not installed", hint="pip install 'orchestra[postgresql]'"
        ) from None
    return Database(engine, shown)


def _embedded(places: Places) -> Database:
    make_folders(places)
    return _sqlite(places.database)


def _sqlite(path: Path) -> Database:
    try:
        # For its owner alone; the files beside it get the same mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise NoDatabase(f"{path}: {error.strerror}") from error
    engine = sa.create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": _LOCK}, json_serializer=_json
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine, str(path))


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transaction by itself; _begin_sqlite does
    # A journal goes when its rows are committed, so they must be on the disk by then.
    for pragma in ("auto_vacuum = INCREMENTAL", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Who is going to write says so at once: a lock that is taken half-way may be refused without a wait."""
    writes = connection.get_execution_options().get("orchestra_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _json(value: object) -> str:
    import json

    return json.dumps(value, separators=(",", ":"))


def insert_new(connection: Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose keys are not there yet."""
    if not rows:
        return
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)


def give_back_space(database: Database) -> None:
    """Let an embedded database's file shrink by what was deleted. PostgreSQL sees to that by itself."""
    if database.engine.dialect.name != "sqlite":
        return
    connection = database.engine.raw_connection()
    try:
        # Each step of the statement frees a page; only a script is stepped to its end by the driver.
        connection.driver_connection.executescript("PRAGMA incremental_vacuum")  # type: ignore[union-attr]
    except sqlite3.OperationalError as error:  # somebody else writes: the next time will do
        if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise NoDatabase(f"{database.shown}: {error}") from error
    finally:
        connection.close()


def revision_of(connection: Connection) -> str | None:
    """The revision of the tables; None where there are none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found


def bring_up_to_date(database: Database, scripts: Path | None = None, target: str = REVISION) -> None:
    """Make or change the tables, where they are not those of ``target``; the migrations lie in ``scripts``.

    Raises:
        NoDatabase: they are a later Orchestra's.
    """
    with database.reading() as connection:
        found = revision_of(connection)
    if found == target:
        return
    from orchestra.history.migrating import knows, migrate

    if found is not None and not knows(found, scripts):
        raise NoDatabase(
            f"{_LATER}: {database.shown} has revision {found}, this one knows up to {target}",
            hint="update Orchestra; runs wait in their journals until then",
        )
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":  # two that begin at once: the second finds it done
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")
        migrate(connection, scripts, target)
