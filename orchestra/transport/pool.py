"""The one door of this room: give it an Endpoint, get a Connection. One pool serves one run.

A pool keeps what hosts of a run share: known hosts read once, keys and pass phrases, jump hosts, the bound on
simultaneous handshakes. It hands each caller a connection of its own and does not count them; the engine does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from orchestra.errors import Unreachable, nearest
from orchestra.model.ports import Connection
from orchestra.transport.endpoint import Endpoint, TransportSettings
from orchestra.transport.lightimport import import_asyncssh
from orchestra.transport.questions import Ask, Asker
from orchestra.transport.reaching import by_ssh

if TYPE_CHECKING:
    from orchestra.transport.sshdial import SshDialer

#: Opens connections of one kind.
Opener = Callable[[Endpoint], Awaitable[Connection]]
#: Names that projects use for the ssh connection.
_ALIASES = {"smart": "ssh", "paramiko_ssh": "paramiko", "ssh_paramiko": "paramiko"}


class TransportPool:
    """Opens connections for one run, and closes them all at its end.

    ``known_hosts`` replaces the user's own files (not what ``-o UserKnownHostsFile`` names); ``ask`` puts a question
    (text, secret) to the person at the terminal and returns the answer or None; ``on_notice`` gets sentences that the
    user should read, each once. ``openers`` adds kinds of connection, or replaces them (``memory`` in tests).
    """

    def __init__(
        self,
        settings: TransportSettings | None = None,
        *,
        known_hosts: Path | str | None = None,
        ask: Ask | None = None,
        on_notice: Callable[[str], None] | None = None,
        openers: Mapping[str, Opener] | None = None,
    ) -> None:
        self._settings = settings or TransportSettings()
        if known_hosts is not None:
            self._settings = replace(self._settings, user_known_hosts=(Path(known_hosts),))
        self._asker = Asker(ask)
        self._notices: set[str] = set()
        self._on_notice = on_notice
        self._dialer: SshDialer | None = None
        self._openers: dict[str, Opener] = {
            "ssh": self._open_ssh,
            "paramiko": self._open_paramiko,
            "local": self._open_local,
            **(openers or {}),
        }
        self._open: list[Connection] = []

    async def connect(self, endpoint: Endpoint) -> Connection:
        """Open a connection.

        Raises:
            Unreachable: with what happened, at which step, and what to do about it.
            OptionError: an ssh argument that is unknown or has a bad value; the caller adds its origin.
        """
        kind = _ALIASES.get(endpoint.kind, endpoint.kind).removeprefix("ansible.builtin.")
        opener = self._openers.get(kind)
        if opener is None:
            close = nearest(kind, self._openers) or sorted(self._openers)
            raise Unreachable(f"connection {endpoint.kind!r} is not known", hint=f"use {', '.join(close)}")
        connection = await opener(endpoint)
        self._open.append(connection)
        return connection

    async def close(self) -> None:
        """Close everything that is still open; never raises."""
        connections, self._open = self._open, []
        await asyncio.gather(*(connection.close() for connection in connections), return_exceptions=True)
        if self._dialer is not None:
            await self._dialer.close()

    def notice(self, message: str) -> None:
        """Tell the user, once."""
        if message not in self._notices:
            self._notices.add(message)
            if self._on_notice is not None:
                self._on_notice(message)

    def _ssh_dialer(self) -> SshDialer:
        """asyncssh is heavy to import; runs without SSH do without it."""
        if self._dialer is None:
            from orchestra.transport.knownhosts import TrustStore
            from orchestra.transport.sshdial import SshDialer

            self._dialer = SshDialer(self._settings, TrustStore(), self._asker, self.notice)
        return self._dialer

    async def _open_ssh(self, endpoint: Endpoint) -> Connection:
        import_asyncssh()
        from orchestra.transport.ssh import SshConnection

        dialer = self._ssh_dialer()
        with by_ssh():
            first = await dialer.open(endpoint)
        another = partial(dialer.open, endpoint)
        settings = self._settings
        return SshConnection(endpoint.name, first, another, settings.become_timeout, settings.output_limit, self.notice)

    async def _open_paramiko(self, endpoint: Endpoint) -> Connection:
        from orchestra.transport.paramiko import open_paramiko

        connection: Connection = await open_paramiko(endpoint, self._settings, self._asker, self.notice)
        return connection

    async def _open_local(self, endpoint: Endpoint) -> Connection:
        from orchestra.transport.local import LocalConnection

        settings = self._settings
        return LocalConnection(endpoint.name, settings.become_timeout, settings.output_limit, self.notice)
