"""Fail unless every condition holds."""

# ruff: noqa: N999 - a word of Python is the action's name
from orchestra.runner.sdk import Bool, Raw, option

NAMES = ("ansible.builtin.assert", "ansible.legacy.assert")
CHECK_MODE = "The conditions are judged all the same."

EXAMPLES = """
- name: There is room for the database
  assert:
    that:
      - ansible_memtotal_mb >= 2048
      - data_disk is defined
    fail_msg: the database needs 2 GB of memory and a disk of its own
"""

RETURNS = {
    "assertion": "the condition that does not hold",
    "evaluated_to": "false, where one does not hold",
    "msg": "success_msg, or fail_msg",
}


class Options:
    that = option(Raw, "A condition, or a list of them, written as in `when`.", required=True)
    fail_msg = option(Raw, "What to say where one does not hold.", aliases=("msg",))
    success_msg = option(Raw, "What to say where all hold.")
    quiet = option(Bool, "Say nothing where all hold.", default=False)
