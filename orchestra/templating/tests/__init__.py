"""Template tests (``x is ...``) by subject; each file has a table of its names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def load_tests() -> dict[str, Callable[..., Any]]:
    """Every test of ours by its short name."""
    from orchestra.templating.tests import files, results, values

    return {**files.TESTS, **results.TESTS, **values.TESTS}
