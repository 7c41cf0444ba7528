"""A project's action plugins: found by the name that a task has, loaded when the first task runs one."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from orchestra.errors import OrchestraError, ReportedUnreachable, Unreachable
from orchestra.model.bridge import Bridge
from orchestra.model.origin import Origin
from orchestra.model.outcome import TaskInfo
from orchestra.model.play import Task
from orchestra.model.record import record
from orchestra.plugins.faults import class_in, place_in
from orchestra.plugins.places import Found, PluginPlaces

if TYPE_CHECKING:
    from orchestra.ansible_api.errors import AnsibleConnectionFailure
    from orchestra.plugins.loading import Loader


class ActionFault(OrchestraError):
    """An action plugin raised; located in its file."""


@record
class Job:
    """One task on one host, for a plugin: its options rendered, its scope to render more with."""

    task: Task
    info: TaskInfo
    args: Mapping[str, Any]
    #: Keywords whose values are known.
    keywords: Mapping[str, Any]
    scope: Any
    lookups: Any


class ActionPlugins:
    """Action plugins of one project."""

    def __init__(self, places: PluginPlaces, loader: Callable[[], Loader]) -> None:
        self._places = places
        self._loader = loader
        self._found: dict[str, Found | None] = {}
        self._version = -1

    def find(self, name: str) -> Found | None:
        """The plugin's file behind a task's action. Raises PluginGone."""
        if self._places.version != self._version:  # a role has brought more
            self._version = self._places.version
            self._found.clear()
        if name not in self._found:
            self._found[name] = self._places.find("action", name)
        return self._found[name]

    def load(self, found: Found) -> type[Any]:
        """The plugin's class. Raises PluginFault."""
        module = self._loader().load(found.path, "action", found.collection)
        return class_in(module, "ActionModule", "action", found.name, found.path)

    def run(self, found: Found, bridge: Bridge, job: Job) -> Mapping[str, Any]:
        """Run a plugin to its end, in the thread that calls.

        Raises:
            ActionFault: it raised; PluginFault: it can not be loaded; OrchestraError: what it asked for is wrong.
        """
        from orchestra.ansible_api import errors

        plugin = self._made(self.load(found), bridge, job)
        try:
            result = plugin.run(task_vars=ChainMap({}, job.scope.view()))
        except OrchestraError:
            raise
        except errors.AnsibleActionSkip as skip:
            return {"skipped": True, "msg": str(skip), **skip.result}
        except errors.AnsibleActionFail as fail:
            return {"failed": True, "msg": str(fail), **fail.result}
        except errors.AnsibleConnectionFailure as failure:
            raise _unreachable(failure) from failure
        except Exception as error:
            raise ActionFault(_told(error), origin=place_in(found.path, error)) from error
        finally:
            if plugin._connection._shell.tmpdir is not None:
                plugin.cleanup()
        if not isinstance(result, Mapping):
            text = f"the action plugin '{found.name}' returned {type(result).__name__}, not a mapping"
            raise ActionFault(text, origin=Origin(found.path, 1, 1))
        if result.get("unreachable"):
            raise ReportedUnreachable(str(result.get("msg", "unreachable")))
        return result

    def _made(self, cls: type[Any], bridge: Bridge, job: Job) -> Any:
        from orchestra.ansible_api.files import DataLoader
        from orchestra.ansible_api.loader import SHARED
        from orchestra.ansible_api.remote import ConnectionView
        from orchestra.ansible_api.tasks import TaskView
        from orchestra.ansible_api.templates import Templar

        loader = DataLoader(job.lookups, job.scope)
        connection = ConnectionView(bridge)
        return cls(
            task=TaskView(job.task, job.info.name, job.info.id, job.args, job.keywords),
            connection=connection,
            play_context=connection._play_context,
            loader=loader,
            templar=Templar(loader),
            shared_loader_obj=SHARED,
        )


def _told(error: Exception) -> str:
    from orchestra.ansible_api.errors import AnsibleError

    return str(error) if isinstance(error, AnsibleError) or str(error) else type(error).__name__


def _unreachable(failure: AnsibleConnectionFailure) -> OrchestraError:
    """What ended a plugin: our own finding where that is behind it."""
    return failure.__cause__ if isinstance(failure.__cause__, Unreachable) else Unreachable(str(failure))


def connection_failure(error: OrchestraError) -> AnsibleConnectionFailure:
    """What plugins catch where a host can not be reached."""
    from orchestra.ansible_api.errors import AnsibleConnectionFailure

    return AnsibleConnectionFailure(error.during + error.message)
