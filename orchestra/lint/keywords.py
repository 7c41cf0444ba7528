"""Rules about keywords: names, conditions, what was removed from the language, what hides failures and secrets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from yaml.nodes import MappingNode, ScalarNode

from orchestra.language.arguments import FREE_FORM_MODULES, split_words
from orchestra.lint.commands import PROGRAMS
from orchestra.lint.document import Document, TaskNode, get, is_template, mapping, replace, texts
from orchestra.lint.finding import Edit, FileRule, Finding, Rule, TaskRule

_NAME = Rule("name", "A name says in the output, and to the next reader, what a task or play is for.")
_JINJA_WHEN = Rule("no-jinja-when", "A condition is an expression already; braces are for text.", fixes=True)
_LITERAL = Rule("literal-compare", "A truth value needs no comparison.")
_BARE = Rule("deprecated-bare-vars", "A bare name is text; only an expression in braces is the variable.")
_REMOVED = Rule("deprecated", "Ansible removed it, or advises against it.")
_IGNORE = Rule("ignore-errors", "A failure that nobody looks at is found out later.")
_LATEST = Rule("package-latest", "Each run may bring another version.")
_PARTIAL = Rule("partial-become", "become_user does nothing without become.")
_HANDLER = Rule("no-handler", "What follows a change is what handlers are for.")
_FREE = Rule("no-free-form", "Options as a mapping have types, positions and no quoting of their own.", fixes=True)

#: Keywords that were removed -> what to write.
_GONE = {
    "sudo": "become", "sudo_user": "become_user", "sudo_exe": "become_exe", "sudo_flags": "become_flags",
    "su": "become with become_method: su", "su_user": "become_user", "always_run": "check_mode: false",
    "accelerate": "nothing; connections are kept anyway", "static": "import_tasks or include_tasks",
}  # fmt: skip
_PACKAGES = frozenset(
    ("apk", "apt", "bower", "dnf", "dnf5", "gem", "homebrew", "npm", "openbsd_pkg", "package", "pacman", "pip", "pkgng",
     "portage", "snap", "yum", "zypper")
)  # fmt: skip
_CONDITIONS = ("when", "changed_when", "failed_when", "until")


def _named(document: Document, task: TaskNode) -> Iterator[Finding]:
    if task.key is None or task.action in (
        "meta",
        "include_tasks",
        "import_tasks",
        "include",
        "debug",
        "assert",
        "fail",
    ):
        return
    name = get(task.node, "name")
    if not isinstance(name, ScalarNode) or not name.value:
        yield document.finding(
            _NAME.name, task.key, f"this {'handler' if task.handler else 'task'} has no name", task=task
        )


def _conditions(task: TaskNode) -> Iterator[ScalarNode]:
    for word in _CONDITIONS:
        yield from texts(get(task.node, word))


def _jinja_when(document: Document, task: TaskNode) -> Iterator[Finding]:
    for node in _conditions(task):
        text = str(node.value)
        if not is_template(node):
            continue
        whole = re.fullmatch(r"\s*\{\{-?(?P<inner>[^{}]*)-?\}\}\s*", text)
        edits: tuple[Edit, ...] = ()
        if whole and node.style not in ("|", ">") and "\n" not in text:
            edits = (replace(node, _quoted(whole["inner"].strip())),)
        yield document.finding(_JINJA_WHEN.name, node, "a condition has no braces", *edits, task=task)


def _quoted(text: str) -> str:
    """A plain scalar where that is safe, else one in quotes."""
    if re.fullmatch(r"[A-Za-z_(][\w .()<>=|\[\]+/-]*", text) and not re.search(r": | #|:$", text):
        return text
    return (
        '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if '"' not in text
        else f"'{text.replace(chr(39), chr(39) * 2)}'"
    )


def _literal(document: Document, task: TaskNode) -> Iterator[Finding]:
    for node in _conditions(task):
        found = re.search(r"[=!]=\s*(true|false)\b", str(node.value), re.IGNORECASE)
        if found:
            message = f"{found[0]!r}: write the value itself, or 'not' in front of it"
            yield document.finding(_LITERAL.name, node, message, task=task)


def _bare(document: Document, task: TaskNode) -> Iterator[Finding]:
    for key, value in mapping(task.node).items():
        plain = key.startswith("with_") and key not in ("with_fileglob", "with_sequence", "with_lines", "with_ini")
        if (plain or key == "loop") and isinstance(value, ScalarNode) and re.fullmatch(r"[A-Za-z_][\w.]*", value.value):
            written = '"{{ ' + value.value + ' }}"'
            message = f"{key}: {value.value} is a text; the variable is {written}"
            yield document.finding(_BARE.name, value, message, task=task)


def _removed(document: Document, task: TaskNode) -> Iterator[Finding]:
    for key, _ in task.node.value:
        name = str(key.value)
        if name in _GONE:
            yield document.finding(_REMOVED.name, key, f"{name} is no keyword any more; write {_GONE[name]}", task=task)
        elif name == "local_action":
            message = "an old spelling; write the module, with delegate_to: localhost"
            yield document.finding(_REMOVED.name, key, message, task=task)
        elif name in ("include", "ansible.builtin.include"):
            message = "include was removed; write include_tasks or import_tasks"
            yield document.finding(_REMOVED.name, key, message, task=task)


def _removed_from_plays(document: Document) -> Iterator[Finding]:
    for play in document.plays:
        for key, _ in play.value:
            name = str(key.value)
            if name in _GONE:
                yield document.finding(_REMOVED.name, key, f"{name} is no keyword any more; write {_GONE[name]}")
            elif name == "include":
                yield document.finding(_REMOVED.name, key, "include was removed; write import_playbook")


def _unnamed_plays(document: Document) -> Iterator[Finding]:
    for play in document.plays:
        if get(play, "hosts") is not None and get(play, "name") is None:
            yield document.finding(_NAME.name, play, "this play has no name")


def _ignore(document: Document, task: TaskNode) -> Iterator[Finding]:
    node = get(task.node, "ignore_errors")
    if (
        isinstance(node, ScalarNode)
        and str(node.value).lower() in ("true", "yes", "on", "1")
        and not get(task.node, "register")
    ):
        message = "say what counts as a failure with failed_when, or register the result and look at it"
        yield document.finding(_IGNORE.name, node, message, task=task)


def _latest(document: Document, task: TaskNode) -> Iterator[Finding]:
    if task.key is not None and task.action.rpartition(".")[2] in _PACKAGES and task.option_text("state") == "latest":
        node = task.options().get("state") or task.key
        yield document.finding(_LATEST.name, node, "state: latest; name a version, or use present", task=task)


def _partial(document: Document, task: TaskNode) -> Iterator[Finding]:
    yield from _half_become(document, task.node, task)


def _partial_plays(document: Document) -> Iterator[Finding]:
    for play in document.plays:
        yield from _half_become(document, play, None)


def _half_become(document: Document, node: MappingNode, task: TaskNode | None) -> Iterator[Finding]:
    user = get(node, "become_user")
    above = document.kind != "playbook" or any(get(play, "become") is not None for play in document.plays)
    if user is not None and get(node, "become") is None and not (task is not None and above):
        yield document.finding(_PARTIAL.name, user, "become_user without become", task=task)


def _no_handler(document: Document, task: TaskNode) -> Iterator[Finding]:
    conditions = texts(get(task.node, "when"))
    if task.handler or len(conditions) != 1:
        return
    if re.fullmatch(r"\w+(\.changed|\s+is\s+changed|\|changed)", str(conditions[0].value).strip()):
        message = f"'{conditions[0].value}': notify a handler rather than ask for a change"
        yield document.finding(_HANDLER.name, conditions[0], message, task=task)


def _free_form(document: Document, task: TaskNode) -> Iterator[Finding]:
    value = task.value
    if task.key is None or not isinstance(value, ScalarNode) or task.action in FREE_FORM_MODULES | PROGRAMS:
        return
    text = str(value.value)
    if not re.search(r"(^|\s)[\w-]+=", text) or value.style in ("|", ">"):
        return
    message = f"the options of {task.action} are words; write them as a mapping"
    yield document.finding(_FREE.name, value, message, *_as_mapping(document, task, value, text), task=task)


def _as_mapping(document: Document, task: TaskNode, value: ScalarNode, text: str) -> tuple[Edit, ...]:
    """The edit that writes k=v words below the module; none where a word is no pair or text would be lost."""
    try:
        words = [word.partition("=") for word in split_words(text)]
    except ValueError:
        return ()
    if not all(equals and key.isidentifier() for key, equals, _ in words) or "args" in mapping(task.node):
        return ()
    assert task.key is not None
    rest = document.text[value.end_mark.index :].split("\n", 1)[0].split("\r", 1)[0]
    if rest.strip() or "#" in document.source(value) or document.text[value.start_mark.index] == "{":
        return ()
    indent = " " * (task.key.start_mark.column + 2)
    lines = "".join(f"\n{indent}{key}: {_scalar(item)}" for key, _, item in words)
    start = task.key.end_mark.index + 1
    return (Edit(start, value.end_mark.index, lines),)


def _scalar(text: str) -> str:
    """A word's value as YAML: what it was as text it stays, and words of truth stay such."""
    from orchestra.language.yamlnodes import STR, implied_tag

    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    if text in ("yes", "no", "true", "false", "True", "False"):
        return "true" if text.lower() in ("yes", "true") else "false"
    simple = re.fullmatch(r"[\w./~@%+-][\w ./~@%+:,=-]*", text) and not re.search(r": |:$| #|\s$", text)
    if re.fullmatch(r"0|[1-9][0-9]*", text) or (simple and implied_tag(text) == STR):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


Check = Callable[[Document, TaskNode], Iterator[Finding]]
_TASKS: tuple[tuple[Rule, Check], ...] = (
    (_NAME, _named), (_JINJA_WHEN, _jinja_when), (_LITERAL, _literal), (_BARE, _bare), (_REMOVED, _removed),
    (_IGNORE, _ignore), (_LATEST, _latest), (_PARTIAL, _partial), (_HANDLER, _no_handler), (_FREE, _free_form),
)  # fmt: skip
RULES: tuple[TaskRule | FileRule, ...] = (
    *(TaskRule(rule, check) for rule, check in _TASKS),
    FileRule(_NAME, _unnamed_plays),
    FileRule(_REMOVED, _removed_from_plays),
    FileRule(_PARTIAL, _partial_plays),
)
