"""Whole runs by the command line are recorded, and `orchestra history` tells of them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

INVENTORY = (
    "web01\nweb02\n[all:vars]\nansible_connection=local\nansible_python_interpreter={{ ansible_playbook_python }}\n"
)
SITE = """
- hosts: all
  gather_facts: false
  tasks:
    - name: Configuration
      copy: {content: "port = {{ port }}\\n", dest: "{{ playbook_dir }}/{{ inventory_hostname }}.conf"}
    - name: Only on one
      command: echo done
      when: inventory_hostname == 'web02'
"""


class Site:
    """A project, and runs of it in processes of their own that record under the project's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.history = folder / "state" / "orchestra" / "history"
        (folder / "hosts.ini").write_text(INVENTORY)
        self.write("site.yml", SITE)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORCHESTRA_", "ANSIBLE_"))}
        self.environ = {**kept, "XDG_STATE_HOME": str(folder / "state"), "HOME": str(folder), "NO_COLOR": "1"}

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def start(self, *words: str, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "orchestra", *words], cwd=self.folder, env={**self.environ, **environ},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def run(self, *words: str, status: int = 0, **environ: str) -> tuple[str, str]:
        process = self.start(*words, **environ)
        out, err = process.communicate(timeout=120)
        assert process.returncode == status, f"{words}: {process.returncode}\n{out}\n{err}"
        return out, err

    def play(self, *words: str, **more: Any) -> tuple[str, str]:
        return self.run("play", "-i", "hosts.ini", *words, **more)

    def told(self, *words: str) -> Any:
        """What `orchestra history ... --json` says."""
        return json.loads(self.run("history", *words, "--json")[0])

    def journals(self) -> list[Path]:
        return sorted((self.history / "journals").glob("*.journal"))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_what_changed_on_a_host_by_which_task_in_one_command(site: Site) -> None:
    site.play("site.yml", "-D", "-e", "port=80")
    site.play("site.yml", "-D", "-e", "port=8080")
    out, _ = site.run("history", "host", "web02", "--since", "yesterday")
    assert re.search(r"run 2  .* site.yml  changed  by \w+", out)
    assert re.search(r"  \d\d:\d\d:\d\d  changed  Configuration  site.yml:5\n", out)
    assert "      -port = 80\n      +port = 8080\n" in out
    assert "Only on one" in out
    assert "Only on one" not in site.run("history", "host", "web01")[0]


def test_runs_of_every_kind_are_listed(site: Site) -> None:
    site.play("site.yml", "-e", "port=80", "--limit", "web01")
    site.run("run", "all", "-i", "hosts.ini", "-m", "ping")
    site.run("facts", "web01", "-i", "hosts.ini", "--subset", "!all,!min,env")
    site.run("as", "ansible-playbook", "-i", "hosts.ini", "site.yml", "-C", "-e", "port=1")
    check, facts, adhoc, play = site.told("ls")
    assert [run["kind"] for run in (play, adhoc, facts, check)] == ["play", "adhoc", "facts", "play"]
    assert (play["host_limit"], play["hosts"], play["extra_vars"]) == ("web01", 1, ["port"])
    assert adhoc["what"] == "run --module-name ping --inventory hosts.ini all"
    assert check["check_mode"]
    (file,) = [one for one in site.told("show", "1")["files"] if one["kind"] == "playbook"]
    assert file["path"] == str(site.folder / "site.yml")
    out, _ = site.run("history", "ls", "--state", "changed")
    assert [line.split()[0] for line in out.splitlines()] == ["RUN", "4", "1"]
    assert site.journals() == []


def test_each_command_of_a_prompt_is_a_run(site: Site) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "orchestra", "console", "-i", "hosts.ini", "all"],
        cwd=site.folder, env=site.environ, input="ping\ncommand echo one\n", capture_output=True, text=True,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    assert [run["what"] for run in site.told("ls")] == ["console --inventory hosts.ini all"] * 2


def test_the_revision_of_the_project(site: Site) -> None:
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "site.yml"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], cwd=site.folder, check=True)
    site.play("site.yml", "-e", "port=1")
    site.write("site.yml", SITE + "    - debug:\n")
    site.play("site.yml", "-e", "port=1")
    second, first = site.told("ls")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=site.folder, capture_output=True, text=True, check=True)
    assert first["revision"] == second["revision"] == head.stdout.strip()
    assert (first["branch"], first["dirty"], second["dirty"]) == ("main", False, True)
    out, _ = site.run("history", "diff", "1", "2")
    assert "uncommitted changes: no -> yes" in out
    assert f"playbook {site.folder}/site.yml: changed" in out
    assert "not there -> ok  web[01-02]" in out


SECRETS = """
- hosts: all
  gather_facts: false
  vars_files: [vault.yml]
  tasks:
    - debug: {msg: "the vault says {{ sealed }}"}
    - command: echo {{ sealed }} {{ other }}
    - copy: {content: "password = {{ sealed }}\\n", dest: "{{ playbook_dir }}/{{ inventory_hostname }}.conf"}
    - command: echo hidden-by-no-log
      no_log: true
    - command: echo {{ item }}
      loop: [hidden-by-no-log]
      no_log: true
    - command: "false"
      ignore_errors: true
"""


