"""Interfaces, addresses, default routes; initiators of iSCSI, NVMe and fibre channel."""

from orchestra.runner.parts.facts import netlink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.parts.facts.source import Source

NET = "/sys/class/net/"
TYPES = {"1": "ether", "32": "infiniband", "512": "ppp", "772": "loopback", "65534": "tunnel"}
# Asking the kernel for its route to these sends nothing.
FAR_AWAY = {netlink.AF_INET: "8.8.8.8", netlink.AF_INET6: "2404:6800:400a:800::1012"}
MANY = 24  # interfaces: beyond it ethtool is asked for those with a device only


def network(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """interfaces, one fact for each, default_ipv4, default_ipv6, all_*_addresses, locally_reachable_ips."""
    names = [name for name in source.names("/sys/class/net") if source.is_dir(NET + name)]
    by_index = {source.read(NET + name + "/ifindex", ""): name for name in names}
    found = {name: _interface(source, name) for name in names}
    addresses = netlink.addresses()
    defaults = {family: _default(family, by_index) for family in FAR_AWAY}
    everything = {netlink.AF_INET: [], netlink.AF_INET6: []}  # type: dict[int, list[str]]
    for name in names:
        mine = [one for one in addresses if by_index.get(str(one.index)) == name]
        for one in sorted(mine, key=lambda one: one.secondary):
            _add_address(found, name, one, defaults[one.family], everything[one.family])
    _ask_ethtool(source, found)
    result = {name.replace(":", "_"): interface for name, interface in found.items()}  # type: dict[str, Any]
    result.update(
        interfaces=list(result),
        default_ipv4=defaults[netlink.AF_INET],
        default_ipv6=defaults[netlink.AF_INET6],
        all_ipv4_addresses=everything[netlink.AF_INET],
        all_ipv6_addresses=everything[netlink.AF_INET6],
        locally_reachable_ips={
            "ipv4": netlink.local_networks(netlink.AF_INET),
            "ipv6": netlink.local_networks(netlink.AF_INET6),
        },
    )
    return result


def _default(family: "int", by_index: "dict[str, str]") -> "dict[str, Any]":
    route = netlink.route_to(family, FAR_AWAY[family])
    if route is None:
        return {}
    found = {"interface": by_index.get(str(route.index)), "address": route.source, "gateway": route.gateway}
    return {key: value for key, value in found.items() if value}


def _interface(source: "Source", name: "str") -> "dict[str, Any]":
    folder = NET + name + "/"
    facts = {"device": name}  # type: dict[str, Any]
    address = source.read(folder + "address")
    if address and address != "00:00:00:00:00:00":
        facts["macaddress"] = address
    facts["mtu"] = int(source.read(folder + "mtu", "0"))
    facts["active"] = source.read(folder + "operstate") != "down"
    facts["type"] = TYPES.get(source.read(folder + "type", ""), "unknown")
    facts["promisc"] = bool(int(source.read(folder + "flags", "0"), 16) & 0x100)
    for key, path in (("module", "device/driver/module"), ("pciid", "device")):
        if source.exists(folder + path):
            facts[key] = source.real(folder + path).rpartition("/")[2]
    speed = source.read(folder + "speed")
    if speed is not None:
        facts["speed"] = int(speed)
    if source.is_dir(folder + "bridge"):
        facts.update(_bridge(source, folder))
    if source.is_dir(folder + "bonding"):
        facts.update(_bond(source, folder + "bonding/"))
    if source.is_dir(folder + "bonding_slave"):
        facts["perm_macaddress"] = source.read(folder + "bonding_slave/perm_hwaddr", "")
    return facts


def _bridge(source: "Source", folder: "str") -> "dict[str, Any]":
    return {
        "type": "bridge",
        "interfaces": source.names(folder + "brif"),
        "id": source.read(folder + "bridge/bridge_id", ""),
        "stp": source.read(folder + "bridge/stp_state") == "1",
    }


def _bond(source: "Source", folder: "str") -> "dict[str, Any]":
    facts = {"type": "bonding", "slaves": source.read(folder + "slaves", "").split()}
    for key in ("mode", "miimon", "lacp_rate"):
        facts[key] = (source.read(folder + key, "").split() or [""])[0]
    primary = source.read(folder + "primary")
    if primary:
        facts["primary"] = primary
        facts["all_slaves_active"] = source.read(folder + "all_slaves_active") == "1"
    return facts


def _add_address(found: "Any", name: "str", one: "netlink.Address", default: "Any", every: "list[str]") -> "None":
    interface = found[name]
    if one.family == netlink.AF_INET6:
        details = {"address": one.address, "prefix": str(one.prefix), "scope": one.scope}
        interface.setdefault("ipv6", []).append(details)
    else:
        details = _ipv4(one)
        label = one.label or name
        _place_ipv4(found, name, label, one.secondary, details)
    if default.get("address") == one.address:
        default.update({key: value for key, value in details.items() if key != "address"})
        default["macaddress"] = interface.get("macaddress", "00:00:00:00:00:00")
        default["mtu"] = interface["mtu"]
        default["type"] = interface["type"]
        if one.family == netlink.AF_INET:
            default["alias"] = one.label or name
    if not one.address.startswith("127.") and one.address != "::1":
        every.append(one.address)


def _place_ipv4(found: "Any", name: "str", label: "str", secondary: "bool", details: "dict[str, str]") -> "None":
    """The first is `ipv4`, others `ipv4_secondaries`; an address with a label of its own (eth0:1) also stands there."""
    if label != name:
        found[label] = {}
    if not secondary and "ipv4" not in found[label]:
        found[label]["ipv4"] = details
    else:
        found[label].setdefault("ipv4_secondaries", []).append(details)
    if secondary and label != name:
        found[name].setdefault("ipv4_secondaries", []).append(details)


def _ipv4(one: "netlink.Address") -> "dict[str, str]":
    """A point-to-point address counts as a network of its own."""
    prefix = 32 if one.peer else one.prefix
    mask = (1 << 32) - (1 << 32 >> prefix)
    network = 0
    for part in one.address.split("."):
        network = network << 8 | int(part)
    return {
        "address": one.address,
        "broadcast": "" if one.peer else one.broadcast,
        "netmask": _dotted(mask),
        "network": _dotted(network & mask),
        "prefix": str(prefix),
    }


def _dotted(number: "int") -> "str":
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def _ask_ethtool(source: "Source", found: "dict[str, Any]") -> "None":
    """features and time stamping, where ethtool is installed."""
    if source.which("ethtool") is None:
        return
    for name, interface in found.items():
        if "device" in interface and (len(found) <= MANY or "pciid" in interface):
            interface.update(_ethtool(source, name))


def _ethtool(source: "Source", name: "str") -> "dict[str, Any]":
    facts = {}  # type: dict[str, Any]
    features = source.output(["ethtool", "-k", name])
    if features is not None:
        pairs = (line.partition(": ") for line in features.strip().splitlines() if not line.endswith(":"))
        facts["features"] = {key.strip().replace("-", "_"): value.strip() for key, _, value in pairs if value}
    stamps = source.output(["ethtool", "-T", name])
    if stamps is not None:
        words = stamps.replace("(", " ").replace(")", " ").split()
        facts["timestamping"] = [word[17:].lower() for word in words if word.startswith("SOF_TIMESTAMPING_")]
        facts["hw_timestamp_filters"] = [word[16:].lower() for word in words if word.startswith("HWTSTAMP_FILTER_")]
        clock = stamps.partition("PTP Hardware Clock: ")[2].split()
        if clock and clock[0].isdigit():
            facts["phc_index"] = int(clock[0])
    return facts


def iscsi(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """The name of this machine's iSCSI initiator."""
    lines = source.lines("/etc/iscsi/initiatorname.iscsi")
    return {"iscsi_iqn": next((line[14:] for line in lines if line.startswith("InitiatorName=")), "")}


def nvme(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """This host's NVMe name."""
    return {"hostnqn": next((line for line in source.lines("/etc/nvme/hostnqn") if line.startswith("nqn.")), "")}


def fibre_channel(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """World-wide names of fibre channel ports."""
    names = sorted(source.names("/sys/class/fc_host"))
    ports = (source.read("/sys/class/fc_host/{}/port_name".format(name)) for name in names)
    return {"fibre_channel_wwn": [port[2:] for port in ports if port]}
