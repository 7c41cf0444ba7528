"""Inventory sources of every kind, and what they make together."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestra.errors import LanguageError, OrchestraError
from orchestra.inventory import HostVariables, load_inventory
from orchestra.inventory.listing import Listing
from orchestra.inventory.sources import Source, SourcePlugin
from orchestra.language import vaultformat
from orchestra.language.vault import VaultKey, VaultOpener
from orchestra.model.host import Inventory
from orchestra.model.origin import LocatedDict, Origin, TemplateText, UnsafeText
from orchestra.model.secret import Sealed
from orchestra.settings import Settings, load_settings

Load = Callable[..., Inventory]


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def load(tmp_path: Path, heard: list[str]) -> Load:
    def act(text: str = "", name: str = "hosts", *, sources: list[str] | None = None, **options: Any) -> Inventory:
        settings = load_settings({}, tmp_path, options.pop("settings", {}))
        if text:
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return load_inventory(
            sources or [name], settings, cwd=str(tmp_path), warn=lambda text, origin: heard.append(text), **options
        )

    return act


def test_ini_hosts_groups_and_children(load: Load, tmp_path: Path) -> None:
    inventory = load("lone\n[web]\nw[1:2] port=80\n[db]\nw2\n[prod:children]\nweb\ndb\n[prod:vars]\nlevel=1\n")
    assert list(inventory.hosts) == ["lone", "w1", "w2"]
    assert inventory.hosts["lone"].groups == ("all", "ungrouped")
    assert inventory.hosts["w2"].groups == ("all", "prod", "db", "web")
    assert inventory.groups["prod"].children == ("web", "db") and inventory.groups["prod"].vars == {"level": 1}
    assert inventory.groups["web"].depth == 2 and inventory.groups["web"].parents == ("prod",)
    assert inventory.groups["all"].children == ("ungrouped", "prod")
    assert inventory.sources == (str(tmp_path / "hosts"),)
    assert inventory.hosts["w1"].origin == Origin(str(tmp_path / "hosts"), 3, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("80", 80),
        ("-3", -3),
        ("007", "007"),
        ("1.5", 1.5),
        ("0x1f", 31),
        ("True", True),
        ("true", "true"),
        ("None", None),
        ("", ""),
        ("a.b-c", "a.b-c"),
        ("10.0.0.1", "10.0.0.1"),
        ("/usr/bin/python3", "/usr/bin/python3"),
        ("['a', 1]", ["a", 1]),
        ("('a', 1)", ["a", 1]),
        ("{'a': [True]}", {"a": [True]}),
        ("'quoted'", "quoted"),
        ("...", "..."),
        ("1j", "1j"),
        ("b'x'", "x"),
        ("5 # five", 5),
        ("five # five", "five # five"),
        ("a=b", "a=b"),
    ],
)
def test_values_in_vars_sections_are_literals_or_text(load: Load, text: str, value: Any) -> None:
    found = load(f"[web]\na\n[web:vars]\nx = {text}\n").groups["web"].vars["x"]
    assert found == value
    assert isinstance(found, type(value)) and isinstance(found, bool) is isinstance(value, bool)


def test_host_lines_are_split_like_shell_words(load: Load) -> None:
    host = load("""web a='two words' b="['x']" c=say\\ it d=1 # a comment\n""").hosts["web"]
    assert {key: host.vars[key] for key in "abcd"} == {"a": "two words", "b": ["x"], "c": "say it", "d": 1}
    assert host.vars.key_origins["b"].column > host.vars.key_origins["a"].column > 1  # type: ignore[attr-defined]


def test_templates_in_ini(load: Load) -> None:
    host = load("web a='{{ b }}' c={{d}} e=\"['{{ f }}']\"\n").hosts["web"]
    assert type(host.vars["a"]) is TemplateText and type(host.vars["c"]) is TemplateText
    assert type(host.vars["e"][0]) is TemplateText
    assert isinstance(host.vars, LocatedDict) and host.vars.templated


def test_port_in_the_name(load: Load) -> None:
    assert load("web:2222 x=1\n").hosts["web"].vars["ansible_port"] == 2222


def test_hosts_of_a_range_share_their_variables(load: Load) -> None:
    hosts = load("web[1:100] a=1\n").hosts
    assert hosts["web1"].vars is hosts["web100"].vars


