"""What the tests of the command line share: a runner that reports exit statuses, and an engine that remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from orchestra.cli.exits import status_of
from orchestra.cli.main import main
from orchestra.engine import api


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a command line in an empty folder, with exit statuses as the real program has them."""
    monkeypatch.chdir(tmp_path)
    for name in ("ANSIBLE_CONFIG", "ORCHESTRA_CONFIG", "ORCHESTRA_OUTPUT", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    def call(*words: str, stdin: str | bytes | None = None) -> Result:
        def invoke() -> Any:
            return main.main(list(words), standalone_mode=False)

        import click

        @click.command(
            context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
        )
        def shell() -> None:
            raise SystemExit(status_of(invoke, words))

        return CliRunner().invoke(shell, [], input=stdin)

    return call


@dataclass
class Engine:
    """Remembers what the command line asked for."""

    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)
    status: int = 0
    raises: BaseException | None = None

    def record(self, name: str):
        """A stand-in for the call ``name`` of the engine."""

        def call(*arguments: Any, **more: Any) -> Any:
            self.calls.append((name, arguments, more))
            if self.raises is not None:
                raise self.raises
            return self.status

        return call

    @property
    def settings(self) -> Any:
        """The settings of the last call."""
        return next(one for one in self.calls[-1][1] if type(one).__name__ == "Settings")

    @property
    def options(self) -> Any:
        """The options of the last call."""
        return next(one for one in self.calls[-1][1] if type(one).__name__ == "RunOptions")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine's front door, replaced."""
    fake = Engine()
    for name in ("play", "adhoc", "facts"):
        monkeypatch.setattr(api, name, fake.record(name))
    return fake


@pytest.fixture
def site(tmp_path: Path) -> str:
    """A playbook that is there."""
    path = tmp_path / "site.yml"
    path.write_text("- hosts: all\n  tasks: []\n")
    return "site.yml"
