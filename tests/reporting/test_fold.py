"""Many host names in few characters."""

from __future__ import annotations

import pytest

from orchestra.reporting.fold import fold


@pytest.mark.parametrize(
    ("hosts", "folded"),
    [
        ([], ""),
        (["web01"], "web01"),
        (["web01", "web02", "web03"], "web[01-03]"),
        (["web03", "db", "web01", "web02"], "db, web[01-03]"),
        (["web1", "web2", "web9"], "web[1-2], web9"),
        (["web9", "web10"], "web9, web10"),
        (["n08", "n09", "n10", "n11"], "n[08-11]"),
        (["a1.example.org", "a2.example.org"], "a[1-2].example.org"),
        (["10.0.0.1", "10.0.0.2", "10.0.0.7"], "10.0.0.[1-2], 10.0.0.7"),
        (["web01", "web01"], "web01"),
    ],
)
def test_fold(hosts: list[str], folded: str) -> None:
    assert fold(hosts) == folded


def test_limit() -> None:
    assert fold(["a", "b", "c", "d"], 2) == "a, b and 2 more"
    assert fold([f"web{number:02}" for number in range(50)], 2) == "web[00-49]"
