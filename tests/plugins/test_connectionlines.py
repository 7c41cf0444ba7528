"""Lines behind a connection plugin: what it is told to run, and what becomes of the files on the way."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from orchestra.ansible_api.becoming import BecomeBase
from orchestra.ansible_api.connection import ConnectionBase, native, native_kind
from orchestra.ansible_api.errors import AnsibleConnectionFailure
from orchestra.ansible_api.remote import PlayContextView
from orchestra.errors import Unreachable
from orchestra.model.bridge import Way
from orchestra.plugins.connectionlines import Folders, run_line, run_with_file


class _Plugin(ConnectionBase):
    """Runs lines here; remembers them, and who they were for."""

    def __init__(self) -> None:
        super().__init__(PlayContextView(Way("h1")))
        self.lines: list[tuple[str, Any]] = []
        self.warnings: list[str] = []
        self._display = self  # type: ignore[assignment]
        self.refuses = ""

    def warning(self, text: str) -> None:
        self.warnings.append(text)

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        self.lines.append((cmd, self.become))
        if self.refuses and self.refuses in cmd:
            return 1, b"", b"not here"
        done = subprocess.run(["/bin/sh", "-c", cmd], input=in_data or b"", capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def put_file(self, in_path: str, out_path: str) -> None:
        shutil.copy(in_path, out_path)


class _Mark(BecomeBase):
    """Another user's line: marked, and behind a question where there is a password."""

    prompt = "who?"

    def __init__(self, user: str, password: str = "") -> None:
        super().__init__()
        self.declare({"become_user": {"default": user}, "become_pass": {"default": password}})

    def build_become_command(self, cmd: str, shell: Any) -> str:
        super().build_become_command(cmd, shell)
        return f"WHO={self.get_option('become_user')} {self._build_success_command(cmd, shell)}"


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    (tmp_path / "here").mkdir()
    return Folders(f"{tmp_path}/it's there", lambda: str(tmp_path / "here"))


def _left(folders: Folders) -> list[str]:
    return [path.name for place in (folders.remote, folders.local()) for path in Path(place).iterdir()]


def test_a_line_reads_its_input_from_a_file_and_nothing_is_left(folders: Folders) -> None:
    assert run_with_file(_Plugin(), None, "cat; exit 3", b"input", folders) == (3, b"input", b"")
    assert _left(folders) == []


def test_the_file_is_read_by_who_logs_in_where_nobody_asks(folders: Folders) -> None:
    plugin = _Plugin()
    plugin.become = builder = _Mark("other")
    assert run_with_file(plugin, builder, "cat; echo $WHO", b"input ", folders) == (0, b"input other\n", b"")
    assert [become for _, become in plugin.lines] == [None, builder, None]
    assert _left(folders) == []


def test_the_file_is_read_inside_where_the_input_is_a_conversation(folders: Folders) -> None:
    plugin = _Plugin()
    plugin.become = builder = _Mark("root", "secret")
    assert run_with_file(plugin, builder, "cat; echo $WHO", b"input ", folders) == (0, b"input root\n", b"")
    assert "secret" not in "".join(line for line, _ in plugin.lines)


def test_what_the_plugin_raises_is_told_and_the_folder_is_removed(folders: Folders) -> None:
    plugin = _Plugin()

    def cut(in_path: str, out_path: str) -> None:
        raise AnsibleConnectionFailure("cut")

    plugin.put_file = cut  # type: ignore[method-assign]
    with pytest.raises(AnsibleConnectionFailure, match="cut"):
        run_with_file(plugin, None, "cat", b"input", folders)
    assert _left(folders) == []


def test_a_host_without_a_folder_is_out_of_reach(folders: Folders) -> None:
    plugin = _Plugin()
    plugin.refuses = "mkdir"
    with pytest.raises(Unreachable, match="not here"):
        run_with_file(plugin, None, "cat", b"input", folders)


def test_a_folder_that_stays_is_a_warning(folders: Folders) -> None:
    plugin = _Plugin()
    plugin.refuses = "rm -rf"
    assert run_with_file(plugin, None, "cat", b"input", folders)[1] == b"input"
    assert len(plugin.warnings) == 1 and "could not be removed" in plugin.warnings[0]


def test_text_is_output_too() -> None:
    plugin = _Plugin()
    plugin.exec_command = lambda *args, **more: (0, "out", "")  # type: ignore[method-assign,assignment,return-value]
    assert run_line(plugin, None, "true") == (0, b"out", b"")


def test_our_own_connections_tell_what_they_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    plugin = native("local")(PlayContextView(Way("h1", address="there")))
    monkeypatch.setattr(plugin._display, "vvv", lambda text, host: told.append(f"<{host}> {text}"))
    plugin._native = lambda line, stdin, become: (0, stdin, b"")
    (tmp_path / "a").write_bytes(b"x")
    plugin.exec_command("true")
    plugin.put_file(str(tmp_path / "a"), "/b")
    plugin.fetch_file("/b", str(tmp_path / "c"))
    assert told == ["<there> EXEC true", f"<there> PUT {tmp_path}/a TO /b", f"<there> FETCH /b TO {tmp_path}/c"]


def test_one_that_is_on_this_machine_is_not_just_local() -> None:
    local = native("local")
    assert native_kind(type("Connection", (local,), {})) == "local"
    assert native_kind(type("Connection", (local,), {"_remote_is_local": True})) == ""
