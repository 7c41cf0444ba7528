"""Modules to Ansible's interface on a real runner, for tests."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestra.payload.client import Request, RunnerClient
from orchestra.payload.code import ForeignModule
from tests.runner.pipes import BUILDER

HEAD = "#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n"


async def run_text(
    client: RunnerClient,
    folder: Path,
    text: str,
    options: Mapping[str, Any] | None = None,
    *,
    kind: Mapping[str, Any] | None = None,
    name: str = "probe",
    **more: Any,
) -> dict[str, Any]:
    """The result of a module of this text."""
    path = folder / f"{name}.py"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    code = BUILDER.foreign(ForeignModule(str(path), name, **(kind or {})))
    reply = await asyncio.wait_for(client.request(Request(code, options or {}, **more)), 20)
    BUILDER._foreign.clear()  # the same path has another text next time
    return reply.result


async def run_spec(
    client: RunnerClient, folder: Path, spec: str, options: Mapping[str, Any], **rules: Any
) -> dict[str, Any]:
    """What a module with this argument_spec answers: ``params``, or why it refuses."""
    words = "".join(f", {name}={value!r}" for name, value in rules.items())
    text = f"{HEAD}module = AnsibleModule(argument_spec={spec}{words})\nmodule.exit_json(params=module.params)\n"
    return await run_text(client, folder, text, options)
