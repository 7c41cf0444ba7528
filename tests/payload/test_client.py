"""The client against a channel in memory: greetings, faults, damage, silence. tests/runner has it with real runners."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from orchestra.errors import Lost, Unreachable
from orchestra.model.invocation import Job
from orchestra.payload import frames
from orchestra.payload.build import Builder
from orchestra.payload.client import NoInterpreter, OverlayShare, RawReply, Request, RunnerClient
from orchestra.payload.code import ModuleCode, Source

BUILDER = Builder()
CODE = ModuleCode("m", (Source("p", "p.py", "d1", b"P", ()), Source("m", "m.py", "d2", b"M", ())))
HELLO = b"n:up\n" + frames.encode(frames.HELLO, 0, b'{"python":[3,6,15]}')


class Memory:
    """A channel that keeps what was written, as frames."""

    def __init__(self) -> None:
        self.data = b""
        self.ended = False

    def write(self, data: bytes) -> None:
        self.data += data

    async def drain(self) -> None:
        pass

    def terminate(self) -> None:
        self.ended = True

    def frames(self) -> list[frames.Frame]:
        """What was written since the last call."""
        data, self.data = self.data.removeprefix(BUILDER.bundle()), b""
        return list(frames.Decoder(1 << 20).feed(data))


async def started(**settings: Any) -> tuple[RunnerClient, Memory]:
    client, channel = RunnerClient(BUILDER, "n", **settings), Memory()
    starting = asyncio.ensure_future(client.start(channel))
    await asyncio.sleep(0)
    client.data_received(HELLO)
    assert await starting == {"python": [3, 6, 15]}
    return client, channel


async def asked(client: RunnerClient, request: Request | None = None) -> asyncio.Future[RawReply]:
    task = asyncio.ensure_future(client.request(request or Request(CODE)))
    await asyncio.sleep(0)
    return task


def test_a_usual_request_is_short() -> None:
    assert Request(CODE, {"a": 1}).header() == b'{"m":"m","o":{"a":1}}'
    assert Request(CODE, b'{"b":2}').header() == b'{"m":"m","o":{"b":2}}'


def test_what_is_unusual_is_in_the_header() -> None:
    request = Request(
        CODE,
        check=True,
        diff=True,
        undo=True,
        environment={"A": "b"},
        deadline=1.5,
        attachments={"c": b"xyz"},
        job=Job("j", 9),
    )
    header = frames.loads(request.header(10))
    job = {"id": "j", "limit": 9, "dir": "~/.ansible_async"}
    fields = {"check": 1, "diff": 1, "undo": 1, "env": {"A": "b"}, "deadline": 1.5, "a": {"c": 3}, "job": job}
    assert header == {"m": "m", "o": {}, "limit": 10, **fields}


async def test_the_marker_may_come_in_pieces_behind_noise() -> None:
    client, channel = RunnerClient(BUILDER, "n"), Memory()
    starting = asyncio.ensure_future(client.start(channel))
    await asyncio.sleep(0)
    assert channel.data == BUILDER.bundle()
    for byte in b"Welcome!\nn is not the marker\n" + HELLO:
        client.data_received(bytes((byte,)))
    assert await starting == {"python": [3, 6, 15]}
    assert client.alive


async def test_code_goes_once_and_in_order() -> None:
    client, channel = await started()
    channel.frames()
    await asked(client)
    kinds = [(frame.kind, frame.body) for frame in channel.frames()]
    assert kinds == [(frames.CODE, b"P"), (frames.CODE, b"M"), (frames.RUN, b"")]
    await asked(client)
    assert [frame.kind for frame in channel.frames()] == [frames.RUN]
    client.close()


async def test_a_worker_that_asks_for_code_gets_it_or_learns_that_there_is_none() -> None:
    client, channel = await started()
    await asked(client)
    channel.frames()
    client.data_received(frames.encode(frames.WANT, 1, b'{"name":"orchestra.runner.looking"}'))
    (frame,) = channel.frames()
    assert (frame.kind, frame.number, bool(frame.body)) == (frames.CODE, 1, True)
    client.data_received(frames.encode(frames.WANT, 1, b'{"name":"orchestra.runner.nothing"}'))
    (frame,) = channel.frames()
    assert frame.body == b""
    client.close()


async def test_replies_find_their_request_in_any_order() -> None:
    client, _ = await started()
    one, two = await asked(client), await asked(client)
    client.data_received(frames.encode(frames.REPLY, 2, b'{"n":2}') + frames.encode(frames.LAST_REPLY, 1, b'{"n":1}'))
    assert [(await one).result, (await two).result] == [{"n": 1}, {"n": 2}]
    client.data_received(frames.encode(frames.REPLY, 99, b"{}"))  # nobody asked: it is ignored
    assert client.alive


async def test_long_texts_and_attachments_join_the_reply() -> None:
    client, _ = await started()
    reply = await asked(client)
    for header, body in (
        (b'{"n":"stdout","t":1}', b"ab\xff"),
        (b'{"n":"stdout","t":1}', b"c"),
        (b'{"n":"raw"}', b"\x00"),
    ):
        client.data_received(frames.encode(frames.DATA, 1, header, body))
    client.data_received(frames.encode(frames.REPLY, 1, b'{"rc":0}'))
    found = await reply
    assert found.result == {"rc": 0, "stdout": "ab\ufffdc"}
    assert found.attachments == {"stdout": b"ab\xffc", "raw": b"\x00"}


async def test_a_fault_is_told_as_a_failed_result() -> None:
    client, _ = await started()
    reply = await asked(client)
    client.data_received(frames.encode(frames.FAULT, 1, b'{"kind":"died","msg":"it died"}'))
    told = await reply
    assert (told.result, told.fault) == ({"failed": True, "changed": False, "msg": "it died"}, "died")


async def test_a_reply_without_end_is_cut_off_and_cancelled() -> None:
    client, channel = await started(reply_limit=1000)
    reply = await asked(client)
    channel.frames()
    for _ in range(3):
        client.data_received(frames.encode(frames.DATA, 1, b'{"n":"x"}', b"y" * 500))
    assert "orchestra.max_reply_mb" in (await reply).result["msg"]
    assert [frame.kind for frame in channel.frames()] == [frames.CANCEL]


async def test_no_python_is_told_apart_from_other_failures() -> None:
    client, channel = RunnerClient(BUILDER, "n"), Memory()
    starting = asyncio.ensure_future(client.start(channel))
    await asyncio.sleep(0)
    client.error_received(b"sh: python3: not found\n")
    client.data_received(b"n:none\n")
    with pytest.raises(NoInterpreter, match="python3: not found"):
        await starting


@pytest.mark.parametrize("noise", [b"", b"This account is not available.\n"])
async def test_an_early_end_is_unreachable_and_tells_what_was_said(noise: bytes) -> None:
    client, channel = RunnerClient(BUILDER, "n"), Memory()
    starting = asyncio.ensure_future(client.start(channel))
    await asyncio.sleep(0)
    client.data_received(noise)
    client.process_exited(1, "")
    with pytest.raises(Unreachable, match=r"status 1.*" + noise.decode().strip()):
        await starting


async def test_endless_noise_is_given_up() -> None:
    client, channel = RunnerClient(BUILDER, "n"), Memory()
    starting = asyncio.ensure_future(client.start(channel))
    await asyncio.sleep(0)
    client.data_received(b"y\n" * 600_000)
    with pytest.raises(Unreachable, match="something else"):
        await starting
    assert channel.ended


async def test_a_damaged_stream_is_lost_not_a_crash() -> None:
    client, channel = await started()
    reply = await asked(client)
    client.data_received(b"\xff" * 50)
    with pytest.raises(Lost, match="damaged"):
        await reply
    assert channel.ended and not client.alive
    with pytest.raises(Lost):
        await client.request(Request(CODE))


async def test_a_dropped_link_is_lost_for_all_that_wait() -> None:
    client, _ = await started()
    waiting = [await asked(client) for _ in range(3)]
    client.process_exited(None, "connection reset")
    for one in waiting:
        with pytest.raises(Lost, match="connection reset"):
            await one


async def test_silence_is_judged_only_while_something_waits() -> None:
    client, channel = await started(silence=0.05)
    reply = await asked(client)
    with pytest.raises(Lost, match="silent"):
        await reply
    assert channel.ended


async def test_a_beat_breaks_the_silence() -> None:
    client, _ = await started(silence=0.2)
    reply = await asked(client)
    for _ in range(6):
        await asyncio.sleep(0.05)
        client.data_received(frames.encode(frames.BEAT, 0))
    client.data_received(frames.encode(frames.REPLY, 1, b"{}"))
    assert (await reply).result == {}


async def test_cancelling_tells_the_host_and_stopping_gently_too() -> None:
    client, channel = await started()
    one, two = await asked(client), await asked(client)
    channel.frames()
    one.cancel()
    with pytest.raises(asyncio.CancelledError):
        await one
    client.stop_gently()
    told = [(frame.kind, frame.number, frame.header) for frame in channel.frames()]
    assert told == [(frames.CANCEL, 1, b""), (frames.CANCEL, 2, b'{"gently":1}')]
    client.close()
    with pytest.raises(Lost):
        await two


async def test_what_was_cancelled_is_waited_for() -> None:
    client, _ = await started()
    one = await asked(client)
    one.cancel()
    settled = asyncio.ensure_future(client.settled())
    await asyncio.sleep(0)
    client.data_received(frames.encode(frames.NOTE, 1, b'{"text":"still here"}'))
    await asyncio.sleep(0)
    assert not settled.done()
    client.data_received(frames.encode(frames.FAULT, 1, b'{"kind":"cancelled","msg":""}'))
    await asyncio.wait_for(settled, 1)


async def test_a_link_that_is_gone_settles_everything() -> None:
    client, _ = await started()
    one = await asked(client)
    one.cancel()
    settled = asyncio.ensure_future(client.settled())
    await asyncio.sleep(0)
    assert not settled.done()
    client.process_exited(None, "connection reset")
    await asyncio.wait_for(settled, 1)
    assert not client.alive


async def test_who_gives_less_time_asks_for_more_beats() -> None:
    _, channel = await started(silence=6.0)
    assert [(frame.kind, frame.header) for frame in channel.frames()] == [(frames.BEAT, b'{"every":2.0}')]


async def test_attachments_follow_in_order(tmp_path: Path) -> None:
    client, channel = await started()
    (tmp_path / "f").write_bytes(b"f" * 70_000)
    await asked(client, Request(CODE, attachments={"a": b"a" * 65_537, "e": b"", "f": tmp_path / "f"}))
    for _ in range(10):
        await asyncio.sleep(0)
    bodies = [frame.body for frame in channel.frames() if frame.kind == frames.DATA]
    assert [len(body) for body in bodies] == [65_536, 1, 65_536, 4_464]
    client.close()


async def test_predictions_reach_the_other_runners_of_the_host_and_late_comers() -> None:
    share = OverlayShare()
    one, _ = await started(overlay=share)
    two, channel = await started(overlay=share)
    channel.frames()
    one.data_received(frames.encode(frames.OVERLAY, 1, b'[["path","/x","value",null]]'))
    assert [frame.kind for frame in channel.frames()] == [frames.OVERLAY]
    three, late = await started(overlay=share)
    assert frames.OVERLAY in [frame.kind for frame in late.frames()]
    for client in (one, two, three):
        client.close()
