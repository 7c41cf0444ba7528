"""The files family as it travels: a real runner, on every Python that a target may have."""

import hashlib
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from orchestra.payload.client import RunnerClient
from tests.modules.webserver import TEXT, serving
from tests.runner.pipes import interpreters, run, runner

FOUND = interpreters()
SCRIPT = b'#!/bin/sh\necho $1 > "$2"\n'


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("version", ["system", "3.6", "3.7", "3.9", "3.11", "3.13", "3.14"])
async def test_every_module_on_every_python(version: str, tmp_path: Path) -> None:
    if version not in FOUND:
        pytest.skip(f"there is no Python {version} on this machine")
    _prepare(tmp_path)
    with serving() as server:
        async with runner(FOUND[version]) as (client, _):
            for module, options, attachments, expected in _tasks(tmp_path, server.url, server.server_address[1]):
                for changed in _rounds(expected):
                    result = await _run(client, module, options, attachments)
                    assert not result.get("failed"), (module, options, result)
                    assert result["changed"] == changed, (module, options, result)
    assert (tmp_path / "copied/x").read_bytes() == b"hello\n"
    assert (tmp_path / "said").read_text() == "word\n"
    assert (tmp_path / "out/tree/a").read_text() == (tmp_path / "flat/a").read_text() == "a\n"
    assert (tmp_path / "clone/f").read_text() == "1\n"
    assert (tmp_path / "fetched").read_bytes() == TEXT


def _rounds(expected: str) -> list[bool]:
    """What a first and a second run say."""
    return {"once": [True, False], "always": [True, True], "never": [False, False]}[expected]


async def _run(
    client: RunnerClient, module: str, options: dict[str, Any], attachments: dict[str, bytes]
) -> dict[str, Any]:
    return (await run(client, module, options=options, attachments=attachments, diff=True)).result


def _prepare(folder: Path) -> None:
    (folder / "tree").mkdir()
    (folder / "tree/a").write_text("a\n")
    with tarfile.open(folder / "t.tgz", "w:gz") as archive:
        archive.add(folder / "tree", "tree")
    with zipfile.ZipFile(folder / "t.zip", "w") as zipped:
        zipped.write(folder / "tree/a", "tree/a")
    for name in ("out", "flat", "zipped"):
        (folder / name).mkdir()
    git = "git init -q repo && cd repo && echo 1 > f && git add f && git -c user.name=n -c user.email=n@n commit -qm 1"
    subprocess.run(["sh", "-c", git], cwd=folder, check=True)


