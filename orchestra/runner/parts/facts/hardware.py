"""Processor, memory, firmware and uptime, from /proc and /sys. Disks are in devices.py, file systems in mounts.py."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.parts.facts.source import Source

DMI = "/sys/devices/virtual/dmi/id/"
DMI_FILES = {
    "bios_date": "bios_date",
    "bios_vendor": "bios_vendor",
    "bios_version": "bios_version",
    "board_asset_tag": "board_asset_tag",
    "board_name": "board_name",
    "board_serial": "board_serial",
    "board_vendor": "board_vendor",
    "board_version": "board_version",
    "chassis_asset_tag": "chassis_asset_tag",
    "chassis_serial": "chassis_serial",
    "chassis_vendor": "chassis_vendor",
    "chassis_version": "chassis_version",
    "form_factor": "chassis_type",
    "product_name": "product_name",
    "product_serial": "product_serial",
    "product_uuid": "product_uuid",
    "product_version": "product_version",
    "system_vendor": "sys_vendor",
}

# System Management BIOS reference, table of chassis types, by number
_FORM_FACTORS = (
    "Unknown,Other,Unknown,Desktop,Low Profile Desktop,Pizza Box,Mini Tower,Tower,Portable,Laptop,Notebook,Hand Held,"
    "Docking Station,All In One,Sub Notebook,Space-saving,Lunch Box,Main Server Chassis,Expansion Chassis,Sub Chassis,"
    "Bus Expansion Chassis,Peripheral Chassis,RAID Chassis,Rack Mount Chassis,Sealed-case PC,Multi-system,CompactPCI,"
    "AdvancedTCA,Blade,Blade Enclosure,Tablet,Convertible,Detachable,IoT Gateway,Embedded PC,Mini PC,Stick PC"
)
FORM_FACTORS = _FORM_FACTORS.split(",")

_MODEL_KEYS = ("model name", "Processor", "vendor_id", "cpu", "Vendor", "processor")


def everything(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """What gather_subset calls hardware: this file's facts, disks and file systems."""
    from orchestra.runner.parts.facts.devices import devices, volumes
    from orchestra.runner.parts.facts.mounts import mounts

    found = processor(source, facts.get("architecture", ""))
    for look in (memory, firmware, devices, uptime, volumes, mounts):
        found.update(look(source))
    return found


def memory(source: "Source") -> "dict[str, Any]":
    """memtotal_mb, memfree_mb, swaptotal_mb, swapfree_mb, and memory_mb with the rest."""
    sizes = {}
    for line in source.lines("/proc/meminfo"):
        key, _, value = line.partition(":")
        if key in ("MemTotal", "MemFree", "Buffers", "Cached", "SwapCached", "SwapTotal", "SwapFree"):
            sizes[key] = int(value.split()[0]) // 1024
    if not sizes:
        return {}
    total, free = sizes.get("MemTotal", 0), sizes.get("MemFree", 0)
    idle = sizes.get("Cached", 0) + free + sizes.get("Buffers", 0)
    swap, swap_free = sizes.get("SwapTotal", 0), sizes.get("SwapFree", 0)
    return {
        "memtotal_mb": total,
        "memfree_mb": free,
        "swaptotal_mb": swap,
        "swapfree_mb": swap_free,
        "memory_mb": {
            "real": {"total": total, "used": total - free, "free": free},
            "nocache": {"free": idle, "used": total - idle},
            "swap": {"total": swap, "free": swap_free, "used": swap - swap_free, "cached": sizes.get("SwapCached", 0)},
        },
    }


