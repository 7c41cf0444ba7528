"""Block devices with their partitions and links, and LVM. From /sys and /dev; LVM alone needs its programs."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.parts.facts.source import Source

    Links = dict[str, dict[str, list[str]]]


_MODEL = ("vendor", "model", "sas_address", "sas_device_handle")


def human(size: "float") -> "str":
    """1.50 GB: two digits, powers of 1024."""
    for power, letter in ((4, "T"), (3, "G"), (2, "M"), (1, "K")):
        if size >= 1024**power:
            return "%.2f %sB" % (size / 1024**power, letter)
    return "%.2f Bytes" % size


def devices(source: "Source") -> "dict[str, Any]":
    """devices by name, and device_links: ids, uuids, labels, masters of each disk and partition."""
    links = _all_links(source)
    wwns = {target: name[4:] for target, names in links["ids"].items() for name in names if name.startswith("wwn-")}
    pci = _PciNames(source)
    found = {}
    for name in source.names("/sys/block"):
        if source.is_dir("/sys/block/" + name):
            found[name] = _disk(source, name, links, wwns, pci)
    return {"devices": found, "device_links": links}


def _all_links(source: "Source") -> "Links":
    return {
        "ids": _links(source, "/dev/disk/by-id"),
        "uuids": _links(source, "/dev/disk/by-uuid"),
        "labels": _links(source, "/dev/disk/by-label"),
        "masters": _owners(source),
    }


def _links(source: "Source", folder: "str") -> "dict[str, list[str]]":
    found = {}  # type: dict[str, list[str]]
    for name in sorted(source.names(folder)):
        target = source.link(folder + "/" + name)
        if target:
            found.setdefault(os.path.basename(target), []).append(name)
    return found


def _owners(source: "Source") -> "dict[str, list[str]]":
    found = {}  # type: dict[str, list[str]]
    for owner in sorted(source.names("/sys/block")):
        for slave in source.names("/sys/block/{}/slaves".format(owner)):
            found.setdefault(slave, []).append(owner)
    return found


def _disk(source: "Source", name: "str", links: "Links", wwns: "dict[str, str]", pci: "_PciNames") -> "dict[str, Any]":
    folder = "/sys/block/" + name
    place = source.link(folder) or ""
    disk = {key: source.read(folder + "/device/" + key) for key in _MODEL}
    sectors, sector_size, size = _sizes(source, folder, folder)
    disk.update(
        virtual=1,
        links={kind: names.get(name, []) for kind, names in links.items()},
        removable=source.read(folder + "/removable"),
        support_discard=_discard(source, folder),
        partitions=_partitions(source, folder, name, links),
        rotational=source.read(folder + "/queue/rotational"),
        scheduler_mode=_scheduler(source, folder),
        sectorsize=sector_size,
        sectors=sectors,
        size=size,
        host=pci.name_of(place),
        holders=_holders(source, folder),
    )
    serial = _serial(source, folder)
    if serial:
        disk["serial"] = serial
    if name in wwns:
        disk["wwn"] = wwns[name]
    return disk


def _sizes(source: "Source", folder: "str", disk: "str") -> "tuple[int, str, str]":
    """(sectors, bytes in one, size to read); /sys counts in units of 512 whatever the disk has."""
    one = source.read(disk + "/queue/logical_block_size") or source.read(disk + "/queue/hw_sector_size", "512")
    sectors = int(source.read(folder + "/size", "0")) * 512 // int(one)
    return sectors, one, human(float(sectors * int(one)))


def _discard(source: "Source", folder: "str") -> "str | None":
    if source.read(folder + "/queue/discard_max_hw_bytes") == "0":
        return "0"
    return source.read(folder + "/queue/discard_granularity")  # type: ignore[no-any-return]


def _scheduler(source: "Source", folder: "str") -> "str":
    text = source.read(folder + "/queue/scheduler", "")  # type: str
    return text.rpartition("[")[2].partition("]")[0] if "[" in text else ""


def _serial(source: "Source", folder: "str") -> "str | None":
    """NVMe and virtio say it in a file, SCSI in page 0x80 of the vital product data (four bytes of header)."""
    page = source.raw(folder + "/device/vpd_pg80")
    if page:
        return page[4:].decode("ascii", "replace").strip("\0 ") or None
    return source.read(folder + "/device/serial")  # type: ignore[no-any-return]


def _holders(source: "Source", folder: "str") -> "list[str]":
    names = [name for name in source.names(folder + "/holders") if name.startswith("dm-")]
    return [source.read("{}/holders/{}/dm/name".format(folder, name), name) for name in names]


def _partitions(source: "Source", folder: "str", disk: "str", links: "Links") -> "dict[str, Any]":
    found = {}
    for name in source.names(folder):
        number = name[len(disk) :].lstrip("p")
        if name.startswith(disk) and number.isdigit():
            found[name] = _partition(source, folder + "/" + name, name, links)
    return found


def _partition(source: "Source", folder: "str", name: "str", links: "Links") -> "dict[str, Any]":
    # A partition has no queue of its own; playbooks know its sectors as units of 512, and that as a number.
    one = source.read(folder + "/queue/logical_block_size") or source.read(folder + "/queue/hw_sector_size", 512)
    sectors = int(source.read(folder + "/size", "0")) * 512 // int(one)
    return {
        "links": {kind: names.get(name, []) for kind, names in links.items()},
        "start": source.read(folder + "/start", 0),
        "sectorsize": one,
        "sectors": sectors,
        "size": human(float(sectors * int(one))),
        "uuid": next(iter(links["uuids"].get(name, ())), None),
        "holders": _holders(source, folder),
    }


class _PciNames:
    """What lspci calls a controller. It reads a megabyte of names: it runs once, and only for a disk that needs it."""

    def __init__(self, source: "Source") -> "None":
        self._source = source
        self._names = None  # type: dict[str, str] | None

    def name_of(self, place: "str") -> "str":
        """The controller's name for a path such as ../devices/pci0000:00/0000:00:1f.2/ata1/...; "" where unknown."""
        slots = [part for part in place.split("/") if part.count(":") == 2 and part[-2:-1] == "."]
        if not slots:
            return ""
        if self._names is None:
            lines = (self._source.output(["lspci", "-D"]) or "").splitlines()
            self._names = {slot: name for slot, _, name in (line.partition(" ") for line in lines)}
        return self._names.get(slots[-1], "")


