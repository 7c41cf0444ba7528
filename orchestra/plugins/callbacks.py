"""A project's callbacks: which of them a run has, and how its events become their methods' calls.

A callback that raises is told of once for each method, and goes on; the run never changes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from orchestra.ansible_api import outcomes
from orchestra.ansible_api.tasks import TaskView
from orchestra.errors import OrchestraError
from orchestra.model import event as events
from orchestra.model.event import Event
from orchestra.model.outcome import Outcome, Status, TaskInfo
from orchestra.model.play import Task
from orchestra.model.ports import Outputs
from orchestra.plugins.faults import PluginFault, class_in, place_in
from orchestra.plugins.loading import Loader
from orchestra.plugins.places import Found, PluginPlaces, python_files

Warn = Callable[[OrchestraError], None]
#: The events that no callback has a method for: they are shown as always, whatever took the output's place.
_MESSAGES = (events.Warned, events.RunFailed, events.Interrupted, events.Noted)


class Callbacks:
    """The callbacks of one run."""

    def __init__(self, places: PluginPlaces, loader: Loader, outputs: Outputs, warn: Warn) -> None:
        self._places = places
        self._loader = loader
        self._outputs = outputs
        self._warn = warn

    def attach(self, stdout: str, enabled: Sequence[str], tasks: Mapping[int, Task]) -> None:
        """Hand the run's events to every callback that it has.

        Args:
            stdout: the callback that takes the output's place; "" for none.
            enabled: those that the settings enable.
            tasks: the run's tasks by TaskInfo.id.
        """
        shown = self._named(stdout, "stdout_callback") if stdout else None
        if shown is not None:
            plugin = self._made(shown, stdout)
            if plugin is not None:
                sink = CallbackSink(plugin, tasks, self._outputs, self._warn)
                self._outputs.replace(_with_messages(sink, self._outputs.standard()))
        for found in self._others(enabled, shown):
            plugin = self._made(found, stdout, enabled)
            if plugin is not None:
                self._outputs.add(CallbackSink(plugin, tasks, self._outputs, self._warn))

    def _others(self, enabled: Sequence[str], shown: Found | None) -> Iterator[Found]:
        """Those that lie in the project's folders, and those that are enabled by name; each once."""
        seen = {shown.path} if shown is not None else set()
        for folder in self._places.folders("callback"):
            for path in python_files(folder):
                name = os.path.basename(path)[: -len(".py")]
                if path not in seen:
                    seen.add(path)
                    yield Found("callback", name, path)
        for name in enabled:
            if self._outputs.knows(name):
                continue  # a form of the output: it takes its place, or does nothing
            found = self._named(name, "callbacks_enabled")
            if found is not None and found.path not in seen:
                seen.add(found.path)
                yield found

    def _named(self, name: str, setting: str) -> Found | None:
        found = self._places.find("callback", name) or ours(name)
        if found is None:
            known = ", ".join(sorted(_OURS))
            text = f"{setting}: the callback {name!r} is neither in the project, nor in a collection, nor one of ours"
            self._warn(PluginFault(f"{text} ({known})"))
        return found

    def _made(self, found: Found, stdout: str, enabled: Sequence[str] | None = None) -> Any:
        """The callback, ready; None where it is not wanted or can not be used, which is told."""
        try:
            module = self._loader.load(found.path, "callback", found.collection)
            cls = class_in(module, "CallbackModule", "callback", found.name, found.path)
            if enabled is not None and not _is_wanted(cls, found, enabled):
                return None
            plugin = cls()
            plugin.introduce(getattr(cls, "CALLBACK_NAME", "") or found.name, module, found.path)
            plugin.set_options()
        except PluginFault as fault:
            self._warn(fault)
        except Exception as error:
            text = f"the callback {found.name} can not be used: {type(error).__name__}: {error}"
            self._warn(PluginFault(text, origin=place_in(found.path, error)))
        else:
            return plugin
        return None


_OURS = ("junit", "log_plays", "profile_roles", "profile_tasks", "timer", "tree")
_OUR_COLLECTIONS = ("", "ansible.builtin", "ansible.legacy", "ansible.posix", "community.general")


def ours(name: str) -> Found | None:
    """A callback that comes with the product."""
    collection, _, short = name.rpartition(".")
    if short not in _OURS or collection not in _OUR_COLLECTIONS:
        return None
    from orchestra.ansible_api import callbacks

    return Found("callback", short, os.path.join(os.path.dirname(str(callbacks.__file__)), f"{short}.py"))


def _is_wanted(cls: Any, found: Found, enabled: Sequence[str]) -> bool:
    if getattr(cls, "CALLBACK_TYPE", "") == "stdout":
        return False  # it takes the output's place, or does nothing
    needs = getattr(cls, "CALLBACK_NEEDS_ENABLED", False) or getattr(cls, "CALLBACK_NEEDS_WHITELIST", False)
    names = {found.name, found.name.rpartition(".")[2], getattr(cls, "CALLBACK_NAME", found.name)}
    return not needs or any(name in names or name.rpartition(".")[2] in names for name in enabled)


