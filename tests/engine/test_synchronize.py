"""synchronize with a real rsync: over SSH to a loopback server, on one machine, and from host to host."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncssh
import pytest

from orchestra.engine.actions import synchronize
from orchestra.model.invocation import Become
from orchestra.testing.sshserver import ServerSettings, serving
from orchestra.transport.endpoint import Endpoint

needs_rsync = pytest.mark.skipif(not (shutil.which("rsync") and shutil.which("ssh")), reason="needs rsync and ssh")
DEFAULTS: dict[str, Any] = {
    "mode": "push", "archive": True, "checksum": False, "compress": True, "existing_only": False, "delete": False,
    "dirs": False, "recursive": None, "links": None, "copy_links": False, "perms": None, "times": None, "owner": None,
    "group": None, "partial": False, "delay_updates": True, "rsync_path": None, "rsync_timeout": 0, "rsync_opts": [],
    "link_dest": None, "dest_port": None, "private_key": None, "set_remote_user": True, "use_ssh_args": False,
    "ssh_connection_multiplexing": False, "verify_host": False,
}  # fmt: skip


def line(host: Endpoint | None, become: Become | None = None, **args: Any) -> str:
    """The command line, with both ends as they are written."""
    context: Any = SimpleNamespace(check=False, lookups=None, scope={})
    ends = synchronize._Ends(host, become, from_controller=False)
    return " ".join(synchronize._command(context, {**DEFAULTS, "src": "/a/", "dest": "/b", **args}, ends))


def test_command_lines() -> None:
    host = Endpoint("web", "10.0.0.1", 2222, "deploy", private_key_file="/k", common_args="-J jump")
    assert line(host) == (
        "rsync --delay-updates -F --compress --archive --rsh=ssh -S none -i /k -o Port=2222 "
        "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "
        "--out-format=<<CHANGED>>%i %n%L -- /a/ deploy@10.0.0.1:/b"
    )
    assert "deploy@10.0.0.1:/a/ /b" in line(host, mode="pull")
    assert "10.0.0.1" not in line(host, dest="rsync://store/module")
    assert "-o Port" not in line(Endpoint("web"))
    assert line(Endpoint("web", "fe80::1"), set_remote_user=False).endswith("-- /a/ [fe80::1]:/b")
    assert "--rsync-path=sudo -u www-data rsync" in line(host, Become("www-data"))
    assert "--rsync-path=nice rsync" in line(host, Become("www-data"), rsync_path="nice rsync")
    assert "-J jump" in line(host, use_ssh_args=True)
    strict = line(host, verify_host=True, ssh_connection_multiplexing=True, private_key="/other", dest_port=22)
    assert "--rsh=ssh -i /other -o Port=22 --out" in strict


def test_what_archive_stands_for_can_be_left_out() -> None:
    assert "--archive --no-perms --no-owner" in line(None, perms=False, owner=False, links=True)
    plain = line(None, archive=False, compress=False, delay_updates=False, recursive=True, times=True, group=False)
    assert plain == "rsync -F --recursive --times --out-format=<<CHANGED>>%i %n%L -- /a/ /b"
    more = line(None, delete=True, checksum=True, rsync_timeout=5, link_dest=["/old"], rsync_opts=["--exclude=x"])
    assert "--delete-after --checksum --archive --timeout=5 --link-dest=/old --exclude=x" in more


def test_a_path_is_never_an_option() -> None:
    assert line(None, src="--rsh=touch /tmp/x", dest="-e").endswith(" -- --rsh=touch /tmp/x -e")


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """A server that lets the key `key` in."""
    for name in ("host_key", "key"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(tmp_path / name)
        (tmp_path / name).chmod(0o600)
    key.write_public_key(tmp_path / "authorized_keys")
    (tmp_path / "home").mkdir()
    settings = ServerSettings(tmp_path / "host_key", tmp_path / "authorized_keys", tmp_path / "home")
    async with serving(settings) as acceptor:
        yield acceptor.get_port()


async def play(folder: Path, port: int, *tasks: dict[str, Any], flags: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The tasks' results, on `far` by SSH."""
    (folder / "play.yml").write_text(json.dumps([{"hosts": "far", "gather_facts": False, "tasks": list(tasks)}]))
    (folder / "inv.ini").write_text(
        f"far ansible_host=127.0.0.1 ansible_port={port} ansible_private_key_file={folder}/key "
        "ansible_host_key_checking=false\nother ansible_connection=local\n"
        f"[all:vars]\nansible_python_interpreter={sys.executable}\n"
    )
    words = ["play", "--output", "json", "-i", "inv.ini", "play.yml", *flags]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "orchestra", *words, cwd=folder, stdout=-1, env={**os.environ, "HOME": str(folder)}
    )
    out, _ = await process.communicate()
    events = map(json.loads, out.splitlines())
    return [event["result"] for event in events if event["event"] == "task_finished"]


@needs_rsync
async def test_there_and_back(tmp_path: Path, port: int) -> None:
    (tmp_path / "files/tree/deep").mkdir(parents=True)
    (tmp_path / "files/tree/deep/a").write_text("1\n")
    (tmp_path / "there").mkdir()
    (tmp_path / "there/old").write_text("old\n")
    push = {"synchronize": {"src": "tree/", "dest": f"{tmp_path}/there", "delete": True}}
    (foretold,) = await play(tmp_path, port, push, flags=("--check",))
    assert foretold["changed"]
    assert (tmp_path / "there/old").exists()
    pull = {"ansible.posix.synchronize": {"src": f"{tmp_path}/there/", "dest": "back", "mode": "pull"}}
    first, again, back = await play(tmp_path, port, push, push, pull, flags=("--diff",))
    assert (first["changed"], again["changed"], back["changed"]) == (True, False, True)
    assert "<f+++++++++ deep/a" in first["stdout_lines"]
    assert "deleting   old" in first["diff"]["prepared"]
    assert (tmp_path / "there/deep/a").read_text() == (tmp_path / "back/deep/a").read_text() == "1\n"
    assert not (tmp_path / "there/old").exists()


@needs_rsync
async def test_where_it_is_delegated_to(tmp_path: Path, port: int) -> None:
    """On the host itself both paths are its own; from another host it is a way from there."""
    (tmp_path / "a").write_text("1\n")
    there = {"synchronize": {"src": f"{tmp_path}/a", "dest": f"{tmp_path}/b"}, "delegate_to": "far"}
    other = {"synchronize": {"src": f"{tmp_path}/a", "dest": f"{tmp_path}/c"}, "delegate_to": "other"}
    missing = {"synchronize": {"src": f"{tmp_path}/none", "dest": f"{tmp_path}/c"}, "ignore_errors": True}
    itself, across, failed = await play(tmp_path, port, there, other, missing)
    assert "127.0.0.1:" not in itself["cmd"]
    assert "127.0.0.1:" in across["cmd"]
    assert (tmp_path / "b").read_text() == (tmp_path / "c").read_text() == "1\n"
    assert (failed["failed"], failed["rc"]) == (True, 23)
    assert "No such file" in failed["msg"]
