"""Run a command line through the connection alone: for hosts that have no Python.

The controller hands the line to the remote shell; this file only declares the options, and serves where a resident
runner is there anyway.
"""

from orchestra.runner.sdk import Command, Failed, Path, Str, option

NAMES = ("ansible.builtin.raw", "ansible.legacy.raw")
FREE_FORM = "cmd"
CHECK_MODE = "Nothing is run; the task is skipped."

EXAMPLES = """
- name: Bring Python to a bare machine
  raw: test -e /usr/bin/python3 || (apt-get update && apt-get install -y python3)
  changed_when: false
"""

RETURNS = {"rc": "the exit status", "stdout": "its output", "stderr": "its errors"}


class Options:
    cmd = option(Str, "The command line, as the remote shell reads it.", required=True, aliases=("_raw_params",))
    executable = option(Path, "The shell to use, by its path.")


def plan(options, system):
    ran = yield Command([options.executable or "/bin/sh", "-c", options.cmd], ok=None)
    if not ran.values():
        return {"changed": False, "skipped": True, "msg": "Command would have run if not in check mode"}
    values = {"rc": ran.rc, "stdout": ran.stdout, "stderr": ran.stderr, "changed": True}
    if ran.rc != 0:
        raise Failed("non-zero return code", **values)
    return values
