"""Run a command line in a shell: pipes, redirection, globs and variables work."""

from orchestra.runner.parts.commands import CommandOptions, plan_command
from orchestra.runner.sdk import Failed, Str, option

NAMES = ("ansible.builtin.shell", "ansible.legacy.shell")
FREE_FORM = "cmd"
PARTS = ("commands",)
CHECK_MODE = "Nothing is run; the task is skipped, or counts as changed where creates or removes promise it."

EXAMPLES = """
- name: Count the errors of today
  shell: grep -c ERROR /var/log/app.log | tee /tmp/errors
  args:
    executable: /bin/bash
    chdir: /var/log
  register: errors
  changed_when: false

- name: Make the database once
  shell:
    cmd: createdb app < schema.sql
    creates: /var/lib/app/done
"""

RETURNS = {
    "cmd": "the command line that was run",
    "rc": "the exit status",
    "stdout": "its output",
    "stderr": "its errors",
    "start": "when it began",
    "end": "when it ended",
    "delta": "how long it took",
    "msg": "what went wrong, or why it was not run",
}


class Options(CommandOptions):
    cmd = option(Str, "The command line, as the shell reads it.", required=True, aliases=("_raw_params",))


def plan(options, system):
    if not options.cmd.strip():
        raise Failed("no command given", rc=256)
    shell = options.executable or "/bin/sh"
    return (yield from plan_command(options, system, [shell, "-c", options.cmd], options.cmd))
