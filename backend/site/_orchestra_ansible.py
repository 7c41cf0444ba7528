"""Lets programs in the Python that has Orchestra import ``ansible``, where no ansible-core is.

It is read at each start of that Python, so it imports nothing, and stands behind all other finders: whatever else is
called ``ansible`` wins. ``ORCHESTRA_ANSIBLE_IMPORTS=no`` switches it off. The rest is orchestra/scripts/finder.py.
"""

import sys
from os import environ  # the interpreter has read it

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from typing import Any

_OFF = ("0", "false", "n", "no", "off")


class LastFinder:
    """Asks Orchestra for ``ansible`` and what is below it, when nobody else has it."""

    @classmethod
    def find_spec(cls, name: "str", path: "Any" = None, target: "Any" = None) -> "ModuleSpec | None":
        """Part of Python's import protocol."""
        if name != "ansible" and not name.startswith("ansible."):
            return None
        if environ.get("ORCHESTRA_ANSIBLE_IMPORTS", "").lower() in _OFF:
            return None
        ours, top = sys.modules.get("orchestra"), sys.modules.get("ansible")
        if ours is not None and not hasattr(ours, "__version__"):
            return None  # a module's process, where only what was sent to the host counts
        if top is not None and getattr(top, "__file__", None) and not hasattr(top.__loader__, "serves_scripts"):
            return None  # an ansible-core that lacks this module
        try:
            from orchestra.scripts.finder import find_spec
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] == "orchestra":
                return None  # taken away, or not all there: then there is no ansible here
            raise
        return find_spec(name)


sys.meta_path.append(LastFinder)