def volumes(source: "Source") -> "dict[str, Any]":
    """lvm: vgs, lvs and pvs by name; N/A without the tools or for others than root."""
    if source.which("vgs") is None:
        return {"lvm": "N/A"}
    if os.geteuid() != 0:
        return {}
    if not _uses_lvm(source):
        return {"lvm": {"lvs": {}, "vgs": {}, "pvs": {}}}
    pvs = _table(source, "pvs", {"vg": 1, "size_g": 4, "free_g": 5})
    found = {
        "vgs": _table(source, "vgs", {"num_pvs": 1, "num_lvs": 2, "size_g": -2, "free_g": -1}),
        "lvs": _table(source, "lvs", {"vg": 1, "size_g": 3}),
        "pvs": {_mapper_name(source, name): pv for name, pv in pvs.items()},
    }
    return {"lvm": found}


def _uses_lvm(source: "Source") -> "bool":
    """Any trace of a volume group: the three programs cost more than all other facts together."""
    if any(source.names(path) for path in ("/etc/lvm/backup", "/run/lvm/vgs_online", "/run/lvm/pvs_online")):
        return True
    names = source.names("/sys/block")
    return any(source.read("/sys/block/{}/dm/uuid".format(name), "").startswith("LVM-") for name in names)


def _table(source: "Source", program: "str", columns: "dict[str, int]") -> "dict[str, dict[str, str]]":
    out = source.output([program, "--noheadings", "--nosuffix", "--units", "g", "--separator", ","])
    rows = [line.strip().split(",") for line in (out or "").splitlines() if "," in line]
    return {row[0]: {name: row[column] for name, column in columns.items()} for row in rows}


def _mapper_name(source: "Source", device: "str") -> "str":
    if not device.startswith("/dev/dm-"):
        return device
    name = source.read("/sys/block/{}/dm/name".format(device[5:]))
    return "/dev/mapper/" + name if name else device
