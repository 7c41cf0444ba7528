"""Copy trees with rsync: from the controller, or from the host that the task is delegated to.

rsync speaks to the host by ssh of its own; where both ends are one machine it speaks to nobody.
"""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestra.engine.actions.options import checked
from orchestra.engine.connections import find_route
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed
from orchestra.model.invocation import Become, Completed, Reply
from orchestra.transport.endpoint import Endpoint

#: Begins a line of what rsync changed; nothing else that it says does.
_MARK = "<<CHANGED>>"
#: What --archive stands for: each may be switched off, or on without it.
_PARTS = ("recursive", "links", "perms", "times", "owner", "group")


@dataclass(frozen=True, slots=True)
class _Ends:
    """Both ends: the one of the host that the task is for, and the machine that runs rsync."""

    #: How the host is reached; None where rsync runs on it.
    host: Endpoint | None
    become: Become | None
    #: Whether rsync is run by the controller, with its files.
    from_controller: bool


async def run(context: TaskContext) -> ActionResult:
    """``push`` or ``pull``; what changed is what rsync says."""
    args = checked(context)
    ends = _ends(context)
    if ends.host is not None and ends.host.kind not in ("ssh", "paramiko"):
        return failed(f"rsync reaches hosts by ssh only, and {ends.host.name} is reached by {ends.host.kind}")
    command = _command(context, args, ends)
    password = ends.host.password if ends.host is not None else None
    if password:
        command = ["sshpass", "-e", *command]
    try:
        done = await _execute(context, command, ends, password)
    except FileNotFoundError as error:
        return failed(
            f"the program {error.filename} is not on the controller; install it there", cmd=shlex.join(command)
        )
    return ActionResult(_judged(context, command, done))


def _ends(context: TaskContext) -> _Ends:
    route = find_route(context.services, context.scope, context.scope.variables, context.task, context.state)
    delegated = context.task.delegate_to is not None
    itself = route.endpoint.kind == "local" or (delegated and context.target == context.state.name)
    host = None if itself else route.endpoint
    return _Ends(host, route.become, context.remote.is_controller or not delegated)


def _command(context: TaskContext, args: Mapping[str, Any], ends: _Ends) -> list[str]:
    source, dest = str(args["src"]), str(args["dest"])
    if ends.from_controller and args["mode"] == "push":
        source = _own_path(context, source)
    elif ends.from_controller:
        dest = _own_path(context, dest)
    remote = ends.host is not None and not _is_remote(source if args["mode"] == "pull" else dest)
    line = ["rsync", *_flags(args), *(["--dry-run"] if context.check else [])]
    if ends.host is not None and remote:
        line += [f"--rsh={shlex.join(_ssh(args, ends.host))}", *_rsync_there(args, ends.become)]
        source, dest = _with_host(args, ends.host, source, dest)
    line += [f"--link-dest={folder}" for folder in args["link_dest"] or ()]
    # What follows two dashes is a path, however it begins: paths may be made of what a host said.
    return [*line, *args["rsync_opts"], f"--out-format={_MARK}%i %n%L", "--", source, dest]


def _own_path(context: TaskContext, path: str) -> str:
    """A file of the project: found as ``copy`` finds one, with the slash at its end that rsync cares for."""
    if _is_remote(path) or os.path.isabs(os.path.expanduser(path)):
        return os.path.expanduser(path)
    base = str(context.scope.get("playbook_dir", os.getcwd()))
    found = context.lookups.search("files", path) or os.path.join(base, path)
    return found.rstrip("/") + "/" if path.endswith("/") else found


def _is_remote(path: str) -> bool:
    """Whether a path names its own machine: rsync://..., or host:path."""
    return path.startswith("rsync://") or ":" in path.partition("/")[0]


def _flags(args: Mapping[str, Any]) -> list[str]:
    line = ["--delay-updates", "-F"] if args["delay_updates"] else ["-F"]
    simple = {
        "compress": "--compress", "delete": "--delete-after", "existing_only": "--existing", "checksum": "--checksum",
        "copy_links": "--copy-links", "archive": "--archive", "dirs": "--dirs", "partial": "--partial",
    }  # fmt: skip
    line += [flag for name, flag in simple.items() if args[name]]
    line += [f"--timeout={args['rsync_timeout']}"] if args["rsync_timeout"] else []
    for part in _PARTS:
        if args[part] is not None and args[part] != args["archive"]:
            line.append(f"--{part}" if args[part] else f"--no-{part}")
    return line


def _ssh(args: Mapping[str, Any], host: Endpoint) -> list[str]:
    """ssh for rsync. Host keys are not verified unless that is asked for: it is what projects rely on."""
    line = ["ssh"] if args["ssh_connection_multiplexing"] else ["ssh", "-S", "none"]
    key = args["private_key"] or host.private_key_file
    line += ["-i", os.path.expanduser(key)] if key else []
    port = args["dest_port"] or host.port
    line += ["-o", f"Port={port}"] if port else []
    if not args["verify_host"]:
        line += ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
    if args["use_ssh_args"]:
        line += [word for text in (host.ssh_args, host.common_args, host.extra_args) for word in shlex.split(text)]
    return line


def _rsync_there(args: Mapping[str, Any], become: Become | None) -> list[str]:
    if args["rsync_path"]:
        return [f"--rsync-path={args['rsync_path']}"]
    if become is not None and become.method == "sudo":
        return [f"--rsync-path=sudo -u {shlex.quote(become.user or 'root')} rsync"]
    return []


def _with_host(args: Mapping[str, Any], host: Endpoint, source: str, dest: str) -> tuple[str, str]:
    address = f"[{host.target}]" if ":" in host.target else host.target
    login = f"{host.user}@" if host.user and args["set_remote_user"] else ""
    if args["mode"] == "pull":
        return f"{login}{address}:{source}", dest
    return source, f"{login}{address}:{dest}"


async def _execute(context: TaskContext, command: Sequence[str], ends: _Ends, password: str | None) -> Completed:
    """On the controller for a host elsewhere; else where the task runs, as whom it runs."""
    if ends.host is None or context.task.delegate_to is not None:
        return await context.remote.run_raw(shlex.join(command), become=context.become, timeout=context.timeout)
    environ = {**os.environ, **context.environment, **({"SSHPASS": password} if password else {})}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=environ
    )
    try:
        async with asyncio.timeout(context.timeout or None):
            out, err = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    return Completed(process.returncode or 0, out, err)


def _judged(context: TaskContext, command: Sequence[str], done: Completed) -> Reply:
    out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    shown = {"cmd": shlex.join(command), "rc": done.status}
    if done.status:
        return Reply({**shown, "msg": err.strip() or out.strip() or f"rsync ended with {done.status}"}, failed=True)
    plain = out.replace(_MARK, "")
    data = {**shown, "msg": plain, "stdout_lines": [line for line in plain.splitlines() if line]}
    if context.diff:
        data["diff"] = {"prepared": plain}
    return Reply(data, changed=_MARK in out)
