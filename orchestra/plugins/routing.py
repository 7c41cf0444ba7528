"""Where collections have moved their plugins to: ``plugin_routing`` of a collection's ``meta/runtime.yml``.

A collection's file is read when the first of its plugins is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestra.errors import OrchestraError
from orchestra.model.origin import Origin

#: A redirection may lead to another one; more of them than this go in a circle.
_LONGEST = 10


class PluginGone(OrchestraError):
    """A collection says that a plugin was removed, or its redirections go in a circle; located in its runtime.yml."""


class Routing:
    """What collections say of their plugins.

    Args:
        runtime_file: the path of a collection's runtime.yml; "" where the collection is not installed.
    """

    def __init__(self, runtime_file: Callable[[str], str]) -> None:
        self._runtime_file = runtime_file
        self._read: dict[str, Mapping[str, Any]] = {}
        #: Hears what collections say of plugins that will go: the plugin's full name and the text.
        self.on_deprecation: Callable[[str, str], None] = lambda name, text: None

    def routed(self, kind: str, name: str) -> str:
        """The full name that is meant by ``name``.

        Raises:
            PluginGone: it was removed, or the redirections go in a circle.
        """
        start = name
        for _ in range(_LONGEST):
            entry = self._entry(kind, name)
            self._refuse_removed(kind, name, entry)
            deprecation = entry.get("deprecation")
            if isinstance(deprecation, Mapping):
                self.on_deprecation(name, _text(deprecation, f"{name} has been deprecated."))
            redirect = entry.get("redirect")
            if not redirect:
                return name
            name = str(redirect)
            if name.count(".") < 2:
                return name
        raise PluginGone(f"the redirections of {kind} plugin {start!r} go in a circle", origin=self._origin(start))

    def groups(self, collection: str) -> Mapping[str, Any]:
        """``action_groups`` of a collection: group -> names of modules."""
        found = self._of(collection).get("action_groups")
        return found if isinstance(found, Mapping) else {}

    def _entry(self, kind: str, name: str) -> Mapping[str, Any]:
        namespace, collection, short = name.split(".", 2)
        routing = self._of(f"{namespace}.{collection}").get("plugin_routing")
        table = routing.get(kind) if isinstance(routing, Mapping) else None
        entry = table.get(short) if isinstance(table, Mapping) else None
        return entry if isinstance(entry, Mapping) else {}

    def _refuse_removed(self, kind: str, name: str, entry: Mapping[str, Any]) -> None:
        tombstone = entry.get("tombstone")
        if isinstance(tombstone, Mapping):
            text = _text(tombstone, f"The {kind} plugin {name!r} was removed.")
            raise PluginGone(text, origin=self._origin(name))

    def _origin(self, name: str) -> Origin:
        return Origin(self._runtime_file(".".join(name.split(".")[:2])), 1, 1)

    def _of(self, collection: str) -> Mapping[str, Any]:
        if collection not in self._read:
            self._read[collection] = _load(self._runtime_file(collection))
        return self._read[collection]


def _load(path: str) -> Mapping[str, Any]:
    if not path:
        return {}
    import yaml

    try:
        with open(path, "rb") as file:
            found = yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  a safe loader either way
    except FileNotFoundError:
        return {}
    except (OSError, yaml.YAMLError) as error:
        raise PluginGone(f"{path} can not be read: {error}", origin=Origin(path, 1, 1)) from error
    return found if isinstance(found, Mapping) else {}


def _text(entry: Mapping[str, Any], default: str) -> str:
    when = entry.get("removal_date") or entry.get("removal_version")
    said = str(entry.get("warning_text") or default).strip()
    return f"{said} (removal: {when})" if when else said
