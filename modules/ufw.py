"""Keep rules, policies and logging of ufw, the uncomplicated firewall.

ufw tells in a dry run which rules its files would hold; what they hold already is not asked for again.
"""

from orchestra.runner.parts.toggles import Toggle, now
from orchestra.runner.sdk import Bool, Command, Failed, Int, Problem, Result, Str, option

NAMES = ("community.general.ufw",)
STATES = {"enabled": "enable", "disabled": "disable", "reloaded": "reload", "reset": "reset"}
LEVELS = ("full", "high", "low", "medium", "off", "on")
PROTOCOLS = ("ah", "any", "esp", "ipv6", "tcp", "udp", "gre", "igmp", "vrrp")
PLACES = ("zero", "first-ipv4", "last-ipv4", "first-ipv6", "last-ipv6")
RULES = {False: "/etc/ufw/user.rules", True: "/etc/ufw/user6.rules"}  # by whether they are for IPv6
BOOT = "/etc/ufw/ufw.conf"
DEFAULTS = "/etc/default/ufw"
VERDICTS = {"allow": "ACCEPT", "deny": "DROP", "reject": "REJECT"}
CHAINS = {"incoming": "INPUT", "outgoing": "OUTPUT", "routed": "FORWARD"}


class Options:
    state = option(
        Str, "Whether the firewall works, now and after a start; or load, or forget, all rules.", choices=tuple(STATES)
    )
    default = option(
        Str, "What becomes of traffic that no rule takes.", choices=("allow", "deny", "reject"), aliases=("policy",)
    )
    logging = option(Str, "Whether packets are logged, and how many.", choices=LEVELS)
    rule = option(Str, "What becomes of traffic as described.", choices=("allow", "deny", "limit", "reject"))
    delete = option(Bool, "Remove the rule.", default=False)
    direction = option(
        Str,
        "in and out for a rule; the others for default.",
        choices=("in", "incoming", "out", "outgoing", "routed"),
    )
    route = option(Bool, "The rule is for traffic that passes through.", default=False)
    insert = option(Int, "The new rule's number.")
    insert_relative_to = option(Str, "From where insert counts.", default="zero", choices=PLACES)
    interface = option(Str, "The interface, for the direction given.", aliases=("if",))
    interface_in = option(Str, "Through which interface it comes.", aliases=("if_in",))
    interface_out = option(Str, "Through which interface it goes.", aliases=("if_out",))
    log = option(Bool, "Log new connections that the rule takes.", default=False)
    from_ip = option(Str, "Where it comes from.", default="any", aliases=("from", "src"))
    from_port = option(Str, "From which port.")
    to_ip = option(Str, "Where it goes.", default="any", aliases=("dest", "to"))
    to_port = option(Str, "To which port, or first:last.", aliases=("port",))
    proto = option(Str, "The protocol.", choices=PROTOCOLS, aliases=("protocol",))
    name = option(Str, "A profile of /etc/ufw/applications.d.", aliases=("app",))
    comment = option(Str, "A remark that stays with the rule.")

    REQUIRED_ONE_OF = [("state", "default", "rule", "logging")]
    REQUIRED_BY = [("interface", ("direction",))]
    MUTUALLY_EXCLUSIVE = [("name", "proto", "logging"), ("direction", "interface_in"), ("direction", "interface_out")]


EXAMPLES = """
- name: SSH stays open, and whoever tries too often waits
  ufw:
    rule: limit
    port: "22"
    proto: tcp

- name: The firewall works
  ufw:
    state: enabled
    policy: deny
"""

RETURNS = {"commands": "what ufw was told", "msg": "the firewall's state afterwards"}


def problems(options):
    if options.default and options.direction not in (None, *CHAINS):
        yield Problem("direction", "For default, direction must be one of incoming, outgoing and routed.")
    if options.rule and options.direction not in (None, "in", "out"):
        yield Problem("direction", "For rules, direction must be one of in and out.")
    if options.rule and not options.route and options.interface_in and options.interface_out:
        yield Problem("interface_out", "Only route rules can combine interface_in and interface_out")


def plan(options, system):
    ufw = system.need("ufw")
    told, changed = [], False
    for step in (_state, _default, _rule, _logging):
        effect = step(options, system, ufw)
        if effect is not None:
            told.append(" ".join(effect.argv))
            changed = (yield effect).changed or changed
    return Result(changed, commands=told, msg=_status(system, ufw).rstrip())


def _status(system, ufw):
    ran = system.query([ufw, "status", "verbose"])
    if ran.rc != 0:
        raise Failed(ran.err.strip() or ran.out.strip() or "ufw tells no state", rc=ran.rc)
    return ran.out


def _setting(system, path, name):
    """The value of NAME=value in a file of ufw's, "" where it says none."""
    lines = system.read_text(path).splitlines() if system.exists(path) else []
    found = [line.partition("=")[2].strip().strip("'\"") for line in lines if line.split("=")[0].strip() == name]
    return found[-1] if found else ""