def test_yaml(load: Load, heard: list[str], tmp_path: Path) -> None:
    inventory = load(
        """all:
  vars: {everywhere: 1}
  hosts:
    top: {a: "{{ b }}"}
  children:
    web:
      hosts: {"w[1:2]:22": {p: 80}, w2: }
      extra: {}
      vars: {ansible_group_priority: 7, v: 1}
    one: {hosts: w1}
""",
        "hosts.yml",
    )
    assert inventory.hosts["top"].groups == ("all", "ungrouped")
    assert inventory.hosts["w1"].vars["ansible_port"] == 22 and inventory.hosts["w2"].vars["p"] == 80
    assert inventory.groups["web"].priority == 7 and dict(inventory.groups["web"].vars) == {"v": 1}
    assert inventory.hosts["w1"].groups == ("all", "one", "web")
    assert "'extra' in group 'web' is passed over" in heard[0]
    vars_of_top = inventory.hosts["top"].vars
    assert isinstance(vars_of_top, LocatedDict)
    assert vars_of_top.value_origins["a"] == Origin(str(tmp_path / "hosts.yml"), 4, 14)


def test_toml(load: Load) -> None:
    inventory = load('[web.hosts]\na = { port = 80 }\n[web.vars]\nx = "{{ y }}"\n', "hosts.toml")
    assert inventory.hosts["a"].vars["port"] == 80
    assert type(inventory.groups["web"].vars["x"]) is TemplateText


def make_script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)


def test_script_with_meta(load: Load, tmp_path: Path) -> None:
    make_script(
        tmp_path / "hosts",
        """echo '{"web": {"hosts": ["a"], "vars": {"t": "{{ x }}"}, "children": ["kids"]},
        "list": ["b"], "solo": {"k": 1},
        "_meta": {"hostvars": {"a": {"s": {"__ansible_vault": "cipher"}, "u": {"__ansible_unsafe": "{{ raw }}"}}}}}'""",
    )
    inventory = load()
    assert type(inventory.groups["web"].vars["t"]) is TemplateText
    assert isinstance(inventory.hosts["a"].vars["s"], Sealed)
    assert type(inventory.hosts["a"].vars["u"]) is UnsafeText
    assert inventory.groups["list"].hosts == ("b",) and inventory.groups["kids"].parents == ("web",)
    assert inventory.groups["solo"].hosts == ("solo",) and inventory.groups["solo"].vars == {"k": 1}


def test_script_without_meta_is_asked_for_each_host(load: Load, tmp_path: Path, heard: list[str]) -> None:
    make_script(
        tmp_path / "hosts",
        """if [ "$1" = --list ]; then echo '{"web": ["a", "b"]}'; echo note >&2
        elif [ "$2" = a ]; then echo "{\\"me\\": \\"$2\\"}"; fi""",
    )
    inventory = load()
    assert inventory.hosts["a"].vars["me"] == "a" and "me" not in inventory.hosts["b"].vars
    assert "the inventory script says: note" in heard