class _Counts:
    """What the lines of /proc/cpuinfo add up to."""

    def __init__(self) -> "None":
        self.models = []  # type: list[str]
        self.seen = {}  # type: dict[str, int]
        self.sockets = {}  # type: dict[str, int]
        self.threads = {}  # type: dict[str, int]
        self.flags = None  # type: list[str] | None
        self.other = {}  # type: dict[str, str]
        self._socket = ""
        self._core = ""

    def add(self, key: "str", value: "str") -> "None":
        """One line."""
        if key in _MODEL_KEYS:
            self.models.append(value)
            self.seen[key] = self.seen.get(key, 0) + 1
        elif key == "flags":
            self.flags = value.split() if self.flags is None else self.flags
        elif key == "physical id":
            self._socket = value
            self.sockets.setdefault(value, 1)
        elif key == "core id":
            self._core = value
            self.threads.setdefault(value, 1)
        elif key == "cpu cores":
            self.sockets[self._socket] = int(value)
        elif key == "siblings":
            self.threads[self._core] = int(value)
        elif key in ("# processors", "max thread id", "ncpus active"):
            self.other[key] = value

    def processors(self, machine: "str") -> "int":
        """How many processors the lines stand for; architectures name them differently."""
        if machine.startswith(("armv", "aarch", "ppc")):
            return self.seen.get("processor", 0)
        vendors = self.seen.get("vendor_id", 0)
        if vendors and vendors == self.seen.get("model name", 0):
            return vendors
        return int(self.other.get("ncpus active", len(self.models)))


def processor(source: "Source", machine: "str") -> "dict[str, Any]":
    """processor (the list of models), processor_count, _cores, _threads_per_core, _vcpus, _nproc, and flags."""
    text = source.read("/proc/cpuinfo")
    if text is None:
        return {}
    counts = _Counts()
    for line in text.splitlines():
        key, _, value = line.partition(":")
        counts.add(key.strip(), value.strip())
    facts = {"processor": counts.models}  # type: dict[str, Any]
    if counts.flags is not None:
        facts["flags"] = counts.flags
    if machine == "s390x":
        facts.update(_mainframe(counts))
    elif _xen_without_hardware(source, counts):
        facts.update(_topology(counts.processors(machine), counts.processors(machine), 1))
        facts["processor_vcpus"] = counts.processors(machine)
    else:
        facts.update(_sockets(counts, machine))
    facts["processor_nproc"] = len(os.sched_getaffinity(0))
    return facts


def _topology(sockets: "int", cores: "int", threads: "int") -> "dict[str, int]":
    return {
        "processor_count": sockets,
        "processor_cores": cores,
        "processor_threads_per_core": threads,
        "processor_vcpus": sockets * cores * threads,
    }


def _sockets(counts: "_Counts", machine: "str") -> "dict[str, int]":
    cores = next(iter(counts.sockets.values()), 1) or 1
    threads = round(next(iter(counts.threads.values()), 1) / cores)
    return _topology(len(counts.sockets) or counts.processors(machine), cores, threads)


def _mainframe(counts: "_Counts") -> "dict[str, int]":
    threads = int(counts.other.get("max thread id", "0")) + 1
    total = int(counts.other.get("# processors", "0"))
    return dict(_topology(1, round(total / threads), threads), processor_vcpus=total)


def _xen_without_hardware(source: "Source", counts: "_Counts") -> "bool":
    """A paravirtual Xen guest shows a single core for each processor, and no vme flag."""
    xen = source.exists("/proc/xen") or source.read("/sys/hypervisor/type") == "xen"
    return xen and counts.flags is not None and "vme" not in counts.flags


def firmware(source: "Source") -> "dict[str, Any]":
    """What the board says of itself (DMI); NA where it says nothing or only to root."""
    facts = {fact: source.read(DMI + name, "NA") for fact, name in DMI_FILES.items()}
    kind = facts["form_factor"]
    if kind.isdigit():
        facts["form_factor"] = FORM_FACTORS[int(kind)] if int(kind) < len(FORM_FACTORS) else "unknown ({})".format(kind)
    if source.exists("/proc/sysinfo"):
        facts.update(_mainframe_names(source))
    return facts


def _mainframe_names(source: "Source") -> "dict[str, str]":
    names = {"Manufacturer": "system_vendor", "Type": "product_name", "Sequence Code": "product_serial"}
    facts = dict.fromkeys(("system_vendor", "product_version", "product_serial", "product_name", "product_uuid"), "NA")
    for line in source.lines("/proc/sysinfo"):
        key, _, value = line.partition(":")
        if key in names and value.strip():
            facts[names[key]] = value.strip().lstrip("0" if key == "Sequence Code" else "")
    return facts


def uptime(source: "Source") -> "dict[str, Any]":
    """Seconds since the start."""
    words = source.read("/proc/uptime", "").split()
    return {"uptime_seconds": int(float(words[0]))} if words else {}