HIDDEN = (
    "correct-horse", "the-vault-password", "the-become-password", "value-of-extra-vars", "hidden-by-no-log",
    "value-of-a-password", "value-of-a-token", "value-in-url",
)  # fmt: skip


def test_secrets_are_nowhere(site: Site) -> None:
    site.write("secrets.yml", SECRETS)
    site.write("pass.txt", "the-vault-password\n")
    site.write("plain.yml", "sealed: correct-horse-battery\n")
    site.run("vault", "encrypt", "plain.yml", "--output", "vault.yml", "--vault-password-file", "pass.txt")
    site.write("become.txt", "the-become-password\n")
    site.play(
        "secrets.yml", "-D", "--vault-password-file", "pass.txt", "--become-password-file", "become.txt",
        "-e", "unused=value-of-extra-vars other=1", "-e", '{"more": "value-of-extra-vars"}',
    )  # fmt: skip
    site.run(
        "run", "all", "-i", "hosts.ini", "-m", "debug", "-a", "msg=x password=value-of-a-password",
        "-e", "unused=value-of-extra-vars", status=2,
    )  # fmt: skip
    site.run("run", "all", "-i", "hosts.ini", "--", "true", "--token", "value-of-a-token")
    site.run("run", "all", "-i", "hosts.ini", "--", "true", "https://ops:value-in-url@example.org/")
    journals = b"".join(path.read_bytes() for path in site.journals())
    assert len(site.journals()) == 4
    exported = site.run("history", "export")[0]
    filed = b"".join(path.read_bytes() for path in site.history.rglob("*") if path.is_file())
    for where in (journals, filed, exported.encode()):
        assert b"********" in where
        assert [secret for secret in HIDDEN if secret.encode() in where] == []
    assert json.loads(exported.splitlines()[0])["extra_vars"] == ["more", "other", "unused"]


WAITS = """
- hosts: web01
  gather_facts: false
  tasks:
    - name: First
      command: echo first
    - name: Waits
      shell: echo $PPID > {{ playbook_dir }}/ear; sleep 1000
"""


