"""What command and shell share: options, skipping by creates and removes, and the result with Ansible's names."""

import os
import time

from orchestra.runner.sdk import Bool, Command, Failed, Path, Raw, Result, Str, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOTHING_RAN = {"rc": None, "stdout": "", "stderr": "", "start": None, "end": None, "delta": None}


class CommandOptions:
    """The options of command and of shell."""

    chdir = option(Path, "Run it in this folder.")
    creates = option(Path, "Do not run it where this path or glob exists.")
    removes = option(Path, "Run it only where this path or glob exists.")
    stdin = option(Str, "Text for its input.")
    stdin_add_newline = option(Bool, "End that text with a newline.", default=True)
    strip_empty_ends = option(Bool, "Drop empty lines at the end of the output.", default=True)
    executable = option(Path, "The shell to use, by its path.")
    warn = option(Raw, "Accepted for old playbooks; does nothing.")


def split(text: "str") -> "list[str]":
    """Words of a command line: quotes and backslashes as in a POSIX shell, nothing else of a shell."""
    words, word, quote, index = [], None, "", 0  # type: list[str], str | None, str, int
    while index < len(text):
        char = text[index]
        index += 1
        if char == "\\" and quote != "'":
            following = text[index : index + 1]
            index += 1
            keep = quote and following not in ('"', "\\")
            word = (word or "") + ("\\" if keep else "") + following
        elif char == quote:
            quote = ""
        elif quote:
            word = (word or "") + char
        elif char in "'\"":
            quote, word = char, word or ""
        elif char in " \t\r\n":
            words, word = words + [word] if word is not None else words, None
        else:
            word = (word or "") + char
    if quote:
        raise Failed("there is no closing quotation mark in: {}".format(text), rc=256)
    return words if word is None else words + [word]


def masked(argv: "list[str]", umask: "Any") -> "list[str]":
    """The command line that runs argv with this umask (a number, octal text, or None for the task's own)."""
    if umask is None:
        return argv
    text = "%04o" % umask if isinstance(umask, int) else str(umask)
    if text.strip("01234567"):
        raise Failed("umask must be an octal number, not {!r}".format(umask))
    return ["/bin/sh", "-c", 'umask "$0"; exec "$@"', text] + argv


def plan_command(options: "Any", system: "Any", argv: "list[str]", shown: "Any") -> "Any":
    """Run argv unless creates or removes say no; `shown` is the result's cmd."""
    skip = _reason_to_skip(options, system)
    if skip:
        plain = skip.replace("'", "", 2)
        said = {"stdout": "skipped, since " + plain, "msg": "Did not run command since {}".format(skip)}
        return Result(False, cmd=shown, rc=0, stderr="", start=None, end=None, delta=None, **said)
    if options.chdir and not system.is_dir(options.chdir):
        text = "Unable to change directory before execution: there is no folder {}".format(options.chdir)
        raise Failed(text, cmd=shown, **NOTHING_RAN)
    stdin = options.stdin
    if stdin is not None and options.stdin_add_newline:
        stdin += "\n"
    try:
        ran = yield Command(argv, stdin=stdin, cwd=options.chdir, ok=None)
    except Failed as failure:
        failure.values = dict(NOTHING_RAN, **dict(failure.values, cmd=shown))
        raise
    if not ran.values():
        return _not_run(options, shown)
    values = _result(options, ran, shown)
    if ran.rc != 0:
        raise Failed("non-zero return code", changed=True, **values)
    return dict(values, msg="")


def _reason_to_skip(options: "Any", system: "Any") -> "str":
    folder = options.chdir or ""  # a relative path means one in the folder where the command would run
    if options.creates and system.any_at(os.path.join(folder, options.creates)):
        return "'{}' exists".format(options.creates)
    if options.removes and not system.any_at(os.path.join(folder, options.removes)):
        return "'{}' does not exist".format(options.removes)
    return ""


def _not_run(options: "Any", shown: "Any") -> "Any":
    """A skipped task does not count as changed, unless creates or removes promise that it would be."""
    promised = bool(options.creates or options.removes)
    text = "Command would have run if not in check mode"
    values = {"cmd": shown, "rc": 0, "stdout": "", "stderr": "", "msg": text, "start": None, "end": None, "delta": None}
    return Result(promised, **(values if promised else dict(values, skipped=True)))


def _result(options: "Any", ran: "Any", shown: "Any") -> "dict[str, Any]":
    out, err = ran.stdout, ran.stderr
    if options.strip_empty_ends:
        out, err = out.rstrip("\r\n"), err.rstrip("\r\n")
    times = {"start": stamp(ran.started), "end": stamp(ran.ended), "delta": span(ran.ended - ran.started)}
    return dict(times, cmd=shown, rc=ran.rc, stdout=out, stderr=err)


def stamp(seconds: "float") -> "str":
    """A moment as Ansible writes it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds)) + ("%.6f" % (seconds % 1))[1:]


def span(seconds: "float") -> "str":
    """A stretch of time as Ansible writes it."""
    minutes, left = divmod(max(seconds, 0.0), 60)
    return "%d:%02d:%09.6f" % (minutes // 60, minutes % 60, left)
