"""Rules about programs that tasks run: modules that do it better, shells without need, changes that are no news."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orchestra.lint.document import Document, TaskNode, get, is_template, replace, texts
from orchestra.lint.finding import Finding, Rule, TaskRule

PROGRAMS = frozenset(("command", "shell", "raw", "script", "win_command", "win_shell"))
#: A program, the module for it, and words after which the module can not do it.
_MODULES: dict[str, tuple[str, frozenset[str]]] = {
    "apt-get": ("apt", frozenset(("source", "download", "changelog"))),
    "apt": ("apt", frozenset(("list", "show", "policy", "search"))),
    "chkconfig": ("service", frozenset()),
    "curl": ("get_url or uri", frozenset()),
    "dnf": ("dnf", frozenset(("repoquery", "list", "history", "module", "config-manager"))),
    "git": (
        "git",
        frozenset(("branch", "log", "diff", "lfs", "rev-parse", "config", "status", "describe", "show", "tag",
                   "ls-files", "submodule", "commit", "push", "add", "init", "remote", "merge-base", "ls-remote",
                   "rev-list")),
    ),
    "hg": ("hg", frozenset()),
    "iptables": ("iptables", frozenset(("-L", "-S", "--list"))),
    "mount": ("mount", frozenset()),
    "patch": ("patch", frozenset()),
    "rpm": ("yum or rpm_key", frozenset(("-q", "-qa", "-V", "--eval", "-qf", "-ql", "--query", "-qi"))),
    "rsync": ("synchronize", frozenset()),
    "sed": ("template, replace or lineinfile", frozenset(("-n",))),
    "service": ("service", frozenset(("status", "--status-all"))),
    "supervisorctl": ("supervisorctl", frozenset(("status",))),
    "svn": ("subversion", frozenset(("info", "log"))),
    "systemctl": (
        "systemd",
        frozenset(("--version", "get-default", "is-active", "is-enabled", "list-units", "list-unit-files",
                   "set-default", "set-property", "show", "show-environment", "status", "reset-failed", "kill", "cat",
                   "edit", "list-timers", "import-environment", "set-environment", "is-system-running",
                   "preset", "isolate")),
    ),
    "tar": ("unarchive", frozenset(("-t", "tf", "-tf", "c", "cf", "czf", "-cf", "-czf", "cvf", "cvzf"))),
    "unzip": ("unarchive", frozenset(("-l", "-t", "-v"))),
    "useradd": ("user", frozenset()),
    "userdel": ("user", frozenset()),
    "usermod": ("user", frozenset()),
    "groupadd": ("group", frozenset()),
    "wget": ("get_url or uri", frozenset()),
    "yum": ("yum", frozenset(("list", "repolist", "history", "info", "-C", "module"))),
    "chmod": ("file", frozenset()),
    "chown": ("file", frozenset()),
    "mkdir": ("file", frozenset()),
    "ln": ("file", frozenset()),
    "rm": ("file", frozenset()),
    "touch": ("file", frozenset()),
}  # fmt: skip
#: What needs a shell.
_SHELL = re.compile(
    r"[|&;<>$`*?~\n\[\]{}()\\!#]|\b(?:cd|export|source|set|alias|eval|exec|for|if|while|umask|test|command|type|ulimit|hash|trap|wait|shopt)\b|=\S*\s"
)
_INSTEAD = Rule("command-instead-of-module", "A module knows whether anything is to do, and shows it in a check run.")
_NO_SHELL = Rule("command-instead-of-shell", "A command needs no shell, and no quoting for one.", fixes=True)
_CHANGES = Rule("no-changed-when", "A command reports a change each time, unless something says when it is one.")


def program(task: TaskNode) -> str:
    """What a task's program is called with, as text; empty when it is none or not known."""
    if task.action not in PROGRAMS:
        return ""
    options = task.options()
    for name in ("cmd", "argv", "_raw_params"):
        if name in options:
            return " ".join(str(node.value) for node in texts(options[name]))
    return task.free_form()


def _instead(document: Document, task: TaskNode) -> Iterator[Finding]:
    if task.action not in ("command", "shell") or task.key is None:
        return
    words = program(task).replace("{{ ", "{{").replace(" }}", "}}").split()
    while words and re.fullmatch(r"\w+=\S*", words[0]):
        del words[0]  # an assignment in front, or an option as k=v
    name = words[0].rpartition("/")[2] if words else ""
    module, apart = _MODULES.get(name, ("", frozenset()))
    piped = task.action == "shell" and _SHELL.search(re.sub(r"\{\{.*?\}\}", "x", program(task)))
    if module and not piped and not apart & set(words[1:]):
        yield document.finding(_INSTEAD.name, task.key, f"{name} is run; the module {module} does that", task=task)


def _no_shell(document: Document, task: TaskNode) -> Iterator[Finding]:
    if task.action != "shell" or task.key is None or not program(task):
        return
    text = program(task)
    templated = is_template(task.value) or any(is_template(node) for node in task.options().values())
    plain = re.sub(r"\{\{.*?\}\}", "x", text)
    if _SHELL.search(plain) or "executable" in task.options() or task.option_text("executable") or "{%" in text:
        return
    name = str(task.key.value)
    edits = () if templated else (replace(task.key, name[: -len("shell")] + "command"),)
    yield document.finding(_NO_SHELL.name, task.key, "nothing here needs a shell; command does it", *edits, task=task)


def _changes(document: Document, task: TaskNode) -> Iterator[Finding]:
    if task.key is None or task.handler or task.action not in PROGRAMS - {"raw", "script"}:
        return
    limited = any(task.option_text(name) is not None for name in ("creates", "removes"))
    if limited or get(task.node, "changed_when") is not None:
        return
    message = "say when this is a change: changed_when, creates or removes"
    yield document.finding(_CHANGES.name, task.key, message, task=task)


RULES = (TaskRule(_INSTEAD, _instead), TaskRule(_NO_SHELL, _no_shell), TaskRule(_CHANGES, _changes))
