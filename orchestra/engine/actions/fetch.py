"""Bring a file from the host to the controller. Where it lands is decided here, never by what the host answers."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Mapping
from typing import IO, Any

from orchestra.engine.actions.module import call
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
    if not all(isinstance(args[name], str) for name in ("src", "dest")):
        name = next(name for name in ("src", "dest") if not isinstance(args[name], str))
        kind = "source" if name == "src" else "dest"
        return failed(f"Invalid type supplied for {kind}: {name} must be text, not {args[name]!r}")
    place = _destination(context, args)
    refusal = _taken(args, place)
    if refusal:
        return failed(refusal)
    landing = _Landing(place)
    try:
        return await _fetch(context, args, landing)
    finally:
        landing.clear()


async def _fetch(context: TaskContext, args: Mapping[str, Any], landing: _Landing) -> ActionResult:
    known, known_md5 = _sums(landing.path)
    options = {**args, "known_checksum": known}
    result = await call(context, "ansible.builtin.fetch", options, receive=landing.take)
    data = result.reply.data
    if result.reply.failed or data.get("missing"):
        return result
    sums = {"checksum": data["checksum"], "remote_checksum": data["checksum"], "dest": landing.path}
    if not data.get("attached"):
        return ok(file=data["file"], md5sum=known_md5, remote_md5sum=None, **sums)
    if landing.trouble is not None:
        return failed(f"cannot write {landing.path}: {landing.trouble.strerror}", file=data["file"], **sums)
    if is_true(args.get("validate_checksum", True)) and landing.sha1.hexdigest() != data["checksum"]:
        return failed("checksum mismatch", file=data["file"], **sums)
    landing.keep()
    return ActionResult(Reply({"md5sum": landing.md5.hexdigest(), "remote_md5sum": None, **sums}, changed=True))


def _destination(context: TaskContext, args: Mapping[str, Any]) -> str:
    source, dest = str(args["src"]), str(args["dest"])
    base = str(context.scope.get("playbook_dir", os.getcwd()))
    wanted = os.path.join(base, os.path.expanduser(dest))
    if is_true(args.get("flat", False)):
        return os.path.join(wanted, os.path.basename(source)) if dest.endswith("/") else os.path.normpath(wanted)
    inside = os.path.normpath("/" + source.replace("\\", "/")).lstrip("/")
    return os.path.normpath(os.path.join(wanted, context.state.name, inside))


def _taken(args: Mapping[str, Any], place: str) -> str:
    """Why a file can not land there; "" where it can."""
    if not os.path.isdir(place):
        return ""
    if is_true(args.get("flat", False)) and not str(args["dest"]).endswith("/"):
        return f"dest is an existing directory; {args['dest']}/ with a slash at its end means a file in it"
    return f"calculated dest '{place}' is an existing directory; name another place"


def _sums(path: str) -> tuple[str | None, str | None]:
    """SHA-1 and MD5 of what is there already; nothing of what cannot be read."""
    try:
        with open(path, "rb") as file:
            sha1, md5 = hashlib.sha1(usedforsecurity=False), hashlib.md5(usedforsecurity=False)
            while block := file.read(1 << 20):
                sha1.update(block)
                md5.update(block)
    except OSError:
        return None, None
    return sha1.hexdigest(), md5.hexdigest()


class _Landing:
    """A file that arrives in pieces: beside its place first, so that nothing half-written is ever there."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.sha1 = hashlib.sha1(usedforsecurity=False)
        self.md5 = hashlib.md5(usedforsecurity=False)
        #: Why no more could be written.
        self.trouble: OSError | None = None
        self._file: IO[bytes] | None = None
        self._beside = ""

    def take(self, name: str, piece: bytes) -> None:
        """Append a piece; what fails is kept for later."""
        if self.trouble is None:
            try:
                self._open().write(piece)
            except OSError as error:
                self.trouble = error
            self.sha1.update(piece)
            self.md5.update(piece)

    def _open(self) -> IO[bytes]:
        if self._file is None:
            folder = os.path.dirname(self.path)
            os.makedirs(folder, exist_ok=True)
            handle, self._beside = tempfile.mkstemp(dir=folder, prefix=".orchestra-")
            self._file = os.fdopen(handle, "wb")
        return self._file

    def keep(self) -> None:
        """Put the whole file in its place; an empty one came without a piece. Raises OSError."""
        self._open().close()
        os.chmod(self._beside, _mode(self.path))
        os.replace(self._beside, self.path)
        self._beside = ""

    def clear(self) -> None:
        """Remove what was not kept."""
        if self._file is not None and self._beside:
            with contextlib.suppress(OSError):
                self._file.close()
            os.unlink(self._beside)


def _mode(path: str) -> int:
    """That of the file which is replaced, else what any new file of this user has."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except OSError:
        mask = os.umask(0o077)
        os.umask(mask)
        return 0o666 & ~mask
