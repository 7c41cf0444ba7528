"""Open and close what firewalld guards: services, ports, sources, interfaces, rich rules; and its zones."""

from orchestra.runner.parts.toggles import Toggle, now
from orchestra.runner.sdk import Bool, Dict, Failed, Int, List, Problem, Result, Str, option

NAMES = ("ansible.posix.firewalld",)
#: Options with a value of their own, and the name that firewall-cmd has for each.
ITEMS = {
    "service": "service",
    "protocol": "protocol",
    "port": "port",
    "rich_rule": "rich-rule",
    "source": "source",
    "interface": "interface",
    "icmp_block": "icmp-block",
}
#: Options that are yes or no.
SWITCHES = {
    "masquerade": "masquerade",
    "icmp_block_inversion": "icmp-block-inversion",
    "forward": "forward",
}


class Forward:
    port = option(Str, "The port here.", required=True)
    proto = option(Str, "Its protocol.", required=True, choices=("udp", "tcp"))
    toport = option(Str, "The port there.", required=True)
    toaddr = option(Str, "The address there.")


class Options:
    zone = option(Str, "The zone; firewalld's default where left out.")
    state = option(
        Str,
        "enabled or disabled for what is in a zone, present or absent for zones.",
        required=True,
        choices=("absent", "disabled", "enabled", "present"),
    )
    permanent = option(Bool, "In the configuration that outlasts a restart.", default=False)
    immediate = option(Bool, "In the running firewall; that is meant where permanent is not.", default=False)
    offline = option(Bool, "Change the configuration also where firewalld does not run.", default=False)
    timeout = option(Int, "Seconds until the running firewall takes it back; 0 is never.", default=0)
    service = option(Str, "A service that firewalld knows.")
    protocol = option(Str, "A protocol, as ospf.")
    port = option(Str, "A port or range with its protocol: 80/tcp, 6000-6010/udp.")
    port_forward = option(List, "A port that leads elsewhere.", elements=Dict, options=Forward)
    rich_rule = option(Str, "A rule in firewalld's rich language.")
    source = option(Str, "A network or address that belongs to the zone; or ipset:NAME.")
    interface = option(Str, "An interface that belongs to the zone.")
    icmp_block = option(Str, "A type of ICMP that is not let through.")
    icmp_block_inversion = option(Bool, "Block all types but the named ones.")
    masquerade = option(Bool, "Hide the zone's addresses behind this host's.")
    forward = option(Bool, "Let hosts of the zone reach each other through this one.")
    target = option(Str, "What becomes of the rest.", choices=("default", "ACCEPT", "DROP", "%%REJECT%%"))

    MUTUALLY_EXCLUSIVE = [tuple(ITEMS) + tuple(SWITCHES) + ("port_forward", "target")]
    REQUIRED_BY = [("target", ("zone",))]


EXAMPLES = """
- name: The web server is open, now and after a restart
  firewalld:
    service: https
    zone: public
    permanent: true
    immediate: true
    state: enabled
"""

RETURNS = {"msg": "what was changed"}


def problems(options):
    named = [name for name in (*ITEMS, *SWITCHES, "port_forward") if getattr(options, name) is not None]
    if named and options.state in ("present", "absent") and named != ["masquerade"]:
        text = "absent and present state can only be used in zone level operations; {} takes enabled or disabled"
        yield Problem("state", text.format(named[0]))
    if not named and options.target is None and options.state in ("enabled", "disabled"):
        yield Problem("state", "enabled and disabled need something of a zone: {}".format(", ".join(ITEMS)))
    if not named and options.target is None and options.zone is None:
        yield Problem("zone", "which zone is to be {}?".format(options.state))
    if options.port is not None and "/" not in options.port:
        yield Problem("port", "improper port format (missing protocol?)")
    if len(options.port_forward or [0]) != 1:
        yield Problem("port_forward", "Only one port forward supported at a time")
    if (not named or options.target is not None) and not options.permanent:
        yield Problem("permanent", "zones and their targets are changed permanently: say permanent: true")


