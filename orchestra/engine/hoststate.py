"""What a run knows of one host, and how it stands in the play. The engine's only mutable data beside its queues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache
from typing import Any

from orchestra.engine.connections import VARIABLES
from orchestra.model.host import Host
from orchestra.model.outcome import HostTotals, Outcome
from orchestra.model.play import Task
from orchestra.model.record import mutable

#: Facts that a host may not give: they would decide how and as whom we connect to it.
_CONNECTION_WORDS = ("connection", "host", "port", "user", "password", "pass", "private_key_file", "shell_type")
_CONNECTION_PREFIXES = ("become", "ssh_", "winrm_", "psrp_", "paramiko_", "sudo", "su_", "doas", "docker_")


@mutable
class HostState:
    """One host in a run."""

    host: Host
    #: Facts without their ``ansible_`` prefix, and under the names that modules returned.
    facts: dict[str, Any] = field(default_factory=dict)
    injected: dict[str, Any] = field(default_factory=dict)
    #: set_fact and register.
    live_vars: dict[str, Any] = field(default_factory=dict)
    #: include_vars.
    included_vars: dict[str, Any] = field(default_factory=dict)
    #: Failed, and not rescued so far: takes no further part in the current block.
    failed: bool = False
    #: How often ``meta: clear_host_errors`` forgave it; a block's always part compares.
    pardons: int = 0
    #: Unreachable or lost: takes no further part in the run.
    unreachable: bool = False
    #: Left the play by end_host, end_batch or end_play.
    ended: bool = False
    #: Role use (RoleRef.key) that it left by end_role.
    ended_role: str = ""
    #: Role uses it has completed in this play.
    completed_roles: set[str] = field(default_factory=set)
    #: Handlers that wait, in the order of notification.
    notified: dict[int, Task] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    failures: list[Outcome] = field(default_factory=list)
    gathered: bool = False

    @property
    def name(self) -> str:
        """The inventory's name of the host."""
        return self.host.name

    @property
    def live(self) -> bool:
        """Whether it takes part in the next step."""
        return not (self.failed or self.unreachable or self.ended)

    def count(self, what: str) -> None:
        """Add one to a column of the recap."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def totals(self) -> HostTotals:
        """The recap."""
        return HostTotals(**self.counts)

    def learn_facts(self, returned: Mapping[str, Any], *, inject: bool) -> None:
        """Store facts that a module returned; those that would steer the connection are dropped."""
        for name, value in returned.items():
            bare = name.removeprefix("ansible_")
            self.facts[bare] = value
            if inject and not steers_connection(name):
                self.injected[name] = value

    def pardon(self) -> None:
        """``meta: clear_host_errors``: later plays take the host again; this one where its failure is
        pending, or where it was only out of reach."""
        self.ended = self.ended or self.failed
        self.failed = self.unreachable = False
        self.pardons += 1

    def forget_facts(self) -> None:
        """``meta: clear_facts``."""
        self.facts.clear()
        self.injected.clear()
        self.gathered = False


@lru_cache(maxsize=4096)
def steers_connection(name: str) -> bool:
    """Whether a fact of this name would be read as a connection variable."""
    if name in VARIABLES:
        return True
    if not name.startswith("ansible_"):
        return False
    bare = name.removeprefix("ansible_")
    if bare.startswith("ssh_host_key_"):
        return False
    return bare in _CONNECTION_WORDS or bare.startswith(_CONNECTION_PREFIXES) or bare.endswith("_interpreter")
