"""Documentation fragments that a project or a collection brings: classes ModuleDocFragment with texts of options."""

from __future__ import annotations

from orchestra.plugins.loading import Loader
from orchestra.plugins.places import PluginPlaces


def fragment(places: PluginPlaces, loader: Loader, name: str, section: str) -> str | None:
    """A section's text of the fragment of that name; None where there is none.

    Raises:
        PluginFault: its file does not run.
    """
    found = places.find("doc_fragments", name)
    if found is None:
        return None
    module = loader.load(found.path, "doc_fragments", found.collection)
    text = getattr(getattr(module, "ModuleDocFragment", None), section, None)
    return text if isinstance(text, str) else None
