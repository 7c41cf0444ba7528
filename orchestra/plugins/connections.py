"""A project's connection and become plugins: found by name, made for one host."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from orchestra.errors import OrchestraError, Unreachable
from orchestra.model.bridge import Way
from orchestra.model.invocation import Become
from orchestra.model.origin import Origin
from orchestra.plugins.faults import PluginFault, class_in, place_in
from orchestra.plugins.places import Found, PluginPlaces

if TYPE_CHECKING:
    from orchestra.plugins.loading import Loader

Native = Callable[[str, bytes, Any], tuple[int, bytes, bytes]]
#: Variables that decide about every connection, whatever it declares.
_EVERY = ("ansible_pipelining", "ansible_remote_tmp")


class ConnectionPlugins:
    """Connection and become plugins of one project."""

    def __init__(self, places: PluginPlaces, loader: Callable[[], Loader]) -> None:
        self._places = places
        self._loader = loader
        #: The variables that options of the connections that were asked for may come from.
        self.deciding: set[str] = set()

    def find(self, name: str) -> Found | None:
        """The file of a connection plugin. Raises PluginGone."""
        return self._places.find("connection", name)

    def find_become(self, name: str) -> Found | None:
        """The file of a become plugin. Raises PluginGone."""
        return self._places.find("become", name)

    def shell(self) -> Any:
        """How the lines of a POSIX shell are written."""
        from orchestra.ansible_api.remote import ShellView

        return ShellView()

    def native_kind(self, found: Found) -> str:
        """The connection of ours that a plugin is, where it changes nothing about how lines run; else ""."""
        from orchestra.ansible_api.connection import native_kind

        return native_kind(self._load(found, "Connection"))

    def base_kind(self, found: Found) -> str:
        """The connection of ours that a plugin extends; else ""."""
        return str(getattr(self._load(found, "Connection"), "native_kind", ""))

    def is_here(self, name: str) -> bool:
        """Whether what runs through a connection, named in full, runs on this machine."""
        found = self.find(name) if name else None
        return found is not None and bool(getattr(self._load(found, "Connection"), "_remote_is_local", False))

    def variables(self, found: Found, value: Callable[[str], Any]) -> tuple[tuple[str, str], ...]:
        """The variables that a plugin's options may come from, with the values that ``value`` has, as JSON."""
        names = {
            source["name"]
            for option in self._declared(found).values()
            for source in option.get("vars") or ()
            if isinstance(source, Mapping) and "name" in source
        }
        names.update(_EVERY)
        self.deciding |= names
        values = ((name, value(name)) for name in sorted(names))
        return tuple((name, json.dumps(one, default=str)) for name, one in values if one is not None)

    def _declared(self, found: Found) -> Mapping[str, Mapping[str, Any]]:
        from orchestra.ansible_api.current import current
        from orchestra.ansible_api.documents import options_of

        module = self._loader().load(found.path, found.kind, found.collection)
        run = current()
        return options_of(module, run.fragment if run is not None else None)

    def shell_family(self, found: Found) -> str:
        """The family of shells that a plugin's hosts have."""
        cls = self._load(found, "Connection")
        return str(self._make(cls, found, Way(host=""))._shell_type or "sh")

    def connection(
        self,
        found: Found,
        way: Way,
        variables: tuple[tuple[str, str], ...],
        decided: Mapping[str, Any],
        native: Native,
    ) -> Any:
        """A connection for one host, with its options; ``decided`` are those that the way has without a variable.

        Raises PluginFault, Unreachable.
        """
        from orchestra.ansible_api.connection import runs_nothing

        cls = self._load(found, "Connection")
        if runs_nothing(cls):
            text = f"the connection plugin {found.name!r} has no exec_command()"
            raise PluginFault(text, origin=Origin(found.path, 1, 1))
        plugin = self._make(cls, found, way)
        module = self._loader().load(found.path, found.kind, found.collection)
        plugin.introduce(found.name, module, found.path)
        plugin._native = native
        given = {name: json.loads(text) for name, text in variables}
        plugin._shell.remote_tmp = self._own("shell", "sh", "remote_tmp", given)
        try:
            plugin.set_options(task_keys=decided, var_options=given)
        except Exception as error:
            raise Unreachable(f"the connection {found.name!r}: {error}") from error
        return plugin

    def pipelines(self, plugin: Any, builder: Any, variables: tuple[tuple[str, str], ...]) -> bool:
        """Whether a line gets its input from the plugin, not from a file; ``builder`` makes it another user's."""
        if not plugin.has_pipelining or getattr(builder, "name", "") == "su":
            return False
        if plugin.always_pipeline_modules:
            return True
        try:
            return bool(plugin.get_option("pipelining"))
        except (KeyError, AttributeError):  # it does not declare it
            given = {name: json.loads(text) for name, text in variables}
            return bool(self._own("connection", "local", "pipelining", given))

    def _own(self, kind: str, plugin: str, name: str, variables: Mapping[str, Any]) -> Any:
        from orchestra.ansible_api.current import current
        from orchestra.plugins.ownoptions import own_option

        run = current()
        assert run is not None, "a plugin was loaded for one"
        return own_option(kind, plugin, name, variables, run.setting)

    def become(self, become: Become) -> Any:
        """What builds lines for a user. Raises BecomeFailed's cause: OrchestraError for a method that is not known."""
        from orchestra.ansible_api import becoming

        found = self.find_become(become.method)
        if found is not None:
            plugin = self._load(found, "BecomeModule")()
            module = self._loader().load(found.path, found.kind, found.collection)
            plugin.introduce(found.name, module, found.path)
        else:
            try:
                plugin = becoming.become(become.method)()
            except KeyError:
                raise OrchestraError(f"become_method {become.method!r} is not known") from None
        given = {"become_user": become.user, "become_flags": become.flags, "become_exe": become.exe,
                 "sudo_chdir": become.chdir}  # fmt: skip
        plugin.set_options(direct={name: value for name, value in given.items() if value is not None})
        if become.password is not None:
            plugin.set_option("become_pass", str.__str__(become.password))
        return plugin

    def _make(self, cls: type[Any], found: Found, way: Way) -> Any:
        from orchestra.ansible_api.remote import PlayContextView

        try:
            return cls(PlayContextView(way), None)
        except Exception as error:
            text = f"the connection {found.name!r} can not be made: {type(error).__name__}: {error}"
            raise PluginFault(text, origin=place_in(found.path, error)) from error

    def _load(self, found: Found, name: str) -> type[Any]:
        module = self._loader().load(found.path, found.kind, found.collection)
        return class_in(module, name, found.kind, found.name, found.path)


def told(error: Exception) -> str:
    """What a plugin's error says."""
    from orchestra.ansible_api.errors import AnsibleError

    return str(error) if isinstance(error, AnsibleError) and str(error) else f"{type(error).__name__}: {error}"


def is_out_of_reach(error: Exception) -> bool:
    """Whether a plugin's error says that its host can not be reached."""
    from orchestra.ansible_api.errors import AnsibleConnectionFailure

    return isinstance(error, AnsibleConnectionFailure)
