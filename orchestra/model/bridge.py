"""What a plugin that acts on a host may ask of the run, which implements it. Calls block: they come from a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from orchestra.model.record import record


@record
class Way:
    """How and as whom a task acts on its host."""

    host: str
    address: str = ""
    port: int | None = None
    user: str = ""
    #: ssh, local, or the name of a connection plugin.
    transport: str = "ssh"
    become: bool = False
    become_user: str = ""
    become_method: str = "sudo"
    check: bool = False
    diff: bool = False
    no_log: bool = False
    timeout: float = 10
    verbosity: int = 0
    private_key_file: str = ""
    interpreter: str = ""
    #: The family of its shell.
    shell: str = "sh"


class Bridge(Protocol):
    """One task on one host, for a plugin."""

    @property
    def way(self) -> Way:
        """How the host is reached."""

    @property
    def environment(self) -> Mapping[str, str]:
        """The task's environment."""

    def module(self, name: str, args: Mapping[str, Any], *, background: bool = False) -> dict[str, Any]:
        """Run a module on the host. Raises AnsibleError where it can not run, AnsibleConnectionFailure."""

    def action(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """Do what the task would do if it named this action or module of ours."""

    def command(self, line: str, stdin: bytes = b"", *, become: bool = True) -> tuple[int, bytes, bytes]:
        """Run a line through the login shell: exit status, output, errors. Raises AnsibleConnectionFailure."""

    def reset(self) -> None:
        """Close what is open to the host; the next call opens it again."""

    def brought(self, name: str) -> type[Any] | None:
        """The class of an action plugin that the project brings."""

    def searched(self, kind: str, name: str) -> Sequence[str]:
        """The paths that ``name`` was looked for at."""
