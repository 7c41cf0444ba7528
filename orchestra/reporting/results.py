"""A task's result as a person may see it: censored, without internal keys, dumped as JSON or YAML.

The rules are those that users of Ansible's default output rely on. This file knows outcomes, but no screen.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from orchestra.model.outcome import Outcome, Status
from orchestra.reporting.options import OutputOptions

CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"
CENSORED_ITEM = "(censored due to no_log)"
#: What a no_log result still shows.
_UNCENSORED_KEYS = ("attempts", "changed", "retries", "warnings", "deprecations")
#: The verdict says these.
_VERDICT_KEYS = frozenset({"failed", "skipped"})
#: Modules whose result is too long to be shown at -v.
_NOISY = frozenset({"setup", "gather_facts"})
_MESSAGE_KEYS = frozenset({"exception", "warnings", "deprecations"})
_HIDDEN_IN_DEBUG = frozenset(
    {"changed", "failed", "skipped", "invocation", "skip_reason"}
    | {"ansible_loop_var", "ansible_index_var", "ansible_loop"}
)
_SHOWN_WITH_MSG = frozenset({"msg"}) | _MESSAGE_KEYS


def short_action(action: str) -> str:
    """The action's name without a built-in collection in front."""
    for prefix in ("ansible.builtin.", "ansible.legacy."):
        if action.startswith(prefix):
            return action[len(prefix) :]
    return action


def is_censored(outcome: Outcome) -> bool:
    """Say whether ``no_log`` hides this outcome's result."""
    return outcome.task.no_log or bool(outcome.result.get("_ansible_no_log"))


def is_debug(outcome: Outcome) -> bool:
    """Say whether the task exists to print something."""
    return short_action(outcome.task.action) == "debug"


def item_label(outcome: Outcome) -> str:
    """The label of a loop's item, as it may be shown."""
    return CENSORED_ITEM if is_censored(outcome) else str(outcome.label)


def host_label(outcome: Outcome) -> str:
    """``host``, or ``host -> where it ran`` for a delegated task."""
    where = outcome.delegated_to
    if not where or where == outcome.host:
        return outcome.host
    address = outcome.delegated_address
    return f"{outcome.host} -> {where}" + (f"({address})" if address else "")


def always_verbose(outcome: Outcome) -> bool:
    """Say whether the result is shown at any verbosity."""
    if "_ansible_verbose_always" in outcome.result:
        return outcome.result["_ansible_verbose_always"] is True
    went_well = outcome.status in (Status.OK, Status.CHANGED)
    return bool(outcome.extra.get("verbose_always", is_debug(outcome) and went_well))


def is_verbose(outcome: Outcome, options: OutputOptions, above: int = 0) -> bool:
    """Say whether the result of a task that went well is shown."""
    if short_action(outcome.task.action) in _NOISY or outcome.result.get("_ansible_verbose_override") is True:
        return False
    return options.verbosity > above or always_verbose(outcome)


def shown_result(outcome: Outcome) -> dict[str, Any]:
    """The result without what ``no_log`` forbids and what the line already says."""
    result = outcome.result
    if is_censored(outcome):
        return {"censored": CENSORED, **{key: result[key] for key in _UNCENSORED_KEYS if key in result}}
    shown = {key: value for key, value in result.items() if key not in _VERDICT_KEYS}
    if outcome.looped and outcome.status is not Status.UNREACHABLE:
        shown.pop("results", None)
    if is_debug(outcome):
        return _debug_result(shown)
    return shown


def _debug_result(result: dict[str, Any]) -> dict[str, Any]:
    if "msg" in result:
        return {key: value for key, value in result.items() if key in _SHOWN_WITH_MSG}
    return {key: value for key, value in result.items() if key not in _HIDDEN_IN_DEBUG}


def message_of(outcome: Outcome, mask: Callable[[object], object]) -> str:
    """What a ``debug`` task says: its text, or its variables as JSON."""
    shown = abridged(shown_result(outcome), 0)
    value = mask(shown.get("msg", shown))
    return value if isinstance(value, str) else dump_json(value)


def printed_text(outcome: Outcome) -> str:
    """What a program printed, both streams; "" when it printed nothing or ``no_log`` hides it."""
    if is_censored(outcome):
        return ""
    texts = (str(outcome.result.get(name) or "").strip("\n") for name in ("stdout", "stderr"))
    return "\n".join(text for text in texts if text)


def warnings_of(outcome: Outcome) -> list[str]:
    """The warnings that a result carries."""
    warnings = outcome.result.get("warnings") or ()
    return [warnings] if isinstance(warnings, str) else [str(warning).strip() for warning in warnings]


def abridged(result: Mapping[str, Any], verbosity: int) -> dict[str, Any]:
    """``result`` without internal keys, messages that were printed, and what a low verbosity leaves out."""
    left_out = _MESSAGE_KEYS if verbosity >= 3 else _MESSAGE_KEYS | {"invocation", "diff"}
    public = without_internal_keys(result)
    return {key: value for key, value in public.items() if key not in left_out}


def without_internal_keys(value: Any) -> Any:
    """A copy without any key that starts with ``_ansible_``, however deep."""
    if isinstance(value, Mapping):
        kept = ((key, item) for key, item in value.items() if not str(key).startswith("_ansible_"))
        return {key: without_internal_keys(item) for key, item in kept}
    if isinstance(value, (list, tuple)):
        return [without_internal_keys(item) for item in value]
    return value


def dump(
    outcome: Outcome,
    options: OutputOptions,
    mask: Callable[[object], object],
    *,
    indent: int | None = None,
) -> str:
    """The shown result as text. ``mask`` hides secrets in data."""
    result = mask(abridged(shown_result(outcome), options.verbosity))
    assert isinstance(result, dict)
    return dump_data(result, options, pretty=always_verbose(outcome), indent=indent)


def dump_data(data: Any, options: OutputOptions, *, pretty: bool = False, indent: int | None = None) -> str:
    """Any JSON-like data in the format that the options ask for."""
    yaml = options.result_format == "yaml"
    roomy = pretty or options.pretty_results is True or options.verbosity > 2
    if not indent and (roomy or (options.pretty_results is None and yaml)):
        indent = 4
    if options.pretty_results is False:
        indent = None
    if not yaml:
        return dump_json(data, indent)
    from orchestra.reporting.yamltext import dump_yaml

    text = dump_yaml(data, indent=indent, lossy=options.pretty_results is not False)
    return "\n" + textwrap.indent(text, " " * (indent or 4))


def dump_json(data: Any, indent: int | None = None) -> str:
    """JSON with sorted keys; what JSON does not know becomes text."""
    try:
        return json.dumps(data, indent=indent, ensure_ascii=False, sort_keys=True, default=str)
    except TypeError:  # keys of several types cannot be sorted
        return json.dumps(_text_keys(data), indent=indent, ensure_ascii=False, sort_keys=True, default=str)


def _text_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _text_keys(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_text_keys(item) for item in value]
    return value
