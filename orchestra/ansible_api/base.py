"""What every plugin has: options declared in its documentation. ``ansible.plugins``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from orchestra.ansible_api.current import current
from orchestra.ansible_api.documents import declared_options, options_of
from orchestra.ansible_api.errors import AnsibleOptionsError
from orchestra.model.secret import Sealed
from orchestra.runner.foreign.validation import DEFAULT_TYPE_VALIDATORS

__all__ = ["AnsiblePlugin", "declared_options"]

_TYPES = {"boolean": "bool", "integer": "int", "string": "str", "dictionary": "dict", "tmppath": "path", "tmp": "path"}
_PATHS = {"pathlist": ",", "pathspec": os.pathsep}


class AnsiblePlugin:
    """Options come from the call, variables, keywords, the environment, the configuration, the declared default."""

    allow_extras = False
    _load_name = ""
    _original_path = ""
    ansible_name = ""
    _declared: Mapping[str, Mapping[str, Any]] = {}

    def introduce(self, name: str, module: ModuleType | None, path: str = "") -> None:
        """Say under which name the plugin was found, and in which file: its documentation declares its options."""
        run = current()
        self._load_name = self.ansible_name = name
        self._original_path = path
        self.declare(options_of(module, run.fragment if run is not None else None))

    def declare(self, options: Mapping[str, Mapping[str, Any]]) -> None:
        """Say which options there are; nothing has a value so far."""
        self._declared = options
        self._given: dict[str, Any] = {}
        self._variables: Mapping[str, Any] = {}
        self._keywords: Mapping[str, Any] = {}
        #: The values that were settled by set_options, as plugins look at them.
        self._options: dict[str, Any] = {}

    @property
    def ansible_aliases(self) -> list[str]:
        """The names that the plugin goes by."""
        return [self.ansible_name]

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        """Take keywords of the task, variables and options of the call.

        Raises:
            AnsibleOptionsError: a required option has no value.
        """
        self._variables = var_options or {}
        self._keywords = task_keys or {}
        self._given = dict(direct or {})
        self._options = {}
        for name, option in self._declared.items():
            value = self._value(name, option)
            if option.get("required") and name[0] != "_" and value is None:
                raise AnsibleOptionsError(f"missing required option '{name}' of the plugin '{self._load_name}'")
            self._options[name] = value
        if self.allow_extras:
            self._options.update((name, value) for name, value in self._given.items() if name not in self._options)

    def set_option(self, option: str, value: Any, hostvars: Any = None) -> None:
        """Give one option a value."""
        self._given[option] = self._options[option] = value

    def get_option(self, option: str, hostvars: Any = None) -> Any:
        """An option's value. Raises KeyError for one that is not declared."""
        declared = self._declared.get(option)
        if declared is None:
            for known in (self._options, self._given):
                if option in known:
                    return known[option]
            raise KeyError(f"the plugin '{self._load_name}' has no option '{option}'")
        value = self._options[option] if option in self._options else self._value(option, declared)
        typed = _typed(declared, value, option)
        self._check_choices(option, declared, typed)
        return typed

    def _check_choices(self, name: str, option: Mapping[str, Any], value: Any) -> None:
        choices = option.get("choices")
        if not choices or value is None:
            return
        for one in value if isinstance(value, list) else [value]:
            if one not in choices:
                raise AnsibleOptionsError(
                    f'Invalid value "{one}" for configuration option "{self._load_name}: {name}", '
                    f"valid values are: {', '.join(map(str, choices))}"
                )

    def get_option_and_origin(self, option: str, hostvars: Any = None) -> tuple[Any, str]:
        """An option's value and the kind of place that it comes from."""
        value = self.get_option(option)
        return value, self._found(option, self._declared.get(option, {}))[1]

    def get_options(self, hostvars: Any = None) -> dict[str, Any]:
        """Every declared option."""
        return {name: self.get_option(name) for name in self._declared}

    def has_option(self, option: str) -> bool:
        """Whether an option is declared."""
        return option in self._declared

    def _value(self, name: str, option: Mapping[str, Any]) -> Any:
        return self._found(name, option)[0]

    def _found(self, name: str, option: Mapping[str, Any]) -> tuple[Any, str]:
        """The strongest value, and where it stands; of several places of a kind the last one counts."""
        for known in (name, *option.get("aliases", ())):
            if self._given.get(known) is not None:
                return self._given[known], "Direct"
        for source in reversed(option.get("vars") or ()):
            if source["name"] in self._variables:
                return self._variables[source["name"]], f"var: {source['name']}"
        if self._keywords.get(name) is not None:
            return self._keywords[name], f"keyword: {name}"
        for source in reversed(option.get("env") or ()):
            if source["name"] in os.environ:
                return os.environ[source["name"]], f"env: {source['name']}"
        run = current()
        for source in reversed(option.get("ini") or ()):
            found = run.from_file(source["section"], source["key"]) if run is not None else None
            if found is not None:
                return _unquoted(found, option.get("type")), f"ini: [{source['section']}] {source['key']}"
        return option.get("default"), "default"


def _unquoted(text: Any, kind: Any) -> Any:
    """A file's value without the quotes around it; of a list, around each item."""
    if not isinstance(text, str):
        return text
    if kind == "list":
        return [_bare(item.strip()) for item in text.split(",")]
    return _bare(text) if kind in ("str", "string") else text


def _bare(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _typed(option: Mapping[str, Any], value: Any, name: str) -> Any:
    kind = option.get("type")
    if isinstance(value, Sealed):
        value = value.reveal()
    if value is None or kind is None:
        return value
    if kind in _PATHS:
        return value.split(_PATHS[kind]) if isinstance(value, str) else value
    convert = DEFAULT_TYPE_VALIDATORS.get(_TYPES.get(kind, kind))
    try:
        return convert(value) if convert is not None else value
    except (TypeError, ValueError) as error:
        raise AnsibleOptionsError(f"the option '{name}' is wrong: {error}") from error
