"""What we answer while asyncssh opens a connection: is this host key trusted, and which keys and passwords to try.

It keeps what it saw, so that a failure can say which keys and methods were tried. It must not open sockets or channels.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import field

import asyncssh
from asyncssh import SSHClientConnection, SSHKey

from orchestra.model.record import mutable
from orchestra.transport.keyring import Identity, Keyring, Offer
from orchestra.transport.knownhosts import KnownKey, Trusted, TrustStore, fingerprint, host_name, sort_keys
from orchestra.transport.questions import Asker
from orchestra.transport.sshconfig import Target

#: Kinds of host keys in ssh's own order; the old ones need -o HostKeyAlgorithms=+ssh-rsa, as with ssh.
_HOST_KEYS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)


@mutable
class Credentials:
    """What may open the door of one target."""

    password: str | None
    passphrase: str | None
    identities: Sequence[Identity]


@mutable
class Attempt:
    """What one attempt to connect saw."""

    #: Which step is under way; a time-out names it.
    stage: str = "looking up the name"
    #: The host key that was refused, and the known_hosts lines about the host at that moment.
    refused_key: SSHKey | None = None
    known_places: tuple[tuple[str, str], ...] = ()
    refused_ca: bool = False
    #: Keys as they were offered, for messages.
    offered: list[str] = field(default_factory=list)
    #: Authentication methods that the server would take.
    methods: list[str] = field(default_factory=list)
    password_sent: bool = False
    banner: str = ""


class HostKeyPolicy:
    """Decides on host keys by the known hosts of a target."""

    def __init__(self, target: Target, store: TrustStore, on_notice: Callable[[str], None]) -> None:
        self._target = target
        self._store = store
        self._on_notice = on_notice
        self._files = (*target.known_hosts_files, *target.global_known_hosts_files)
        self._known: Sequence[KnownKey] = ()
        self._trusted: Trusted = ([], [], [])

    def begin(self) -> None:
        """Look the target up again; another connection may have brought its key meanwhile."""
        self._known = self._store.hosts(self._files).lookup(self._target.key_name, self._target.port)
        self._trusted = sort_keys(self._known)

    def algorithms(self) -> list[str]:
        """The kinds of host key to accept, best first.

        Known kinds come first, so that a known host shows a known key; the others follow, so that a host whose key was
        changed for one of another kind is seen to have changed. Certificates are wanted where an authority is known.
        """
        keys, authorities, _ = self._trusted
        known = [name.decode() for key in keys for name in key.sig_algorithms]
        wanted = [name for name in known if name in _HOST_KEYS]
        certificates = [f"{name}-cert-v01@openssh.com" for name in _HOST_KEYS] if authorities else []
        return list(dict.fromkeys((*certificates, *wanted, *_HOST_KEYS)))

    def trusted(self, _host: str, _address: str, _port: int | None) -> tuple[Sequence[SSHKey], ...]:
        """asyncssh's question for the keys of a host, before it connects."""
        return self._trusted

    def judge(self, key: SSHKey, attempt: Attempt) -> bool:
        """Decide on a key that no line trusted when we began, and note why it was refused."""
        self.begin()
        if any(known.public_data == key.public_data for known in self._trusted[0]):
            return True
        places = self.places_of()
        if not places and self._target.strict == "accept-new":
            self.accept(key)
            return True
        attempt.refused_key, attempt.known_places = key, places
        return False

    def accept(self, key: SSHKey) -> None:
        """Trust a key from now on, and write it down, once, where the user's known hosts are."""
        self.begin()
        if any(known.public_data == key.public_data for known in self._trusted[0]):
            return
        target = self._target
        file = target.known_hosts_files[0] if target.known_hosts_files else None
        if file is not None and file.exists() and not file.is_file():  # /dev/null
            file = None
        name = host_name(target.key_name, target.port)
        problem = self._store.remember(self._files, file, name, key, hashed=target.hash_known_hosts)
        if problem:
            self._on_notice(f"the host key of {target.name} could not be written down: {problem}")

    def places_of(self) -> tuple[tuple[str, str], ...]:
        """The lines that hold keys of the target, with their fingerprints."""
        return tuple((line.place, fingerprint(key)) for line in self._known if not line.marker and (key := line.key()))