def _state(options, system, ufw):
    if options.state is None:
        return None
    line = [ufw, "-f", STATES[options.state]]
    if options.state in ("reloaded", "reset"):
        kept = [("path", path) for path in (*RULES.values(), BOOT, DEFAULTS)]
        return Command(line, touches=kept if options.state == "reset" else [])
    wanted = options.state == "enabled"
    if now(system, "ufw", "works", lambda: _works(system, ufw, wanted)) == wanted:
        return None
    return Toggle(line, "ufw", "works", wanted, [ufw, "-f", STATES["disabled" if wanted else "enabled"]])


def _works(system, ufw, wanted):
    """Whether the firewall is active, and will be after the next start; where one says so only, not as wanted."""
    said = {"Status: active" in _status(system, ufw), _setting(system, BOOT, "ENABLED") == "yes"}
    return said.pop() if len(said) == 1 else not wanted


def _default(options, system, ufw):
    if options.default is None:
        return None
    direction = options.direction or "incoming"
    key, wanted = "DEFAULT_{}_POLICY".format(CHAINS[direction]), VERDICTS[options.default]
    kept = now(system, "ufw", key, lambda: _setting(system, DEFAULTS, key))
    if kept == wanted:
        return None
    back = [[ufw, "default", word, direction] for word, verdict in VERDICTS.items() if verdict == kept]
    return Toggle([ufw, "default", options.default, direction], "ufw", key, wanted, *back)


def _logging(options, system, ufw):
    if options.logging is None:
        return None
    kept = now(system, "ufw", "logging", lambda: _setting(system, BOOT, "LOGLEVEL") or "off")
    wanted = options.logging
    if kept == wanted or (wanted == "on" and kept != "off"):
        return None
    becomes = "low" if wanted == "on" else wanted
    return Toggle([ufw, "logging", wanted], "ufw", "logging", becomes, [ufw, "logging", kept])


def _rule(options, system, ufw):
    if options.rule is None:
        return None
    words = _words(options)
    place = [] if options.delete else _place(options, system, ufw)
    route = ["route"] if options.route else []
    line = route + (["delete"] if options.delete else place) + words
    key, wanted = " ".join(route + words), not options.delete
    dry = _tried(system, [ufw, "--dry-run", *line])
    if now(system, "ufw", key, lambda: _kept(options, system, dry)) == wanted:
        return None
    back = [ufw, *route, "delete", *words] if wanted and _only_adds(system, dry) else None
    return Toggle([ufw, *line], "ufw", key, wanted, back)


def _tried(system, trial):
    """What a dry run says: it shows the files of rules that it would write."""
    dry = system.query(trial)
    if dry.rc != 0:
        raise Failed(
            dry.err.strip() or dry.out.strip() or "ufw refuses the rule", rc=dry.rc, commands=[" ".join(trial)]
        )
    return dry.out


def _kept(options, system, dry):
    """Whether the rule is there."""
    return any(tuples != kept for kept, tuples in _shown(system, dry)) == options.delete


def _only_adds(system, dry):
    """Whether no rule is there that this one would take the place of, nor this one for one family of addresses."""
    return "Skipping" not in dry and all(set(kept) <= set(tuples) for kept, tuples in _shown(system, dry))


def _shown(system, dry):
    """The rules of each file that a dry run would write: those that are there, and those that would be."""
    texts = dry.split("*filter")[1:]
    return [(_tuples(_rules(system, RULES["ufw6-" in text])), _tuples(text)) for text in texts]


def _words(options):
    """The rule in ufw's long form."""
    words = [options.rule]
    words += [options.direction] if options.direction else []
    for before, value in (
        (("on",), options.interface),
        (("in", "on"), options.interface_in),
        (("out", "on"), options.interface_out),
    ):
        words += [*before, value] if value else []
    words += ["log"] if options.log else []
    for before, value in (
        ("from", options.from_ip),
        ("port", options.from_port),
        ("to", options.to_ip),
        ("port", options.to_port),
        ("proto", options.proto),
        ("app", options.name),
        ("comment", options.comment),
    ):
        words += [before, value] if value else []
    return words


def _place(options, system, ufw):
    """``insert N``, or nothing where the rule goes to the end."""
    if options.insert is None:
        return []
    if options.insert_relative_to == "zero":
        return ["insert", str(options.insert)]
    rules = [line for line in system.query([ufw, "status", "numbered"]).out.splitlines() if line.startswith("[")]
    older = sum("(v6)" not in line for line in rules)  # those for IPv4 come first
    start = {
        "first-ipv4": 1,
        "last-ipv4": older or 1,
        "first-ipv6": older + 1,
        "last-ipv6": len(rules) if older < len(rules) else len(rules) + 1,
    }[options.insert_relative_to]
    number = start + options.insert
    return ["insert", str(number)] if number <= len(rules) else []


def _rules(system, path):
    return system.read_text(path) if system.exists(path) else ""


def _tuples(text):
    return [line.strip() for line in text.splitlines() if line.startswith("### tuple ###")]
