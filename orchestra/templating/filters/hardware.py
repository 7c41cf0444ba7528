"""MAC addresses in the forms that systems write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from orchestra.errors import TemplateError


def _parse(value: Any) -> str | None:
    """Twelve hexadecimal digits, or None."""
    digits = re.sub(r"[-:.]", "", str(value)).lower()
    return digits if re.fullmatch(r"[0-9a-f]{12}", digits) else None


def _joined(digits: str, size: int, separator: str) -> str:
    return separator.join(digits[start : start + size] for start in range(0, 12, size))


_FORMS: dict[str, Callable[[str], Any]] = {
    "bare": str.upper,
    "bool": lambda digits: True,
    "int": lambda digits: int(digits, 16),
    "cisco": lambda digits: _joined(digits, 4, "."),
    "linux": lambda digits: _joined(digits, 2, ":"),
    **dict.fromkeys(("eui48", "win"), lambda digits: _joined(digits, 2, "-").upper()),
    **dict.fromkeys(("pgsql", "postgresql", "psql"), lambda digits: _joined(digits, 6, ":")),
    "unix": lambda digits: ":".join(f"{int(part, 16):x}" for part in _joined(digits, 2, ":").split(":")),
}


def hwaddr(value: Any, query: str = "", alias: str = "hwaddr") -> Any:
    """The value if it is a MAC address, or its form for a system; None where it is none."""
    digits = _parse(value)
    if query and query not in _FORMS:
        raise TemplateError(f"{alias}: unknown filter type: {query}", hint=f"there are {', '.join(_FORMS)}")
    if digits is None:
        if query and query != "bool":
            raise TemplateError(f"{alias}: not a hardware address: {value}")
        return None
    return _FORMS[query](digits) if query else value


def macaddr(value: Any, query: str = "") -> Any:
    """As hwaddr."""
    return hwaddr(value, query, "macaddr")
