"""Single values and the rules between options: Ansible's `common.validation`.

The sentences are those that playbooks and their tests compare with.
"""

import json
import os
import re

from orchestra.runner.foreign.booleans import boolean
from orchestra.runner.foreign.formatters import human_to_bytes
from orchestra.runner.foreign.text import jsonify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _shown(value: "Any") -> "str":
    return '"{!r}" cannot be converted'.format(value)


def check_type_str(value: "Any", allow_conversion: "bool" = True, param: "Any" = None, prefix: "str" = "") -> "str":
    """Text. Raises TypeError."""
    if isinstance(value, str):
        return value
    if allow_conversion and value is not None:
        return str(value)
    raise TypeError("'{!r}' is not a string and conversion is not allowed".format(value))


def check_type_list(value: "Any") -> "list[Any]":
    """A list; text is split at commas, a number is alone in it. Raises TypeError."""
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    if isinstance(value, (int, float)):
        return [str(value)]
    raise TypeError("{} cannot be converted to a list".format(type(value)))


def check_type_dict(value: "Any") -> "dict[str, Any]":
    """A mapping; text may be JSON, a Python literal or key=value pairs. Raises TypeError."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        raise TypeError("{} cannot be converted to a dict".format(type(value)))
    if value.startswith("{"):
        try:
            found = json.loads(value)  # type: Any
        except ValueError:
            found = safe_eval(value)
        if isinstance(found, dict):
            return found
        raise TypeError("unable to evaluate string as dictionary")
    if "=" not in value:
        raise TypeError("dictionary requested, could not parse JSON or key=value")
    return dict(_pairs(value))


def _pairs(value: "str") -> "Any":
    for quoted, plain in re.findall(r"""([^\s,=]+=(?:"[^"]*"|'[^']*'))|([^\s,]+)""", value):
        key, equals, rest = (quoted or plain).partition("=")
        if not equals:
            raise TypeError("unable to evaluate string as dictionary")
        yield key, rest.strip("\"'") if quoted else rest


def check_type_bool(value: "Any") -> "bool":
    """A truth value. Raises TypeError."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (str, int, float)):
        return boolean(value)
    raise TypeError("{} cannot be converted to a bool".format(type(value)))


def check_type_int(value: "Any") -> "int":
    """A whole number. Raises TypeError."""
    if isinstance(value, int):
        return value
    try:
        if float(value) == int(float(value)):
            return int(value if isinstance(value, str) and value.strip().lstrip("+-").isdigit() else float(value))
    except (TypeError, ValueError, OverflowError):
        pass
    raise TypeError(_shown(value) + " to an int")


def check_type_float(value: "Any") -> "float":
    """A number. Raises TypeError."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError("{} cannot be converted to a float".format(type(value))) from None


def check_type_path(value: "Any") -> "str":
    """A path with ~ and $VARIABLES resolved."""
    return os.path.expanduser(os.path.expandvars(check_type_str(value)))


def check_type_raw(value: "Any") -> "Any":
    """Anything."""
    return value


def check_type_bytes(value: "Any") -> "int":
    """A size such as 10M. Raises TypeError."""
    try:
        return human_to_bytes(value)
    except ValueError:
        raise TypeError("{} cannot be converted to a Byte value".format(type(value))) from None


def check_type_bits(value: "Any") -> "int":
    """A size in bits such as 10Mb. Raises TypeError."""
    try:
        return human_to_bytes(value, isbits=True)
    except ValueError:
        raise TypeError("{} cannot be converted to a Bit value".format(type(value))) from None


def check_type_jsonarg(value: "Any") -> "str":
    """JSON text. Raises TypeError."""
    if isinstance(value, (str, bytes)):
        return value.strip()  # type: ignore[return-value]
    if isinstance(value, (list, tuple, dict)):
        return jsonify(value)
    raise TypeError("{} cannot be converted to a json string".format(type(value)))


def check_type_mode(value: "Any") -> "Any":
    """A file's mode, as it is."""
    return value


DEFAULT_TYPE_VALIDATORS = {
    "str": check_type_str,
    "list": check_type_list,
    "dict": check_type_dict,
    "bool": check_type_bool,
    "int": check_type_int,
    "float": check_type_float,
    "path": check_type_path,
    "raw": check_type_raw,
    "jsonarg": check_type_jsonarg,
    "json": check_type_jsonarg,
    "bytes": check_type_bytes,
    "bits": check_type_bits,
}  # type: dict[str, Any]


