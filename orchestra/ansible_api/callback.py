"""The base of callbacks, ``ansible.plugins.callback``: a class with one method for each thing that happens in a run.

A callback watches; what it does changes nothing of the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestra.ansible_api.base import AnsiblePlugin
from orchestra.ansible_api.callbackmethods import CallbackMethods
from orchestra.ansible_api.display import Display, outputs
from orchestra.ansible_api.outcomes import CallbackTaskResult, visible

__all__ = ["CallbackBase", "Display", "global_display"]

global_display = Display()


class CallbackBase(CallbackMethods, AnsiblePlugin):
    """A callback. Its options are there after ``set_options``."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = ""
    CALLBACK_NAME = ""
    CALLBACK_NEEDS_ENABLED = False
    wants_implicit_tasks = False

    def __init__(self, display: Any = None, options: Any = None) -> None:
        self._display = display or global_display
        self._play_context: Any = None
        self.disabled = False
        self._plugin_options: dict[str, Any] = dict(options or {})
        self._current_task_result: Any = None
        self.declare({})

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        """Take the options: the environment, the configuration file, the declared defaults."""
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)
        self._plugin_options = dict(self.get_options())

    def set_play_context(self, play_context: Any) -> None:
        """What the command line asked for."""
        self._play_context = play_context

    @staticmethod
    def host_label(result: CallbackTaskResult) -> str:
        """``host``, or ``host -> where it ran``."""
        where = (result._result.get("_ansible_delegated_vars") or {}).get("ansible_delegated_host")
        name = result._host.get_name()
        return f"{name} -> {where}" if where and where != name else name

    def _run_is_verbose(self, result: CallbackTaskResult, verbosity: int = 0) -> bool:
        loud = self._display.verbosity > verbosity or result._result.get("_ansible_verbose_always", False)
        return bool(loud and not result._result.get("_ansible_verbose_override", False))

    def _dump_results(
        self,
        result: Mapping[str, Any],
        indent: int | None = None,
        sort_keys: bool = True,
        keep_invocation: bool = False,
        serialize: bool = True,
    ) -> Any:
        """A result as text: without inner keys, without the module's options below -vvv."""
        hidden = () if keep_invocation or self._display.verbosity >= 3 else ("invocation", "diff", "exception")
        shown = {key: value for key, value in visible(result).items() if key not in hidden and key[:9] != "_ansible_"}
        if not serialize:
            return shown
        if indent is None and result.get("_ansible_verbose_always"):
            indent = 4
        return _outputs().dump(shown, indent)

    def _clean_results(self, result: dict[str, Any], task_name: str) -> None:
        """Take out what a debug task's result need not show."""
        if task_name.rpartition(".")[2] == "debug":
            kept = ("msg", "exception", "warnings", "deprecations") if "msg" in result else None
            for key in list(result):
                if key in ("invocation", "changed", "skip_reason") or (kept and key not in kept and key[0] != "_"):
                    del result[key]

    def _handle_warnings(self, res: dict[str, Any]) -> None:
        """Show the warnings of a result, and take them out of it."""
        for text in res.pop("warnings", None) or ():
            self._display.display(f"[WARNING]: {text}", color="warn", stderr=True)
        for entry in res.pop("deprecations", None) or ():
            text = entry.get("msg") if isinstance(entry, Mapping) else entry
            self._display.display(f"[DEPRECATION WARNING]: {text}", color="deprecate", stderr=True)

    def _handle_exception(self, result: dict[str, Any], use_stderr: bool = False) -> None:
        """Show the traceback of a failed result, and take it out of it."""
        text = result.pop("exception", None)
        if text and self._display.verbosity >= 3:
            self._display.display(f"An exception occurred during task execution.\n{text}", "error", stderr=use_stderr)

    def _handle_warnings_and_exception(self, result: CallbackTaskResult) -> None:
        self._handle_warnings(result._result)
        self._handle_exception(result._result)

    def _get_diff(self, difflist: Any) -> str:
        return str(_outputs().diff(difflist if isinstance(difflist, list) else [difflist]))

    def _serialize_diff(self, diff: Any) -> Any:
        return _outputs().dump(diff) if isinstance(diff, Mapping) else diff

    def _get_item_label(self, result: Mapping[str, Any]) -> Any:
        if result.get("_ansible_no_log"):
            return "(censored due to no_log)"
        return result.get("_ansible_item_label", result.get(result.get("ansible_loop_var", "item")))

    def _process_items(self, result: CallbackTaskResult) -> None:
        result._result.pop("results", None)

    def _print_task_path(self, task: Any, color: str = "debug") -> None:
        self._display.display(f"task path: {task.get_path()}", color=color)


def _outputs() -> Any:
    shown = outputs()
    assert shown is not None, "a callback is loaded for a run that is shown"
    return shown
