"""Pages of the plugins that are built in: filters, tests and lookups say it themselves, the rest stands here."""

from __future__ import annotations

import inspect
from collections import ChainMap
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from orchestra.plugins.manual import Manual

_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "become": {
        "doas": "Become another user by OpenBSD's doas.",
        "su": "Become another user by su.",
        "sudo": "Become another user by sudo.",
    },
    "cache": {
        "jsonfile": "Keep facts as JSON files in a folder.",
        "memory": "Keep facts for the run alone.",
        "redis": "Keep facts in a Redis server.",
        "yaml": "Keep facts as YAML files in a folder.",
    },
    "callback": {
        "junit": "Write what tasks did as a JUnit report.",
        "log_plays": "Write each host's results into a file of its own.",
        "profile_roles": "Tell how long each role took.",
        "profile_tasks": "Tell how long each task took.",
        "timer": "Tell how long the run took.",
        "tree": "Write each host's last result into a file of its own.",
    },
    "connection": {
        "local": "Run tasks on the controller itself.",
        "paramiko": "Reach hosts by SSH, through paramiko.",
        "ssh": "Reach hosts by SSH, one connection for each host and run.",
    },
    "inventory": {
        "advanced_host_list": "Hosts from the command line, with ranges.",
        "constructed": "Groups and variables by conditions and templates over what other sources gave.",
        "generator": "Hosts and groups by templates over every combination of some layers.",
        "host_list": "Hosts from the command line.",
        "ini": "Hosts, groups and variables from an INI file.",
        "script": "Hosts, groups and variables that a program prints as JSON.",
        "toml": "Hosts, groups and variables from a TOML file.",
        "yaml": "Hosts, groups and variables from a YAML file.",
    },
    "strategy": {
        "debug": "As linear, with the debugger at each failure.",
        "free": "Each host goes through the tasks as fast as it can.",
        "host_pinned": "As free, with no more hosts at once than forks say; each to its end.",
        "linear": "All hosts do a task before any begins the next.",
    },
    "vars": {"host_group_vars": "Variables from the files of group_vars and host_vars."},
}


def ours(kind: str) -> dict[str, Manual]:
    """Every built-in plugin of a kind, by its short name."""
    callables = {"filter": _filters, "test": _tests, "lookup": _lookups}.get(kind)
    if callables is not None:
        return {name: _of(kind, name, func) for name, func in callables().items()}
    found = {}
    for name, sentence in _SENTENCES.get(kind, {}).items():
        doc: dict[str, Any] = {"short_description": sentence, "description": [sentence]}
        if (kind, name) == ("connection", "ssh"):
            from orchestra.settings.plugintext import ssh_options

            doc["options"] = ssh_options()
        found[name] = Manual(kind, name, "", doc)
    return found


def _filters() -> Mapping[str, Callable[..., Any]]:
    from jinja2.filters import FILTERS

    from orchestra.templating.registry import our_filters, rare_filters

    return dict(ChainMap(our_filters(), rare_filters(), cast("dict[str, Callable[..., Any]]", FILTERS)))


def _tests() -> Mapping[str, Callable[..., Any]]:
    from jinja2.tests import TESTS

    from orchestra.templating.registry import our_tests, rare_tests

    return dict(ChainMap(our_tests(), rare_tests(), cast("dict[str, Callable[..., Any]]", TESTS)))


def _lookups() -> Mapping[str, Callable[..., Any]]:
    from orchestra.templating.lookups.registry import our_lookups

    return our_lookups()


def _of(kind: str, name: str, func: Callable[..., Any]) -> Manual:
    """What a function's docstring says; where several share a function, all have it."""
    func = func.func if isinstance(func, partial) else func
    paragraphs = (inspect.getdoc(func) or "").split("\n\n")
    said = [" ".join(paragraph.split()) for paragraph in paragraphs]
    path = "Jinja2" if func.__module__.startswith("jinja2") else ""
    if not said[0]:
        return Manual(kind, name, path, {})
    return Manual(kind, name, path, {"short_description": said[0], "description": said})
