"""stat, find, slurp, fetch and wait_for: what they tell of real files, sockets and of a machine in memory."""

import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from orchestra.runner.overlay import Node
from orchestra.runner.system import System
from orchestra.testing.fakesystem import FakeSystem
from tests.modules.driving import check, drive, fake

FILES = {"/etc/a.conf": "port = 1\n", "/etc/sub/b.conf": "no\n", "/etc/.hidden": "", "/etc/note": "port\n"}


def names(result: dict[str, Any]) -> list[str]:
    return [file["path"] for file in result["files"]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"patterns": "*.conf"}, ["/etc/a.conf"]),
        ({"patterns": "*.conf", "recurse": True}, ["/etc/a.conf", "/etc/sub/b.conf"]),
        ({"patterns": "*.conf", "recurse": True, "depth": 1}, ["/etc/a.conf"]),
        ({"patterns": r"^[ab]\.conf$", "use_regex": True, "recurse": True}, ["/etc/a.conf", "/etc/sub/b.conf"]),
        ({"excludes": "*.conf"}, ["/etc/note"]),
        ({"hidden": True, "excludes": "*.conf,note"}, ["/etc/.hidden"]),
        ({"contains": "port", "recurse": True}, ["/etc/a.conf", "/etc/note"]),
        ({"contains": "ort"}, []),
        ({"contains": "ort", "read_whole_file": True}, ["/etc/a.conf", "/etc/note"]),
        ({"file_type": "directory"}, ["/etc/sub"]),
        ({"size": "6"}, ["/etc/a.conf"]),
        ({"size": "-5"}, ["/etc/note"]),
        ({"limit": 1}, ["/etc/a.conf"]),
        ({"paths": "/etc/sub,/nowhere"}, ["/etc/sub/b.conf"]),
    ],
)
def test_find(options: dict[str, Any], expected: list[str]) -> None:
    result = fake("find", FakeSystem(files=FILES), **{"paths": "/etc", **options})
    assert names(result) == expected
    assert result["matched"] == len(expected)


def test_find_by_age() -> None:
    system = FakeSystem()
    for name, age in (("new", 10), ("old", 100_000)):
        system.put(f"/etc/{name}", Node("file", content=b"", mtime=system.clock - age))
    assert names(fake("find", system, paths="/etc", age="1d")) == ["/etc/old"]
    assert names(fake("find", system, paths="/etc", age="-1d")) == ["/etc/new"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"age": "soon"}, "failed to process age"),
        ({"size": "1q"}, "failed to process size"),
        ({"patterns": "(", "use_regex": True}, "not a valid regular expression"),
        ({"contains": "("}, "not a valid regular expression"),
    ],
)
def test_find_says_what_it_does_not_understand(options: dict[str, Any], text: str) -> None:
    result = fake("find", FakeSystem(), paths="/etc", **options)
    assert result["failed"] and text in result["msg"]