def _with_messages(sink: Callable[[Event], None], standard: Callable[[Event], None]) -> Callable[[Event], None]:
    def both(event: Event) -> None:
        (standard if isinstance(event, _MESSAGES) else sink)(event)

    return both


class CallbackSink:
    """Hands events to one callback."""

    def __init__(self, plugin: Any, tasks: Mapping[int, Task], outputs: Outputs, warn: Warn) -> None:
        self.name = getattr(plugin, "CALLBACK_NAME", "") or type(plugin).__name__
        self._plugin = plugin
        self._tasks = tasks
        self._outputs = outputs
        self._warn = warn
        self._told: set[str] = set()
        self._views: dict[int, TaskView] = {}
        self._play: outcomes.PlayView | None = None
        self._batches = 0

    def __call__(self, event: Event) -> None:
        """Take one event."""
        if not self._plugin.disabled:
            for method, *given in self._calls(event):
                self._call(method, *given)
                self._call("v2_on_any", *given)

    def _call(self, method: str, *given: Any) -> None:
        function = getattr(self._plugin, method, None)
        if function is None:
            return
        try:
            if isinstance(given[-1] if given else None, dict):
                function(*given[:-1], **given[-1])
            else:
                function(*given)
        except Exception as error:
            if method not in self._told:
                self._told.add(method)
                path = getattr(self._plugin, "_original_path", "")
                text = (
                    f"Failure using method ({method}) in callback plugin ({self.name}): {type(error).__name__}: {error}"
                )
                self._warn(PluginFault(text, origin=place_in(path, error)))

    def _calls(self, event: Event) -> Iterator[tuple[Any, ...]]:
        """The methods that an event is for, with their arguments; a mapping at the end has named ones."""
        translate = _TRANSLATIONS.get(type(event))
        if translate is not None:
            yield from translate(self, event)

    # -- What events say, as objects

    def _task(self, info: TaskInfo, event: Any = None) -> TaskView:
        view = self._views.get(info.id)
        if view is None:
            task = self._tasks.get(info.id) or Task(None, info.action, {}, info.origin)
            free = {} if task.free_form is None else {"_raw_params": task.free_form}
            args = self._outputs.mask({**free, **task.args})
            given = {"no_log": info.no_log, "tags": list(info.tags), "connection": task.connection or "ssh"}
            view = self._views[info.id] = TaskView(task, info.name, info.id, args, given)
            view.name = info.name.removeprefix(f"{info.role} : ") if info.role else info.name
        if event is not None:
            view.event = event
        return view

    def _result(self, outcome: Outcome, event: Any) -> outcomes.CallbackTaskResult:
        view = self._task(outcome.task)
        data = outcomes.visible(self._outputs.mask(dict(outcome.result)), outcome.task.no_log)
        if outcome.label is not None:
            data["_ansible_item_label"] = outcome.label
        if outcome.delegated_to:
            data.setdefault("_ansible_delegated_vars", {"ansible_delegated_host": outcome.delegated_to})
        if view.action.rpartition(".")[2] == "debug":
            data.setdefault("_ansible_verbose_always", True)
        result = outcomes.CallbackTaskResult(outcomes.HostView(outcome.host), view, data)
        result.event = event
        return result

    # -- One method for each kind of event

    def _playbook(self, event: events.PlaybookStarted) -> Iterator[tuple[Any, ...]]:
        yield "v2_playbook_on_start", outcomes.PlaybookView(event)

    def _play_start(self, event: events.PlayStarted) -> Iterator[tuple[Any, ...]]:
        self._play, self._batches = outcomes.PlayView(event), 0
        yield "v2_playbook_on_play_start", self._play

    def _batch(self, event: events.BatchStarted) -> Iterator[tuple[Any, ...]]:
        self._batches += 1
        if self._batches > 1:
            yield "v2_playbook_on_play_start", self._play

    def _no_hosts(self, event: events.NoHosts) -> Iterator[tuple[Any, ...]]:
        for _ in range(event.times):
            yield ("v2_playbook_on_no_hosts_remaining" if event.remaining else "v2_playbook_on_no_hosts_matched",)

    def _prompted(self, event: events.Prompted) -> Iterator[tuple[Any, ...]]:
        yield ("v2_playbook_on_vars_prompt", event.name, event.private, event.text, event.encrypt, event.confirm,
               event.salt_size, event.salt, event.default, event.unsafe)  # fmt: skip

    def _task_start(self, event: events.TaskStarted) -> Iterator[tuple[Any, ...]]:
        view = self._task(event.task, event)
        if event.task.handler:
            yield "v2_playbook_on_handler_task_start", view
        else:
            yield "v2_playbook_on_task_start", view, {"is_conditional": False}

    def _implicit(self, event: events.ImplicitMeta) -> Iterator[tuple[Any, ...]]:
        if getattr(self._plugin, "wants_implicit_tasks", False):
            yield "v2_playbook_on_task_start", self._task(event.task, event), {"is_conditional": False}

    def _host_start(self, event: events.HostStarted) -> Iterator[tuple[Any, ...]]:
        host: Any = outcomes.HostView(event.host)
        host.event = event
        yield "v2_runner_on_start", host, self._task(event.task)

    def _retry(self, event: events.Retrying) -> Iterator[tuple[Any, ...]]:
        data = {**event.result, "retries": event.result.get("attempts", 0) + event.left, "_ansible_retry": True}
        outcome = Outcome(event.host, event.task, Status.OK, data, label=event.label)
        yield "v2_runner_retry", self._result(outcome, event)

    def _polled(self, event: events.AsyncPolled) -> Iterator[tuple[Any, ...]]:
        data = {"ansible_job_id": event.job, "started": event.started, "finished": event.finished}
        yield "v2_runner_on_async_poll", self._result(Outcome(event.host, event.task, Status.OK, data), event)

    def _item(self, event: events.ItemFinished) -> Iterator[tuple[Any, ...]]:
        word = _ITEM_WORDS.get(event.outcome.status, "failed")
        yield f"v2_runner_item_on_{word}", self._result(event.outcome, event)

    def _finished(self, event: events.TaskFinished) -> Iterator[tuple[Any, ...]]:
        outcome = event.outcome
        result = self._result(outcome, event)
        if _was_in_background(outcome):
            yield f"v2_runner_on_async_{'failed' if outcome.status is Status.FAILED else 'ok'}", result
        if outcome.diff or any(isinstance(item, Mapping) and item.get("diff") for item in _items(outcome)):
            yield "v2_on_file_diff", result
        if _did_not_load(outcome):
            yield (
                "v2_runner_on_ok",
                self._result(Outcome(outcome.host, outcome.task, Status.OK, {"changed": False}), None),
            )
        if outcome.status is Status.FAILED:
            yield "v2_runner_on_failed", result, {"ignore_errors": outcome.ignored}
        else:
            yield f"v2_runner_on_{_WORDS[outcome.status]}", result

    def _included(self, event: events.Included) -> Iterator[tuple[Any, ...]]:
        for host in event.hosts:
            outcome = Outcome(host, event.task, Status.OK, {"include": event.file, "changed": False}, label=event.label)
            yield "v2_runner_on_ok", self._result(outcome, None)
        yield "v2_playbook_on_include", outcomes.IncludedFileView(event, self._task(event.task))

    def _notified(self, event: events.HandlersNotified) -> Iterator[tuple[Any, ...]]:
        for name in event.handlers:
            handler: Any = outcomes.HandlerView(name)
            handler.event = events.HandlersNotified(event.host, (name,))
            yield "v2_playbook_on_notify", handler, event.host

    def _stats(self, event: events.RunFinished) -> Iterator[tuple[Any, ...]]:
        yield "v2_playbook_on_stats", outcomes.AggregateStats(event)


