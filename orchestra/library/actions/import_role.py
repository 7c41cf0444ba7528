"""Bring in a role while the playbook is read, as if its tasks stood here.

The name may use only what is known before any host is.
"""

from orchestra.runner.sdk import Bool, Str, option

NAMES = ("ansible.builtin.import_role", "ansible.legacy.import_role")
CHECK_MODE = "The role is brought in all the same."

EXAMPLES = """
- name: The web server, then our own pages
  import_role:
    name: nginx
"""


class Options:
    name = option(Str, "The role.", required=True, aliases=("role",))
    tasks_from = option(Str, "The file of its tasks to start with, instead of main.")
    vars_from = option(Str, "The file of its vars, instead of main.")
    defaults_from = option(Str, "The file of its defaults, instead of main.")
    handlers_from = option(Str, "The file of its handlers, instead of main.")
    public = option(Bool, "The rest of the play sees its vars and defaults.", default=True)
    allow_duplicates = option(Bool, "Run it although it ran before with the same parameters.", default=True)
    rolespec_validate = option(Bool, "Hold its argument specification against the variables.", default=True)
