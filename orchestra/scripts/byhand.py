"""A module that is started by hand: it reads its options from a file or standard input, and its answer is printed.

``python mymodule.py options.json`` or ``... < options.json``, with ``{"ANSIBLE_MODULE_ARGS": {...}}`` in it, as in
Ansible's guide for those who write modules. Unit tests put the same text into ``basic._ANSIBLE_ARGS``, or have
``patch_module_args`` (``ansible.module_utils.testing``) do so.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from orchestra.runner.disk import remove_tree
from orchestra.runner.foreign import basic
from orchestra.runner.foreign.session import Session, begin
from orchestra.runner.system import System

_OURS = "_ansible_"
_BASIC = "ansible.module_utils.basic"


class HandSession(Session):
    """The task of a module that nobody gave one; its options are read when the module asks for them."""

    def __init__(self) -> None:
        super().__init__(os.path.basename(sys.argv[0] if sys.argv else "").removesuffix(".py"), {}, System())

    @property
    def params(self) -> dict[str, Any]:
        """The options, without those by which Ansible tells a module of its task."""
        return {name: value for name, value in self._read().items() if not name.startswith(_OURS)}

    @params.setter
    def params(self, given: dict[str, Any]) -> None:
        """What a session begins with: here nothing."""

    @property
    def system(self) -> System:
        """This machine; in check mode where the options say so."""
        given = self._read()
        self._system.check = bool(given.get("_ansible_check_mode", False))
        self._system.diff = bool(given.get("_ansible_diff", False))
        return self._system

    @system.setter
    def system(self, system: System) -> None:
        self._system = system

    def finish(self, result: dict[str, Any]) -> None:
        """Print the answer, which is how such a module ends."""
        super().finish(result)
        if self._system._scratch is not None:
            remove_tree(self._system._scratch)
            self._system._scratch = None
        told = {"warnings": self.warnings, "deprecations": self.deprecations}
        sys.stdout.write("\n" + json.dumps({**result, **{name: value for name, value in told.items() if value}}) + "\n")
        sys.stdout.flush()

    def _read(self) -> dict[str, Any]:
        module = sys.modules.get(_BASIC, basic)
        text = getattr(module, "_ANSIBLE_ARGS", None)
        if text is None:
            text = module._ANSIBLE_ARGS = _text()  # type: ignore[attr-defined]  # standard input is read once
        try:
            found = json.loads(text)
        except ValueError as error:
            raise ValueError("Failed to decode JSON module parameters.") from error
        if not isinstance(found, dict) or "ANSIBLE_MODULE_ARGS" not in found:
            raise ValueError("ANSIBLE_MODULE_ARGS not provided.")
        return dict(found["ANSIBLE_MODULE_ARGS"])


@contextmanager
def patch_module_args(module_args: dict[str, Any] | None = None) -> Iterator[None]:
    """Meanwhile modules of this process are given these options; each time as if nothing had been run before."""
    module: Any = sys.modules.get(_BASIC, basic)
    before = getattr(module, "_ANSIBLE_ARGS", None)
    module._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": module_args or {}})
    begin(HandSession())
    try:
        yield
    finally:
        module._ANSIBLE_ARGS = before


def _text() -> str | bytes:
    if len(sys.argv) < 2:
        return sys.stdin.buffer.read()
    if not os.path.isfile(sys.argv[1]):
        return sys.argv[1]
    with open(sys.argv[1], "rb") as file:
        return file.read()
