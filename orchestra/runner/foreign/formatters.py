"""Sizes in bytes, read and written: Ansible's `common.text.formatters`."""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SIZE_RANGES = {"Y": 1 << 80, "Z": 1 << 70, "E": 1 << 60, "P": 1 << 50, "T": 1 << 40, "G": 1 << 30, "M": 1 << 20,
               "K": 1 << 10, "B": 1}  # fmt: skip


def lenient_lowercase(lst: "Any") -> "list[Any]":
    """Texts in lower case; anything else as it is."""
    return [value.lower() if isinstance(value, str) else value for value in lst]


def human_to_bytes(number: "Any", default_unit: "Any" = None, isbits: "bool" = False) -> "int":
    """The number behind `10M` or `1.5 GB`. Raises ValueError."""
    match = re.search(r"^\s*(\d*\.?\d*)\s*([A-Za-z]+)?", str(number), flags=re.IGNORECASE)
    if match is None or not match.group(1):
        raise ValueError("human_to_bytes() can't interpret following string: {}".format(number))
    unit = match.group(2) or default_unit
    if not unit:
        return int(round(float(match.group(1))))
    scale = SIZE_RANGES.get(unit[0].upper())
    if scale is None:
        known = ", ".join(SIZE_RANGES)
        raise ValueError("human_to_bytes() failed to convert {} (unit = {}). The suffix must be one of {}".format(
            number, unit, known))  # fmt: skip
    wanted = "b" if isbits else "B"
    if len(unit) > 1 and unit[-1].lower() == "b" and unit[-1] != wanted and unit.upper() not in ("KB", "MB"):
        raise ValueError("human_to_bytes() failed to convert {}. Value is not a valid string".format(number))
    return int(round(float(match.group(1)) * scale))


def bytes_to_human(size: "float", isbits: "bool" = False, unit: "Any" = None) -> "str":
    """The number with the unit that fits, such as `1.50 GB`."""
    base = "bits" if isbits else "Bytes"
    for suffix, limit in sorted(SIZE_RANGES.items(), key=lambda item: -item[1]):
        if (unit is None and size >= limit) or (unit is not None and unit.upper() == suffix[0]):
            break
    name = suffix + base[0] if limit != 1 else base
    return "{:.2f} {}".format(size / limit, name)
