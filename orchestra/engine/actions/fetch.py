"""Bring a file from the host to the controller. Where it lands is decided here, never by what the host answers."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from typing import Any

from orchestra.engine.actions.module import call
from orchestra.engine.actions.transfer import sha1
from orchestra.engine.connections import is_true
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed, ok, skipped
from orchestra.model.invocation import Reply


async def run(context: TaskContext) -> ActionResult:
    """Into ``dest/HOST/path``, or exactly ``dest`` with ``flat``."""
    args = context.args
    if not args.get("src") or not args.get("dest"):
        return failed("src and dest are required")
    if context.check:
        return skipped("check mode not (yet) supported for this module")
    path = _destination(context, args)
    known = _checksum(path)
    result = await call(context, "ansible.builtin.fetch", {**args, "known_checksum": known})
    data = result.reply.data
    if result.reply.failed or data.get("missing"):
        return result
    sums = {"checksum": data["checksum"], "remote_checksum": data["checksum"], "dest": path}
    if not data.get("attached"):
        return ok(file=data["file"], md5sum=_md5(_read(path)), remote_md5sum=None, **sums)
    content = result.reply.attachments["content"]
    if is_true(args.get("validate_checksum", True)) and sha1(content) != data["checksum"]:
        return failed("checksum mismatch", file=data["file"], **sums)
    _write(path, content)
    return ActionResult(Reply({"md5sum": _md5(content), "remote_md5sum": None, **sums}, changed=True))


def _destination(context: TaskContext, args: Mapping[str, Any]) -> str:
    source, dest = str(args["src"]), str(args["dest"])
    base = str(context.scope.get("playbook_dir", os.getcwd()))
    wanted = os.path.join(base, os.path.expanduser(dest))
    if is_true(args.get("flat", False)):
        return os.path.join(wanted, os.path.basename(source)) if dest.endswith("/") else os.path.normpath(wanted)
    inside = os.path.normpath("/" + source.replace("\\", "/")).lstrip("/")
    return os.path.normpath(os.path.join(wanted, context.state.name, inside))


def _checksum(path: str) -> str | None:
    content = _read(path)
    return None if content is None else sha1(content)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def _md5(content: bytes | None) -> str | None:
    return None if content is None else hashlib.md5(content, usedforsecurity=False).hexdigest()


def _write(path: str, content: bytes) -> None:
    """Write beside the place, then rename, so that nothing half-written is ever there."""
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".orchestra-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
