"""Background jobs survive the connection, keep their time limit, and are asked after and cleaned up."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from orchestra.model.invocation import Job
from orchestra.payload.client import RunnerClient
from tests.runner.pipes import interpreters, run, run_file, runner
from tests.runner.test_resident import alive, module, wait_until

OLDEST = interpreters().get("3.6", "/usr/bin/python3")
both = pytest.mark.parametrize("python", ["/usr/bin/python3", OLDEST], ids=["system", "oldest"])


async def status(client: RunnerClient, folder: Path, jid: str, mode: str = "status") -> dict[str, Any]:
    options = {"jid": jid, "mode": mode, "_async_dir": str(folder)}
    return (await run(client, "async_status", options=options)).result


async def finished(client: RunnerClient, folder: Path, jid: str) -> dict[str, Any]:
    for _ in range(500):
        state = await status(client, folder, jid)
        if state["finished"]:
            return state
        await asyncio.sleep(0.01)
    raise AssertionError("the job did not end")


@both
async def test_a_job_survives_the_connection(python: str, tmp_path: Path) -> None:
    folder = tmp_path / "jobs"
    script = ["sh", "-c", f"until test -e {tmp_path}/go; do sleep 0.02; done; echo worked; echo e >&2"]
    async with runner(python) as (client, _):
        options = {"argv": script, "expand_argument_vars": False}
        started = (await run(client, "command", options=options, job=Job("j1.2", 60, str(folder)))).result
        path = str(folder / "j1.2")
        wanted = {"started": 1, "finished": 0, "ansible_job_id": "j1.2", "results_file": path, "changed": True}
        assert started == wanted
        assert (folder / "j1.2").stat().st_mode & 0o777 == 0o600
        assert (await status(client, folder, "j1.2"))["finished"] == 0
    (tmp_path / "go").touch()
    async with runner(python) as (client, _):
        state = await finished(client, folder, "j1.2")
        assert (state["stdout"], state["stderr"], state["rc"], state["changed"]) == ("worked", "e", 0, True)
        assert (await status(client, folder, "j1.2", "cleanup"))["erased"] == path
        assert list(folder.iterdir()) == []
        gone = await status(client, folder, "j1.2")
        assert gone["failed"] and gone["msg"] == "could not find job"


@both
async def test_a_job_past_its_limit_is_stopped_with_all_it_started(python: str, tmp_path: Path) -> None:
    script = ["sh", "-c", f"sleep 93 & echo $! > {tmp_path}/pid; wait"]
    async with runner(python) as (client, _):
        options = {"argv": script, "expand_argument_vars": False}
        await run(client, "command", options=options, job=Job("j2", 0.5, str(tmp_path)))
        state = await finished(client, tmp_path, "j2")
        assert state["failed"] and "time limit" in state["msg"]
        pid = int((tmp_path / "pid").read_text())
        await wait_until(lambda: not alive(pid), "the job left an orphan")


@both
async def test_a_job_that_is_stopped_ends_with_all_it_started_and_leaves_no_state(python: str, tmp_path: Path) -> None:
    folder = tmp_path / "jobs"
    script = ["sh", "-c", f"sleep 93 & echo $! > {tmp_path}/pid; wait"]
    async with runner(python) as (client, _):
        options = {"argv": script, "expand_argument_vars": False}
        await run(client, "command", options=options, job=Job("j8", 60, str(folder)))
        await wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "nothing was started")
        assert (await status(client, folder, "j8", "stop"))["erased"] == str(folder / "j8")
        assert not alive(int((tmp_path / "pid").read_text()))
        assert list(folder.iterdir()) == []
        assert (await status(client, folder, "j8", "stop"))["msg"] == "could not find job"


async def test_a_job_that_has_ended_is_stopped_at_once(tmp_path: Path) -> None:
    (tmp_path / "j9").write_text(json.dumps({"changed": True, "finished": 1, "started": 1}))
    async with runner() as (client, _):
        await status(client, tmp_path, "j9", "stop")
        assert list(tmp_path.iterdir()) == []


async def test_a_job_that_dies_is_told(tmp_path: Path) -> None:
    probe = module(tmp_path, "import os\ndef plan(options, system):\n    os._exit(3)\n")
    async with runner() as (client, _):
        await run_file(client, probe, job=Job("j3", 60, str(tmp_path / "jobs")))
        state = await finished(client, tmp_path / "jobs", "j3")
        assert state["failed"] and state["msg"] == "the job's process died"


async def test_a_job_that_raises_is_told_with_the_traceback(tmp_path: Path) -> None:
    probe = module(tmp_path, "def plan(options, system):\n    raise KeyError('x')\n")
    async with runner() as (client, _):
        await run_file(client, probe, job=Job("j4", 60, str(tmp_path / "jobs")))
        state = await finished(client, tmp_path / "jobs", "j4")
        assert state["msg"] == "KeyError: 'x'"
        assert "probe.py" in state["exception"]


async def test_a_job_keeps_its_attachments_and_leaves_nothing_else(tmp_path: Path) -> None:
    body = 'def plan(options, system):\n    yield WriteFile(options.path, system.attachment("content"))\n'
    probe = module(tmp_path, body)
    (tmp_path / "tmp").mkdir()
    content = os.urandom(2_000_000)
    async with runner(environ={"TMPDIR": str(tmp_path / "tmp")}) as (client, _):
        job = Job("j5", 60, str(tmp_path / "jobs"))
        options = {"path": str(tmp_path / "target")}
        await run_file(client, probe, options=options, attachments={"content": content}, job=job)
        assert (await finished(client, tmp_path / "jobs", "j5"))["changed"]
        assert (tmp_path / "target").read_bytes() == content
        await wait_until(lambda: not list((tmp_path / "tmp").iterdir()), "the job left its private folder")


async def test_a_state_file_of_another_making_is_read(tmp_path: Path) -> None:
    """Ansible's own wrapper writes the module's bare result at the end."""
    (tmp_path / "j6").write_text(json.dumps({"changed": True, "rc": 0}))
    (tmp_path / "j7").write_text("")
    async with runner() as (client, _):
        state = await status(client, tmp_path, "j6")
        assert (state["finished"], state["rc"], state["changed"]) == (1, 0, True)
        assert (await status(client, tmp_path, "j7"))["finished"] == 0
