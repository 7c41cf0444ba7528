"""What is wrong with a module's options before any host is known: nothing is said of values that templates will make.

It asks the same declaration and the same rules as the run does, so it can not say anything that the run would not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from orchestra.library.catalogue import OptionProblem, described, names_of_options
from orchestra.library.declaration import ModuleDeclaration
from orchestra.runner.options import Problem, bind
from orchestra.runner.rules import broken_rules

_GROUPS = ("REQUIRED_ONE_OF", "MUTUALLY_EXCLUSIVE", "REQUIRED_TOGETHER")


def problems_beforehand(
    declaration: ModuleDeclaration, given: Mapping[str, Any], later: Collection[str], *, more: bool
) -> list[OptionProblem]:
    """What is wrong for certain.

    ``given`` are options whose values are known, ``later`` the names of those that a host decides (one may even turn
    out to be left out); with ``more`` there can be others whose very names are not known yet.
    """
    options, names = declaration.options_class, names_of_options(declaration)
    unsure = {names[name] for name in later if name in names}
    bound, found = bind(options, dict(given), rules=False)
    found = [problem for problem in found if not _may_come(problem, given, unsure, more)]
    if not getattr(options, "ACCEPTS_ANY", False):
        unknown = [name for name in later if name not in names]
        found += [Problem(name, "is not an option of this module", unknown=True) for name in unknown]
    if not found and not more:
        found = list(broken_rules(_decided(options, unsure), bound))
        if not found and not unsure and declaration.rules is not None:
            found = list(declaration.rules(bound))
    return [described(problem, declaration, given) for problem in found]


def _may_come(problem: Problem, given: Mapping[str, Any], unsure: Collection[str], more: bool) -> bool:
    """Whether this says that an option is missing which may still be there in the end."""
    missing = not problem.unknown and problem.option not in given
    return missing and (more or problem.option in unsure)


def _decided(options: type, unsure: set[str]) -> type:
    """The rules that no undecided option has a part in."""
    rules: dict[str, list[Any]] = {
        group: [rule for rule in getattr(options, group, ()) if unsure.isdisjoint(rule)] for group in _GROUPS
    }
    rules["REQUIRED_BY"] = [
        rule for rule in getattr(options, "REQUIRED_BY", ()) if unsure.isdisjoint((rule[0], *rule[1]))
    ]
    rules["REQUIRED_IF"] = [
        rule for rule in getattr(options, "REQUIRED_IF", ()) if unsure.isdisjoint((rule[0], *rule[2]))
    ]
    return type("Decided", (), rules)