def test_an_executable_that_is_no_script_is_read_as_what_it_is(load: Load, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("[web]\na\n")
    (tmp_path / "hosts").chmod(0o700)
    assert list(load().hosts) == ["a"]


def test_host_lists(load: Load) -> None:
    inventory = load(sources=["a, b:22,[::1]:2200,"])
    assert list(inventory.hosts) == ["a", "b", "::1"]
    assert inventory.hosts["b"].vars["ansible_port"] == 22 and inventory.hosts["b"].vars["inventory_dir"] is None
    assert inventory.groups["ungrouped"].hosts == ("a", "b", "::1")


def test_a_folder_of_sources(load: Load, tmp_path: Path, heard: list[str]) -> None:
    for name, text in {
        "b.ini": "[web]\nb v=2\na v=2\n[later:children]\nfirst\n",
        "a.yml": "first: {hosts: {a: {v: 1}}}",
        "README.md": "[",
        ".hidden": "[",
        "old.ini~": "[",
        "group_vars/web.yml": "x: 1",
        "deep/c": "c\n",
        "z_broken.yml": "web: {hosts: [x]}",
    }.items():
        path = tmp_path / "inv" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    inventory = load(sources=["inv"])
    assert list(inventory.hosts) == ["a", "b", "c"]
    assert inventory.hosts["a"].vars["v"] == 2
    assert inventory.hosts["a"].vars["inventory_file"] == str(tmp_path / "inv" / "a.yml")
    assert inventory.groups["later"].children == ("first",)
    assert any("z_broken.yml" in text or "must be a mapping" in text for text in heard)
    with pytest.raises(OrchestraError, match=r"Completely failed to parse inventory source .*z_broken\.yml"):
        load(sources=["inv"], settings={"inventory_any_unparsed_is_failed": True})


def test_a_source_that_is_not_there(load: Load, heard: list[str], tmp_path: Path) -> None:
    assert load(sources=["none"]).hosts == {}
    assert heard == [
        f"Unable to parse {tmp_path}/none as an inventory source: it does not exist",
        "No inventory was parsed, only implicit localhost is available",
    ]
    with pytest.raises(OrchestraError, match="No inventory was parsed") as caught:
        load(sources=["none"], settings={"inventory_unparsed_is_failed": True})
    assert caught.value.exit_code == 1


def test_a_broken_source_leaves_nothing_and_every_problem_is_told(load: Load, heard: list[str], tmp_path: Path) -> None:
    assert load("[web]\na\nb oops\nc oops\n").hosts == {}
    told = [text.partition(";")[0] for text in heard]
    assert told[:2] == ["Failed to parse inventory with 'ini' plugin: 'oops' after a host name is no variable"] * 2
    assert told[2] == f"Unable to parse {tmp_path}/hosts as an inventory source"


@pytest.mark.parametrize("name", ["/dev/null", "hosts"])
def test_an_empty_file_is_an_inventory_without_hosts(load: Load, heard: list[str], tmp_path: Path, name: str) -> None:
    (tmp_path / "hosts").write_text("")
    assert load(sources=[name]).hosts == {} and heard == []


def test_an_empty_folder_is_no_inventory(load: Load, heard: list[str], tmp_path: Path) -> None:
    (tmp_path / "inv" / "empty").mkdir(parents=True)
    (tmp_path / "inv" / "hosts").write_text("a\n")
    assert list(load(sources=["inv"]).hosts) == ["a"]
    assert heard == [f"Unable to parse {tmp_path}/inv/empty as an inventory source: it is empty"]


def test_ranges_in_a_list_of_hosts(load: Load, heard: list[str], tmp_path: Path) -> None:
    settings = {"inventory_enabled": ("advanced_host_list",)}
    inventory = load(sources=["web[1:3],db[a:b]:2222,web2,odd[1:],"], settings=settings)
    assert list(inventory.hosts) == ["web1", "web2", "web3", "dba", "dbb", "odd[1:]"]
    assert inventory.hosts["dba"].vars["ansible_port"] == 2222
    assert "leaving unchanged: odd[1:]: host range must specify end value; [1:] has none" in heard[0]
    assert load(sources=["web[1:j],"], settings=settings).hosts == {}
    assert "Failed to parse inventory with 'advanced_host_list' plugin" in heard[1]


def test_a_group_and_a_host_of_one_name_are_warned_of(load: Load, heard: list[str]) -> None:
    load("[web]\nweb\n")
    assert "'web' is both a group and a host" in heard


@pytest.mark.parametrize(
    ("mode", "name", "warned"),
    [("never", "a-b", True), ("ignore", "a-b", False), ("always", "a_b", True), ("silently", "a_b", False)],
)
def test_odd_group_names(load: Load, heard: list[str], mode: str, name: str, warned: bool) -> None:
    inventory = load("[a-b]\nx\n[top:children]\na-b\n", settings={"force_valid_group_names": mode})
    assert name in inventory.groups and inventory.groups["top"].children == (name,)
    assert bool(heard) is warned


def test_deeper_groups_win_then_priority_then_name(load: Load) -> None:
    inventory = load("[b]\nh\n[a]\nh\n[c]\nh\n[deep:children]\nb\n[a:vars]\nansible_group_priority=3\n[c:vars]\nx=1\n")
    assert inventory.hosts["h"].groups == ("all", "c", "deep", "a", "b")


def test_an_encrypted_inventory_and_inline_vaults(load: Load, tmp_path: Path) -> None:
    vault = VaultOpener([VaultKey("default", b"pw")])
    (tmp_path / "hosts").write_bytes(vaultformat.lock(b"[web]\na\n", b"pw"))
    assert list(load(vault=vault).hosts) == ["a"]


class Grouping:
    """A plugin that puts every host of earlier sources into a group; breaks after that where it is told to."""

    def __init__(self, breaks: bool = False) -> None:
        self.breaks = breaks

    def wants(self, path: str) -> bool:
        return path.endswith(".yml")

    def read(self, source: Source) -> None:
        for host in list(source.draft.hosts):
            source.draft.add_host(host, "made")
        if self.breaks:
            raise LanguageError("half-way", origin=Origin(source.path))


class Plugins:
    """Inventory plugins by name."""

    def __init__(self, **plugins: Grouping) -> None:
        self.plugins = plugins

    def find(self, name: str) -> SourcePlugin | None:
        return self.plugins.get(name.rpartition(".")[2])

    def names(self) -> list[str]:
        return list(self.plugins)


def test_inventory_plugins_see_earlier_sources(load: Load, tmp_path: Path) -> None:
    (tmp_path / "b.yml").write_text("plugin: ansible.builtin.grouping\n")
    inventory = load("a\n", sources=["hosts", "b.yml"], plugins=Plugins(grouping=Grouping()))
    assert inventory.groups["made"].hosts == ("a",)


def test_a_plugin_that_fails_leaves_nothing(load: Load, heard: list[str], tmp_path: Path) -> None:
    (tmp_path / "b.yml").write_text("plugin: grouping\n")
    inventory = load("a\n", sources=["hosts", "b.yml"], plugins=Plugins(grouping=Grouping(breaks=True)))
    assert list(inventory.groups) == ["all", "ungrouped"] and list(inventory.hosts) == ["a"]
    assert heard[0] == "Failed to parse inventory with 'auto' plugin: half-way"


def test_enabled_plugins_are_tried_in_their_order(load: Load, heard: list[str], tmp_path: Path) -> None:
    (tmp_path / "b.yml").write_text("all: {hosts: {b: }}\n")
    settings = {"inventory_enabled": ("ini", "grouping", "groupink", "yaml")}
    inventory = load("a\n", sources=["hosts", "b.yml"], plugins=Plugins(grouping=Grouping()), settings=settings)
    assert list(inventory.hosts) == ["a"] and "made" in inventory.groups
    settings = {"inventory_enabled": ("groupink", "yaml", "ini")}
    assert list(load(sources=["b.yml"], plugins=Plugins(grouping=Grouping()), settings=settings).hosts) == ["b"]
    assert heard == ["Failed to load inventory plugin, skipping groupink; did you mean 'grouping'?"]


def test_listing(load: Load) -> None:
    inventory = load("[web]\na x=1 t='{{ y }}'\n[empty]\n[web:vars]\nv=2\n")
    variables = HostVariables(inventory, Settings())
    listing = Listing(inventory, variables)
    assert listing.flat() == {
        "all": {"children": ["ungrouped", "web", "empty"]},
        "web": {"hosts": ["a"]},
        "_meta": {"hostvars": {"a": {"x": 1, "t": "{{ y }}", "v": 2}}, "profile": "inventory_legacy"},
    }
    exported = Listing(inventory, variables, export=True).flat()
    assert exported["web"]["vars"] == {"v": 2} and exported["_meta"]["hostvars"] == {"a": {"x": 1, "t": "{{ y }}"}}
    assert listing.host("a")["v"] == 2
    assert listing.graph("web", with_vars=True).splitlines() == [
        "@web:",
        "  |--a",
        "  |  |--{t = {{ y }}}",
        "  |  |--{v = 2}",
        "  |  |--{x = 1}",
        "  |--{v = 2}",
    ]


@pytest.mark.parametrize("call", [lambda listing: listing.host("wbe"), lambda listing: listing.graph("wbe")])
def test_unknown_names_in_listings(load: Load, call: Callable[[Listing], Any]) -> None:
    inventory = load("[web]\nweb1\nweb\n")
    with pytest.raises(Exception, match="there is no") as caught:
        call(Listing(inventory, HostVariables(inventory, Settings())))
    assert "web" in caught.value.hint  # type: ignore[attr-defined]


def test_ten_thousand_hosts_load_in_a_few_seconds(load: Load) -> None:
    lines = "".join(
        f"[g{group}]\n" + "".join(f"h{group}-{n} ip=10.0.{group}.{n} rack='r {n}'\n" for n in range(200))
        for group in range(50)
    )
    start = os.times().user
    inventory = load(lines)
    assert len(inventory.hosts) == 10_000
    assert os.times().user - start < 5
