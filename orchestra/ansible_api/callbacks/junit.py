"""Writes a JUnit report of each playbook: a suite for each play, a case for each task and host."""

from __future__ import annotations

import os
import platform
import time
from typing import Any
from xml.etree import ElementTree

from orchestra.ansible_api.callback import CallbackBase

DOCUMENTATION = """
options:
  output_dir: {default: ~/.ansible.log, env: [{name: JUNIT_OUTPUT_DIR}]}
  task_class: {type: bool, default: false, env: [{name: JUNIT_TASK_CLASS}]}
  task_relative_path: {default: "", env: [{name: JUNIT_TASK_RELATIVE_PATH}]}
  fail_on_change: {type: bool, default: false, env: [{name: JUNIT_FAIL_ON_CHANGE}]}
  fail_on_ignore: {type: bool, default: false, env: [{name: JUNIT_FAIL_ON_IGNORE}]}
  include_setup_tasks_in_report: {type: bool, default: true, env: [{name: JUNIT_INCLUDE_SETUP_TASKS_IN_REPORT}]}
  hide_task_arguments: {type: bool, default: false, env: [{name: JUNIT_HIDE_TASK_ARGUMENTS}]}
  test_case_prefix: {default: "", env: [{name: JUNIT_TEST_CASE_PREFIX}]}
"""


class CallbackModule(CallbackBase):
    """Collects the ends of tasks; the file is written when the run is over."""

    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "ansible.builtin.junit"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._playbook = self._play = ""
        self._begun: dict[str, float] = {}
        self._suites: dict[str, list[ElementTree.Element]] = {}

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """A playbook begins."""
        self._playbook = os.path.splitext(os.path.basename(playbook._file_name))[0]

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """A play begins."""
        self._play = play.get_name()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """A task begins."""
        self._begun.setdefault(task._uuid, time.monotonic())

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """A handler begins."""
        self._begun.setdefault(task._uuid, time.monotonic())

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task went well on a host."""
        changed = result._result.get("changed") and self.get_option("fail_on_change")
        self._end(result, "failure" if changed else "")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task failed on a host."""
        forgiven = ignore_errors and not self.get_option("fail_on_ignore")
        self._end(result, "" if forgiven else "failure")

    def v2_runner_on_skipped(self, result: Any) -> None:
        """A task was skipped on a host."""
        self._end(result, "skipped")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A host is out of reach."""
        self._end(result, "error")

    def _end(self, result: Any, how: str) -> None:
        task, host = result._task, result._host.get_name()
        name = f"[{host}] {self._play}: {task.get_name()}"
        if not name.startswith(str(self.get_option("test_case_prefix")), len(host) + 3):
            return
        now = time.monotonic()
        took = f"{now - self._begun.get(task._uuid, now):.6f}"
        case = ElementTree.Element("testcase", name=name, classname=self._class_of(task), time=took)
        data = result._result
        if how:
            reason = str(data.get("msg") or data.get("skip_reason") or how)
            mark = ElementTree.SubElement(case, how, message=_printable(reason))
            if how != "skipped":
                mark.set("type", how)
                mark.text = _printable(str(data.get("exception") or self._dump_results(data)))
        ElementTree.SubElement(case, "system-out").text = _printable(self._dump_results(data))
        self._suites.setdefault(self._playbook, []).append(case)

    def _class_of(self, task: Any) -> str:
        path = str(task.get_path())
        base = str(self.get_option("task_relative_path") or "")
        if base:
            path = os.path.relpath(path, base)
        return os.path.splitext(path.rpartition(":")[0])[0].replace("/", ".") if self.get_option("task_class") else path

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The run is over."""
        folder = os.path.expanduser(str(self.get_option("output_dir")))
        os.makedirs(folder, exist_ok=True)
        for playbook, cases in self._suites.items():
            root = ElementTree.Element("testsuites")
            suite = ElementTree.SubElement(root, "testsuite", name=playbook, hostname=platform.node())
            for element in (root, suite):
                for attribute, child in (("errors", "error"), ("failures", "failure"), ("skipped", "skipped")):
                    element.set(attribute, str(sum(case.find(child) is not None for case in cases)))
                element.set("tests", str(len(cases)))
                element.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.6f}")
            suite.extend(cases)
            path = os.path.join(folder, f"{playbook}-{time.time()}.xml")
            ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _printable(text: str) -> str:
    """A text without what XML can not hold."""
    return "".join(letter for letter in text if letter in "\t\n\r" or letter >= " ")
