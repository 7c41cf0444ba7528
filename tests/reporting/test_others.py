"""Ad hoc forms, quiet, facts and the JSON document."""

from __future__ import annotations

import io
import json

from orchestra.model.event import Interrupted, PlayStarted, RunFinished, TaskFinished, TaskStarted, Warned
from orchestra.model.origin import Origin
from orchestra.model.outcome import HostTotals, Status
from orchestra.model.secret import Redactor
from orchestra.reporting.document import DocumentSink
from orchestra.reporting.facts import FactsSink
from orchestra.reporting.messages import Messages
from orchestra.reporting.minimal import MinimalSink, OneLineSink
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.quiet import QuietSink
from orchestra.reporting.screen import Screen


def test_minimal_program(paper, outcome, task) -> None:
    sink = MinimalSink(paper.screen, OutputOptions(), paper.redactor.mask_data)
    command = task(action="ansible.builtin.command")
    sink(TaskFinished(outcome(status=Status.CHANGED, task=command, result={"rc": 0, "stdout": "hi", "stderr": "oh"})))
    sink(TaskFinished(outcome("b", Status.SKIPPED, task=command)))
    assert paper.text == "web01 | CHANGED | rc=0 >>\nhioh\nb | SKIPPED\n"


def test_minimal_module(paper, outcome, task) -> None:
    sink = MinimalSink(paper.screen, OutputOptions(), paper.redactor.mask_data)
    sink(TaskFinished(outcome(task=task(action="ping"), result={"ping": "pong"})))
    sink(TaskFinished(outcome("b", Status.UNREACHABLE, {"msg": "refused"})))
    assert paper.text.startswith('web01 | SUCCESS => {\n    "ping": "pong"\n}\n[ERROR]: Task failed: refused\n')
    assert 'b | UNREACHABLE! => {\n    "msg": "refused"\n}\n' in paper.text


def test_minimal_hides_no_log(paper, outcome, task) -> None:
    sink = MinimalSink(paper.screen, OutputOptions(), paper.redactor.mask_data)
    sink(TaskFinished(outcome(task=task(action="command", no_log=True), result={"rc": 0, "stdout": "hunter22"})))
    assert "hunter22" not in paper.text
    assert "censored" in paper.text


def test_one_line(paper, outcome, task) -> None:
    sink = OneLineSink(paper.screen, OutputOptions(), paper.redactor.mask_data)
    shell = task(action="shell")
    sink(TaskFinished(outcome(status=Status.CHANGED, task=shell, result={"rc": 0, "stdout": "a\nb"})))
    sink(TaskFinished(outcome(status=Status.FAILED, task=shell, result={"rc": 3, "stdout": "a", "stderr": "b"})))
    sink(TaskFinished(outcome(status=Status.FAILED, task=shell, result={"rc": None, "msg": "too much\nof it"})))
    sink(TaskFinished(outcome(task=task(action="ping"), result={"ping": "pong"})))
    sink(TaskFinished(outcome(status=Status.UNREACHABLE, result={"msg": "refused"})))
    assert paper.text == (
        "web01 | CHANGED | rc=0 | (stdout) a\\nb\n"
        "web01 | FAILED | rc=3 | (stdout) a (stderr) b\n"
        "web01 | FAILED | rc=-1 | (stdout)  (msg) too much\\nof it\n"
        'web01 | SUCCESS => {"ping": "pong"}\n'
        "web01 | UNREACHABLE!: refused\n"
    )


def test_quiet_is_quiet(paper, outcome) -> None:
    sink = QuietSink(paper.screen)
    sink(TaskFinished(outcome()))
    sink(RunFinished(0, {"web01": HostTotals(ok=1)}))
    assert (paper.text, paper.errors) == ("", "")


def test_quiet_reports_failures(paper, outcome) -> None:
    failed = outcome(status=Status.FAILED, result={"msg": "no"})
    sink = QuietSink(paper.screen, ("orchestra", "play", "x.yml"))
    sink(Interrupted((("web01", "deploy"),)))
    sink(RunFinished(2, {"web01": HostTotals(failed=1)}, (failed,), 1.0))
    assert paper.text == ""
    assert "INTERRUPTED\n  in flight: web01  deploy\n" in paper.errors
    assert "FAILED 1  site.yml:3  deploy   web01\n  no\n" in paper.errors
    assert "  retry: orchestra play x.yml --limit web01\n" in paper.errors


def test_facts_as_a_document(paper, outcome) -> None:
    sink = FactsSink(paper.screen, paper.redactor.mask_data, yaml=False, one_line=False)
    sink(TaskFinished(outcome("b", result={"ansible_facts": {"ansible_os_family": "Debian"}})))
    sink(TaskFinished(outcome("a", result={"ansible_facts": {}})))
    sink(TaskFinished(outcome("c", Status.UNREACHABLE, {"msg": "refused"})))
    sink(Warned("odd"))
    sink(RunFinished(4, {}))
    assert list(json.loads(paper.text)) == ["a", "b"]
    assert json.loads(paper.text)["b"] == {"ansible_os_family": "Debian"}
    assert paper.errors == "unreachable: c | refused\nwarning: odd\n"


def test_facts_as_lines_and_yaml(paper, new_paper, outcome) -> None:
    found = TaskFinished(outcome(result={"ansible_facts": {"x": 1}}))
    FactsSink(paper.screen, lambda data: data, yaml=False, one_line=True)(found)
    assert json.loads(paper.text) == {"host": "web01", "facts": {"x": 1}}
    other = new_paper()
    sink = FactsSink(other.screen, lambda data: data, yaml=True, one_line=False)
    sink(found)
    sink(RunFinished(0, {}))
    assert other.text == "web01:\n  x: 1\n"


def test_document(outcome, task) -> None:
    out = io.StringIO()
    redactor = Redactor()
    redactor.add("hunter22")
    sink = DocumentSink(Screen(out, out), redactor.mask_data, lambda: 1700000000.5)
    sink(PlayStarted("web", Origin("site.yml", 1), ("web01",)))
    sink(TaskStarted(task()))
    sink(TaskFinished(outcome(status=Status.FAILED, result={"msg": "hunter22", "_ansible_x": 1})))
    sink(RunFinished(2, {"web01": HostTotals(ok=1, failed=1)}, custom_stats={"_run": {"n": 1}, "web01": {"m": 2}}))
    document = json.loads(out.getvalue())
    assert document["stats"]["web01"]["failures"] == 1
    assert document["global_custom_stats"] == {"n": 1}
    assert document["custom_stats"] == {"web01": {"m": 2}}
    (play,) = document["plays"]
    assert play["play"]["duration"]["start"] == "2023-11-14T22:13:20.500000Z"
    assert play["tasks"][0]["task"]["path"] == "site.yml:3"
    assert play["tasks"][0]["hosts"]["web01"] == {"msg": "********", "action": "copy", "failed": True}


def test_what_a_module_deprecates_is_told_with_whose_it_is_and_where_it_is_used(paper) -> None:
    messages = Messages(paper.screen, OutputOptions())
    owner = {"type": "module", "resolved_name": "ansible.legacy.m"}
    notice = {"msg": "`old` is old.", "version": "9", "deprecator": owner}
    for line in (3, 3, 4):
        messages.warned(Warned("`old` is old.", Origin("nowhere.yml", line), deprecation=True, notice=notice))
    text = "`old` is old. This feature will be removed from module 'm' in collection 'ansible.legacy' version 9.\n"
    assert paper.errors.count(f"[DEPRECATION WARNING]: {text}Origin: nowhere.yml:") == 2
