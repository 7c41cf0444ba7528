"""get_url and uri against a real server on loopback."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.modules.driving import Recorded, check, drive
from tests.modules.webserver import STAMP, TEXT, Server, serving

SHA256 = hashlib.sha256(TEXT).hexdigest()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    with serving() as one:
        yield one


def get(server: Server, path: str, dest: Path, **more: Any) -> dict[str, Any]:
    return drive("get_url", url=server.url + path, dest=str(dest), **more)


def test_check_mode_foretells_and_writes_nothing(server: Server, tmp_path: Path) -> None:
    dest = tmp_path / "x"
    assert check("get_url", url=f"{server.url}/a.txt", dest=str(dest))["changed"]
    assert not dest.exists()
    done = Recorded("get_url", url=f"{server.url}/a.txt", dest=str(dest), mode="0640")
    assert dest.read_bytes() == TEXT
    assert done.result["checksum_src"] == hashlib.sha1(TEXT).hexdigest()
    assert not check("get_url", url=f"{server.url}/a.txt", dest=str(dest), force=True)["changed"]
    assert not done.undo().get("failed")
    assert not dest.exists()


def test_a_file_that_the_server_has_not_changed_costs_no_content(server: Server, tmp_path: Path) -> None:
    dest = tmp_path / "x"
    dest.write_bytes(b"mine")
    os.utime(dest, (STAMP + 1, STAMP + 1))
    answer = get(server, "/a.txt", dest)
    assert (answer["changed"], answer["status_code"]) == (False, 304)
    assert dest.read_bytes() == b"mine"
    assert get(server, "/a.txt", dest, force=True)["changed"]
    assert dest.read_bytes() == TEXT


@pytest.mark.parametrize("checksum", [f"sha256:{SHA256}", f"SHA256: {SHA256.upper()}", "sha256:{url}/sums"])
def test_a_checksum_that_fits_asks_the_server_only_once(server: Server, tmp_path: Path, checksum: str) -> None:
    checksum = checksum.replace("{url}", server.url)
    assert get(server, "/a.txt", tmp_path / "x", checksum=checksum)["changed"]
    server.requests.clear()
    assert get(server, "/a.txt", tmp_path / "x", checksum=checksum)["msg"] == "file already exists"
    assert "GET /a.txt" not in server.requests


@pytest.mark.parametrize(
    ("checksum", "text"),
    [
        ("sha256:" + "0" * 64, "did not match"),
        ("nonsense", "<algorithm>:<checksum>"),
        ("sha999:00", "no algorithm 'sha999'"),
        ("sha256:xyz", "not a hexadecimal number"),
        ("sha256:{url}/a.txt", "Unable to find a checksum for file 'a.txt'"),
        ("sha256:{url}/gone", "Unable to fetch the list of checksums"),
    ],
)
def test_a_wrong_checksum_leaves_what_was_there(server: Server, tmp_path: Path, checksum: str, text: str) -> None:
    (tmp_path / "x").write_bytes(b"old")
    answer = get(server, "/a.txt", tmp_path / "x", checksum=checksum.replace("{url}", server.url), force=True)
    assert answer["failed"] and text in answer["msg"]
    assert (tmp_path / "x").read_bytes() == b"old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["x"]


def test_names_come_from_the_server_or_the_address_but_never_leave_the_folder(server: Server, tmp_path: Path) -> None:
    assert get(server, "/named", tmp_path)["dest"] == f"{tmp_path}/given.txt"
    assert get(server, "/a.txt?x=1", tmp_path)["dest"] == f"{tmp_path}/a.txt"
    assert get(server, "/redirect", tmp_path)["dest"] == f"{tmp_path}/a.txt"


def test_failures_are_told(server: Server, tmp_path: Path) -> None:
    gone = get(server, "/gone", tmp_path / "x")
    assert (gone["failed"], gone["status_code"], gone["msg"]) == (True, 404, "Request failed")
    refused = drive("get_url", url="http://127.0.0.1:1/x", dest=str(tmp_path / "x"))
    assert "refused" in refused["msg"]
    assert "does not exist" in get(server, "/a.txt", tmp_path / "no/x")["msg"]
    assert "does not exist" in drive("get_url", url=f"{server.url}/a.txt", dest=f"{tmp_path}/no/")["msg"]
    assert "no folder" in get(server, "/a.txt", tmp_path / "x", tmp_dest=str(tmp_path / "none"))["msg"]
    assert not list(tmp_path.iterdir())


def test_addresses_need_not_be_ascii(server: Server, tmp_path: Path) -> None:
    assert get(server, "/a.txt?müll=ein wert", tmp_path / "x")["changed"]
    assert server.requests == ["GET /a.txt?m%C3%BCll=ein%20wert"]


def test_users_and_passwords(server: Server, tmp_path: Path) -> None:
    assert get(server, "/auth", tmp_path / "1")["status_code"] == 401
    assert get(server, "/auth", tmp_path / "2", url_username="me", url_password="secret")["changed"]
    server.requests.clear()
    assert get(server, "/auth", tmp_path / "3", username="me", password="secret", force_basic_auth=True)["changed"]
    assert len(server.requests) == 1
    named = drive("get_url", url=server.url.replace("//", "//me:secret@") + "/auth", dest=str(tmp_path / "4"))
    assert named["changed"]
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    os.environ["NETRC"] = str(netrc)
    try:
        assert get(server, "/auth", tmp_path / "5")["changed"]
        assert get(server, "/auth", tmp_path / "6", use_netrc=False)["status_code"] == 401
    finally:
        del os.environ["NETRC"]


def test_a_proxy_is_used_unless_the_user_says_no(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert get(server, "/a.txt", tmp_path / "x")["failed"]
    assert get(server, "/a.txt", tmp_path / "x", use_proxy=False)["changed"]
    monkeypatch.setenv("no_proxy", "example.org, 127.0.0.1")
    assert not get(server, "/a.txt", tmp_path / "x", force=True).get("failed")


def test_compressed_content_is_unpacked_unless_the_user_says_no(server: Server, tmp_path: Path) -> None:
    get(server, "/gzip", tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == TEXT
    get(server, "/gzip", tmp_path / "y", decompress=False)
    assert (tmp_path / "y").read_bytes().startswith(b"\x1f\x8b")


def test_uri_returns_what_it_was_told(server: Server, tmp_path: Path) -> None:
    answer = drive("uri", url=f"{server.url}/json")
    assert (answer["json"], answer["status"], answer["changed"]) == ({"a": [1, 2]}, 200, False)
    assert "content" not in answer
    assert drive("uri", url=f"{server.url}/a.txt", return_content=True)["content"] == TEXT.decode()
    assert drive("uri", url=f"{server.url}/cookie")["cookies"] == {"kind": "oat"}
    gone = drive("uri", url=f"{server.url}/gone")
    assert (gone["failed"], gone["status"], gone["content"]) == (True, 404, "nothing here\n")
    assert not drive("uri", url=f"{server.url}/gone", status_code=[404, 200]).get("failed")
    assert drive("uri", url="http://127.0.0.1:1/")["status"] == -1


def echoed(server: Server, **more: Any) -> dict[str, Any]:
    answer = drive("uri", url=f"{server.url}/echo", **more)
    assert not answer.get("failed"), answer
    return dict(answer["json"])


def test_uri_sends_bodies(server: Server, tmp_path: Path) -> None:
    said = echoed(server, method="POST", body={"a": [1]}, body_format="json")
    assert (said["body"], said["headers"]["Content-Type"]) == ('{"a": [1]}', "application/json")
    said = echoed(server, method="PUT", body={"a": "1 ü", "b": [1, 2]}, body_format="form-urlencoded")
    assert said["body"] == "a=1+%C3%BC&b=1&b=2"
    said = echoed(server, method="POST", body="plain", headers={"X-One": 1})
    assert (said["body"], said["headers"]["X-One"]) == ("plain", "1")
    (tmp_path / "x").write_text("from a file")
    assert echoed(server, method="POST", src=str(tmp_path / "x"), remote_src=True)["body"] == "from a file"
    field = {"filename": str(tmp_path / "x"), "mime_type": "text/plain"}
    said = echoed(server, method="POST", body={"a": "1", "f": field}, body_format="form-multipart")
    assert 'name="f"; filename="x"\r\nContent-Type: text/plain\r\n\r\nfrom a file\r\n' in said["body"]


def test_uri_goes_where_it_is_sent_as_far_as_it_may(server: Server) -> None:
    assert drive("uri", url=f"{server.url}/redirect")["redirected"]
    assert drive("uri", url=f"{server.url}/redirect", follow_redirects="none", status_code=302)["status"] == 302
    assert drive("uri", url=f"{server.url}/redirect", method="POST", status_code=302)["status"] == 302
    followed = drive("uri", url=f"{server.url}/redirect307", method="POST", body="kept", follow_redirects="all")
    assert (followed["json"]["method"], followed["json"]["body"]) == ("POST", "kept")


def test_uri_keeps_content_in_a_file(server: Server, tmp_path: Path) -> None:
    done = Recorded("uri", url=f"{server.url}/a.txt", dest=str(tmp_path / "x"), mode="0600")
    assert (done.result["changed"], done.result["path"]) == (True, str(tmp_path / "x"))
    assert (tmp_path / "x").read_bytes() == TEXT
    again = drive("uri", url=f"{server.url}/a.txt", dest=str(tmp_path / "x"), force=True)
    assert not again["changed"]


def test_uri_sends_nothing_in_check_mode(server: Server) -> None:
    assert check("uri", url=f"{server.url}/echo", method="DELETE")["skipped"]
    assert server.requests == []


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("get_url", {"url": "{url}/404", "dest": "{dir}/x"}),
        ("get_url", {"url": "{url}/a.txt", "dest": "{dir}/x", "checksum": "sha256:00"}),
        ("get_url", {"url": "{url}/a.txt", "dest": "{dir}/x"}),
        ("get_url", {"url": "http://amy:hunter2@127.0.0.1:1/x", "dest": "{dir}/x"}),
        ("uri", {"url": "{url}/a.txt"}),
        ("uri", {"url": "http://amy:hunter2@127.0.0.1:1/x"}),
        ("unarchive", {"src": "{url}/404", "dest": "{dir}", "remote_src": True}),
    ],
)
def test_a_password_in_an_address_is_not_told(
    server: Server, tmp_path: Path, module: str, options: dict[str, Any]
) -> None:
    address = server.url.replace("://", "://amy:hunter2@")
    filled = {
        name: value.replace("{url}", address).replace("{dir}", str(tmp_path)) if isinstance(value, str) else value
        for name, value in options.items()
    }
    told = repr(drive(module, **filled))
    assert "hunter2" not in told
    assert "amy" not in told
