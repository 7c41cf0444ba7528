"""Host patterns: ``all``, ``a:b``, ``a:&b``, ``a:!b``, globs, ``~regex``, ``g[0]``, ``g[0:2]``, ``@file`` in limits.

The order of what is selected is the inventory's: a group's own hosts first, then its children's, level by level. Knows
nothing of variables.
"""

from __future__ import annotations

import fnmatch
import random
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from orchestra.errors import LanguageError, UsageError, nearest
from orchestra.inventory.hostnames import split_port
from orchestra.inventory.localhost import find_host
from orchestra.model.host import LOCALHOST_NAMES, Host, Inventory
from orchestra.model.origin import Origin

ORDERS = ("inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle")
_COLON_PARTS = re.compile(r"(?:[^\s:\[\]]|\[[^\]]*\])+")
_SUBSCRIPT = re.compile(r"(?P<base>.+)\[(?:(?P<index>-?[0-9]+)|(?P<first>[0-9]+)[:-](?P<last>[0-9]*))\]")
_GLOB = re.compile(r"[*?\[]")

Warn = Callable[[str], None]


def split_pattern(pattern: str | Sequence[str]) -> list[str]:
    """One pattern text (or several) as single patterns; a ``,`` separates, else a ``:`` outside of names and ranges."""
    if not isinstance(pattern, str):
        return [part for item in pattern for part in split_pattern(item)]
    if "," in pattern:
        parts = pattern.split(",")
    elif split_port(pattern) is not None:
        parts = [pattern]
    else:
        parts = _COLON_PARTS.findall(pattern)
    return [part.strip() for part in parts if part.strip()]


class HostSelector:
    """Selects hosts of one inventory; remembers what groups hold."""

    def __init__(self, inventory: Inventory, warn: Warn | None = None, *, mismatch: str = "warning") -> None:
        """``mismatch`` says what a pattern without any host is: warning, error or ignore."""
        self._inventory = inventory
        self._warn = warn or _ignore
        self._mismatch = mismatch
        self._members: dict[str, tuple[str, ...]] = {}

    def select(
        self, pattern: str | Sequence[str], limit: str | Sequence[str] = "", order: str | None = None
    ) -> list[Host]:
        """The hosts that ``pattern`` and ``limit`` both mean, in the wanted order.

        Raises:
            UsageError: a regular expression, subscript, order or limit file that is wrong.
        """
        names = self._evaluate(split_pattern(pattern))
        if limit:
            wanted = set(self._evaluate(read_limit(limit)))
            names = [name for name in names if name in wanted]
        hosts = [find_host(self._inventory, name) for name in _ordered(names, order)]
        return [host for host in hosts if host is not None]

    def members(self, group: str) -> tuple[str, ...]:
        """The names of all hosts in a group and below it, in inventory order."""
        found = self._members.get(group)
        if found is None:
            below = self._descendants(group)
            hosts = dict.fromkeys(host for name in below for host in self._inventory.groups[name].hosts)
            if group == "all":  # an implicit localhost that group_by put somewhere is still not one of all
                hosts = {name: None for name in hosts if not self._inventory.hosts[name].implicit}
            found = self._members[group] = tuple(hosts)
        return found

    def _descendants(self, group: str) -> list[str]:
        """A group and all below it, level by level."""
        seen = {group: None}
        level = [group]
        while level:
            level = [child for name in level for child in self._inventory.groups[name].children if child not in seen]
            seen |= dict.fromkeys(level)
        return list(seen)

    def _evaluate(self, parts: Iterable[str]) -> list[str]:
        """Plain patterns first, then intersections, then exclusions; only those two start from ``all``."""
        parts = [part for part in parts if part]
        plain = [part for part in parts if part[0] not in "!&"] or ["all"]
        names: dict[str, None] = {}
        for part in plain:
            names |= dict.fromkeys((part,) if part in self._inventory.hosts else self._match(part))
        for part in (part for part in parts if part[0] == "&"):
            wanted = set(self._match(part[1:]))
            names = {name: None for name in names if name in wanted}
        for part in (part for part in parts if part[0] == "!"):
            unwanted = set(self._match(part[1:]))
            names = {name: None for name in names if name not in unwanted}
        return list(names)

    def _match(self, part: str) -> Sequence[str]:
        """The names that one pattern means, without its ``&`` or ``!``."""
        if not part:
            return ()
        subscript = None if part.startswith("~") else _SUBSCRIPT.fullmatch(part)
        base = subscript["base"] if subscript else part
        names = self._enumerate(base)
        return _subscripted(names, subscript, part) if subscript and names else names

    def _enumerate(self, pattern: str) -> Sequence[str]:
        groups = self._matching(pattern, self._inventory.groups)
        names = (
            [host for group in groups for host in self.members(group)] if len(groups) != 1 else self.members(groups[0])
        )
        if not groups or pattern.startswith("~") or any(mark in pattern for mark in ".?*["):
            names = [*names, *self._matching(pattern, self._inventory.hosts)]
        if not names and pattern in LOCALHOST_NAMES:
            host = find_host(self._inventory, pattern)
            return (host.name,) if host else ()
        if not names and not groups and pattern != "all":
            self._tell_mismatch(pattern)
        return names

    def _matching(self, pattern: str, names: Iterable[str]) -> list[str]:
        if pattern.startswith("~"):
            expression = pattern[1:]
        elif _GLOB.search(pattern):
            expression = fnmatch.translate(pattern)
        else:
            return [pattern] if pattern in names else []
        try:
            match = re.compile(expression).match
        except re.error as error:
            raise UsageError(f"the host pattern {pattern!r} is no regular expression: {error}") from error
        return [name for name in names if match(name)]

    def _tell_mismatch(self, pattern: str) -> None:
        near = nearest(pattern, [*self._inventory.groups, *self._inventory.hosts], 2) if len(pattern) > 2 else []
        text = f"Could not match supplied host pattern, ignoring: {pattern}"
        hint = f"did you mean {' or '.join(map(repr, near))}?" if near else ""
        if self._mismatch == "error":
            raise UsageError(text, hint=hint)
        if self._mismatch == "warning":
            self._warn(f"{text}; {hint}" if hint else text)


