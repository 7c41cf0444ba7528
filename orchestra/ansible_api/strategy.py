"""Strategies as classes to extend, ``ansible.plugins.strategy``. Ours are the engine's own: a class only says which."""

from __future__ import annotations

from typing import Any

__all__ = ["StrategyBase", "strategy"]


class StrategyBase:
    """A strategy; its ``native`` is the one of ours that it is."""

    native = ""
    ALLOW_BASE_THROTTLING = True

    def __init__(self, tqm: Any = None) -> None:
        self._tqm = tqm

    def run(self, iterator: Any = None, play_context: Any = None) -> Any:
        """Part of the interface; the engine runs plays."""


def strategy(name: str) -> type[StrategyBase]:
    """The class that stands for a strategy of ours."""
    return type("StrategyModule", (StrategyBase,), {"native": name})


def changed(cls: type[Any]) -> list[str]:
    """The methods with which a class changes how plays run."""
    own = {name for base in cls.__mro__ if base.__module__ != __name__ and base is not object for name in vars(base)}
    return sorted(name for name in own if callable(getattr(cls, name, None)) and name not in ("__init__", "__doc__"))
