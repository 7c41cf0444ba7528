"""What comes of a secret stays one, and what does not is shown."""

from typing import Any

import pytest

from orchestra.errors import VaultError
from orchestra.model.origin import LocatedDict
from orchestra.model.secret import MASK, Redactor, Sealed, Secret

from .conftest import MakeScope, project

WORD = "correct horse"


@pytest.fixture
def data(redactor: Redactor) -> dict[str, Any]:
    secret = redactor.add(WORD)
    return {"pw": secret, "user": "ann", "db": {"user": "ann", "pw": secret}, "all": [{"n": "a", "pw": secret}]}


@pytest.mark.parametrize(
    "expression",
    [
        "{{ pw }}",
        "{{ user }}:{{ pw }}",
        "{{ pw ~ 1 }}",
        "{{ 'x' + pw }}",
        "{{ pw + 'x' }}",
        "{{ '%s!' % pw }}",
        "{{ '%s %s' % (user, pw) }}",
        "{{ '{}'.format(pw) }}",
        "{{ pw * 2 }}",
        "{{ pw[:3] }}",
        "{{ pw[0] }}",
        "{{ pw | upper }}",
        "{{ pw | b64encode }}",
        "{{ pw | hash('sha256') }}",
        "{{ pw | regex_replace('o', '0') }}",
        "{{ pw.replace('o', '0') }}",
        "{{ pw.split()[0] }}",
        "{{ pw | split | first }}",
        "{{ db.pw }}",
        "{{ db | to_json }}",
        "{{ db | to_yaml }}",
        "{{ db }} as text",
        "{{ db | string }}",
        "{{ [user, pw] | join(',') }}",
        "{{ all | map(attribute='pw') | first }}",
        "{{ all | map(attribute='pw') | map('upper') | first }}",
        "{{ nope | default(pw) }}",
        "{{ pw if true else '' }}",
        "{% set copy = pw %}{{ copy }}",
        "{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(pw) }}",
        "{% for c in [pw] %}{{ c }}{% endfor %}",
        "{{ through }}",
        "{{ through | trim }}",
        "{{ lookup('vars', 'pw') }}",
        "{{ pw | password_hash('sha256', 'salt', rounds=1000) }}",
    ],
)
def test_derived_text_is_secret(scope: MakeScope, data: dict[str, Any], expression: str) -> None:
    found = scope({"through": "pw={{ pw }}"}, **data).render(project(expression))
    assert type(found) is Secret
    assert MASK in repr(found)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("{{ user }}", "ann"),
        ("{{ db.user }}", "ann"),
        ("{{ all | map(attribute='n') | first }}", "a"),
        ("{{ all | map(attribute='n') | join(',') }}", "a"),
        ("{{ db['user'] ~ '!' }}", "ann!"),
        ("{{ pw | length }}", len(WORD)),
        ("{{ pw is defined }}", True),
        ("{{ pw == 'x' }}", False),
        ("{{ db.keys() | join(',') }}", "user,pw"),
        ("{{ [user, pw] | first }}", "ann"),
        ("{{ db | dict2items | map(attribute='key') | first }}", "user"),
    ],
)
def test_innocent_values_are_not(scope: MakeScope, data: dict[str, Any], expression: str, expected: Any) -> None:
    found = scope(None, **data).render(project(expression))
    assert found == expected
    assert type(found) is not Secret


def test_secrets_keep_their_text_in_content(scope: MakeScope, data: dict[str, Any]) -> None:
    host = scope(None, **data)
    assert str(host.render(project("{{ db }}!"))) == f"{{'user': 'ann', 'pw': '{WORD}'}}!"
    assert str(host.render(project("{{ db | to_json }}"))) == f'{{"user": "ann", "pw": "{WORD}"}}'
    assert str(host.render(project("{{ [pw] | string }}"))) == f"['{WORD}']"
    assert str(host.render(project("{{ db | to_nice_yaml }}"))) == f"pw: {WORD}\nuser: ann\n"


def test_encoded_secrets_are_masked_by_matching_too(scope: MakeScope, data: dict[str, Any], redactor: Redactor) -> None:
    encoded = scope(None, **data).render(project("{{ pw | b64encode }}"))
    assert redactor.mask(f"the host said {encoded!s}") == f"the host said {MASK}"


def test_sealed_values_open_at_their_first_use(scope: MakeScope, redactor: Redactor) -> None:
    opened: list[str] = []

    def opener(text: str, origin: object) -> Secret:
        opened.append(text)
        return redactor.add(f"{{{{ {text} }}}}")

    sealed = Sealed("inner", opener)
    host = scope(None, a=sealed, d=LocatedDict({"x": sealed, "y": 1}), l=project(["{{ a }}"]))
    assert host.render(project("{{ d.y }}")) == 1
    assert opened == []
    assert host.render(project("{{ a }}")) == "{{ inner }}"
    assert host.render(project("{{ d.x }}")) == "{{ inner }}"
    assert host.get("a") == "{{ inner }}"
    assert host.render(sealed) == "{{ inner }}"
    assert opened == ["inner"]


def test_a_value_that_cannot_be_opened_fails_only_when_it_is_used(scope: MakeScope) -> None:
    def opener(text: str, origin: object) -> Secret:
        raise VaultError("no password")

    host = scope({"ok": "{{ 1 if true else a }}"}, a=Sealed("x", opener))
    assert host.render(project("{{ ok }}")) == 1
    with pytest.raises(VaultError):
        host.render(project("{{ a | default('x') }}"))
    with pytest.raises(VaultError):
        host.get("a")
