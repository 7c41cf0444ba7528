"""Runs one of our modules in this process on the real machine, and takes back what it did."""

from pathlib import Path
from typing import Any

from orchestra.library.locate import load_file, packaged_folder
from orchestra.runner import undo as replay
from orchestra.runner.effects import Effect
from orchestra.runner.foresight import Foresight
from orchestra.runner.plan import Performer, carry_out
from orchestra.runner.system import Attachment, System
from orchestra.testing.fakesystem import FakeSystem


def module(name: str) -> Any:
    """A module of ours."""
    return load_file(str(packaged_folder() / f"{name}.py"))


def drive(name: str, system: System | None = None, /, **options: Any) -> dict[str, Any]:
    """Its result; a failure is one with `failed`."""
    return carry_out(module(name), options, Performer(system or System()))


def check(name: str, /, **options: Any) -> dict[str, Any]:
    """Its result in check mode."""
    return drive(name, Foresight(), **options)


def fake(name: str, system: FakeSystem, /, **options: Any) -> dict[str, Any]:
    """Its result on a machine in memory."""
    return system.run(module(name), **options)


def with_content(content: bytes | Path, name: str = "content") -> System:
    """A system to which this attachment came along."""
    system = System()
    path = str(content) if isinstance(content, Path) else None
    data = content if isinstance(content, bytes) else None
    system.incoming = {name: Attachment(data, path, len(data or b""))}
    return system


class Recorded:
    """A run with its undo."""

    def __init__(self, name: str, /, **options: Any) -> None:
        self.steps: list[dict[str, Any]] = []
        self.system = System(diff=True)
        self.result = carry_out(module(name), options, Performer(self.system, self._keep))

    def _keep(self, effect: Effect, undo: list[Effect]) -> None:
        self.steps.append(replay.pack(effect, undo, self.system))

    def undo(self) -> dict[str, Any]:
        """Take it back."""
        return carry_out(replay, {"steps": self.steps}, Performer(System()))
