"""Filters about IP addresses, networks and MAC addresses, as ansible.utils has them."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from orchestra.errors import TemplateError, nearest
from orchestra.templating.filters.addresses import Address, parse
from orchestra.templating.filters.hardware import hwaddr, macaddr

_LINK_LOCAL = {4: parse("169.254.0.0/16"), 6: parse("fe80::/10")}


def ipaddr(value: Any, query: Any = "", version: Any = False, alias: str = "ipaddr") -> Any:
    """The value if it is an address or a network, or what ``query`` asks of it; False where it is neither."""
    if isinstance(value, (list, tuple)):
        found = [ipaddr(item, query, version, alias) for item in value]
        return [item for item in found if item]
    address = parse(value, int(version or 0))
    if address is None or (version and address.version != int(version)):
        return False
    ask = _QUERIES.get(str(query))
    if ask is not None:
        return ask(address)
    return _ask_by_value(address, str(query), alias)


def _ask_by_value(address: Address, query: str, alias: str) -> Any:
    """Queries that are an index, or a network that the address has to be in."""
    if query.lstrip("-").isdigit():
        return _by_index(address, int(query))
    outer = parse(query)
    if outer is None:
        close = nearest(query, _QUERIES)
        hint = f"did you mean {' or '.join(map(repr, close))}?" if close else ""
        raise TemplateError(f"{alias}: unknown filter type: {query}", hint=hint)
    return address.source if address.within(outer) else None


def _by_index(address: Address, index: int) -> Any:
    if address.size == 1:
        return str(address) if address.written_as_network else address.ip
    number = (address.first if index >= 0 else address.last + 1) + index
    return f"{address.text(number)}/{address.prefix}" if address.first <= number <= address.last else False


def _plain(address: Address) -> str:
    return str(address) if address.written_as_network else address.ip


def _ip(address: Address) -> str | None:
    if address.size == 1 or address.number != address.first or not address.has_broadcast or address.version == 6:
        return address.ip
    return None


def _with_prefix(address: Address) -> Any:
    if address.size > 2 and address.number in (address.first, address.last):
        return False
    return str(address)


def _host(address: Address) -> str | None:
    if address.size == 1 or address.number != address.first or not address.has_broadcast:
        return str(address)
    return None


def _inside(address: Address, text: str) -> str | None:
    """``text`` where the address is one inside its network and not the network's own."""
    return text if address.size == 2 or (address.size > 1 and address.number != address.first) else None


def _usable(address: Address, of: Callable[[int, int], int | None]) -> str | None:
    """An address of a network's usable range."""
    if not address.written_as_network:
        raise TemplateError("Not a network address")
    if address.size == 1:
        return None
    number = of(*address.usable)
    return None if number is None else address.text(number)


def _neighbour(address: Address, step: int) -> str | None:
    number = address.number + step
    return _usable(address, lambda first, last: number if first <= number <= last else None)


def _range_usable(address: Address) -> str | None:
    first = _usable(address, lambda low, _: low)
    return f"{first}-{address.text(address.usable[1])}" if first else None


def _peer(address: Address) -> str:
    if not address.written_as_network:
        raise TemplateError("Not a network address")
    if address.size == 2:
        return address.text(address.number ^ 1)
    if address.size != 4:
        raise TemplateError("Not a point-to-point network")
    if address.number in (address.first, address.last):
        which = "Network" if address.number == address.first else "Broadcast"
        raise TemplateError(f"{which} address of /30 has no peer")
    return address.text(address.number ^ 3)


def _as_v4(address: Address) -> Any:
    if address.version == 4:
        return address.source
    mapped = address.object.ipv4_mapped if isinstance(address.object, ipaddress.IPv6Address) else None
    if mapped is None and address.number >> 32 == 0:
        mapped = ipaddress.IPv4Address(address.number)
    return f"{mapped}/{max(address.prefix - 96, 0)}" if mapped is not None else False


def _as_v6(address: Address) -> Any:
    if address.version == 6:
        return address.source
    return f"::ffff:{ipaddress.IPv4Address(address.number)}/{address.prefix + 96}"


def _six_to_four(address: Address) -> Any:
    if address.version == 4:
        if address.size > 1 and address.number == address.first:
            return False
        if address.object.is_multicast:
            return False
        return f"2002:{address.number >> 16:04x}:{address.number & 0xFFFF:04x}::1/48"
    outer = parse("2002::/16")
    assert outer is not None
    return address.source if address.within(outer) and address.number != address.first else False


def _link_local(address: Address) -> Any:
    outer = _LINK_LOCAL[address.version]
    return address.source if outer and outer.first <= address.number <= outer.last else None


