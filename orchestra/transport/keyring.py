"""The private keys of one run: each file is read once, each pass phrase asked for once. It must not know hosts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import asyncssh
from asyncssh import SSHAgentClient, SSHCertificate, SSHKey, SSHKeyPair

from orchestra.model.record import mutable
from orchestra.transport.knownhosts import fingerprint
from orchestra.transport.questions import Asker

_TRIES = 3
#: A key as asyncssh takes it: alone, with its certificate, or in the agent.
Offer = SSHKey | tuple[SSHKey, SSHCertificate] | SSHKeyPair


@mutable
class Identity:
    """One private key file. ``key`` is None while a pass phrase locks it, or for good when there is a ``problem``."""

    path: Path
    key: SSHKey | None = None
    certificate: SSHCertificate | None = None
    #: The public half, where it can be known without the pass phrase.
    public: bytes = b""
    problem: str = ""

    @property
    def locked(self) -> bool:
        """Whether a pass phrase would help."""
        return self.key is None and not self.problem

    @property
    def label(self) -> str:
        """The key as messages name it."""
        if self.key is None:
            return f"{self.path} ({self.problem or 'locked by a pass phrase'})"
        return f"{self.path} ({fingerprint(self.key)})"

    def offer(self) -> Offer | None:
        """The key in the form that asyncssh takes."""
        if self.key is None:
            return None
        return (self.key, self.certificate) if self.certificate else self.key


class Keyring:
    """Reads keys as they are wanted and keeps them for the run."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._identities: dict[Path, Identity] = {}
        self._unlocking: dict[Path, asyncio.Task[bool]] = {}
        self._certificates: dict[Path, SSHCertificate | None] = {}
        self._agents: dict[str, SSHAgentClient] = {}

    def identity(self, path: Path) -> Identity:
        """The key of a file; never raises: what is wrong with it is in ``problem``."""
        if path not in self._identities:
            self._identities[path] = _read_identity(path)
        return self._identities[path]

    def pair_certificates(self, identities: Sequence[Identity], paths: Sequence[Path]) -> None:
        """Give certificates that stand in files of their own (CertificateFile) to the keys they belong to."""
        for path in paths:
            certificate = self._certificate(path)
            for identity in identities:
                if certificate and identity.key and certificate.key.public_data == identity.key.public_data:
                    identity.certificate = certificate

    def _certificate(self, path: Path) -> SSHCertificate | None:
        if path not in self._certificates:
            self._certificates[path] = _read_certificate(path)
        return self._certificates[path]

    async def unlock(self, identity: Identity, passphrase: str | None = None) -> bool:
        """Open a locked key, with the pass phrase given or asked for, once in a run; says whether it is open."""
        if identity.locked:
            if identity.path not in self._unlocking:
                self._unlocking[identity.path] = asyncio.ensure_future(self._unlock(identity, passphrase))
            await asyncio.shield(self._unlocking[identity.path])
        return identity.key is not None

    async def _unlock(self, identity: Identity, passphrase: str | None) -> bool:
        given = passphrase is not None
        for attempt in range(_TRIES):
            if not given:
                question = f"Pass phrase for the key {identity.path}: "
                passphrase = await self._asker.ask_again(("Wrong. " if attempt else "") + question, secret=True)
            given = False
            if passphrase is None:
                identity.problem = "locked by a pass phrase, and nobody to ask for it"
                return False
            if await self._open(identity, passphrase):
                return True
            if not self._asker.available:
                break
        identity.problem = "the pass phrase is wrong"
        return False

    async def _open(self, identity: Identity, passphrase: str) -> bool:
        try:  # bcrypt takes a tenth of a second on purpose: not on the loop's time
            data = identity.path.read_bytes()
            identity.key = await asyncio.to_thread(asyncssh.import_private_key, data, passphrase)
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, OSError):
            return False
        identity.certificate = _read_certificate(Path(f"{identity.path}-cert.pub"))
        return True

    async def agent_keys(self, socket_path: str) -> Sequence[SSHKeyPair]:
        """What the agent at ``socket_path`` holds; nothing when there is no agent. One link to it serves the run."""
        if not socket_path:
            return ()
        try:
            if socket_path not in self._agents:
                self._agents[socket_path] = await asyncssh.connect_agent(socket_path)
            return await self._agents[socket_path].get_keys()
        except (OSError, ValueError, asyncssh.Error):
            self._agents.pop(socket_path, None)
            return ()

    async def close(self) -> None:
        """Let go of the agents."""
        agents, self._agents = self._agents, {}
        for agent in agents.values():
            agent.close()
            await agent.wait_closed()


def _read_identity(path: Path) -> Identity:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Identity(path, problem="no such file")
    except OSError as problem:
        return Identity(path, problem=(problem.strerror or str(problem)).lower())
    try:
        key = asyncssh.import_private_key(data)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as problem:
        return _without_key(path, data, str(problem))
    return Identity(path, key, _read_certificate(Path(f"{path}-cert.pub")), key.public_data)


def _without_key(path: Path, data: bytes, reason: str) -> Identity:
    """A locked key, or a public one that points at a key in the agent."""
    public = _public_half(path, data)
    if reason.startswith("Passphrase"):
        return Identity(path, public=public)
    if public and b"PRIVATE KEY" not in data:
        return Identity(path, public=public, problem="a public key; the agent may hold its private half")
    return Identity(path, problem=f"not a private key: {reason}")


def _public_half(path: Path, data: bytes) -> bytes:
    for read in (partial(asyncssh.import_public_key, data), partial(asyncssh.read_public_key, f"{path}.pub")):
        try:
            return read().public_data
        except (asyncssh.KeyImportError, OSError):
            continue
    return b""


def _read_certificate(path: Path) -> SSHCertificate | None:
    try:
        return asyncssh.read_certificate(path)
    except (OSError, asyncssh.KeyImportError):
        return None
