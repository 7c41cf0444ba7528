"""What a resident runner promises, shown on a real one over pipes: many at once, deadlines, no orphans, large data."""

from __future__ import annotations

import asyncio
import os
import signal
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from orchestra.errors import Lost
from orchestra.payload.client import OverlayShare, Request
from orchestra.payload.code import PayloadError
from tests.runner.pipes import BUILDER, interpreters, run, run_file, runner

OLDEST = interpreters().get("3.6", "/usr/bin/python3")
both = pytest.mark.parametrize("python", ["/usr/bin/python3", OLDEST], ids=["system", "oldest"])


def module(folder: Path, body: str, name: str = "probe") -> Path:
    """A module file with options `text`, `path` and `number`."""
    head = (
        "from orchestra.runner.sdk import Command, Int, MakeDirectory, Path, Str, Touch, WriteFile, option\n"
        "class Options:\n"
        "    text = option(Str, 'any')\n    path = option(Path, 'any')\n    number = option(Int, 'any')\n"
    )
    path = folder / f"{name}.py"
    path.write_text(head + textwrap.dedent(body))
    return path


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


async def wait_until(condition: Any, text: str) -> None:
    """Poll a condition of the outside world for at most twenty seconds."""
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(text)


@both
async def test_a_background_process_does_not_hold_the_task(python: str, tmp_path: Path) -> None:
    async with runner(python) as (client, _):
        began = time.monotonic()
        script = f"sleep 99 & echo $! > {tmp_path}/pid; echo done"
        said = await run(client, "command", options={"argv": ["sh", "-c", script], "expand_argument_vars": False})
        assert said.result["stdout"] == "done"
        assert time.monotonic() - began < 5
        pid = int((tmp_path / "pid").read_text())
        assert alive(pid), "what a command leaves in the background stays"
        os.kill(pid, signal.SIGKILL)


@both
async def test_a_deadline_ends_the_whole_group(python: str, tmp_path: Path) -> None:
    async with runner(python) as (client, _):
        script = f"sleep 98 & echo $! > {tmp_path}/pid; trap '' TERM; sleep 97"
        options = {"argv": ["sh", "-c", script], "expand_argument_vars": False}
        reply = await run(client, "command", options=options, deadline=0.5)
        assert reply.fault == "deadline"
        assert reply.result["failed"] and "time limit" in reply.result["msg"]
        pid = int((tmp_path / "pid").read_text())
        await wait_until(lambda: not alive(pid), "the deadline left an orphan")
        assert (await run(client, "ping")).result["ping"] == "pong"


async def test_a_deadline_spares_what_an_earlier_task_left_running(tmp_path: Path) -> None:
    async with runner() as (client, _):
        script = f"sleep 96 >/dev/null 2>&1 & echo $! > {tmp_path}/pid"
        await run(client, "command", options={"argv": ["sh", "-c", script], "expand_argument_vars": False})
        assert (await run(client, "command", options={"cmd": "sleep 95"}, deadline=0.3)).fault == "deadline"
        pid = int((tmp_path / "pid").read_text())
        assert alive(pid)
        os.kill(pid, signal.SIGKILL)


async def test_cancelling_the_caller_kills_on_the_host(tmp_path: Path) -> None:
    async with runner() as (client, _):
        script = f"echo $$ > {tmp_path}/pid; exec sleep 94"
        options = {"argv": ["sh", "-c", script], "expand_argument_vars": False}
        task = asyncio.create_task(run(client, "command", options=options))
        await wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "it did not begin")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        pid = int((tmp_path / "pid").read_text())
        await wait_until(lambda: not alive(pid), "the cancelled command still runs")
        assert (await run(client, "ping")).result["ping"] == "pong"


async def test_requests_run_at_the_same_time() -> None:
    async with runner() as (client, _):
        began = time.monotonic()
        replies = await asyncio.gather(*(run(client, "command", options={"cmd": "sleep 0.5"}) for _ in range(20)))
        assert all(reply.result["rc"] == 0 for reply in replies)
        assert time.monotonic() - began < 5


