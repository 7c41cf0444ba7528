"""Every output case: events in, the expected text out, and the events survive the way through JSON."""

from __future__ import annotations

import json

import pytest

from orchestra.reporting.codec import decode, encode
from tests.reporting import outputcases

CASES = outputcases.cases()


def test_there_are_cases() -> None:
    assert len(CASES) > 30


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_texts(case) -> None:
    for _, file, text in outputcases.expected_files(case):
        assert text == case.expected(file), f"{case.name}/{file}"


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_variant], ids=lambda case: case.name)
def test_events_survive_json(case) -> None:
    events = case.events()
    data = [json.loads(json.dumps(one)) for event in events for one in encode(event)]
    again = [json.loads(json.dumps(one)) for event in decode(data) for one in encode(event)]
    assert again == data
    assert data[-1].keys() == {"event", "exit", "hosts"}
