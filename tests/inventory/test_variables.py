"""What groups and files give to hosts: precedence, sharing, places, laziness."""

from pathlib import Path
from typing import Any

import pytest

from orchestra.errors import LanguageError
from orchestra.inventory import HostVariables, load_inventory
from orchestra.inventory.variables import LayeredVars
from orchestra.language import vaultformat
from orchestra.language.vault import VaultKey, VaultOpener
from orchestra.model.origin import LocatedDict, TemplateText
from orchestra.model.secret import Secret
from orchestra.settings import Settings


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def variables(
    folder: Path, files: dict[str, str], *, settings: Settings | None = None, **options: Any
) -> HostVariables:
    """A project with the inventory in inv/hosts and a playbook folder pb."""
    write(folder, files)
    settings = settings or Settings()
    inventory = load_inventory([str(folder / "inv" / "hosts")], settings)
    return HostVariables(inventory, settings, playbook_folders=[str(folder / "pb")], **options)


def test_precedence_from_weak_to_strong(tmp_path: Path) -> None:
    keys = [f"v{n}" for n in range(10)]

    def given(number: int) -> str:
        """This layer sets its own variable and all those that stronger layers set."""
        return "".join(f"{key}: {number}\n" for key in keys[number:])

    def ini(number: int, join: str = "\n") -> str:
        return join.join(f"{key}={number}" for key in keys[number:])

    found = variables(
        tmp_path,
        {
            "inv/hosts": (
                f"[web]\nh {ini(7, ' ')}\n[top:children]\nweb\n"
                f"[all:vars]\n{ini(0)}\n[top:vars]\n{ini(1)}\n[web:vars]\n{ini(2)}\n"
            ),
            "inv/group_vars/all.yml": given(3),
            "pb/group_vars/all.yml": given(4),
            "inv/group_vars/web.yml": given(5),
            "pb/group_vars/web.yml": given(6),
            "inv/host_vars/h.yml": given(8),
            "pb/host_vars/h.yml": given(9),
        },
    ).for_host("h")
    assert {key: found[key] for key in keys} == {f"v{n}": n for n in range(10)}


def test_among_groups_the_deeper_wins_within_one_place(tmp_path: Path) -> None:
    found = variables(
        tmp_path,
        {
            "inv/hosts": "[web]\nh\n[top:children]\nweb\n",
            "inv/group_vars/web": "a: web\nb: web\n",
            "inv/group_vars/top.yml": "a: top\n",
            "pb/group_vars/top.yaml": "b: top beside the playbook\n",
        },
    ).for_host("h")
    assert found["a"] == "web" and found["b"] == "top beside the playbook"


def test_folders_of_files(tmp_path: Path) -> None:
    heard: list[str] = []
    found = variables(
        tmp_path,
        {
            "inv/hosts": "h\n",
            "inv/host_vars/h/b.yml": "x: b\ny: b\n",
            "inv/host_vars/h/a.json": '{"x": "a", "z": 1}',
            "inv/host_vars/h/deep/c": "y: deep\n",
            "inv/host_vars/h/no.txt": "x: no\n",
            "inv/host_vars/h/.hidden.yml": "x: no\n",
            "inv/host_vars/h/save.yml~": "x: no\n",
            "inv/host_vars/h/old.d/f.yml": "x: no\n",
            "inv/host_vars/h.yml": "x: not read\n",
        },
        warn=lambda text, origin: heard.append(text),
    ).for_host("h")
    assert {key: found[key] for key in "xyz"} == {"x": "b", "y": "deep", "z": 1}
    assert "h.yml is not read" in heard[0]


