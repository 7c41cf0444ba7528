"""Exceptions that plugins raise and catch: ``ansible.errors``."""

from __future__ import annotations

from typing import Any


class AnsibleError(Exception):
    """The root of them all."""

    def __init__(
        self,
        message: Any = "",
        obj: Any = None,
        show_content: bool = True,
        suppress_extended_error: Any = None,
        orig_exc: BaseException | None = None,
        **more: Any,
    ) -> None:
        super().__init__(str(message))
        self.message = str(message)
        self.obj = obj
        self.orig_exc = orig_exc

    def __str__(self) -> str:
        if self.orig_exc is not None and str(self.orig_exc) not in self.message:
            return f"{self.message}: {self.orig_exc}"
        return self.message


class AnsibleOptionsError(AnsibleError):
    """A wrong option."""


class AnsibleRequiredOptionError(AnsibleOptionsError):
    """A missing option."""


class AnsibleParserError(AnsibleError):
    """A text that can not be understood."""


class AnsibleInternalError(AnsibleError):
    """A bug."""


class AnsibleAssertionError(AnsibleError, AssertionError):
    """A broken assumption."""


class AnsibleRuntimeError(AnsibleError):
    """Something went wrong while a run was under way."""


class AnsibleConnectionFailure(AnsibleRuntimeError):
    """A host can not be reached."""


class AnsibleCallbackError(AnsibleRuntimeError):
    """A callback failed."""


class AnsibleTemplateError(AnsibleRuntimeError):
    """A template could not be rendered."""


class AnsibleValueOmittedError(AnsibleTemplateError):
    """A template gave a value to omit."""


class AnsibleFilterError(AnsibleTemplateError):
    """A filter failed."""


class AnsibleLookupError(AnsibleTemplateError):
    """A lookup failed."""


class AnsibleFilterTypeError(AnsibleTemplateError, TypeError):
    """A filter got a value of the wrong type."""


class AnsibleUndefinedVariable(AnsibleTemplateError):
    """A variable is not set."""


class AnsibleUndefinedConfigEntry(AnsibleError):
    """An option that a plugin does not declare."""


class AnsibleFileNotFound(AnsibleRuntimeError):
    """A file is not there."""

    def __init__(self, message: Any = "", file_name: Any = None, paths: Any = None, **more: Any) -> None:
        text = str(message) or f"Could not find file {file_name}"
        super().__init__(text, **more)
        self.file_name = file_name


class AnsibleAction(AnsibleRuntimeError):
    """An action ends here; ``result`` is what it has found so far."""

    def __init__(self, message: Any = "", *args: Any, result: Any = None, **more: Any) -> None:
        super().__init__(message, *args, **more)
        self.result: dict[str, Any] = dict(result or {})


class AnsibleActionFail(AnsibleAction):
    """An action failed."""


class AnsibleActionSkip(AnsibleAction):
    """An action had nothing to do."""


class _AnsibleActionDone(AnsibleAction):
    """An action is through."""


class AnsibleAuthenticationFailure(AnsibleConnectionFailure):
    """A host does not let us in."""


class AnsiblePluginError(AnsibleError):
    """Something about a plugin."""


class AnsiblePluginNotFound(AnsiblePluginError):
    """There is no such plugin."""


class AnsibleVaultError(AnsibleError):
    """A vault can not be opened."""
