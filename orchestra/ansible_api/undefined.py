"""What a plugin that accepts undefined arguments knows them by: ``ansible._internal._templating._jinja_common``.

Every undefined value of a template is of Jinja's strict kind; which one of ours it is does not matter to a plugin.
"""

from __future__ import annotations

from jinja2 import StrictUndefined as Marker

__all__ = ["Marker"]
