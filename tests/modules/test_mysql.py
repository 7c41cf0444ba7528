"""The modules of MySQL and MariaDB, against a server of its own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestra.runner.foresight import Foresight
from orchestra.runner.overlay import Overlay
from orchestra.runner.parts import mysqlgrants
from orchestra.runner.sdk import Failed
from tests.modules.driving import drive


def test_grants_are_read_as_servers_write_them() -> None:
    assert mysqlgrants.shown(
        [
            "GRANT USAGE ON *.* TO `u`@`h` IDENTIFIED BY PASSWORD '*A'",
            "GRANT ALL PRIVILEGES ON `my\\_db`.* TO 'u'@'h' WITH GRANT OPTION",
            "GRANT SELECT, INSERT (`b`, `a`) ON `d`.`t` TO `u`@`h`",
            "GRANT EXECUTE ON PROCEDURE `d`.`p` TO `u`@`h`",
            "GRANT `role` TO `u`@`h`",
        ]
    ) == {"my_db.*": {"ALL", "GRANT"}, "d.t": {"SELECT", "INSERT (a, b)"}, "PROCEDURE d.p": {"EXECUTE"}}
    each = "GRANT SELECT, INSERT, RELOAD, SHUTDOWN, PROCESS, SUPER, CREATE USER ON *.* TO `r`@`%` WITH GRANT OPTION"
    assert mysqlgrants.shown([each]) == {"*.*": {"ALL", "GRANT"}}


def test_privileges_as_tasks_write_them() -> None:
    wanted = {"a.*": {"SELECT", "INSERT (x, y)"}, "b.t": {"ALL", "GRANT"}, "c.*": set()}
    assert mysqlgrants.asked("a.*:select,INSERT(y, x)/`b`.t:ALL,GRANT/c:USAGE") == wanted
    assert (
        mysqlgrants.asked({"a.*": "select, insert(y,x)", "b.t": "ALL PRIVILEGES,GRANT OPTION", "c": "usage"}) == wanted
    )
    with pytest.raises(Failed, match="is written as database"):
        mysqlgrants.asked("nonsense")


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({}, {"a.*": {"SELECT"}}, ["GRANT SELECT ON `a`.* TO u"]),
        ({"a.*": {"SELECT"}}, {"a.*": {"SELECT"}}, []),
        ({"a.*": {"SELECT"}}, {}, ["REVOKE SELECT ON `a`.* FROM u"]),
        ({"a.*": {"SELECT", "GRANT"}}, {"a.*": {"SELECT"}}, ["REVOKE GRANT OPTION ON `a`.* FROM u"]),
        ({"a.*": {"SELECT"}}, {"a.*": {"ALL"}}, ["GRANT ALL ON `a`.* TO u"]),
        ({"a.*": {"ALL"}}, {"a.*": {"SELECT"}}, ["REVOKE ALL ON `a`.* FROM u", "GRANT SELECT ON `a`.* TO u"]),
        ({"*.*": {"ALL"}}, {"*.*": {"ALL", "GRANT"}}, ["GRANT USAGE ON *.* TO u WITH GRANT OPTION"]),
        ({}, {"PROCEDURE d.p": {"EXECUTE"}}, ["GRANT EXECUTE ON PROCEDURE `d`.`p` TO u"]),
    ],
)
def test_statements(before: dict[str, set[str]], after: dict[str, set[str]], lines: list[str]) -> None:
    assert mysqlgrants.statements(before, after, "u") == lines


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, Any]]:
    """Login options of a server that ends with the tests."""
    programs = [shutil.which(name) for name in ("mariadb-install-db", "mariadbd", "mariadb")]
    if os.geteuid() or not all(programs):
        pytest.skip("needs root and MariaDB's server")
    folder = Path("/tmp") / f"orchestra-mariadb-{os.getpid()}"
    folder.mkdir(mode=0o755)
    shutil.chown(folder, "mysql")
    common = ["--no-defaults", "--user=mysql", f"--datadir={folder}/data"]
    try:
        install = [str(programs[0]), *common, "--auth-root-authentication-method=normal"]
        subprocess.run(install, check=True, stdout=-3)
        more = ["--skip-networking", f"--socket={folder}/s", f"--pid-file={folder}/p", "--plugin-load-add=auth_ed25519"]
        with subprocess.Popen([str(programs[1]), *common, *more], stderr=-1) as daemon:
            assert daemon.stderr is not None
            assert any(b"ready for connections" in line for line in daemon.stderr)
            yield {"login_unix_socket": f"{folder}/s", "login_user": "root", "config_file": "/none"}
            daemon.kill()
    finally:
        shutil.rmtree(folder)


def ask(server: dict[str, Any], statement: str, *more: str) -> str:
    line = ["mariadb", "--no-defaults", "-uroot", "-S" + server["login_unix_socket"], "-BNe", statement, *more]
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


def test_databases(server: dict[str, Any]) -> None:
    made = twice("mysql_db", server, name=["od`d", "even"], encoding="utf8mb4", collation="utf8mb4_bin")
    assert made["executed_commands"][0] == "CREATE DATABASE `od``d` CHARACTER SET 'utf8mb4' COLLATE 'utf8mb4_bin'"
    assert made["db"] == "od`d even"
    twice("mysql_db", server, name="od`d,even", state="absent")
    assert "all can only be" in drive("mysql_db", **server, name="all")["msg"]
    assert "Unknown collation" in drive("mysql_db", **server, name="x", collation="none")["msg"]
    assert drive("mysql_db", **dict(server, login_user="nobody"), name="x")["failed"]


@pytest.mark.parametrize("ending", ["sql", "sql.gz", "sql.xz"])
def test_dumps(server: dict[str, Any], ending: str, tmp_path: Path) -> None:
    ask(server, "DROP DATABASE IF EXISTS a; DROP DATABASE IF EXISTS b")
    ask(server, "CREATE DATABASE a; CREATE TABLE a.t AS SELECT 7 AS n")
    target = str(tmp_path / f"dump.{ending}")
    assert "not found" in drive("mysql_db", **server, name="none", state="dump", target=target)["msg"]
    dumped = drive("mysql_db", **server, name="a", state="dump", target=target, single_transaction=True)
    assert dumped["changed"], dumped
    restored = drive("mysql_db", **server, name="b", state="import", target=target)
    assert restored["changed"], restored
    assert ask(server, "SELECT n FROM b.t") == "7"
    assert "does not exist" in drive("mysql_db", **server, name="b", state="import", target="/none")["msg"]


def test_users(server: dict[str, Any]) -> None:
    made = twice("mysql_user", server, name="o'hara", password="it's \\ secret", priv="shop.*:ALL/*.*:PROCESS")
    assert (made["msg"], made["password_changed"]) == ("User added", True)
    assert "secret" not in str(made)
    secret = [
        "mariadb",
        "--no-defaults",
        "-uo'hara",
        "-pit's \\ secret",
        "-S" + server["login_unix_socket"],
        "-e",
        "SELECT 1",
    ]
    assert subprocess.run(secret, capture_output=True).returncode == 0
    assert not drive("mysql_user", **server, name="o'hara", password="x", update_password="on_create")["changed"]
    changed = twice("mysql_user", server, name="o'hara", password="other")
    assert (changed["msg"], changed["password_changed"]) == ("User updated", True)
    twice("mysql_user", server, name="o'hara", password="*" + "0" * 40, encrypted=True)
    twice("mysql_user", server, name="o'hara", password="")
    twice("mysql_user", server, name="o'hara", plugin="unix_socket")
    twice("mysql_user", server, name="o'hara", tls_requires={"SSL": None})
    twice("mysql_user", server, name="o'hara", tls_requires={"subject": "/CN=x", "issuer": "/CN=y"})
    twice("mysql_user", server, name="o'hara", tls_requires={})
    gone = twice("mysql_user", server, name="o'hara", state="absent")
    assert gone["msg"] == "User deleted"


def test_privileges(server: dict[str, Any]) -> None:
    ask(server, "CREATE DATABASE IF NOT EXISTS p; CREATE TABLE IF NOT EXISTS p.t (a int, b int)")
    user = {"name": "grantee", "host": "%"}

    def grants() -> dict[str, set[str]]:
        return mysqlgrants.shown(ask(server, "SHOW GRANTS FOR 'grantee'@'%'").splitlines())

    twice("mysql_user", server, **user, priv={"p.*": "SELECT,INSERT", "p.t": "UPDATE (b,a)"})
    assert grants() == {"p.*": {"SELECT", "INSERT"}, "p.t": {"UPDATE (a, b)"}}
    twice("mysql_user", server, **user, priv="q.*:ALL,GRANT", append_privs=True)
    assert set(grants()) == {"p.*", "p.t", "q.*"}
    twice("mysql_user", server, **user, priv="p.*:INSERT", subtract_privs=True)
    assert grants()["p.*"] == {"SELECT"}
    twice("mysql_user", server, **user, priv="*.*:ALL")
    assert grants() == {"*.*": {"ALL"}}
    twice("mysql_user", server, **user, priv="*.*:USAGE")
    assert grants() == {}
    ask(server, "CREATE USER 'grantee'@'10.0.0.1'")
    twice("mysql_user", server, name="grantee", host_all=True, state="absent")
    assert ask(server, "SELECT count(*) FROM mysql.user WHERE User = 'grantee'") == "0"


def test_a_check_run_remembers(server: dict[str, Any]) -> None:
    overlay = Overlay()
    for name, options in (
        ("mysql_db", {"name": "later"}), ("mysql_user", {"name": "later", "password": "p", "priv": "later.*:ALL"}),
    ):  # fmt: skip
        runs = [drive(name, Foresight(overlay, check=True), **server, **options) for _ in range(2)]
        assert [one["changed"] for one in runs] == [True, False]
    assert ask(server, "SHOW DATABASES LIKE 'later'") == ""
