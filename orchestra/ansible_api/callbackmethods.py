"""The methods of callbacks: those of today, each of which calls the one that it had before, which does nothing."""

from __future__ import annotations

from typing import Any


def _nothing(name: str) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> None:
        """For a callback to override."""

    method.__name__ = name
    return method


class CallbackMethods:
    """What a callback may override, one method for each event."""

    def v2_on_any(self, *args: Any, **kwargs: Any) -> None:
        """Anything."""
        self.on_any(*args, **kwargs)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task failed on a host."""
        self.runner_on_failed(result._host.get_name(), result._result, ignore_errors)

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task went well on a host."""
        self.runner_on_ok(result._host.get_name(), result._result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """A task was skipped on a host."""
        self.runner_on_skipped(result._host.get_name(), self._get_item_label(getattr(result, "_result", {})))

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A host is out of reach."""
        self.runner_on_unreachable(result._host.get_name(), result._result)

    def v2_runner_on_async_poll(self, result: Any) -> None:
        """A background job was looked at."""
        job = result._result.get("ansible_job_id")
        self.runner_on_async_poll(result._host.get_name(), result._result, job, 0)

    def v2_runner_on_async_ok(self, result: Any) -> None:
        """A background job went well."""
        self.runner_on_async_ok(result._host.get_name(), result._result, result._result.get("ansible_job_id"))

    def v2_runner_on_async_failed(self, result: Any) -> None:
        """A background job failed."""
        self.runner_on_async_failed(result._host.get_name(), result._result, result._result.get("ansible_job_id"))

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """A playbook begins."""
        self.playbook_on_start()

    def v2_playbook_on_notify(self, handler: Any, host: Any) -> None:
        """A handler was notified."""
        self.playbook_on_notify(host, handler)

    def v2_playbook_on_no_hosts_matched(self) -> None:
        """A play's pattern matches nothing."""
        self.playbook_on_no_hosts_matched()

    def v2_playbook_on_no_hosts_remaining(self) -> None:
        """Every host of a play has failed."""
        self.playbook_on_no_hosts_remaining()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """A task begins."""
        self.playbook_on_task_start(task.name, is_conditional)

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """A play begins."""
        self.playbook_on_play_start(play.name)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The run is over."""
        self.playbook_on_stats(stats)

    def v2_on_file_diff(self, result: Any) -> None:
        """A task shows what it changed."""
        if "diff" in result._result:
            self.on_file_diff(result._host.get_name(), result._result["diff"])

    def v2_playbook_on_vars_prompt(self, varname: str, *args: Any, **more: Any) -> None:
        """A play asks for a variable."""
        self.playbook_on_vars_prompt(varname, *args, **more)

    def _get_item_label(self, result: Any) -> Any:
        return None

    v2_playbook_on_handler_task_start = _nothing("v2_playbook_on_handler_task_start")
    v2_playbook_on_cleanup_task_start = _nothing("v2_playbook_on_cleanup_task_start")
    v2_playbook_on_include = _nothing("v2_playbook_on_include")
    v2_runner_item_on_ok = _nothing("v2_runner_item_on_ok")
    v2_runner_item_on_failed = _nothing("v2_runner_item_on_failed")
    v2_runner_item_on_skipped = _nothing("v2_runner_item_on_skipped")
    v2_runner_retry = _nothing("v2_runner_retry")
    v2_runner_on_start = _nothing("v2_runner_on_start")
    v2_playbook_on_import_for_host = _nothing("v2_playbook_on_import_for_host")
    v2_playbook_on_not_import_for_host = _nothing("v2_playbook_on_not_import_for_host")

    on_any = _nothing("on_any")
    on_file_diff = _nothing("on_file_diff")
    runner_on_failed = _nothing("runner_on_failed")
    runner_on_ok = _nothing("runner_on_ok")
    runner_on_skipped = _nothing("runner_on_skipped")
    runner_on_unreachable = _nothing("runner_on_unreachable")
    runner_on_no_hosts = _nothing("runner_on_no_hosts")
    runner_on_async_poll = _nothing("runner_on_async_poll")
    runner_on_async_ok = _nothing("runner_on_async_ok")
    runner_on_async_failed = _nothing("runner_on_async_failed")
    playbook_on_start = _nothing("playbook_on_start")
    playbook_on_notify = _nothing("playbook_on_notify")
    playbook_on_no_hosts_matched = _nothing("playbook_on_no_hosts_matched")
    playbook_on_no_hosts_remaining = _nothing("playbook_on_no_hosts_remaining")
    playbook_on_task_start = _nothing("playbook_on_task_start")
    playbook_on_vars_prompt = _nothing("playbook_on_vars_prompt")
    playbook_on_play_start = _nothing("playbook_on_play_start")
    playbook_on_stats = _nothing("playbook_on_stats")