@both
async def test_eight_megabytes_of_binary_output_arrive_whole(python: str) -> None:
    async with runner(python) as (client, _):
        script = (
            "i=0; while [ $i -lt 8 ]; do head -c 1048576 /dev/zero | tr '\\000' '\\377'; i=$((i+1)); done; echo e >&2"
        )
        options = {"argv": ["sh", "-c", script], "strip_empty_ends": "no", "expand_argument_vars": "no"}
        reply = await run(client, "command", options=options)
        assert reply.attachments["stdout"] == b"\xff" * 8 * 1048576
        assert len(reply.result["stdout"]) == 8 * 1048576
        assert reply.result["stderr"] == "e\n"


async def test_output_past_the_limit_fails_and_names_the_setting() -> None:
    async with runner(reply_limit=100_000) as (client, _):
        reply = await run(client, "command", options={"cmd": "head -c 200000 /dev/zero"})
        assert reply.result["failed"]
        assert "orchestra.max_reply_mb" in reply.result["msg"]
        assert (await run(client, "ping")).result["ping"] == "pong"


async def test_a_large_result_past_the_limit_fails_and_names_the_setting(tmp_path: Path) -> None:
    probe = module(tmp_path, "def plan(options, system):\n    return {'rows': ['x' * 100] * 5000}\n")
    async with runner(reply_limit=100_000) as (client, _):
        reply = await run_file(client, probe)
        assert "orchestra.max_reply_mb" in reply.result["msg"]


@both
async def test_attachments_travel_both_ways(python: str, tmp_path: Path) -> None:
    probe = module(
        tmp_path,
        """
        def plan(options, system):
            content = system.attachment("content")
            wrote = yield WriteFile(options.path, content)
            system.attach("back", path=options.path)
            system.attach("note", b"\\x00\\xff")
            return {"size": content.size, "spooled": content.path is not None}
        """,
    )
    large = os.urandom(3_000_000)
    source = tmp_path / "source"
    source.write_bytes(large)
    async with runner(python) as (client, _):
        target = tmp_path / "target"
        for content, spooled in ((b"", False), (b"small", False), (source, True)):
            reply = await run_file(client, probe, options={"path": str(target)}, attachments={"content": content})
            data = large if content is source else content
            assert reply.result == {"size": len(data), "spooled": spooled, "changed": True}
            assert target.read_bytes() == data
            assert reply.attachments == {"back": data, "note": b"\x00\xff"}


async def test_a_reply_can_be_received_piece_by_piece(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"z" * 1_000_000)
    probe = module(tmp_path, "def plan(options, system):\n    system.attach('content', path=options.path)\n")
    pieces: list[int] = []
    async with runner() as (client, _):
        options = {"path": str(tmp_path / "large")}
        reply = await run_file(client, probe, options=options, receive=lambda name, data: pieces.append(len(data)))
        assert sum(pieces) == 1_000_000
        assert max(pieces) <= 65536
        assert reply.attachments == {}


@both
async def test_a_crash_is_the_tasks_own(python: str, tmp_path: Path) -> None:
    probe = module(tmp_path, "import os\ndef plan(options, system):\n    os._exit(7)\n")
    async with runner(python) as (client, _):
        reply = await run_file(client, probe)
        assert reply.fault == "died"
        assert "status 7" in reply.result["msg"]
        assert (await run(client, "ping")).result["ping"] == "pong"


async def test_an_exception_becomes_a_failed_reply_with_the_right_line(tmp_path: Path) -> None:
    probe = module(tmp_path, 'def plan(options, system):\n    """Long\n    docstring."""\n    return 1 / 0  # here\n')
    line = probe.read_text().splitlines().index("    return 1 / 0  # here") + 1
    async with runner() as (client, _):
        result = (await run_file(client, probe)).result
        assert result["failed"] and result["msg"] == "ZeroDivisionError: division by zero"
        assert f'probe.py", line {line}' in result["exception"]


async def test_a_worker_is_reused_while_clean_and_replaced_when_dirty(tmp_path: Path) -> None:
    probe = module(
        tmp_path,
        """
        import os
        HELD = []
        def plan(options, system):
            if options.text == "leak": HELD.append(os.open("/dev/null", os.O_RDONLY))
            if options.text == "grow": HELD.append(bytearray(os.urandom(1 << 20) * 48))
            if options.text == "raise": raise ValueError("x")
            if options.text == "move": os.chdir("/"); os.umask(0o777); os.environ["LEFT"] = "1"
            return {"pid": os.getpid(), "cwd": os.getcwd(), "umask": os.umask(0o22), "left": os.environ.get("LEFT")}
        """,
    )

    async def pid(text: str = "") -> Any:
        return (await run_file(client, probe, options={"text": text})).result.get("pid")

    async with runner() as (client, _):
        first = await pid()
        assert await pid() == first
        assert await pid("move") == first
        again = (await run_file(client, probe)).result
        assert (again["pid"], again["cwd"], again["left"]) == (first, os.getcwd(), None)
        for dirt in ("leak", "grow", "raise"):
            before = await pid()
            await pid(dirt)
            assert await pid() != before, f"a worker was kept after: {dirt}"