_WORDS = {Status.OK: "ok", Status.CHANGED: "ok", Status.SKIPPED: "skipped", Status.UNREACHABLE: "unreachable",
          Status.LOST: "unreachable"}  # fmt: skip
_ITEM_WORDS = {Status.OK: "ok", Status.CHANGED: "ok", Status.SKIPPED: "skipped"}
_TRANSLATIONS: Mapping[type, Callable[[CallbackSink, Any], Iterator[tuple[Any, ...]]]] = {
    events.PlaybookStarted: CallbackSink._playbook,
    events.PlayStarted: CallbackSink._play_start,
    events.BatchStarted: CallbackSink._batch,
    events.NoHosts: CallbackSink._no_hosts,
    events.Prompted: CallbackSink._prompted,
    events.TaskStarted: CallbackSink._task_start,
    events.ImplicitMeta: CallbackSink._implicit,
    events.HostStarted: CallbackSink._host_start,
    events.Retrying: CallbackSink._retry,
    events.AsyncPolled: CallbackSink._polled,
    events.ItemFinished: CallbackSink._item,
    events.TaskFinished: CallbackSink._finished,
    events.Included: CallbackSink._included,
    events.HandlersNotified: CallbackSink._notified,
    events.RunFinished: CallbackSink._stats,
}


def _items(outcome: Outcome) -> Sequence[Any]:
    items = outcome.result.get("results")
    return items if outcome.looped and isinstance(items, list) else ()


def _did_not_load(outcome: Outcome) -> bool:
    """Whether an include was well said, and what it names could not be brought in: ansible-core tells of both."""
    short = outcome.task.action.rpartition(".")[2]
    return short == "include_role" and outcome.status is Status.FAILED and "reason" in outcome.result


def _was_in_background(outcome: Outcome) -> bool:
    result = outcome.result
    if outcome.task.action.rpartition(".")[2] == "async_status" or not result.get("ansible_job_id"):
        return False
    return bool(result.get("finished")) or outcome.status is Status.FAILED