def _found_in(context: "Any") -> "str":
    return " found in " + " -> ".join(context) if context else ""


def _set_in(name: "str", parameters: "Any") -> "bool":
    return parameters.get(name) is not None


def count_terms(terms: "Any", parameters: "Any") -> "int":
    """How many of these names are set."""
    wanted = {terms} if isinstance(terms, str) else set(terms)
    return len(wanted.intersection(parameters))


def check_mutually_exclusive(terms: "Any", parameters: "Any", options_context: "Any" = None) -> "list[Any]":
    """Raises TypeError where more than one of a group is set."""
    groups = [terms] if terms and isinstance(terms[0], str) else terms or []
    broken = [group for group in groups if count_terms(group, parameters) > 1]
    if broken:
        text = ", ".join("|".join(group) for group in broken)
        raise TypeError("parameters are mutually exclusive: {}{}".format(text, _found_in(options_context)))
    return broken


def check_required_one_of(terms: "Any", parameters: "Any", options_context: "Any" = None) -> "list[Any]":
    """Raises TypeError where none of a group is set."""
    groups = [terms] if terms and isinstance(terms[0], str) else terms or []
    for group in groups:
        if not count_terms(group, parameters):
            text = "one of the following is required: {}".format(", ".join(group))
            raise TypeError(text + _found_in(options_context))
    return []


def check_required_together(terms: "Any", parameters: "Any", options_context: "Any" = None) -> "list[Any]":
    """Raises TypeError where only a part of a group is set."""
    groups = [terms] if terms and isinstance(terms[0], str) else terms or []
    for group in groups:
        if 0 < len([name for name in group if name in parameters]) < len(group):
            text = "parameters are required together: {}".format(", ".join(group))
            raise TypeError(text + _found_in(options_context))
    return []


def check_required_by(requirements: "Any", parameters: "Any", options_context: "Any" = None) -> "dict[str, Any]":
    """Raises TypeError where an option is set and one that it needs is not."""
    broken = {}  # type: dict[str, Any]
    for name, needs in (requirements or {}).items():
        if _set_in(name, parameters):
            wanted = [needs] if isinstance(needs, str) else needs
            missing = [need for need in wanted if not _set_in(need, parameters)]
            if missing:
                text = "missing parameter(s) required by '{}': {}".format(name, ", ".join(missing))
                raise TypeError(text + _found_in(options_context))
            broken[name] = []
    return broken


def check_required_arguments(argument_spec: "Any", parameters: "Any", options_context: "Any" = None) -> "list[str]":
    """Raises TypeError where a required option is missing."""
    missing = [name for name, one in (argument_spec or {}).items() if one.get("required") and name not in parameters]
    if missing:
        text = "missing required arguments: {}".format(", ".join(sorted(missing)))
        raise TypeError(text + _found_in(options_context))
    return missing


def check_required_if(requirements: "Any", parameters: "Any", options_context: "Any" = None) -> "list[Any]":
    """Raises TypeError where an option has a value that asks for others."""
    for requirement in requirements or ():
        key, value, needs = requirement[:3]
        any_of = len(requirement) > 3 and bool(requirement[3])
        if parameters.get(key) != value or key not in parameters:
            continue
        missing = [name for name in needs if not count_terms(name, parameters)]
        if len(missing) > (len(needs) - 1 if any_of else 0):
            text = "{} is {} but {} of the following are missing: {}".format(
                key, value, "any" if any_of else "all", ", ".join(missing)
            )
            raise TypeError(text + _found_in(options_context))
    return []


def check_missing_parameters(parameters: "Any", required_parameters: "Any" = None) -> "list[str]":
    """Raises TypeError where one of these has no value."""
    missing = [name for name in required_parameters or () if not parameters.get(name)]
    if missing:
        raise TypeError("missing required arguments: {}".format(", ".join(missing)))
    return missing


def safe_eval(value: "Any", locals: "Any" = None, include_exceptions: "bool" = False) -> "Any":
    """The Python literal that a text is, else the text."""
    from ast import literal_eval

    try:
        found, error = (literal_eval(value) if isinstance(value, str) else value), None
    except (ValueError, SyntaxError) as wrong:
        found, error = value, wrong
    return (found, error) if include_exceptions else found
