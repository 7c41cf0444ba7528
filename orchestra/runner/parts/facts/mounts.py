"""Mounted file systems with their sizes. A dead network share costs its time-out, and is named."""

import os

from orchestra.runner.parts.facts.source import within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.parts.facts.source import Source


def mounts(source: "Source") -> "dict[str, Any]":
    """mounts: those that have a device or a share behind them, with size, inodes, options and UUID."""
    bound = _bind_mounts(source)
    uuids = _Uuids(source)
    found = {}  # type: dict[str, dict[str, Any]]
    for fields in _table(source):
        device, mount, kind, options = fields[:4]
        if (not device.startswith(("/", "\\")) and ":/" not in device) or kind == "none":
            continue
        if mount in bound and "bind" not in options:
            options += ",bind"
        found[mount] = {
            "mount": mount,
            "device": device,
            "fstype": kind,
            "options": options,
            "dump": int(fields[4]),
            "passno": int(fields[5]),
            "uuid": uuids.of(device),
        }
    for mount, info in found.items():
        info.update(_size(source, mount, remote=not info["device"].startswith("/")))
    return {"mounts": list(found.values())}


def _table(source: "Source") -> "list[list[str]]":
    lines = source.lines("/etc/mtab") or source.lines("/proc/mounts")
    rows = [[_plain(field) for field in line.split()] for line in lines]
    return [row + ["0", "0"][len(row) - 4 :] for row in rows if len(row) >= 4]


def _plain(field: "str") -> "str":
    r"""Spaces and the like are written as \040 there."""
    head, *rest = field.split("\\")
    return head + "".join(chr(int(part[:3], 8)) + part[3:] if part[:3].isdigit() else "\\" + part for part in rest)


def _bind_mounts(source: "Source") -> "set[str]":
    """Mount points that show another folder than the top of their file system."""
    rows = (line.split() for line in source.lines("/proc/self/mountinfo"))
    return {_plain(row[4]) for row in rows if len(row) > 4 and row[3] != "/"}


class _Uuids:
    """UUIDs of file systems: as /dev/disk/by-uuid has them, else as udev's database does."""

    def __init__(self, source: "Source") -> "None":
        self._source = source
        folder = "/dev/disk/by-uuid"
        links = ((source.link(folder + "/" + name), name) for name in source.names(folder))
        self._names = {os.path.basename(target): name for target, name in links if target}

    def of(self, device: "str") -> "str":
        """A device's UUID, or N/A."""
        if not device.startswith("/dev/"):
            return "N/A"
        name = os.path.basename(self._source.real(device))
        return self._names.get(name) or self._recorded(name)

    def _recorded(self, name: "str") -> "str":
        number = self._source.read("/sys/class/block/{}/dev".format(name))
        lines = self._source.lines("/run/udev/data/b{}".format(number)) if number else []
        return next((line[len("E:ID_FS_UUID=") :] for line in lines if line.startswith("E:ID_FS_UUID=")), "N/A")


def _size(source: "Source", mount: "str", remote: "bool") -> "dict[str, Any]":
    def ask() -> "dict[str, Any]":
        try:
            return counted(os.statvfs(source.path(mount)))
        except OSError as error:
            return {} if isinstance(error, PermissionError) else {"note": "Could not get extra information: %s" % error}

    late = {"note": "Could not get extra information due to timeout"}
    found = within(source.timeout, ask, late) if remote else ask()  # type: dict[str, Any]
    if found is late:
        source.warn("Timeout exceeded when getting mount info for " + mount)
    return found


def counted(found: "os.statvfs_result") -> "dict[str, int]":
    """Bytes, blocks and inodes of a file system, by the names that facts have."""
    return {
        "size_total": found.f_frsize * found.f_blocks,
        "size_available": found.f_frsize * found.f_bavail,
        "block_size": found.f_bsize,
        "block_total": found.f_blocks,
        "block_available": found.f_bavail,
        "block_used": found.f_blocks - found.f_bavail,
        "inode_total": found.f_files,
        "inode_available": found.f_favail,
        "inode_used": found.f_files - found.f_favail,
    }
