"""Marks of a module's reply on its texts: put where they belong, whatever else a host sends."""

from __future__ import annotations

from typing import Any

import pytest

from orchestra.engine.actions.deprecations import marked
from orchestra.model.deprecated import DeprecatedText

NOTICE = {"msg": "old"}


def test_a_text_is_marked_where_it_stands() -> None:
    places = [[["a"], NOTICE], [["list", 1, "b"], NOTICE]]
    result = marked({"a": "x", "list": [0, {"b": "y"}], "_deprecated_texts": places})
    assert result == {"a": "x", "list": [0, {"b": "y"}]}
    marks = [result["a"], result["list"][1]["b"]]
    assert [type(mark) for mark in marks] == [DeprecatedText] * 2 and marks[0].notice == NOTICE


@pytest.mark.parametrize(
    "places",
    [None, 1, [1], [[["a"]]], [["a", NOTICE]], [[[], NOTICE]], [[["no"], NOTICE]], [[["n", "x"], NOTICE]],
     [[["a", "b"], NOTICE]], [[["n"], NOTICE]], [[["a"], 1]], [[[["a"]], NOTICE]]],
)  # fmt: skip
def test_what_names_no_text_marks_nothing(places: Any) -> None:
    result = marked({"a": "x", "n": 1, "_deprecated_texts": places})
    assert result == {"a": "x", "n": 1} and type(result["a"]) is str