def _tasks(folder: Path, url: str, port: int) -> list[tuple[str, dict[str, Any], dict[str, bytes], str]]:
    at = str(folder)
    checksum = hashlib.sha1(b"hello\n").hexdigest()
    sent = {"content_attachment": "content", "checksum": checksum, "original_basename": "x", "mode": "0600"}
    return [
        ("file", {"path": f"{at}/copied", "state": "directory", "mode": "0750"}, {}, "once"),
        ("copy", {"dest": f"{at}/copied/", **sent}, {"content": b"hello\n"}, "once"),
        ("template", {"dest": f"{at}/rendered", "src": "x.j2", **sent}, {"content": b"hello\n"}, "once"),
        ("copy", {"src": f"{at}/tree/", "dest": f"{at}/tree2", "remote_src": True}, {}, "once"),
        ("file", {"path": f"{at}/l", "src": f"{at}/tree", "state": "link"}, {}, "once"),
        ("stat", {"path": f"{at}/l"}, {}, "never"),
        ("find", {"paths": at, "recurse": True, "patterns": "a", "contains": "a"}, {}, "never"),
        ("slurp", {"src": f"{at}/tree/a"}, {}, "never"),
        ("fetch", {"src": f"{at}/tree/a", "dest": "x"}, {}, "never"),
        ("blockinfile", {"path": f"{at}/conf", "block": "k: ü", "create": True}, {}, "once"),
        ("replace", {"path": f"{at}/conf", "regexp": "^k: (.)$", "replace": "l: \\1"}, {}, "once"),
        ("assemble", {"src": f"{at}/tree", "dest": f"{at}/assembled"}, {}, "once"),
        ("tempfile", {"path": at, "state": "directory"}, {}, "always"),
        ("shell", {"cmd": f"echo $X | cat; cd {at}", "chdir": at}, {}, "always"),
        ("shell", {"cmd": "echo > made", "chdir": at, "creates": "made"}, {}, "once"),
        ("script", {"cmd": f"s.sh word {at}/said", "script_name": "s.sh"}, {"script": SCRIPT}, "always"),
        ("raw", {"cmd": "true"}, {}, "always"),
        ("unarchive", {"src": f"{at}/t.tgz", "dest": f"{at}/out", "remote_src": True}, {}, "once"),
        (
            "unarchive",
            {
                "src": "t.tgz",
                "dest": f"{at}/flat",
                "content_attachment": "archive",
                "extra_opts": ["--strip-components=1"],
            },
            {"archive": (folder / "t.tgz").read_bytes()},
            "once",
        ),
        ("unarchive", {"src": f"{at}/t.zip", "dest": f"{at}/zipped", "remote_src": True}, {}, "once"),
        ("git", {"repo": f"{at}/repo", "dest": f"{at}/clone"}, {}, "once"),
        ("get_url", {"url": f"{url}/a.txt", "dest": f"{at}/fetched", "force": True}, {}, "once"),
        ("uri", {"url": f"{url}/json"}, {}, "never"),
        ("wait_for", {"port": port}, {}, "never"),
    ]


async def test_a_fetched_file_comes_as_an_attachment(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\0\xff" * 100_000)
    known = hashlib.sha1(b"\0\xff" * 100_000).hexdigest()
    async with runner(FOUND["system"]) as (client, _):
        options = {"src": f"{tmp_path}/x", "dest": "y"}
        reply = await run(client, "fetch", options=options)
        assert reply.attachments["content"] == b"\0\xff" * 100_000
        assert reply.result["checksum"] == known
        reply = await run(client, "fetch", options={**options, "known_checksum": known})
        assert not reply.attachments
        assert reply.result["attached"] is False


async def test_check_mode_sees_what_earlier_tasks_would_have_made(tmp_path: Path) -> None:
    at = str(tmp_path)
    async with runner(FOUND["system"]) as (client, _):

        async def checked(module: str, **options: Any) -> dict[str, Any]:
            result = (await run(client, module, options=options, check=True)).result
            assert not result.get("failed"), result
            return result

        await checked("file", path=f"{at}/d", state="directory", mode="0700")
        await checked("copy", content="one\n", dest=f"{at}/d/x")
        assert (await checked("blockinfile", path=f"{at}/d/x", block="two"))["changed"]
        assert not (await checked("copy", content="one\n", dest=f"{at}/d/x", force=False))["changed"]
        assert (await checked("stat", path=f"{at}/d"))["stat"]["mode"] == "0700"
        found = await checked("find", paths=at, recurse=True, get_checksum=True)
        assert [one["path"] for one in found["files"]] == [f"{at}/d/x"]
        await checked("file", path=f"{at}/d", state="absent")
        assert not (await checked("stat", path=f"{at}/d/x"))["stat"]["exists"]
    assert not list(tmp_path.iterdir())


async def test_one_checked_task_in_a_real_run_sees_the_machine_as_it_is(tmp_path: Path) -> None:
    path = f"{tmp_path}/x"
    options = {"path": path, "line": "a", "create": True}
    async with runner(FOUND["system"]) as (client, _):
        for expected in (True, False):
            reply = await run(client, "lineinfile", options=options, check=True, alone=True)
            assert reply.result["changed"] is expected
            await run(client, "lineinfile", options=options)
        (tmp_path / "x").unlink()
        assert (await run(client, "lineinfile", options=options, check=True, alone=True)).result["changed"]
