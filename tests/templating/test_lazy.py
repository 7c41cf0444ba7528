"""Lazy containers alone, with a renderer that counts."""

import copy
import json
from typing import Any

import pytest

from orchestra.model.origin import LocatedDict, TemplateText
from orchestra.templating.lazy import LazyDict, LazyList, private_copy, unwrap


class Counting:
    """Renders a text to its own upper case, and counts."""

    def __init__(self) -> None:
        self.rendered: list[str] = []

    def wrap(self, raw: Any, where: object) -> Any:
        self.rendered.append(str(raw))
        return str(raw).upper() if isinstance(raw, TemplateText) else LazyDict(raw, self)


@pytest.fixture
def renderer() -> Counting:
    return Counting()


def test_each_value_is_rendered_once_when_it_is_looked_at(renderer: Counting) -> None:
    lazy = LazyDict({"a": TemplateText("x"), "b": TemplateText("y"), "c": "plain"}, renderer)
    assert len(lazy) == 3
    assert "a" in lazy
    assert renderer.rendered == []
    assert lazy["a"] == lazy.get("a") == "X"
    assert lazy["c"] == "plain"
    assert renderer.rendered == ["x"]
    assert lazy.get("nope", 5) == 5


def test_c_code_sees_rendered_values(renderer: Counting) -> None:
    lazy = LazyDict({"a": TemplateText("x"), "n": LocatedDict({"t": TemplateText("y")})}, renderer)
    items = LazyList([TemplateText("p"), "q"], renderer)
    assert json.loads(json.dumps({"d": lazy, "l": items})) == {"d": {"a": "X", "n": {"t": "Y"}}, "l": ["P", "q"]}
    assert dict(lazy) == {"a": "X", "n": {"t": "Y"}}
    assert {**lazy}["a"] == "X"
    assert [*items, *lazy.values()][:2] == ["P", "q"]
    assert "".join(items) == "Pq"
    assert sorted(items, reverse=True) == ["q", "P"]
    plain: list[Any] = []
    plain.extend(items)
    assert plain == ["P", "q"]
    target: dict[str, Any] = {}
    target.update(lazy)
    assert target["a"] == "X"
    assert tuple(items) == ("P", "q")


def test_changes_keep_what_is_not_looked_at(renderer: Counting) -> None:
    lazy = LazyDict({"a": TemplateText("x"), "b": TemplateText("y")}, renderer)
    assert lazy.pop("a") == "X"
    assert lazy.pop("a", None) is None
    assert lazy.setdefault("b", 1) == "Y"
    assert lazy.setdefault("c", 1) == 1
    assert lazy.popitem() == ("c", 1)
    items = LazyList([TemplateText("p"), TemplateText("q"), "r"], renderer)
    assert items.pop() == "r"
    items.remove("P")
    assert items == ["Q"]
    items.extend(LazyList([TemplateText("s")], renderer))
    items.sort(reverse=True)
    assert items == ["S", "Q"]
    assert items.index("Q") == 1
    assert items.count("Q") == 1
    assert list(reversed(items)) == ["Q", "S"]


def test_copies(renderer: Counting) -> None:
    lazy = LazyDict({"a": TemplateText("x"), "l": LazyList([TemplateText("y")], renderer)}, renderer)
    own = private_copy(lazy)
    own["l"].append("z")
    own["new"] = 1
    assert renderer.rendered == []
    assert "new" not in lazy
    assert lazy["l"] == ["Y"]
    assert own["l"] == ["Y", "z"]
    assert type(copy.deepcopy(lazy)) is dict
    assert lazy.copy() == lazy
    assert type(lazy.copy()) is LazyDict


def test_unwrapping_copies_only_what_it_has_to(renderer: Counting) -> None:
    plain = {"a": [1, {"b": 2}]}
    assert unwrap(plain) is plain
    mixed = {"a": [LazyList([TemplateText("x")], renderer)], "t": (1, LazyDict({}, renderer))}
    assert unwrap(mixed) == {"a": [["X"]], "t": (1, {})}
    assert type(unwrap(mixed)["a"][0]) is list


def test_comparing(renderer: Counting) -> None:
    items = LazyList([TemplateText("a"), "b"], renderer)
    assert items == ["A", "b"]
    assert items == ["A", "b"]
    assert items != ["a", "b"]
    assert items < ["B"]
    assert items * 2 == ["A", "b", "A", "b"]
    lazy = LazyDict({"k": TemplateText("v")}, renderer)
    assert lazy == {"k": "V"}
    assert lazy == {"k": "V"}
    assert lazy | {"z": 1} == {"k": "V", "z": 1}
    assert {"z": 1} | lazy == {"k": "V", "z": 1}
    assert repr(lazy) == "{'k': 'V'}"
