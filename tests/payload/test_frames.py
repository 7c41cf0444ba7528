"""Frames: both halves agree, whatever way the bytes are cut."""

import random

import pytest

from orchestra.payload import frames
from orchestra.runner import wire

SAMPLES = [
    frames.encode(frames.RUN, 1, b'{"a":1}'),
    frames.encode(frames.DATA, 2**32 - 1, b"", b"\x00\xff" * 500),
    frames.encode(frames.BEAT, 0),
    wire.frame(wire.REPLY, 7, b'{"b":2}', b"body"),
]


def test_both_halves_name_the_types_alike() -> None:
    names = ["CODE", "RUN", "DATA", "CANCEL", "OVERLAY", "QUIT", "CHUNK"]
    names += ["HELLO", "REPLY", "LAST_REPLY", "UNDO", "NOTE", "BEAT", "FAULT", "WANT"]
    assert [getattr(frames, name) for name in names] == [getattr(wire, name) for name in names]
    assert len({getattr(frames, name) for name in names}) == len(names)


@pytest.mark.parametrize("seed", range(5))
def test_any_cut_gives_the_same_frames(seed: int) -> None:
    dice = random.Random(seed)
    stream = b"".join(SAMPLES * 3)
    decoder, reader = frames.Decoder(10_000), wire.Reader()
    ours, theirs = [], []
    while stream:
        size = dice.choice([1, 3, 13, 40, 2000])
        piece, stream = stream[:size], stream[size:]
        ours += list(decoder.feed(piece))
        theirs += reader.feed(piece)
    assert [(f.kind, f.number, f.body) for f in ours] == [(kind, number, body) for kind, number, _, body in theirs]
    assert [f.header for f in ours[:4]] == [b'{"a":1}', b"", b"", b'{"b":2}']
    assert [raw for _, _, raw, _ in theirs] == SAMPLES * 3


def test_an_announcement_past_the_limit_is_refused() -> None:
    with pytest.raises(frames.FrameError, match="limit is 10"):
        list(frames.Decoder(10).feed(frames.encode(frames.DATA, 1, b"", b"x" * 11)[:-1]))


VALUES = [{"a": [1, -2.5, None, True, '\u20ac\n"\\']}, {"big": 2**70}, {"lone": "\udcff"}, {"": {"1": []}}]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_json_is_read_alike_on_both_sides(value: object) -> None:
    assert wire.loads(frames.dumps(value).decode()) == value
    assert frames.loads(wire.dumps(value).encode()) == value


def test_the_runner_can_say_what_json_can_not() -> None:
    said = frames.loads(wire.dumps({"set": {2, 1}, "bytes": b"x\xff", "tuple": (1,), "nan": float("nan")}).encode())
    assert (said["set"], said["bytes"], said["tuple"]) == ([1, 2], "x\udcff", [1])


def test_the_controller_can_say_what_orjson_can_not() -> None:
    assert frames.loads(frames.dumps({1: {2**65}})) == {"1": [2**65]}