@pytest.fixture
def waiting(site: Site) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts a run that waits in its second task, and returns when it does."""
    site.write("waits.yml", WAITS)
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        ear = site.folder / "ear"
        ear.unlink(missing_ok=True)
        os.mkfifo(ear)
        started.append(site.start("play", "-i", "hosts.ini", "waits.yml"))
        with ear.open() as heard:
            assert heard.read().strip()
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_run_that_is_killed(site: Site, waiting: Callable[[], subprocess.Popen[str]]) -> None:
    process = waiting()
    (run,) = site.told("ls")
    assert (run["state"], run["exit"]) == ("running", None)
    (result,) = site.told("show")["results"]
    assert result["task"]["name"] == "First"
    process.send_signal(signal.SIGKILL)
    process.wait()
    (run,) = site.told("ls")
    assert (run["state"], run["exit"], run["hosts_changed"]) == ("interrupted", None, 1)
    assert "killed" in run["fault"]
    assert site.journals() == []
    assert len(site.told("show", "1")["results"]) == 1


def test_a_run_that_the_user_stops(site: Site, waiting: Callable[[], subprocess.Popen[str]]) -> None:
    process = waiting()
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    (run,) = site.told("ls")
    assert (run["state"], run["exit"]) == ("interrupted", 130)
    assert "under way: Waits on web01" in run["fault"]


def test_two_runs_at_the_same_time(site: Site, waiting: Callable[[], subprocess.Popen[str]]) -> None:
    waiting()
    site.play("site.yml", "-e", "port=1")
    assert [run["state"] for run in site.told("ls")] == ["finished", "running"]
    assert len(site.journals()) == 1


def test_nothing_heavy_is_imported_by_a_run(site: Site) -> None:
    program = (
        "import sys\nfrom orchestra.cli.main import main\n"
        "try:\n    main.main(sys.argv[1:], standalone_mode=False)\n"
        "finally:\n    print([name for name in ('sqlalchemy', 'alembic', 'sqlite3') if name in sys.modules])"
    )
    words = [sys.executable, "-c", program, "play", "-i", "hosts.ini", "site.yml", "-e", "port=1"]
    done = subprocess.run(words, cwd=site.folder, env=site.environ, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert len(site.journals()) == 1


def test_whoever_wants_no_history_has_none(site: Site) -> None:
    site.play("site.yml", "-e", "port=1", ORCHESTRA_HISTORY="no")
    assert not site.history.exists()


def test_a_state_folder_that_cannot_be_written_to(site: Site) -> None:
    out, err = site.play("site.yml", "-e", "port=1", XDG_STATE_HOME="/dev/null")
    assert "history: runs cannot be recorded: /dev/null" in err
    assert "web01 : ok=1" in out
    _, quiet = site.play("site.yml", "-e", "port=1", "--output", "ansible", XDG_STATE_HOME="/dev/null")
    assert "history" not in quiet
    _, told = site.play(
        "site.yml", "-e", "port=1", "--output", "ansible", XDG_STATE_HOME="/dev/null", ORCHESTRA_HISTORY="yes"
    )
    assert "history: runs cannot be recorded" in told
    _, err = site.run("history", "ls", status=1, XDG_STATE_HOME="/dev/null")
    assert "Traceback" not in err
    assert "/dev/null" in err


def test_a_database_by_url_has_the_run_when_it_is_over(site: Site, postgresql: Callable[[], str]) -> None:
    url = postgresql()
    _, err = site.play("site.yml", "-e", "port=1", ORCHESTRA_HISTORY_URL=url, ORCHESTRA_HISTORY_WAIT="60")
    assert err == ""
    assert site.journals() == []
    out, _ = site.run("history", "ls", ORCHESTRA_HISTORY_URL=url)
    assert "site.yml" in out
    assert not (site.history / "history.sqlite").exists()


def test_a_database_that_stalls_costs_a_run_no_more_than_it_may(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:  # takes connections, and never says a word
        url = f"postgresql://ops:hunter2@127.0.0.1:{server.getsockname()[1]}/db"
        out, err = site.play("site.yml", "-e", "port=1", ORCHESTRA_HISTORY_URL=url, ORCHESTRA_HISTORY_WAIT="1")
    assert "web01 : ok=1" in out
    (line,) = err.splitlines()
    assert re.fullmatch(
        r"orchestra: history: the run waits in /\S+/journals: the database did not take it within 1 s; .*", line
    )
    assert len(site.journals()) == 1
    _, err = site.run("history", "ls", status=1, ORCHESTRA_HISTORY_URL=url)
    assert "connection failed" in err
    assert "hunter2" not in err
    assert "1 journal waits in" in err
    _, err = site.play("site.yml", "-e", "port=1", ORCHESTRA_HISTORY_URL=url, ORCHESTRA_HISTORY_WAIT="60")
    assert re.search(r"history: 2 runs wait in \S+: postgresql://\S+: connection failed", err)
    assert len(site.told("ls")) == 2


def test_ctrl_c_ends_the_wait_for_a_database_and_nothing_else(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"postgresql://ops@127.0.0.1:{server.getsockname()[1]}/db"
        words = ("play", "-i", "hosts.ini", "site.yml", "-e", "port=1")
        process = site.start(*words, ORCHESTRA_HISTORY_URL=url, ORCHESTRA_HISTORY_WAIT="600")
        connection, _ = server.accept()  # the run is over, and filing has begun
        with connection:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "web01 : ok=1" in out
    assert "the run waits in" in err
    assert "filing goes on by itself" in err


def test_journals_that_pile_up_are_filed_by_a_process_of_its_own(site: Site) -> None:
    site.play("site.yml", "-e", "port=1")
    (journal,) = site.journals()
    text = journal.read_text()
    uuid = json.loads(text.splitlines()[0])["uuid"]
    for number in range(100):
        other = f"{uuid[:-4]}{number:04d}"
        (journal.parent / f"000000000000001-{other}.journal").write_text(text.replace(uuid, other))
    site.play("site.yml", "-e", "port=1")
    # Whoever reads waits for it.
    assert len(site.told("ls", "-n", "0")) == 102
    assert site.journals() == []


def test_mistakes_are_told_with_what_is_near(site: Site) -> None:
    _, err = site.run("history", "show", status=2)
    assert "there is no run\n  hint: nothing is recorded yet" in err
    site.play("site.yml", "-e", "port=1")
    _, err = site.run("history", "host", "web03", status=2)
    assert "no run has met a host 'web03'\n  hint: did you mean web0" in err
    _, err = site.run("history", "show", "7", status=2)
    assert "the newest is 1" in err
    _, err = site.run("history", "ls", "--since", "last tuesday", status=2)
    assert "'last tuesday' is no time" in err


def test_runs_are_removed_when_somebody_says_so(site: Site) -> None:
    for port in "12":
        site.play("site.yml", "-e", f"port={port}")
    assert site.run("history", "prune", "--runs", "1", "-C")[0] == "1 run would be removed: 1\n"
    assert site.told("prune", "--runs", "1") == {"removed": [1], "check": False}
    assert [run["number"] for run in site.told("ls")] == [2]


def test_a_failure_is_shown_with_its_reason(site: Site) -> None:
    site.write(
        "fails.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - shell: echo no such thing >&2; exit 3\n"
    )
    site.play("fails.yml", status=2)
    out, _ = site.run("history", "show")
    assert "failed: web[01-02]" in out
    assert "non-zero return code (exit 3)\n      no such thing\n" in out
    out, _ = site.run("history", "task", "fails.yml:4")
    assert re.search(r"2 failed \(web\[01-02\]\)", out)