def plan(options, system):
    runs = system.query([system.need("firewall-cmd"), "--state"]).rc == 0
    immediate = options.immediate or not options.permanent
    if immediate and not runs and not (options.offline and options.permanent):
        raise Failed(
            "firewall is not currently running, unable to perform immediate actions without a running firewall daemon"
        )
    if not runs and not options.offline:
        raise Failed("firewalld is not running; offline: true changes its configuration all the same")
    tool = _Tool(system, runs)
    said = []
    zone = options.zone or tool.ask("--get-default-zone")
    for place in [
        place for place, wanted in (("permanent", options.permanent), ("runtime", immediate and runs)) if wanted
    ]:
        step = _step(options, tool, zone, place)
        if step is not None:
            yield step
            said.append("{} operation".format("Permanent" if place == "permanent" else "Non-permanent"))
    if said:
        said.append("Changed {} to {}".format(_what(options, zone), options.state))
    return Result(bool(said), msg=", ".join(said))


class _Tool:
    """firewall-cmd, or its sister where no firewall runs."""

    def __init__(self, system, runs):
        self.system = system
        self.program = system.need("firewall-cmd" if runs else "firewall-offline-cmd")
        self.runs = runs

    def line(self, place, zone, *words):
        """A command line for the lasting configuration or for the running firewall."""
        permanent = ["--permanent"] if place == "permanent" and self.runs else []
        return [self.program, *permanent, *(["--zone=" + zone] if zone else []), *words]

    def ask(self, *words, **more):
        """A line of answer."""
        ran = self.system.query(self.line(more.get("place"), more.get("zone"), *words))
        if ran.rc != 0:
            raise Failed("firewalld: {}".format(ran.err.strip() or ran.out.strip()), rc=ran.rc)
        return ran.out.strip()

    def has(self, place, zone, item):
        """Whether something is in a zone. Failed where firewalld does not know what is meant."""
        ran = self.system.query(self.line(place, zone, "--query-" + item))
        if ran.rc not in (0, 1):
            raise Failed("ERROR: {}".format(ran.err.strip() or ran.out.strip()), rc=ran.rc)
        return ran.rc == 0


def _step(options, tool, zone, place):
    """The effect that is needed in one of the two places, or None."""
    if options.target is not None:
        return _target(options, tool, zone)
    item = _item(options)
    if item is None:
        return _zone(options, tool, zone)
    wanted = _wanted(options)
    key = "{} {} {}".format(place, zone, item)
    if now(tool.system, "firewalld", key, lambda: tool.has(place, zone, item)) == wanted:
        return None
    enter = ("change-" if item.startswith("interface=") else "add-") + item
    lasting = ["--timeout={}".format(options.timeout)] if place == "runtime" and options.timeout else []
    add = tool.line(place, zone, "--" + enter, *lasting)
    remove = tool.line(place, zone, "--remove-" + item)
    line, back = (add, remove) if wanted else (remove, add)
    return Toggle(line, "firewalld", key, wanted, back)


def _item(options):
    """As `port=80/tcp`; None where a zone itself is meant."""
    for name, word in ITEMS.items():
        if getattr(options, name) is not None:
            return "{}={}".format(word, getattr(options, name))
    for name, word in SWITCHES.items():
        if getattr(options, name) is not None:
            return word
    if options.port_forward is None:
        return None
    ((one),) = options.port_forward
    text = "forward-port=port={}:proto={}:toport={}".format(one["port"], one["proto"], one["toport"])
    return text + (":toaddr=" + one["toaddr"] if one["toaddr"] else "")


def _wanted(options):
    wanted = options.state in ("enabled", "present")
    switched = [getattr(options, name) for name in SWITCHES if getattr(options, name) is not None]
    return wanted if not switched else wanted == switched[0]


def _what(options, zone):
    item = _item(options)
    return "zone {}".format(zone) if item is None else item.replace("=", " ", 1)


def _zone(options, tool, zone):
    there = now(
        tool.system, "firewalld", "zone " + zone, lambda: zone in tool.ask("--get-zones", place="permanent").split()
    )
    wanted = options.state == "present"
    if there == wanted:
        return None
    lines = [tool.line("permanent", None, "--{}-zone={}".format(verb, zone)) for verb in ("new", "delete")]
    return Toggle(lines[not wanted], "firewalld", "zone " + zone, wanted, lines[1] if wanted else None)


def _target(options, tool, zone):
    wanted = options.target if options.state in ("enabled", "present") else "default"
    key = "target " + zone
    before = now(tool.system, "firewalld", key, lambda: tool.ask("--get-target", place="permanent", zone=zone))
    if before == wanted:
        return None
    line, back = (tool.line("permanent", zone, "--set-target=" + one) for one in (wanted, before))
    return Toggle(line, "firewalld", key, wanted, back)
