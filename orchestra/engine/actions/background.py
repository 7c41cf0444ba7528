"""Background jobs (``async``) as the controller sees them: what they are called, and waiting for one that is polled.

A job with ``poll: 0`` belongs to the host and to whoever asks after it later. One that is polled belongs to its task:
when the task is over, by its end, its time limit or Ctrl-C, the job is over too and has left no state.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Mapping
from typing import Any

from orchestra.engine.context import TaskContext
from orchestra.errors import HostError, Lost, Unreachable
from orchestra.model.event import AsyncPolled
from orchestra.model.invocation import Invocation, Job, Reply

#: Seconds that the host lets a polled job run beyond its limit: ending it is the controller's part while it is there.
_SPARE = 5
#: Seconds for a host to end a job: its watcher looks each second and kills by force after three.
_STOP_SECONDS = 8.0


def folder_of(context: TaskContext) -> str:
    """Where jobs keep their state on this host."""
    return str(context.scope.get("ansible_async_dir") or context.services.settings.async_dir)


def new_job(context: TaskContext) -> Job | None:
    """A job for the task, if it is to run in the background.

    A check that is waited for runs in the foreground, where later tasks of the check see what it would have made.
    """
    seconds = context.async_seconds
    if not seconds or (context.check and context.poll > 0):
        return None
    number = f"j{random.randrange(10**12):012d}.{int(time.time())}"  # noqa: S311  a name, not a secret
    return Job(number, seconds + context.poll + _SPARE if context.poll > 0 else seconds, folder_of(context))


async def attend(context: TaskContext, job: Job, invocation: Invocation) -> Reply:
    """Start a polled job and wait for it; whatever ends the wait ends the job. Raises HostError."""
    try:
        reply = await context.remote.run_module(invocation)
        if not reply.failed:
            reply = await _poll(context, job)
        return reply
    except asyncio.CancelledError:
        with contextlib.suppress(HostError, TimeoutError):  # a host that cannot be asked has told so already
            async with asyncio.timeout(_STOP_SECONDS):
                await _ask(context, job, "stop")
        raise


async def _poll(context: TaskContext, job: Job) -> Reply:
    """Look at a job until it ends or its time is over. A link that is lost between two looks is opened again."""
    clock = asyncio.get_running_loop().time
    end = clock() + context.async_seconds
    reply, broken = Reply({}), None
    while clock() < end:
        await asyncio.sleep(context.poll)
        try:
            reply, broken = await _ask(context, job, "status"), None
        except (Lost, Unreachable) as error:
            broken = error
            continue
        if reply.data.get("finished"):
            await _ask(context, job, "cleanup")
            return reply
        context.services.emit(AsyncPolled(context.state.name, context.info, job.id, 1, 0))
    if broken is not None:
        raise broken
    await _ask(context, job, "stop")
    text = f"async task did not complete within the requested time - {context.async_seconds}s"
    return Reply({"msg": text, "ansible_job_id": job.id, "async_result": _told(reply)}, failed=True)


def _told(reply: Reply) -> Mapping[str, Any]:
    return {**reply.data, "changed": reply.changed, "failed": reply.failed}


async def _ask(context: TaskContext, job: Job, mode: str) -> Reply:
    options = {"jid": job.id, "mode": mode, "_async_dir": job.folder}
    return await context.remote.run_module(
        Invocation(
            module="ansible.builtin.async_status",
            options=options,
            environment=context.environment,
            become=context.become,
        )
    )
