"""Host patterns, limits and orders."""

from pathlib import Path

import pytest

from orchestra.errors import LanguageError, UsageError
from orchestra.inventory import HostSelector, load_inventory
from orchestra.inventory.patterns import split_pattern
from orchestra.model.host import Inventory
from orchestra.model.origin import Origin, TemplateText
from orchestra.settings import Settings

TEXT = """lone
[web]
w[1:3]
web.example.com
[db]
d1
w3
[prod:children]
db
web
"""


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    path = tmp_path_factory.mktemp("inventory") / "hosts"
    path.write_text(TEXT)
    return load_inventory([str(path)], Settings())


def names(inventory: Inventory, *args: str, **options: str) -> str:
    return " ".join(host.name for host in HostSelector(inventory).select(*args, **options))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("all", "lone d1 w3 w1 w2 web.example.com"),
        ("*", "lone d1 w3 w1 w2 web.example.com"),
        ("prod", "d1 w3 w1 w2 web.example.com"),
        ("web", "w1 w2 w3 web.example.com"),
        ("web:db", "w1 w2 w3 web.example.com d1"),
        ("web,db", "w1 w2 w3 web.example.com d1"),
        ("web:&db", "w3"),
        ("web:!db", "w1 w2 web.example.com"),
        ("!db:web", "w1 w2 web.example.com"),
        ("!prod", "lone"),
        ("&db", "d1 w3"),
        ("w?", "w1 w2 w3"),
        ("*.example.com", "web.example.com"),
        ("~w\\d|lone", "lone w1 w2 w3"),
        ("~(w|d)1", "w1 d1"),
        ("web[0]", "w1"),
        ("web[-1]", "web.example.com"),
        ("web[1:2]", "w2 w3"),
        ("web[2:]", "w3 web.example.com"),
        ("w1:web[0]:lone", "w1 lone"),
        ("ungrouped", "lone"),
        ("localhost", "localhost"),
        ("", "lone d1 w3 w1 w2 web.example.com"),
        ("nothing", ""),
    ],
)
def test_patterns(inventory: Inventory, pattern: str, expected: str) -> None:
    assert names(inventory, pattern) == expected


def test_several_patterns(inventory: Inventory) -> None:
    hosts = HostSelector(inventory).select(["web", "db:!w3"])
    assert [host.name for host in hosts] == ["w1", "w2", "web.example.com", "d1"]


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("a:b", ["a", "b"]),
        ("a:!b:&c", ["a", "!b", "&c"]),
        (" a , b ", ["a", "b"]),
        ("web[0:2]:db", ["web[0:2]", "db"]),
        ("web[0:2]", ["web[0:2]"]),
        ("::1", ["::1"]),
        ("host:22", ["host:22"]),
    ],
)
def test_splitting(pattern: str, parts: list[str]) -> None:
    assert split_pattern(pattern) == parts


def test_limits(inventory: Inventory, tmp_path: Path) -> None:
    assert names(inventory, "web", "db") == "w3"
    assert names(inventory, "all", "!web") == "lone d1"
    (tmp_path / "failed").write_text("w2\n\ndb\n!w3\n")
    assert names(inventory, "all", f"@{tmp_path}/failed") == "d1 w2"
    assert names(inventory, "localhost", "web") == ""
    with pytest.raises(UsageError, match="cannot read the limit file"):
        names(inventory, "all", "@/none/such")


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("inventory", "w1 w2 w3 web.example.com"),
        ("reverse_inventory", "web.example.com w3 w2 w1"),
        ("sorted", "w1 w2 w3 web.example.com"),
        ("reverse_sorted", "web.example.com w3 w2 w1"),
    ],
)
def test_orders(inventory: Inventory, order: str, expected: str) -> None:
    assert names(inventory, "web", order=order) == expected


def test_shuffle_keeps_every_host(inventory: Inventory) -> None:
    assert sorted(names(inventory, "web", order="shuffle").split()) == ["w1", "w2", "w3", "web.example.com"]


def test_a_wrong_order_names_the_nearest_and_its_place(inventory: Inventory) -> None:
    with pytest.raises(LanguageError, match="no host order 'srted'") as caught:
        names(inventory, "web", order=TemplateText("srted", Origin("play.yml", 3, 10)))
    assert "did you mean 'sorted'?" in caught.value.hint and caught.value.origin == Origin("play.yml", 3, 10)


def test_what_matches_nothing_is_said_with_the_nearest(inventory: Inventory) -> None:
    heard: list[str] = []
    HostSelector(inventory, heard.append).select("wbe:w1")
    assert heard == ["Could not match supplied host pattern, ignoring: wbe; did you mean 'web'?"]
    assert HostSelector(inventory, heard.append, mismatch="ignore").select("x9") == [] and len(heard) == 1
    with pytest.raises(UsageError, match="Could not match supplied host pattern"):
        HostSelector(inventory, mismatch="error").select("x9")


def test_wrong_patterns(inventory: Inventory) -> None:
    with pytest.raises(UsageError, match="is no regular expression"):
        names(inventory, "~web(")
    with pytest.raises(UsageError, match=r"'web\[9\]' asks for more than the 4 hosts of 'web'"):
        names(inventory, "web[9]")


def test_localhost_is_the_inventorys_own_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("127.0.0.1 x=1\n")
    own = load_inventory([str(tmp_path / "hosts")], Settings())
    (host,) = HostSelector(own).select("localhost")
    assert host.name == "127.0.0.1" and not host.implicit
    (implicit,) = HostSelector(load_inventory(["a,"], Settings())).select("localhost")
    assert implicit.implicit and implicit.vars["ansible_connection"] == "local"
