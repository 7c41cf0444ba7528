"""Options: what users write is taken as Ansible takes it, and what is wrong is said in a sentence."""

from typing import Any

import pytest

from orchestra.runner.coerce import COERCE
from orchestra.runner.options import (
    Bool,
    Bytes,
    Dict,
    Int,
    Json,
    List,
    Mode,
    Path,
    Raw,
    Str,
    bind,
    declared,
    given,
    option,
)

ACCEPTED = [
    (Bool, "yes", True),
    (Bool, "Off", False),
    (Bool, 1, True),
    (Bool, "0", False),
    (Int, "80", 80),
    (Int, 80.0, 80),
    (Str, 5, "5"),
    (Str, True, "True"),
    (List, "a, b", ["a", "b"]),
    (List, 5, ["5"]),
    (List, ("a",), ["a"]),
    (Dict, "a=1,b=2", {"a": "1", "b": "2"}),
    (Dict, '{"a": [1]}', {"a": [1]}),
    (Json, {"a": 1}, '{"a": 1}'),
    (Json, "[1]", "[1]"),
    (Mode, 420, 0o644),
    (Mode, "0644", 0o644),
    (Mode, "755", 0o755),
    (Mode, "u=rwX,g-w,o=", "u=rwX,g-w,o="),
    (Mode, "a+r,ug-x,=r", "a+r,ug-x,=r"),
    (Mode, "preserve", "preserve"),
    (Bytes, "10K", 10240),
    (Bytes, "1.5G", 1610612736),
    (Bytes, "7", 7),
    (Raw, {"a": None}, {"a": None}),
]
REFUSED = [
    (Bool, "maybe", "a yes or a no"),
    (Int, "eighty", "a whole number"),
    (Int, 1.5, "a whole number"),
    (List, {"a": 1}, "a list"),
    (Dict, "nonsense", "a mapping"),
    (Dict, '{"a"', "valid JSON"),
    (Mode, "u+q", "octal mode"),
    (Mode, "rwx", "octal mode"),
    (Mode, "ao=r", "octal mode"),
    (Bytes, "much", "a size"),
]


@pytest.mark.parametrize(("kind", "value", "wanted"), ACCEPTED, ids=[f"{k}-{v}" for k, v, _ in ACCEPTED])
def test_accepts(kind: Any, value: Any, wanted: Any) -> None:
    found = kind.coerce(value)
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(("kind", "value", "text"), REFUSED, ids=[f"{k}-{v}" for k, v, _ in REFUSED])
def test_refuses_with_what_was_expected(kind: Any, value: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        kind.coerce(value)


def test_every_kind_can_be_coerced() -> None:
    assert set(COERCE) == {kind.name for kind in (Bool, Bytes, Dict, Int, Json, List, Mode, Path, Str)} | {"float"}


class Base:
    owner = option(Str, "Who.")


class Point:
    x = option(Int, "Across.", required=True)
    y = option(Int, "Up.", default=0)


class Options(Base):
    path = option(Path, "Where.", required=True, aliases=("dest", "name"))
    state = option(Str, "How.", default="present", choices=("present", "absent"))
    level = option(Str, "Much.", choices=("yes", "2", "auto"))
    from_ = option(Str, "Whence.")
    password = option(Int, "Hidden.", secret=True)
    items = option(List, "Many.", elements=Int, default=[])
    points = option(List, "Places.", elements=Dict, options=Point)

    MUTUALLY_EXCLUSIVE = [("from", "level")]
    REQUIRED_TOGETHER = [("owner", "level")]
    REQUIRED_IF = [("state", "absent", ("items", "level"), True), ("level", "auto", ("from",))]
    REQUIRED_BY = [("from", ("owner",))]


class OneOf:
    a = option(Str, "A.")
    b = option(Str, "B.")

    REQUIRED_ONE_OF = [("a", "b")]


def texts(cls: type, **values: Any) -> list[str]:
    return [repr(problem) for problem in bind(cls, values)[1]]


def test_binds_names_aliases_and_defaults() -> None:
    bound, problems = bind(Options, {"dest": "/x", "from": 1, "owner": "me", "items": "1,2"}, rules=False)
    assert problems == []
    assert (bound.path, bound.from_, bound.owner, bound.items, bound.state) == ("/x", "1", "me", [1, 2], "present")
    assert given(bound, "path") and not given(bound, "state")
    assert list(declared(Options))[:2] == ["path", "state"]


def test_a_default_list_belongs_to_nobody() -> None:
    one, _ = bind(Options, {"path": "/x"})
    one.items.append(1)
    assert bind(Options, {"path": "/x"})[0].items == []


def test_paths_are_expanded_where_asked() -> None:
    bound, _ = bind(Options, {"path": "~/x"}, lambda path: path.replace("~", "/home/me"))
    assert bound.path == "/home/me/x"


def test_choices_know_how_yaml_reads_them() -> None:
    bound, problems = bind(Options, {"path": "/x", "level": True, "owner": "o"})
    assert (problems, bound.level) == ([], "yes")
    assert bind(Options, {"path": "/x", "level": 2, "owner": "o"})[0].level == "2"


def test_nested_options_arrive_whole() -> None:
    bound, problems = bind(Options, {"path": "/x", "points": [{"x": "3"}]})
    assert (problems, bound.points) == ([], [{"x": 3, "y": 0}])
    assert texts(Options, path="/x", points=[{"y": 1}]) == ["points: x: is required, not [{'y': 1}]"]


def test_tells_all_problems_at_once() -> None:
    assert texts(Options, pth="/x", state="gone", items="a") == [
        "pth: is not an option of this module",
        "path: is required",
        "state: expected one of present, absent, not 'gone'",
        "items: expected a whole number, not 'a'",
    ]


def test_a_secret_is_not_shown_in_its_own_error() -> None:
    assert texts(Options, path="/x", password="hunter2") == ["password: expected a whole number"]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"path": "/x", "from": "a", "level": "2", "owner": "o"}, "parameters are mutually exclusive: from|level"),
        ({"path": "/x", "owner": "o"}, "parameters are required together: owner, level"),
        ({"path": "/x", "from": "a"}, "missing parameter(s) required by 'from': owner"),
        ({"path": "/x", "level": "auto", "owner": "o"}, "level is auto but all of the following are missing: from"),
    ],
)
def test_rules_between_options(values: dict[str, Any], text: str) -> None:
    assert text in texts(Options, **values)


def test_one_of_several_is_required() -> None:
    assert texts(OneOf) == ["one of the following is required: a, b"]
    assert texts(OneOf, a="") == []


def test_none_is_not_given() -> None:
    assert texts(OneOf, a=None) == ["one of the following is required: a, b"]
