"""Why a host could not be reached, in sentences: what happened, at which step, and what to do about it."""

from __future__ import annotations

import asyncio
import errno
import socket

import asyncssh

from orchestra.errors import Unreachable
from orchestra.transport.knownhosts import fingerprint, host_name
from orchestra.transport.sshclient import Attempt, Credentials
from orchestra.transport.sshconfig import Target

_REACH_HINTS = {
    errno.ECONNREFUSED: (
        "refused the connection",
        "is sshd running there, and is the port (ansible_port) right?",
    ),
    errno.EHOSTUNREACH: ("cannot be reached: no route to the host", "is it up, and is its address right?"),
    errno.ENETUNREACH: ("cannot be reached: no route to its network", "is this machine's network up?"),
    errno.ETIMEDOUT: ("did not answer", "is it up, and does a firewall drop the packets?"),
    errno.ECONNRESET: (
        "closed the connection before the handshake",
        "sshd may be overloaded (MaxStartups) or block us",
    ),
    errno.EACCES: ("cannot be reached: this machine's firewall forbids it", ""),
    errno.EPERM: ("cannot be reached: this machine's firewall forbids it", ""),
}
_TRANSIENT = (errno.ECONNRESET, errno.EPIPE)


class ConnectFailed(Unreachable):
    """An Unreachable that knows whether another attempt makes sense: ``broken`` in mid-handshake, or ``silent``."""

    def __init__(self, message: str, *, hint: str = "", broken: bool = False, silent: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.broken = broken
        self.silent = silent


def name_failure(target: Target, problem: socket.gaierror) -> ConnectFailed:
    """The name could not be looked up."""
    if problem.errno == socket.EAI_AGAIN:
        return ConnectFailed(
            f"the name {target.host!r} could not be looked up: no name server answers",
            hint="try again, or give the address as ansible_host",
            silent=True,
        )
    return ConnectFailed(
        f"the name {target.host!r} is not known ({problem.strerror})",
        hint="is it spelt right? ansible_host gives the address where the inventory name is not one",
    )


def timed_out(target: Target, attempt: Attempt, seconds: float) -> ConnectFailed:
    """The deadline passed."""
    hints = {
        "looking up the name": "does a name server answer? ansible_host may hold an address",
        "opening the TCP connection": "is it up, and does a firewall drop the packets?",
        "the jump host connects to it": "is it up, and may the jump host reach it?",
        "exchanging keys": "something listens there but does not speak; is it sshd, and is it overloaded?",
        "authenticating": "sshd may wait for its own name server (UseDNS) or for PAM",
    }
    return ConnectFailed(
        f"{target.where}: timed out after {seconds:g} s while {attempt.stage}",
        hint=hints.get(attempt.stage, ""),
        silent=True,
    )


def connect_failure(target: Target, attempt: Attempt, credentials: Credentials, problem: BaseException) -> Unreachable:
    """Say what an exception from below means for the user."""
    if isinstance(problem, Unreachable):
        return problem
    if isinstance(problem, asyncssh.HostKeyNotVerifiable):
        return host_key_failure(target, attempt, problem)
    if isinstance(problem, asyncssh.PermissionDenied):
        return _denied(target, attempt, credentials)
    if isinstance(problem, asyncssh.KeyExchangeFailed):
        return _no_common_algorithm(target, problem)
    if isinstance(problem, asyncssh.ChannelOpenError):
        return ConnectFailed(f"{target.where}: the jump host cannot open the way to it: {problem.reason}", silent=True)
    if isinstance(problem, asyncssh.DisconnectError):
        return _disconnected(target, attempt, credentials, problem)
    if isinstance(problem, OSError):
        return _os_failure(target, attempt, problem)
    if isinstance(problem, ValueError):  # asyncssh refuses a setting
        return Unreachable(f"{target.where}: an ssh setting cannot be used: {problem}")
    raise problem


def _os_failure(target: Target, attempt: Attempt, problem: OSError) -> ConnectFailed:
    code = problem.errno or 0
    text, hint = _REACH_HINTS.get(code, (f"failed while {attempt.stage}: {problem.strerror or problem}", ""))
    return ConnectFailed(f"{target.where} {text}", hint=hint, broken=code in _TRANSIENT, silent=code not in _TRANSIENT)


def host_key_failure(target: Target, attempt: Attempt, problem: Exception) -> Unreachable:
    """The host key was refused: unknown, changed, revoked, or signed by a stranger."""
    key = attempt.refused_key
    if key is None:
        reason = str(problem).split(" for host ")[0]
        return Unreachable(f"{target.where}: its host key is refused: {reason}")
    name = host_name(target.key_name, target.port)
    file = target.known_hosts_files[0] if target.known_hosts_files else "~/.ssh/known_hosts"
    if attempt.refused_ca:
        return Unreachable(
            f"{target.where}: its host certificate is signed by an authority that known_hosts does not have:"
            f" {fingerprint(key)}",
            hint=f"add a line '@cert-authority {name} ...' to {file}",
        )
    if attempt.known_places:
        return _changed_key(target, fingerprint(key), attempt.known_places)
    option = f"-p {target.port} " if target.port != 22 else ""
    return Unreachable(
        f"{target.where}: its host key is not known: {fingerprint(key)}",
        hint=f"compare the fingerprint, then: ssh-keyscan {option}{target.key_name} >> {file};"
        " or trust new keys with ansible_ssh_common_args='-o StrictHostKeyChecking=accept-new';"
        " host_key_checking = False turns the check off",
    )


def _changed_key(target: Target, offered: str, places: tuple[tuple[str, str], ...]) -> Unreachable:
    held = ", ".join(f"{print_} ({place})" for place, print_ in places)
    name = host_name(target.key_name, target.port)
    file = places[0][0].rpartition(":")[0]
    return Unreachable(
        f"{target.where}: its host key has CHANGED: it offers {offered}, known_hosts has {held}."
        " Either it was reinstalled or somebody stands between",
        hint=f"if you know why it changed: ssh-keygen -R '{name}' -f {file}",
    )


def _no_common_algorithm(target: Target, problem: Exception) -> Unreachable:
    return Unreachable(
        f"{target.where}: no common algorithm: {problem}",
        hint="old servers need e.g. ansible_ssh_common_args='-o KexAlgorithms=+diffie-hellman-group14-sha1'",
    )


def _denied(target: Target, attempt: Attempt, credentials: Credentials) -> Unreachable:
    tried = list(attempt.offered)
    if attempt.password_sent:
        tried.append("the password")
    untried = [identity.label for identity in credentials.identities if identity.key is None]
    untried = untried if target.explicit_identities or not tried else []
    parts = [f"{target.where}: authentication failed for user {target.user}"]
    parts.append(f"tried {', '.join(tried)}" if tried else "there was no key and no password to try")
    if untried:
        parts.append(f"could not use {', '.join(untried)}")
    parts.append(f"the server takes {', '.join(attempt.methods) or 'none of our methods'}")
    return Unreachable("; ".join(parts), hint=_denied_hint(attempt, credentials))


def _denied_hint(attempt: Attempt, credentials: Credentials) -> str:
    if attempt.password_sent:
        return "is the password (ansible_password, -k) right, and may this user log in?"
    if "password" in attempt.methods or "keyboard-interactive" in attempt.methods:
        return "give a key (ansible_ssh_private_key_file, --private-key) or a password (-k)"
    return "is the public key in the user's authorized_keys there? ansible_user names the user"


def _disconnected(
    target: Target, attempt: Attempt, credentials: Credentials, problem: asyncssh.DisconnectError
) -> Unreachable:
    reason = problem.reason.strip()
    if "authentication failures" in reason.lower():
        return Unreachable(
            f"{target.where}: too many authentication failures: the server gave up after"
            f" {', '.join(attempt.offered) or 'the first keys'}",
            hint="name the right key (ansible_ssh_private_key_file) with -o IdentitiesOnly=yes, or raise MaxAuthTries",
        )
    if isinstance(problem, asyncssh.ProtocolNotSupported) or "Too many banner lines" in reason or "Banner" in reason:
        return Unreachable(f"{target.where}: what listens there does not speak SSH 2: {reason}")
    if isinstance(problem, asyncssh.ConnectionLost):
        return ConnectFailed(
            f"{target.where}: the connection was closed while {attempt.stage}",
            hint="sshd may be overloaded (MaxStartups), block this address, or something else listens there",
            broken=True,
        )
    return Unreachable(f"{target.where}: disconnected while {attempt.stage}: {reason}")


def is_cancelled(problem: BaseException) -> bool:
    """Whether the user stopped the run, which is not the host's failure."""
    return isinstance(problem, (asyncio.CancelledError, KeyboardInterrupt))
