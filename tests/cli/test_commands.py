"""What each command hands to the engine, and what the commands without an engine print."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestra.engine import api
from orchestra.model.event import RunFinished, TaskFinished
from orchestra.model.listing import PlaybookListing, PlayListing, TaskListing
from orchestra.model.origin import Origin
from orchestra.model.outcome import HostTotals, Outcome, Status, TaskInfo


def test_run_with_words(run, engine) -> None:
    assert run("run", "web", "--", "ls", "-l", "my dir").exit_code == 0
    name, arguments, more = engine.calls[-1]
    assert (name, arguments[:3]) == ("adhoc", ("web", "command", "ls -l 'my dir'"))
    assert (more["background"], more["poll"]) == (0, 15)


def test_run_with_one_text(run, engine) -> None:
    run("run", "web", "uptime | head", "-m", "shell", "-B", "60", "-P", "0")
    _, arguments, more = engine.calls[-1]
    assert arguments[:3] == ("web", "shell", "uptime | head")
    assert (more["background"], more["poll"]) == (60, 0)


def test_run_with_module_and_arguments(run, engine) -> None:
    run("run", "web", "-m", "copy", "-a", '{"dest": "/x", "content": "y"}', "--task-timeout", "9")
    assert engine.calls[-1][1][:3] == ("web", "copy", '{"dest": "/x", "content": "y"}')
    assert engine.settings.task_timeout == 9


def test_run_takes_words_or_arguments(run, engine) -> None:
    result = run("run", "web", "uptime", "-a", "uptime")
    assert result.exit_code == 2
    assert "not both" in result.output


def test_run_list_hosts(run) -> None:
    assert run("run", "all", "-i", "a,b,", "--list-hosts").output == "  hosts (2):\n    a\n    b\n"


def test_run_list_hosts_says_what_matches_nothing(run) -> None:
    result = run("run", "webb", "-i", "web1,web2,", "--list-hosts")
    assert result.stdout == "  hosts (0):\n"
    assert (
        result.stderr
        == "[WARNING]: Could not match supplied host pattern, ignoring: webb; did you mean 'web2' or 'web1'?\n"
    )


def test_facts(run, engine) -> None:
    run("facts", "web", "--subset", "hardware,!network", "--filter", "ansible_os*")
    name, arguments, more = engine.calls[-1]
    assert (name, arguments[0]) == ("facts", "web")
    assert more["subset"] == ("hardware", "!network")
    assert more["filters"] == ("ansible_os*",)


def test_events_reach_the_chosen_output(run, site: str, monkeypatch) -> None:
    task = TaskInfo(1, "deploy", "copy", Origin(site, 3))

    def play(playbooks, settings, options, sinks, terminal, *, redactor, vault, outputs) -> int:
        for sink in sinks:
            sink(TaskFinished(Outcome("web01", task, Status.CHANGED, {})))
            sink(RunFinished(0, {"web01": HostTotals(ok=1, changed=1)}))
        return 0

    monkeypatch.setattr(api, "play", play)
    lines = run("play", site).output.splitlines()
    assert lines == [
        "changed: web01 | deploy",
        "web01 : ok=1 changed=1 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0",
    ]
    last = json.loads(run("play", site, "--output", "json").output.splitlines()[-1])
    assert list(last) == ["event", "exit", "hosts"]


def test_output_of_environment_and_file(run, engine, site: str, monkeypatch, tmp_path: Path) -> None:
    assert "Using" not in run("play", site, "-v", "--output", "quiet").output
    (tmp_path / "orchestra.cfg").write_text("[orchestra]\noutput = json\n[defaults]\nforsk = 3\n")
    shown = [json.loads(line) for line in run("play", site, "-v").output.splitlines()]
    assert shown[0]["message"] == f"Using {tmp_path / 'orchestra.cfg'} as config file"
    assert "'forsk'" in shown[1]["message"]
    monkeypatch.setenv("ORCHESTRA_OUTPUT", "lines")
    assert run("play", site, "-v").output.startswith("note: Using ")


PLACE = Origin("site.yml", 1, 3)
LISTING = [
    PlaybookListing(
        "site.yml",
        (
            PlayListing(
                name="First",
                patterns=("web", "!web3"),
                hosts=("web1", "web2"),
                tags=("base",),
                tasks=(TaskListing("small : install", ("r", "base"), PLACE), TaskListing("command", (), PLACE)),
                task_tags=("base", "r", "never"),
                origin=PLACE,
            ),
        ),
        ("module 'x.y.z' is not here",),
    )
]


def test_listing(run, site: str, monkeypatch) -> None:
    monkeypatch.setattr(api, "list_playbooks", lambda *_, **__: LISTING)
    assert run("play", site, "--list-hosts", "--list-tasks", "--list-tags").output == (
        "\nplaybook: site.yml\n[WARNING]: module 'x.y.z' is not here\n\n"
        "  play #1 (web,!web3): First\tTAGS: [base]\n"
        "    pattern: ['web', '!web3']\n    hosts (2):\n      web1\n      web2\n"
        "    tasks:\n      small : install\tTAGS: [base, r]\n      command\tTAGS: []\n"
        "      TASK TAGS: [base, never, r]\n"
    )
    assert run("play", site, "--syntax-check").stdout == "\nplaybook: site.yml\n"


@pytest.fixture
def hosts(tmp_path: Path) -> str:
    (tmp_path / "hosts").write_text("[web]\nb x=1\na\n[db]\na\n[all:vars]\nport=80\n[web:vars]\nw=2\n")
    return "hosts"


def test_inventory_list(run, hosts: str) -> None:
    data = json.loads(run("inventory", "-i", hosts, "--list").output)
    assert data["web"] == {"hosts": ["b", "a"]}
    assert data["_meta"]["hostvars"]["b"] == {"x": 1, "port": 80, "w": 2}


def test_inventory_yaml(run, hosts: str) -> None:
    assert run("inventory", "-i", hosts, "--list", "-y").output == (
        "all:\n  children:\n    db:\n      hosts:\n        a: {}\n"
        "    web:\n      hosts:\n        a:\n          port: 80\n          w: 2\n"
        "        b:\n          port: 80\n          w: 2\n          x: 1\n"
    )


def test_inventory_export_keeps_group_variables(run, hosts: str) -> None:
    text = run("inventory", "-i", hosts, "--list", "-y", "--export").output
    assert "    web:\n      hosts:\n        a: {}\n        b:\n          x: 1\n      vars:\n        w: 2\n" in text


def test_inventory_host_and_graph(run, hosts: str) -> None:
    assert json.loads(run("inventory", "-i", hosts, "--host", "b").output)["x"] == 1
    graph = run("inventory", "-i", hosts, "--graph", "--vars").output
    assert graph.startswith("@all:\n")
    assert "  |  |  |--{x = 1}\n" in graph
    assert run("inventory", "-i", hosts, "--graph", "db").output == "@db:\n  |--a\n"


def test_inventory_into_a_file(run, hosts: str, tmp_path: Path) -> None:
    assert run("inventory", "-i", hosts, "--list", "--output", "out.json").output == ""
    assert "_meta" in json.loads((tmp_path / "out.json").read_text())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "No action selected, at least one of --host, --graph or --list needs to be specified."),
        (["--list", "--graph"], "Conflicting options used, only one of --host, --graph or --list"),
        (["--host", "bb"], "Could not match supplied host pattern, ignoring: bb"),
        (["--graph", "wbe"], "near: web"),
    ],
)
def test_inventory_usage(run, hosts: str, words: list[str], said: str) -> None:
    result = run("inventory", "-i", hosts, *words)
    assert result.exit_code == 2
    assert said in result.output


def test_doc_lists_and_describes(run) -> None:
    listed = run("doc")
    assert listed.exit_code == 0
    assert any(line.startswith("copy ") for line in listed.output.splitlines())
    text = run("doc", "ansible.builtin.copy").output
    assert "= dest\n" in text
    assert "EXAMPLES" in text
    assert "RETURN VALUES" in text


def test_doc_as_data_and_snippet(run) -> None:
    data = json.loads(run("doc", "-j", "copy", "file").output)
    assert data["copy"]["doc"]["options"]["dest"]["required"] is True
    assert set(data) == {"copy", "file"}
    assert "(required)" in run("doc", "-s", "copy").output
    assert json.loads(run("doc", "-l", "-j").output)["copy"]


def test_doc_of_an_unknown_module(run) -> None:
    result = run("doc", "coppy", "community.docker.docker_container")
    assert result.exit_code == 2
    assert "there is no module 'coppy'; did you mean copy?" in result.output
    assert "'community.docker.docker_container' exists in the Ansible world and not here" in result.output


def test_doc_of_a_project_s_own_module(run, tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "ours.py").write_text(
        '"""Do our thing."""\nfrom orchestra.runner.sdk import Str, option\n\n\nclass Options:\n'
        '    what = option(Str, "What to do.", required=True)\n\n\ndef plan(options, system):\n    yield\n'
    )
    assert "= what\n    What to do.\n" in run("doc", "ours").output
