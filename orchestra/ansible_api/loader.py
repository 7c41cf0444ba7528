"""How a plugin uses another lookup: ``ansible.plugins.loader.lookup_loader``."""

from __future__ import annotations

from typing import Any


class _Lookup:
    """Any lookup of the run by its name, the project's and ours."""

    def __init__(self, name: str, scope: Any) -> None:
        self._name = name
        self._scope = scope

    def set_options(self, var_options: Any = None, direct: Any = None) -> None:
        """Part of the interface; options are given to run()."""

    def run(self, terms: Any, variables: Any = None, **kwargs: Any) -> list[Any]:
        """What the lookup finds."""
        return list(self._scope.lookup(self._name, terms if isinstance(terms, list) else [terms], wantlist=True,
                                       **kwargs))  # fmt: skip


class _LookupLoader:
    """Finds lookups."""

    def get(self, name: str, loader: Any = None, templar: Any = None, **more: Any) -> _Lookup | None:
        """A lookup; None without a templar or loader that a plugin was given."""
        scope = getattr(templar, "scope", None) or getattr(loader, "scope", None)
        return _Lookup(name, scope) if scope is not None else None


lookup_loader = _LookupLoader()
