"""Exceptions about options: Ansible's `module_utils.errors`."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class AnsibleFallbackNotFound(Exception):
    """A fallback has no value."""


class AnsibleValidationError(Exception):
    """An option is wrong."""

    def __init__(self, message: "str") -> "None":
        super().__init__(message)
        self.error_message = message
        self.error_type = type(self)

    msg = property(lambda self: self.args[0])  # type: Any


class AnsibleValidationErrorMultiple(AnsibleValidationError):
    """Several at once."""

    def __init__(self, errors: "Any" = None) -> "None":
        self.errors = list(errors or ())

    def __getitem__(self, index: "int") -> "Any":
        return self.errors[index]

    def append(self, error: "Any") -> "None":
        """One more."""
        self.errors.append(error)

    messages = property(lambda self: [error.msg for error in self.errors])  # type: Any
    msg = property(lambda self: self.errors[0].msg)


class AliasError(AnsibleValidationError):
    """Wrong aliases."""


class ArgumentTypeError(AnsibleValidationError):
    """A value is not of its type."""


class ArgumentValueError(AnsibleValidationError):
    """A value is not among the choices."""


class MutuallyExclusiveError(AnsibleValidationError):
    """Options that exclude each other."""


class RequiredError(AnsibleValidationError):
    """An option is missing."""


class UnsupportedError(AnsibleValidationError):
    """An option that the module does not have."""
