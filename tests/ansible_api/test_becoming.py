"""The lines by which another user is become, where a plugin builds on ours."""

from __future__ import annotations

import shlex

import pytest

from orchestra.ansible_api.becoming import become
from orchestra.ansible_api.remote import ShellView


@pytest.mark.parametrize(
    ("method", "question"), [("sudo", ""), ("su", "Passwort: "), ("doas", "doas (me@here) password: ")]
)
def test_a_password_is_given_to_the_question_for_it(method: str, question: str) -> None:
    builder = become(method)()
    builder.set_options(direct={"become_user": "web"})
    assert not builder.expect_prompt()
    builder.set_option("become_pass", "secret")
    line = builder.build_become_command("id -u", ShellView())
    words = shlex.split(line)
    assert builder.expect_prompt() and "secret" not in line and "-n" not in words and "-HSn" not in words
    said = (question or words[words.index("-p") + 1]).encode()
    assert builder.check_password_prompt(b"Hello.\n" + said) and not builder.check_password_prompt(b"Hello.\n")


def test_sudo_asks_whatever_its_flags_say() -> None:
    builder = become("sudo")()
    builder.set_options(direct={"become_user": "web", "become_flags": "-Hn -E --non-interactive"})
    builder.set_option("become_pass", "secret")
    assert shlex.split(builder.build_become_command("id", ShellView()))[1:5] == ["-H", "-E", "-S", "-p"]


@pytest.mark.parametrize("method", ["sudo", "su", "doas"])
def test_a_user_is_one_word_whatever_it_is(method: str) -> None:
    builder = become(method)()
    builder.set_options(direct={"become_user": "web; touch /tmp/x"})
    line = builder.build_become_command("id -u", ShellView())
    assert "web; touch /tmp/x" in shlex.split(line)
