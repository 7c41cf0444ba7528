"""Lookups of what the run knows: variables, settings, environment, hosts by pattern; and drawn text."""

from __future__ import annotations

import fnmatch
import os
import random
import re
import string
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2.utils import missing

from orchestra.errors import OrchestraError, TemplateError
from orchestra.templating.faults import type_name
from orchestra.templating.lookups.call import Lookup, LookupCall
from orchestra.templating.marker import Marker, Tripped


def env(call: LookupCall) -> Sequence[Any]:
    """Environment variables of the controller; ``default`` (which may be undef()) where one is not set."""
    found: list[Any] = []
    for term in call.terms:
        if isinstance(term, Marker):
            raise Tripped(term)
        name = str(term).split()[0] if str(term).strip() else ""
        value = os.environ.get(name, call.options.get("default", ""))
        if isinstance(value, Marker):
            value = Marker(f"The environment variable '{name}' is not set.")
        found.append("" if value is None else value)
    return found


def variables(call: LookupCall) -> Sequence[Any]:
    """The values of variables, by their names."""
    found: list[Any] = []
    for name in call.terms:
        if not isinstance(name, str):
            raise TemplateError(f"Variable name must be 'str' not '{type_name(name)}'.")
        value = call.scope.values[name] if name in call.scope.variables else missing
        if value is missing:
            default = call.option("default")
            value = Marker(f"No variable named '{name}' was found.") if default is None else default
        found.append(value)
    return found


def variable_names(call: LookupCall) -> Sequence[Any]:
    """The names of variables that match a regular expression."""
    names = list(call.scope.names())
    found: list[Any] = []
    for pattern in call.terms:
        if not isinstance(pattern, str):
            raise TemplateError(f'Invalid setting identifier, "{pattern}" is not a string, it is a {type(pattern)}')
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise TemplateError(f'Unable to use "{pattern}" as a search parameter: {error}') from None
        found.extend(name for name in names if compiled.search(name))
    return found


def config(call: LookupCall) -> Sequence[Any]:
    """Values of the configuration, by Ansible's names."""
    if bool(call.option("plugin_type")) is not bool(call.option("plugin_name")):
        raise TemplateError("Both plugin_type and plugin_name are required, cannot use one without the other")
    on_missing = call.text("on_missing", "error")
    if on_missing not in ("error", "warn", "skip"):
        raise TemplateError(f"Invalid value '{on_missing}' for on_missing", hint="there are error, warn and skip")
    found: list[Any] = []
    for name in call.terms:
        if not isinstance(name, str):
            raise TemplateError(f"Invalid setting identifier, {name} is not a {str}, its a {type(name)}.")
        try:
            found.append(_setting(call, name))
        except (KeyError, OrchestraError) as error:
            if on_missing == "error":
                raise TemplateError(f"No config definition exists for '{name}'.") from error
            if on_missing == "warn":
                call.scope.lookups.warn(f"Skipping {name}: there is no such setting.")
    return found


def _setting(call: LookupCall, name: str) -> Any:
    lookups, kind = call.scope.lookups, call.text("plugin_type", "")
    if not kind:
        return lookups.setting(name)
    return lookups.plugin_setting(kind, call.text("plugin_name", ""), name, call.scope.view())


def inventory_hostnames(call: LookupCall) -> Sequence[Any]:
    """The hosts that patterns name, as ``hosts:`` of a play does."""
    groups: Mapping[str, Sequence[str]] = call.scope.get("groups", {})
    everybody = list(groups.get("all", ()))
    parts = [part for term in call.texts() for part in re.split(r"[,:](?![^\[]*\])", term) if part]
    chosen: list[str] = []
    for part in sorted(parts, key=lambda part: "&!".find(part[0])):
        matched = _hosts_of(part.lstrip("!&"), groups, everybody)
        if part[0] == "!":
            chosen = [host for host in chosen if host not in matched]
        elif part[0] == "&":
            chosen = [host for host in chosen if host in matched]
        else:
            chosen.extend(host for host in matched if host not in chosen)
    return chosen


def _hosts_of(pattern: str, groups: Mapping[str, Sequence[str]], everybody: list[str]) -> list[str]:
    subscript = re.fullmatch(r"(.+?)\[(-?\d+)(?:([:-])(-?\d*))?\]", pattern)
    if subscript and subscript[1] in groups:
        members = list(groups[subscript[1]])
        first = int(subscript[2])
        if subscript[3] is None:
            return members[first:][:1]
        last = int(subscript[4]) + 1 if subscript[4] else len(members)
        return members[first : last or None]
    test = re.compile(pattern[1:]).match if pattern.startswith("~") else re.compile(fnmatch.translate(pattern)).match
    found = [host for name, members in groups.items() if test(name) for host in members]
    found.extend(host for host in everybody if test(host))
    return list(dict.fromkeys(found))


_CHARACTER_SETS = {
    "upper": string.ascii_uppercase,
    "lower": string.ascii_lowercase,
    "numbers": string.digits,
    "special": string.punctuation,
}


def random_string(call: LookupCall) -> Sequence[Any]:
    """Drawn text, with at least so many characters of each kind."""
    import base64

    length = call.number("length", 8) or 0
    seed = call.option("seed")
    source = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - asked to be repeatable
    sets = _chosen_sets(call)
    drawn: list[str] = []
    for name in sets:
        option = "min_numeric" if name == "numbers" else f"min_{name}"
        drawn.extend(source.choice(sets[name] or _CHARACTER_SETS[name]) for _ in range(call.number(option, 0) or 0))
    alphabet = "".join(sets.values())
    if not alphabet:
        raise TemplateError("no characters are left to draw from")
    drawn.extend(source.choice(alphabet) for _ in range(length - len(drawn)))
    source.shuffle(drawn)
    text = "".join(drawn)
    return [base64.b64encode(text.encode()).decode() if call.flag("base64") else text]


def _chosen_sets(call: LookupCall) -> dict[str, str]:
    sets = {name: chars if call.flag(name, True) else "" for name, chars in _CHARACTER_SETS.items()}
    if call.flag("special", True) and call.option("override_special"):
        sets["special"] = call.text("override_special")
    if call.option("override_all"):
        return dict.fromkeys(sets, "") | {"lower": call.text("override_all")}
    dropped = call.text("similar_chars", "il1LoO0") if call.flag("ignore_similar_chars") else ""
    return {name: "".join(char for char in chars if char not in dropped) for name, chars in sets.items()}


LOOKUPS: dict[str, Lookup] = {
    "env": env,
    "vars": variables,
    "varnames": variable_names,
    "config": config,
    "inventory_hostnames": inventory_hostnames,
    "random_string": random_string,
}
