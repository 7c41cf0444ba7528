"""Tables of mounts, in the forms that systems keep: fstab and mtab, vfstab, mnttab, stanzas of AIX, words of mount."""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LINUX = re.compile(r"(?P<device>\S+) on (?P<mount>\S+) type (?P<fstype>\S+) \((?P<options>.+)\)$")
BSD = re.compile(r"(?P<device>\S+) on (?P<mount>\S+) \((?P<fstype>[^,)]+?)\s*(?:,\s*(?P<options>.+))?\)$")
AIX = re.compile(
    r"(?P<node>\S*)\s+(?P<device>\S+)\s+(?P<mount>\S+)\s+(?P<fstype>\S+)\s+"
    r"(?P<time>\S+\s+\d+\s+\d+:\d+)\s+(?P<options>.*)$"
)


class Entry:
    """One mount: the line or lines that name it, and what they say."""

    __slots__ = ("fields", "text")

    def __init__(self, text: "str", fields: "dict[str, Any]") -> "None":
        self.text = text
        self.fields = fields


def entries_of_file(text: "str") -> "list[Entry]":
    """The mounts of a table; its form is told by its columns. What has none of the forms has no mounts."""
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    rows = [line.split() for line in lines]
    columns = min((len(row) for row in rows), default=0)
    if columns >= 7:
        read = _vfstab
    elif columns >= 5 and all(row[4].isdigit() for row in rows) and any(len(row[4]) == 10 for row in rows):
        read = _mnttab
    elif columns >= 4:
        read = _fstab
    else:
        return _stanzas(text.splitlines())
    return [Entry(line.strip(), read(row)) for line, row in zip(lines, rows)]


def entries_of_mount(output: "str") -> "list[Entry]":
    """The mounts that a program named mount tells; nothing where its words are none that we know."""
    lines = output.splitlines()
    for pattern, listed in ((LINUX, lines), (BSD, [ln for ln in lines if not ln.startswith("map ")]), (AIX, lines[2:])):
        found = [pattern.match(line) for line in listed]
        if found and all(found):
            return [Entry(match.string, _plain_match(match)) for match in found if match]
    return []


def _plain_match(match: "Any") -> "dict[str, Any]":
    fields = {name: value for name, value in match.groupdict().items() if value is not None}
    node = fields.pop("node", "")
    if node:
        fields["device"] = node + ":" + fields["device"]
    return fields


def unescaped(field: "str") -> "str":
    r"""Spaces and the like are written as \040 there."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found.group(1), 8)), field)


def _number(text: "str") -> "int | str":
    return int(text) if text.lstrip("-").isdigit() else text


def _fstab(row: "list[str]") -> "dict[str, Any]":
    names = ("device", "mount", "fstype", "options")
    fields = dict(zip(names, map(unescaped, row)))  # type: dict[str, Any]
    fields.update(zip(("dump", "passno"), map(_number, row[4:6])))
    return fields


def _vfstab(row: "list[str]") -> "dict[str, Any]":
    names = ("device", "device_to_fsck", "mount", "fstype", "passno", "mount_at_boot", "options")
    return dict(zip(names, row), passno=_number(row[4]))


def _mnttab(row: "list[str]") -> "dict[str, Any]":
    return dict(zip(("device", "mount", "fstype", "options"), row), time=int(row[4]))


def _stanzas(lines: "list[str]") -> "list[Entry]":
    """AIX: a mount point with a colon, below it `name = value`. Linux has another file by this name."""
    blocks = []  # type: list[list[str]]
    for line in lines:
        if not line.strip() or line.startswith("*"):
            continue
        if line.rstrip().endswith(":"):
            blocks.append([line])
        elif "=" not in line or not blocks:
            return []
        else:
            blocks[-1].append(line)
    return [Entry("\n".join(block), _stanza(block)) for block in blocks]


def _stanza(block: "list[str]") -> "dict[str, Any]":
    pairs = (line.split("=", 1) for line in block[1:])
    said = {name.strip(): value.strip() for name, value in pairs}
    device = ":".join(said[name] for name in ("nodename", "dev") if said.get(name))
    return {
        "mount": block[0].rstrip()[:-1],
        "device": device or "unknown",
        "fstype": said.get("vfs") or "unknown",
        "attributes": said,
    }