class Client(asyncssh.SSHClient):
    """One connection's owner, as asyncssh calls it."""

    def __init__(
        self,
        target: Target,
        credentials: Credentials,
        attempt: Attempt,
        policy: HostKeyPolicy,
        keyring: Keyring,
        asker: Asker,
        pause: Callable[[Awaitable[object]], Awaitable[object]],
    ) -> None:
        self._target = target
        self._credentials = credentials
        self._attempt = attempt
        self._policy = policy
        self._keyring = keyring
        self._asker = asker
        #: Waits for a person without the deadline running.
        self._pause = pause
        self._locked = [identity for identity in credentials.identities if identity.locked]
        self._offered_ready = False
        self._password_left = credentials.password is not None
        #: Set when a connection that was open ends; ``None`` is a clean end.
        self.on_lost: Callable[[Exception | None], None] | None = None

    def connection_made(self, conn: SSHClientConnection) -> None:
        """Note the connection; the key exchange begins."""
        self._attempt.stage = "exchanging keys"
        self._conn = conn

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever holds the connection."""
        if self.on_lost is not None:
            self.on_lost(exc)

    def validate_host_public_key(self, host: str, addr: str, port: int, key: SSHKey) -> bool:
        """Decide on a host key that known_hosts does not have."""
        return self._policy.judge(key, self._attempt)

    def validate_host_ca_key(self, host: str, addr: str, port: int, key: SSHKey) -> bool:
        """Never trust an unknown certificate authority."""
        self._attempt.refused_ca = True
        self._attempt.refused_key = key
        return False

    def auth_banner_received(self, msg: str, lang: str) -> None:
        """Keep the banner: it sometimes says why nobody gets in."""
        self._attempt.banner = msg

    async def public_key_auth_requested(self) -> list[Offer] | None:
        """Offer keys: first all that are ready, then, one by one, those that need a pass phrase."""
        self._note_methods()
        if not self._offered_ready:
            self._offered_ready = True
            ready = await self._ready_offers()
            if ready:
                return ready
        while self._locked and not self._target.batch:
            identity = self._locked.pop(0)
            if self._credentials.password is not None and not self._target.explicit_identities:
                continue
            await self._pause(self._keyring.unlock(identity, self._credentials.passphrase))
            offer = identity.offer()
            if offer is not None:
                self._attempt.offered.append(identity.label)
                return [offer]
        return None

    async def _ready_offers(self) -> list[Offer]:
        ready = [identity for identity in self._credentials.identities if identity.key is not None]
        self._locked = [identity for identity in self._locked if identity.key is None]
        files = [offer for identity in ready if (offer := identity.offer()) is not None]
        labels = [identity.label for identity in ready]
        agent, agent_labels = await self._agent_offers()
        if self._target.explicit_identities:  # named keys before the agent's, or a full agent uses up all attempts
            self._attempt.offered += labels + agent_labels
            return files + agent
        self._attempt.offered += agent_labels + labels
        return agent + files

    async def _agent_offers(self) -> tuple[list[Offer], list[str]]:
        wanted = {identity.public for identity in self._credentials.identities if identity.public}
        held = {identity.public for identity in self._credentials.identities if identity.key is not None}
        offers: list[Offer] = []
        labels: list[str] = []
        for pair in await self._keyring.agent_keys(self._target.agent):
            data = pair.public_data
            if data in held or (self._target.identities_only and data not in wanted):
                continue
            offers.append(pair)
            labels.append(f"agent: {pair.get_comment() or pair.get_algorithm()}")
        return offers, labels

    def password_auth_requested(self) -> str | None:
        """Give the password, once."""
        self._note_methods()
        if not self._password_left:
            return None
        self._password_left = False
        self._attempt.password_sent = True
        return self._credentials.password

    def kbdint_auth_requested(self) -> str | None:
        """Take part in keyboard-interactive where there is a password or somebody to answer."""
        self._note_methods()
        can_answer = self._credentials.password is not None or (self._asker.available and not self._target.batch)
        return "" if can_answer else None

    async def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> Sequence[str] | None:
        """Answer prompts: the password where one is asked for, else what the person at the terminal says."""
        answers = []
        for prompt, echo in prompts:
            answer = await self._answer(prompt, echo)
            if answer is None:
                return None
            answers.append(answer)
        return answers

    async def _answer(self, prompt: str, echo: bool) -> str | None:
        if _asks_for_password(prompt, echo):
            if not self._password_left:
                return None
            self._password_left = False
            self._attempt.password_sent = True
            return self._credentials.password
        if not self._asker.available or self._target.batch:
            return None
        question = f"{self._target.name}: {prompt}"
        answer = await self._pause(self._asker.ask_again(question, secret=not echo))
        return None if answer is None else str(answer)

    def _note_methods(self) -> None:
        self._attempt.stage = "authenticating"
        for method in self._conn.get_server_auth_methods():
            if method not in self._attempt.methods and method != "none":
                self._attempt.methods.append(method)


def _asks_for_password(prompt: str, echo: bool) -> bool:
    """One-time codes name themselves; anything else that is not echoed is a password, in whatever language."""
    lowered = prompt.lower()
    return not echo and not any(word in lowered for word in ("code", "token", "otp", "one-time", "verification", "pin"))
