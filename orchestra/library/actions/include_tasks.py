"""Bring in the tasks of a file while the run goes on, for the hosts that come here.

The name may use variables of the host and the item of a loop.
"""

from orchestra.runner.sdk import Dict, Str, option

NAMES = ("ansible.builtin.include_tasks", "ansible.legacy.include_tasks")
FREE_FORM = "file"
CHECK_MODE = "The tasks are brought in all the same."

EXAMPLES = """
- name: What this distribution needs
  include_tasks:
    file: "{{ ansible_os_family | lower }}.yml"
    apply:
      tags: packages
"""

RETURNS = {"include": "the file as the task names it"}


class Options:
    file = option(Str, "The file: beside this one, or in the role.", aliases=("_raw_params",))
    apply = option(Dict, "Keywords that each of the tasks gets.")