async def test_modules_with_needs_get_a_worker_and_site_packages(tmp_path: Path) -> None:
    head = "NEEDS = ('x',)\nimport os, sys\n"
    body = head + "def plan(options, system):\n    return {'pid': os.getpid(), 'path': sys.path}\n"
    probe = module(tmp_path, body)
    async with runner() as (client, _):
        one, two = [(await run_file(client, probe)).result for _ in range(2)]
        assert one["pid"] != two["pid"]
        assert any(path.endswith(("site-packages", "dist-packages")) for path in one["path"])


async def test_the_environment_belongs_to_one_task() -> None:
    async with runner() as (client, _):
        script = {"argv": ["sh", "-c", "echo $WHO"], "expand_argument_vars": "no"}
        assert (await run(client, "command", options=script, environment={"WHO": "me"})).result["stdout"] == "me"
        assert (await run(client, "command", options=script)).result["stdout"] == ""


@both
async def test_when_the_link_drops_the_current_effect_is_finished_and_nothing_else(python: str, tmp_path: Path) -> None:
    probe = module(
        tmp_path,
        """
        def plan(options, system):
            yield Touch(options.path + ".begun")
            yield Command(["sleep", "0.5"])
            yield Touch(options.path + ".second")
        """,
    )
    async with runner(python) as (client, pipes):
        task = asyncio.create_task(run_file(client, probe, options={"path": str(tmp_path / "f")}))
        await wait_until((tmp_path / "f.begun").exists, "it did not begin")
        pipes.terminate()
        await asyncio.wait_for(pipes.ended.wait(), 10)
        with pytest.raises(Lost):
            await task
    assert not (tmp_path / "f.second").exists()


@both
async def test_a_worker_does_not_wait_for_a_file_that_can_not_come_any_more(python: str, tmp_path: Path) -> None:
    probe = module(
        tmp_path,
        """
        import os, time
        def plan(options, system):
            yield Touch(options.path + ".begun")
            while not os.path.exists(options.path + ".go"):
                time.sleep(0.02)
            __import__("orchestra.runner." + "undo")
            yield Touch(options.path + ".second")
        """,
    )
    async with runner(python) as (client, pipes):
        task = asyncio.create_task(run_file(client, probe, options={"path": str(tmp_path / "f")}))
        await wait_until((tmp_path / "f.begun").exists, "it did not begin")
        pipes.terminate()
        (tmp_path / "f.go").touch()
        await asyncio.wait_for(pipes.ended.wait(), 10)
        with pytest.raises(Lost):
            await task
    assert not (tmp_path / "f.second").exists()


@both
async def test_a_runner_beats_as_often_as_it_is_listened_to(python: str) -> None:
    async with runner(python, silence=0.6) as (client, _):
        assert (await run(client, "command", options={"cmd": "sleep 1.5"})).result["rc"] == 0


async def test_a_silent_runner_is_lost() -> None:
    async with runner(silence=0.4) as (client, _):
        os.kill(client.hello["pid"], signal.SIGSTOP)
        try:
            with pytest.raises(Lost, match="silent"):
                await run(client, "ping")
        finally:
            os.kill(client.hello["pid"], signal.SIGCONT)


@both
async def test_check_mode_sees_what_earlier_tasks_would_have_made(python: str, tmp_path: Path) -> None:
    folder = module(tmp_path, "def plan(options, system):\n    yield MakeDirectory(options.path)\n", "mkdirs")
    file = str(tmp_path / "new" / "deep" / "file")
    line = {"path": file, "line": "a", "create": True}
    async with runner(python) as (client, _):
        made = await run_file(client, folder, options={"path": str(tmp_path / "new" / "deep")}, check=True)
        assert made.result == {"changed": True}
        assert (await run(client, "lineinfile", options=line, check=True)).result["assumed"]
        many = await asyncio.gather(*(run(client, "lineinfile", options=line, check=True) for _ in range(5)))
        assert [reply.result["changed"] for reply in many] == [False] * 5
        assert not (tmp_path / "new").exists()


