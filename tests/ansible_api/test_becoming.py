"""The lines by which another user is become, where a plugin builds on ours."""

from __future__ import annotations

import shlex

import pytest

from orchestra.ansible_api.becoming import become
from orchestra.ansible_api.remote import ShellView


@pytest.mark.parametrize("method", ["sudo", "su", "doas"])
def test_a_user_is_one_word_whatever_it_is(method: str) -> None:
    builder = become(method)()
    builder.set_options(direct={"become_user": "web; touch /tmp/x"})
    line = builder.build_become_command("id -u", ShellView())
    assert "web; touch /tmp/x" in shlex.split(line)
