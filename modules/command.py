"""Run a program, without a shell: no pipes, no redirection, no glob."""

from orchestra.runner.parts.commands import CommandOptions, plan_command, split
from orchestra.runner.sdk import Bool, Failed, List, Str, option

NAMES = ("ansible.builtin.command", "ansible.legacy.command")
FREE_FORM = "cmd"
PARTS = ("commands",)
CHECK_MODE = "Nothing is run; the task is skipped, or counts as changed where creates or removes promise it."


class Options(CommandOptions):
    cmd = option(Str, "The command line.", aliases=("_raw_params",))
    argv = option(List, "The same as a list, where words must not be split.", elements=Str)
    expand_argument_vars = option(Bool, "Resolve $NAME and ~ in the words.", default=True)

    MUTUALLY_EXCLUSIVE = [("cmd", "argv")]
    REQUIRED_ONE_OF = [("cmd", "argv")]


EXAMPLES = """
- name: Make the database once
  command: initdb /var/lib/db
  args:
    creates: /var/lib/db/VERSION
"""

RETURNS = {
    "cmd": "the words that were run",
    "rc": "the exit status",
    "stdout": "its output",
    "stderr": "its errors",
    "start": "when it began",
    "end": "when it ended",
    "delta": "how long it took",
}


def plan(options, system):
    if options.executable:
        text = "the option 'executable' is no longer supported with command; {} is not used"
        system.warn(text.format(options.executable))
    words = options.argv if options.argv is not None else split(options.cmd)
    if not words:
        raise Failed("no command given", rc=256, cmd=None)
    argv = [system.expand(word) for word in words] if options.expand_argument_vars else words
    return (yield from plan_command(options, system, argv, words))
