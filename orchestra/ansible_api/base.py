"""What every plugin has: options declared in its documentation. ``ansible.plugins``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from orchestra.ansible_api.current import current
from orchestra.ansible_api.errors import AnsibleOptionsError
from orchestra.runner.foreign.validation import DEFAULT_TYPE_VALIDATORS

_TYPES = {"boolean": "bool", "integer": "int", "string": "str", "dictionary": "dict", "tmppath": "path", "tmp": "path"}
_PATHS = {"pathlist": ",", "pathspec": os.pathsep}


class AnsiblePlugin:
    """Options come from the call, variables, the environment, the configuration file, the declared default."""

    _load_name = ""
    _declared: Mapping[str, Any]

    def introduce(self, name: str, module: ModuleType) -> None:
        """Say under which name the plugin was found, and in which file: its documentation declares its options."""
        self._load_name = name
        self._given: dict[str, Any] = {}
        self._variables: Mapping[str, Any] = {}
        self._declared = declared_options(getattr(module, "DOCUMENTATION", ""))

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        """Take variables and options of the call."""
        self._variables = var_options or {}
        self._given = dict(direct or {})
        for name, option in self._declared.items():
            if option.get("required") and name[0] != "_" and self.get_option(name) is None:
                raise AnsibleOptionsError(f"missing required option '{name}' of the plugin '{self._load_name}'")

    def set_option(self, option: str, value: Any, hostvars: Any = None) -> None:
        """Give one option a value."""
        self._given[option] = value

    def get_option(self, option: str, hostvars: Any = None) -> Any:
        """An option's value. Raises KeyError for one that is not declared."""
        if option not in self._declared:
            if option in self._given:
                return self._given[option]
            raise KeyError(f"the plugin '{self._load_name}' has no option '{option}'")
        return _typed(self._declared[option], self._value(option, self._declared[option]), option)

    def get_options(self, hostvars: Any = None) -> dict[str, Any]:
        """Every declared option."""
        return {name: self.get_option(name) for name in self._declared}

    def has_option(self, option: str) -> bool:
        """Whether an option is declared."""
        return option in self._declared

    def _value(self, name: str, option: Mapping[str, Any]) -> Any:
        for known in (name, *option.get("aliases", ())):
            if self._given.get(known) is not None:
                return self._given[known]
        for source in option.get("vars") or ():
            if source["name"] in self._variables:
                return self._variables[source["name"]]
        for source in option.get("env") or ():
            if source["name"] in os.environ:
                return os.environ[source["name"]]
        run = current()
        for source in option.get("ini") or ():
            found = run.from_file(source["section"], source["key"]) if run is not None else None
            if found is not None:
                return found
        return option.get("default")


def declared_options(documentation: Any) -> Mapping[str, Any]:
    """The options that a plugin's documentation declares; none where it is no documentation."""
    import yaml

    if not isinstance(documentation, str) or not documentation.strip():
        return {}
    try:
        read = yaml.safe_load(documentation)
    except yaml.YAMLError:
        return {}
    options = read.get("options") if isinstance(read, dict) else None
    return {name: one or {} for name, one in options.items()} if isinstance(options, dict) else {}


def _typed(option: Mapping[str, Any], value: Any, name: str) -> Any:
    kind = option.get("type")
    if value is None or kind is None:
        return value
    if kind in _PATHS:
        return value.split(_PATHS[kind]) if isinstance(value, str) else value
    convert = DEFAULT_TYPE_VALIDATORS.get(_TYPES.get(kind, kind))
    try:
        return convert(value) if convert is not None else value
    except (TypeError, ValueError) as error:
        raise AnsibleOptionsError(f"the option '{name}' is wrong: {error}") from error
