"""Tests about values: defined, matching, containing, versions, truth, addresses."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from jinja2 import Undefined

from orchestra.errors import TemplateError, nearest
from orchestra.model.secret import Sealed, Secret
from orchestra.templating.filters.text import _compiled, as_text
from orchestra.templating.marker import Fault
from orchestra.templating.versions import KINDS

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("==", "=", "eq"), operator.eq),
    **dict.fromkeys(("!=", "<>", "ne"), operator.ne),
    **dict.fromkeys(("<", "lt"), operator.lt),
    **dict.fromkeys(("<=", "le"), operator.le),
    **dict.fromkeys((">", "gt"), operator.gt),
    **dict.fromkeys((">=", "ge"), operator.ge),
}
_BOOLEAN_WORDS = frozenset(("yes", "on", "1", "true", "y", "t", "1.0", "no", "off", "0", "false", "n", "f", "0.0"))
_TRUE_WORDS = frozenset(("yes", "on", "1", "true", "y", "t", "1.0"))


def defined(value: Any) -> bool:
    """Neither the value nor what it is made of is undefined."""
    if isinstance(value, Fault):
        value._marker_trip()
    return not isinstance(value, Undefined)


def undefined(value: Any) -> bool:
    """The opposite of defined."""
    return not defined(value)


def regex(
    value: Any = "", pattern: str = "", ignorecase: bool = False, multiline: bool = False, match_type: str = "search"
) -> bool:
    """The text holds a match of a regular expression."""
    compiled, text = _compiled(pattern, ignorecase, multiline), as_text(value)
    how = {"match": compiled.match, "fullmatch": compiled.fullmatch}.get(match_type, compiled.search)
    return how(text) is not None


def match(value: Any, pattern: str = "", ignorecase: bool = False, multiline: bool = False) -> bool:
    """The text begins with a match."""
    return regex(value, pattern, ignorecase, multiline, "match")


def version(
    value: Any, version: Any, operator: str = "eq", strict: bool | None = None, version_type: str | None = None
) -> bool:
    """A version compared with another."""
    if strict is not None and version_type is not None:
        raise TemplateError("Cannot specify both 'strict' and 'version_type'")
    if not value:
        raise TemplateError("Input version value cannot be empty")
    if not version:
        raise TemplateError("Version parameter to compare against cannot be empty")
    kind = "strict" if strict else version_type or "loose"
    read = KINDS.get(kind)
    if read is None:
        raise TemplateError(f"Invalid version type ({kind})", hint=f"there are {', '.join(KINDS)}")
    compare = _OPERATORS.get(operator)
    if compare is None:
        close = nearest(operator, _OPERATORS)
        raise TemplateError(f"Invalid operator type ({operator})", hint=f"there are {', '.join(close or _OPERATORS)}")
    try:
        return bool(compare(read(as_text(value)), read(as_text(version))))
    except TemplateError as error:
        raise TemplateError(f"Version comparison failed: {error.message}") from None


def truthy(value: Any, convert_bool: bool = False) -> bool:
    """True for Python; with ``convert_bool`` words like "no" are false."""
    if convert_bool and str(value).lower().strip() in _BOOLEAN_WORDS:
        return str(value).lower().strip() in _TRUE_WORDS
    return bool(value)


def falsy(value: Any, convert_bool: bool = False) -> bool:
    """The opposite of truthy."""
    return not truthy(value, convert_bool)


def contains(container: Any, value: Any) -> bool:
    """The container has the value."""
    return value in container


def subset(first: Any, second: Any) -> bool:
    """Every item of the first is in the second."""
    return all(item in second for item in list(first))


def superset(first: Any, second: Any) -> bool:
    """Every item of the second is in the first."""
    return subset(second, first)


def nan(value: Any) -> bool:
    """Not a number."""
    try:
        return math.isnan(value)
    except TypeError:
        return False


def address(value: Any, version: int = 0, network: bool = True) -> bool:
    """An IP address (or a network) of a version."""
    from orchestra.templating.filters.addresses import is_address

    return is_address(value, version, network)


def ipv4_address(value: Any) -> bool:
    """An IPv4 address, without a network."""
    return address(value, 4, network=False)


def ipv6_address(value: Any) -> bool:
    """An IPv6 address, without a network."""
    return address(value, 6, network=False)


def vault_encrypted(value: Any) -> bool:
    """A value that stands encrypted in the project; a text that merely looks like one is none."""
    return isinstance(value, (Secret, Sealed))


TESTS: dict[str, Callable[..., Any]] = {
    "defined": defined,
    "undefined": undefined,
    "regex": regex,
    "search": regex,
    "match": match,
    "version": version,
    "version_compare": version,
    "truthy": truthy,
    "falsy": falsy,
    "any": any,
    "all": all,
    "contains": contains,
    "subset": subset,
    "issubset": subset,
    "superset": superset,
    "issuperset": superset,
    "nan": nan,
    "isnan": nan,
    "vault_encrypted": vault_encrypted,
    "ip": address,
    "ip_address": address,
    "ipv4": lambda value: address(value, 4),
    "ipv4_address": ipv4_address,
    "ipv6": lambda value: address(value, 6),
    "ipv6_address": ipv6_address,
}
