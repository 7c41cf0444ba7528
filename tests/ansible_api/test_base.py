"""Options of plugins: from the call, variables, the environment, the configuration file, the default; typed."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from orchestra.ansible_api import current
from orchestra.ansible_api.documents import declared_options
from orchestra.ansible_api.errors import AnsibleError, AnsibleOptionsError
from orchestra.ansible_api.lookup import LookupBase
from orchestra.ansible_api.texts import parse_kv
from orchestra.ansible_api.values import isidentifier, merge_hash, random_password
from orchestra.model.secret import Sealed, Secret

DOCUMENTATION = """
options:
  plain: {default: from default}
  number: {type: int, default: "3"}
  sure: {type: bool, env: [{name: ORCHESTRA_TEST_SURE}]}
  many: {type: list, vars: [{name: my_many}]}
  paths: {type: pathlist}
  filed: {ini: [{section: own, key: key}]}
"""


def plugin(documentation: str = DOCUMENTATION) -> LookupBase:
    module = ModuleType("made")
    module.DOCUMENTATION = documentation  # type: ignore[attr-defined]
    made = LookupBase()
    made.introduce("made", module)
    return made


def test_where_an_option_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    current.begin(current.Run(str, lambda section, key: f"{section}.{key}", print))
    monkeypatch.setenv("ORCHESTRA_TEST_SURE", "yes")
    made = plugin()
    made.set_options(var_options={"my_many": "a,b"}, direct={"plain": "from call", "paths": "/a,/b"})
    found: dict[str, Any] = {
        "plain": "from call", "number": 3, "sure": True, "many": ["a", "b"], "paths": ["/a", "/b"], "filed": "own.key",
    }  # fmt: skip
    assert made.get_options() == found
    made.set_option("plain", "set")
    assert made.get_option("plain") == "set"
    assert made.has_option("plain") and not made.has_option("other")


def test_an_option_tells_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    current.begin(current.Run(str, lambda section, key: "'x', 'y'", print))
    made = plugin("""options:
  given: {}
  varied: {vars: [{name: v1}, {name: v2}]}
  told: {env: [{name: ORCHESTRA_TEST_TOLD}]}
  filed: {type: list, ini: [{section: s, key: k}]}
  left: {default: d}
""")
    monkeypatch.setenv("ORCHESTRA_TEST_TOLD", "t")
    made.set_options(var_options={"v1": "1", "v2": "2"}, direct={"given": "g"})
    found = {name: made.get_option_and_origin(name) for name in ("given", "varied", "told", "filed", "left")}
    assert found == {
        "given": ("g", "Direct"),
        "varied": ("2", "var: v2"),
        "told": ("t", "env: ORCHESTRA_TEST_TOLD"),
        "filed": (["x", "y"], "ini: [s] k"),
        "left": ("d", "default"),
    }


def test_a_value_is_one_of_the_choices() -> None:
    made = plugin("options: {who: {type: list, choices: [Ann, Bob]}}")
    made.set_options(direct={"who": ["Ann", "Bob"]})
    assert made.get_option("who") == ["Ann", "Bob"]
    made.set_options(direct={"who": ["Ann", "Eve"]})
    with pytest.raises(AnsibleOptionsError, match=r'Invalid value "Eve" .* valid values are: Ann, Bob'):
        made.get_option("who")


def test_what_is_wrong_with_options() -> None:
    with pytest.raises(KeyError, match="has no option 'other'"):
        plugin().get_option("other")
    with pytest.raises(AnsibleOptionsError, match="missing required option 'needed'"):
        plugin("options: {needed: {required: true}}").set_options(direct={})
    made = plugin("options: {number: {type: int}}")
    made.set_options(direct={"number": "many"})
    with pytest.raises(AnsibleOptionsError, match="'number' is wrong"):
        made.get_option("number")


@pytest.mark.parametrize("text", ["", "just words", "[1, 2]", ": : :"])
def test_what_is_no_documentation_declares_nothing(text: str) -> None:
    assert plugin(text).get_options() == {}


def test_an_error_tells_what_it_came_from() -> None:
    assert str(AnsibleError("a", orig_exc=ValueError("b"))) == "a: b"
    assert AnsibleError(5).message == "5"


def test_small_works_on_values() -> None:
    merged = merge_hash({"a": {"x": 1}, "l": [1, 2]}, {"a": {"y": 2}, "l": [2, 3]}, list_merge="append_rp")
    assert merged == {"a": {"x": 1, "y": 2}, "l": [1, 2, 3]}
    assert merge_hash({"a": {"x": 1}}, {"a": {"y": 2}}, recursive=False) == {"a": {"y": 2}}
    assert isidentifier("a_1") and not isidentifier("1a") and not isidentifier("for")
    assert random_password(8, "ab", seed="x") == random_password(8, "ab", seed="x")
    assert parse_kv("a=1 b='x y' word") == {"a": "1", "b": "x y"}


FRAGMENT = "options:\n  token: {env: [{name: ORCHESTRA_TEST_TOKEN}], default: none}\n  shared: {default: fragment}\n"


def test_options_of_fragments_and_their_own_words() -> None:
    def find(name: str, section: str) -> str | None:
        return {("my.own.auth", "DOCUMENTATION"): FRAGMENT, ("my.own.auth", "MORE"): "options: {more: {}}"}.get(
            (name, section)
        )

    text = "extends_documentation_fragment: [constructed, my.own.auth, my.own.auth.more, unknown]\n"
    found = declared_options(text + "options: {shared: {type: int}, cache: {}}", find)
    assert found["shared"] == {"type": "int", "default": "fragment"}
    assert found["token"]["env"] == [{"name": "ORCHESTRA_TEST_TOKEN"}]
    assert {"strict", "compose", "groups", "keyed_groups", "leading_separator", "more", "cache"} <= set(found)


def test_the_last_place_of_an_option_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_CACHE_PLUGIN", "yaml")
    cached = plugin("extends_documentation_fragment: inventory_cache")
    assert cached.get_option("cache_plugin") == "yaml"
    monkeypatch.setenv("ANSIBLE_INVENTORY_CACHE_PLUGIN", "jsonfile")
    assert cached.get_option("cache_plugin") == "jsonfile"


def test_an_encrypted_option_is_opened() -> None:
    made = plugin("options: {password: {type: str}}")
    made.set_options(direct={"password": Sealed("x", lambda text, origin: Secret("opened"))})
    assert made.get_option("password") == "opened"
