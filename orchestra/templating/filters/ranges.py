"""Filters of ansible.utils about ranges of addresses, and the written forms of IPv6 addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

from orchestra.errors import TemplateError

#: Addresses that are listed at most; what a host says of its network shall not fill the controller's memory.
_MOST = 1 << 20


def usable_range(ip: Any) -> dict[str, Any]:
    """The addresses of a network that may be used, and how many they are."""
    try:
        network = ipaddress.ip_network(str(ip), strict=False)
    except ValueError as error:
        raise TemplateError(f"Error while using plugin 'usable_range': {error}") from None
    if network.num_addresses > _MOST:
        raise TemplateError(f"Error while using plugin 'usable_range': {network} has more than {_MOST} addresses")
    addresses = [str(address) for address in network]
    return {"usable_ips": addresses, "number_of_ips": len(addresses)}


def reduce_on_network(value: Any, network: Any) -> list[Any]:
    """The addresses that are in a network."""
    value = value if isinstance(value, (list, tuple)) else [value]
    try:
        wanted = ipaddress.ip_network(str(network), strict=False)
        return [item for item in value if _inside(ipaddress.ip_network(str(item), strict=False), wanted)]
    except ValueError as error:
        raise TemplateError(str(error)) from None


def _inside(inner: Any, outer: Any) -> bool:
    return inner.version == outer.version and bool(inner.subnet_of(outer))


def slaac(value: Any, query: Any = "") -> Any:
    """The address that a host with this hardware address gives itself in an IPv6 network; False for anything else."""
    try:
        interface = ipaddress.ip_interface(str(value))
    except ValueError:
        return False
    digits = "".join(char for char in str(query) if char not in ":-.")
    if interface.version != 6 or len(digits) != 12:
        return False
    octets = bytearray.fromhex(digits)
    octets[0] ^= 2
    host = int.from_bytes(octets[:3] + b"\xff\xfe" + octets[3:], "big")
    return str(ipaddress.IPv6Address(int(interface.network.network_address) >> 64 << 64 | host))


def ipv6form(value: Any, form: str) -> str:
    """An IPv6 address in a form: compress, expand, or x509."""
    try:
        address = ipaddress.IPv6Address(str(value))
    except ValueError as error:
        raise TemplateError(str(error)) from None
    if form == "compress":
        return address.compressed
    if form == "expand":
        return address.exploded
    if form == "x509":
        return ":".join(f"{int(part, 16):x}" for part in address.exploded.split(":"))
    raise TemplateError(f"'{form}' is no form of an address", hint="there are compress, expand and x509")


def ipcut(value: Any, amount: int) -> str:
    """So many of the first (or with a negative number the last) bits of an IPv6 address."""
    try:
        bits = f"{int(ipaddress.IPv6Address(str(value))):0128b}"
    except ValueError as error:
        raise TemplateError(str(error)) from None
    cut = bits[:amount] if amount > 0 else bits[amount:]
    return ":".join(f"{int(cut[at : at + 16], 2):x}" for at in range(0, len(cut), 16))


FILTERS: dict[str, Callable[..., Any]] = {
    "usable_range": usable_range,
    "reduce_on_network": reduce_on_network,
    "slaac": slaac,
    "ipv6form": ipv6form,
    "ipcut": ipcut,
}
