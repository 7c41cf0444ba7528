"""Lines behind a connection plugin, and how their input gets there: through the plugin, or as a file on the host.

A plugin that does not pipeline takes no input. So a file with it is put on the host, the line reads that, and the
folder that was made for it is removed. Everything blocks: it runs in a plugin's thread.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import tempfile
from collections.abc import Callable
from typing import Any

from orchestra.errors import BecomeFailed, HostError, Unreachable
from orchestra.model.record import record

#: Exit status, output, errors.
Done = tuple[int, bytes, bytes]
#: The start of a path that its shell completes.
_HOME = re.compile(r"~[A-Za-z0-9_.-]*(?=/|$)")
#: Where other users get at a file that one user has put.
_SHARED = "/var/tmp"  # noqa: S108 - a folder of its own is made in it, with a name that nobody can guess


@record
class Folders:
    """Where files lie on their way: ``remote`` on the host (a path with ``~``), ``local`` here, made at first use."""

    remote: str
    local: Callable[[], str]


def run_line(plugin: Any, builder: Any, command: str, stdin: bytes = b"") -> Done:
    """Run ``command``, as the user that ``builder`` stands for where there is one; the plugin carries the input."""
    return _run(plugin, builder, _built(plugin, builder, command), stdin)


def run_with_file(plugin: Any, builder: Any, command: str, stdin: bytes, folders: Folders) -> Done:
    """Run ``command``, whose input is put on the host as a file. Raises Unreachable, and what the plugin raises."""
    reads_inside = bool(builder is not None and builder.get_option("become_pass"))  # its input is a conversation
    shared = reads_inside and builder.get_option("become_user") not in (None, "", "root")
    folder = _make_folder(plugin, _base(plugin, folders, shared=shared))
    try:
        remote = plugin._shell.join_path(folder, "input")
        _put(plugin, stdin, remote, folders.local())
        if shared:
            _share(plugin, builder, folder)
        source = f" < {plugin._shell.quote(remote)}"
        whole = f"/bin/sh -c {shlex.quote(command)}"  # all of it reads the file, not only its last command
        if builder is None or reads_inside:
            line = _built(plugin, builder, whole + source)
        else:
            line = _built(plugin, builder, command) + source
        return _run(plugin, builder, line, b"")
    finally:
        _remove(plugin, folder)


def _built(plugin: Any, builder: Any, command: str) -> str:
    return command if builder is None else str(builder.build_become_command(command, plugin._shell))


def _run(plugin: Any, builder: Any, line: str, stdin: bytes) -> Done:
    status, output, errors = plugin.exec_command(line, in_data=stdin or None, sudoable=builder is not None)
    output = _bytes(output)
    return int(status), output if builder is None else builder.strip_become_success(output), _bytes(errors)


def _bytes(value: Any) -> bytes:
    """What a plugin gives back as output; some give text."""
    return value.encode() if isinstance(value, str) else bytes(value or b"")


def _plain(plugin: Any, line: str) -> Done:
    """Run a line of ours as the user that logs in."""
    plugin.become, before = None, plugin.become
    try:
        return _run(plugin, None, f"/bin/sh -c {shlex.quote(line)}", b"")
    finally:
        plugin.become = before


def _base(plugin: Any, folders: Folders, *, shared: bool) -> str:
    if getattr(plugin, "_remote_is_local", False):
        return folders.local()
    return _SHARED if shared else folders.remote


def _make_folder(plugin: Any, base: str) -> str:
    """A folder of its own on the host, for nobody else; what the shell made of ``~`` is in the answer."""
    name = f"ansible-tmp-{secrets.token_hex(16)}"
    home = _HOME.match(base)
    tilde = home.group() if home else ""
    path = tilde + (shlex.quote(base[len(tilde) :]) if base != tilde else "")
    line = f"umask 77 && mkdir -p {path} && cd {path} && mkdir {name} && echo {name}=$(pwd)/{name}"
    status, output, errors = _plain(plugin, line)
    made = output.decode("utf-8", "replace").strip().rpartition(f"{name}=")[2].splitlines()
    if status or not made or made[-1] == "/":
        said = (errors or output).decode("utf-8", "replace").strip()[-500:]
        raise Unreachable(
            f"no folder for a module could be made below {base} on the host (status {status}); the host said: {said}",
            hint="let ansible_remote_tmp name a folder that the user may write, or use a connection with pipelining",
        )
    return made[-1]


def _put(plugin: Any, content: bytes, remote: str, folder: str) -> None:
    handle, path = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        plugin.put_file(path, remote)
    finally:
        os.unlink(path)


def _share(plugin: Any, builder: Any, folder: str) -> None:
    """Let the other user read what lies in the folder; nobody else."""
    user = shlex.quote(str(builder.get_option("become_user")))
    there = shlex.quote(folder)
    line = f"setfacl -R -m u:{user}:rX {there} || chown -R {user} {there}"
    status, _, errors = _plain(plugin, line)
    if status:
        said = errors.decode("utf-8", "replace").strip()[-300:]
        raise BecomeFailed(
            f"{user} could not be let read a file on the host: {said}",
            hint="install setfacl (package acl) on the host, or use a connection with pipelining",
        )


def _remove(plugin: Any, folder: str) -> None:
    """A folder that stays is told, and is not worth the result of the task."""
    try:
        status, _, errors = _plain(plugin, f"rm -rf {shlex.quote(folder)}")
        said = errors.decode("utf-8", "replace").strip() if status else ""
    except HostError as error:
        said = error.message
    except Exception as error:  # a plugin may raise anything, and what the task came to is told already
        said = str(error)
    if said:
        plugin._display.warning(f"{folder} could not be removed from the host: {said[-300:]}")
