"""How a plugin uses other plugins: ``ansible.plugins.loader``."""

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


class _ActionLoader:
    """Finds actions: the project's own, and ours."""

    def get(self, name: str, *, task: Any = None, connection: Any = None, **given: Any) -> Any:
        """An action for a task, made; ours stands for every action and module that the run has."""
        from orchestra.ansible_api.action import builtin

        cls = connection.bridge.brought(name) or builtin(name.rpartition(".")[2] if _is_ours(name) else "normal")
        made = cls(task=task, connection=connection, **given)
        if cls._builtin == "":
            made._builtin = name
        return made


def _is_ours(name: str) -> bool:
    return name.startswith(("ansible.builtin.", "ansible.legacy.")) or "." not in name


class _Shared:
    """What every action gets as ``_shared_loader_obj``."""

    def __init__(self) -> None:
        self.action_loader = action_loader
        self.lookup_loader = lookup_loader


lookup_loader = _LookupLoader()
action_loader = _ActionLoader()
SHARED = _Shared()