def _public(address: Address) -> Any:
    number, full = address.number, (1 << address.width) - 1
    is_hostmask = number & (number + 1) == 0
    is_netmask = (number ^ full) & ((number ^ full) + 1) == 0
    one = address.object
    fits = address.is_global and not (one.is_multicast or one.is_loopback or is_hostmask or is_netmask)
    return address.source if fits else None


def _wrap(address: Address) -> Any:
    if address.version == 4:
        return address.source
    return f"[{address.ip}]/{address.prefix}" if address.written_as_network else f"[{address.ip}]"


def _type(address: Address) -> str:
    return "network" if address.size > 1 and address.number == address.first else "address"


def _number(address: Address) -> Any:
    return f"{address.number}/{address.prefix}" if address.written_as_network else address.number


def _size_usable(address: Address) -> int:
    return {1: 0, 2: 2}.get(address.size, address.size - 2)


def _net(address: Address) -> str | None:
    return address.network_text() if _type(address) == "network" else None


def _if_true(test: Callable[[Address], bool]) -> Callable[[Address], Any]:
    return lambda address: address.source if test(address) else None


def _named(names: Iterable[str], ask: Callable[[Address], Any]) -> dict[str, Callable[[Address], Any]]:
    return dict.fromkeys(names, ask)


_QUERIES: dict[str, Callable[[Address], Any]] = {
    "": _plain,
    "6to4": _six_to_four,
    **_named(("address", "ip"), _ip),
    **_named(("address/prefix", "gateway", "gw", "host/prefix", "hostnet", "router"), _with_prefix),
    "bool": lambda address: True,
    "broadcast": lambda address: address.text(address.last) if address.size > 2 else None,
    "cidr": str,
    "first_usable": lambda address: _usable(address, lambda first, _: first),
    "host": _host,
    **_named(("hostmask", "wildcard"), lambda address: address.text(address.size - 1)),
    "int": _number,
    "ip/prefix": lambda address: _inside(address, str(address)),
    "ip_netmask": lambda address: _inside(address, f"{address.ip} {address.text(address.mask())}"),
    **_named(("ipv4", "v4"), _as_v4),
    **_named(("ipv6", "v6"), _as_v6),
    "last_usable": lambda address: _usable(address, lambda _, last: last),
    "link-local": _link_local,
    **_named(("lo", "loopback"), _if_true(lambda address: address.object.is_loopback)),
    "multicast": _if_true(lambda address: address.object.is_multicast),
    "net": _net,
    "netmask": lambda address: address.text(address.mask()),
    **_named(("network", "network_id"), lambda address: address.text(address.first)),
    **_named(("network/prefix", "subnet"), Address.network_text),
    "network_netmask": lambda address: f"{address.text(address.first)} {address.text(address.mask())}",
    "network_wildcard": lambda address: f"{address.text(address.first)} {address.text(address.size - 1)}",
    "next_usable": partial(_neighbour, step=1),
    "peer": _peer,
    "prefix": lambda address: address.prefix,
    "previous_usable": partial(_neighbour, step=-1),
    "private": _if_true(lambda address: not address.is_global),
    "public": _public,
    "range_usable": _range_usable,
    "revdns": lambda address: f"{address.object.reverse_pointer}.",
    "size": lambda address: address.size,
    "size_usable": _size_usable,
    "type": _type,
    "unicast": _if_true(lambda address: not address.object.is_multicast),
    "version": lambda address: address.version,
    "wrap": _wrap,
}


def ipwrap(value: Any, query: str = "") -> Any:
    """The value with IPv6 addresses in brackets; anything else as it is."""
    if isinstance(value, (list, tuple)):
        return [ipwrap(item, query) for item in value]
    try:
        found = ipaddr(value, query, alias="ipwrap")
    except TemplateError:
        return value
    return ipaddr(found, "wrap") if found else value


def ipsubnet(value: Any, query: Any = "", index: Any = None) -> Any:
    """A network's subnets: how many of a size, the one at an index, or the place of one in a larger network."""
    address = parse(value)
    if address is None:
        return False
    if not query and query != 0:
        return address.network_text()
    if not str(query).isdigit():
        return _place_in(address, str(query))
    size = int(query)
    if size > address.width:
        return False
    if address.size == 1:
        return _supernet(address, size, int(index or 0))
    if size < address.prefix:
        if index is not None:
            return f"{address.text(address.first)}/{size}" if int(index) == 0 else False
        raise TemplateError(f"Requested subnet size of {size} is invalid")
    count = 1 << (size - address.prefix)
    if index is None:
        return str(count)
    place = int(index) + (count if int(index) < 0 else 0)
    if not 0 <= place < count:
        return False
    return f"{address.text(address.first + (place << (address.width - size)))}/{size}"


