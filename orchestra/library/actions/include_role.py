"""Run a role while the run goes on, for the hosts that come here.

The name may use variables of the host and the item of a loop.
"""

from orchestra.runner.sdk import Bool, Dict, Str, option

NAMES = ("ansible.builtin.include_role", "ansible.legacy.include_role")
CHECK_MODE = "The role is brought in all the same."

EXAMPLES = """
- name: The role of this machine
  include_role:
    name: "{{ purpose }}"
    tasks_from: install
"""


class Options:
    name = option(Str, "The role.", required=True, aliases=("role",))
    tasks_from = option(Str, "The file of its tasks to start with, instead of main.")
    vars_from = option(Str, "The file of its vars, instead of main.")
    defaults_from = option(Str, "The file of its defaults, instead of main.")
    handlers_from = option(Str, "The file of its handlers, instead of main.")
    apply = option(Dict, "Keywords that each of the tasks gets.")
    public = option(Bool, "The rest of the play sees its vars and defaults.", default=False)
    allow_duplicates = option(Bool, "Run it although it ran before with the same parameters.", default=True)
    rolespec_validate = option(Bool, "Hold its argument specification against the variables.", default=True)
