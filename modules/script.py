"""Send a script from the controller to the host, run it there, and leave nothing behind."""

import os

from orchestra.runner.parts.commands import split
from orchestra.runner.sdk import Bool, Call, Command, Failed, Path, Str, option

NAMES = ("ansible.builtin.script", "ansible.legacy.script")
FREE_FORM = "cmd"
PARTS = ("commands",)
CHECK_MODE = "Nothing is run; the task is skipped, or counts as changed where creates or removes promise it."

EXAMPLES = """
- name: A script that lies beside the playbook
  script: files/migrate.sh --from 11 --to 12
  args:
    creates: /var/lib/app/migrated

- name: One that needs an interpreter
  script: files/report.py
  args:
    executable: python3
"""

RETURNS = {"rc": "the exit status", "stdout": "its output", "stderr": "its errors"}


class Options:
    cmd = option(Str, "The script's path on the controller, then its arguments.", aliases=("_raw_params",))
    chdir = option(Path, "Run it in this folder.")
    creates = option(Path, "Do not run it where this path or glob exists.")
    removes = option(Path, "Run it only where this path or glob exists.")
    executable = option(Str, "The program to run it with; without it, the script's first line says so.")
    decrypt = option(Bool, "Decrypt a vault file on its way.", default=True)
    script_attachment = option(Str, "Internal: the attachment that holds the script.", default="script")
    script_name = option(Str, "Internal: the script's own name.", default="script")
    script_args = option(Str, "Internal: the arguments as written; they take part in the command line of a shell.")

    REQUIRED_ONE_OF = [("cmd", "script_args")]


def plan(options, system):
    skip = _reason_to_skip(options, system)
    if skip:
        return {"changed": False, "skipped": True, "msg": skip}
    if options.chdir and not system.is_dir(options.chdir):
        raise Failed("Unable to change directory before execution: there is no folder {}".format(options.chdir))
    content = system.attachment(options.script_attachment).read()
    path = os.path.join(system.scratch(), os.path.basename(options.script_name))
    yield Call("place the script", do=lambda _: _place(path, content), foretell=_nothing)
    ran = yield Command(_argv(options, path, content), cwd=options.chdir, ok=None)
    return _result(options, ran)


def _reason_to_skip(options, system):
    folder = options.chdir or ""
    if options.creates and system.any_at(os.path.join(folder, options.creates)):
        return "{} exists, matching creates option".format(options.creates)
    if options.removes and not system.any_at(os.path.join(folder, options.removes)):
        return "{} does not exist, matching removes option".format(options.removes)
    return ""


def _nothing(system):
    return {}


def _place(path, content):
    """Write it into the task's own folder, for us alone."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700), "wb") as file:
        file.write(content)
    return {}


def _argv(options, path, content):
    """The interpreter is named, not left to the kernel, so that a folder that forbids execution does no harm."""
    words = split(options.script_args) if options.script_args is not None else split(options.cmd)[1:]
    if options.executable:
        return split(options.executable) + [path] + words
    if content.startswith(b"\x7fELF"):
        return [path] + words
    first = content.split(b"\n", 1)[0].decode("utf-8", "surrogateescape").strip()
    interpreter = first[2:].strip().split(None, 1) if first.startswith("#!") else ["/bin/sh"]
    return interpreter + [path] + words


def _result(options, ran):
    if not ran.values():
        promised = bool(options.creates or options.removes)
        text = "Script would have run if not in check mode"
        return {"changed": True, "msg": text} if promised else {"changed": False, "skipped": True, "msg": text}
    values = {"rc": ran.rc, "stdout": ran.stdout, "stderr": ran.stderr, "changed": True}
    if ran.rc != 0:
        raise Failed("non-zero return code", **values)
    return values
