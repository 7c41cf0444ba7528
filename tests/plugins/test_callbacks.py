"""Callbacks of a project: which are loaded, what they are called with, and that they can not disturb a run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

from orchestra.errors import OrchestraError
from orchestra.model import event as events
from orchestra.model.origin import Origin
from orchestra.model.outcome import HostTotals, Outcome, Status, TaskInfo
from orchestra.model.play import RoleRef, Task
from orchestra.plugins.late import ProjectPlugins
from orchestra.plugins.places import PluginPlaces
from orchestra.testing.outputs import FakeOutputs

PLACE = Origin("play.yml", 3, 5)
INFO = TaskInfo(7, "web : install", "package", PLACE, role="web")
TASK = Task("install", "package", {"name": "nginx"}, PLACE, role=RoleRef("web", "/roles/web"), when=("x",))

RECORDER = """
from ansible.plugins.callback import CallbackBase
DOCUMENTATION = '''
options:
  word: {default: plain, env: [{name: RECORDER_WORD}], ini: [{section: recorder, key: word}]}
'''
class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "%s"
    CALLBACK_NAME = "recorder"
    CALLBACK_NEEDS_ENABLED = %s
    def v2_on_any(self, *args, **kwargs):
        self._display.display("any")
    def v2_playbook_on_task_start(self, task, is_conditional):
        self._display.display("%%s %%s %%s %%s" %% (task.get_name(), task.action, task.args, task._role))
    def v2_runner_on_ok(self, result):
        text = self._dump_results(result._result)
        self._display.display("%%s ok %%s %%s" %% (result._host.get_name(), result.is_changed(), text))
    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._display.display("%%s failed %%s %%s" %% (result._host, ignore_errors, result._result.get("msg")))
    def v2_runner_item_on_ok(self, result):
        self._display.display("item %%s" %% self._get_item_label(result._result))
    def v2_playbook_on_stats(self, stats):
        hosts = sorted(stats.processed)
        self._display.display("%%s %%s %%s" %% (self.get_option("word"), hosts, stats.summarize(hosts[0])))
