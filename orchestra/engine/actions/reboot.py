"""Restart a host and wait until it is back.

The host's own word that it was started anew is what counts: an identifier of the boot that differs from the one before.
All goes through the login shell, so that a host without Python can be restarted too.
"""

from __future__ import annotations

import asyncio
import random
import shlex
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from orchestra.engine.actions.options import checked
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed
from orchestra.errors import HostError
from orchestra.model.invocation import Completed, Reply

#: What says which boot this is: Linux, the BSDs and macOS, and the others.
_BOOT = "cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.boottime 2>/dev/null || who -b"
#: The system's name; Alpine's shutdown belongs to busybox and does not restart, Void's wants its own form of minutes.
_SYSTEM = 'if [ -e /etc/alpine-release ]; then echo Alpine; elif [ -e /etc/void-release ] || grep -qs "^ID=.*void" \
/etc/os-release; then echo Void; else uname -s; fi'
_PROGRAMS = {"Alpine": "reboot", "VMkernel": "reboot"}
_ARGUMENTS = {
    "Alpine": "",
    "VMkernel": "-d {seconds}",
    "AIX": "-Fr",
    "SunOS": "-y -g {seconds} -i 6 {message}",
    "FreeBSD": "-r +{seconds}s {message}",
    "Linux": "-r {minutes} {message}",
}
_USUAL = "-r +{minutes} {message}"
#: The longest pause between two tries, in seconds.
_LONGEST = 12


class _NotYet(Exception):
    """The host is not what it is waited for; the text says what it is instead."""


async def run(context: TaskContext) -> ActionResult:
    """Restart and wait; ``reboot_timeout`` holds for coming back, and again for ``test_command``."""
    if context.remote.is_controller:
        text = "Running reboot with local connection would reboot the control node."
        return failed(text, elapsed=0, rebooted=False)
    args = checked(context)
    if context.check:
        return ActionResult(Reply({"elapsed": 0, "rebooted": True}, changed=True))
    started = time.monotonic()
    data = await _restart(context, args)
    data["elapsed"] = int(time.monotonic() - started)
    return ActionResult(Reply(data, changed=not data.get("failed"), failed=bool(data.get("failed"))))


async def _restart(context: TaskContext, args: Mapping[str, Any]) -> dict[str, Any]:
    boot = args["boot_time_command"] or _BOOT
    before = await _say(context, boot)
    if before.status:
        return _failure(f"reboot: failed to get host boot time info, {_shown(before)}", rebooted=False)
    command = await _command(context, args)
    if command is None:
        text = 'Unable to find command "{}" in search paths: {}'
        name = (args["reboot_command"] or "shutdown").split(" ")[0]
        return _failure(text.format(name, args["search_paths"]), rebooted=False)
    done = await _go_down(context, command)
    if done is not None and done.status:
        out, err = _text(done.stdout), _text(done.stderr)
        return _failure(f"Reboot command failed. Error was: '{out}, {err}'", rebooted=False)
    await asyncio.sleep(max(0, args["post_reboot_delay"]))
    return await _wait(context, args, boot, _text(before.stdout))


async def _wait(context: TaskContext, args: Mapping[str, Any], boot: str, before: str) -> dict[str, Any]:
    """Until it was started anew, and then until it takes commands."""

    async def is_new() -> None:
        await context.services.sessions.reset(context.target)
        now = await _ask(context, boot, args["connect_timeout"])
        if now in ("", before):
            raise _NotYet("boot time has not changed")

    async def works() -> None:
        await _ask(context, args["test_command"], args["connect_timeout"])

    for what, attempt in (("last boot time check", is_new), ("post-reboot test command", works)):
        trouble = await _until(context, attempt, args["reboot_timeout"])
        if trouble is not None:
            text = f"Timed out waiting for {what} (timeout={args['reboot_timeout']})"
            return _failure(text, rebooted=True, last_error=trouble)
    return {"rebooted": True}


async def _until(context: TaskContext, attempt: Callable[[], Awaitable[None]], seconds: float) -> str | None:
    """None once it succeeds, else the last trouble when the time is over."""
    end, pause, trouble = time.monotonic() + seconds, 1.0, "there was no time to try"
    while time.monotonic() < end:
        try:
            await attempt()
        except (HostError, _NotYet) as error:
            trouble = error.message if isinstance(error, HostError) else str(error)
            if isinstance(error, HostError):
                await context.services.sessions.reset(context.target)
        else:
            return None
        spread = random.random()  # noqa: S311  many hosts must not come all at once; nothing secret
        await asyncio.sleep(min(pause + spread, max(0.0, end - time.monotonic())))
        pause = min(pause * 2, _LONGEST)
    return trouble


async def _ask(context: TaskContext, command: str, patience: float | None) -> str:
    """What a command says; _NotYet where it fails or takes too long."""
    try:
        async with asyncio.timeout(patience or None):
            done = await _say(context, command)
    except TimeoutError:
        raise _NotYet(f"no answer within {patience} s") from None
    if done.status:
        raise _NotYet(f"{command} failed: {_shown(done)}")
    return _text(done.stdout)


async def _command(context: TaskContext, args: Mapping[str, Any]) -> str | None:
    """The command line that restarts the host; None where its program is nowhere."""
    given = args["reboot_command"]
    system = "" if given else _text((await _say(context, _SYSTEM)).stdout)
    program, _, arguments = (given or _PROGRAMS.get(system, "shutdown")).partition(" ")
    if not given:
        delay = max(0, args["pre_reboot_delay"])
        form = _ARGUMENTS.get(system, _USUAL)
        arguments = form.format(seconds=delay, minutes=delay // 60, message=shlex.quote(args["msg"]))
    if not program.startswith("/"):
        places = " ".join(shlex.quote(f"{folder}/{program}") for folder in args["search_paths"])
        look = f'for p in {places}; do if [ -e "$p" ]; then echo "$p"; exit 0; fi; done; exit 1'
        program = _text((await _say(context, look)).stdout)
    return f"{program} {arguments}".strip() if program else None


async def _go_down(context: TaskContext, command: str) -> Completed | None:
    """Start it; None where the link was gone before the answer was here, which is no wonder."""
    try:
        return await _say(context, command)
    except HostError:
        return None


async def _say(context: TaskContext, command: str) -> Completed:
    return await context.remote.run_raw(command, become=context.become, timeout=context.timeout)


def _failure(msg: str, **more: Any) -> dict[str, Any]:
    return {"failed": True, "msg": msg, **more}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").strip()


def _shown(done: Completed) -> str:
    return f"rc: {done.status}, stdout: {_text(done.stdout)}, stderr: {_text(done.stderr)}"
