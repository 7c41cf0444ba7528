"""Modules on a resident runner: from an Invocation to a request, from its reply to a Reply."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from orchestra.errors import TimedOut
from orchestra.library.catalogue import Library
from orchestra.library.declaration import ModuleDeclaration
from orchestra.model.invocation import Invocation, Reply
from orchestra.payload import frames
from orchestra.payload.client import RawReply, Request, RunnerClient
from orchestra.payload.code import ForeignModule, ModuleCode, Payloads


class RunnerSession:
    """One runner on one host, as one user."""

    __slots__ = ("_builder", "_client", "_library")

    def __init__(self, client: RunnerClient, builder: Payloads, library: Library) -> None:
        self._client = client
        self._builder = builder
        self._library = library

    @property
    def alive(self) -> bool:
        """Whether it still answers."""
        return self._client.alive

    @property
    def interpreter(self) -> str:
        """The Python it runs on."""
        return str(self._client.hello.get("executable", ""))

    async def settled(self) -> None:
        """Wait until what was cancelled has ended on the host."""
        await self._client.settled()

    def close(self) -> None:
        """End the runner."""
        self._client.close()

    async def end(self, seconds: float) -> None:
        """End the runner unless something is under way, and wait as long for its last process to be gone."""
        if self._client.idle:
            self._client.close()
            with contextlib.suppress(TimeoutError):  # a host that hangs: what comes next will say so itself
                async with asyncio.timeout(seconds):
                    await self._client.gone()

    async def run_module(self, invocation: Invocation) -> Reply:
        """Run a module. Raises TimedOut for its deadline, Lost when the link dies."""
        declaration = self._library.find(invocation.module)
        assert declaration is not None, "an invocation names a module that was found before"
        raw = await self._client.request(
            Request(
                code=self._code(declaration),
                options=invocation.options,
                check=invocation.check,
                alone=invocation.alone,
                diff=invocation.diff,
                environment=invocation.environment,
                folder=invocation.folder,
                deadline=invocation.timeout,
                attachments=invocation.attachments,
                receive=invocation.receive,
                job=invocation.job,
            )
        )
        if raw.fault == "deadline":
            raise TimedOut(f"Timed out after {invocation.timeout:g} second(s).", seconds=invocation.timeout)
        return reply_of(raw)

    def _code(self, declaration: ModuleDeclaration) -> ModuleCode:
        if declaration.kind == "plan":
            return self._builder.module(declaration.path, ours=declaration.ours)
        around = self._library.surroundings
        return self._builder.foreign(
            ForeignModule(
                declaration.path,
                declaration.name,
                declaration.package,
                program=declaration.kind != "foreign",
                as_json=declaration.kind == "json",
                shared=tuple(around.folders("module_utils")) if around else (),
                roots=tuple(around.collection_roots()) if around else (),
            )
        )


def reply_of(raw: RawReply) -> Reply:
    """What a module answered, apart from what its result is made of."""
    data = dict(raw.result)
    if "ansible_job_id" in data:
        _job_state(data)
    return Reply(
        data,
        changed=bool(data.pop("changed", False)),
        failed=bool(data.pop("failed", False)),
        skipped=bool(data.pop("skipped", False)),
        assumed=bool(data.pop("assumed", False)),
        diff=_diff(data.pop("diff", None)),
        warnings=tuple(data.pop("warnings", ())),
        attachments=raw.attachments,
    )


def _job_state(data: dict[str, Any]) -> None:
    """A job's state file has 0 and 1; playbooks see truth values, and texts from the beginning."""
    for name in ("started", "finished"):
        if name in data:
            data[name] = bool(data[name])
    if data.get("finished") is False and "results_file" in data and not data.get("changed"):
        data.setdefault("stdout", "")
        data.setdefault("stderr", "")


def _diff(value: Any) -> tuple[Mapping[str, Any], ...]:
    if not value:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def encoded(options: Mapping[str, Any]) -> bytes:
    """Options as the bytes of a request, for those that are the same on many hosts."""
    return frames.dumps(options)
