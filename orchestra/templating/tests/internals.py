"""Tests of ansible-core's own ``ansible._protomatter``: what is known of a value besides itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orchestra.errors import TemplateError
from orchestra.templating.filters.internals import KNOWN_TAGS, PREFIX, tag_names


def tagged(value: Any) -> bool:
    """Anything is known of it."""
    return bool(tag_names(value))


def tagged_with(value: Any, tag_name: str) -> bool:
    """A certain thing is known of it."""
    if tag_name not in KNOWN_TAGS:
        raise TemplateError(f"Unknown tag name {tag_name!r}.", hint=f"there are {', '.join(sorted(KNOWN_TAGS))}")
    return tag_name in tag_names(value)


TESTS: dict[str, Callable[..., Any]] = {PREFIX + func.__name__: func for func in (tagged, tagged_with)}
