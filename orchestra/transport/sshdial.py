"""Open SSH connections: through jump hosts and proxies, within deadlines, not too many at once, again where it helps.

The order of an attempt: our turn at the address, name, TCP (or a jump host's channel, or a proxy program), our turn for
a key exchange, key exchange, authentication. A person who is asked something on the way stops the clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import random
import shlex
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import asyncssh
from asyncssh import SSHClientConnection, SSHClientConnectionOptions

from orchestra.errors import OptionError, Unreachable
from orchestra.model.record import mutable
from orchestra.transport.arguments import parse_arguments
from orchestra.transport.dial import Deadline, ProxyProgram, look_up, open_tcp, watch_link
from orchestra.transport.endpoint import Endpoint, TransportSettings
from orchestra.transport.failures import ConnectFailed, connect_failure, name_failure, timed_out
from orchestra.transport.keyring import Keyring
from orchestra.transport.knownhosts import TrustStore, fingerprint
from orchestra.transport.questions import Asker
from orchestra.transport.quiet import quieten
from orchestra.transport.ssh import Link
from orchestra.transport.sshclient import Attempt, Client, Credentials, HostKeyPolicy
from orchestra.transport.sshconfig import ConfigFiles, Target, resolve_target

#: Fastest first; asyncssh's own order starts with chacha20, which costs a third more for each connection and packet.
_CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
)
#: A link that breaks in its handshake is mostly a busy sshd's MaxStartups.
_BROKEN_RETRIES = 2
_MOST_JUMPS = 8


@mutable
class _Route:
    """The way to a target: a socket, perhaps a proxy's, or a connection to a jump host."""

    socket: socket.socket | None = None
    proxy: ProxyProgram | None = None
    jump: SSHClientConnection | None = None

    async def abandon(self) -> None:
        """Close what was opened for an attempt that failed; the jump host's connection is shared and stays."""
        if self.proxy is not None:
            await self.proxy.close()


