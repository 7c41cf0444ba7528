"""Hardware addresses and netmasks: Ansible's `common.network`."""

import re
from socket import inet_aton, inet_ntoa
from struct import pack, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VALID_MASKS = [2**8 - 2**bits for bits in range(9)]


def is_mac(mac_address: "str") -> "bool":
    """Whether a text is six pairs of hexadecimal digits with : or - between them."""
    return bool(re.match("[0-9a-f]{2}([-:])[0-9a-f]{2}(\\1[0-9a-f]{2}){4}$", mac_address.lower()))


def is_netmask(val: "Any") -> "bool":
    """Whether a text is a netmask such as 255.255.255.0."""
    parts = str(val).split(".")
    try:
        return len(parts) == 4 and all(int(part) in VALID_MASKS for part in parts)
    except ValueError:
        return False


def is_masklen(val: "Any") -> "bool":
    """Whether a value is a length from 0 to 32."""
    try:
        return 0 <= int(val) <= 32
    except ValueError:
        return False


def to_netmask(val: "Any") -> "str":
    """The netmask of a length. Raises ValueError."""
    if not is_masklen(val):
        raise ValueError("invalid value for masklen")
    return inet_ntoa(pack(">I", 0xFFFFFFFF ^ ((1 << 32 - int(val)) - 1)))


def to_bits(val: "str") -> "str":
    """The bits of a netmask."""
    return "".join("{:08b}".format(int(part)) for part in val.split("."))


def to_masklen(val: "str") -> "int":
    """The length of a netmask. Raises ValueError."""
    if not is_netmask(val):
        raise ValueError("invalid value for netmask: {}".format(val))
    return to_bits(val).count("1")


def to_subnet(addr: "str", mask: "Any", dotted_notation: "bool" = False) -> "str":
    """The network that an address is in."""
    length = int(mask) if is_masklen(mask) else to_masklen(mask)
    number = unpack(">I", inet_aton(addr))[0] & unpack(">I", inet_aton(to_netmask(length)))[0]
    network = inet_ntoa(pack(">I", number))
    return "{} {}".format(network, to_netmask(length)) if dotted_notation else "{}/{}".format(network, length)


def to_ipv6_subnet(addr: "str") -> "str":
    """The first four groups of an address."""
    return _groups(addr, 4)


def to_ipv6_network(addr: "str") -> "str":
    """The first three groups of an address."""
    return _groups(addr, 3)


def _groups(addr: "str", count: "int") -> "str":
    parts = addr.split("::")[0].split(":")[:count]
    return ":".join(part or "0" for part in parts).rstrip(":") + "::"
