"""What a result has to say beyond its state: messages, output, differences, facts; masked, long ones by their digest.

Of a result that ``no_log`` hides nothing is kept but how long it took.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestra.history import entries
from orchestra.history.entries import data_text, digest_of, quoted, text_bytes
from orchestra.history.secrecy import mask_of
from orchestra.model.origin import Origin
from orchestra.model.outcome import Outcome, Status
from orchestra.model.secret import Redactor

#: Characters of a message that stand in the result itself.
_CUT = 300
#: The actions that gather a host's facts.
GATHERING = frozenset(
    prefix + name for prefix in ("", "ansible.builtin.", "ansible.legacy.") for name in ("setup", "gather_facts")
)
#: Facts that are never twice the same: apart from the rest, which many runs then have in common.
CHANGING = frozenset(
    f"ansible_{name}"
    for name in (
        "date_time", "uptime_seconds", "loadavg", "memfree_mb", "memory_mb", "swapfree_mb", "mounts", "processes",
    )
)  # fmt: skip
#: The environment of whoever ran the module: tokens and passwords lie there that nobody has called secret.
_LEFT_OUT = "ansible_env"
_NO_TRACEBACK = "(traceback unavailable)"
_BAD = (Status.FAILED, Status.UNREACHABLE, Status.LOST)


def is_facts(outcome: Outcome) -> bool:
    """Say whether a result is a host's facts as they were gathered."""
    return outcome.task.action in GATHERING and bool(outcome.result.get("ansible_facts")) and not outcome.looped


class Bodies:
    """Makes the bodies of one run's results; ``put`` takes each text's line before a result names it."""

    def __init__(self, redactor: Redactor, put: Callable[[str], None]) -> None:
        self._redactor = redactor
        self._mask = mask_of(redactor.mask)
        self._put = put
        #: Texts as they came -> digests of what stands in the journal for them.
        self._known: dict[str, str] = {}
        self._room = _REMEMBERED
        self._digests: set[str] = set()

    def of(self, outcome: Outcome, censored: bool) -> str:
        """What to keep of a result, as a JSON mapping."""
        parts = [f'"took":{outcome.elapsed:.3f}'] if outcome.elapsed >= 0.0005 else []
        if outcome.looped or outcome.ignored or outcome.check or outcome.assumed:
            parts.append(f'"flags":"{_flags(outcome)}"')
        if not censored:
            self._describe(outcome, parts)
        elif outcome.label is not None:
            parts.append('"item":""')
        return f"{{{','.join(parts)}}}"

    def _describe(self, outcome: Outcome, parts: list[str]) -> None:
        result = outcome.result
        if outcome.label is not None:
            parts.append(f'"item":{quoted(self._string(outcome.label)[:_CUT])}')
        if outcome.delegated_to:
            parts.append(f'"on":{quoted(self._mask(outcome.delegated_to))}')
        code = result.get("rc")
        if type(code) is int:
            parts.append(f'"rc":{code}')
        message = result.get("msg")
        if message:
            self._message(message, parts)
        if not _OUTPUT_KEYS.isdisjoint(result):
            self._outputs(result, parts)
        if outcome.diff:
            parts.append(f'"diff":"{self._data(list(outcome.diff))}"')
        if outcome.status in _BAD:
            self._fault(outcome, parts)

    def _outputs(self, result: Mapping[str, Any], parts: list[str]) -> None:
        for name, keys in _OUTPUTS:
            for key in keys:
                value = result.get(key)
                if value and value != _NO_TRACEBACK:
                    parts.append(f'"{name}":"{self._text(value)}"')
                    break

    def _message(self, message: Any, parts: list[str]) -> None:
        text = self._string(message)
        parts.append(f'"msg":{quoted(text[:_CUT])}')
        if len(text) > _CUT:
            parts.append(f'"full":"{self._text(text)}"')

    def _fault(self, outcome: Outcome, parts: list[str]) -> None:
        """Where a failure's fault stands, the deepest place that is known, and the advice."""
        causes = outcome.causes
        places = [*(cause.origin for cause in causes), outcome.origin]
        place: Origin | None = next((place for place in reversed(places[:-1]) if place), places[-1])
        if place is not None:
            parts.append(f'"at":{quoted(self._mask(str(place)))}')
        hint = next((cause.hint for cause in reversed(causes) if cause.hint), outcome.hint)
        if hint:
            parts.append(f'"hint":{quoted(self._mask(hint))}')

    def facts(self, outcome: Outcome) -> tuple[str, str]:
        """The digests of the facts that stay, and of those that change by themselves."""
        facts: Mapping[str, Any] = outcome.result["ansible_facts"]
        steady = {name: value for name, value in facts.items() if name not in CHANGING and name != _LEFT_OUT}
        changing = {name: value for name, value in facts.items() if name in CHANGING}
        return self._data(steady), self._data(changing)

    def _string(self, value: Any) -> str:
        """A value as text, without secrets."""
        if type(value) is str:
            return self._mask(value)
        data = self._redactor.mask_data(value)
        return self._mask(data if isinstance(data, str) else data_text(data))

    def _text(self, value: Any) -> str:
        """The digest of a text that stands in the journal from now on, without secrets."""
        if type(value) is not str:
            return self._stored(self._string(value))
        digest = self._known.get(value)
        return self._remember(value, self._stored(self._mask(value))) if digest is None else digest

    def _data(self, value: Any) -> str:
        """The digest of data. What is known already need not be looked through for secrets again."""
        text = data_text(value)
        digest = self._known.get(text)
        if digest is not None:
            return digest
        # A run that has met no secret need not look for one in data; texts of theirs are masked all the same.
        masked = data_text(self._redactor.mask_data(value)) if self._redactor.seen else text
        return self._remember(text, self._stored(self._mask(masked)))

    def _stored(self, text: str) -> str:
        digest = digest_of(text_bytes(text))
        if digest not in self._digests:
            self._digests.add(digest)
            self._put(f'["{entries.TEXT}","{digest}",{quoted(text)}]')
        return digest

    def _remember(self, text: str, digest: str) -> str:
        if len(text) < self._room:
            self._room -= len(text)
            self._known[text] = digest
        return digest


#: Characters of texts that are recognised without being looked through again.
_REMEMBERED = 16 << 20
_OUTPUTS = (("out", ("stdout", "module_stdout")), ("err", ("stderr", "module_stderr", "exception")))
_OUTPUT_KEYS = frozenset(key for _, keys in _OUTPUTS for key in keys)


def _flags(outcome: Outcome) -> str:
    flags = entries.LOOPED if outcome.looped else ""
    if outcome.ignored:
        flags += entries.IGNORED
    if outcome.check:
        flags += entries.CHECK
    if outcome.assumed:
        flags += entries.ASSUMED
    return flags
