"""Start, stop, enable, disable and mask units of systemd."""

from orchestra.runner.parts.services import UnitOptions, plan_unit

NAMES = (
    "ansible.builtin.systemd",
    "ansible.legacy.systemd",
    "systemd_service",
    "ansible.builtin.systemd_service",
    "ansible.legacy.systemd_service",
)
PARTS = ("services", "facts.security", "facts.source")


class Options(UnitOptions):
    pass


EXAMPLES = """
- name: nginx runs, and starts with the machine
  systemd:
    name: nginx
    state: started
    enabled: true

- name: Read a new unit file and restart
  systemd:
    name: app.service
    state: restarted
    daemon_reload: true
"""

RETURNS = {
    "status": "the unit's properties before the change, as systemctl show has them",
    "state": "started or stopped, as asked",
    "enabled": "as asked",
}


def plan(options, system):
    return (yield from plan_unit(options, system))
