"""Results without what is for inner use: ``ansible.vars.clean``."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any


def module_response_deepcopy(v: Any) -> Any:
    """A copy all through."""
    return copy.deepcopy(v)


def strip_internal_keys(dirty: Any, exceptions: Sequence[str] = ()) -> Any:
    """Take out, all through, the keys that begin with ``_ansible_``; in place."""
    if isinstance(dirty, list):
        for item in dirty:
            strip_internal_keys(item, exceptions)
    elif isinstance(dirty, dict):
        for key in list(dirty):
            if str(key).startswith("_ansible_") and key not in exceptions:
                del dirty[key]
            else:
                strip_internal_keys(dirty[key], exceptions)
    return dirty


def remove_internal_keys(data: dict[str, Any]) -> None:
    """Take out keys for inner use of one level; in place."""
    for key in list(data):
        if key.startswith("_ansible_") and key != "_ansible_parsed":
            del data[key]


def clean_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts without those that would steer a connection."""
    barred = ("ansible_connection", "ansible_host", "ansible_user", "ansible_port", "ansible_python_interpreter")
    return {key: value for key, value in facts.items() if key not in barred and not key.startswith("ansible_become")}
