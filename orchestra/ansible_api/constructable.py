"""Variables and groups that an inventory makes of expressions over hosts' variables: compose, groups, keyed_groups.

An expression that can not be evaluated is passed over, unless the plugin is strict. Knows no plugin and no option.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestra.ansible_api.errors import AnsibleParserError
from orchestra.ansible_api.inventorydata import InventoryData
from orchestra.ansible_api.templates import Templar
from orchestra.model.origin import LocatedDict, Origin, origin_of


class Composer:
    """Evaluates expressions and puts what comes out into an inventory."""

    def __init__(
        self, inventory: InventoryData, templar: Callable[[], Templar], group_name: Callable[[str], str]
    ) -> None:
        self._inventory = inventory
        self._templar = templar
        self._group_name = group_name

    def value(self, expression: Any, variables: Mapping[str, Any]) -> Any:
        """The value of an expression over ``variables``."""
        templar = self._templar()
        templar.available_variables = variables
        return templar.evaluate_expression(expression)

    def set_variables(self, compose: Any, variables: Mapping[str, Any], host: str, *, strict: bool) -> None:
        """Give a host a variable for each expression.

        Raises:
            AnsibleParserError: strict, and an expression fails.
        """
        for name, expression in compose.items() if isinstance(compose, Mapping) else ():
            try:
                value = self.value(expression, variables)
            except Exception as error:
                _refuse(strict, f"compose: the variable '{name}' of host {host}: {error}", _place(compose, name), error)
                continue
            self._inventory.set_variable(host, name, value, passed=variables.values())

    def add_to_groups(self, groups: Any, variables: Mapping[str, Any], host: str, *, strict: bool) -> None:
        """Put a host into those groups whose condition holds.

        Raises:
            AnsibleParserError: strict, and a condition fails.
        """
        templar = self._templar()
        templar.available_variables = variables
        for name, condition in groups.items() if isinstance(groups, Mapping) else ():
            try:
                holds = templar.evaluate_conditional(condition)
            except Exception as error:
                _refuse(strict, f"groups: '{name}' for host {host}: {error}", _place(groups, name), error)
                continue
            if holds:
                self._inventory.add_child(self._inventory.add_group(self._group_name(str(name))), host)

    def add_to_keyed_groups(
        self, keys: Any, variables: Mapping[str, Any], host: str, *, strict: bool, leading: bool
    ) -> None:
        """Put a host into groups that are named by the values of expressions.

        Raises:
            AnsibleParserError: an entry is none, or strict and its expression fails or gives nothing.
        """
        for entry in keys if isinstance(keys, list) else ():
            if not entry or not isinstance(entry, Mapping):
                raise AnsibleParserError(f"an entry of keyed_groups is a mapping with a key, not {entry!r}", obj=keys)
            _Keyed(self, entry, host, strict, leading).add(variables)

    def join(self, host: str, name: str, parent: str) -> None:
        """Put a host into a group, and that below a parent if there is one."""
        group = self._inventory.add_group(self._group_name(name))
        self._inventory.add_host(host, group)
        if parent:
            above = self._inventory.add_group(self._group_name(parent))
            self._inventory.add_child(above, group)

    def rendered(self, text: Any) -> Any:
        """A template's value over the variables of the last expression; None for a value to omit."""
        found = self._templar().template([text])
        return found[0] if found else None


class _Keyed:
    """One entry of keyed_groups for one host."""

    def __init__(self, composer: Composer, entry: Mapping[str, Any], host: str, strict: bool, leading: bool) -> None:
        self._composer = composer
        self._entry = entry
        self._host = host
        self._strict = strict
        self._leading = leading
        self._default = entry.get("default_value")
        self._separator = str(entry.get("separator", "_"))
        if self._default is not None and entry.get("trailing_separator") is not None:
            raise AnsibleParserError(
                "of default_value and trailing_separator a keyed group has one",
                obj=_place(entry, "trailing_separator"),
            )

    def add(self, variables: Mapping[str, Any]) -> None:
        """Join the groups that the expression's value names."""
        try:
            key = self._composer.value(self._entry.get("key"), variables)
        except Exception as error:
            self._refuse(f"the key {self._entry.get('key')!r} of host {self._host}: {error}", "key", error)
            return
        use_default = _is_nothing(key) and self._default is not None
        if not key and not use_default:
            if key != [] and key != {}:
                self._refuse(f"the key {self._entry.get('key')!r} of host {self._host} gives nothing", "key")
            return
        try:
            parent = self._composer.rendered(self._entry.get("parent_group"))
        except Exception as error:
            self._refuse(f"the parent group of host {self._host}: {error}", "parent_group", error)
            return
        prefix = str(self._entry.get("prefix", ""))
        separator = self._separator if prefix or self._leading else ""
        for name in [self._default] if use_default else self._names(key):
            self._composer.join(self._host, f"{prefix}{separator}{name}", parent)

    def _names(self, key: Any) -> list[Any]:
        """The groups' names, without prefix."""
        if isinstance(key, str):
            return [key]
        if isinstance(key, (list, tuple)):
            return [self._default if _is_nothing(item) and self._default is not None else item for item in key]
        if isinstance(key, Mapping):
            return [self._pair(str(name), value) for name, value in key.items()]
        raise AnsibleParserError(
            f"a keyed group's key is a text, a list or a mapping, not {key!r}", obj=_place(self._entry, "key")
        )

    def _pair(self, name: str, value: Any) -> str:
        if _is_nothing(value):
            if self._default is not None:
                value = self._default
            elif self._entry.get("trailing_separator") is False:
                return name
        return f"{name}{self._separator}{value}"

    def _refuse(self, text: str, part: str, error: Exception | None = None) -> None:
        _refuse(self._strict, f"keyed_groups: {text}", _place(self._entry, part), error)


def _is_nothing(value: Any) -> bool:
    """Whether a ``default_value`` stands in for a value."""
    return value is None or value == ""


def _refuse(strict: bool, text: str, place: Origin | None, error: Exception | None) -> None:
    if strict:
        raise AnsibleParserError(text, obj=place) from error


def _place(values: Any, name: str) -> Origin | None:
    """Where a value of a configuration stands."""
    if isinstance(values, LocatedDict):
        return values.value_origins.get(name) or values.origin
    return origin_of(values)
