"""Say which type SELinux knows network ports by."""

from orchestra.runner.parts.toggles import Toggle, now
from orchestra.runner.sdk import Bool, Failed, List, Str, option

NAMES = ("community.general.seport",)


class Options:
    ports = option(List, "Ports and ranges: 80, 8000-8010.", required=True, elements=Str)
    proto = option(Str, "The protocol.", required=True, choices=("tcp", "udp"))
    setype = option(Str, "The type, as http_port_t.", required=True)
    state = option(Str, "Whether the ports are of the type.", default="present", choices=("absent", "present"))
    reload = option(Bool, "Load the policy anew.", default=True)
    local = option(Bool, "Look at what was changed on this host only.", default=False)
    ignore_selinux_state = option(Bool, "Also where SELinux is off.", default=False)


EXAMPLES = """
- name: The web server may listen there
  seport:
    ports: [8888, 10000-10100]
    proto: tcp
    setype: http_port_t
"""

RETURNS = {"ports": "as asked", "proto": "as asked", "setype": "as asked", "state": "as asked"}


def plan(options, system):
    if not options.ignore_selinux_state and not system.is_dir("/sys/fs/selinux"):
        raise Failed("SELinux is disabled on this host.")
    semanage = system.need("semanage")
    known = _known(options, system, semanage)
    for port in options.ports:
        port = _plain(port)
        key = "{}/{}".format(port, options.proto)
        kind = now(system, "seport", key, lambda port=port: known.get(port))
        line = _line(options, semanage, port, kind)
        if line is not None:
            wanted = options.setype if options.state == "present" else None
            yield Toggle(line, "seport", key, wanted, _back(options, semanage, port, kind))
    return {name: getattr(options, name) for name in ("ports", "proto", "setype", "state")}


def _plain(port):
    """80 and 80-80 are the same."""
    first, dash, last = port.replace(" ", "").partition("-")
    if not first.isdigit() or (dash and not last.isdigit()):
        raise Failed("ports must be numbers and ranges of them, not {!r}".format(port))
    return first if not dash or first == last else "{}-{}".format(first, last)


def _known(options, system, semanage):
    """Port or range -> its type, for one protocol."""
    ran = system.query([semanage, "port", "-l", "-n"] + (["-C"] if options.local else []))
    if ran.rc != 0:
        raise Failed("semanage: {}".format(ran.err.strip() or ran.out.strip()), rc=ran.rc)
    found = {}
    for line in ran.out.splitlines():
        words = line.split(None, 2)
        if len(words) == 3 and words[1] == options.proto:
            for port in words[2].split(","):
                found.setdefault(port.strip(), words[0])
    return found


def _semanage(options, semanage, *words):
    quiet = [] if options.reload else ["-N"]
    return [semanage, "port"] + quiet + list(words)


def _line(options, semanage, port, kind):
    """The command line that is needed, or None."""
    if options.state == "absent":
        return (
            None
            if kind != options.setype
            else _semanage(options, semanage, "-d", "-t", kind, "-p", options.proto, port)
        )
    if kind == options.setype:
        return None
    return _semanage(options, semanage, "-m" if kind else "-a", "-t", options.setype, "-p", options.proto, port)


def _back(options, semanage, port, kind):
    if kind is None:
        return _semanage(options, semanage, "-d", "-t", options.setype, "-p", options.proto, port)
    return _semanage(
        options, semanage, "-a" if options.state == "absent" else "-m", "-t", kind, "-p", options.proto, port
    )
