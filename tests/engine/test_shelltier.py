"""A host without Python: what still works there, run by a real shell whose PATH holds no Python."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from orchestra.engine.shelltier import ShellTier
from orchestra.errors import HostError
from orchestra.model.invocation import Completed, Invocation

PROGRAMS = ("sh", "uname", "id", "cat", "touch")


@pytest.fixture
def tier(tmp_path: Path) -> ShellTier:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in PROGRAMS:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)

    async def run_line(line: str, stdin: bytes, seconds: float) -> Completed:
        process = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", line, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, env={"PATH": str(folder), "HOME": str(tmp_path)},
        )  # fmt: skip
        out, err = await process.communicate(stdin)
        return Completed(process.returncode or 0, out, err)

    return ShellTier(run_line, "no usable Python was found")


async def test_command_keeps_words_apart(tier: ShellTier) -> None:
    reply = await tier.run_module(Invocation("command", {"cmd": "echo 'a  b' \"it's\" '$HOME;x'"}))
    assert reply.data["stdout"] == "a  b it's $HOME;x"
    assert (reply.changed, reply.failed, reply.data["rc"]) == (True, False, 0)
    assert reply.data["cmd"] == ["echo", "a  b", "it's", "$HOME;x"]


async def test_shell_has_environment_folder_and_input(tier: ShellTier, tmp_path: Path) -> None:
    options = {"cmd": "cat; echo $X; pwd", "stdin": "in", "chdir": str(tmp_path)}
    reply = await tier.run_module(Invocation("shell", options, environment={"X": "it's; touch no"}))
    assert reply.data["stdout"].splitlines() == ["in", "it's; touch no", os.path.realpath(tmp_path)]
    assert not (tmp_path / "no").exists()


async def test_failure_is_told(tier: ShellTier) -> None:
    reply = await tier.run_module(Invocation("shell", {"cmd": "echo bad >&2; exit 3"}))
    assert (reply.failed, reply.data["rc"], reply.data["stderr"]) == (True, 3, "bad")
    assert reply.data["msg"] == "non-zero return code"


@pytest.mark.parametrize(("option", "path"), [("creates", "/bin/sh"), ("removes", "/nowhere/at/all")])
async def test_creates_and_removes(tier: ShellTier, tmp_path: Path, option: str, path: str) -> None:
    mark = tmp_path / "mark"
    reply = await tier.run_module(Invocation("command", {"cmd": f"touch {mark}", option: path}))
    assert (reply.changed, reply.failed, mark.exists()) == (False, False, False)


async def test_check_mode_runs_nothing(tier: ShellTier, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    reply = await tier.run_module(Invocation("command", {"cmd": f"touch {mark}"}, check=True))
    assert (reply.skipped, mark.exists()) == (True, False)


async def test_script(tier: ShellTier) -> None:
    script = b'#!/bin/sh\necho "got: $1 / $2"\n'
    options = {"cmd": "x.sh one 'two three'", "script_args": "one 'two three'"}
    reply = await tier.run_module(Invocation("script", options, attachments={"script": script}))
    assert reply.data["stdout"] == "got: one / two three"


async def test_a_script_of_another_language_is_refused(tier: ShellTier) -> None:
    with pytest.raises(HostError, match="python3"):
        await tier.run_module(Invocation("script", {"cmd": "x"}, attachments={"script": b"#!/usr/bin/env python3\n"}))


async def test_facts(tier: ShellTier) -> None:
    reply = await tier.run_module(Invocation("setup", {}))
    facts = reply.data["ansible_facts"]
    assert facts["ansible_system"] == os.uname().sysname
    assert facts["ansible_user_uid"] == os.getuid()
    assert facts["ansible_os_family"]


async def test_other_modules_say_what_to_do(tier: ShellTier) -> None:
    with pytest.raises(HostError, match="'copy' needs it") as caught:
        await tier.run_module(Invocation("copy", {}))
    assert "ansible_python_interpreter" in caught.value.hint
