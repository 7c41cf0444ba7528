"""A project's strategy plugins: those that are one of ours under another name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from orchestra.model.origin import Origin
from orchestra.plugins.faults import PluginFault
from orchestra.plugins.places import PluginPlaces

if TYPE_CHECKING:
    from orchestra.plugins.loading import Loader


class StrategyPlugins:
    """Strategies of one project."""

    def __init__(self, places: PluginPlaces, loader: Callable[[], Loader]) -> None:
        self._places = places
        self._loader = loader

    def native(self, name: str) -> str | None:
        """The strategy of ours that a plugin of this name is; None where there is no such plugin.

        Raises:
            PluginFault: it can not be loaded, or changes how plays run, which the engine here would not do.
        """
        found = self._places.find("strategy", name)
        if found is None:
            return None
        from orchestra.ansible_api.strategy import changed

        cls = getattr(self._loader().load(found.path, "strategy", found.collection), "StrategyModule", None)
        native, own = str(getattr(cls, "native", "")), changed(cls) if cls is not None else []
        if not native or own:
            what = f"changes {', '.join(own)}()" if native else "extends none of linear, free, host_pinned"
            raise PluginFault(
                f"the strategy plugin {name!r} {what}: it drives ansible-core's own engine and can not run here",
                origin=Origin(found.path, 1, 1),
                hint="use linear, free or host_pinned",
            )
        return native
