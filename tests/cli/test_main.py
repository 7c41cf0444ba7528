"""The command as a whole: names, exit statuses, errors for people, what starting it costs."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import click
import pytest

from orchestra.cli.exits import is_very_verbose
from orchestra.cli.main import COMMANDS, main
from orchestra.errors import LanguageError, OrchestraError, ParseErrors, UsageError
from orchestra.model.origin import Origin


def test_every_command_can_be_imported_and_says_what_it_is_for() -> None:
    context = click.Context(main)
    for name, entry in COMMANDS.items():
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.get_short_help_str(200) == entry.summary


def test_version(run) -> None:
    result = run("--version")
    assert (result.exit_code, result.output.split()[0]) == (0, "orchestra")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("paly",), "no such command 'paly'. Did you mean play"),
        (("zzz",), "There are: play, run,"),
        (("play", "--chek", "x"), "--check"),
        (("play", "--s", "x.yml"), "'--s' may be --scp-extra-args, --sftp-extra-args, --skip-tags, "),
        (("play", "--list", "x.yml"), "'--list' may be --list-hosts, --list-tags, --list-tasks: write more of it."),
        (("play", "--lim", "web", "--lemon", "x.yml"), "'--lemon'"),
        (("play",), "Missing argument 'PLAYBOOK...'"),
        (("play", "x.yml", "-f", "none"), "'none' is not a valid integer"),
        (("play", "x.yml", "--output", "loud"), "'loud' is not one of"),
    ],
)
def test_wrong_usage(run, words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.output


def test_a_playbook_that_is_not_there(run, site: str) -> None:
    result = run("play", "sit.yml")
    assert result.exit_code == 1
    assert result.output == "orchestra: the playbook: sit.yml could not be found\n  hint: did you mean site.yml?\n"


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (OrchestraError("no space", hint="make some"), 1, "orchestra: no space\n  hint: make some\n"),
        (UsageError("two of them"), 2, "orchestra: two of them\n"),
        (LanguageError("bad", origin=Origin("x.yml", 3, 1)), 4, "orchestra: x.yml:3:1: bad\n"),
        (ParseErrors([LanguageError("one"), LanguageError("two")]), 4, "orchestra: one\ntwo\n"),
        (KeyboardInterrupt(), 130, "\norchestra: interrupted\n"),
        (OrchestraError("evil \x1b[2J"), 1, "orchestra: evil \\x1b[2J\n"),
    ],
)
def test_errors_are_rendered(run, engine, site: str, error: BaseException, status: int, said: str) -> None:
    engine.raises = error
    result = run("play", site)
    assert result.exit_code == status
    assert result.output == said


@pytest.mark.parametrize("text", ["[defaults]\nforks = many\n", "[defaults]\nforks = many\ntimeout = x\n", "x\n"])
def test_a_wrong_setting_is_no_parse_error_of_a_playbook(run, engine, site: str, tmp_path: Path, text: str) -> None:
    (tmp_path / "orchestra.cfg").write_text(text)
    result = run("play", site)
    assert result.exit_code == 1
    assert "orchestra.cfg:" in result.output


def test_problems_are_told_from_the_top_of_each_file() -> None:
    places = [Origin("b.yml", 9, 1), Origin("a.yml", 5, 2), Origin("b.yml", 3, 7), Origin("b.yml", 3, 1)]
    found = ParseErrors([LanguageError("x", origin=origin) for origin in places]).problems
    assert [str(problem.origin) for problem in found] == ["b.yml:3:1", "b.yml:3:7", "b.yml:9:1", "a.yml:5:2"]


PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks: [{debug: {msg: "{{ 'x' * 5000 }}"}, loop: "{{ range(20) }}"}]
"""


@pytest.mark.parametrize("mode", ["dense", "lines", "ansible", "json"])
def test_a_closed_pipe_ends_the_output_silently(tmp_path: Path, mode: str) -> None:
    (tmp_path / "site.yml").write_text(PLAYBOOK)
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "orchestra", "play", "-i", "h,", "-c", "local", "site.yml", "--output", mode]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, cwd=tmp_path, text=True, check=False)
    os.close(writer)
    assert (done.stderr, done.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("mode", "begin"), [("ansible", "[ERROR]: "), ("lines", "error: "), ("dense", "error: "), ("quiet", "error: ")]
)
def test_a_fault_of_the_whole_run_is_an_error(run, tmp_path: Path, mode: str, begin: str) -> None:
    (tmp_path / "site.yml").write_text("- hosts: all\n  strategy: lineal\n  tasks: [{ping: }]\n")
    result = run("play", "-i", "h,", "-c", "local", "site.yml", "--output", mode)
    assert result.exit_code == 4
    assert result.stderr.startswith(begin)
    assert "lineal" in result.stderr and "WARNING" not in result.stderr and "\\n" not in result.stderr


def test_a_fault_of_the_whole_run_is_an_event(run, tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text("- hosts: all\n  strategy: lineal\n  tasks: [{ping: }]\n")
    lines = run("play", "-i", "h,", "-c", "local", "site.yml", "--output", "json").stdout.splitlines()
    (fault,) = [line for line in map(json.loads, lines) if line["event"] == "run_failed"]
    assert "lineal" in fault["message"] and "linear" in fault["hint"]


def test_the_engine_s_status_is_ours(run, engine, site: str) -> None:
    engine.status = 6
    assert run("play", site).exit_code == 6


def test_a_bug_says_so_without_a_traceback(run, engine, site: str) -> None:
    engine.raises = ZeroDivisionError("division by zero")
    result = run("play", site)
    assert result.exit_code == 1
    assert "this is a bug: ZeroDivisionError: division by zero" in result.output
    assert "Traceback" not in result.output


def test_a_bug_at_vvv_has_one(run, engine, site: str) -> None:
    engine.raises = ZeroDivisionError("division by zero")
    assert "Traceback" in run("play", site, "-vvv", "--output", "json").output


@pytest.mark.parametrize(
    ("words", "very"),
    [([], False), (["-vv"], False), (["-vvv"], True), (["-v", "-vv"], True), (["--verbose"] * 3, True)],
)
def test_very_verbose(words: list[str], very: bool) -> None:
    assert is_very_verbose(words) is very


def _python(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)


def test_starting_costs_next_to_nothing() -> None:
    _python("-m", "orchestra", "--version")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _python("-m", "orchestra", "--version")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime <= 0.2


@pytest.mark.parametrize("words", ["--version", "--help", "play --help"])
def test_nothing_heavy_is_imported_before_it_is_needed(words: str) -> None:
    code = f"""
import sys
from orchestra.cli.main import main
try:
    main({words.split()!r})
except SystemExit:
    pass
heavy = {{"asyncssh", "jinja2", "yaml", "rich", "cryptography", "asyncio"}} & set(sys.modules)
print("HEAVY", sorted(heavy))
"""
    assert "HEAVY []" in _python("-c", code).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run, shell: str) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert f"_ORCHESTRA_COMPLETE={shell}_complete" in result.output


def test_completion_completes() -> None:
    environ = {
        **os.environ,
        "_ORCHESTRA_COMPLETE": "bash_complete",
        "COMP_WORDS": "orchestra play --syn",
        "COMP_CWORD": "2",
    }
    done = subprocess.run([sys.executable, "-m", "orchestra"], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout == "plain,--syntax-check\n"


def test_a_reader_that_leaves_is_no_traceback() -> None:
    code = "import subprocess, sys; from orchestra.cli.main import main; main(['inventory', '-i', 'a,b,', '--list'])"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read().decode()
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors
