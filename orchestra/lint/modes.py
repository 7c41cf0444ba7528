"""Rules about permissions: modes that are missing, that are numbers by mistake, that let everybody write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from yaml.nodes import ScalarNode

from orchestra.language.yamlnodes import TAG
from orchestra.lint.document import Document, TaskNode, replace
from orchestra.lint.finding import Finding, Rule, TaskRule

#: Modules that make files, and the option that says when they do not.
_MAKERS = frozenset(("assemble", "copy", "get_url", "template", "file", "tempfile", "archive", "unarchive"))
_CREATE_WHEN_ASKED = frozenset(("blockinfile", "htpasswd", "ini_file", "lineinfile"))
_MISSING = Rule("risky-file-permissions", "A file without a mode gets one that depends on the host's umask.")
_OCTAL = Rule("risky-octal", "A mode without quotes is a number that YAML may read as another one.", fixes=True)
_WORLD = Rule("world-writable", "Everybody on the host may write there.")


def _missing(document: Document, task: TaskNode) -> Iterator[Finding]:
    if task.key is None or task.action not in _MAKERS - {"tempfile", "archive", "unarchive"} | _CREATE_WHEN_ASKED:
        return
    if any(task.option_text(name) is not None for name in ("mode", "_variable_params")) or "mode" in task.options():
        return
    state = task.option_text("state")
    if task.action == "file" and state not in ("directory", "touch"):
        return
    if task.action in _CREATE_WHEN_ASKED and (task.option_text("create") or "").lower() not in ("true", "yes", "on"):
        return
    if "{{" in task.free_form() and "=" not in task.free_form():
        return  # the options are in a variable
    yield document.finding(_MISSING.name, task.key, f"{task.action} without mode", task=task)


def _octal(document: Document, task: TaskNode) -> Iterator[Finding]:
    node = task.options().get("mode")
    if not isinstance(node, ScalarNode) or node.tag != f"{TAG}int" or node.style:
        return
    written = str(node.value)
    if re.fullmatch(r"0o?[0-7]{3,5}", written):
        quoted = '"' + written.replace("o", "") + '"'
        message = f"mode {written} is a number; write {quoted}"
        yield document.finding(_OCTAL.name, node, message, replace(node, quoted), task=task)
    else:
        meant = f'; "0{written}" is probably meant' if re.fullmatch(r"[0-7]{3}", written) else ""
        yield document.finding(_OCTAL.name, node, f"mode {written} is the decimal number {written}{meant}", task=task)


def _world(document: Document, task: TaskNode) -> Iterator[Finding]:
    for name in ("mode", "directory_mode"):
        text = task.option_text(name) or ""
        open_number = re.fullmatch(r"0?o?([0-7]?)[0-7]{2}[2367]", text)
        sticky = open_number is not None and open_number[1] in ("1", "3", "5", "7")
        open_words = re.search(r"(?:^|,)(?:[ug]*[oa][ugoa]*)[+=][rXxst]*w", text)
        if (open_number and not sticky) or open_words:
            node = task.options().get(name) or task.value or task.node
            yield document.finding(_WORLD.name, node, f"{name} {text} lets everybody write", task=task)


RULES = (TaskRule(_MISSING, _missing), TaskRule(_OCTAL, _octal), TaskRule(_WORLD, _world))
