"""What a result shows: censoring, internal keys, dumps."""

from __future__ import annotations

import pytest

from orchestra.model.outcome import Status
from orchestra.model.secret import Redactor, Secret
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.results import (
    CENSORED,
    dump,
    dump_json,
    host_label,
    is_verbose,
    item_label,
    message_of,
    printed_text,
    shown_result,
    warnings_of,
)


def test_no_log_hides_all_but_the_verdict(outcome, task) -> None:
    hidden = outcome(result={"changed": True, "stdout": "hunter22", "attempts": 2}, task=task(no_log=True), label="x")
    assert shown_result(hidden) == {"censored": CENSORED, "changed": True, "attempts": 2}
    assert item_label(hidden) == "(censored due to no_log)"
    assert printed_text(hidden) == ""


def test_no_log_of_the_result_alone_counts_as_well(outcome) -> None:
    assert "stdout" not in shown_result(outcome(result={"_ansible_no_log": True, "stdout": "x"}))


def test_internal_keys_are_left_out_however_deep(outcome) -> None:
    text = dump(outcome(result={"a": [{"_ansible_x": 1, "b": 2}], "_ansible_y": 3}), OutputOptions(), lambda data: data)
    assert text == '{"a": [{"b": 2}]}'


@pytest.mark.parametrize(("verbosity", "shown"), [(0, False), (2, False), (3, True)])
def test_invocation_and_diff_need_a_high_verbosity(outcome, verbosity: int, shown: bool) -> None:
    text = dump(
        outcome(result={"invocation": {}, "diff": {}, "rc": 0}), OutputOptions(verbosity=verbosity), lambda data: data
    )
    assert ("invocation" in text and "diff" in text) is shown


def test_debug_shows_its_message_alone(outcome, task) -> None:
    said = outcome(result={"msg": "hi", "changed": False, "other": 1}, task=task(action="debug"))
    assert shown_result(said) == {"msg": "hi"}
    assert message_of(said, lambda data: data) == "hi"


def test_debug_of_a_variable_shows_the_variable(outcome, task) -> None:
    said = outcome(result={"x": [1], "changed": False, "ansible_loop_var": "item"}, task=task(action="debug"))
    assert message_of(said, lambda data: data) == '{"x": [1]}'


def test_when_a_good_result_is_shown(outcome, task) -> None:
    quiet, loud = OutputOptions(), OutputOptions(verbosity=1)
    assert not is_verbose(outcome(), quiet)
    assert is_verbose(outcome(), loud)
    assert is_verbose(outcome(task=task(action="debug")), quiet)
    assert is_verbose(outcome(result={"_ansible_verbose_always": True}), quiet)
    assert is_verbose(outcome(extra={"verbose_always": True}), quiet)
    assert not is_verbose(outcome(task=task(action="ansible.builtin.setup")), loud)
    assert not is_verbose(outcome(result={"_ansible_verbose_override": True}), loud)
    assert not is_verbose(outcome(status=Status.SKIPPED, task=task(action="debug")), quiet)


def test_secrets_are_hidden_by_type_and_by_value(outcome) -> None:
    redactor = Redactor()
    redactor.add("hunter22")
    text = dump(outcome(result={"a": Secret("x"), "b": "pw=hunter22"}), OutputOptions(), redactor.mask_data)
    assert text == '{"a": "********", "b": "pw=********"}'


def test_delegation_names_the_other_host(outcome) -> None:
    assert host_label(outcome()) == "web01"
    assert host_label(outcome(delegated_to="web01")) == "web01"
    assert host_label(outcome(delegated_to="db")) == "web01 -> db"
    assert host_label(outcome(delegated_to="db", delegated_address="10.0.0.9")) == "web01 -> db(10.0.0.9)"


def test_keys_of_several_types_and_strange_values() -> None:
    assert dump_json({1: "a", "b": {2}}) == '{"1": "a", "b": "{2}"}'


def test_yaml_results(outcome) -> None:
    options = OutputOptions(result_format="yaml")
    result = {"stdout": "one \ntwo\t!\x1b", "stdout_lines": ["one", "two"], "rc": 0, "word": "yes"}
    assert dump(outcome(result=result), options, lambda data: data) == (
        "\n    rc: 0\n    stdout: |-\n        one\n        two     !\n    stdout_lines: <omitted>\n    word: 'yes'\n"
    )


def test_exact_yaml_keeps_everything(outcome) -> None:
    options = OutputOptions(result_format="yaml", pretty_results=False)
    text = dump(outcome(result={"stdout": "a", "stdout_lines": ["a"]}), options, lambda data: data)
    assert text == "\n    stdout: a\n    stdout_lines:\n    - a\n"


def test_pretty_json(outcome) -> None:
    options = OutputOptions(pretty_results=True)
    assert dump(outcome(result={"rc": 0}), options, lambda data: data) == '{\n    "rc": 0\n}'
    flat = OutputOptions(pretty_results=False, verbosity=4)
    assert dump(outcome(result={"rc": 0}), flat, lambda data: data) == '{"rc": 0}'


def test_warnings_as_text_or_list(outcome) -> None:
    assert warnings_of(outcome(result={"warnings": "one"})) == ["one"]
    assert warnings_of(outcome(result={"warnings": ["a", "b\n"]})) == ["a", "b"]
    assert warnings_of(outcome()) == []
