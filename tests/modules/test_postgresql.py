"""The modules of PostgreSQL, against a server of its own."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestra.library.locate import load_file, packaged_folder
from orchestra.runner.foresight import Foresight
from orchestra.runner.overlay import Overlay
from orchestra.runner.parts import pgpasswords
from tests.modules.driving import drive
from tests.postgresqlserver import running_postgresql

SCRAM = (  # what a server kept of "pencil"
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
    ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
)


def test_passwords() -> None:
    assert pgpasswords.is_of(SCRAM, "pencil", "user")
    assert not pgpasswords.is_of(SCRAM, "pen", "user")
    assert pgpasswords.is_of("md5" + "a3556571e93b0d20722ba62be61e8c2d", "postgres", "") is False
    assert pgpasswords.is_of("md53175bce1d3201d16594cebf9d7eb3f9d", "postgres", "postgres")
    assert pgpasswords.is_hash(SCRAM)
    assert pgpasswords.is_hash("md53175bce1d3201d16594cebf9d7eb3f9d")
    assert not pgpasswords.is_hash("md5sum")


def test_refusals() -> None:
    for name, options, message in (
        ("postgresql_user", {"name": "x", "role_attr_flags": "FLY"}, "Invalid role_attr_flags"),
        ("postgresql_privs", {"login_db": "d", "roles": "r", "privs": "SELECT"}, "what are the privileges about"),
        ("postgresql_db", {"name": "x", "state": "dump"}, "target"),
    ):
        assert message in drive(name, **options)["msg"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Login options of a server that ends with the tests."""
    if os.geteuid():
        pytest.skip("needs root and PostgreSQL's server")
    with running_postgresql() as folder:
        yield {"login_unix_socket": str(folder)}


def ask(server: dict[str, Any], statement: str, database: str = "postgres") -> str:
    line = ["psql", "-h", server["login_unix_socket"], "-U", "postgres", "-XAtc", statement, database]
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()


def twice(name: str, server: dict[str, Any], /, **options: Any) -> dict[str, Any]:
    """A check that changes nothing, a run that changes, one that finds it done; the first run's result."""
    foretold = drive(name, Foresight(Overlay(), check=True), **server, **options)
    assert foretold["changed"], foretold
    first = drive(name, **server, **options)
    assert first["changed"], first
    again = drive(name, **server, **options)
    assert not again["changed"], again
    return first


