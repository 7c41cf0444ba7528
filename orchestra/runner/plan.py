"""Runs one plan: drives the generator, performs its effects, and makes the result that travels back.

Knows nothing of processes or frames: the worker, the case harness and FakeSystem call the same `perform`.
"""

from orchestra.runner.effects import NotRecorded, Result, flatten
from orchestra.runner.options import bind
from orchestra.runner.system import Failed, Unpredicted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from orchestra.runner.effects import Effect
    from orchestra.runner.system import System


class Performer:
    """Performs effects for one plan and keeps count: changed, diffs, what can not be undone."""

    def __init__(self, system: "System", keep_undo: "Callable[[Effect, list[Effect]], None] | None" = None) -> "None":
        self.system = system
        self.keep_undo = keep_undo
        self.changed = False
        self.diffs = []  # type: list[dict[str, Any]]
        self.not_undone = []  # type: list[str]
        self.stop = False  # the link is gone: no further effect is begun

    def perform(self, effect: "Effect") -> "Result":
        """Ask, show, keep the undo, apply (or foretell in check mode)."""
        system = self.system
        if self.stop:
            raise Failed("stopped before the next effect: the controller is gone")
        if not effect.needed(system):
            return effect.otherwise(system)
        if system.diff:
            self.diffs.extend(flatten(effect.diff(system)))
        if system.check:
            result = effect.predict(system)
        else:
            if self.keep_undo is not None:
                self._record(effect)
            result = self.apply(effect)
        if result.changed is not False:
            self.changed = True
        return result

    def apply(self, effect: "Effect") -> "Result":
        """Really do it; a fake system predicts instead. An OSError names what the task is about."""
        try:
            return effect.apply(self.system)
        except OSError as error:
            path = getattr(effect, "path", "")
            new = "/.{}.".format(path.rpartition("/")[2])[:202]  # the file that was to take its place
            if path and (not error.filename or new in str(error.filename)):
                error.filename = path
            raise

    def _record(self, effect: "Effect") -> "None":
        assert self.keep_undo is not None
        if not effect.undoes:
            self.not_undone.append("{}: {}".format(type(effect).__name__, effect.undoes.reason))
            return
        try:
            self.keep_undo(effect, effect.undo(self.system))
        except NotRecorded as error:
            self.not_undone.append("{}: {}".format(type(effect).__name__, error))


def carry_out(
    module: "Any", given: "dict[str, Any]", performer: "Performer", validated: "bool" = False
) -> "dict[str, Any]":
    """Run a module's plan on `given` options. Returns the result: always with `changed`, `failed` where it failed.

    `validated`: the rules between options were held against them on the controller.
    """
    system = performer.system
    options, problems = bind(module.Options, given, system.expand, rules=not validated)
    if not problems and not validated and hasattr(module, "problems"):
        problems = list(module.problems(options))
    if problems:
        return finish(performer, {"failed": True, "msg": "; ".join(map(repr, problems))})
    try:
        values = _drive(module.plan(options, system), performer)
        if system.diff and hasattr(module, "shown"):
            performer.diffs = module.shown(options, performer.diffs, values)
    except Failed as failure:
        if not (system.doubts() and system.missed):
            return finish(performer, dict({"failed": True, "msg": failure.msg}, **failure.values))
        values = _unpredicted(performer, failure.msg)
    except Unpredicted as unknown:
        values = _unpredicted(performer, str(unknown))
    except OSError as error:
        if not (system.doubts() and system.missed):
            values = {"failed": True, "msg": str(error), "exception": trace(error), "errno": error.errno}
            return finish(performer, values)
        values = _unpredicted(performer, str(error))
    return finish(performer, values)


def _drive(plan: "Any", performer: "Performer") -> "dict[str, Any]":
    """Send each effect's result back in. A plan without effects may be a plain function."""
    if not hasattr(plan, "send"):
        return _values(plan)
    answer = None
    try:
        while True:
            effect = plan.send(answer)
            try:
                answer = performer.perform(effect)
            except Exception as error:
                answer = None
                effect = plan.throw(error)  # a plan may catch a failure and go on with another effect
                answer = performer.perform(effect)
    except StopIteration as end:
        return _values(end.value)


def _values(returned: "Any") -> "dict[str, Any]":
    if isinstance(returned, Result):
        values = returned.values()
        if returned.changed is not None:
            values["changed"] = returned.changed
        return values
    return dict(returned or {})


def _unpredicted(performer: "Performer", why: "str") -> "dict[str, Any]":
    performer.changed = True
    performer.system.assumed = True
    return {"msg": "changed; the rest is not known before a real run ({})".format(why)}


def finish(performer: "Performer", values: "dict[str, Any]") -> "dict[str, Any]":
    """Add what the runner knows: changed, diff, warnings, assumed, not_undone."""
    system = performer.system
    values.setdefault("changed", performer.changed)
    if system.diff and performer.diffs and "diff" not in values:
        values["diff"] = performer.diffs[0] if len(performer.diffs) == 1 else performer.diffs
    if system.warnings:
        values["warnings"] = list(values.get("warnings", ())) + system.warnings
    if system.check and system.assumed:
        values["assumed"] = True
    if performer.not_undone:
        values["not_undone"] = performer.not_undone
    return values


def trace(error: "BaseException") -> "str":
    """The traceback as text, for `exception`; formatted without the traceback module where that is not loaded."""
    import traceback

    return "".join(traceback.format_exception(type(error), error, error.__traceback__))
