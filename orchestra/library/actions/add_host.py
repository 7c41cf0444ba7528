"""Add a host to the inventory for the rest of the run.

Every option that is not listed is a variable of the new host. The task runs once for the play, not for each host.
"""

from orchestra.runner.sdk import List, Str, option

NAMES = ("ansible.builtin.add_host", "ansible.legacy.add_host")
CHECK_MODE = "The host is added all the same."

EXAMPLES = """
- name: The machine that was just made belongs to the web servers
  add_host:
    name: "{{ created.address }}"
    groups: [web, fresh]
    http_port: 8080
"""

RETURNS = {"add_host": "host_name, groups and host_vars of the new host"}


class Options:
    ACCEPTS_ANY = True
    name = option(
        Str, "Its name, or its address; NAME:PORT sets the port.", required=True, aliases=("host", "hostname")
    )
    groups = option(
        List, "Groups that it joins; they are made where there are none.", elements=Str, aliases=("group", "groupname")
    )
