"""The base of connection plugins, ``ansible.plugins.connection``, and what they may extend: our own ssh and local.

A plugin runs in a thread. It runs whole command lines with a given input; there is no pipe that stays open.
"""

from __future__ import annotations

import functools
import shlex
from collections.abc import Callable
from typing import Any

from orchestra.ansible_api.base import AnsiblePlugin
from orchestra.ansible_api.display import Display
from orchestra.ansible_api.errors import AnsibleError, AnsibleFileNotFound
from orchestra.ansible_api.remote import ShellView

__all__ = ["BUFSIZE", "ConnectionBase", "Native", "NetworkConnectionBase", "ensure_connect", "native"]

BUFSIZE = 65536
#: Runs a line with input over a connection of ours, with what answers a prompt in it: exit status, output, errors.
Native = Callable[[str, bytes, Any], tuple[int, bytes, bytes]]


def ensure_connect(func: Any) -> Any:
    """Connect before a method that needs it."""

    @functools.wraps(func)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not self.connected:
            self._connect()
        return func(self, *args, **kwargs)

    return wrapped


class ConnectionBase(AnsiblePlugin):
    """A connection: a plugin says how a line is run, how a file gets there and back, and how it closes."""

    transport = ""
    has_pipelining = False
    has_native_async = False
    always_pipeline_modules = False
    has_tty = True
    module_implementation_preferences = ("",)
    allow_executable = True
    supports_persistence = False
    force_persistence = False
    default_user: str | None = None
    _remote_is_local = False

    def __init__(self, play_context: Any = None, *args: Any, shell: Any = None, **kwargs: Any) -> None:
        if not hasattr(self, "_play_context"):
            self._play_context = play_context
        if not hasattr(self, "_display"):
            self._display = Display()
        if not hasattr(self, "_connected"):
            self._connected = False
        self._shell_type = getattr(self, "_shell_type", "sh")
        self._shell = shell or ShellView(self._shell_type)
        self.become: Any = None
        self.success_key: str | None = None
        self.prompt: str | None = None
        self._socket_path: str | None = None
        self._native: Native | None = None
        self.declare({})

    @property
    def connected(self) -> bool:
        """Whether it is open."""
        return bool(self._connected)

    @property
    def socket_path(self) -> str | None:
        """Part of the interface; there is no process beside the run."""
        return self._socket_path

    def set_become_plugin(self, plugin: Any) -> None:
        """Say how the user changes."""
        self.become = plugin

    def _connect(self) -> Any:
        """Open it."""
        self._connected = True
        return self

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        """Run a line. A plugin overrides it, and may call this one, which does nothing."""
        return 0, b"", b""

    def put_file(self, in_path: str, out_path: str) -> None:
        """Send a file. A plugin overrides it."""

    def fetch_file(self, in_path: str, out_path: str) -> None:
        """Bring a file. A plugin overrides it."""

    def close(self) -> None:
        """Close it."""
        self._connected = False

    def reset(self) -> None:
        """Close it; the next use opens it again."""
        self.close()

    def update_vars(self, variables: Any) -> None:
        """Part of the interface."""

    def get_option(self, option: str, hostvars: Any = None) -> Any:
        """An option's value; what every connection has is known without a declaration."""
        try:
            return super().get_option(option, hostvars)
        except KeyError:
            known = {"remote_user": "remote_user", "remote_addr": "remote_addr", "host": "remote_addr", "port": "port",
                     "timeout": "timeout", "private_key_file": "private_key_file"}  # fmt: skip
            if option not in known:
                raise
            return getattr(self._play_context, known[option], None)


class _NativeConnection(ConnectionBase):
    """A connection of ours, for plugins that put something around its commands."""

    has_pipelining = True

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        """Run a line over the connection that stays open for the run."""
        line = cmd if isinstance(cmd, str) else bytes(cmd).decode()
        self._tell(f"EXEC {line}")
        return self._send(line, in_data or b"", self.become if sudoable else None)

    def put_file(self, in_path: str, out_path: str) -> None:
        """Send a file."""
        self._tell(f"PUT {in_path} TO {out_path}")
        try:
            with open(in_path, "rb") as file:
                content = file.read()
        except FileNotFoundError:
            raise AnsibleFileNotFound(f"file or module does not exist: {in_path}") from None
        self._said(f"cat > {shlex.quote(out_path)}", content)

    def fetch_file(self, in_path: str, out_path: str) -> None:
        """Bring a file."""
        self._tell(f"FETCH {in_path} TO {out_path}")
        content = self._said(f"cat {shlex.quote(in_path)}", b"")
        with open(out_path, "wb") as file:
            file.write(content)

    def _said(self, line: str, content: bytes) -> bytes:
        status, output, errors = self._send(f"/bin/sh -c {shlex.quote(line)}", content, None)
        if status:
            raise AnsibleError(f"{line}: {errors.decode('utf-8', 'replace').strip()}")
        return output

    def _send(self, line: str, content: bytes, become: Any) -> tuple[int, bytes, bytes]:
        assert self._native is not None, "whoever makes the plugin gives it"
        return self._native(line, content, become)

    def _tell(self, text: str) -> None:
        self._display.vvv(text, host=self._play_context.remote_addr)


class NetworkConnectionBase(_NativeConnection):
    """What connections to network devices extend: modules run here. Those that need a process beside the run do not."""

    native_kind = "local"
    _remote_is_local = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if self.transport.rpartition(".")[2] in ("network_cli", "netconf", "httpapi", "grpc"):
            raise AnsibleError(f"connections to network devices ({self.transport}) are not there in Orchestra")
        super().__init__(*args, **kwargs)

    def queue_message(self, level: str, message: str) -> None:
        """Say something to the user, from a verbosity on (v to vvvv) or as a warning."""
        getattr(self._display, level)(message)


def native(name: str) -> type[ConnectionBase]:
    """The class that stands for a connection of ours."""
    kind = "paramiko" if name.startswith("paramiko") else name
    return type("Connection", (_NativeConnection,), {"transport": name, "native_kind": kind})


def runs_nothing(cls: type[Any]) -> bool:
    """Whether a plugin has no way to run a line."""
    return getattr(cls, "exec_command", None) is ConnectionBase.exec_command


def native_kind(cls: type[Any]) -> str:
    """The connection of ours that a plugin is, where it changes nothing of how lines are run and files are sent."""
    for name in ("exec_command", "put_file", "fetch_file", "_connect", "_remote_is_local", "has_pipelining"):
        if getattr(cls, name, None) is not getattr(_NativeConnection, name):
            return ""
    return str(getattr(cls, "native_kind", ""))
