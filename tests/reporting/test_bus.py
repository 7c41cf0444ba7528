"""A sink that fails is reported once; the others and the run go on."""

from __future__ import annotations

from orchestra.model.event import Event, PlaybookStarted
from orchestra.reporting.bus import Bus


def test_a_closed_pipe_ends_its_output_without_a_word() -> None:
    seen: list[Event] = []
    reports: list[str] = []

    def closed(event: Event) -> None:
        raise BrokenPipeError

    bus = Bus([closed, seen.append], reports.append)
    bus(PlaybookStarted("a.yml"))
    bus(PlaybookStarted("b.yml"))
    assert seen == [PlaybookStarted("a.yml"), PlaybookStarted("b.yml")]
    assert reports == []


def test_a_failing_sink_is_left_out_and_reported_once() -> None:
    seen: list[Event] = []
    reports: list[str] = []

    def broken(event: Event) -> None:
        raise OSError("disk full")

    bus = Bus([broken, seen.append], reports.append)
    bus(PlaybookStarted("a.yml"))
    bus(PlaybookStarted("b.yml"))
    assert seen == [PlaybookStarted("a.yml"), PlaybookStarted("b.yml")]
    assert reports == ["output function stopped: OSError: disk full"]
