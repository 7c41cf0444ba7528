"""``orchestra config``, by its commands."""

from __future__ import annotations

from pathlib import Path


def test_the_command(run, tmp_path: Path) -> None:
    (tmp_path / "other.cfg").write_text("[defaults]\nremote_user = admin\nforkz = 1\n")
    shown = run("config", "dump", "-c", "other.cfg", "--only-changed")
    assert f"DEFAULT_REMOTE_USER({tmp_path}/other.cfg) = admin" in shown.output
    assert "remote_user = admin" in run("config", "view", "-c", "other.cfg").output
    assert run("config", "validate", "-c", "other.cfg").exit_code == 1
    assert run("config", "validate").output == "All configurations seem valid!\n"
    assert "DEFAULT_REMOTE_USER:" in run("config", "list").output
    assert "[defaults]" in run("config", "init", "--disabled").output
