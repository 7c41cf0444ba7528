"""What still works on a host without Python: commands, scripts and a few facts, through its POSIX shell.

Everything else says that it needs Python, and how to get it there. Words of the user are quoted, never interpreted.
"""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from orchestra.engine.connections import is_true
from orchestra.errors import HostError
from orchestra.model.invocation import Completed, Invocation, Reply

#: Runs a command line on the host, with input, within seconds (0: no limit).
RunLine = Callable[[str, bytes, float], Awaitable[Completed]]

#: Prints name=value lines; each works with nothing but a POSIX shell, sed and uname.
_PROBE = """
[ -r /etc/os-release ] && . /etc/os-release
echo "system=$(uname -s)"; echo "kernel=$(uname -r)"; echo "machine=$(uname -m)"; echo "nodename=$(uname -n)"
echo "os=$ID"; echo "version=$VERSION_ID"; echo "codename=$VERSION_CODENAME"; echo "name=$NAME"
echo "user=$(id -un)"; echo "uid=$(id -u)"; echo "gid=$(id -g)"; echo "home=$HOME"
"""
_FAMILIES = {
    "debian": "Debian", "ubuntu": "Debian", "alpine": "Alpine", "rhel": "RedHat", "centos": "RedHat", "rocky": "RedHat",
    "almalinux": "RedHat", "fedora": "RedHat", "sles": "Suse", "opensuse-leap": "Suse", "arch": "Archlinux",
}  # fmt: skip
_SKIPPED = 93  # a status of our own: creates or removes said that there is nothing to do


class ShellTier:
    """A HostSession without a runner."""

    alive = True
    interpreter = ""

    def __init__(self, run_line: RunLine, reason: str) -> None:
        self._run_line = run_line
        self._reason = reason
        self._modules: Mapping[str, Callable[[Invocation], Awaitable[Reply]]] = {
            "command": self._command,
            "shell": self._command,
            "script": self._script,
            "setup": self._setup,
            "ping": self._ping,
        }

    def close(self) -> None:
        """There is nothing to end."""

    async def run_module(self, invocation: Invocation) -> Reply:
        """Run one of the few modules that need no Python.

        Raises:
            HostError: the module needs Python.
        """
        run = self._modules.get(invocation.module)
        if run is None:
            raise HostError(
                f"{self._reason}; module {invocation.module!r} needs it",
                hint="install it with a raw task (raw: apt-get install -y python3), or set ansible_python_interpreter;"
                " without Python there are raw, command, shell, script and a few facts",
            )
        return await run(invocation)

    async def _ping(self, invocation: Invocation) -> Reply:
        return Reply({"ping": invocation.options.get("data", "pong")})

    async def _command(self, invocation: Invocation) -> Reply:
        options = invocation.options
        text = options.get("cmd") or options.get("_raw_params") or ""
        words = [str(word) for word in options.get("argv") or ()] or shlex.split(str(text))
        shell = invocation.module == "shell"
        line = str(text) if shell else shlex.join(words)
        if invocation.check:
            return Reply({"msg": "Command would have run if not in check mode", "cmd": line}, skipped=True)
        program = str(options.get("executable") or "/bin/sh")
        body = f"{shlex.quote(program)} -c {shlex.quote(line)}" if shell else line
        return await self._execute(invocation, body, line if shell else words, _input(options))

    async def _script(self, invocation: Invocation) -> Reply:
        options = invocation.options
        given = invocation.attachments.get("script", b"")
        content = given if isinstance(given, bytes) else given.read_bytes()
        first = content.split(b"\n", 1)[0].decode("utf-8", "replace")
        program = str(options.get("executable") or (first[2:].strip() if first.startswith("#!") else "/bin/sh"))
        words = shlex.split(program)
        if words[-1].rpartition("/")[2] not in ("sh", "bash", "dash", "ash", "ksh", "zsh"):
            raise HostError(f"{self._reason}; a script for {program!r} can not be read from a pipe")
        body = f"exec {shlex.join(words)} -s -- {options.get('script_args') or ''}"
        return await self._execute(invocation, body, str(options.get("cmd", "")), content)

    async def _execute(self, invocation: Invocation, body: str, cmd: Any, stdin: bytes) -> Reply:
        started = datetime.now()
        line = shlex.join(["/bin/sh", "-c", "; ".join([*_preparations(invocation), body])])
        done = await self._run_line(line, stdin, invocation.timeout)
        ended = datetime.now()
        if done.status == _SKIPPED:
            return Reply(
                {"cmd": cmd, "rc": 0, "stdout": "skipped, creates or removes says so", "stderr": "", "msg": ""}
            )
        data = {
            "cmd": cmd,
            "rc": done.status,
            "stdout": _text(done.stdout),
            "stderr": _text(done.stderr),
            "start": str(started),
            "end": str(ended),
            "delta": str(ended - started),
            "msg": "non-zero return code" if done.status else "",
        }
        return Reply(data, changed=True, failed=bool(done.status))

    async def _setup(self, invocation: Invocation) -> Reply:
        done = await self._run_line(shlex.join(["/bin/sh", "-c", _PROBE]), b"", invocation.timeout)
        found = dict(line.split("=", 1) for line in _text(done.stdout).splitlines() if "=" in line)
        return Reply({"ansible_facts": {f"ansible_{name}": value for name, value in _facts(found).items()}})


def _facts(found: Mapping[str, str]) -> dict[str, Any]:
    node, system = found.get("nodename", ""), found.get("os", "")
    return {
        "system": found.get("system", ""),
        "kernel": found.get("kernel", ""),
        "machine": found.get("machine", ""),
        "architecture": found.get("machine", ""),
        "nodename": node,
        "hostname": node.split(".")[0],
        "distribution": found.get("name", "").split()[0] if found.get("name") else "",
        "distribution_version": found.get("version", ""),
        "distribution_major_version": found.get("version", "").split(".")[0],
        "distribution_release": found.get("codename", ""),
        "os_family": _FAMILIES.get(system, system.capitalize()),
        "user_id": found.get("user", ""),
        "user_uid": int(found.get("uid", "0") or 0),
        "user_gid": int(found.get("gid", "0") or 0),
        "user_dir": found.get("home", ""),
    }


def _preparations(invocation: Invocation) -> list[str]:
    """What comes before the command: its folder, its environment, and whether there is anything to do."""
    options = invocation.options
    steps = []
    if options.get("chdir"):
        steps.append(f"cd {shlex.quote(str(options['chdir']))} || exit 2")
    if options.get("creates"):
        steps.append(f"[ ! -e {shlex.quote(str(options['creates']))} ] || exit {_SKIPPED}")
    if options.get("removes"):
        steps.append(f"[ -e {shlex.quote(str(options['removes']))} ] || exit {_SKIPPED}")
    for name, value in invocation.environment.items():
        if name.isidentifier():
            steps.append(f"{name}={shlex.quote(value)}; export {name}")
    return steps


def _input(options: Mapping[str, Any]) -> bytes:
    text = options.get("stdin")
    if text is None:
        return b""
    newline = "\n" if is_true(options.get("stdin_add_newline", True)) else ""
    return (str(text) + newline).encode()


def _text(output: bytes) -> str:
    return output.decode("utf-8", "replace").rstrip("\r\n")
