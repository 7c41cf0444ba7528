"""Versions that can be compared: Ansible's `compat.version`."""

import re
from functools import total_ordering

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@total_ordering
class Version:
    """What both kinds have in common: they compare with each other and with text."""

    version = ()  # type: Any

    def __init__(self, vstring: "Any" = None) -> "None":
        self.vstring = ""
        if vstring is not None:
            self.parse(str(vstring))

    def parse(self, vstring: "str") -> "None":
        """Read a version."""
        self.vstring = vstring

    def _key(self, other: "Any") -> "Any":
        return (other if isinstance(other, Version) else type(self)(other)).version

    def __eq__(self, other: "Any") -> "bool":
        return bool(self.version == self._key(other))

    def __lt__(self, other: "Any") -> "bool":
        return bool(self.version < self._key(other))

    def __hash__(self) -> "int":
        return hash(str(self))

    def __str__(self) -> "str":
        return self.vstring

    def __repr__(self) -> "str":
        return "{} ('{}')".format(type(self).__name__, self)


class LooseVersion(Version):
    """Numbers and words in any order."""

    def parse(self, vstring: "str") -> "None":
        """Read a version."""
        self.vstring = vstring
        parts = [part for part in re.split(r"(\d+|[a-z]+|\.)", vstring) if part and part != "."]
        self.version = [int(part) if part.isdigit() else part for part in parts]


class StrictVersion(Version):
    """1.2.3, perhaps with a1 or b2 behind it."""

    def parse(self, vstring: "str") -> "None":
        """Read a version. Raises ValueError."""
        match = re.match(r"^(\d+)\.(\d+)(\.(\d+))?([ab](\d+))?$", vstring)
        if match is None:
            raise ValueError("invalid version number '{}'".format(vstring))
        self.vstring = vstring
        major, minor, _, patch, pre, number = match.groups()
        final = (1, "", 0) if pre is None else (0, pre[0], int(number))
        self.version = (int(major), int(minor), int(patch or 0), final)
