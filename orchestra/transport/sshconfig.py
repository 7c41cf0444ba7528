"""One endpoint's settings, joined from the inventory, the ssh arguments and ssh_config files, by asyncssh's own parser.

The parser reads each file once in a run (its words are kept), because its line splitting costs more than a handshake
when a configuration has a few hundred lines. This file must not open connections.
"""

from __future__ import annotations

import getpass
import os
import shlex
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from asyncssh.config import ConfigParseError, SSHClientConfig, SSHConfig

from orchestra.errors import OptionError, Unreachable
from orchestra.model.record import record
from orchestra.transport.arguments import SshArguments, parse_arguments
from orchestra.transport.endpoint import Endpoint, TransportSettings

#: Names of asyncssh's table to which we add what it leaves to the ssh program.
_OURS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("BatchMode", SSHConfig._set_bool),
    ("ConnectionAttempts", SSHConfig._set_int),
    ("HashKnownHosts", SSHConfig._set_bool),
    ("StrictHostKeyChecking", SSHConfig._set_string),
)


_HANDLERS = {**SSHClientConfig._handlers, **{name.lower(): (name, handler) for name, handler in _OURS}}
#: ssh(1) puts tokens into the last two as well.
_EXPANDED = {*SSHClientConfig._percent_expand, "UserKnownHostsFile", "GlobalKnownHostsFile"}


@record
class _Line:
    number: int
    keyword: str
    words: tuple[str, ...]
    text: str


class _Config(SSHClientConfig):
    """asyncssh's client configuration, reading from kept words, and knowing four more options."""

    def __init__(self, files: ConfigFiles, user: str, host: str, port: int | None) -> None:
        local_user = getpass.getuser()
        super().__init__(None, False, False, False, local_user, user or (), host, port or ())  # type: ignore[arg-type]
        self._handlers = _HANDLERS
        self._percent_expand = _EXPANDED
        self._files = files
        self._depth = 0
        self._tokens = {"%": "%"}
        self._default_path = files.home / ".ssh"
        #: asyncssh takes a configuration as read, and looks for no other, when this is set.
        self.loaded = True

    def apply(self, name: str, value: str) -> None:
        """Set one option as a line of a file would; the first value of an option stays."""
        option, handler = self._handlers[name.lower()]
        words = [value] if name.lower() in self._no_split else shlex.split(value)
        handler(self, option, words)
        if words:
            self._error(f"{option} has more than one value: {value}")

    def parse(self, path: Path) -> None:
        """Apply the lines of a file; tokens such as %h are left to ``finish``, since a later line may set the name."""
        kept = self._path, self._line_no
        self._path, self._matching = path, True
        for line in self._files.lines(path):
            self._line_no = line.number
            if self._matching or line.keyword in self._conditionals:
                self._apply_line(line)
        self._path, self._line_no = kept

    def _apply_line(self, line: _Line) -> None:
        option, handler = self._handlers.get(line.keyword, ("", None))
        if handler is None:
            return
        words = [line.text] if line.keyword in self._no_split else list(line.words)
        if not words:
            self._error(f"{option} has no value")
        handler(self, option, words)
        if words:
            self._error(f"{option} has more than one value: {' '.join(words)}")

    def finish(self) -> None:
        """Put values in place of tokens (%h, %p, %r ...) and of ``${VARIABLES}``."""
        self._set_tokens()
        self._tokens["d"] = str(self._files.home)
        for option in self._percent_expand & self._options.keys():
            value = self._options[option]
            if isinstance(value, list):
                self._options[option] = [self._expand_val(item) for item in value]
            elif isinstance(value, str):
                self._options[option] = self._expand_val(value)


