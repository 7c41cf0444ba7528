"""Validation without a module: Ansible's `common.arg_spec`."""

from orchestra.runner.foreign.arguments import Binder, Rules, env_fallback
from orchestra.runner.foreign.faults import AnsibleValidationErrorMultiple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["ArgumentSpecValidator", "ModuleArgumentSpecValidator", "ValidationResult", "env_fallback"]


class ValidationResult:
    """What a validation found."""

    def __init__(self, parameters: "dict[str, Any]") -> "None":
        self.validated_parameters = dict(parameters)
        self.errors = AnsibleValidationErrorMultiple()
        self._no_log_values = set()  # type: set[str]
        self._unsupported_parameters = set()  # type: set[str]

    error_messages = property(lambda self: self.errors.messages)  # type: Any
    unsupported_parameters = property(lambda self: self._unsupported_parameters)


class ArgumentSpecValidator:
    """Holds values against one argument_spec."""

    def __init__(self, argument_spec: "dict[str, Any]", *rest: "Any", **rules: "Any") -> "None":
        self.argument_spec = argument_spec
        names = ("mutually_exclusive", "required_together", "required_one_of", "required_if", "required_by")
        rules.update(zip(names, rest))
        self._rules = Rules(**rules)

    def validate(self, parameters: "dict[str, Any]", *args: "Any", **kwargs: "Any") -> "ValidationResult":
        """Check and complete values; nothing is raised."""
        result = ValidationResult(parameters)
        binder = Binder()
        binder.bind(self.argument_spec, result.validated_parameters, self._rules, [])
        for fault in binder.everything():
            result.errors.append(fault)
        result._no_log_values = binder.secrets
        result._unsupported_parameters = {name for name, _ in binder.unsupported}
        return result


ModuleArgumentSpecValidator = ArgumentSpecValidator
