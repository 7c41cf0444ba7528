"""Gather facts of a host, as a play does before its first task.

Options that are not listed go on to setup (gather_subset, filter, gather_timeout, fact_path).
"""

from orchestra.runner.sdk import Bool, option

NAMES = ("ansible.builtin.gather_facts", "ansible.legacy.gather_facts")
CHECK_MODE = "Facts are gathered all the same."

EXAMPLES = """
- name: Once more, now that the disks are there
  gather_facts:
    gather_subset: [hardware]
"""

RETURNS = {"ansible_facts": "the facts"}


class Options:
    ACCEPTS_ANY = True
    parallel = option(Bool, "Ask several facts modules side by side; true where there are several.")
