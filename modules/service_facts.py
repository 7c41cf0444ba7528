"""List the services as facts: which there are, which run, which start with the host."""

NAMES = ("ansible.builtin.service_facts", "ansible.legacy.service_facts")
BAD = ("not-found", "masked", "failed")


class Options:
    pass


EXAMPLES = """
- name: Which services are there
  service_facts:

- name: Only where firewalld runs
  command: firewall-cmd --state
  when: ansible_facts.services['firewalld.service'].state | default('') == 'running'
"""

RETURNS = {"ansible_facts": "services: {name: {name, state, status, source}}"}


def plan(options, system):
    services = {}
    if system.is_dir("/run/systemd/system") and system.which("systemctl"):
        services.update(_of_systemd(system))
        services.update(_scripts_of_systemd(system, services))
    elif system.which("rc-status"):
        services.update(_of_openrc(system))
    else:
        services.update(_of_scripts(system))
    if not services:
        return {
            "skipped": True,
            "msg": "Failed to find any services. This can be due to privileges or some other configuration issue.",
        }
    return {"ansible_facts": {"services": services}}


def _of_systemd(system):
    services = {}
    line = ["systemctl", "list-units", "--no-pager", "--no-legend", "--type", "service", "--all", "--plain"]
    for row in _rows(system, line):
        if len(row) < 4 or not row[0].endswith(".service"):
            continue
        bad = [word for word in BAD if word in row[1:4]]
        state = "running" if row[3] == "running" else "stopped"
        services[row[0]] = _service(row[0], state, bad[0] if bad else row[2], "systemd")
    _add_files(system, services)
    return services


def _add_files(system, services):
    """Unit files that are not loaded; and of all, whether they start with the host."""
    line = ["systemctl", "list-unit-files", "--no-pager", "--no-legend", "--type", "service", "--all"]
    resting = {}
    for row in _rows(system, line):
        if len(row) < 2 or not row[0].endswith(".service"):
            continue
        name, status = row[:2]
        if name not in services:
            resting[name] = status
        elif services[name]["status"] not in BAD:
            services[name]["status"] = status
    states = _states(system, [name for name, status in resting.items() if status == "alias" and "@." not in name])
    for name, status in resting.items():
        state = "unknown" if name.endswith("@.service") else states.get(name, "inactive")
        services[name] = _service(name, state, status, "systemd")


def _states(system, aliases):
    """An alias has the state of the unit that it means; the rest of what is not loaded is inactive."""
    if not aliases:
        return {}
    out = system.query(["systemctl", "show", "--property=ActiveState"] + aliases).out
    return dict(zip(aliases, [line.partition("=")[2] for line in out.splitlines() if "=" in line]))


def _rows(system, line):
    ran = system.query(line)
    if ran.rc != 0:
        system.warn("Could not list units from systemd: {}".format(ran.err.strip()))
    return [row.split() for row in ran.out.splitlines()]


def _service(name, state, status, source):
    return {"name": name, "state": state, "status": status, "source": source}


def _scripts(system):
    """Names of init scripts."""
    try:
        names = system.listdir("/etc/init.d")
    except OSError:
        return []
    found = [(name, system.stat("/etc/init.d/" + name, follow=True)) for name in names]
    return [name for name, one in found if one is not None and one.kind == "file" and one.mode & 0o111]


def _scripts_of_systemd(system, services):
    """An init script is known by its bare name as well; its state is that of its unit."""
    found = {}
    for name in _scripts(system):
        unit = services.get(name + ".service")
        if unit is not None:
            state = "running" if unit["state"] == "running" else "stopped"
            found[name] = {"name": name, "state": state, "source": "sysv"}
    return found


def _of_openrc(system):
    enabled = {row[0] for row in _rows(system, ["rc-update", "-q", "show"]) if row}
    services = {}
    for row in _rows(system, ["rc-status", "-a", "-q"]):
        if len(row) >= 3 and row[1] == "[":
            state = {"started": "running"}.get(row[2], row[2])
            runlevel = "enabled" if row[0] in enabled else "disabled"
            services[row[0]] = dict(_service(row[0], state, runlevel, "openrc"))
    return services


def _of_scripts(system):
    services = {}
    for name in _scripts(system):
        ran = system.query(["/etc/init.d/" + name, "status"], timeout=10)
        said = (ran.out + ran.err).lower()
        runs = ran.rc == 0 and "not running" not in said and "stopped" not in said
        services[name] = {"name": name, "state": "running" if runs else "stopped", "source": "sysv"}
    return services
