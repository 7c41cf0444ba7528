"""YAML values, their types and their places."""

import copy
import datetime
import pickle
import time
from pathlib import Path
from typing import Any

import pytest

from orchestra.errors import LanguageError, VaultError
from orchestra.language import yamlnodes
from orchestra.language.vault import VaultKey, VaultOpener
from orchestra.language.yamltext import load, load_file, wrap
from orchestra.model.origin import LocatedDict, LocatedList, Origin, ProjectText, TemplateText, UnsafeText
from orchestra.model.secret import Redactor, Sealed, Secret

V11 = (Path(__file__).parent / "vault11.txt").read_text()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("Off", False),
        ("y", "y"),
        ("0755", 0o755),
        ("0o755", "0o755"),
        ("0x1F", 31),
        ("0b11", 3),
        ("1_000", 1000),
        ("1e3", "1e3"),
        ("1.5e+3", 1500.0),
        ("12:30:45", 45045),
        ("2026-01-02", datetime.date(2026, 1, 2)),
        ("~", None),
        ("", None),
        ("# only a comment", None),
        ("'yes'", "yes"),
        ("!!str 12", "12"),
        ("!!int '12'", 12),
        ("! 12", 12),
        ("!!binary aGk=", b"hi"),
        ("!!set {a, b}", {"a", "b"}),
        ("!!pairs [a: 1, a: 2]", [("a", 1), ("a", 2)]),
        ("[1, two, 3.0]", [1, "two", 3.0]),
        ("{on: 1}", {True: 1}),
        ("=", "="),
        ('{"a": 1e3, "b": "\\u00e9", "c": null}', {"a": 1000.0, "b": "é", "c": None}),
        ('{"smile": "\\ud83d\\ude00", "n": [1]}', {"smile": "😀", "n": [1]}),
        ('\ufeff{"a": 1}', {"a": 1}),
    ],
)
def test_values_are_those_that_ansible_reads(text: str, value: Any) -> None:
    assert load(text, "f") == value


def test_places_of_keys_values_and_items() -> None:
    data = load("a: 1\nb:\n  - x\n  - c: '{{ d }}'\n", "f.yml")
    assert isinstance(data, LocatedDict)
    assert data.origin == Origin("f.yml", 1, 1)
    assert data.key_origins["b"] == Origin("f.yml", 2, 1)
    assert data.value_origins["a"] == Origin("f.yml", 1, 4)
    items = data["b"]
    assert isinstance(items, LocatedList)
    assert items.item_origins == (Origin("f.yml", 3, 5), Origin("f.yml", 4, 5))
    assert items[1]["c"].origin == Origin("f.yml", 4, 8)
    assert set(data.key_origins) == {"a", "b"} and len(data.value_origins) == 2


@pytest.mark.parametrize("text", ["{{ a }}", "{% if a %}", "x {# note #}"])
def test_template_marks_make_a_template(text: str) -> None:
    value = load(f"'{text}'", "f")
    assert type(value) is TemplateText
    assert type(load(f"'{text}'", "f", trusted=False)) is str


def test_text_without_marks_is_data_that_the_project_vouches_for() -> None:
    text = "a: '{ b }'\nc: ['{', '}}']\nd: !unsafe e\n"
    data = load(text, "f")
    assert [type(data["a"]), type(data["c"][0]), type(data["d"])] == [ProjectText, ProjectText, UnsafeText]
    assert not data.templated
    assert type(load(text, "f", trusted=False)["a"]) is str


def test_what_is_computed_from_the_projects_text_is_no_text_of_the_project() -> None:
    value = load("a b", "f")
    assert [type(made) for made in (value.strip("b"), value + "", f"{value}", str(value))] == [str] * 4
    assert type(copy.deepcopy(value)) is type(pickle.loads(pickle.dumps(value))) is ProjectText


def test_keys_may_be_templates() -> None:
    (key,) = load("'{{ a }}': 1", "f")
    assert type(key) is TemplateText and key.origin == Origin("f", 1, 1)


def test_unsafe_never_holds_a_template() -> None:
    data = load("a: !unsafe '{{ x }}'\nb: !unsafe {c: ['{{ x }}', 3]}\nd: '{{ y }}'\n", "f")
    assert type(data["a"]) is UnsafeText
    assert type(data["b"]["c"][0]) is UnsafeText and data["b"]["c"][1] == 3
    assert not data["b"].templated
    assert type(data["d"]) is TemplateText


