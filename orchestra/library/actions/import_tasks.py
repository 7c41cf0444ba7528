"""Bring in the tasks of a file while the playbook is read, as if they stood here.

The name may use only what is known before any host is. What the task says besides (when, tags, vars ...) goes down to
each of the tasks.
"""

from orchestra.runner.sdk import Str, option

NAMES = ("ansible.builtin.import_tasks", "ansible.legacy.import_tasks")
FREE_FORM = "file"
CHECK_MODE = "The tasks are brought in all the same."

EXAMPLES = """
- name: What every machine needs
  import_tasks: common.yml
  tags: common
"""


class Options:
    file = option(Str, "The file: beside this one, or in the role.", required=True, aliases=("_raw_params",))