def test_hosts_with_the_same_groups_share_one_mapping(tmp_path: Path) -> None:
    found = variables(
        tmp_path, {"inv/hosts": "[web]\na\nb\n[nothing]\nb\n[web:vars]\nx=1\n", "inv/group_vars/all.yml": "y: 1\n"}
    )
    assert found.group_part(("all", "nothing", "web")) is found.group_part(("all", "web"))
    assert found.for_host("a") is found.for_host("a")
    assert sorted(found.for_host("b")) == ["inventory_dir", "inventory_file", "x", "y"]
    assert len(found.for_host("b")) == 4 and "x" in found.for_host("b") and "q" not in found.for_host("b")


def test_merging_mappings(tmp_path: Path) -> None:
    files = {
        "inv/hosts": "[web]\nh d=\"{'host': 1}\"\n[web:vars]\nd={'group': 1, 'deep': {'a': 1}}\n",
        "inv/group_vars/all.yml": "d: {all: 1}\n",
        "inv/group_vars/web.yml": "d: {deep: {b: 2}}\n",
        "inv/host_vars/h.yml": "d: {file: 1}\nl: [1]\n",
        "pb/host_vars/h.yml": "l: [2]\n",
    }
    assert variables(tmp_path, files).for_host("h")["d"] == {"file": 1}
    merged = variables(tmp_path, files, settings=Settings(hash_behaviour="merge")).for_host("h")
    assert merged["d"] == {"group": 1, "all": 1, "deep": {"a": 1, "b": 2}, "host": 1, "file": 1}
    assert merged["l"] == [2]
    assert isinstance(merged["d"], LocatedDict)


def test_every_value_can_be_traced(tmp_path: Path) -> None:
    found = variables(
        tmp_path,
        {
            "inv/hosts": "[web]\nh x=1\n",
            "inv/group_vars/web.yml": "# first\nx: 2\n",
            "pb/host_vars/h.yml": "x: {a: 3}\n",
        },
    )
    assert str(found.origin("h", "x")) == f"{tmp_path}/pb/host_vars/h.yml:1:4"
    labels = [label for label, _ in found.trace("h", "x")]
    assert labels == [
        "group_vars of 'web'",
        "the inventory",
        "host_vars of 'h'",
    ]
    assert found.origin("h", "none") is None and found.origin("nobody", "x") is None


def test_values_stay_raw(tmp_path: Path) -> None:
    value = variables(tmp_path, {"inv/hosts": "h\n", "inv/host_vars/h.yml": "x: '{{ y }}'\n"}).for_host("h")["x"]
    assert type(value) is TemplateText and value.origin is not None and value.origin.line == 1


def test_files_are_read_lazily_and_once(tmp_path: Path) -> None:
    found = variables(tmp_path, {"inv/hosts": "[web]\na\nb\n[db]\nc\n", "inv/group_vars/db.yml": "{{\n"})
    write(tmp_path, {"inv/group_vars/web.yml": "x: 1\n"})
    assert found.for_host("a")["x"] == 1
    write(tmp_path, {"inv/group_vars/web.yml": "x: 2\n"})
    assert found.for_host("b")["x"] == 1
    with pytest.raises(LanguageError, match="a value is missing"):
        found.for_host("c")


def test_a_file_that_is_no_mapping(tmp_path: Path) -> None:
    found = variables(tmp_path, {"inv/hosts": "h\n", "inv/group_vars/all.yml": "\n- a\n"})
    with pytest.raises(LanguageError, match="a variable file is a mapping, not a list") as caught:
        found.for_host("h")
    assert str(caught.value.origin) == f"{tmp_path}/inv/group_vars/all.yml:2:1"


def test_encrypted_files(tmp_path: Path) -> None:
    text = vaultformat.lock(b"password: hunter22\n", b"pw").decode()
    vault = VaultOpener([VaultKey("default", b"pw")])
    files = {"inv/hosts": "h\n", "inv/group_vars/all/vault.yml": text, "inv/group_vars/all/main.yml": "x: 1\n"}
    found = variables(tmp_path, files, vault=vault).for_host("h")
    assert isinstance(found["password"], Secret) and found["x"] == 1