def _supernet(address: Address, size: int, index: int) -> Any:
    """One of the networks around an address, from the one with prefix ``size`` inwards."""
    prefixes = range(size, address.prefix)
    if not -len(prefixes) <= index < len(prefixes):
        return False
    return Address(address.number, prefixes[index], address.version, True, None).network_text()


def _place_in(address: Address, text: str) -> str:
    outer = parse(text)
    if outer is None:
        raise TemplateError(f"You must pass a valid subnet or IP address; {text} is invalid")
    if not address.within(outer):
        raise TemplateError(f"{address.network_text()} is not in the subnet {outer.network_text()}")
    return str(((address.first - outer.first) >> (address.width - address.prefix)) + 1)


def nthhost(value: Any, query: Any = "") -> Any:
    """The address at a place in a network."""
    address = parse(value)
    text = str(query)
    if address is None or not text.lstrip("-").isdigit():
        return False
    number = (address.first if int(text) >= 0 else address.last + 1) + int(text)
    return address.text(number) if address.first <= number <= address.last else False


def ipmath(value: Any, amount: Any) -> str:
    """The address that is ``amount`` further."""
    address = parse(value)
    if address is None:
        raise TemplateError(f"You must pass a valid IP address; {value} is invalid")
    if not isinstance(amount, int):
        raise TemplateError(f"You must pass an integer for arithmetic; {amount} is not a valid integer")
    return address.text(address.number + amount)


def nth_usable(value: Any, offset: Any, direction: int = 1) -> Any:
    """The address ``offset`` further (or back), if hosts of the network may have it."""
    address = parse(value)
    if address is None:
        return False
    if not isinstance(offset, int):
        raise TemplateError("Must pass in an integer")
    number = (address.number if _type(address) == "address" else address.first) + direction * offset
    if address.size == 1 or not address.usable[0] <= number <= address.usable[1]:
        return None
    return address.text(number)


def network_in_network(value: Any, test: Any) -> bool:
    """Say whether a network or address is inside a network."""
    outer, inner = parse(value), parse(test)
    return outer is not None and inner is not None and inner.within(outer)


def network_in_usable(value: Any, test: Any) -> bool:
    """Say whether hosts of a network may have an address (or all of another network's)."""
    outer, inner = parse(value), parse(test)
    if outer is None or inner is None or inner.version != outer.version:
        return False
    first, last = outer.usable if outer.size > 1 else (outer.first, outer.last)
    return first <= inner.first and inner.last <= last


def cidr_merge(value: Any, action: str = "merge") -> Any:
    """Networks joined where they touch, or the one that spans all."""
    try:
        networks: list[Any] = [ipaddress.ip_network(str(item), strict=False) for item in value]
    except (TypeError, ValueError) as error:
        raise TemplateError(f"cidr_merge: {error}") from None
    if action == "merge":
        found = [networks_of for version in (4, 6) for networks_of in _collapsed(networks, version)]
        return [str(network) for network in found]
    if action != "span":
        raise TemplateError(f"cidr_merge: invalid action '{action}'", hint="there are merge and span")
    if not networks:
        return None
    span: Any = networks[0]
    while not all(network.subnet_of(span) for network in networks):
        span = span.supernet()
    return str(span)


def _collapsed(networks: list[Any], version: int) -> Iterable[Any]:
    return ipaddress.collapse_addresses(network for network in networks if network.version == version)


def ip4_hex(value: Any, delimiter: str = "") -> str:
    """An IPv4 address in hexadecimal."""
    address = parse(value)
    if address is None or address.version != 4:
        raise TemplateError(f"You must pass a valid IP address; {value} is invalid")
    return delimiter.join(f"{byte:02x}" for byte in address.number.to_bytes(4, "big"))


FILTERS: dict[str, Callable[..., Any]] = {
    "ipaddr": ipaddr,
    "ipv4": lambda value, query="": ipaddr(value, query, 4, "ipv4"),
    "ipv6": lambda value, query="": ipaddr(value, query, 6, "ipv6"),
    "ipwrap": ipwrap,
    "ipsubnet": ipsubnet,
    "nthhost": nthhost,
    "ipmath": ipmath,
    "next_nth_usable": nth_usable,
    "previous_nth_usable": partial(nth_usable, direction=-1),
    "network_in_network": network_in_network,
    "network_in_usable": network_in_usable,
    "cidr_merge": cidr_merge,
    "ip4_hex": ip4_hex,
    "hwaddr": hwaddr,
    "macaddr": macaddr,
}
