"""Facts that are kept from run to run, where ``fact_caching`` says; ansible-core reads what is written here.

A host's facts are kept under the names that modules returned. What comes back is data, as it was when the host told it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from orchestra.engine.hoststate import HostState, steers_connection

#: Facts hold this when they were gathered, and not only set: ``gathering: smart`` asks.
GATHERED = "_ansible_facts_gathered"


class Cache(Protocol):
    """Where facts are kept."""

    def read(self, key: str) -> Mapping[str, Any] | None:
        """What is kept; None for nothing. Raises OrchestraError."""

    def write(self, key: str, value: Mapping[str, Any]) -> None:
        """Keep something. Raises OrchestraError."""

    def forget(self, key: str) -> None:
        """Keep it no longer. Raises OrchestraError."""


class FactCache:
    """The kept facts of all hosts; each host's are read once."""

    def __init__(self, cache: Cache, *, inject: bool) -> None:
        """With ``inject`` facts are variables of their own, too."""
        self._cache = cache
        self._inject = inject
        self._known: dict[str, dict[str, Any]] = {}

    def of(self, host: str) -> Mapping[str, Any]:
        """A host's kept facts under the names that modules returned."""
        return {name: value for name, value in self._of(host).items() if name != GATHERED}

    def variables(self, host: str) -> Mapping[str, Any]:
        """Those that are variables of their own: none that would steer the connection."""
        return {name: value for name, value in self.of(host).items() if not steers_connection(name)}

    def restore(self, state: HostState) -> None:
        """Give a host that comes into the run what is kept of it."""
        kept = self._of(state.name)
        state.learn_facts(self.of(state.name), inject=self._inject)
        state.gathered = bool(kept.get(GATHERED))

    def add(self, state: HostState, facts: Mapping[str, Any]) -> None:
        """Keep facts that a host has just told; ``gathered`` of its state says whether they are whole."""
        known = self._of(state.name)
        known.update(facts)
        if state.gathered:
            known[GATHERED] = True
        self._cache.write(state.name, known)

    def forget(self, host: str) -> None:
        """Keep nothing of a host."""
        self._known.pop(host, None)
        self._cache.forget(host)

    def _of(self, host: str) -> dict[str, Any]:
        found = self._known.get(host)
        if found is None:
            found = self._known[host] = dict(self._cache.read(host) or {})
        return found
