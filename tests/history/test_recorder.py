"""Events become lines of a journal, private ones, in which nothing secret stands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from orchestra.history.entries import Header
from orchestra.history.journal import Journal
from orchestra.history.places import Places
from orchestra.history.recorder import Recorder, new_id
from orchestra.history.secrecy import NAMES, careful, without_credentials
from orchestra.history.surroundings import content_digest, read_status
from orchestra.library.catalogue import Library
from orchestra.model.event import Interrupted, RunFailed
from orchestra.model.origin import Origin
from orchestra.model.outcome import Cause, Status
from orchestra.model.secret import Redactor, Secret
from orchestra.runner.options import declared
from tests.history.conftest import NIGHT, one_run, outcome, task


def recorded(folder: Path, *events: Any, redactor: Redactor | None = None, header: Header | None = None) -> list[Any]:
    """The lines of the journal of these events."""
    told: list[str] = []
    recorder = Recorder(Places(folder), header or Header(folder="/nowhere"), redactor or Redactor(), told.append)
    for event in events:
        recorder(event)
    recorder.close(told.append)
    assert told == []
    (path,) = Places(folder).waiting()
    return [json.loads(line) for line in path.read_text().splitlines()]


def of_kind(lines: list[Any], kind: str) -> list[Any]:
    return [line[1:] for line in lines if isinstance(line, list) and line[0] == kind]


def bodies(lines: list[Any]) -> list[Any]:
    return [line[-1] for line in of_kind(lines, "result")]


def test_a_journal_is_its_owners_alone(tmp_path: Path) -> None:
    recorded(tmp_path / "history", *one_run(outcome("web01", task())))
    (path,) = Places(tmp_path / "history").waiting()
    modes = {oct(one.stat().st_mode & 0o777) for one in (path.parent.parent, path.parent)}
    assert modes == {"0o700"}
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_a_run_in_its_lines(tmp_path: Path) -> None:
    header = Header(argv=("orchestra", "play", "site.yml"), folder="/nowhere", user="ops", extra_vars=("version",))
    done = outcome("web01", task(), Status.CHANGED, {"rc": 0, "stdout": "hello", "msg": "done", "changed": True})
    lines = recorded(tmp_path, *one_run(done), header=header)
    head = lines[0]
    assert uuid.UUID(head["uuid"]).version == 4
    assert {name: head[name] for name in ("journal", "kind", "started", "user", "extra_vars", "playbooks")} == {
        "journal": 1, "kind": "play", "started": NIGHT, "user": "ops", "extra_vars": ["version"],
        "playbooks": ["/srv/site.yml"],
    }  # fmt: skip
    assert of_kind(lines, "task") == [[1, 1, "deploy", "copy", "/srv/site.yml", 3, "", False, False]]
    ((digest, text),) = of_kind(lines, "text")
    assert text == "hello"
    ((_, number, host, state, body),) = of_kind(lines, "result")
    assert (number, host, state) == (1, "web01", "changed")
    assert body == {"took": 0.5, "rc": 0, "msg": "done", "out": digest}
    assert of_kind(lines, "end")[0][1:] == [0, {"web01": [0, 1, 0, 0, 0, 0, 0]}]


def test_equal_texts_stand_there_once(tmp_path: Path) -> None:
    diff = ({"before": "a\n", "after": "b\n"},)
    ends = [outcome(f"web{n}", task(), Status.CHANGED, {"stdout": "same"}, diff=diff) for n in range(50)]
    lines = recorded(tmp_path, *one_run(*ends))
    assert len(of_kind(lines, "text")) == 2
    assert len({body["diff"] for body in bodies(lines)}) == 1


def test_a_long_message_is_kept_whole(tmp_path: Path) -> None:
    lines = recorded(tmp_path, *one_run(outcome("web01", task(), result={"msg": "x" * 1000})))
    (body,) = bodies(lines)
    assert len(body["msg"]) == 300
    assert dict(of_kind(lines, "text"))[body["full"]] == "x" * 1000


def test_of_a_result_that_no_log_hides_its_state_alone_is_kept(tmp_path: Path) -> None:
    secret = {"stdout": "hunter2", "msg": "hunter2", "rc": 0, "ansible_facts": {"a": "hunter2"}}
    hidden = task(name="hidden", action="setup", no_log=True)
    diff = ({"before": "hunter2", "after": ""},)
    ends = [
        outcome("web01", hidden, Status.CHANGED, secret, diff=diff, label="hunter2"),
        outcome("web01", hidden, Status.FAILED, secret, hint="hunter2", causes=(Cause("hunter2"),)),
        outcome("web01", task(2), Status.OK, {**secret, "_ansible_no_log": True}),
    ]
    lines = recorded(tmp_path, *one_run(*ends))
    assert bodies(lines) == [{"took": 0.5, "item": ""}, {"took": 0.5}, {"took": 0.5}]
    assert "hunter2" not in json.dumps(lines)


def test_secrets_are_masked_by_type_and_by_value(tmp_path: Path) -> None:
    redactor = Redactor()
    redactor.add('cor"rect\nhorse')
    text = 'it is cor"rect\nhorse, battery'
    end = outcome(
        "web01", task(name='with cor"rect\nhorse'), Status.FAILED,
        {"stdout": text, "stderr": text, "msg": text, "ansible_facts": {"key": text}},
        diff=({"before": text, "after": {"password": Secret("abc"), "text": text}},),
        hint=text, label=Secret("abc"),
    )  # fmt: skip
    facts = outcome("web01", task(2, action="setup"), result={"ansible_facts": {"deep": [{"key": text}]}})
    lines = recorded(tmp_path, *one_run(end, facts), RunFailed(text, None, text), redactor=redactor)
    written = json.dumps(lines)
    assert "rect" not in written
    assert "horse" not in written
    assert '"abc"' not in written
    assert "battery" in written


def test_a_secret_that_is_met_late_is_masked_from_then_on(tmp_path: Path) -> None:
    redactor = Redactor()
    recorder = Recorder(Places(tmp_path), Header(folder="/nowhere"), redactor, print)
    events = one_run(outcome("web01", task()), outcome("web02", task(), result={"msg": "correct-horse"}))
    for event in events:
        if getattr(getattr(event, "outcome", None), "host", "") == "web02":
            redactor.add("correct-horse")
        recorder(event)
    recorder.close(print)
    assert "correct-horse" not in Places(tmp_path).waiting()[0].read_text()


def test_facts_that_change_by_themselves_stand_apart(tmp_path: Path) -> None:
    def gathered(host: str, when: str) -> Any:
        facts = {"ansible_kernel": "6.1", "ansible_date_time": {"iso8601": when}}
        return outcome(
            host, task(1, "Gathering Facts", "ansible.builtin.gather_facts"), result={"ansible_facts": facts}
        )

    lines = recorded(tmp_path, *one_run(gathered("web01", "now"), gathered("web02", "later")))
    first, second = of_kind(lines, "facts")
    assert first[2] == second[2]
    assert first[3] != second[3]
    assert json.loads(dict(of_kind(lines, "text"))[first[2]]) == {"ansible_kernel": "6.1"}


def test_the_environment_is_no_fact_that_is_kept(tmp_path: Path) -> None:
    facts = {"ansible_kernel": "6.1", "ansible_env": {"AWS_SECRET_ACCESS_KEY": "hunter2"}}
    gathered = outcome("localhost", task(1, action="setup"), result={"ansible_facts": facts})
    text = "\n".join(map(str, recorded(tmp_path, *one_run(gathered))))
    assert "6.1" in text
    assert "hunter2" not in text


def test_facts_of_other_tasks_are_no_snapshot(tmp_path: Path) -> None:
    lines = recorded(
        tmp_path, *one_run(outcome("web01", task(1, action="set_fact"), result={"ansible_facts": {"a": 1}}))
    )
    assert of_kind(lines, "facts") == []


def test_loops_and_flags(tmp_path: Path) -> None:
    info = task()
    ends = [
        outcome("web01", info, Status.FAILED, {"msg": "no"}, label="a", ignored=True, check=True),
        outcome("web01", info, Status.OK, {}, looped=True, assumed=True, delegated_to="db01"),
    ]
    first, last = bodies(recorded(tmp_path, *one_run(*ends)))
    assert (first["item"], first["flags"], first["msg"]) == ("a", "ic", "no")
    assert (last["flags"], last["on"]) == ("la", "db01")


def test_a_failure_tells_its_deepest_place_and_what_to_do(tmp_path: Path) -> None:
    causes = (Cause("task", Origin("a.yml", 1, 1)), Cause("template", Origin("b.j2", 3, 4), "set it"))
    end = outcome("web01", task(), Status.FAILED, {"msg": "undefined", "exception": "Traceback ..."}, causes=causes)
    lines = recorded(tmp_path, *one_run(end))
    (body,) = bodies(lines)
    assert (body["at"], body["hint"]) == ("b.j2:3:4", "set it")
    assert dict(of_kind(lines, "text"))[body["err"]] == "Traceback ..."


def test_an_interrupted_run_says_what_was_under_way(tmp_path: Path) -> None:
    begin, *_, end = one_run(outcome("web01", task()), code=130)
    lines = recorded(tmp_path, begin, Interrupted((("web01", "deploy"),)), end)
    assert of_kind(lines, "stopped") == [[[["web01", "deploy"]]]]


def test_several_runs_of_one_process_have_a_journal_each(tmp_path: Path) -> None:
    told: list[str] = []
    recorder = Recorder(Places(tmp_path), Header(folder="/nowhere"), Redactor(), told.append)
    for event in [*one_run(outcome("web01", task())), *one_run(outcome("web01", task()))]:
        recorder(event)
    recorder.close(told.append)
    assert (len(Places(tmp_path).waiting()), recorder.recorded, told) == (2, 2, [])


def test_a_folder_that_cannot_be_had_is_told_once_and_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told: list[str] = []
    recorder = Recorder(Places(tmp_path / "file" / "history"), Header(), Redactor(), told.append)
    for event in one_run(outcome("web01", task())):
        recorder(event)
    recorder.close(told.append)
    (text,) = told
    assert "runs cannot be recorded" in text
    assert "Not a directory" in text
    assert "history = no" in text


class Faulty:
    """Answers with a fault."""

    def begin(self) -> list[str]:
        return []

    def answer(self, question: tuple[str, str]) -> list[str]:
        raise ValueError(question)

    def end(self) -> list[str]:
        return []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_journal_whose_writer_died_is_not_complete(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "a", "{}", Faulty())
    journal.ask("file", "x")
    journal.put("[]")
    assert not journal.close()


FULL = """
import json, resource, signal, sys
from pathlib import Path
from orchestra.history.entries import Header
from orchestra.history.places import Places
from orchestra.history.recorder import Recorder
from orchestra.model.outcome import Status
from orchestra.model.secret import Redactor
from tests.history.conftest import one_run, outcome, task
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
told = []
recorder = Recorder(Places(Path(sys.argv[1])), Header(folder="/nowhere"), Redactor(), told.append)
events = one_run(*(outcome(f"web{n:04d}", task(), result={"msg": f"number {n}"}) for n in range(2000)))
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
half = len(events) // 2
for event in events[:half]:
    recorder(event)
