"""Switch SELinux booleans."""

from orchestra.runner.parts.sebooleans import SetBoolean, kept_value, running_value
from orchestra.runner.sdk import Bool, Failed, Str, option

NAMES = ("ansible.posix.seboolean",)
PARTS = ("sebooleans",)


class Options:
    name = option(Str, "The boolean.", required=True)
    state = option(Bool, "On or off.", required=True)
    persistent = option(Bool, "Also after the next start.", default=False)
    ignore_selinux_state = option(Bool, "Also where SELinux is off.", default=False)


EXAMPLES = """
- name: The web server may connect
  seboolean:
    name: httpd_can_network_connect
    state: true
    persistent: true
"""

RETURNS = {"name": "the boolean", "state": "as asked", "persistent": "as asked"}


def plan(options, system):
    now = running_value(system, options.name)
    if now is None and not system.is_dir("/sys/fs/selinux") and not options.ignore_selinux_state:
        raise Failed("SELinux is disabled on this host.")
    if now is None and not options.ignore_selinux_state:
        raise Failed("SELinux boolean {} does not exist.".format(options.name))
    kept = kept_value(system, options.name)
    differs = now != options.state or (options.persistent and kept is not None and kept != options.state)
    if differs or (options.persistent and kept is None and now != options.state):
        yield SetBoolean(options.name, options.state, options.persistent)
    return {"name": options.name, "state": options.state, "persistent": options.persistent}