def test_databases(server: dict[str, Any], tmp_path: Path) -> None:
    made = twice("postgresql_db", server, name='od"d', encoding="UTF-8", template="template0", conn_limit=3)
    assert made["executed_commands"] == [
        'CREATE DATABASE "od""d" TEMPLATE "template0" ENCODING \'UTF-8\' CONNECTION LIMIT 3'
    ]
    twice("postgresql_user", server, name="dbowner")
    twice("postgresql_db", server, name='od"d', owner="dbowner", conn_limit=-1)
    assert ask(server, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'od\"d'") == "dbowner"
    assert "not supported" in drive("postgresql_db", **server, name='od"d', encoding="LATIN1")["msg"]
    assert "does not exist" in drive("postgresql_db", **server, name="x", owner="nobody-there")["msg"]
    twice("postgresql_db", server, name='od"d', state="rename", target="even")
    twice("postgresql_db", server, name="even", state="absent", force=True)


@pytest.mark.parametrize("ending", ["sql", "sql.gz", "sql.bz2", "sql.xz", "pgc", "tar", "dir"])
def test_dumps(server: dict[str, Any], ending: str) -> None:
    folder = Path(server["login_unix_socket"])
    target = folder / f"dump.{ending}"
    ask(server, "DROP DATABASE IF EXISTS a")
    ask(server, "DROP DATABASE IF EXISTS b")
    for name in "ab":
        assert drive("postgresql_db", **server, name=name)["changed"]
    ask(server, "CREATE TABLE t AS SELECT 7 AS n", "a")
    dumped = drive("postgresql_db", **server, name="a", state="dump", target=str(target))
    assert dumped["changed"], dumped
    assert target.exists()
    restored = drive("postgresql_db", **server, name="b", state="restore", target=str(target))
    assert restored["changed"], restored
    assert ask(server, "SELECT n FROM t", "b") == "7"


def test_a_socket_stands_for_localhost(server: dict[str, Any]) -> None:
    assert "failed" not in drive("postgresql_user", **server, login_host="localhost", name="by_socket")


def test_roles(server: dict[str, Any]) -> None:
    user = {"name": "shop's", "password": "it's secret"}
    made = twice("postgresql_user", server, **user)
    assert "secret" not in str(made)
    assert made["queries"] == ['CREATE USER "shop\'s" WITH PASSWORD ********']
    twice("postgresql_user", server, **dict(user, password="another"))
    assert not drive("postgresql_user", **server, name="shop's", password="x", no_password_changes=True)["changed"]
    flags = twice("postgresql_user", server, name="shop's", role_attr_flags="CREATEDB,NOLOGIN", conn_limit=5)
    assert flags["queries"] == ['ALTER USER "shop\'s" WITH CREATEDB NOLOGIN CONNECTION LIMIT 5']
    twice("postgresql_user", server, name="shop's", expires="2031-01-01")
    twice("postgresql_user", server, name="shop's", password="")
    hashed = "md5" + "0" * 32
    twice("postgresql_user", server, name="shop's", password=hashed)
    twice("postgresql_user", server, name="shop's", state="absent")


def test_a_role_that_owns_something_stays(server: dict[str, Any]) -> None:
    ask(server, "CREATE ROLE owner; CREATE TABLE owned (n int); ALTER TABLE owned OWNER TO owner")
    gone = {"name": "owner", "state": "absent"}
    assert "Unable to remove user" in drive("postgresql_user", **server, **gone)["msg"]
    assert not drive("postgresql_user", **server, **gone, fail_on_user=False)["changed"]


def test_a_check_run_remembers(server: dict[str, Any]) -> None:
    overlay = Overlay()

    def changed(name: str, /, **options: Any) -> Any:
        return drive(name, Foresight(overlay, check=True), **server, **options)["changed"]

    role, database = {"name": "later", "password": "p"}, {"name": "later"}
    grant = {"login_db": "later", "roles": "later", "type": "database", "privs": "CONNECT"}
    for name, options in (
        ("postgresql_user", role), ("postgresql_db", database), ("postgresql_privs", grant),
    ):  # fmt: skip
        assert changed(name, **options)
        assert not changed(name, **options)
    assert ask(server, "SELECT count(*) FROM pg_roles WHERE rolname = 'later'") == "0"


GRANTS: list[tuple[dict[str, Any], str]] = [
    ({"privs": "SELECT,INSERT", "objs": "t1"}, 'GRANT SELECT, INSERT ON TABLE "public"."t1" TO "reader"'),
    ({"privs": "SELECT", "objs": "ALL_IN_SCHEMA"}, 'GRANT SELECT ON ALL TABLES IN SCHEMA "public" TO "reader"'),
    ({"type": "sequence", "privs": "ALL", "objs": "s1"}, 'GRANT ALL ON SEQUENCE "public"."s1" TO "reader"'),
    ({"type": "database", "privs": "CREATE"}, 'GRANT CREATE ON DATABASE "postgres" TO "reader"'),
    ({"type": "schema", "privs": "CREATE", "objs": "public"}, 'GRANT CREATE ON SCHEMA "public" TO "reader"'),
    (
        {"type": "function", "privs": "EXECUTE", "objs": "plus(int:int)", "grant_option": True},
        'GRANT EXECUTE ON FUNCTION "public"."plus"(int, int) TO "reader" WITH GRANT OPTION',
    ),
    ({"type": "group", "objs": "team"}, 'GRANT "team" TO "reader"'),
    (
        {"type": "default_privs", "privs": "SELECT", "objs": "TABLES", "schema": "public"},
        'ALTER DEFAULT PRIVILEGES IN SCHEMA "public" GRANT SELECT ON TABLES TO "reader"',
    ),
]


def test_privileges(server: dict[str, Any]) -> None:
    ask(server, "CREATE ROLE reader; CREATE ROLE team; CREATE TABLE t1 (n int); CREATE TABLE t2 (n int)")
    ask(server, "CREATE SEQUENCE s1; CREATE FUNCTION plus(int, int) RETURNS int LANGUAGE sql AS 'SELECT $1 + $2'")
    for options, statement in GRANTS:
        asked = {"login_db": "postgres", "roles": "reader", **options}
        assert twice("postgresql_privs", server, **asked)["queries"] == [statement]
    for options, _ in reversed(GRANTS):
        options = {key: value for key, value in options.items() if key != "grant_option"}
        asked = {"login_db": "postgres", "roles": "reader", "state": "absent", **options}
        result = drive("postgresql_privs", **server, **asked)
        assert not result.get("failed"), result
        assert not drive("postgresql_privs", **server, **asked)["changed"]
    strange = {"login_db": "postgres", "privs": "SELECT", "objs": "t1", "roles": "nobody-there"}
    assert "does not exist" in drive("postgresql_privs", **server, **strange)["msg"]
    assert not drive("postgresql_privs", **server, **strange, fail_on_role=False)["changed"]


def test_every_module_quotes(server: dict[str, Any]) -> None:
    """What a value holds is never read as a statement."""
    evil = "x'; DROP TABLE t1; --"
    load_file(str(packaged_folder() / "postgresql_db.py"))
    ask(server, "CREATE TABLE IF NOT EXISTS t1 (n int)")
    drive("postgresql_user", **server, name=evil, password=evil)
    drive("postgresql_privs", **server, login_db="postgres", privs="SELECT", objs=evil, roles=evil)
    assert ask(server, "SELECT count(*) FROM t1") == "0"
    drive("postgresql_user", **server, name=evil, state="absent")