"""


class Project:
    """A folder with callbacks, loaded as for a run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[OrchestraError] = []
        self.outputs = FakeOutputs()

    def write(self, name: str, text: str) -> None:
        path = self.folder / "callback_plugins" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def start(self, *enabled: str, file: dict[str, dict[str, str]] | None = None) -> None:
        settings: Any = SimpleNamespace(get=lambda name: None, file_values=file or {}, callbacks_enabled=enabled)
        places = PluginPlaces(settings)
        places.add(str(self.folder))
        plugins = ProjectPlugins(settings, places, self.told.append)
        plugins.outputs = self.outputs
        assert plugins.has_callbacks()
        plugins.attach_callbacks({INFO.id: TASK})

    def emit(self, *happened: events.Event) -> list[str]:
        for event in happened:
            self.outputs.emit(event)
        return [text for text in self.outputs.shown if text != "any"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def ended(status: Status = Status.OK, **more: Any) -> events.TaskFinished:
    result = more.pop("result", {"changed": status is Status.CHANGED})
    return events.TaskFinished(Outcome("h1", INFO, status, result, **more))


def test_events_become_calls(project: Project) -> None:
    project.write("recorder.py", RECORDER % ("notification", False))
    project.start(file={"recorder": {"word": "filed"}})
    said = project.emit(
        events.TaskStarted(INFO, 1),
        events.ItemFinished(Outcome("h1", INFO, Status.OK, {"item": "a"}, label="the a")),
        ended(Status.CHANGED, result={"changed": True, "failed": False, "invocation": {"module_args": {}}, "rc": 0}),
        ended(Status.FAILED, result={"msg": "no"}, ignored=True),
        events.RunFinished(2, {"h1": HostTotals(ok=2, failed=1)}),
    )
    assert said == [
        "web : install package {'name': 'nginx'} web",
        "item the a",
        'h1 ok True {"changed": true, "rc": 0}',
        "h1 failed True no",
        "filed ['h1'] {'ok': 2, 'failures': 1, 'changed': 0, 'skipped': 0, 'rescued': 0, 'ignored': 0,"
        " 'unreachable': 0}",
    ]
    assert project.outputs.shown.count("any") == 5
    assert not project.told


def test_secrets_and_what_no_log_hides_reach_no_callback(project: Project) -> None:
    project.write("recorder.py", RECORDER % ("notification", False))
    project.outputs.secret = "hunter2"
    project.start()
    hidden = TaskInfo(8, "hidden", "command", PLACE, no_log=True)
    said = project.emit(
        ended(result={"stdout": "hunter2", "changed": False}),
        events.TaskFinished(Outcome("h1", hidden, Status.OK, {"stdout": "other", "changed": False})),
    )
    assert said[0] == 'h1 ok False {"changed": false, "stdout": "***"}'
    assert "other" not in said[1] and "no_log" in said[1]


def test_a_form_of_the_output_may_be_enabled_and_adds_nothing(project: Project) -> None:
    project.start("default", "nobody")
    assert [fault.message for fault in project.told if "'default'" in fault.message] == []
    assert "'nobody'" in project.told[0].message
    assert not project.outputs.sinks


@pytest.mark.parametrize(("needs", "enabled", "loaded"), [(False, (), 1), (True, (), 0), (True, ("recorder",), 1)])
def test_which_callbacks_a_run_has(project: Project, needs: bool, enabled: tuple[str, ...], loaded: int) -> None:
    project.write("recorder.py", RECORDER % ("aggregate", needs))
    project.write("second.py", RECORDER.replace('"recorder"', '"second"') % ("stdout", False))
    project.start(*enabled)
    assert len(project.outputs.sinks) == loaded
    assert project.outputs.replaced is None, "nobody asked for another output"


def test_a_stdout_callback_takes_the_outputs_place_but_warnings_stay(project: Project) -> None:
    project.write("recorder.py", RECORDER % ("stdout", False))
    project.outputs.wanted = "recorder"
    project.start()
    warned = events.Warned("careful")
    assert project.emit(warned, ended()) == ['h1 ok False {"changed": false}']
    assert project.outputs.standard_events == [warned]
    assert not project.outputs.sinks


def test_a_class_that_extends_the_default_shows_what_it_left_of_a_result(project: Project) -> None:
    text = """
from ansible.plugins.callback.default import CallbackModule as Default
class CallbackModule(Default):
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "less"
    def v2_runner_on_ok(self, result):
        result._result.pop("noise", None)
        super().v2_runner_on_ok(result)
"""
    project.write("less.py", text)
    project.outputs.wanted = "less"
    project.start()
    project.emit(events.TaskStarted(INFO, 1), ended(result={"noise": 1, "word": 2, "changed": False}))
    started, finished = project.outputs.standard_events
    assert started == events.TaskStarted(INFO, 1)
    assert finished.outcome.result == {"word": 2, "changed": False}
    assert finished.outcome.task == INFO


def test_one_that_raises_is_told_of_once_and_goes_on(project: Project) -> None:
    text = """
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    CALLBACK_NAME = "broken"
    def v2_runner_on_ok(self, result):
        self._display.display("called")
        raise ValueError("oops")
"""
    project.write("broken.py", text)
    project.start()
    assert project.emit(ended(), ended()) == ["called", "called"]
    (fault,) = project.told
    assert "v2_runner_on_ok" in fault.message and "oops" in fault.message
    assert fault.origin is not None and (fault.origin.file, fault.origin.line) == (
        str(project.folder / "callback_plugins" / "broken.py"),
        7,
    )


def test_what_is_not_there_is_told_with_what_is(project: Project) -> None:
    project.write("bad.py", "import no_such_package_here\n")
    project.start("no_such_callback")
    texts = sorted(fault.message for fault in project.told)
    assert "no_such_package_here" in texts[0]
    assert "'no_such_callback' is neither in the project" in texts[1] and "profile_tasks" in texts[1]


def test_our_own_by_their_names(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, folder in (
        ("JUNIT_OUTPUT_DIR", "junit"),
        ("ANSIBLE_LOG_FOLDER", "log"),
        ("ANSIBLE_CALLBACK_TREE_DIR", "tree"),
    ):
        monkeypatch.setenv(name, str(tmp_path / folder))
    names = ("junit", "community.general.log_plays", "profile_roles", "ansible.posix.profile_tasks", "timer", "tree")
    project.start(*names)
    assert not project.told and len(project.outputs.sinks) == len(names)
    said = project.emit(
        events.PlaybookStarted("site.yml", 1),
        events.PlayStarted("the play", PLACE, ("h1",)),
        events.TaskStarted(INFO, 1),
        ended(Status.CHANGED),
        ended(Status.SKIPPED, result={"skip_reason": "no need"}),
        ended(Status.FAILED, result={"msg": "no\x00 way", "failed": True}),
        events.RunFinished(2, {"h1": HostTotals(ok=1, failed=1)}),
    )
    assert any(text.startswith("total -") for text in said)
    assert any(text.startswith("web : install -") for text in said)
    assert any(text.startswith("Playbook run took 0 days, 0 hours") for text in said)
    assert (tmp_path / "tree" / "h1").read_text() == '{"msg": "no\\u0000 way"}'
    log = (tmp_path / "log" / "h1").read_text()
    assert " - site.yml - install - package - OK - " in log and " - FAILED - " in log
    (report,) = (tmp_path / "junit").iterdir()
    suite = ElementTree.parse(report).getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    assert suite[2].get("name") == "[h1] the play: web : install"
    assert suite[2].find("failure").get("message") == "no way"
