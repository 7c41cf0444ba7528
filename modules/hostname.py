"""Set the host's name: the running kernel's, and the one after the next start."""

from orchestra.runner.parts.kernel import SetHostName, host_name
from orchestra.runner.sdk import Attributes, Failed, Str, WriteFile, option

NAMES = ("ansible.builtin.hostname", "ansible.legacy.hostname")
PARTS = ("kernel",)


class Options:
    name = option(Str, "The name.", required=True)
    use = option(
        Str,
        "How it is set; found out where left out.",
        choices=(
            "alpine",
            "debian",
            "freebsd",
            "generic",
            "macos",
            "macosx",
            "darwin",
            "openbsd",
            "openrc",
            "redhat",
            "sles",
            "solaris",
            "systemd",
        ),
    )


EXAMPLES = """
- name: Called as in the inventory
  hostname:
    name: "{{ inventory_hostname_short }}"
"""

RETURNS = {"name": "the name", "ansible_facts": "ansible_hostname, ansible_nodename, ansible_fqdn, ansible_domain"}
UNSUPPORTED = ("freebsd", "macos", "macosx", "darwin", "openbsd", "solaris")


def plan(options, system):
    name = options.name
    if len(name) > 64:
        raise Failed("name cannot be longer than 64 characters on systemd servers, try a shorter name")
    if options.use in UNSUPPORTED:
        raise Failed("use={} is for another kind of system than Linux".format(options.use))
    current = host_name(system)
    permanent = _permanent(options, system)
    if name not in (current, permanent) or current != permanent:
        yield from _set(options, system, current, permanent)
    values = {"name": name, "ansible_facts": _facts(name)}
    if name != current or name != permanent:
        before = current if name != current else permanent
        after = {"after": "hostname = {}\n".format(name), "before": "hostname = {}\n".format(before)}
        values["diff"] = after
    return values


def _facts(name):
    short, _, domain = name.partition(".")
    return {"ansible_hostname": short, "ansible_nodename": name, "ansible_fqdn": name, "ansible_domain": domain}


def _files(options, system):
    """(file, how the name stands in it) of this kind of system."""
    if options.use == "openrc" or (options.use is None and system.exists("/etc/conf.d/hostname")):
        return "/etc/conf.d/hostname", 'hostname="{}"\n'
    if options.use == "sles":
        return "/etc/HOSTNAME", "{}\n"
    old_redhat = system.exists("/etc/sysconfig/network") and not system.which("hostnamectl")
    if options.use == "redhat" or (options.use is None and old_redhat):
        return "/etc/sysconfig/network", "HOSTNAME={}\n"
    return "/etc/hostname", "{}\n"


def _permanent(options, system):
    path, _ = _files(options, system)
    try:
        lines = system.read_text(path).splitlines()
    except FileNotFoundError:
        return ""
    for line in lines:
        key, equals, value = line.strip().partition("=")
        if equals and key.lower() == "hostname":
            return value.strip("\"'")
        if line.strip() and not equals and not line.startswith("#"):
            return line.strip()
    return ""


def _set(options, system, current, permanent):
    path, form = _files(options, system)
    if permanent != options.name:
        before = system.read_text(path) if system.exists(path) else ""
        yield WriteFile(path, _changed(before, form, options.name).encode(), Attributes(), headers=[path, path])
    if current != options.name:
        yield SetHostName(options.name)


def _changed(before, form, name):
    """The file with the name in place of the old one; all else in it stays."""
    if form == "{}\n":
        return form.format(name)
    key = form.partition("=")[0]
    lines = before.splitlines(True)
    fresh = [form.format(name) if line.strip().partition("=")[0] == key else line for line in lines]
    return "".join(fresh if fresh != lines else lines + [form.format(name)])
