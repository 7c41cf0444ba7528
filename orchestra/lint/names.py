"""Rules about names that have to meet: handlers and who notifies them, modules and their full names, results.

These look at all files together; a name made by a template may be any, so where one is, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from yaml.nodes import ScalarNode

from orchestra.library.catalogue import Library
from orchestra.lint.document import Document, TaskNode, get, is_template, replace, texts
from orchestra.lint.finding import Finding, Rule

UNKNOWN_HANDLER = Rule("unknown-handler", "A notification that no handler hears fails the task.")
UNUSED_HANDLER = Rule("unused-handler", "A handler that nobody notifies never runs.")
FQCN = Rule("fqcn", "A full name can not be taken by a module of another collection.", fixes=True, optional=True)
UNUSED_REGISTER = Rule("unused-register", "A result that nobody reads needs no name.", optional=True)
NO_LOG = Rule("no-log-password", "What a task gets and returns is printed and logged, unless no_log hides it.")
RULES = (UNKNOWN_HANDLER, UNUSED_HANDLER, FQCN, UNUSED_REGISTER, NO_LOG)

_PASSWORD = re.compile(r"(^|_)(password|passwd|passphrase|secret|token|api_?key|private_key)$", re.IGNORECASE)


def check_names(documents: Sequence[Document], library: Library) -> Iterator[Finding]:
    """All findings of this file's rules."""
    yield from _handlers(documents)
    yield from _registers(documents)
    for document in documents:
        for task in document.tasks:
            yield from _full_name(document, task, library)
            yield from _no_log(document, task, library)


def _handlers(documents: Sequence[Document]) -> Iterator[Finding]:
    handlers = [(document, task) for document in documents for task in document.tasks if task.handler and task.key]
    heard = {name for _, task in handlers for name in _heard(task)}
    notified = [
        (document, task, node)
        for document in documents
        for task in document.tasks
        for node in texts(get(task.node, "notify"))
    ]
    open_names = any(
        is_template(get(task.node, "name")) or is_template(get(task.node, "listen")) for _, task in handlers
    )
    loose = any(task.action in ("include_role", "import_role", "include_tasks", "import_tasks") and task.handler
                for document in documents for task in document.tasks)  # fmt: skip
    if not open_names and not loose and _all_roles_are_here(documents):
        for document, task, node in notified:
            if not is_template(node) and _bare(node.value) not in heard:
                message = f"no handler is called {node.value!r}, and none listens to it"
                yield document.finding(UNKNOWN_HANDLER.name, node, message, task=task)
    if any(is_template(node) for *_, node in notified):
        return
    called = {_bare(node.value) for *_, node in notified}
    for document, task in handlers:
        names = _heard(task)
        if names and not names & called and not is_template(get(task.node, "name")):
            assert task.key is not None
            place = get(task.node, "name") or task.key
            yield document.finding(UNUSED_HANDLER.name, place, f"nobody notifies {min(names)!r}", task=task)


def _heard(task: TaskNode) -> set[str]:
    return {str(node.value) for word in ("name", "listen") for node in texts(get(task.node, word))}


def _bare(name: str) -> str:
    """Without the role in front."""
    return name.rpartition(" : ")[2]


def _all_roles_are_here(documents: Sequence[Document]) -> bool:
    """Whether there are handlers to compare with at all: else they are in a role that was not looked at."""
    used = any(get(play, "roles") is not None for document in documents for play in document.plays)
    return not used or any(document.kind == "handlers" for document in documents)


def _registers(documents: Sequence[Document]) -> Iterator[Finding]:
    counts: dict[str, int] = {}
    for document in documents:
        for word in re.findall(r"\w+", document.text):
            counts[word] = counts.get(word, 0) + 1
    for document in documents:
        for task in document.tasks:
            node = get(task.node, "register")
            if isinstance(node, ScalarNode) and counts.get(node.value, 0) == 1:
                yield document.finding(UNUSED_REGISTER.name, node, f"nobody reads {node.value}", task=task)


def _full_name(document: Document, task: TaskNode, library: Library) -> Iterator[Finding]:
    if task.key is None or "." in task.key.value or is_template(task.key):
        return
    full = _FULL.get(task.action) or next(
        (name for name in sorted(library.names_of(task.action)) if name.count(".") >= 2 and "legacy" not in name), ""
    )
    if full and full.rpartition(".")[2] == task.action:
        message = f"write {full}"
        yield document.finding(FQCN.name, task.key, message, replace(task.key, full), task=task)


_FULL: Mapping[str, str] = {
    name: f"ansible.builtin.{name}"
    for name in (
        "include_tasks",
        "import_tasks",
        "include_role",
        "import_role",
        "include_vars",
        "set_fact",
        "meta",
        "debug",
    )
}


def _no_log(document: Document, task: TaskNode, library: Library) -> Iterator[Finding]:
    if task.key is None or get(task.node, "no_log") is not None or is_template(task.key):
        return
    declared = library.find(task.key.value)
    for name, node in task.options().items():
        if not _PASSWORD.search(name) or not isinstance(node, ScalarNode) or node.value in ("", "omit"):
            continue
        known = declared.options.get(name) if declared is not None else None
        if (known is None or not known.secret) and not str(node.tag).endswith(("bool", "null")):
            yield document.finding(NO_LOG.name, node, f"{name} is shown in the output; add no_log: true", task=task)
