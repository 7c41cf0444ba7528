"""Ansible's command names: their flags, their texts, their statuses, and scripts that call the wrappers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestra.dropin.shims import write_wrappers
from orchestra.dropin.translate import TOOLS, translate
from orchestra.errors import UsageError


def flags_of(tool: str, *words: str) -> list[str]:
    return translate(tool, words)


@pytest.mark.parametrize(
    ("tool", "line", "expected"),
    [
        ("ansible-playbook", "-i h --lim web site.yml", "play --inventory=h --limit=web --output ansible -- site.yml"),
        ("ansible-playbook", "-vvv a.yml b.yml", "play -v -v -v --output ansible -- a.yml b.yml"),
        ("ansible-playbook", "-bKC a.yml", "play --become --ask-become-pass --check --output ansible -- a.yml"),
        ("ansible-playbook", "--ask-vault-password a.yml", "play --ask-vault-pass --output ansible -- a.yml"),
        ("ansible", "web -m ping -f5", "run --module-name=ping --forks=5 --output ansible -- web"),
        ("ansible-inventory", "--graph web", "inventory --graph -- web"),
        ("ansible-vault", "-v encrypt_string -n x y", "vault encrypt_string -v --name=x -- y"),
        ("ansible-config", "dump --only", "config dump --only-changed --"),
        ("ansible-doc", "-l", "doc --list --"),
    ],
)
def test_flags_are_taken_as_ansible_takes_them(tool: str, line: str, expected: str) -> None:
    assert flags_of(tool, *line.split()) == expected.split()


def test_values_are_kept_whole() -> None:
    assert flags_of("ansible-playbook", "-e", "a=1 b='x y'", "p.yml")[1] == "--extra-vars=a=1 b='x y'"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ansible-playbook", "--nonsense", "x.yml"], "unrecognized arguments: --nonsense"),
        (["ansible-playbook", "-f", "many", "x.yml"], "argument -f/--forks: invalid int value: 'many'"),
        (["ansible-playbook", "--s", "x.yml"], "ambiguous option: --s"),
        (["ansible", "-K", "--become-password-file", "f", "all"], "not allowed with argument"),
    ],
)
def test_usage_errors_are_those_of_the_command(words: list[str], said: str, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        translate(words[0], words[1:])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ansible", "all"], "No argument passed to command module"),
        (["ansible-inventory"], "No action selected"),
        (["ansible-inventory", "--list", "--graph"], "Conflicting options used"),
    ],
)
def test_what_ansible_refuses_is_refused(run, words: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        translate(words[0], words[1:])
    result = run("as", *words)
    assert result.exit_code == 5
    assert result.stderr.startswith(f"[ERROR]: {said}")


def test_every_flag_becomes_one_that_the_command_has(run) -> None:
    """Whatever ansible's commands take, ours takes too: each flag once, through the real parsers."""
    from orchestra.cli.main import main
    from orchestra.dropin import flags

    context = main.make_context("orchestra", [], resilient_parsing=True)
    for command, given in {
        "play": flags.PLAYBOOK,
        "run": flags.ADHOC,
        "inventory": flags.SHOW_INVENTORY,
        "doc": flags.DOC,
    }.items():
        found = main.get_command(context, command)
        assert found is not None
        known = {name for one in found.params for name in one.opts}
        assert {flag.word for flag in given} <= known, command


@pytest.fixture
def shims(tmp_path: Path) -> Path:
    """A folder of wrappers."""
    write_wrappers(str(tmp_path / "bin"))
    return tmp_path / "bin"


@pytest.fixture
def shell(tmp_path: Path, shims: Path):
    """Runs a script in which Ansible's names are the wrappers."""

    def call(script: str, **environ: str) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "ORCHESTRA_"))}
        env |= {"PATH": f"{shims}:{env['PATH']}", "HOME": str(tmp_path), **environ}
        return subprocess.run(["bash", "-euc", script], cwd=tmp_path, env=env, capture_output=True, text=True)

    return call


def test_wrappers_have_every_name(shims: Path) -> None:
    assert sorted(path.name for path in shims.iterdir()) == sorted(TOOLS)
    assert all(os.access(path, os.X_OK) for path in shims.iterdir())


