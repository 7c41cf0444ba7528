"""What counts as true and false: Ansible's `parsing.convert_bool`."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BOOLEANS_TRUE = frozenset(("y", "yes", "on", "1", "true", "t", 1, 1.0, True))
BOOLEANS_FALSE = frozenset(("n", "no", "off", "0", "false", "f", 0, 0.0, False))
BOOLEANS = BOOLEANS_TRUE.union(BOOLEANS_FALSE)


def boolean(value: "Any", strict: "bool" = True) -> "bool":
    """A truth value; what is neither counts as false, or raises TypeError where `strict`."""
    if isinstance(value, bool):
        return value
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    word = value.lower().strip() if isinstance(value, str) else value
    try:
        if word in BOOLEANS_TRUE:
            return True
        if word in BOOLEANS_FALSE or not strict:
            return False
    except TypeError:
        if not strict:
            return False
    allowed = ", ".join(repr(one) for one in sorted({str(one) for one in BOOLEANS if not isinstance(one, float)}))
    raise TypeError("The value '{}' is not a valid boolean. Valid booleans include: {}".format(value, allowed))
