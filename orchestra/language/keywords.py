"""The keywords of plays, blocks, tasks and roles: where each may stand, what it holds, how it is handed down.

The table is the whole truth about a keyword's place; code that gives it a meaning lives in the engine. Names and
inheritance are those of Ansible's "Playbook Keywords" reference.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import Enum
from typing import Any

from orchestra.model.origin import TemplateText
from orchestra.model.record import record

PLAY, BLOCK, TASK, HANDLER, ROLE, IMPORT = "play", "block", "task", "handler", "role", "import_playbook"
#: What ansible-core's errors call the places that have another name.
TITLES = {ROLE: "RoleInclude", IMPORT: "PlaybookInclude"}
EVERYWHERE = (PLAY, BLOCK, TASK, HANDLER, ROLE)
INNER = (BLOCK, TASK, HANDLER, ROLE)
TASKS = (TASK, HANDLER)


class Join(Enum):
    """How a value meets the one from outside."""

    OWN = "own"  # not handed down
    INNERMOST = "innermost"  # the nearest one wins
    REPLACE = "replace"  # the nearest list wins
    EXTEND = "extend"  # outer values first, then inner ones
    LAYERS = "layers"  # mappings, looked up from the innermost


@record
class Keyword:
    """One keyword; ``kind`` names what its value must be."""

    name: str
    places: tuple[str, ...]
    kind: str
    join: Join = Join.OWN


def _table(*rows: Keyword) -> dict[str, Keyword]:
    return {row.name: row for row in rows}


KEYWORDS = _table(
    # handed down, nearest wins
    *(
        Keyword(name, EVERYWHERE, kind, Join.INNERMOST)
        for name, kind in (
            ("any_errors_fatal", "bool"), ("become", "bool"), ("become_exe", "text"), ("become_flags", "text"),
            ("become_method", "text"), ("become_user", "text"), ("check_mode", "bool"), ("connection", "text"),
            ("debugger", "text"), ("diff", "bool"), ("ignore_errors", "bool"), ("ignore_unreachable", "bool"),
            ("no_log", "bool"), ("port", "int"), ("remote_user", "text"), ("run_once", "bool"), ("throttle", "int"),
            ("timeout", "int"),
        )
    ),
    Keyword("delegate_to", INNER, "text", Join.INNERMOST),
    Keyword("delegate_facts", INNER, "bool", Join.INNERMOST),
    # handed down, added up
    Keyword("when", INNER, "conditions", Join.EXTEND),
    Keyword("tags", EVERYWHERE, "tags", Join.EXTEND),
    Keyword("environment", EVERYWHERE, "mappings", Join.EXTEND),
    Keyword("module_defaults", EVERYWHERE, "mappings", Join.EXTEND),
    # handed down, the nearest list wins
    Keyword("notify", (BLOCK, TASK, HANDLER), "names", Join.REPLACE),
    Keyword("collections", EVERYWHERE, "names", Join.REPLACE),
    Keyword("vars", EVERYWHERE, "mapping", Join.LAYERS),
    # everybody's own
    Keyword("name", EVERYWHERE, "text"),
    # plays
    *(
        Keyword(name, (PLAY,), kind)
        for name, kind in (
            ("hosts", "any"), ("gather_facts", "bool"), ("gather_subset", "names"), ("gather_timeout", "int"),
            ("fact_path", "text"), ("handlers", "steps"), ("tasks", "steps"), ("pre_tasks", "steps"),
            ("post_tasks", "steps"), ("roles", "list"), ("serial", "any"), ("strategy", "text"), ("order", "text"),
            ("max_fail_percentage", "percent"), ("force_handlers", "bool"), ("vars_files", "any"),
            ("vars_prompt", "any"), ("user", "text"), ("validate_argspec", "any"),
        )
    ),
    # blocks
    Keyword("block", (BLOCK,), "steps"),
    Keyword("rescue", (BLOCK,), "steps"),
    Keyword("always", (BLOCK,), "steps"),
    # tasks
    *(
        Keyword(name, TASKS, kind)
        for name, kind in (
            ("action", "any"), ("local_action", "any"), ("args", "any"), ("async", "int"), ("poll", "int"),
            ("changed_when", "conditions"), ("failed_when", "conditions"), ("until", "conditions"),
            ("retries", "int"), ("delay", "int"), ("loop", "any"), ("loop_control", "mapping"),
            ("register", "text"), ("with_", "any"),
        )
    ),
    Keyword("listen", (HANDLER,), "names"),
    # entries under roles:
    Keyword("role", (ROLE,), "text"),
)  # fmt: skip


#: Keywords of an import_playbook; ``vars``, ``when`` and ``tags`` go on to its plays, the others are only read.
_OF_IMPORTS = frozenset(
    ("when", *(row.name for row in KEYWORDS.values() if row.places == EVERYWHERE and row.name != "collections"))
)


def _may_stand(row: Keyword, place: str) -> bool:
    return row.name in _OF_IMPORTS if place == IMPORT else place in row.places


def names_at(place: str) -> list[str]:
    """The keywords that may stand at ``place``, sorted."""
    return sorted(row.name for row in KEYWORDS.values() if _may_stand(row, place) and row.name != "with_")


#: Keywords of a task that brings others in while the run goes on; the others would be meant for these.
_OF_INCLUDES = frozenset((
    "action", "args", "collections", "debugger", "ignore_errors", "local_action", "loop", "loop_control", "name",
    "no_log", "register", "run_once", "tags", "timeout", "vars", "when",
))  # fmt: skip


def fits_include(name: str, place: str) -> bool:
    """Whether a keyword may stand at an include_tasks or include_role."""
    return name in _OF_INCLUDES or name.startswith("with_") or (place == HANDLER and name == "listen")


def keyword_at(name: object, place: str) -> Keyword | None:
    """The keyword ``name`` if it may stand at ``place``."""
    if not isinstance(name, str):
        return None
    if name.startswith("with_") and place in TASKS:
        return KEYWORDS["with_"]
    row = KEYWORDS.get(name)
    return row if row is not None and _may_stand(row, place) else None


def _is_text(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool)) or value is None


def _is_names(value: Any) -> bool:
    return _is_text(value) or (isinstance(value, list) and all(map(_is_text, value)))


def _is_tags(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(map(_is_text, value)))


def _is_mapping(value: Any) -> bool:
    return value is None or isinstance(value, (dict, TemplateText))


def _is_vars(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _is_number(value: Any) -> bool:
    if isinstance(value, str) and not isinstance(value, TemplateText):
        return value.strip().lstrip("-").isdigit()
    return value is None or isinstance(value, (int, float, TemplateText))


_BOOLEAN_WORDS = frozenset(["true", "false", "yes", "no", "on", "off", "1", "0", "y", "n", "t", "f"])


def _is_percent(value: Any) -> bool:
    if isinstance(value, str) and not isinstance(value, TemplateText):
        return value.strip().removesuffix("%").replace(".", "", 1).isdigit()
    return _is_number(value)


def _is_bool(value: Any) -> bool:
    if isinstance(value, str) and not isinstance(value, TemplateText):
        return value.strip().lower() in _BOOLEAN_WORDS
    return value is None or value in (0, 1) or isinstance(value, TemplateText)


#: kind -> (test, what was expected)
KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "any": (lambda value: True, "anything"),
    "text": (_is_text, "a text"),
    "int": (_is_number, "a number"),
    "percent": (_is_percent, "a number of per cent"),
    "bool": (_is_bool, "true or false"),
    "names": (_is_names, "a text or a list of texts"),
    "tags": (_is_tags, "a text or a list of texts"),
    "conditions": (_is_names, "a condition or a list of conditions"),
    "mapping": (_is_vars, "a mapping (name: value)"),
    "mappings": (lambda value: _is_mapping(value) or isinstance(value, list), "a mapping, or a list of mappings"),
    "list": (lambda value: value is None or isinstance(value, list), "a list"),
    "steps": (lambda value: value is None or isinstance(value, list), "a list of tasks"),
}


def described() -> dict[str, str]:
    """One sentence for each keyword."""
    with open(os.path.join(os.path.dirname(__file__), "keywords.txt"), encoding="utf-8") as file:
        lines = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    return {name: text for name, _, text in (line.partition(": ") for line in lines)}