def test_what_is_not_ours_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "ansible").write_text("#!/bin/sh\n")
    with pytest.raises(UsageError, match="not written by Orchestra"):
        write_wrappers(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["ansible"]
    write_wrappers(str(tmp_path), force=True)
    write_wrappers(str(tmp_path))
    assert "orchestra" in (tmp_path / "ansible").read_text()


def test_a_module_of_the_current_folder_is_not_imported(tmp_path: Path, shell) -> None:
    (tmp_path / "orchestra.py").write_text("raise SystemExit('taken from the current folder')\n")
    assert shell("ansible --version").returncode == 0


def test_version_is_read_as_ansibles_and_says_who_answers(shell) -> None:
    text = shell("ansible-playbook --version").stdout
    assert text.startswith("ansible-playbook [core 2.")
    assert "\n  config file = None\n" in text
    assert "\n  implementation = Orchestra " in text


CI_JOB = """
set -o pipefail
ansible --version | head -n1 | grep -q 'core 2'
ansible-playbook -i hosts site.yml --syntax-check
ansible-playbook -i hosts site.yml | tee first.log
ansible-playbook -i hosts site.yml | tee second.log
grep -q 'changed=0.*failed=0' second.log && echo 'Idempotence test: pass'
ansible -i hosts all -m command -a 'echo hello' -o | grep -q 'one | CHANGED | rc=0 | (stdout) hello'
ansible-inventory -i hosts --list | python3 -c 'import json,sys; print(json.load(sys.stdin)["all"]["children"])'
echo secret > pass; ansible-vault encrypt --vault-password-file pass vars.yml
ansible-vault view --vault-pass-file pass vars.yml
"""


def test_a_ci_job_runs_unchanged(tmp_path: Path, shell) -> None:
    """The steps that role repositories run in CI: syntax, twice for idempotence, an ad hoc check, a vault."""
    (tmp_path / "hosts").write_text("[web]\none ansible_connection=local ansible_python_interpreter=auto_silent\n")
    (tmp_path / "vars.yml").write_text("a: 1\n")
    (tmp_path / "site.yml").write_text(
        "- hosts: web\n  gather_facts: false\n  tasks:\n"
        f"    - name: Write it\n      copy: {{content: x, dest: {tmp_path}/written, mode: '0644'}}\n"
    )
    done = shell(CI_JOB)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\nplaybook: site.yml\n" in done.stdout
    assert "\nTASK [Write it] " in done.stdout
    assert "Idempotence test: pass" in done.stdout
    assert done.stdout.endswith("Encryption successful\na: 1\n") or "a: 1\n" in done.stdout


def test_the_form_that_the_environment_names_is_used(tmp_path: Path, shell) -> None:
    (tmp_path / "p.yml").write_text("- hosts: localhost\n  gather_facts: false\n  tasks: [{debug: {msg: hi}}]\n")
    done = shell("ansible-playbook p.yml 2>/dev/null", ANSIBLE_STDOUT_CALLBACK="json")
    assert done.stdout.lstrip().startswith("{")
    done = shell("ansible-playbook p.yml 2>/dev/null", ANSIBLE_STDOUT_CALLBACK="strange")
    assert "PLAY RECAP" in done.stdout


STARTS = "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - ping:\n    - ping: {data: again}\n"


def test_what_is_started_on_a_host_is_told(tmp_path: Path, shell) -> None:
    (tmp_path / "p.yml").write_text(STARTS)
    done = shell("ansible-playbook -vvv p.yml 2>/dev/null")
    assert done.stdout.count("<localhost> EXEC /bin/sh -c '") == 1  # one for both tasks: what is started stays
    assert "EXEC" not in shell("ansible-playbook -vv p.yml").stdout


def test_the_log_may_say_more_than_the_screen(tmp_path: Path, shell) -> None:
    (tmp_path / "p.yml").write_text(STARTS)
    done = shell("ansible-playbook -v p.yml", ANSIBLE_LOG_PATH="log", ANSIBLE_LOG_VERBOSITY="3")
    assert "EXEC" not in done.stdout
    log = (tmp_path / "log").read_text()
    assert "INFO| <localhost> EXEC /bin/sh -c '" in log
    assert "task path" not in log  # results are laid out as on the screen


def test_errors_and_statuses_are_ansibles(tmp_path: Path, shell) -> None:
    done = shell("ansible-playbook missing.yml")
    assert (done.returncode, done.stderr) == (1, "[ERROR]: the playbook: missing.yml could not be found\n")
    done = shell("ansible localhost -m ping", ANSIBLE_TIMEOUT="lola")
    assert done.returncode == 5
    assert "Config 'DEFAULT_TIMEOUT' from 'env: ANSIBLE_TIMEOUT' has an invalid value" in done.stderr
    (tmp_path / "bad.yml").write_text("- hosts: localhost\n  tasks:\n    - nonsense: 1\n")
    done = shell("ansible-playbook bad.yml")
    assert done.returncode == 4
    assert done.stderr.startswith("[ERROR]: ")
    assert f"Origin: {tmp_path}/bad.yml:3:7" in done.stderr


def test_the_folder_for_local_files_is_there_and_empty(tmp_path: Path, shell) -> None:
    shell("ansible-config dump", ANSIBLE_LOCAL_TEMP=f"{tmp_path}/kept")
    assert list((tmp_path / "kept").iterdir()) == []


def test_galaxy_names_the_remedy(shell) -> None:
    done = shell("ansible-galaxy collection install community.general")
    assert done.returncode == 1
    assert "downloads" in done.stderr


@pytest.mark.skipif(shutil.which("locale") is None, reason="no list of locales")
def test_a_locale_that_is_not_there_is_refused(shell) -> None:
    done = shell("ansible --version", LC_ALL="ham_sandwich")
    assert done.returncode == 1
    assert "ERROR: Ansible could not initialize the preferred locale" in done.stderr


@pytest.mark.skipif(shutil.which("locale") is None, reason="no list of locales")
def test_so_it_is_by_our_own_name_where_ansibles_text_is_asked_for(shell) -> None:
    done = shell(f"{sys.executable} -m orchestra run --output ansible --version", LC_ALL="ham_sandwich")
    assert done.returncode == 1
    assert "ERROR: Ansible could not initialize the preferred locale" in done.stderr
    assert shell(f"{sys.executable} -m orchestra --version", LC_ALL="ham_sandwich").returncode == 0


def test_results_go_into_a_tree(tmp_path: Path, shell) -> None:
    import json

    done = shell("ansible localhost -m ping -t out 2>/dev/null")
    assert done.returncode == 0
    assert json.loads((tmp_path / "out/localhost").read_text())["ping"] == "pong"


def test_what_is_installed_is_listed(tmp_path: Path, shell) -> None:
    made = tmp_path / "collections/ansible_collections/acme/tools"
    made.mkdir(parents=True)
    (made / "galaxy.yml").write_text("namespace: acme\nname: tools\nversion: 1.2.3\n")
    (tmp_path / "roles/web/meta").mkdir(parents=True)
    (tmp_path / "roles/web/meta/.galaxy_install_info").write_text("version: 2.0.0\n")
    listed = shell("ansible-galaxy collection list", ANSIBLE_COLLECTIONS_PATH="collections").stdout
    assert listed.splitlines()[2:] == ["Collection Version", "---------- -------", "acme.tools 1.2.3  "]
    assert shell("ansible-galaxy role list -p roles").stdout == f"# {tmp_path}/roles\n- web, 2.0.0\n"


LISTED = """\
- name: One
  hosts: web
  roles: [r]
  tasks:
    - block:
        - name: inside
          ping:
          tags: [b, a]
      rescue:
        - name: saved
          ping:
    - name: asked for
      ping:
      tags: never
- hosts: nobody
  tasks: []
"""


def test_listings_are_ansibles(tmp_path: Path, shell) -> None:
    """Unnamed tasks of roles go without the role, rescue parts are left out, tags of `never` are listed alone."""
    (tmp_path / "site.yml").write_text(LISTED)
    (tmp_path / "roles/r/tasks").mkdir(parents=True)
    (tmp_path / "roles/r/tasks/main.yml").write_text("- ping:\n- name: named\n  ping:\n")
    tasks = shell("ansible-playbook -i web, site.yml --list-tasks")
    assert tasks.stdout == (
        "\nplaybook: site.yml\n\n  play #1 (web): One\tTAGS: []\n    tasks:\n      ping\tTAGS: []\n"
        "      r : named\tTAGS: []\n      inside\tTAGS: [a, b]\n\n  play #2 (nobody): nobody\tTAGS: []\n    tasks:\n"
    )
    assert "[WARNING]: Could not match supplied host pattern, ignoring: nobody" in tasks.stderr
    assert "TASK TAGS: [a, b, never]\n" in shell("ansible-playbook -i web, site.yml --list-tags").stdout
    assert "TASK TAGS: [a, b]\n" in shell("ansible-playbook -i web, site.yml --list-tags --tags a").stdout


def test_the_login_password_is_a_variable_too(tmp_path: Path, shell) -> None:
    (tmp_path / "secret").write_text("{{ 1 + 2 }}\n")
    done = shell("ansible localhost -m debug -a 'msg={{ ansible_password }}' --connection-password-file secret")
    assert '"msg": "{{ 1 + 2 }}"' in done.stdout


def test_several_passwords_leave_the_choice_open(tmp_path: Path, shell) -> None:
    (tmp_path / "pw").write_text("one\n")
    (tmp_path / "f").write_text("a: 1\n")
    done = shell("ansible-vault encrypt --vault-id pw --vault-id pw f")
    assert (done.returncode, (tmp_path / "f").read_text()) == (5, "a: 1\n")
    assert "[ERROR]: The vault-ids default,default are available to encrypt." in done.stderr


def test_a_vault_that_stays_closed_ends_with_ansibles_status(tmp_path: Path, shell) -> None:
    (tmp_path / "pw").write_text("one\n")
    (tmp_path / "p.yml").write_text("- hosts: localhost\n")
    assert shell("ansible-vault encrypt --vault-password-file pw p.yml").returncode == 0
    assert shell("echo two > other; ansible-vault view --vault-password-file other p.yml").returncode == 1
