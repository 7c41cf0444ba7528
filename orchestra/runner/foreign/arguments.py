"""Holds what a task gave against an argument_spec: aliases, fallbacks, types, choices, rules, sub-options, defaults.

Ansible's `common.parameters`, as far as modules see it.
"""

import os

from orchestra.runner.foreign import validation
from orchestra.runner.foreign.faults import (
    AnsibleFallbackNotFound,
    AnsibleValidationError,
    ArgumentTypeError,
    ArgumentValueError,
    MutuallyExclusiveError,
    RequiredError,
    UnsupportedError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PASS_VARS = {}  # type: dict[str, Any]
#: Options that every module with add_file_common_args=True has.
FILE_COMMON_ARGUMENTS = {
    "mode": {"type": "raw"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "seuser": {"type": "str"},
    "serole": {"type": "str"},
    "selevel": {"type": "str"},
    "setype": {"type": "str"},
    "attributes": {"type": "str", "aliases": ["attr"]},
}  # type: dict[str, dict[str, Any]]
_RULES = ("mutually_exclusive", "required_together", "required_one_of", "required_if", "required_by")


def env_fallback(*args: "str", **kwargs: "Any") -> "str":
    """The first of these environment variables. Raises AnsibleFallbackNotFound."""
    for name in args:
        if name in os.environ:
            return os.environ[name]
    raise AnsibleFallbackNotFound


FILE_COMMON_ARGUMENTS["unsafe_writes"] = {
    "type": "bool",
    "default": False,
    "fallback": (env_fallback, ["ANSIBLE_UNSAFE_WRITES"]),
}


class Rules:
    """The rules between the options of one spec."""

    def __init__(self, **rules: "Any") -> "None":
        self.rules = {name: rules.get(name) for name in _RULES}

    def hold(self, name: "str", params: "dict[str, Any]", context: "list[str]") -> "None":
        """Raises AnsibleValidationError where a rule is broken."""
        check = getattr(validation, "check_" + name)  # type: Callable[..., Any]
        kind = MutuallyExclusiveError if name == "mutually_exclusive" else RequiredError
        try:
            check(self.rules[name], params, context)
        except TypeError as error:
            raise kind(str(error)) from None


class Binder:
    """Binds values to one spec; what it learns on the way (secrets, aliases, faults) stays with it."""

    def __init__(self) -> "None":
        self.secrets = set()  # type: set[str]
        self.unsupported = []  # type: list[tuple[str, list[str]]]
        self.deprecations = []  # type: list[dict[str, Any]]
        self.warnings = []  # type: list[str]
        #: Everything that is wrong, in the order it was found.
        self.faults = []  # type: list[AnsibleValidationError]

    def bind(
        self, spec: "dict[str, dict[str, Any]]", params: "dict[str, Any]", rules: "Rules", context: "list[str]"
    ) -> "None":
        """Make `params` complete and typed, in place; what is wrong is added to `faults`."""
        self._fall_back(spec, params)
        known = self._aliases(spec, params)
        self._note(spec, params)
        names = sorted(known[key] for key in known)
        self.unsupported += [(".".join([*context, key]), names) for key in params if key not in known]
        self._try(rules.hold, "mutually_exclusive", params, context)
        self._defaults(spec, params, False)
        self._try(_require, spec, params, context)
        for name, one in spec.items():
            if name in params and (params[name] is not None or _must_be(one)):
                self._try(self._convert, name, one, params, context)
        for name, one in spec.items():
            if params.get(name) is not None:
                self._try(_chosen, name, one, params, context)
        for rule in _RULES[1:]:
            self._try(rules.hold, rule, params, context)
        self._defaults(spec, params, True)
        for name, one in spec.items():
            self._inner(name, one, params, context)

    def _try(self, check: "Callable[..., None]", *args: "Any") -> "None":
        try:
            check(*args)
        except AnsibleValidationError as error:
            self.faults.append(error)

    def _convert(self, name: "str", one: "dict[str, Any]", params: "dict[str, Any]", context: "list[str]") -> "None":
        params[name] = _typed(name, one, params[name], context)
        if (one.get("type") or "str") == "list" and one.get("elements"):
            items = []  # type: list[Any]
            for item in params[name]:
                try:
                    items.append(_element(name, one["elements"], item, context))
                except AnsibleValidationError as error:
                    self.faults.append(error)
            params[name] = items

    def _fall_back(self, spec: "dict[str, Any]", params: "dict[str, Any]") -> "None":
        for name, one in spec.items():
            strategy = one.get("fallback") or (None,)
            if strategy[0] is None or name in params:
                continue
            args = [arg for arg in strategy[1:] if not isinstance(arg, dict)]
            kwargs = next((arg for arg in strategy[1:] if isinstance(arg, dict)), {})
            try:
                params[name] = strategy[0](*(args[0] if args else ()), **kwargs)
            except AnsibleFallbackNotFound:
                continue

    def _aliases(self, spec: "dict[str, Any]", params: "dict[str, Any]") -> "dict[str, str]":
        """Take over values of aliases. Returns every name that is known, with the words an error shows for it."""
        known = {}
        for name, one in spec.items():
            aliases = list(one.get("aliases") or ())
            known[name] = "{} ({})".format(name, ", ".join(sorted(aliases))) if aliases else name
            for alias in aliases:
                known[alias] = known[name]
                if alias not in params:
                    continue
                if name in params:
                    self.warnings.append("Both option {0} and its alias {1} are set.".format(name, alias))
                params[name] = params[alias]
            for retired in one.get("deprecated_aliases") or ():
                if retired["name"] in params:
                    self._deprecate("Alias '{}' is deprecated. See the module docs for more information", retired)
        return known

    def _deprecate(self, text: "str", what: "dict[str, Any]") -> "None":
        found = {"msg": text.format(what["name"]), "collection_name": what.get("collection_name")}
        found.update({key: what[key] for key in ("version", "date") if what.get(key)})
        self.deprecations.append(found)

    def _note(self, spec: "dict[str, Any]", params: "dict[str, Any]") -> "None":
        for name, one in spec.items():
            value = params.get(name)
            if one.get("no_log") and value:
                self.secrets.update(_texts(value))
            if one.get("removed_in_version") and name in params:
                what = {"name": name, "version": one["removed_in_version"]}
                what["collection_name"] = one.get("removed_from_collection")
                self._deprecate("Param '{}' is deprecated. See the module docs for more information", what)
            elif one.get("removed_at_date") and name in params:
                self._deprecate("Param '{}' is deprecated. See the module docs for more information",
                                {"name": name, "date": one["removed_at_date"]})  # fmt: skip

    def _defaults(self, spec: "dict[str, Any]", params: "dict[str, Any]", last: "bool") -> "None":
        for name, one in spec.items():
            default = one.get("default")
            if name in params or (default is None and not last):
                continue
            if one.get("no_log") and default:
                self.secrets.update(_texts(default))
            params[name] = default

    def _inner(self, name: "str", one: "dict[str, Any]", params: "dict[str, Any]", context: "list[str]") -> "None":
        """Bind sub-options."""
        inner = one.get("options")
        if inner is None:
            return
        value = params.get(name)
        if value is None:
            if not one.get("apply_defaults"):
                return
            value = params[name] = {}
        kind = one.get("type")
        if kind == "dict" or (kind == "list" and one.get("elements") == "dict"):
            rules = Rules(**{rule: one.get(rule) for rule in _RULES})
            for item in value if isinstance(value, (list, tuple)) else [value]:
                if isinstance(item, dict):
                    self.bind(inner, item, rules, [*context, name])
                else:
                    text = "value of '{}' must be of type dict or list of dicts".format(name)
                    self.faults.append(ArgumentTypeError(text))

    def everything(self) -> "list[AnsibleValidationError]":
        """All faults; last the options that no spec has."""
        if not self.unsupported:
            return self.faults
        names = ", ".join(sorted(name for name, _ in self.unsupported))
        known = ", ".join(sorted(set(self.unsupported[0][1])))
        return [*self.faults, UnsupportedError("{}. Supported parameters include: {}.".format(names, known))]


def _require(spec: "dict[str, Any]", params: "dict[str, Any]", context: "list[str]") -> "None":
    try:
        validation.check_required_arguments(spec, params, context)
    except TypeError as error:
        raise RequiredError(str(error)) from None


def _must_be(one: "dict[str, Any]") -> "bool":
    """Whether a value that is null is wrong."""
    return bool(one.get("required")) or one.get("default") is not None


def _converter(wanted: "Any") -> "tuple[Callable[[Any], Any], str]":
    if callable(wanted):
        return wanted, getattr(wanted, "__name__", str(wanted))
    return validation.DEFAULT_TYPE_VALIDATORS[wanted], wanted


def _typed(name: "str", one: "dict[str, Any]", value: "Any", context: "list[str]") -> "Any":
    wanted = one.get("type") or "str"
    if wanted == "list" and isinstance(value, (int, float)) and not isinstance(value, bool):
        value = [value] if one.get("elements") else value
    try:
        convert, label = _converter(wanted)
    except KeyError:
        raise ArgumentTypeError("implementation error: Unknown type {} requested for {}".format(wanted, name)) from None
    try:
        value = convert(value)
    except (TypeError, ValueError) as error:
        if label == "dict" and isinstance(value, str):
            raise ArgumentTypeError(str(error)) from None
        text = "argument '{}' is of type {}{} and we were unable to convert to {}: {}"
        where = " found in '{}'.".format(" -> ".join(context)) if context else ""
        raise ArgumentTypeError(text.format(name, type(value).__name__, where, label, error)) from None
    return value


def _element(name: "str", wanted: "Any", item: "Any", context: "list[str]") -> "Any":
    convert, label = _converter(wanted)
    try:
        return convert(item)
    except (TypeError, ValueError) as error:
        text = "Elements value for option '{}'{} is of type {} and we were unable to convert to {}: {}"
        where = " found in '{}'".format(" -> ".join(context)) if context else ""
        raise ArgumentTypeError(text.format(name, where, type(item).__name__, label, error)) from None


def _chosen(name: "str", one: "dict[str, Any]", params: "dict[str, Any]", context: "list[str]") -> "None":
    choices = one.get("choices")
    if choices is None:
        return
    if not isinstance(choices, (list, tuple, set, frozenset, dict)):
        raise ArgumentTypeError(
            "internal error: choices for argument {} are not iterable: {}".format(name, choices)
        )  # fmt: skip
    value = params[name]
    where = " found in {}".format(" -> ".join(context)) if context else ""
    listed = ", ".join(str(choice) for choice in choices)
    if isinstance(value, list):
        wrong = [str(item) for item in value if item not in choices]
        if wrong:
            text = "value of {} must be one or more of: {}. Got no match for: {}{}"
            raise ArgumentValueError(text.format(name, listed, ", ".join(wrong), where))
        return
    if value not in choices:
        value = params[name] = _read_otherwise(value, choices)
    if value not in choices:
        raise ArgumentValueError("value of {} must be one of: {}, got: {}{}".format(name, listed, value, where))


def _read_otherwise(value: "Any", choices: "Any") -> "Any":
    """YAML reads yes and no as truth values; a choice of that spelling was meant."""
    if str(value) in ("True", "False"):
        same = [choice for choice in choices if isinstance(choice, str)
                and choice.lower() in (("yes", "on", "true", "y", "1") if str(value) == "True"
                                       else ("no", "off", "false", "n", "0"))]  # fmt: skip
        if len(same) == 1:
            return same[0]
    return value


def _texts(value: "Any") -> "set[str]":
    if isinstance(value, dict):
        return set().union(*map(_texts, value.values())) if value else set()
    if isinstance(value, (list, tuple, set)):
        return set().union(*map(_texts, value)) if value else set()
    if value is None or isinstance(value, bool):
        return set()
    return {str(value)} if str(value) else set()


def sanitize_keys(obj: "Any", no_log_strings: "Any", ignore_keys: "Any" = frozenset()) -> "Any":
    """`obj` with secrets removed from its keys."""
    if isinstance(obj, dict):
        return {
            key if key in ignore_keys else remove_values(key, no_log_strings): sanitize_keys(
                value, no_log_strings, ignore_keys
            )
            for key, value in obj.items()
        }
    return [sanitize_keys(item, no_log_strings, ignore_keys) for item in obj] if isinstance(obj, list) else obj


def remove_values(value: "Any", no_log_strings: "Any") -> "Any":
    """`value` without secrets: a whole text that is one is replaced, one within another text is masked."""
    if isinstance(value, str):
        if value in no_log_strings:
            return "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
        for secret in sorted(no_log_strings, key=len, reverse=True):
            value = value.replace(secret, "*" * 8)
        return value
    if isinstance(value, dict):
        return {key: remove_values(item, no_log_strings) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [remove_values(item, no_log_strings) for item in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and str(value) in no_log_strings:
        return "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    return value


def list_no_log_values(argument_spec: "Any", params: "Any") -> "set[str]":
    """The texts behind options that are secret."""
    binder = Binder()
    binder._note(argument_spec, params)
    return binder.secrets


__all__ = ["FILE_COMMON_ARGUMENTS", "AnsibleFallbackNotFound", "AnsibleValidationError", "Binder", "PASS_VARS", "Rules",
           "env_fallback", "list_no_log_values", "remove_values", "sanitize_keys"]  # fmt: skip
