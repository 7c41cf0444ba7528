"""``orchestra pull`` with a real git repository: fetched, played, played again only when something new came."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

PLAY = '- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: {msg: "%s in {{ playbook_dir }}"}\n'


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def commit(repo: Path, name: str, text: str) -> None:
    (repo / name).write_text(text)
    git(repo, "add", ".")
    git(repo, "commit", "-qm", name)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A project under git, with a configuration and an inventory of its own."""
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "ansible.cfg").write_text("[defaults]\ninventory = hosts\n")
    (folder / "hosts").write_text("localhost\nelsewhere.example.org\n")
    commit(folder, "local.yml", PLAY % "FIRST")
    return folder


@pytest.fixture
def pull(tmp_path: Path, repo: Path):
    """Pulls from the repository."""

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "ORCHESTRA_"))}
        line = [sys.executable, "-m", "orchestra", "as", "ansible-pull", "-U", f"file://{repo}", "-d", "out", *words]
        return subprocess.run(line, cwd=tmp_path, env={**env, "HOME": str(tmp_path)}, capture_output=True, text=True)

    return call


def test_a_project_is_fetched_and_played_on_this_host_alone(pull, tmp_path: Path) -> None:
    done = pull()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("Starting Ansible Pull at ")
    assert "localhost | CHANGED => {" in done.stdout
    assert f"FIRST in {tmp_path}/out" in done.stdout
    assert "elsewhere" not in done.stdout


def test_a_project_without_an_inventory(pull, repo: Path) -> None:
    commit(repo, "ansible.cfg", "[defaults]\ninventory = nowhere\n")
    commit(repo, "local.yml", (PLAY % "ALONE").replace("hosts: all", "hosts: localhost"))
    done = pull()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ALONE" in done.stdout


def test_only_something_new_is_played(pull, repo: Path) -> None:
    assert "FIRST" in pull("--only-if-changed").stdout
    again = pull("--only-if-changed")
    assert again.returncode == 0
    assert "FIRST" not in again.stdout
    assert "Repository has not changed, quitting" in again.stdout
    commit(repo, "local.yml", PLAY % "SECOND")
    assert "SECOND" in pull("-o").stdout


def test_a_branch_and_a_playbook_of_it(pull, repo: Path) -> None:
    git(repo, "checkout", "-qb", "next")
    commit(repo, "site.yml", PLAY % "NEXT")
    git(repo, "checkout", "-q", "main")
    done = pull("-C", "next", "site.yml")
    assert "NEXT" in done.stdout, done.stdout + done.stderr


def test_a_repository_that_is_not_there(pull, repo: Path) -> None:
    assert "FIRST" in pull().stdout
    repo.rename(repo.with_name("gone"))
    done = pull()
    assert done.returncode == 2
    assert "FIRST" not in done.stdout
    forced = pull("--force")
    assert forced.returncode == 0
    assert "Unable to update repository" in forced.stderr
    assert "FIRST" in forced.stdout


def test_the_checkout_is_removed_where_that_is_wanted(pull, tmp_path: Path) -> None:
    assert "FIRST" in pull("--purge", "--full").stdout
    assert not (tmp_path / "out").exists()


def test_a_checkout_that_never_came_is_removed_in_silence(pull, repo: Path) -> None:
    repo.rename(repo.with_name("gone"))
    done = pull("--purge")
    assert done.returncode == 2
    assert "bug" not in done.stderr


def test_without_an_address() -> None:
    done = subprocess.run([sys.executable, "-m", "orchestra", "pull"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "URL for repository not specified" in done.stderr
