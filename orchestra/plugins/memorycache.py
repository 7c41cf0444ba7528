"""The cache that keeps nothing from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orchestra.ansible_api.cache import BaseCacheModule


class Memory(BaseCacheModule):
    """``memory``."""

    _persistent = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        """What is kept. Raises KeyError."""
        return self._held[key]

    def set(self, key: str, value: Any) -> None:
        """Keep something."""
        self._held[key] = value

    def keys(self) -> Sequence[str]:
        """Everything that is kept."""
        return list(self._held)

    def contains(self, key: str) -> bool:
        """Whether something is kept."""
        return key in self._held

    def delete(self, key: str) -> None:
        """Forget something."""
        self._held.pop(key, None)

    def flush(self) -> None:
        """Forget everything."""
        self._held = {}