class SshDialer:
    """Opens the SSH connections of one run."""

    def __init__(
        self, settings: TransportSettings, store: TrustStore, asker: Asker, on_notice: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._store = store
        self._asker = asker
        self._on_notice = on_notice
        self._keyring = Keyring(asker)
        self._files = ConfigFiles(settings.home)
        self._handshakes = asyncio.Semaphore(settings.handshakes)
        self._at_address: dict[tuple[str, int], asyncio.Semaphore] = {}
        self._jumps: dict[tuple[str, ...], asyncio.Task[Link]] = {}
        self._base = SSHClientConnectionOptions(config=None, client_keys=None, x509_trusted_certs=None)

    async def open(self, endpoint: Endpoint, *, above: int = 0) -> Link:
        """Open a connection; ``above`` counts the jump hosts in front of it.

        Raises:
            Unreachable: with what happened, at which step, and what to do.
            OptionError: an ssh argument that is unknown or has a bad value.
        """
        target = resolve_target(endpoint, self._settings, self._files)
        if target.strict == "no":
            self._on_notice("host keys are not checked (host_key_checking = False): anybody could answer for a host")
        retries = max(self._settings.retries, target.attempts - 1)
        for count in range(max(retries, _BROKEN_RETRIES) + 1):
            try:
                return await self._attempt(endpoint, target, above)
            except ConnectFailed as failure:
                again = (failure.broken and count < max(retries, _BROKEN_RETRIES)) or (
                    failure.silent and count < retries
                )
                if not again:
                    raise
            pause = self._settings.backoff * 2**count
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
        raise AssertionError("the last attempt returns or raises")

    async def _attempt(self, endpoint: Endpoint, target: Target, above: int) -> Link:
        """Connect once, or twice where somebody at the terminal accepts the host's key in between."""
        policy = HostKeyPolicy(target, self._store, self._on_notice)
        try:
            return await self._connect(endpoint, target, policy, above)
        except _UnknownKey as unknown:
            if not await self._accepts(target, unknown.key):
                raise unknown.failure from None
            policy.accept(unknown.key)
        return await self._connect(endpoint, target, policy, above)

    async def _accepts(self, target: Target, key: asyncssh.SSHKey) -> bool:
        return await self._asker.confirm(
            f"The host key of {target.place} is not known: {fingerprint(key)}\nTrust it from now on (yes/no)? "
        )

    async def _connect(self, endpoint: Endpoint, target: Target, policy: HostKeyPolicy, above: int) -> Link:
        attempt = Attempt()
        policy.begin()
        credentials = self._credentials(endpoint, target)
        route: _Route | None = None
        deadline = Deadline(target.timeout)
        try:
            async with self._turn(target), deadline:
                route = await self._route(endpoint, target, attempt, deadline, above)
                attempt.stage = "the jump host connects to it" if route.jump else "exchanging keys"
                await deadline.pause(self._handshakes.acquire())
                try:
                    link = await self._handshake(target, credentials, attempt, policy, route, deadline)
                finally:
                    self._handshakes.release()
                route = None
                return link
        except (OSError, asyncssh.Error, ValueError) as problem:
            raise self._failure(problem, target, attempt, credentials, deadline, route) from None
        finally:
            if route is not None:
                await route.abandon()

    def _failure(
        self,
        problem: Exception,
        target: Target,
        attempt: Attempt,
        credentials: Credentials,
        deadline: Deadline,
        route: _Route | None,
    ) -> Exception:
        if deadline.expired:
            return timed_out(target, attempt, target.timeout)
        failure = connect_failure(target, attempt, credentials, problem)
        if route is not None and route.proxy is not None and isinstance(failure, ConnectFailed):
            said = route.proxy.said.replace("\n", " / ")
            return Unreachable(f"{target.where}: the ProxyCommand ended" + (f": {said}" if said else ""))
        key = attempt.refused_key
        unknown = key is not None and not attempt.known_places and not attempt.refused_ca
        if key and unknown and target.strict == "ask" and self._asker.available and not target.batch:
            return _UnknownKey(key, failure)
        return failure

    @contextlib.asynccontextmanager
    async def _turn(self, target: Target) -> AsyncIterator[None]:
        """Wait for our turn at one address, so that its sshd does not start to refuse at random."""
        place = (target.host, target.port)
        if place not in self._at_address:
            self._at_address[place] = asyncio.Semaphore(self._settings.handshakes_per_address)
        async with self._at_address[place]:
            yield

    def _credentials(self, endpoint: Endpoint, target: Target) -> Credentials:
        identities = [self._keyring.identity(path) for path in target.identity_files]
        if not target.explicit_identities:
            identities = [identity for identity in identities if identity.problem != "no such file"]
        self._keyring.pair_certificates(identities, target.certificate_files)
        return Credentials(endpoint.password, endpoint.passphrase, identities)

    async def _route(
        self, endpoint: Endpoint, target: Target, attempt: Attempt, deadline: Deadline, above: int
    ) -> _Route:
        if target.jumps:
            attempt.stage = "waiting for the jump host"
            return _Route(jump=await deadline.pause(self._through(endpoint, target, above)))
        if target.proxy_command and target.proxy_command.lower() != "none":
            attempt.stage = "starting the ProxyCommand"
            proxy = await ProxyProgram.start(target.proxy_command)
            return _Route(proxy.socket, proxy)
        try:
            addresses = await look_up(target.host, target.port, target.family)
        except socket.gaierror as problem:
            raise name_failure(target, problem) from None
        attempt.stage = "opening the TCP connection"
        opened = await open_tcp(addresses, target.bind_address, target.timeout)
        watch_link(opened, self._settings.keepalive)
        return _Route(opened)

    async def _through(self, endpoint: Endpoint, target: Target, above: int) -> SSHClientConnection:
        """The connection to the last jump host of a chain; all hosts behind it share one."""
        if above >= _MOST_JUMPS:
            raise Unreachable(f"more than {_MOST_JUMPS} jump hosts in a row; does ProxyJump name itself?")
        key = (*target.jumps, str(endpoint.host_key_checking), _config_argument(endpoint))
        task = self._jumps.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() or task.result().is_closed())):
            task = self._jumps[key] = asyncio.ensure_future(self._open_jump(endpoint, target.jumps, above))
        try:
            link = await asyncio.shield(task)
        except Unreachable as problem:
            raise Unreachable(f"its jump host: {problem.message}", hint=problem.hint) from None
        return link.connection

    async def _open_jump(self, endpoint: Endpoint, jumps: tuple[str, ...], above: int) -> Link:
        hop = jump_endpoint(jumps[-1], endpoint)
        if len(jumps) > 1:
            hop = replace(hop, common_args=f"-J {','.join(jumps[:-1])}")
        elif resolve_target(hop, self._settings, self._files).jumps == jumps:
            hop = replace(hop, common_args="-o ProxyJump=none")  # "Host *" with a ProxyJump covers the jump host too
        return await self.open(hop, above=above + 1)

    async def _handshake(
        self,
        target: Target,
        credentials: Credentials,
        attempt: Attempt,
        policy: HostKeyPolicy,
        route: _Route,
        deadline: Deadline,
    ) -> Link:
        client = Client(target, credentials, attempt, policy, self._keyring, self._asker, deadline.pause)
        base = copy.copy(self._base)
        base.config = target.config
        through_tcp = route.socket is not None and route.proxy is None
        interval = target.alive_interval or (0 if through_tcp else self._settings.keepalive)
        try:
            connection = await asyncssh.connect(
                target.host,
                target.port,
                options=base,
                sock=route.socket,
                tunnel=route.jump,
                client_factory=lambda: client,
                proxy_command=None,
                username=target.user,
                known_hosts=None if target.strict == "no" else policy.trusted,
                login_timeout=0,
                connect_timeout=None,
                keepalive_interval=interval,
                agent_forwarding=target.forward_agent,
                **({} if target.ciphers_named else {"encryption_algs": _CIPHERS}),
                **({} if target.host_keys_named else {"server_host_key_algs": policy.algorithms()}),
            )
        except BaseException:
            if route.socket is not None and not _has_transport(client):
                route.socket.close()
            raise
        quieten(connection)
        return Link(connection, route.proxy)

    async def close(self) -> None:
        """Close the connections to jump hosts and the agents; never raises."""
        tasks, self._jumps = list(self._jumps.values()), {}
        for task in tasks:
            task.cancel() if not task.done() else None
        links = [task.result() for task in tasks if task.done() and not task.cancelled() and not task.exception()]
        await asyncio.gather(*tasks, *(link.close() for link in links), return_exceptions=True)
        await self._keyring.close()


