"""A record is what a frozen dataclass with slots is, to whoever uses it."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError, field, fields, is_dataclass, replace
from typing import Any

import pytest

from orchestra.model.record import mutable, record


@record
class Point:
    """Two numbers and what belongs to them."""

    x: int
    y: int = 2
    names: list[str] = field(default_factory=list)
    secret: str = field(default="hush", repr=False)


@record
class Labelled(Point):
    """One more field, behind the others."""

    label: str = "?"


@record
class Nothing:
    """No fields at all."""


@record
class Key:
    """Something to look up by."""

    name: str

    def __repr__(self) -> str:
        return f"<{self.name}>"


@record
class Same:
    """The field of a Key, and still something else."""

    name: str


def test_values_are_given_by_place_or_name_and_defaults_fill_the_rest() -> None:
    assert Point(1) == Point(x=1, y=2, names=[], secret="hush")
    assert Point(1).names is not Point(1).names
    assert Labelled(1, label="a").label == "a"
    assert Nothing() == Nothing()


@pytest.mark.parametrize("values", [(), (1, 2, [], "", 5)])
def test_a_wrong_number_of_values_is_refused(values: tuple[Any, ...]) -> None:
    for _ in range(2):  # the first object of a class is made by another function than the second
        with pytest.raises(TypeError, match=r"Point\.__init__"):
            Point(*values)


def test_nothing_changes_once_it_is_made() -> None:
    point: Any = Point(1)
    with pytest.raises(FrozenInstanceError, match="'x'"):
        point.x = 3
    with pytest.raises(FrozenInstanceError, match="'x'"):
        del point.x
    with pytest.raises(FrozenInstanceError, match="'new'"):
        point.new = 3
    assert not hasattr(point, "__dict__")


def test_equal_is_who_has_the_same_class_and_values() -> None:
    assert Key("a") == Key("a") != Key("b")
    assert Key("a") != Same("a")
    assert Point(1) != Labelled(1)
    assert {Key("a"): 1}[Key("a")] == 1


def test_shown_by_its_fields_but_for_those_that_are_not_to_be_shown() -> None:
    assert repr(Point(1)) == "Point(x=1, y=2, names=[])"
    assert repr(Labelled(1, label="a")) == "Labelled(x=1, y=2, names=[], label='a')"
    assert repr(Key("a")) == "<a>"


def test_a_dataclass_for_those_who_take_one() -> None:
    assert is_dataclass(Point)
    assert [item.name for item in fields(Labelled)] == ["x", "y", "names", "secret", "label"]
    assert replace(Point(1), y=5) == Point(1, 5)
    match Key("a"):
        case Key(name):
            assert name == "a"


def test_copies_are_equal_and_deep_ones_share_nothing() -> None:
    point = Point(1, names=["a"])
    assert copy.copy(point) == copy.deepcopy(point) == point
    assert copy.deepcopy(point).names is not point.names


def test_a_class_below_may_have_an_init_of_its_own() -> None:
    class Middle(Point):
        def __init__(self) -> None:
            super().__init__(0, 0)

    assert (Middle().x, Middle().y) == (0, 0)
    assert (Point(3).x, Middle().x) == (3, 0)


def test_the_hundredth_object_is_as_the_first() -> None:
    made = [Labelled(number, names=["a"], label="l") for number in range(100)]
    assert [one.x for one in made] == list(range(100))
    assert {repr(replace(one, x=0)) for one in made} == {repr(Labelled(0, 2, ["a"], label="l"))}
    for values, named in (((), {}), ((1, 2), {"y": 3}), ((1,), {"z": 1}), ((1, 2, [], "", "?", 6), {})):
        with pytest.raises(TypeError):
            Labelled(*values, **named)  # type: ignore[arg-type]


@mutable
class Count:
    """What changes as things go on."""

    name: str
    seen: list[str] = field(default_factory=list)


@record
class _Bare:
    name: str


def test_what_changes_is_equal_to_itself_alone() -> None:
    one, other = Count("a"), Count("a")
    one.name = "b"
    one.seen.append("x")
    assert (one.name, other.seen) == ("b", [])
    assert one != other and len({one, other}) == 2
    assert not hasattr(one, "__dict__") and [item.name for item in fields(one)] == ["name", "seen"]  # type: ignore[arg-type]


def test_a_class_that_says_nothing_of_itself_is_not_searched_for_a_signature() -> None:
    assert _Bare.__doc__ == "_Bare" and Point.__doc__ == "Two numbers and what belongs to them."
