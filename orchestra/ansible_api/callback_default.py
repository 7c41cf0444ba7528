"""Ansible's default output as a class to extend, ``ansible.plugins.callback.default``: what it shows is our own doing.

Each method hands on the event that its argument was made of, with the result as the extending class left it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from orchestra.ansible_api.callback import CallbackBase
from orchestra.ansible_api.display import outputs
from orchestra.model.event import ItemFinished, TaskFinished

__all__ = ["CallbackModule"]


class CallbackModule(CallbackBase):
    """What ansible-playbook prints."""

    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "default"

    @cached_property
    def _standard(self) -> Any:
        shown = outputs()
        assert shown is not None, "a callback is loaded for a run that is shown"
        own = type(self)._dump_results is not CallbackBase._dump_results
        return shown.standard(self._dump_results if own else None)

    def _hand_on(self, given: Any) -> None:
        event = given.event
        if isinstance(event, (TaskFinished, ItemFinished)):
            result = {**given._result, **given._verdict}
            event = replace(event, outcome=replace(event.outcome, result=result))
        if event is not None:
            self._standard(event)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task failed on a host."""
        self._hand_on(result)

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task went well, was skipped, was retried ..."""
        self._hand_on(result)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """A task begins."""
        self._hand_on(task)

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """A handler begins."""
        self._hand_on(task)

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """A host begins a task."""
        self._hand_on(host)

    def v2_playbook_on_notify(self, handler: Any, host: Any) -> None:
        """A handler was notified."""
        self._hand_on(handler)

    def v2_playbook_on_include(self, included_file: Any) -> None:
        """A file was brought in."""
        self._hand_on(included_file)

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """A playbook begins."""
        self._hand_on(playbook)

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """A play, or another batch of it, begins."""
        self._hand_on(play)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The run is over."""
        self._hand_on(stats)

    v2_runner_on_skipped = v2_runner_on_unreachable = v2_runner_retry = v2_runner_on_async_poll = v2_runner_on_ok
    v2_runner_item_on_ok = v2_runner_item_on_failed = v2_runner_item_on_skipped = v2_runner_on_ok

    def v2_on_file_diff(self, result: Any) -> None:
        """The end of the task shows it."""

    def v2_runner_on_async_ok(self, result: Any) -> None:
        """The end of the task shows it."""

    v2_runner_on_async_failed = v2_runner_on_async_ok

    def v2_playbook_on_no_hosts_matched(self) -> None:
        """A play's pattern matches nothing."""
        from orchestra.model.event import NoHosts

        self._standard(NoHosts(""))

    def v2_playbook_on_no_hosts_remaining(self) -> None:
        """Every host of a play has failed."""
        from orchestra.model.event import NoHosts

        self._standard(NoHosts("", remaining=True))
