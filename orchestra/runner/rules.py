"""The rules between a module's options; broken ones are told in the words that playbooks look for in a `msg`."""

from orchestra.runner.options import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def _names(names: "Any") -> "str":
    return ", ".join(names)


def broken_rules(options: "type", bound: "Any") -> "Iterator[Problem]":
    """The rules between options: REQUIRED_ONE_OF, MUTUALLY_EXCLUSIVE, REQUIRED_TOGETHER, REQUIRED_IF, REQUIRED_BY."""
    for name, hold in (
        ("REQUIRED_ONE_OF", _one_of),
        ("MUTUALLY_EXCLUSIVE", _exclusive),
        ("REQUIRED_TOGETHER", _together),
        ("REQUIRED_BY", _required_by),
        ("REQUIRED_IF", _required_if),
    ):
        for rule in getattr(options, name, ()):
            text = hold(bound, rule)
            if text:
                yield Problem("", text)


def _one_of(bound: "Any", names: "Any") -> "str | None":
    return None if any(name in bound._given for name in names) else "one of the following is required: " + _names(names)


def _exclusive(bound: "Any", names: "Any") -> "str | None":
    found = [name for name in names if name in bound._given]
    return "parameters are mutually exclusive: " + "|".join(found) if len(found) > 1 else None


def _together(bound: "Any", names: "Any") -> "str | None":
    found = [name for name in names if name in bound._given]
    return "parameters are required together: " + _names(names) if 0 < len(found) < len(names) else None


def _required_by(bound: "Any", rule: "Any") -> "str | None":
    name, needed = rule
    missing = [one for one in needed if one not in bound._given]
    if name not in bound._given or not missing:
        return None
    return "missing parameter(s) required by '{}': {}".format(name, _names(missing))


def _required_if(bound: "Any", rule: "Any") -> "str | None":
    """A rule is (option, value, names) or (option, value, names, True) where one of the names is enough."""
    name, value, names = rule[:3]
    attribute = type(bound)._attributes[name]
    if getattr(bound, attribute) != value:
        return None
    missing = [one for one in names if getattr(bound, type(bound)._attributes[one]) is None]
    any_will_do = len(rule) > 3 and rule[3]
    if not missing or (any_will_do and len(missing) < len(names)):
        return None
    text = "{} is {} but {} of the following are missing: {}"
    return text.format(name, value, "any" if any_will_do else "all", _names(missing))
