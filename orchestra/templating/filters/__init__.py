"""Filters by subject: each file has a table of its names, each filter is a function of its input and options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def load_filters() -> dict[str, Callable[..., Any]]:
    """Every filter of ours by its short name."""
    from orchestra.templating.filters import (
        community,
        hashes,
        network,
        numbers,
        paths,
        randomness,
        serial,
        sets,
        structures,
        text,
        times,
        values,
    )

    subjects = (
        *(community, hashes, network, numbers, paths, randomness, serial, sets, structures, text, times),
        values,
    )
    return {name: func for subject in subjects for name, func in subject.FILTERS.items()}
