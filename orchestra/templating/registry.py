"""Finds a filter or a test by the name that a template uses, and puts the guard before it.

A project's own come first, then ours, then Jinja's. Ours are known by their short name and behind each collection
that has them: ``ansible.builtin.combine``, ``ansible.utils.ipaddr``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jinja2 import TemplateAssertionError
from jinja2.filters import FILTERS
from jinja2.tests import TESTS

from orchestra.errors import nearest
from orchestra.model.secret import Redactor
from orchestra.templating.filters import (
    hashes,
    numbers,
    paths,
    randomness,
    serial,
    sets,
    structures,
    text,
    times,
    values,
)
from orchestra.templating.guard import guard
from orchestra.templating.tests import files as file_tests
from orchestra.templating.tests import results as result_tests
from orchestra.templating.tests import values as value_tests

_FILTER_SUBJECTS = (
    *(hashes, numbers, paths, randomness, serial, sets, structures, text, times),
    values,
)
_TEST_SUBJECTS = (file_tests, result_tests, value_tests)

#: Collections whose filters, tests and lookups we have under the same short names.
COLLECTIONS = (
    *("ansible.builtin.", "ansible.legacy.", "ansible.utils.", "ansible.netcommon.", "ansible.posix."),
    *("community.general.", "community.crypto.", "ansible.windows."),
)


def short_name(name: str) -> str:
    """``name`` without the collection, where it is one that we stand in for."""
    return next((name[len(prefix) :] for prefix in COLLECTIONS if name.startswith(prefix)), name)


class PluginTable(dict[str, Callable[..., Any]]):
    """Name -> guarded plugin; each is prepared when it is first named."""

    def __init__(
        self,
        kind: str,
        own: Mapping[str, Callable[..., Any]],
        ours: Mapping[str, Callable[..., Any]],
        builtin: Mapping[str, Any],
        redactor: Redactor,
    ) -> None:
        super().__init__()
        self.kind = kind
        self._own = own
        self._ours = ours
        self._builtin = builtin
        self._redactor = redactor
        self.others: PluginTable | None = None
        self._rare: Mapping[str, Callable[..., Any]] | None = None

    def __missing__(self, name: str) -> Callable[..., Any]:
        func, foreign = self._find(name)
        self[name] = guarded = guard(func, name, self.kind, self._redactor, foreign=foreign)
        return guarded

    def _find(self, name: str) -> tuple[Callable[..., Any], bool]:
        if name in self._own:
            return self._own[name], True
        short = short_name(name)
        for table in (self._ours, self._builtin):
            if short in table:
                return table[short], False
        return self._rare_ones()[short], False

    def _rare_ones(self) -> Mapping[str, Callable[..., Any]]:
        if self._rare is None:
            self._rare = rare_filters() if self.kind == "filter" else rare_tests()
        return self._rare

    def get(self, name: str, default: Any = None) -> Any:
        """The plugin called ``name``, else ``default``; Jinja's compiler asks this way."""
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def names(self) -> Iterator[str]:
        """Every name that is known."""
        yield from self._own
        yield from self._ours
        yield from self._builtin
        yield from self._rare_ones()

    def explained(self, error: Exception) -> Exception:
        """Add to a compiler's error about a missing plugin of this kind what was perhaps meant."""
        start = f"No {self.kind} named '"
        message = getattr(error, "message", "") or ""
        if isinstance(error, TemplateAssertionError) and message.startswith(start):
            name = message[len(start) :].partition("'")[0]
            error.hint = self._hint(name)  # type: ignore[attr-defined]
        return error

    def _hint(self, name: str) -> str:
        if self.others is not None and name in self.others:
            example = f"x is {name}" if self.kind == "filter" else f"x | {name}"
            return f"'{name}' is a {self.others.kind}: write {example}"
        close = nearest(name, self.names())
        if close:
            return f"did you mean {' or '.join(map(repr, close))}?"
        if "." in name:
            return f"put the plugin into the project: {self.kind}_plugins/ beside the playbook"
        return f"a {self.kind} of a collection is written with it: namespace.collection.{name}"


def our_filters() -> dict[str, Callable[..., Any]]:
    """Every filter of ours by its short name."""
    return {name: func for subject in _FILTER_SUBJECTS for name, func in subject.FILTERS.items()}


def rare_filters() -> dict[str, Callable[..., Any]]:
    """Filters of collections; imported only when a name is not among the others."""
    from orchestra.templating.filters import community, documents, internals, navigation, network, ranges

    subjects = (community, documents, internals, navigation, network, ranges)
    return {name: func for subject in subjects for name, func in subject.FILTERS.items()}


def rare_tests() -> dict[str, Callable[..., Any]]:
    """Tests of collections; imported only when a name is not among the others."""
    from orchestra.templating.tests import internals, networks

    return {**networks.TESTS, **internals.TESTS}


def our_tests() -> dict[str, Callable[..., Any]]:
    """Every test of ours by its short name."""
    return {name: func for subject in _TEST_SUBJECTS for name, func in subject.TESTS.items()}


def make_tables(
    filters: Mapping[str, Callable[..., Any]],
    tests: Mapping[str, Callable[..., Any]],
    redactor: Redactor,
    provided: Mapping[str, Callable[..., Any]],
) -> tuple[PluginTable, PluginTable]:
    """The tables of filters and tests for a run; each knows the other, for hints."""
    filter_table = PluginTable("filter", filters, {**our_filters(), **provided}, FILTERS, redactor)
    test_table = PluginTable("test", tests, our_tests(), TESTS, redactor)
    filter_table.others, test_table.others = test_table, filter_table
    return filter_table, test_table