def test_find_follows_links_once_around_a_loop(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x").write_text("")
    (tmp_path / "a/loop").symlink_to(tmp_path)
    found = drive("find", paths=str(tmp_path), recurse=True, follow=True)
    assert names(found) == [f"{tmp_path}/a/x"]


def test_find_names_what_it_may_not_read(tmp_path: Path) -> None:
    result = drive("find", paths=f"{tmp_path}/none")
    assert result["skipped_paths"] == {f"{tmp_path}/none": f"'{tmp_path}/none' is not a directory"}
    assert "Skipped" in result["warnings"][0]


def test_stat_of_real_things(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("hello\n")
    file.chmod(0o4750)
    (tmp_path / "l").symlink_to("x")
    found = drive("stat", path=str(file), checksum_algorithm="md5")["stat"]
    assert (found["mode"], found["isuid"], found["xgrp"], found["xoth"]) == ("4750", True, True, False)
    assert (found["checksum"], found["size"]) == ("b1946ac92492d2347c6235b4d2611184", 6)
    assert found["inode"] == os.stat(file).st_ino
    link = drive("stat", path=f"{tmp_path}/l")["stat"]
    assert (link["islnk"], link["lnk_target"], link["lnk_source"]) == (True, "x", str(file))
    assert "checksum" not in link
    followed = drive("stat", path=f"{tmp_path}/l", follow=True)["stat"]
    assert (followed["isreg"], followed["checksum"]) == (True, "f572d396fae9206628714fb2ce00f72e94f2258f")
    assert drive("stat", path=str(tmp_path))["stat"]["isdir"]


def test_fetch_refuses_what_is_no_file(tmp_path: Path) -> None:
    assert "is a directory" in drive("fetch", src=str(tmp_path), dest="x")["msg"]
    assert "is a char, not a file" in drive("fetch", src="/dev/null", dest="x")["msg"]


class Closed(System):
    """A machine whose folders are closed to this user."""

    def stat(self, path: str, follow: bool = False) -> Any:
        raise PermissionError(13, "Permission denied", path)


def test_fetch_of_what_can_not_be_read_fails_unless_that_is_fine() -> None:
    reason = "File is not readable: /x/y (Permission denied)"
    refused = drive("fetch", Closed(), src="/x/y", dest="x")
    assert (refused["failed"], refused["msg"], refused["file"]) == (True, reason, "/x/y")
    ignored = drive("fetch", Closed(), src="/x/y", dest="x", fail_on_missing=False)
    assert "failed" not in ignored
    assert ignored["msg"] == reason + ", ignored"


def listening() -> tuple[socket.socket, int]:
    server = socket.create_server(("127.0.0.1", 0))
    return server, server.getsockname()[1]


def test_wait_for_a_port_that_opens_and_closes() -> None:
    server, port = listening()
    with server:
        assert drive("wait_for", port=port, timeout=1)["state"] == "started"
        late = drive("wait_for", port=port, state="stopped", timeout=0)
        assert late["failed"] and late["msg"] == f"Timeout when waiting for 127.0.0.1:{port} to stop."
    assert not drive("wait_for", port=port, state="stopped", timeout=5).get("failed")
    assert drive("wait_for", port=port, timeout=0, msg="my own words")["msg"] == "my own words"


def test_wait_for_what_a_port_says() -> None:
    server, port = listening()

    def greet() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"220 mail.example ")
            connection.sendall(b"ESMTP\r\n")

    with server:
        thread = threading.Thread(target=greet)
        thread.start()
        result = drive("wait_for", port=port, search_regex=r"(?P<name>\S+) ESMTP", timeout=5)
        thread.join()
    assert result["match_groupdict"] == {"name": "mail.example"}


def test_wait_for_a_port_to_drain() -> None:
    server, port = listening()
    with server:
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        with client, accepted:
            waiting = {"port": port, "state": "drained", "timeout": 0}
            assert "to drain" in drive("wait_for", **waiting)["msg"]
            assert not drive("wait_for", **waiting, exclude_hosts="127.0.0.1").get("failed")
            assert not drive("wait_for", **waiting, active_connection_states=["SYN_SENT"]).get("failed")


def test_wait_for_a_file_that_comes_later(tmp_path: Path) -> None:
    path = tmp_path / "x"
    timer = threading.Timer(0.05, path.write_text, ["ready after 12 ms\n"])
    timer.start()
    began = time.time()
    result = drive("wait_for", path=str(path), search_regex=r"after (\d+)", timeout=10, sleep=0)
    timer.join()
    assert result["match_groups"] == ["12"]
    assert time.time() - began < 5


def test_wait_for_counts_by_the_systems_clock() -> None:
    system = FakeSystem()
    assert fake("wait_for", system, timeout=30)["elapsed"] == 30
    late = fake("wait_for", system, path="/none", delay=5, timeout=60)
    assert (late["failed"], late["elapsed"]) == (True, 60)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"port": 1, "path": "/x"}, "can not both"),
        ({"path": "/x", "state": "drained"}, "state=drained should only be used"),
        ({"port": 1, "exclude_hosts": "a"}, "only be with state=drained"),
        (
            {"port": 1, "state": "drained", "active_connection_states": ["OPEN"]},
            "unknown active_connection_state (OPEN)",
        ),
        ({"path": "/etc", "search_regex": "("}, "not a valid regular expression"),
    ],
)
def test_wait_for_refuses_at_once(options: dict[str, Any], text: str) -> None:
    result = drive("wait_for", **options)
    assert result["failed"] and text in result["msg"]


def test_nothing_is_waited_for_in_check_mode() -> None:
    assert check("wait_for", port=1)["skipped"]


def test_wait_for_nothing_but_time_takes_the_delay_and_the_timeout() -> None:
    system = FakeSystem()
    assert fake("wait_for", system, delay=2, timeout=3)["elapsed"] == 5


def test_find_in_an_encoding(tmp_path: Path) -> None:
    (tmp_path / "x.gbk").write_bytes("你好世界\n".encode("gbk"))
    search = {"paths": str(tmp_path), "contains": "你好世界"}
    assert drive("find", **search, encoding="gbk")["matched"] == 1
    wrong = drive("find", **search, encoding="utf-8")
    expected = f"Failed to read the file {tmp_path}/x.gbk due to an encoding error. current encoding: utf-8"
    assert wrong["skipped_paths"] == {str(tmp_path): expected}
    assert wrong["msg"] == "Not all paths examined, check warnings for details"
    unknown = drive("find", **search, encoding="idontexist")
    assert unknown["skipped_paths"] == {str(tmp_path): "unknown encoding: idontexist"}


def test_find_counts_what_it_saw_below_its_depth(tmp_path: Path) -> None:
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x").touch()
    found = drive("find", paths=str(tmp_path), recurse=True, depth=2, file_type="any")
    assert names(found) == [f"{tmp_path}/a", f"{tmp_path}/a/b"]
    assert found["examined"] == 4  # a, a/b, and the two in it


@pytest.mark.parametrize(
    ("option", "start", "end"),
    [
        (
            "regexp",
            "The regular expression is an empty string",
            "use '^' to match every line in the file and avoid this",
        ),
        ("search_string", "The search string is an empty string", "replacing the last line in the file rather than"),
    ],
)
def test_a_pattern_that_fits_every_line_is_warned_of(option: str, start: str, end: str, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("a\nb\n")
    (warning,) = drive("lineinfile", path=str(file), line="c", **{option: ""})["warnings"]
    assert warning.startswith(start)
    assert end in warning
    assert file.read_text() == "a\nc\n"
    assert not drive("lineinfile", path=str(file), line="c", regexp="^c").get("warnings")


def test_file_takes_the_option_that_plugins_of_ansible_send(tmp_path: Path) -> None:
    assert drive("file", path=str(tmp_path), _diff_peek=True)["state"] == "directory"