class _UnknownKey(Exception):
    """The host key is unknown, and there is somebody to ask."""

    def __init__(self, key: asyncssh.SSHKey, failure: Exception) -> None:
        super().__init__(str(failure))
        self.key = key
        self.failure = failure


def _has_transport(client: Client) -> bool:
    """Whether asyncssh took the socket over; it then closes it by itself."""
    return hasattr(client, "_conn")


def _config_argument(endpoint: Endpoint) -> str:
    """The ``-F`` of a host's arguments: as with ssh, the file counts for its jump hosts as well."""
    file = parse_arguments(" ".join((endpoint.ssh_args, endpoint.common_args, endpoint.extra_args))).config_file
    return "" if file is None else f"-F {shlex.quote(file)}"


def jump_endpoint(hop: str, behind: Endpoint) -> Endpoint:
    """Read one hop of ProxyJump: ``[user@]host[:port]`` or ``ssh://...``.

    Raises:
        OptionError: a port that is not a number.
    """
    user, at, place = hop.removeprefix("ssh://").rstrip("/").rpartition("@")
    host, port = place, ""
    if place.startswith("["):
        host, _, rest = place[1:].partition("]")
        port = rest.removeprefix(":")
    elif place.count(":") == 1:
        host, _, port = place.partition(":")
    if port and not port.isdigit():
        raise OptionError(f"ProxyJump {hop!r}: the port {port!r} is not a number")
    return Endpoint(
        name=host,
        port=int(port) if port else None,
        user=user if at else "",
        ssh_args=_config_argument(behind),
        timeout=behind.timeout,
        host_key_checking=behind.host_key_checking,
    )
