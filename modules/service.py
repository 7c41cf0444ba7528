"""Start, stop and enable services, whatever manages them on the host."""

from orchestra.runner.parts.services import UnitOptions, plan_unit
from orchestra.runner.sdk import Failed, Int, Str, option

NAMES = ("ansible.builtin.service", "ansible.legacy.service", "sysvinit", "ansible.builtin.sysvinit")
PARTS = ("services", "initscripts", "facts.security", "facts.source")


class Options(UnitOptions):
    name = option(Str, "The service.", required=True, aliases=("service", "unit"))
    state = option(
        Str,
        "restarted and reloaded act every time; a stopped service is started by them.",
        choices=("started", "stopped", "restarted", "reloaded", "running"),
    )
    arguments = option(Str, "Words after the verb, for init scripts.", aliases=("args",))
    pattern = option(Str, "Counts as running when this is in the list of processes; for init scripts.")
    runlevel = option(Str, "For OpenRC and init scripts.", default="default")
    sleep = option(Int, "Seconds between stop and start of a restart; for init scripts.")
    use = option(Str, "The service manager; found out where left out.", default="auto")

    REQUIRED_BY = []


EXAMPLES = """
- name: nginx runs, and starts with the machine
  service:
    name: nginx
    state: started
    enabled: true
"""

RETURNS = {
    "name": "the service",
    "state": "started or stopped, as asked",
    "enabled": "as asked",
    "status": "with systemd: the unit's properties before the change",
}


def plan(options, system):
    if options.state == "running":
        options.state = "started"
    manager = _manager(options, system)
    if manager == "systemd":
        return (yield from plan_unit(options, system))
    from orchestra.runner.parts.initscripts import plan_script

    if manager in ("runit", "svc", "launchd", "smf", "src", "bsdinit"):
        raise Failed("services of {} are not handled here; use a command".format(manager))
    return (yield from plan_script(options, system, openrc=manager == "openrc"))


def _manager(options, system):
    """What runs the host's services. Installed systemd counts also where it does not run, as in a chroot."""
    if options.use not in ("auto", "service"):
        return {"ansible.builtin.systemd": "systemd", "ansible.builtin.sysvinit": "sysvinit"}.get(
            options.use, options.use
        )
    if system.is_dir("/run/systemd/system"):
        return "systemd"
    if system.exists("/sbin/openrc") or system.exists("/sbin/openrc-run"):
        return "openrc"
    if system.exists("/etc/init.d/" + options.name) or not system.which("systemctl"):
        return "sysvinit"
    return "systemd"
