"""Inventories and templates as a program of the project reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestra.ansible_api import current
from orchestra.ansible_api.errors import AnsibleError, AnsibleTemplateError, AnsibleUndefinedVariable
from orchestra.ansible_api.files import DataLoader
from orchestra.ansible_api.templates import Templar, trust_as_template
from orchestra.ansible_api.vaults import VaultLib, VaultSecret
from orchestra.errors import TemplateError
from orchestra.scripts import project
from orchestra.scripts.inventories import InventoryManager, VariableManager

HOSTS = """
[web]
w1 a=1
w2
[db]
d1
[site:children]
web
db
[web:vars]
b=2
"""
SECRETS = [("default", VaultSecret(b"swordfish"))]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project that the program begins in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hosts").write_text(HOSTS)
    (tmp_path / "ansible.cfg").write_text("[defaults]\ninventory = hosts\nfilter_plugins = filter_plugins\n")
    (tmp_path / "host_vars").mkdir()
    vault = VaultLib(SECRETS).encrypt("inside").decode().splitlines()
    lines = ["a: stronger", "tpl: '{{ b }}'", "word: !vault |", *("  " + line for line in vault)]
    (tmp_path / "host_vars" / "w1.yml").write_text("\n".join(lines))
    (tmp_path / "filter_plugins").mkdir()
    (tmp_path / "filter_plugins" / "own.py").write_text(
        "class FilterModule:\n    def filters(self):\n        return {'own': lambda text: f'own {text}'}\n"
    )
    project.settings.cache_clear()
    current.begin(project.run())
    yield tmp_path
    project.settings.cache_clear()


def loader() -> DataLoader:
    made = DataLoader()
    made.set_vault_secrets(SECRETS)
    return made


@pytest.mark.parametrize("sources", [None, "hosts", ["hosts"]])
def test_hosts_and_groups(folder: Path, sources: str | list[str] | None) -> None:
    inventory = InventoryManager(loader(), sources)
    assert list(map(str, inventory.get_hosts())) == ["w1", "w2", "d1"]
    assert list(map(str, inventory.get_hosts("web:!w2"))) == ["w1"]
    assert inventory.list_groups() == ["all", "db", "site", "ungrouped", "web"]
    assert inventory.get_groups_dict()["site"] == ["w1", "w2", "d1"]
    web = inventory.groups["web"]
    assert (web.vars, web.depth, list(map(str, web.hosts)), list(map(str, web.parent_groups))) == (
        {"b": 2}, 2, ["w1", "w2"], ["site"],
    )  # fmt: skip
    assert list(map(str, inventory.groups["site"].child_groups)) == ["web", "db"]
    assert list(map(str, inventory.groups["site"].get_hosts())) == ["w1", "w2", "d1"]
    host = inventory.get_host("w1")
    assert host is not None and host.vars["a"] == 1 and set(map(str, host.get_groups())) == {"all", "site", "web"}
    assert host.get_vars()["group_names"] == ["site", "web"]
    assert inventory.get_host("nobody") is None and inventory.localhost is not None
    inventory.subset("d1")
    assert list(map(str, inventory.list_hosts())) == ["d1"]


def test_variables_of_hosts(folder: Path) -> None:
    inventory = InventoryManager(loader())
    variables = VariableManager(loader(), inventory)
    found = variables.get_vars(host=inventory.get_host("w1"))
    assert (found["a"], found["b"], found["tpl"], found["word"]) == ("stronger", 2, "{{ b }}", "inside")
    assert found["inventory_hostname"] == "w1" and found["playbook_dir"] == str(folder)
    assert "a" not in variables.get_vars() and variables.get_vars()["groups"]["db"] == ["d1"]
    variables.extra_vars = {"a": "strongest"}
    assert variables.get_vars(host=inventory.get_host("w1"))["a"] == "strongest"
    closed = VariableManager(DataLoader(), InventoryManager(DataLoader()))
    with pytest.raises(AnsibleError, match="no vault secrets found"):
        closed.get_vars(host=inventory.get_host("w1"))


def test_templates_have_the_filters_of_the_project(folder: Path) -> None:
    templar = Templar(loader=loader(), variables={"x": 3})
    assert templar.template(trust_as_template("{{ x + 1 }} {{ 'one' | own | upper }}")) == "4 OWN ONE"
    assert templar.template("{{ x }}") == "{{ x }}", "text that nobody vouches for is data"


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("{{ nope }}", AnsibleUndefinedVariable, "'nope' is undefined"),
        ("{{ 1 | nofilter }}", AnsibleTemplateError, "No filter named 'nofilter'"),
        ("{{ 1 / 0 }}", AnsibleTemplateError, "division by zero"),
    ],
)
def test_what_a_template_raises_is_caught_by_ansibles_names(
    folder: Path, text: str, kind: type[Exception], message: str
) -> None:
    templar = Templar(loader=loader(), variables={})
    with pytest.raises(kind, match=message) as caught:
        templar.template(trust_as_template(text))
    assert isinstance(caught.value, TemplateError), "and the house knows it still"
    with pytest.raises(kind, match=message):
        templar.evaluate_expression(trust_as_template(text.strip("{} ")))


def test_what_is_wrong_is_an_error_of_ansibles(folder: Path) -> None:
    (folder / "ansible.cfg").write_text("[inventory]\nunparsed_is_failed = yes\n")
    with pytest.raises(AnsibleError, match="No inventory was parsed"):
        InventoryManager(loader(), "nothing-here")


@pytest.mark.parametrize("text", ["1 == 1", "{{ 1 == 1 }}"])
def test_what_nobody_vouches_for_is_never_evaluated(folder: Path, text: str) -> None:
    templar = Templar(loader=loader(), variables={})
    with pytest.raises(AnsibleTemplateError, match="untrusted"):
        templar.evaluate_conditional(text)
    with pytest.raises(AnsibleTemplateError, match="untrusted"):
        templar.evaluate_expression(text)
    assert templar.evaluate_conditional(trust_as_template("1 == 1")) and templar.evaluate_conditional(True)