def read_limit(limit: str | Sequence[str]) -> list[str]:
    """The single patterns of a limit; ``@file`` stands for the lines of a file.

    Raises:
        UsageError: the file can not be read.
    """
    parts: list[str] = []
    for part in split_pattern(limit):
        if part.startswith("@"):
            parts += [line.strip() for line in _read_lines(part[1:]) if line.strip()]
        else:
            parts.append(part)
    return parts


def _read_lines(path: str) -> list[str]:
    if Path(path).expanduser().is_dir():
        raise UsageError(f"the limit file {path} must be a file; this is a folder")
    try:
        return Path(path).expanduser().read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise UsageError(f"cannot read the limit file {path}: {reason}") from error


def _subscripted(names: Sequence[str], subscript: re.Match[str], pattern: str) -> Sequence[str]:
    if subscript["index"]:
        try:
            return (names[int(subscript["index"])],)
        except IndexError:
            count = f"{len(names)} host{'s' if len(names) != 1 else ''}"
            raise UsageError(
                f"the pattern {pattern!r} asks for more than the {count} of {subscript['base']!r}"
            ) from None
    last = int(subscript["last"]) + 1 if subscript["last"] else None
    return names[int(subscript["first"]) : last]


def _ordered(names: list[str], order: str | None) -> list[str]:
    match order:
        case None | "" | "inventory":
            return names
        case "reverse_inventory":
            return names[::-1]
        case "sorted":
            return sorted(names)
        case "reverse_sorted":
            return sorted(names, reverse=True)
        case "shuffle":
            return random.sample(names, len(names))
    near = nearest(str(order), ORDERS, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise LanguageError(
        f"there is no host order {order!r}", origin=_origin(order), hint=f"{hint}known: {', '.join(ORDERS)}"
    )


def _origin(value: object) -> Origin | None:
    origin = getattr(value, "origin", None)
    return origin if isinstance(origin, Origin) else None


def _ignore(message: str) -> None:
    """Nobody listens."""
