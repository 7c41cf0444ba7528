"""Between bytes and text, and JSON: Ansible's `common.text.converters`, also known as `_text`."""

import datetime
import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ESCAPED = ("surrogate_or_strict", "surrogate_or_replace", "surrogate_then_replace")


def to_bytes(obj: "Any", encoding: "str" = "utf-8", errors: "Any" = None, nonstring: "str" = "simplerepr") -> "Any":
    """Bytes for text; `nonstring` says what happens to anything else: simplerepr, passthru, empty, strict."""
    if isinstance(obj, bytes):
        return obj
    if not isinstance(obj, str):
        return _other(obj, nonstring, lambda text: to_bytes(text, encoding, errors), b"")
    how = "surrogateescape" if errors is None or errors in ESCAPED else errors
    try:
        return obj.encode(encoding, how)
    except UnicodeEncodeError:
        if errors not in (None, "surrogate_then_replace", "surrogate_or_replace"):
            raise
        return obj.encode("utf-8", "surrogateescape").decode("utf-8", "replace").encode(encoding, "replace")


def to_text(obj: "Any", encoding: "str" = "utf-8", errors: "Any" = None, nonstring: "str" = "simplerepr") -> "Any":
    """Text for bytes; `nonstring` as for to_bytes."""
    if isinstance(obj, str):
        return obj
    if not isinstance(obj, bytes):
        return _other(obj, nonstring, lambda text: text, "")
    return obj.decode(encoding, "surrogateescape" if errors is None or errors in ESCAPED else errors)


to_native = to_text


def _other(obj: "Any", nonstring: "str", convert: "Any", empty: "Any") -> "Any":
    if nonstring == "simplerepr":
        try:
            return convert(str(obj))
        except UnicodeError:
            return empty
    if nonstring == "passthru":
        return obj
    if nonstring == "empty":
        return empty
    if nonstring == "strict":
        raise TypeError("obj must be a string type")
    raise TypeError("Invalid value {} for to_text's nonstring parameter".format(nonstring))


def plain(value: "Any") -> "Any":
    """What JSON has no word for, as what comes nearest."""
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, bytes):
        return to_text(value)
    if hasattr(value, "items"):
        return dict(value.items())
    return str(value)


def jsonify(data: "Any", **kwargs: "Any") -> "str":
    """JSON text of any value."""
    kwargs.setdefault("default", plain)
    return json.dumps(data, **kwargs)


def container_to_bytes(d: "Any", encoding: "str" = "utf-8", errors: "str" = "surrogate_or_strict") -> "Any":
    """All text within containers as bytes."""
    return _through(d, lambda text: to_bytes(text, encoding, errors) if isinstance(text, str) else text)


def container_to_text(d: "Any", encoding: "str" = "utf-8", errors: "str" = "surrogate_or_strict") -> "Any":
    """All bytes within containers as text."""
    return _through(d, lambda text: to_text(text, encoding, errors) if isinstance(text, bytes) else text)


def _through(value: "Any", change: "Any") -> "Any":
    if isinstance(value, dict):
        return {_through(key, change): _through(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_through(item, change) for item in value)
    return change(value)
