"""The base of action plugins, ``ansible.plugins.action``: a task's work on the controller, with the host at hand.

Plugins run in a thread; what they ask of the host goes through the bridge to the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestra.ansible_api.base import AnsiblePlugin
from orchestra.ansible_api.display import Display
from orchestra.ansible_api.errors import (
    AnsibleActionFail,
    AnsibleActionSkip,
    AnsibleConnectionFailure,
    AnsibleError,
    AnsibleFileNotFound,
)
from orchestra.ansible_api.remotefiles import RemoteFiles
from orchestra.model.bridge import Bridge
from orchestra.runner.foreign.faults import UnsupportedError
from orchestra.runner.foreign.validator import ArgumentSpecValidator

__all__ = ["ActionBase", "AnsibleActionFail", "AnsibleActionSkip", "AnsibleConnectionFailure", "AnsibleError",
           "AnsibleFileNotFound", "BuiltinAction", "Display", "display"]  # fmt: skip

display = Display()


class ActionBase(RemoteFiles, AnsiblePlugin):
    """An action: ``run`` gets the variables and returns the task's result."""

    BYPASS_HOST_LOOP = False
    TRANSFERS_FILES = False
    _VALID_ARGS: frozenset[str] = frozenset()
    _requires_connection = True
    _supports_check_mode = True
    _supports_async = False
    supports_raw_params = False

    def __init__(
        self,
        task: Any,
        connection: Any,
        play_context: Any = None,
        loader: Any = None,
        templar: Any = None,
        shared_loader_obj: Any = None,
        **more: Any,
    ) -> None:
        self._bridge: Bridge = connection.bridge
        self._task = task
        self._connection = connection
        self._play_context = play_context if play_context is not None else connection._play_context
        self._loader = loader
        self._templar = templar
        self._shared_loader_obj = shared_loader_obj
        self._supports_async = type(self)._supports_async
        self._cleanup_remote_tmp = False
        self._discovered_interpreter: str | None = None
        self._used_interpreter: str | None = None
        self._display = display
        self._declared: Mapping[str, Any] = {}
        self._given: dict[str, Any] = {}
        self._variables: Mapping[str, Any] = {}

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """What an action extends: refuses what it can not do, and gives the result to be filled.

        Raises:
            AnsibleActionFail, AnsibleActionSkip: this is the task's end.
        """
        if self._task.async_val and not self._supports_async:
            raise AnsibleActionFail("async is not supported for this task.")
        if self._bridge.way.check and not self._supports_check_mode:
            raise AnsibleActionSkip("check mode is not supported for this task.")
        if self._VALID_ARGS:
            wrong = sorted(set(self._task.args) - set(self._VALID_ARGS))
            if wrong:
                raise AnsibleActionFail(f"Invalid options for {self._task.action}: {','.join(wrong)}")
        if self._early_needs_tmp_path() and self._connection._shell.tmpdir is None:
            self._make_tmp_path()
        return {}

    def validate_argument_spec(
        self,
        argument_spec: Any = None,
        mutually_exclusive: Any = None,
        required_together: Any = None,
        required_one_of: Any = None,
        required_if: Any = None,
        required_by: Any = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Hold the task's options against a spec: what was found, and the options with defaults and types.

        Raises:
            AnsibleActionFail: they are wrong.
        """
        if argument_spec is None:
            raise AnsibleError("the argument_spec of an action has to be a mapping")
        validator = ArgumentSpecValidator(argument_spec, mutually_exclusive=mutually_exclusive,
                                          required_together=required_together, required_one_of=required_one_of,
                                          required_if=required_if, required_by=required_by)  # fmt: skip
        found = validator.validate(dict(self._task.args))
        if found.error_messages:
            names = sorted(self._task.args)
            told = [
                f"Unsupported parameters for {self._task.action}: {error.msg}. Given: {', '.join(names)}"
                if isinstance(error, UnsupportedError)
                else error.msg
                for error in found.errors.errors
            ]
            raise AnsibleActionFail("\n".join(map(str, told)))
        return found, found.validated_parameters

    def _execute_module(
        self,
        module_name: str | None = None,
        module_args: Any = None,
        tmp: Any = None,
        task_vars: Any = None,
        persist_files: bool = False,
        delete_remote_tmp: Any = None,
        wrap_async: bool = False,
        ignore_unknown_opts: bool = False,
    ) -> dict[str, Any]:
        """Run a module on the host; the task's own where none is named."""
        args = dict(self._task.args if module_args is None else module_args)
        return self._bridge.module(str(module_name or self._task.action), args, background=wrap_async)

    def get_become_option(self, option: str, default: Any = None) -> Any:
        """What is known of the user that the task becomes."""
        way = self._bridge.way
        return {"become_user": way.become_user}.get(option, default) if way.become else default

    def get_connection_option(self, option: str, default: Any = None) -> Any:
        """What is known of the connection."""
        try:
            return self._connection.get_option(option)
        except KeyError:
            return default

    def get_shell_option(self, option: str, default: Any = None) -> Any:
        """What is known of the shell."""
        found = self._connection._shell.get_option(option)
        return default if found is None else found

    def get_plugin_option(self, plugin: Any, option: str, default: Any = None) -> Any:
        """An option of another plugin."""
        try:
            return plugin.get_option(option)
        except (AttributeError, KeyError):
            return default

    def _parse_returned_data(self, res: Mapping[str, Any], profile: str = "") -> dict[str, Any]:
        from orchestra.runner.foreign.host import printed

        found, _ = printed(str(res.get("stdout", "")))
        return {"failed": True, "msg": "MODULE FAILURE", **res} if found is None else found


class BuiltinAction(ActionBase):
    """An action or module of ours, for plugins that build on it or call it."""

    #: The name that a module of this interface stands for; empty: the task's action.
    _builtin = ""
    supports_raw_params = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """What the task would do if it named this action."""
        return self._bridge.action(self._builtin or str(self._task.action), self._task.args)


def builtin(name: str) -> type[BuiltinAction]:
    """The class that stands for one of our actions."""
    return type("ActionModule", (BuiltinAction,), {"_builtin": "" if name == "normal" else f"ansible.builtin.{name}"})
