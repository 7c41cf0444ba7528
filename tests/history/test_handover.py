"""What still files when a run's process goes on, as one does that holds many runs."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest

from orchestra.history import handover
from orchestra.history.places import Places
from orchestra.settings import load_settings


def test_a_process_that_still_files_is_let_go_without_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = tmp_path / "begun", tmp_path / "ended"
    os.mkfifo(begun)
    os.mkfifo(ended)
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nexec 3<{ended}\necho > {begun}\nread word <&3\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(handover, "MAX_BYTES", -1)
    release = os.open(ended, os.O_RDWR)
    try:
        handover.hand_over(Places(tmp_path), load_settings({}, str(tmp_path)), pytest.fail)
        assert begun.read_bytes() == b"\n"
        gc.collect()  # warnings are errors
    finally:
        os.write(release, b"\n")
        os.close(release)