class ConfigFiles:
    """The ssh_config files of one run, split into words once."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._lines: dict[Path, tuple[_Line, ...]] = {}

    def lines(self, path: Path) -> tuple[_Line, ...]:
        """The meaningful lines of a file; none when it cannot be read, as ssh does."""
        if path not in self._lines:
            self._lines[path] = tuple(_read_lines(path))
        return self._lines[path]


def _read_lines(path: Path) -> Sequence[_Line]:
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ()
    stripped = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    return [_split_line(path, number, line) for number, line in stripped if line and not line.startswith("#")]


def _split_line(path: Path, number: int, line: str) -> _Line:
    """``Keyword words``, ``Keyword=word`` and quoted words, as ssh_config(5) allows them."""
    keyword, separator, rest = line, "", ""
    for position, char in enumerate(line):
        if char in " \t=":
            keyword, separator, rest = line[:position], char, line[position + 1 :].strip()
            break
    if separator != "=" and rest.startswith("="):
        rest = rest[1:].lstrip()
    try:
        words = tuple(shlex.split(rest, comments=True))
    except ValueError as problem:
        raise ConfigParseError(f"{path} line {number}: {problem}") from None
    return _Line(number, keyword.lower(), words, rest)


@record
class Target:
    """All that is known about reaching one host before a socket is opened."""

    #: The inventory name, for messages.
    name: str
    host: str
    port: int
    user: str
    #: ProxyJump's hops, nearest first; each as ssh writes it (user@host:port).
    jumps: tuple[str, ...]
    proxy_command: str
    family: int
    bind_address: str
    #: In the order in which they are tried; the first ``explicit`` of them were named on purpose.
    identity_files: tuple[Path, ...]
    explicit_identities: bool
    identities_only: bool
    certificate_files: tuple[Path, ...]
    #: The agent's socket; empty for none.
    agent: str
    forward_agent: str
    #: yes, ask, accept-new or no.
    strict: str
    known_hosts_files: tuple[Path, ...]
    global_known_hosts_files: tuple[Path, ...]
    hash_known_hosts: bool
    #: The name under which host keys are looked up.
    key_name: str
    batch: bool
    attempts: int
    #: Seconds; 0 is no limit.
    timeout: float
    #: Seconds between probes that ssh_config asks for; 0 leaves it to TCP.
    alive_interval: float
    ciphers_named: bool
    host_keys_named: bool
    #: asyncssh's view of the same configuration, for algorithms and the like.
    config: SSHClientConfig

    @property
    def where(self) -> str:
        """Address and port as messages show them; who reads one sees the inventory name beside it."""
        return f"{self.host} port {self.port}"

    @property
    def place(self) -> str:
        """Name, address and port, for questions: ``web01 (10.0.0.5 port 22)``."""
        return f"{self.name} ({self.where})"


def resolve_target(endpoint: Endpoint, settings: TransportSettings, files: ConfigFiles) -> Target:
    """Join inventory, arguments and files into one Target.

    Raises:
        OptionError: an ssh argument that is unknown or has a bad value.
        Unreachable: an ssh_config file with a mistake.
    """
    arguments = parse_arguments(" ".join((endpoint.ssh_args, endpoint.common_args, endpoint.extra_args)))
    config = _Config(files, endpoint.user, endpoint.target, endpoint.port)
    _apply_arguments(config, arguments)
    try:
        for path in _config_paths(arguments, settings):
            config.parse(path)
        config.finish()
    except ConfigParseError as problem:
        raise Unreachable(f"the ssh configuration cannot be used: {problem}") from None
    return _target_from(endpoint, settings, config, arguments)


def _apply_arguments(config: _Config, arguments: SshArguments) -> None:
    for name, value in arguments.options:
        try:
            config.apply(name, value)
        except ValueError as problem:
            reason = str(problem).removeprefix(". line 0: ")
            raise OptionError(f"the ssh option {name}={value} cannot be used: {reason}") from None


def _config_paths(arguments: SshArguments, settings: TransportSettings) -> Sequence[Path]:
    if arguments.config_file is None:
        return (settings.home / ".ssh" / "config", settings.system_config)
    if arguments.config_file.lower() == "none":
        return ()
    path = _expanded(arguments.config_file, settings.home)
    if not os.access(path, os.R_OK) or path.is_dir():
        raise OptionError(f"the ssh configuration file {path} (option -F) cannot be read")
    return (path,)


def _expanded(text: str, home: Path) -> Path:
    return home / text[2:] if text.startswith("~/") else Path(text)


def _target_from(endpoint: Endpoint, settings: TransportSettings, config: _Config, arguments: SshArguments) -> Target:
    get: Callable[..., Any] = config.get
    host = get("Hostname", endpoint.target)
    identities, explicit = _identities(endpoint, settings, get("IdentityFile", []))
    timeout = get("ConnectTimeout") if any(n.lower() == "connecttimeout" for n, _ in arguments.options) else None
    return Target(
        name=endpoint.name,
        host=host,
        port=get("Port", 22),
        user=get("User") or getpass.getuser(),
        jumps=_jumps(get("ProxyJump")),
        proxy_command=get("ProxyCommand") or "",
        family=get("AddressFamily", socket.AF_UNSPEC),
        bind_address=get("BindAddress") or "",
        identity_files=identities,
        explicit_identities=explicit,
        identities_only=bool(get("IdentitiesOnly", False)),
        certificate_files=tuple(_expanded(path, settings.home) for path in get("CertificateFile", [])),
        agent=_agent_socket(get("IdentityAgent", ""), settings.home),
        forward_agent=_forwarded_agent(get("ForwardAgent", False), settings.home),
        strict=_strictness(endpoint, get("StrictHostKeyChecking"), arguments),
        known_hosts_files=_paths(get("UserKnownHostsFile"), settings, _user_known_hosts(settings)),
        global_known_hosts_files=_paths(get("GlobalKnownHostsFile"), settings, settings.system_known_hosts),
        hash_known_hosts=bool(get("HashKnownHosts", False)),
        key_name=get("HostKeyAlias") or host,
        batch=bool(get("BatchMode", False)),
        attempts=get("ConnectionAttempts", 1),
        timeout=float(timeout if timeout is not None else endpoint.timeout),
        alive_interval=float(get("ServerAliveInterval", 0)),
        ciphers_named=get("Ciphers") is not None,
        host_keys_named=get("HostKeyAlgorithms") is not None,
        config=config,
    )


def _identities(endpoint: Endpoint, settings: TransportSettings, named: Sequence[str]) -> tuple[tuple[Path, ...], bool]:
    texts = [*([endpoint.private_key_file] if endpoint.private_key_file else []), *named]
    if texts:
        return tuple(dict.fromkeys(_expanded(text, settings.home) for text in texts)), True
    folder = settings.home / ".ssh"
    names = ("id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk", "id_ecdsa_sk")
    return tuple(folder / name for name in names), False


def _jumps(text: str | None) -> tuple[str, ...]:
    if not text or text.lower() == "none":
        return ()
    return tuple(hop.strip() for hop in text.split(",") if hop.strip())


def _agent_socket(named: str | None, home: Path) -> str:
    if named is None:  # IdentityAgent none
        return ""
    if named in ("", "SSH_AUTH_SOCK"):
        return os.environ.get("SSH_AUTH_SOCK", "")
    return os.environ.get(named[1:], "") if named.startswith("$") else str(_expanded(named, home))


def _forwarded_agent(value: bool | str, home: Path) -> str:
    if value is False:
        return ""
    if value is True:
        return os.environ.get("SSH_AUTH_SOCK", "")
    return os.environ.get(value[1:], "") if value.startswith("$") else str(_expanded(value, home))


_STRICTNESS: Mapping[str, str] = {
    "yes": "yes",
    "true": "yes",
    "no": "no",
    "off": "no",
    "false": "no",
    "ask": "ask",
    "accept-new": "accept-new",
}


def _strictness(endpoint: Endpoint, configured: str | None, arguments: SshArguments) -> str:
    """An argument beats ``host_key_checking = False``, which beats a file."""
    named = any(name.lower() == "stricthostkeychecking" for name, _ in arguments.options)
    if not endpoint.host_key_checking and not named:
        return "no"
    if configured is None:
        return "ask"
    try:
        return _STRICTNESS[configured.lower()]
    except KeyError:
        choices = "yes, no, ask or accept-new"
        raise OptionError(f"StrictHostKeyChecking is {configured!r}; it must be {choices}") from None


def _user_known_hosts(settings: TransportSettings) -> tuple[Path, ...]:
    folder = settings.home / ".ssh"
    return settings.user_known_hosts or (folder / "known_hosts", folder / "known_hosts2")


def _paths(named: Sequence[str] | None, settings: TransportSettings, default: tuple[Path, ...]) -> tuple[Path, ...]:
    if named is None:
        return default
    return tuple(_expanded(text, settings.home) for text in named)
