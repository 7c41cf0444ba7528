"""Ports and ranges in host names."""

import pytest

from orchestra.inventory.hostnames import expand, split_port


@pytest.mark.parametrize(
    ("text", "names", "port"),
    [
        ("web", ["web"], None),
        ("web:2222", ["web"], 2222),
        ("web[1:3]", ["web1", "web2", "web3"], None),
        ("web[01:03].x:22", ["web01.x", "web02.x", "web03.x"], 22),
        ("web[:2]", ["web0", "web1", "web2"], None),
        ("[a:c]x", ["ax", "bx", "cx"], None),
        ("w[a:e:2]", ["wa", "wc", "we"], None),
        ("r[1:10:4]", ["r1", "r5", "r9"], None),
        ("r[1:2]n[a:b]", ["r1na", "r1nb", "r2na", "r2nb"], None),
        ("10.0.0.[8:10]", ["10.0.0.8", "10.0.0.9", "10.0.0.10"], None),
        ("[::1]:22", ["::1"], 22),
        ("2001:db8::1", ["2001:db8::1"], None),
        ("/srv/chroot", ["/srv/chroot"], None),
        ("[web]:22", ["web"], 22),
    ],
)
def test_expand(text: str, names: list[str], port: int | None) -> None:
    assert expand(text) == (names, port)


@pytest.mark.parametrize("text", ["web:db", "~web.*", "*", "a:&b", "web*", "-web", "a..b"])
def test_patterns_are_no_addresses(text: str) -> None:
    assert split_port(text) is None
