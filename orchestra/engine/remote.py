"""A host as an action sees it: the session opens when it is first used; all tasks of the same route share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestra.engine.connections import Route
from orchestra.model.invocation import Become, Completed, Invocation, Reply

if TYPE_CHECKING:
    from orchestra.engine.sessions import Sessions


class Remote:
    """One task's way to its host; a HostSession."""

    __slots__ = ("_route", "_sessions")

    def __init__(self, sessions: Sessions, route: Route) -> None:
        self._sessions = sessions
        self._route = route

    @property
    def is_controller(self) -> bool:
        """Whether tasks run on the controller itself."""
        return self._route.endpoint.kind == "local"

    async def run_module(self, invocation: Invocation) -> Reply:
        """Run a module. Raises HostError."""
        session = await self._sessions.runner(self._route)
        return await session.run_module(invocation)

    def found_interpreter(self) -> str:
        """The Python that was found on the host; empty where one is named, or none was found yet."""
        return "" if self._route.interpreter else self._sessions.interpreter(self._route)

    async def run_raw(
        self, command: str, *, become: Become | None = None, stdin: bytes = b"", pty: bool = False, timeout: float = 0
    ) -> Completed:
        """Run a command line without Python on the host. Raises HostError."""
        return await self._sessions.run_raw(self._route, command, stdin=stdin, pty=pty, timeout=timeout)

    async def leave(self, user: str) -> None:
        """End what waits for tasks as a user that a task became."""
        await self._sessions.leave(self._route.endpoint.name, user)
