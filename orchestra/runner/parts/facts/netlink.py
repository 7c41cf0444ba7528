"""Addresses and routes by rtnetlink, the kernel's own interface, instead of parsing what `ip` prints.

Formats are those of linux/rtnetlink.h, linux/if_addr.h and rtnetlink(7).
"""

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

AF_INET, AF_INET6, AF_NETLINK = 2, 10, 16
RTM_NEWADDR, RTM_GETADDR, RTM_NEWROUTE, RTM_GETROUTE = 20, 22, 24, 26
NLM_F_REQUEST, NLM_F_DUMP = 1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
SOL_NETLINK, NETLINK_GET_STRICT_CHK = 270, 12
IFA_ADDRESS, IFA_LOCAL, IFA_LABEL, IFA_BROADCAST, IFA_FLAGS = 1, 2, 3, 4, 8
IFA_F_SECONDARY = 1  # of an IPv6 address: temporary
RTA_DST, RTA_OIF, RTA_GATEWAY, RTA_PREFSRC, RTA_TABLE, RTA_VIA = 1, 4, 5, 7, 15, 18
RT_TABLE_LOCAL, RTN_UNICAST, RTN_LOCAL, RTM_F_CLONED = 255, 1, 2, 0x200
SCOPES = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}


class Address:
    """One address of an interface (by its index); `peer` for the far end of a point-to-point link."""

    __slots__ = ("address", "broadcast", "family", "index", "label", "peer", "prefix", "scope", "secondary")

    def __init__(self, family: "int", prefix: "int", flags: "int", scope: "int", index: "int") -> "None":
        self.family = family
        self.prefix = prefix
        self.secondary = bool(flags & IFA_F_SECONDARY)
        self.scope = SCOPES.get(scope, str(scope))
        self.index = index
        self.address = ""
        self.peer = ""
        self.broadcast = ""
        self.label = ""


class Route:
    """Where a packet would go."""

    __slots__ = ("gateway", "index", "source")

    def __init__(self, index: "int", source: "str", gateway: "str") -> "None":
        self.index = index
        self.source = source
        self.gateway = gateway


def addresses() -> "list[Address]":
    """Every address of every interface, in the kernel's order. OSError where netlink is not allowed."""
    found = []
    for kind, body in _ask(RTM_GETADDR, NLM_F_DUMP, struct.pack("=BBBBi", 0, 0, 0, 0, 0)):
        if kind == RTM_NEWADDR:
            family, prefix, flags, scope, index = struct.unpack_from("=BBBBi", body)
            if family in (AF_INET, AF_INET6):
                found.append(_filled(Address(family, prefix, flags, scope, index), dict(_attributes(body[8:]))))
    return found


def _filled(one: "Address", parts: "dict[int, bytes]") -> "Address":
    if IFA_FLAGS in parts:
        one.secondary = bool(struct.unpack("=I", parts[IFA_FLAGS])[0] & IFA_F_SECONDARY)
    address = parts.get(IFA_ADDRESS, b"")
    one.address = text_of(one.family, parts.get(IFA_LOCAL, address))
    one.peer = text_of(one.family, address) if parts.get(IFA_LOCAL, address) != address else ""
    one.broadcast = text_of(one.family, parts[IFA_BROADCAST]) if IFA_BROADCAST in parts else ""
    one.label = parts.get(IFA_LABEL, b"").rstrip(b"\0").decode("utf-8", "replace")
    return one


def route_to(family: "int", target: "str") -> "Route | None":
    """The route that a packet to `target` would take, or None where there is none."""
    packed = _packed(family, target)
    header = struct.pack("=BBBBBBBBI", family, len(packed) * 8, 0, 0, 0, 0, 0, 0, 0)
    attribute = struct.pack("=HH", 4 + len(packed), RTA_DST) + packed
    for kind, body in _ask(RTM_GETROUTE, 0, header + attribute):
        if kind == RTM_NEWROUTE and body[7] == RTN_UNICAST:
            parts = dict(_attributes(body[12:]))
            index = struct.unpack("=i", parts[RTA_OIF])[0] if RTA_OIF in parts else 0
            via = parts.get(RTA_GATEWAY) or parts.get(RTA_VIA, b"")[2:]
            source = text_of(family, parts[RTA_PREFSRC]) if RTA_PREFSRC in parts else ""
            return Route(index, source, text_of(AF_INET6 if len(via) == 16 else AF_INET, via) if via else "")
    return None


def local_networks(family: "int") -> "list[str]":
    """Addresses and networks that the machine itself answers for (the table `local`), once each."""
    found = []  # type: list[str]
    header = struct.pack("=BBBBBBBBI", family, 0, 0, 0, RT_TABLE_LOCAL, 0, 0, 0, 0)
    whole = 32 if family == AF_INET else 128
    for kind, body in _ask(RTM_GETROUTE, NLM_F_DUMP, header):
        if kind != RTM_NEWROUTE:
            continue
        _, length, _, _, table, _, _, what, flags = struct.unpack_from("=BBBBBBBBI", body)
        if table != RT_TABLE_LOCAL or what != RTN_LOCAL or flags & RTM_F_CLONED:
            continue
        parts = dict(_attributes(body[12:]))
        if RTA_DST in parts:
            text = text_of(family, parts[RTA_DST]) + ("" if length == whole else "/%d" % length)
            if text not in found:
                found.append(text)
    return found


def text_of(family: "int", packed: "bytes") -> "str":
    """An address to read."""
    import _socket

    return _socket.inet_ntop(family, packed) if packed else ""


def _packed(family: "int", text: "str") -> "bytes":
    import _socket

    return _socket.inet_pton(family, text)


def _ask(kind: "int", flags: "int", body: "bytes") -> "Iterator[tuple[int, bytes]]":
    """(type, body) of each message of the answer. An error answer ends it: no route is no failure."""
    import _socket

    socket = _socket.socket(AF_NETLINK, _socket.SOCK_RAW | _socket.SOCK_CLOEXEC, 0)
    try:
        if flags & NLM_F_DUMP:
            _only_what_was_asked(socket)
        socket.send(struct.pack("=IHHII", 16 + len(body), kind, NLM_F_REQUEST | flags, 1, 0) + body)
        while True:
            for what, message in _messages(socket.recv(262144)):
                if what in (NLMSG_DONE, NLMSG_ERROR):
                    return
                yield what, message
            if not flags & NLM_F_DUMP:
                return
    finally:
        socket.close()


def _only_what_was_asked(socket: "Any") -> "None":
    """Newer kernels filter a dump by the header: a router's whole table would be large."""
    try:
        socket.setsockopt(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
    except OSError:
        pass


def _messages(data: "bytes") -> "Iterator[tuple[int, bytes]]":
    while len(data) >= 16:
        length, kind = struct.unpack_from("=IH", data)
        yield kind, data[16:length]
        data = data[(length + 3) & ~3 :]


def _attributes(data: "bytes") -> "Iterator[tuple[int, bytes]]":
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4:
            return
        yield kind & 0x3FFF, data[4:length]
        data = data[(length + 3) & ~3 :]
