"""``orchestra galaxy``: whatever would download is told what to do instead."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["install", "-r", "requirements.yml"], "install"),
        (["collection", "install", "acme.tools"], "collection install"),
        (["role", "init", "web"], "role init"),
    ],
)
def test_what_is_left_to_others(run, words: list[str], what: str) -> None:
    done = run("as", "ansible-galaxy", *words)
    assert done.exit_code == 1
    assert f"ansible-galaxy {what}: Orchestra downloads and builds nothing" in done.stderr
