"""The engine's small deciding parts, each for itself: tags, batches, the gate, layers, verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from orchestra.engine.batches import cut, percentage, sort, too_many
from orchestra.engine.gate import Gate
from orchestra.engine.layers import Layers, MergingLayers, flatten, merge
from orchestra.engine.tags import flatten as flatten_tags
from orchestra.engine.tags import selected
from orchestra.engine.verdict import judge, no_items, public, result_of, status_of, sum_of_items
from orchestra.errors import LanguageError, TemplateError, UsageError
from orchestra.model.invocation import Reply
from orchestra.model.origin import Origin
from orchestra.model.outcome import Status
from orchestra.model.play import Task

HERE = Origin("play.yml", 3, 5)
HOSTS = list("abcdefghij")


@pytest.mark.parametrize(
    ("own", "only", "skip", "runs"),
    [
        ([], ["all"], [], True),
        (["x"], ["all"], [], True),
        (["x"], ["x"], [], True),
        (["x"], ["y"], [], False),
        ([], ["untagged"], [], True),
        (["x"], ["untagged"], [], False),
        ([], ["tagged"], [], False),
        (["x"], ["tagged"], [], True),
        (["always"], ["y"], [], True),
        (["always"], ["y"], ["always"], False),
        (["never"], ["all"], [], False),
        (["never", "x"], ["x"], [], True),
        (["never", "x"], ["tagged"], [], False),
        (["x", "y"], ["x"], ["y"], False),
        (["x"], ["all"], ["tagged"], False),
        ([], ["all"], ["tagged"], True),
        ([], ["all"], ["untagged"], False),
        (["always"], ["all"], ["all"], True),
        (["x"], ["all"], ["all"], False),
    ],
)
def test_tags(own: list[str], only: list[str], skip: list[str], runs: bool) -> None:
    assert selected(own, only, skip) is runs


def test_tags_are_flattened() -> None:
    assert flatten_tags(["a, b", ["c", ["d,a"]], 5]) == ("a", "b", "c", "d", "5")


@pytest.mark.parametrize(
    ("serial", "sizes"),
    [
        (None, [10]), (0, [10]), (3, [3, 3, 3, 1]), ("30%", [3, 3, 3, 1]), ([1, 4], [1, 4, 4, 1]), ("1%", [1] * 10),
        ([2, "50%"], [2, 5, 3]), (100, [10]), ("100%", [10]),
    ],
)  # fmt: skip
def test_batches(serial: Any, sizes: list[int]) -> None:
    batches = cut(HOSTS, serial, HERE)
    assert [len(batch) for batch in batches] == sizes
    assert [host for batch in batches for host in batch] == HOSTS


def test_a_serial_that_is_none_is_told() -> None:
    with pytest.raises(LanguageError, match="serial must be a number or a percentage") as caught:
        cut(HOSTS, "three", HERE)
    assert caught.value.origin is HERE


def test_order() -> None:
    names = ["b", "c", "a"]
    assert sort(names, None, HERE) == names
    assert sort(names, "reverse_inventory", HERE) == ["a", "c", "b"]
    assert sort(names, "sorted", HERE) == ["a", "b", "c"]
    assert sort(names, "reverse_sorted", HERE) == ["c", "b", "a"]
    assert sorted(sort(names, "shuffle", HERE)) == ["a", "b", "c"]
    with pytest.raises(LanguageError, match="order has no 'up'"):
        sort(names, "up", HERE)


@pytest.mark.parametrize(
    ("failed", "limit", "verdict"),
    [
        (3, None, False),
        (3, 30, False),
        (4, 30, True),
        (1, 0, True),
        (0, 0, False),
        (3, "29.9", True),
        (3, "30%", False),
    ],
)
def test_too_many(failed: int, limit: Any, verdict: bool) -> None:
    assert too_many(failed, 10, percentage(limit, HERE)) is verdict


def test_a_limit_of_failures_is_a_number() -> None:
    with pytest.raises(LanguageError, match="'some' is no number of per cent"):
        percentage("some", HERE)


def nobody(prompt: str, private: bool) -> str | None:
    return None


def test_the_gate_opens_at_a_task() -> None:
    gate = Gate("deploy*", False, nobody)
    assert [gate.allows(name) for name in ("one", "web : deploy app", "one")] == [False, True, True]
    assert gate.closed == ""
    assert Gate("nothere", False, nobody).closed == "nothere"


def test_the_gate_knows_a_task_as_it_is_written() -> None:
    gate = Gate("on {{ where }}", False, nobody)
    assert gate.leads_to([Task("on {{ where }}", "debug", {}, Origin("a.yml"))])
    assert not gate.leads_to([Task("on web", "debug", {}, Origin("a.yml"))])
    assert gate.allows("Gathering Facts", opens=False) and gate.closed
    assert gate.allows("on web", "on {{ where }}") and not gate.closed


def test_the_gate_asks_step_by_step() -> None:
    answers, asked = iter(["y", "", "c"]), []

    def ask(prompt: str, private: bool) -> str | None:
        asked.append(prompt)
        return next(answers)

    gate = Gate("", True, ask)
    assert [gate.allows(name) for name in ("a", "b", "c", "d")] == [True, False, True, True]
    assert asked[0] == "Perform task: TASK: a (N)o/(y)es/(c)ontinue: "
    assert len(asked) == 3
    assert Gate("", True, lambda prompt, private: asked.append(prompt) or "y").allows("h", handler=True)
    assert asked[-1] == "Perform task: HANDLER: h (N)o/(y)es/(c)ontinue: "
    with pytest.raises(UsageError, match="nobody answers"):
        Gate("", True, nobody).allows("a")


def test_layers_are_views() -> None:
    inner: dict[str, Any] = {"a": 1}
    layers = Layers((inner, {"a": 2, "b": 3}))
    assert (layers["a"], layers["b"], list(layers), len(layers)) == (1, 3, ["a", "b"], 2)
    inner["b"] = 4
    assert layers["b"] == 4
    assert "c" not in layers
    with pytest.raises(KeyError):
        layers["c"]


def test_layers_that_merge() -> None:
    layers = MergingLayers(({"d": {"a": 1, "n": {"x": 1}}, "t": 1}, {"d": {"b": 2, "n": {"y": 2}}, "t": {"z": 1}}))
    assert layers["d"] == {"a": 1, "b": 2, "n": {"x": 1, "y": 2}}
    assert layers["t"] == 1
    assert merge({"l": [1]}, {"l": [2]}) == {"l": [2]}
    assert flatten(({"d": {"a": 1}}, {"d": {"b": 2}})) == {"d": {"b": 2}}
    assert flatten(({"d": {"a": 1}}, {"d": {"b": 2}}), merging=True) == {"d": {"a": 1, "b": 2}}


@dataclass
class Answers:
    """Conditions that are looked up; ``broken`` cannot be judged."""

    known: Mapping[str, bool]

    def condition(self, condition: Any) -> bool:
        if condition == "broken":
            raise TemplateError("'x' is undefined")
        return self.known[condition]


def judged(result: dict[str, Any], **words: tuple[Any, ...]) -> dict[str, Any]:
    judge(Task("t", "ping", {}, HERE, **words), result, Answers({"yes": True, "no": False}))
    return result


def test_results_have_lines_and_flags() -> None:
    result = result_of(Reply({"stdout": "a\nb", "rc": 0}, changed=True))
    assert (result["stdout_lines"], result["changed"], result["failed"]) == (["a", "b"], True, False)
    assert result_of(Reply({"rc": 3}))["failed"] is True


def test_conditions_decide() -> None:
    assert judged({"changed": True}, changed_when=("yes", "no"))["changed"] is False
    assert judged({"failed": True, "exception": "x"}, failed_when=("no",)) == {
        "failed": False, "failed_when_result": False, "failed_when_suppressed_exception": "x",
    }  # fmt: skip
    assert judged({"failed": False}, failed_when=("yes",))["failed"] is True
    assert judged({"skipped": True}, failed_when=("yes",)) == {"skipped": True}


def test_a_condition_that_cannot_be_judged_fails_the_task() -> None:
    result: dict[str, Any] = {"changed": True, "failed": False}
    with pytest.raises(TemplateError):
        judged(result, changed_when=("broken",), failed_when=("no",))
    assert result["failed"] is True
    assert result["changed_when_result"] == "Error while evaluating conditional: 'x' is undefined"


@pytest.mark.parametrize(
    ("result", "status"),
    [
        ({"unreachable": True, "failed": True}, Status.UNREACHABLE), ({"failed": True, "changed": True}, Status.FAILED),
        ({"skipped": True}, Status.SKIPPED), ({"changed": True}, Status.CHANGED), ({}, Status.OK),
    ],
)  # fmt: skip
def test_status(result: dict[str, Any], status: Status) -> None:
    assert status_of(result) is status


def test_the_sum_of_a_loop() -> None:
    items = [{"changed": True}, {"skipped": True}, {"failed": True}]
    assert sum_of_items(items) == {
        "results": items, "skipped": False, "changed": True, "failed": True, "msg": "One or more items failed",
    }  # fmt: skip
    assert sum_of_items([{"skipped": True}])["msg"] == "All items skipped"
    assert "failed" not in sum_of_items([{}])
    assert no_items()["skipped"] is True


def test_marks_are_nobodys_business() -> None:
    marked = {"a": 1, "_ansible_x": 2, "results": [{"_ansible_y": 1, "b": 2}]}
    assert public(marked) == {"a": 1, "results": [{"b": 2}]}
    clean = {"a": 1}
    assert public(clean) is clean
