"""add_host and group_by: each makes a new inventory, or the same one when nothing changes."""

from pathlib import Path

import pytest

from orchestra.errors import LanguageError
from orchestra.inventory import HostSelector, HostVariables, load_inventory, with_group, with_host
from orchestra.model.host import Inventory
from orchestra.settings import Settings


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    (tmp_path / "hosts").write_text("lone\n[web]\na x=1\n[top:children]\nweb\n")
    return load_inventory([str(tmp_path / "hosts")], Settings())


def test_a_new_host(inventory: Inventory) -> None:
    after = with_host(inventory, "new", ["web", "fresh"], {"y": 2})
    assert after.hosts["new"].groups == ("all", "fresh", "top", "web") and after.hosts["new"].vars == {"y": 2}
    assert after.groups["web"].hosts == ("a", "new") and "fresh" in after.groups["all"].children
    assert "new" not in inventory.hosts and "fresh" not in inventory.groups
    assert [host.name for host in HostSelector(after).select("all")] == ["new", "lone", "a"]


def test_a_new_host_without_groups_is_ungrouped(inventory: Inventory) -> None:
    assert with_host(inventory, "new").hosts["new"].groups == ("all", "ungrouped")


def test_the_same_again_changes_nothing(inventory: Inventory) -> None:
    after = with_host(inventory, "new", ["web"], {"y": 2})
    assert with_host(after, "new", ["web"], {"y": 2}) is after
    assert with_host(after, "new") is after
    assert with_host(after, "new", ["web"], {"y": 3}) is not after


def test_a_known_host_gets_more(inventory: Inventory) -> None:
    after = with_host(inventory, "lone", ["web"], {"z": 1})
    assert after.hosts["lone"].groups == ("all", "top", "web") and after.groups["ungrouped"].hosts == ()
    assert after.hosts["lone"].vars["z"] == 1 and "inventory_file" in after.hosts["lone"].vars
    kept = with_host(inventory, "a", (), {"z": 1}).hosts["a"].vars
    assert kept["x"] == 1 and kept["z"] == 1


def test_a_host_needs_a_name(inventory: Inventory) -> None:
    with pytest.raises(LanguageError, match="needs a name"):
        with_host(inventory, "")


def test_group_by(inventory: Inventory) -> None:
    after = with_group(inventory, "a", "os_debian")
    assert after.hosts["a"].groups == ("all", "os_debian", "top", "web")
    assert with_group(after, "a", "os_debian") is after
    below = with_group(inventory, "a", "debian12", ["debian"])
    assert below.groups["debian"].children == ("debian12",) and below.groups["debian12"].depth == 2
    assert below.hosts["a"].groups == ("all", "debian", "top", "debian12", "web")
    assert "debian12" not in below.groups["all"].children


def test_group_by_refuses_loops_and_strangers(inventory: Inventory) -> None:
    with pytest.raises(LanguageError, match="can not be below"):
        with_group(inventory, "a", "top", ["web"])
    with pytest.raises(LanguageError, match="no host 'b'"):
        with_group(inventory, "b", "x")


def test_the_implicit_localhost_in_a_group_is_not_in_all(inventory: Inventory) -> None:
    after = with_group(inventory, "localhost", "local")
    assert [host.name for host in HostSelector(after).select("local")] == ["localhost"]
    assert "localhost" not in [host.name for host in HostSelector(after).select("all")]
    assert after.hosts["localhost"].vars["ansible_connection"] == "local"


def test_variables_follow_the_changed_inventory(inventory: Inventory, tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "fresh.yml").write_text("from_file: 1\n")
    before = HostVariables(inventory, Settings())
    assert "from_file" not in before.for_host("a")
    after = before.with_inventory(with_host(inventory, "a", ["fresh"]))
    assert after.for_host("a")["from_file"] == 1