async def test_runners_of_one_host_share_what_check_mode_predicts(tmp_path: Path) -> None:
    share = OverlayShare()
    options = {"path": str(tmp_path / "file"), "line": "a", "create": True}
    async with runner(overlay=share) as (client, _):
        assert (await run(client, "lineinfile", options=options, check=True)).result["changed"]
        async with runner(overlay=share) as (other, _):
            assert not (await run(other, "lineinfile", options=options, check=True)).result["changed"]


@both
async def test_undo_is_recorded_before_and_replayed_later(python: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("a\n")
    async with runner(python) as (client, _):
        options = {"path": str(path), "line": "b"}
        reply = await run(client, "lineinfile", options=options, undo=True)
        assert path.read_text() == "a\nb\n"
        assert len(reply.undo) == 1
        back = Request(BUILDER.own("undo"), {"steps": reply.undo})
        assert (await client.request(back)).result["changed"]
        assert path.read_text() == "a\n"
        await run(client, "lineinfile", options=options, undo=True)
        path.write_text("mine\n")
        refused = (await client.request(back)).result
        assert refused["failed"] and "has changed since" in refused["msg"]
        assert path.read_text() == "mine\n"


async def test_what_is_attached_from_the_private_folder_arrives(tmp_path: Path) -> None:
    probe = module(
        tmp_path,
        """
        def plan(options, system):
            path = system.scratch() + "/made"
            yield Command(["sh", "-c", "printf made > " + path], touches=[])
            system.attach("made", path=path)
            if options.text: system.attach("gone", path=path + ".gone")
        """,
    )
    async with runner() as (client, _):
        assert (await run_file(client, probe)).attachments == {"made": b"made"}
        result = (await run_file(client, probe, options={"text": "x"})).result
        assert result["failed"] and "can not be read" in result["msg"] and "gone" in result["msg"]
        assert (await run(client, "ping")).result["ping"] == "pong"


async def test_progress_is_heard(tmp_path: Path) -> None:
    probe = module(tmp_path, "def plan(options, system):\n    system.progress('half')\n")
    heard: list[str] = []
    async with runner() as (client, _):
        await run_file(client, probe, note=heard.append)
    assert heard == ["half"]


async def test_nothing_stays_on_the_host(tmp_path: Path) -> None:
    probe = module(tmp_path, "def plan(options, system):\n    return {'folder': system.scratch()}\n")
    async with runner(environ={"TMPDIR": str(tmp_path)}) as (client, _):
        folder = (await run_file(client, probe)).result["folder"]
        assert folder.startswith(str(tmp_path))
        assert not Path(folder).exists()
        pid = client.hello["pid"]
    await wait_until(lambda: not alive(pid), "the runner is still there")


async def test_a_module_with_a_mistake_is_told_before_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("def plan(:\n")
    with pytest.raises(PayloadError, match=r"broken.py:1"):
        BUILDER.module(str(path))


async def test_first_bytes_and_later_ones_stay_small() -> None:
    """The byte budget: the start with the first task, and then each task up and down."""
    async with runner() as (client, pipes):
        await run(client, "command", options={"cmd": "true"})
        assert len(BUILDER.bundle()) < 13_000
        assert pipes.sent < 19_000, f"{pipes.sent} bytes for the start and the first task"
        before = pipes.sent
        await run(client, "command", options={"cmd": "true"})
        assert pipes.sent - before < 100


async def test_what_a_glob_needs_is_asked_for(tmp_path: Path) -> None:
    """A path that `creates` names is looked at with what is there; a pattern brings more code along, once."""
    (tmp_path / "made.by").symlink_to("nothing")
    async with runner() as (client, pipes):
        await run(client, "command", options={"cmd": "true"})
        before = pipes.sent
        plain = await run(client, "command", options={"cmd": "false", "creates": f"{tmp_path}/made.by"})
        assert "skipped" in plain.result["stdout"] and pipes.sent - before < 200
        glob = await run(client, "command", options={"cmd": "false", "creates": f"{tmp_path}/mad?.*"})
        assert "skipped" in glob.result["stdout"] and pipes.sent - before > 1_000
        assert (await run(client, "command", options={"cmd": "true", "removes": f"{tmp_path}/x*"})).result["rc"] == 0
