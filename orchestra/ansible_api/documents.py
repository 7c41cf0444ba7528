"""What a plugin declares of itself: the options in its DOCUMENTATION, with those of the fragments that it extends.

A fragment is named as in Ansible: ``constructed``, ``my.collection.auth``, or either with ``.SECTION`` behind it. Those
that ansible-core has are in ``fragments``; a project's own come from the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from orchestra.ansible_api.fragments import FRAGMENTS

Options = dict[str, Mapping[str, Any]]
#: A fragment's documentation as text, by its name and the section of it; None where there is none.
FindFragment = Callable[[str, str], "str | None"]


def options_of(module: ModuleType | None, find: FindFragment | None = None) -> Options:
    """The options that a loaded plugin's file declares."""
    return declared_options(getattr(module, "DOCUMENTATION", ""), find)


def declared_options(documentation: Any, find: FindFragment | None = None) -> Options:
    """The options that a plugin's documentation declares; none where it is no documentation.

    What the plugin says itself wins over its fragments, option by option and key by key.
    """
    read = read_documentation(documentation)
    options: Options = {}
    for name in reversed(_names(read.get("extends_documentation_fragment"))):
        options = _joined(options, _fragment(name, find))
    return _joined(options, _options(read))


def _fragment(name: str, find: FindFragment | None) -> Options:
    bare = name.removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")
    if bare in FRAGMENTS:
        return dict(FRAGMENTS[bare])
    if find is None:
        return {}
    base, dot, section = name.rpartition(".")
    text = find(name, "DOCUMENTATION") or (find(base, section.upper()) if dot else None)
    return declared_options(text, find) if text else {}


def _joined(below: Options, above: Options) -> Options:
    joined = dict(below)
    for name, option in above.items():
        joined[name] = {**below.get(name, {}), **option}
    return joined


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        return [name.strip() for name in value.split(",") if name.strip()]
    return [str(name) for name in value] if isinstance(value, list) else []


def _options(read: Mapping[str, Any]) -> Options:
    options = read.get("options")
    if not isinstance(options, dict):
        return {}
    return {str(name): option if isinstance(option, dict) else {} for name, option in options.items()}


def read_documentation(documentation: Any) -> Mapping[str, Any]:
    """The mapping in a text of documentation; an empty one where it is none."""
    import yaml

    if not isinstance(documentation, str) or not documentation.strip():
        return {}
    try:
        read = yaml.safe_load(documentation)
    except yaml.YAMLError:
        return {}
    return read if isinstance(read, dict) else {}
