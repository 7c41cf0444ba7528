"""Which tasks the ``--tags`` and ``--skip-tags`` of a run select. The rules are those of Ansible's tag inheritance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

UNTAGGED = frozenset(("untagged",))


def selected(tags: Iterable[str], only: Sequence[str], skip: Sequence[str]) -> bool:
    """Whether something with ``tags`` is to run."""
    own = frozenset(tags) or UNTAGGED
    return _wanted(own, frozenset(only)) and not _unwanted(own, frozenset(skip), frozenset(only))


def _wanted(own: frozenset[str], only: frozenset[str]) -> bool:
    if not only:
        return True
    if "always" in own:
        return True
    if "all" in only and "never" not in own:
        return True
    if own & only:
        return True
    return "tagged" in only and own != UNTAGGED and "never" not in own


def _unwanted(own: frozenset[str], skip: frozenset[str], only: frozenset[str]) -> bool:
    if not skip:
        return False
    if "all" in skip:
        return "always" not in own or "always" in skip
    if own & skip:
        return True
    return "tagged" in skip and own != UNTAGGED


def flatten(tags: Iterable[Any]) -> tuple[str, ...]:
    """Rendered tags, lists in lists and comma texts opened, each once, in their order."""
    flat: dict[str, None] = {}
    for tag in tags:
        if isinstance(tag, (list, tuple)):
            flat.update(dict.fromkeys(flatten(tag)))
        else:
            flat.update(dict.fromkeys(part.strip() for part in str(tag).split(",") if part.strip()))
    return tuple(flat)