def test_an_anchor_used_safely_and_unsafely_is_two_values() -> None:
    data = load("a: &x ['{{ t }}']\nb: *x\nc: !unsafe [*x]\n", "f")
    assert data["a"] is data["b"]
    assert type(data["a"][0]) is TemplateText
    assert type(data["c"][0][0]) is UnsafeText


def test_merges() -> None:
    data = load("base: &b {p: 1, q: 2}\nmore: &m {q: 5, r: 6}\nown:\n  <<: [*b, *m]\n  r: 7\n", "f")
    assert data["own"] == {"p": 1, "q": 2, "r": 7}
    assert data["own"].key_origins["p"] == Origin("f", 1, 11)
    assert data["own"].key_origins["r"] == Origin("f", 5, 3)


def test_duplicate_keys_warn_at_the_second() -> None:
    heard: list[tuple[str, Origin]] = []
    data = load("a: 1\nb: 2\na: 3\n", "f", on_warning=lambda message, origin: heard.append((message, origin)))
    assert data == {"a": 3, "b": 2}
    ((message, origin),) = heard
    assert message == "Found duplicate mapping key 'a'."
    assert origin == Origin("f", 3, 1)


def test_overriding_a_merged_key_is_no_duplicate() -> None:
    heard: list[str] = []
    load("b: &b {p: 1}\nc: {<<: *b, p: 2}\n", "f", on_warning=lambda message, origin: heard.append(message))
    assert not heard


def test_inline_vault_is_sealed_until_used() -> None:
    text = "a: !vault |\n" + "".join(f"    {line}\n" for line in V11.splitlines())
    redactor = Redactor()
    value = load(text, "f", vault=VaultOpener([VaultKey("default", b"old-password")], redactor))["a"]
    assert isinstance(value, Sealed)
    assert "secret" not in repr(value)
    opened = value.reveal()
    assert isinstance(opened, Secret) and opened == "top: secret\nnumber: 7\n"
    assert value.reveal() is opened
    assert redactor.mask("is top: secret here") == "is ******** here"


def test_inline_vault_marks_its_mapping_as_one_to_render() -> None:
    assert load("a: {b: !vault x}", "f").templated


def test_inline_vault_without_password_fails_at_use_with_its_place() -> None:
    value = load("a: !vault |\n" + "".join(f"    {line}\n" for line in V11.splitlines()), "f")["a"]
    with pytest.raises(VaultError, match="no vault secrets found") as caught:
        value.reveal()
    assert caught.value.origin == Origin("f", 1, 4)


def test_an_encrypted_file_holds_secrets(tmp_path: Path) -> None:
    path = tmp_path / "vault.yml"
    path.write_text(V11)
    redactor = Redactor()
    data = load_file(path, vault=VaultOpener([VaultKey("default", b"old-password")], redactor))
    assert data == {"top": "secret", "number": 7}
    assert isinstance(data["top"], Secret)
    assert redactor.mask("a secret") == "a ********"
    assert not any(isinstance(key, Secret) for key in data)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LanguageError) as caught:
        load_file(tmp_path / "none.yml")
    assert "none.yml: cannot read the file: No such file" in caught.value.render()


def test_wrap_marks_templates_all_through() -> None:
    data = wrap({"a": ["{{ x }}", 1]}, Origin("script"))
    assert type(data["a"][0]) is TemplateText and data.templated
    assert type(wrap("{{ x }}", Origin("script"), trusted=False)) is str


def test_a_secret_text_can_be_parsed() -> None:
    assert load(Secret("a: [1]"), "f") == {"a": [1]}


def test_without_libyaml_the_values_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: [1, yes, '{{ x }}']\nb: !unsafe z\n"
    fast = load(text, "f")
    monkeypatch.setattr(yamlnodes, "_COMPOSER", yamlnodes._PythonComposer)
    slow = load(text, "f")
    assert slow == fast and slow["a"].item_origins == fast["a"].item_origins


def test_ten_thousand_lines_take_well_under_a_second() -> None:
    text = "".join(f"k{i}:\n  name: some text {i}\n  list:\n    - '{{{{ x }}}}'\n  when: yes\n" for i in range(2000))
    start = time.process_time()
    load(text, "f")
    assert time.process_time() - start < 1
