"""Turns what users write into what an option's kind says: as lax as Ansible, with a sentence where it can not be."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

YES = ("yes", "on", "1", "true", "t", "y")
NO = ("no", "off", "0", "false", "f", "n")


def _to_text(value: "Any") -> "str":
    return value if isinstance(value, str) else str(value)


def _to_bool(value: "Any") -> "bool":
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in YES or value == 1:
        return True
    if text in NO or value == 0:
        return False
    raise ValueError("expected a yes or a no")


def _to_int(value: "Any") -> "int":
    try:
        number = int(str(value).strip()) if isinstance(value, str) else int(value)
        if number == value or isinstance(value, str):
            return number
    except (TypeError, ValueError):
        pass
    raise ValueError("expected a whole number")


def _to_float(value: "Any") -> "float":
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError("expected a number") from None


def _to_list(value: "Any") -> "list[Any]":
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    if isinstance(value, (int, float)):
        return [str(value)]
    raise ValueError("expected a list")


def _to_dict(value: "Any") -> "dict[str, Any]":
    if isinstance(value, dict):
        return value
    if isinstance(value, str):
        return _dict_of_text(value.strip())
    raise ValueError("expected a mapping")


def _dict_of_text(text: "str") -> "dict[str, Any]":
    import json

    if text.startswith("{"):
        try:
            found = json.loads(text)
        except ValueError:
            raise ValueError("expected a mapping; this is not valid JSON") from None
        return dict(found)
    pairs = [part.strip().partition("=") for part in text.replace(",", " ").split()]
    if not pairs or not all(equals for _, equals, _ in pairs):
        raise ValueError("expected a mapping, JSON or key=value pairs")
    return {key: value for key, _, value in pairs}


def _to_json(value: "Any") -> "str":
    if isinstance(value, str):
        return value
    import json

    return json.dumps(value)


def _to_mode(value: "Any") -> "int | str":
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value).strip()
    try:
        return int(text, 8)
    except ValueError:
        pass
    if text == "preserve" or (text and all(_is_clause(clause) for clause in text.split(","))):
        return text
    raise ValueError("expected an octal mode such as '0644' or a symbolic one such as 'u=rw,g=r'")


def _is_clause(clause: "str") -> "bool":
    rest = clause[1:] if clause[:1] == "a" else clause.lstrip("ugo")
    return bool(rest) and rest[0] in "+-=" and not rest.strip("+-=rwxXstugo")


def _to_bytes_count(value: "Any") -> "int":
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value)
    text = str(value).strip().upper().rstrip("IB")
    scale = "KMGTPEZY".find(text[-1:]) + 1 if text[-1:] else 0
    try:
        return int(float(text[:-1] if scale else text) * 1024**scale)
    except ValueError:
        raise ValueError("expected a size such as 512, 10K or 1.5G") from None


def choose(choices: "Any", item: "Any") -> "Any":
    """YAML reads `yes` as true and 2 as a number; a choice written either way is meant."""
    text = str(item).lower()
    same = YES if text == "true" else NO if text == "false" else (text,)
    for choice in choices:
        if str(choice) == str(item) or (item in ("True", "False") and str(choice).lower() in same):
            return choice
    raise ValueError("expected one of " + ", ".join(str(choice) for choice in choices))


COERCE = {
    "str": _to_text,
    "int": _to_int,
    "float": _to_float,
    "bool": _to_bool,
    "path": _to_text,
    "mode": _to_mode,
    "list": _to_list,
    "dict": _to_dict,
    "json": _to_json,
    "bytes": _to_bytes_count,
}
