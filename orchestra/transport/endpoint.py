"""What the transport is told: where a host is, how to get in, and how patient to be. Frozen data, no behaviour."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path

from orchestra.errors import OptionError
from orchestra.model.record import record


@record
class Endpoint:
    """One host as the engine wants it reached; empty text and None mean "as ssh_config or the default says"."""

    #: The inventory name; messages use it.
    name: str
    #: Host name or address; the inventory name when empty.
    address: str = ""
    port: int | None = None
    user: str = ""
    password: str | None = field(default=None, repr=False)
    private_key_file: str = ""
    #: The pass phrase of the private key, where a variable gives it.
    passphrase: str | None = field(default=None, repr=False)
    #: ansible_ssh_args, ansible_ssh_common_args and ansible_ssh_extra_args, as words of the ssh command line.
    ssh_args: str = ""
    common_args: str = ""
    extra_args: str = ""
    #: Seconds for the whole way in: name, TCP, key exchange and authentication; 0 waits for ever.
    timeout: float = 10
    #: ssh, paramiko, local, memory, or another kind that the pool has an opener for.
    kind: str = "ssh"
    host_key_checking: bool = True
    #: The full name of a connection plugin of the project, and the variables that its options come from, as JSON.
    plugin: str = ""
    variables: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    #: Why nobody can get there, whatever is tried: words for ssh that it would not take.
    refusal: OptionError | None = None

    @property
    def target(self) -> str:
        """The name or address to look up."""
        return self.address or self.name


@record
class TransportSettings:
    """How the connections of one run behave. Times are in seconds."""

    #: How many key exchanges may be under way at once, in all and with one address.
    handshakes: int = 64
    #: sshd starts to refuse at random from 10 unauthenticated connections on (MaxStartups 10:30:100).
    handshakes_per_address: int = 8
    #: Further attempts after a refusal or a silence; a link that breaks in its handshake always gets two more.
    retries: int = 0
    #: The first pause between attempts; it doubles, with jitter.
    backoff: float = 0.4
    #: An idle link is probed this often, and given up after three silences.
    keepalive: float = 20
    #: The longest that sudo, su or doas may take to answer.
    become_timeout: float = 60
    #: The most bytes that ``run`` keeps of one command's output.
    output_limit: int = 100 * 1024 * 1024
    #: Folder that holds .ssh, and the system's own client configuration.
    home: Path = field(default_factory=Path.home)
    system_config: Path = Path("/etc/ssh/ssh_config")
    #: Known hosts of the user, where not .ssh/known_hosts and known_hosts2; and those for all users.
    user_known_hosts: tuple[Path, ...] = ()
    system_known_hosts: tuple[Path, ...] = (Path("/etc/ssh/ssh_known_hosts"), Path("/etc/ssh/ssh_known_hosts2"))