while recorder._run.journal.fault is None:
    pass
for event in events[half:-1]:
    recorder(event)
if sys.argv[2] == "recovers":
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
recorder(events[-1])
recorder.close(told.append)
print(json.dumps(told))
"""


@pytest.mark.parametrize("how", ["recovers", "stays full"])
def test_a_full_disk_is_told_and_nothing_is_lost_once_there_is_room(tmp_path: Path, how: str) -> None:
    words = [sys.executable, "-c", FULL, str(tmp_path), how]
    done = subprocess.run(words, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=60)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "File too large; the history waits for it to get better" in told[0]
    (path,) = Places(tmp_path).waiting()
    if how == "recovers":
        assert len(told) == 1
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert [line[2] for line in of_kind(lines, "result")] == [f"web{n:04d}" for n in range(2000)]
        assert lines[-1][0] == "end"
    else:
        assert "the end of the run is missing" in told[1]
        assert path.stat().st_size == 20_000


def test_ids_are_random_uuids() -> None:
    found = {new_id() for _ in range(500)}
    assert len(found) == 500
    assert all(uuid.UUID(one).version == 4 and uuid.UUID(one).variant == uuid.RFC_4122 for one in found)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://ops:hunter2@git.example.org/a.git", "https://ops:********@git.example.org/a.git"),
        ("https://ghp_hunter2@git.example.org/a.git", "https://********@git.example.org/a.git"),
        ("ssh://git@git.example.org/a.git", "ssh://git@git.example.org/a.git"),
        ("postgresql://u:hunter2@/db and redis://:hunter2@h", "postgresql://u:********@/db and redis://:********@h"),
        ("mail ops@example.org", "mail ops@example.org"),
        ("a." * 100_000 + " ://u:hunter2@h", "a." * 100_000 + " ://u:hunter2@h"),  # words of a host that means ill
    ],
)
def test_credentials_of_urls(given: str, kept: str) -> None:
    assert without_credentials(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("name=web password=hunter2 state=present", "name=web password=******** state=present"),
        ("login_password='hunter2 and more' x=1", "login_password=******** x=1"),
        ('{"name": "web", "api_key": "hunter2", "n": 1}', '{"name": "web", "api_key": ********, "n": 1}'),
        ("mysql --password hunter2 -e 'select 1'", "mysql --password ******** -e 'select 1'"),
        ("curl --token=hunter2 https://x", "curl --token=******** https://x"),
        ("uri headers='Authorization: Bearer hunter2'", "uri headers='Authorization: ********"),
        ("curl -H 'Authorization: hunter2' https://x", "curl -H 'Authorization: ******** https://x"),
        ("uptime", "uptime"),
    ],
)
def test_what_a_name_gives_away(given: str, kept: str) -> None:
    assert careful(given) == kept


def test_every_option_that_a_module_declares_secret_has_such_a_name() -> None:
    library = Library()
    named = re.compile(NAMES, re.IGNORECASE)
    found = [
        f"{module.name}.{name}"
        for module in map(library.find, library.names())
        if module
        for name, option in declared(module.options_class).items()
        if option.secret and not all(named.fullmatch(word) for word in (name, *option.aliases))
    ]
    assert found == []


def test_what_git_says() -> None:
    head = "# branch.oid 1a2b\n# branch.head main\n# branch.upstream origin/main\n"
    assert read_status(head) == ("1a2b", "main", False)
    assert read_status(head + "1 .M N... 100644 100644 100644 a b site.yml\n") == ("1a2b", "main", True)
    assert read_status("# branch.oid (initial)\n# branch.head (detached)\n") == ("", "", False)


def test_digests_of_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/one.yml").write_text("x")
    first = content_digest(str(tmp_path / "a"))
    (tmp_path / "a/.git").mkdir()
    (tmp_path / "a/.git/HEAD").write_text("x")
    assert content_digest(str(tmp_path / "a")) == first
    (tmp_path / "a/two.yml").write_text("x")
    assert content_digest(str(tmp_path / "a")) != first
    assert content_digest(str(tmp_path / "a/one.yml")) == content_digest(str(tmp_path / "a/two.yml"))
    assert content_digest(str(tmp_path / "nothing")) == ""