def test_implicit_localhost_gets_what_all_gets(tmp_path: Path) -> None:
    found = variables(
        tmp_path,
        {
            "inv/hosts": "h\n[all:vars]\na=1\n",
            "inv/group_vars/all.yml": "b: 2\n",
            "pb/host_vars/localhost.yml": "c: 3\n",
        },
    ).for_host("localhost")
    assert {key: found[key] for key in "abc"} == {"a": 1, "b": 2, "c": 3}
    assert found["ansible_connection"] == "local"


def test_unknown_hosts_have_nothing(tmp_path: Path) -> None:
    assert dict(variables(tmp_path, {"inv/hosts": "h\n"}).for_host("nobody")) == {}


def test_an_odd_folder_is_passed_over(tmp_path: Path) -> None:
    heard: list[str] = []
    found = variables(
        tmp_path,
        {"inv/hosts": "h\n/srv/chroot\n", "inv/group_vars": "a file"},
        warn=lambda text, origin: heard.append(text),
    )
    assert "x" not in found.for_host("h") and "x" not in found.for_host("/srv/chroot")
    assert heard == [f"{tmp_path}/inv/group_vars is not a folder, so it is passed over"]


def test_the_order_of_sources_can_be_configured(tmp_path: Path) -> None:
    files = {
        "inv/hosts": "[web]\nh\n[web:vars]\nx=inventory\n",
        "inv/group_vars/web.yml": "x: beside the inventory\n",
        "pb/group_vars/web.yml": "x: beside the playbook\n",
    }
    assert variables(tmp_path, files).for_host("h")["x"] == "beside the playbook"
    order = ("groups_plugins_play", "groups_plugins_inventory", "groups_inventory")
    assert variables(tmp_path, files, settings=Settings(variable_precedence=order)).for_host("h")["x"] == "inventory"


@pytest.mark.parametrize(("mode", "warnings"), [("warn", 1), ("ignore", 0), ("error", None)])
def test_duplicate_keys(tmp_path: Path, mode: str, warnings: int | None) -> None:
    heard: list[str] = []
    files = {"inv/hosts": "h\n", "inv/group_vars/all.yml": "x: 1\nx: 2\n"}
    found = variables(
        tmp_path,
        files,
        settings=Settings(duplicate_dict_key=mode),
        warn=lambda text, origin: heard.append(text),
    )
    if warnings is None:
        with pytest.raises(LanguageError, match="Found duplicate mapping key 'x'"):
            found.for_host("h")
    else:
        assert found.for_host("h")["x"] == 2 and len(heard) == warnings


class Uncounted(dict[str, Any]):
    """A mapping that may be looked into, and not be gone through."""

    def __iter__(self) -> Any:
        raise AssertionError("somebody goes through all variables")

    keys = items = values = __iter__


def test_to_ask_for_one_variable_costs_no_look_at_the_others() -> None:
    host = LayeredVars([Uncounted(a=1), {}, Uncounted(b=2)])
    assert host
    assert not LayeredVars([{}])
    assert ("a" in host, "b" in host, "c" in host) == (True, True, False)
    assert (host["b"], host.get("c")) == (2, None)


def test_layers_of_sources_keep_the_place_of_each_variable(tmp_path: Path) -> None:
    write(tmp_path, {"a.yml": "all: {hosts: {h: {x: 1, y: 1}}}\n", "b.yml": "all:\n  hosts: {h: {y: 2}}\n"})
    inventory = load_inventory([str(tmp_path / "a.yml"), str(tmp_path / "b.yml")], Settings())
    given = inventory.hosts["h"].vars
    assert isinstance(given, LocatedDict)
    assert (given["x"], given["y"]) == (1, 2)
    assert {name: (Path(place.file).name, place.line) for name, place in given.value_origins.items()} == {
        "x": ("a.yml", 1),
        "y": ("b.yml", 2),
    }
    assert len(given.key_origins) == 2
    assert given.key_origins.get("z") is None
