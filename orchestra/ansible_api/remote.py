"""The host as an action plugin sees it: ``_connection``, its ``_shell``, and ``_play_context``."""

from __future__ import annotations

import os
import posixpath
import shlex
from typing import Any

from orchestra.ansible_api.errors import AnsibleError
from orchestra.model.bridge import Bridge, Way


class ShellView:
    """The POSIX shell of the host: how its command lines and paths are written."""

    COMPATIBLE_SHELLS = frozenset(("sh", "bash", "dash", "ksh", "zsh"))
    executable = "/bin/sh"
    _IS_WINDOWS = False
    _SHELL_REDIRECT_ALLNULL = "> /dev/null 2>&1"

    def __init__(self, family: str = "sh") -> None:
        self.SHELL_FAMILY = family
        self.tmpdir: str | None = None
        self.remote_tmp = "~/.ansible/tmp"

    def quote(self, cmd: str) -> str:
        """One word of a command line."""
        return shlex.quote(cmd)

    def join_path(self, *args: str) -> str:
        """A path on the host."""
        return posixpath.join(*args)

    def split_path(self, path: str) -> list[str]:
        """Folder and name."""
        return list(posixpath.split(path))

    def path_has_trailing_slash(self, path: str) -> bool:
        """Whether a path means a folder."""
        return path.endswith("/")

    def get_remote_filename(self, pathname: str) -> str:
        """The name that a local file has on the host."""
        return os.path.basename(pathname.strip())

    def env_prefix(self, **kwargs: Any) -> str:
        """Assignments in front of a command."""
        return " ".join(f"{name}={shlex.quote(str(value))}" for name, value in kwargs.items())

    def expand_user(self, user_home_path: str, username: str = "") -> str:
        """A command that prints what ``~`` or ``~user`` is."""
        tilde = user_home_path if user_home_path.startswith("~") else f"~{username}"
        safe = tilde == "~" or tilde[1:].replace("-", "").replace("_", "").replace(".", "").isalnum()
        return f"echo {tilde if safe else shlex.quote(tilde)}"

    def pwd(self) -> str:
        """A command that prints the current folder."""
        return "echo $PWD"

    def remove(self, path: str, recurse: bool = False) -> str:
        """A command that removes a path."""
        return f"rm -f {'-r ' if recurse else ''}{shlex.quote(path)} {self._SHELL_REDIRECT_ALLNULL}"

    def exists(self, path: str) -> str:
        """A command that says whether a path is there."""
        return f"test -e {shlex.quote(path)}"

    def chmod(self, paths: list[str], mode: str) -> str:
        """A command that changes modes."""
        return shlex.join(["chmod", mode, *paths])

    def chown(self, paths: list[str], user: str) -> str:
        """A command that changes owners."""
        return shlex.join(["chown", user, *paths])

    def get_option(self, option: str, hostvars: Any = None) -> Any:
        """An option of the shell; those that nothing here depends on have their usual values."""
        return {"remote_tmp": self.remote_tmp, "system_tmpdirs": ["/var/tmp", "/tmp"], "admin_users": ["root"],  # noqa: S108
                "world_readable_temp": False}.get(option)  # fmt: skip


class ConnectionView:
    """The connection of one task. What is run through it runs as the user that the task becomes."""

    has_pipelining = True
    has_native_async = False
    always_pipeline_modules = False
    allow_executable = True
    module_implementation_preferences = ("",)
    connected = True
    become: Any = None

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self._shell = ShellView(bridge.way.shell)
        self._play_context = PlayContextView(bridge.way)
        self._remote_is_local = bridge.way.transport == "local"
        self.socket_path: str | None = None

    @property
    def transport(self) -> str:
        """ssh, local, or the name of a plugin."""
        return self.bridge.way.transport

    @property
    def _load_name(self) -> str:
        return self.transport

    ansible_name = _load_name

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        """Run a line: exit status, output, errors."""
        return self.bridge.command(cmd, in_data or b"", become=sudoable)

    def put_file(self, in_path: str, out_path: str) -> None:
        """Send a file of the controller."""
        with open(in_path, "rb") as file:
            content = file.read()
        self.put_content(content, out_path)

    def put_content(self, content: bytes, out_path: str) -> None:
        """Write a file on the host. Raises AnsibleError."""
        line = f"umask 077; cat > {shlex.quote(out_path)}"
        status, _, errors = self.exec_command(f"/bin/sh -c {shlex.quote(line)}", content)
        if status:
            raise AnsibleError(f"failed to transfer file to {out_path}: {errors.decode('utf-8', 'replace').strip()}")

    def fetch_file(self, in_path: str, out_path: str) -> None:
        """Bring a file of the host. Raises AnsibleError."""
        status, content, errors = self.exec_command(f"cat {shlex.quote(in_path)}")
        if status:
            raise AnsibleError(f"failed to transfer file from {in_path}: {errors.decode('utf-8', 'replace').strip()}")
        with open(out_path, "wb") as file:
            file.write(content)

    def reset(self) -> None:
        """Close it; the next use opens it again."""
        self.bridge.reset()

    def close(self) -> None:
        """Part of the interface; the run closes its connections."""

    _connect = set_options = close

    def get_option(self, option: str, hostvars: Any = None) -> Any:
        """What is known of the way to the host. Raises KeyError for anything else."""
        way = self.bridge.way
        known = {"remote_user": way.user, "host": way.address, "remote_addr": way.address, "port": way.port,
                 "timeout": way.timeout, "private_key_file": way.private_key_file, "pipelining": True,
                 "password": None}  # fmt: skip
        return known[option]


class PlayContextView:
    """How a task acts, under the names that older plugins read."""

    def __init__(self, way: Way) -> None:
        self.check_mode = way.check
        self.diff = way.diff
        self.no_log = way.no_log
        self.verbosity = way.verbosity
        self.connection = way.transport
        self.remote_addr = way.address or way.host
        self.remote_user = way.user or None
        self.port = way.port
        self.timeout = way.timeout
        self.private_key_file = way.private_key_file
        self.password = ""
        self.become = way.become
        self.become_user = way.become_user
        self.become_method = way.become_method
        self.become_pass = ""
        self.executable = "/bin/sh"
        self.shell = "sh"
        self.prompt = ""
        self.success_key = ""
        self.force_handlers = False

    def copy(self) -> PlayContextView:
        """Another one."""
        made = PlayContextView.__new__(PlayContextView)
        made.__dict__.update(self.__dict__)
        return made
