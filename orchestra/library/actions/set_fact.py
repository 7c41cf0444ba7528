"""Set variables of a host for the rest of the run.

Every option but cacheable is a variable.
"""

from orchestra.runner.sdk import Bool, option

NAMES = ("ansible.builtin.set_fact", "ansible.legacy.set_fact")
CHECK_MODE = "The variables are set all the same."

EXAMPLES = """
- name: A number of workers that fits the machine
  set_fact:
    workers: "{{ ansible_processor_vcpus * 2 }}"
"""

RETURNS = {"ansible_facts": "the variables"}


class Options:
    ACCEPTS_ANY = True
    cacheable = option(Bool, "They count as facts as well.", default=False)
