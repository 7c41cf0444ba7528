"""Tests of ansible.utils about addresses and networks, and of community.general about names of hosts."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_MAC = re.compile(
    r"(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}|[0-9a-f]{12}", re.I
)
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_LOOSE_LABEL = r"[a-zA-Z0-9_](?:[a-zA-Z0-9_-]*[a-zA-Z0-9_])?"


def _address(value: Any) -> Any:
    try:
        return ipaddress.ip_address(str(value))
    except ValueError:
        return None


def _network(value: Any, *, strict: bool = True) -> Network | None:
    try:
        return ipaddress.ip_network(str(value), strict)
    except ValueError:
        return None


def _about(question: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def test(value: Any) -> bool:
        address = _address(value)
        return address is not None and bool(question(address))

    return test


def subnet_of(value: Any, other: Any) -> bool:
    """A network (or an address) inside another."""
    inner, outer = _network(value), _network(other)
    if inner is None or outer is None or inner.version != outer.version:
        return False
    return bool(inner.subnet_of(outer))  # type: ignore[arg-type]


def supernet_of(value: Any, other: Any) -> bool:
    """A network that another is inside of."""
    return subnet_of(other, value)


def in_any_network(value: Any, others: Iterable[Any]) -> bool:
    """Inside one network of several or more."""
    return any(subnet_of(value, other) for other in others)


def in_one_network(value: Any, others: Iterable[Any]) -> bool:
    """Inside exactly one network of several."""
    return sum(subnet_of(value, other) for other in others) == 1


def mac(value: Any) -> bool:
    """A hardware address."""
    return _MAC.fullmatch(str(value)) is not None


def ipv4_netmask(value: Any) -> bool:
    """A mask whose ones come first."""
    address = _address(value)
    if not isinstance(address, ipaddress.IPv4Address):
        return False
    inverse = ~int(address) & 0xFFFFFFFF
    return inverse & (inverse + 1) == 0


def ipv4_hostmask(value: Any) -> bool:
    """A mask whose ones come last."""
    address = _address(value)
    return isinstance(address, ipaddress.IPv4Address) and int(address) & (int(address) + 1) == 0


def resolvable(value: Any) -> bool:
    """A name that has an address, or an address that has a name."""
    try:
        if _address(value) is not None:
            socket.gethostbyaddr(str(value))
        else:
            socket.getaddrinfo(str(value), None)
    except OSError:
        return False
    return True


def fqdn_valid(name: Any, min_labels: int = 1, allow_underscores: bool = False) -> bool:
    """A name that a host may have, with at least so many labels."""
    text = str(name).removesuffix(".")
    labels = text.split(".")
    pattern = _LOOSE_LABEL if allow_underscores else _LABEL
    fits = all(len(label) <= 63 and re.fullmatch(pattern, label) for label in labels)
    return bool(fits) and len(text) <= 253 and len(labels) >= int(min_labels)


TESTS: dict[str, Callable[..., Any]] = {
    "in_network": subnet_of,
    "subnet_of": subnet_of,
    "supernet_of": supernet_of,
    "in_any_network": in_any_network,
    "in_one_network": in_one_network,
    "loopback": _about(lambda address: address.is_loopback),
    "multicast": _about(lambda address: address.is_multicast),
    "private": _about(lambda address: address.is_private),
    "public": _about(lambda address: address.is_global),
    "reserved": _about(lambda address: address.is_reserved),
    "unspecified": _about(lambda address: address.is_unspecified),
    "ipv6_ipv4_mapped": _about(lambda address: address.version == 6 and address.ipv4_mapped is not None),
    "ipv6_sixtofour": _about(lambda address: address.version == 6 and address.sixtofour is not None),
    "ipv6_teredo": _about(lambda address: address.version == 6 and address.teredo is not None),
    "mac": mac,
    "ipv4_netmask": ipv4_netmask,
    "ipv4_hostmask": ipv4_hostmask,
    "resolvable": resolvable,
    "fqdn_valid": fqdn_valid,
}
