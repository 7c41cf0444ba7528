"""An IP address or network as the address filters see it: an address, a prefix, and how it was written."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

from orchestra.model.record import record

Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
_WIDTHS = {4: 32, 6: 128}


@record
class Address:
    """``10.0.0.5/24``: the address 10.0.0.5 in its network; ``written_as_network`` when a prefix was given."""

    number: int
    prefix: int
    version: int
    written_as_network: bool
    #: What the filter was given, or its usual form where that was a number.
    source: Any

    @property
    def width(self) -> int:
        """Bits of an address."""
        return _WIDTHS[self.version]

    @property
    def size(self) -> int:
        """How many addresses the network has."""
        return 1 << (self.width - self.prefix)

    @property
    def first(self) -> int:
        """The network's own address."""
        return self.number & ~(self.size - 1)

    @property
    def last(self) -> int:
        """The network's last address."""
        return self.first | (self.size - 1)

    @property
    def usable(self) -> tuple[int, int]:
        """The first and the last address that hosts may have."""
        return (self.first, self.last) if self.size == 2 else (self.first + 1, self.last - 1)

    @property
    def has_broadcast(self) -> bool:
        """Networks of two and fewer addresses have no broadcast address."""
        return self.version == 6 or self.size > 2

    @property
    def ip(self) -> str:
        """The address alone."""
        return self.text(self.number)

    @property
    def is_global(self) -> bool:
        """Reachable from everywhere; 6to4 addresses are not."""
        return self.object.is_global and not (self.version == 6 and self.number >> 112 == 0x2002)

    @property
    def object(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
        """The address for the standard library."""
        return ipaddress.IPv4Address(self.number) if self.version == 4 else ipaddress.IPv6Address(self.number)

    def text(self, number: int) -> str:
        """A number as an address of this version. Raises ValueError where it has too many bits."""
        if self.version == 4:
            return str(ipaddress.IPv4Address(number))
        return socket.inet_ntop(socket.AF_INET6, ipaddress.IPv6Address(number).packed)

    def network_text(self) -> str:
        """The network with its prefix."""
        return f"{self.text(self.first)}/{self.prefix}"

    def mask(self) -> int:
        """The network's mask."""
        return ((1 << self.width) - 1) ^ (self.size - 1)

    def within(self, other: Address) -> bool:
        """Say whether this network is inside another."""
        return self.version == other.version and other.first <= self.first and self.last <= other.last

    def __str__(self) -> str:
        return f"{self.ip}/{self.prefix}"


def parse(value: Any, version: int = 0) -> Address | None:
    """Read an address, a network, a number, or a number with a prefix; None for anything else."""
    if value is None or value is True or value is False or value == "":
        return None
    text = str(value)
    if text.isdigit():
        return _from_number(int(text), None, version)
    try:
        found: Interface = ipaddress.ip_interface(text)
    except ValueError:
        number, slash, prefix = text.partition("/")
        if not (slash and number.isdigit() and prefix.isdigit()):
            return None
        return _from_number(int(number), int(prefix), version)
    return Address(int(found.ip), found.network.prefixlen, found.version, "/" in text, value)


def _from_number(number: int, prefix: int | None, version: int) -> Address | None:
    for candidate in _versions(version):
        width = _WIDTHS[candidate]
        if number < 1 << width and (prefix is None or prefix <= width):
            address = Address(number, width if prefix is None else prefix, candidate, prefix is not None, None)
            return Address(number, address.prefix, candidate, prefix is not None, str(address))
    return None


def _versions(version: int) -> Iterator[int]:
    yield from (version,) if version else (4, 6)


def is_address(value: Any, version: int = 0, network: bool = True) -> bool:
    """Say whether a text is an address of a version, or (where ``network`` allows it) a network."""
    if not isinstance(value, str):
        return False
    read = ipaddress.ip_network if network else ipaddress.ip_address
    try:
        found = read(value)
    except ValueError:
        return False
    return version in (0, found.version)
