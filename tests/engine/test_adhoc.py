"""One module on some hosts, without a playbook."""

import contextlib
import io
from pathlib import Path

import pytest

from orchestra.cli.exits import status_of
from orchestra.cli.main import main


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    monkeypatch.chdir(folder)
    out = io.StringIO()
    call = ["run", "--output", "ansible", "localhost", "-m", *words]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = status_of(lambda: main.main(call, standalone_mode=False), call)
    return code, out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "roles/r/tasks/main.yml": "- {debug: {msg: from the role}, changed_when: true, notify: hand}\n",
        "roles/r/handlers/main.yml": "- {name: hand, debug: {msg: from its handler}}\n",
        "more.yml": "- {debug: {msg: 'from the file'}}\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import_role", "-a", "name=r"), ("from the role", "from its handler")),
        (("include_role", "-a", "name=r"), ("from the role", "from its handler")),
        (("import_tasks", "-a", "more.yml"), ("from the file",)),
    ],
)
def test_imports_bring_in_what_they_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: tuple[str, ...]
) -> None:
    code, printed = run(folder, monkeypatch, *words)
    assert code == 0, printed
    assert all(text in printed for text in said)


def test_an_import_of_what_is_not_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, printed = run(folder, monkeypatch, "import_role", "-a", "name=nothere")
    assert code == 4
    assert "the role 'nothere' was not found" in printed
