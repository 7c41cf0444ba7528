"""Keep rules, chains and policies of the kernel's packet filter."""

from orchestra.runner.parts.packetrules import Rules, words
from orchestra.runner.parts.toggles import Toggle
from orchestra.runner.sdk import Bool, Dict, Failed, List, Problem, Str, option

NAMES = ("ansible.builtin.iptables", "ansible.legacy.iptables")
SETS = ("src", "dst", "src,dst", "dst,src", "src,src", "dst,dst")
LEVELS = (
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "emerg",
    "alert",
    "crit",
    "error",
    "warning",
    "notice",
    "info",
    "debug",
)
PROGRAMS = {"ipv4": "iptables", "ipv6": "ip6tables"}


class TcpFlags:
    flags = option(List, "Flags that are looked at.", elements=Str)
    flags_set = option(List, "Those of them that must be set.", elements=Str)


class Options:
    table = option(Str, "The table.", default="filter", choices=("filter", "nat", "mangle", "raw", "security"))
    state = option(Str, "Whether the rule or chain is there.", default="present", choices=("present", "absent"))
    action = option(
        Str, "Where a new rule goes: at the end or the beginning.", default="append", choices=("append", "insert")
    )
    rule_num = option(Str, "The place for insert.")
    ip_version = option(Str, "For which kind of address.", default="ipv4", choices=("ipv4", "ipv6", "both"))
    chain = option(Str, "The chain; needed unless a whole table is flushed.")
    protocol = option(Str, "tcp, udp, icmp ...; here and below, ! in front means all but it.")
    wait = option(Str, "Seconds to wait for another program that changes rules.")
    source = option(Str, "Where it comes from: an address or a network.")
    destination = option(Str, "Where it goes.")
    match = option(List, "Extensions to load.", elements=Str, default=[])
    tcp_flags = option(Dict, "Flags of TCP.", options=TcpFlags)
    jump = option(Str, "What becomes of it: ACCEPT, DROP, REJECT, LOG, a chain ...")
    gateway = option(Str, "For TEE: where the copy goes.")
    log_prefix = option(Str, "For LOG: what the line begins with.")
    log_level = option(Str, "For LOG: the level.", choices=LEVELS)
    goto = option(Str, "Go on in this chain, and do not come back.")
    in_interface = option(Str, "Through which interface it comes.")
    out_interface = option(Str, "Through which interface it goes.")
    fragment = option(Str, "Fragments after the first.")
    set_counters = option(Str, "The new rule's counters.")
    source_port = option(Str, "A port or a range, first:last.")
    destination_port = option(Str, "A port or a range, first:last.")
    destination_ports = option(List, "Several ports.", elements=Str, default=[])
    to_ports = option(Str, "For REDIRECT and MASQUERADE: the ports.")
    to_destination = option(Str, "For DNAT: the new address.")
    to_source = option(Str, "For SNAT: the new address.")
    syn = option(Str, "Whether it begins a connection.", default="ignore", choices=("ignore", "match", "negate"))
    set_dscp_mark = option(Str, "For DSCP: the mark.")
    set_dscp_mark_class = option(Str, "For DSCP: the class.")
    comment = option(Str, "A remark that stays with the rule.")
    ctstate = option(List, "NEW, ESTABLISHED, RELATED, INVALID ...", elements=Str, default=[])
    src_range = option(Str, "Addresses from which, first-last.")
    dst_range = option(Str, "Addresses to which, first-last.")
    match_set = option(Str, "A set of ipset.")
    match_set_flags = option(Str, "What of the packet the set holds.", choices=SETS)
    limit = option(Str, "How often at most: 5/minute.")
    limit_burst = option(Str, "How many at first, before limit counts.")
    uid_owner = option(Str, "Whose process sends it.")
    gid_owner = option(Str, "Which group's process sends it.")
    reject_with = option(Str, "What REJECT answers.")
    icmp_type = option(Str, "The type of ICMP.")
    flush = option(Bool, "Remove every rule of the chain, or of the table.", default=False)
    policy = option(Str, "What becomes of a packet that no rule took.", choices=("ACCEPT", "DROP", "QUEUE", "RETURN"))
    chain_management = option(Bool, "Make, or remove, the chain where no rule is described.", default=False)
    numeric = option(Bool, "Accepted; names are never looked up here.", default=False)

    MUTUALLY_EXCLUSIVE = [("set_dscp_mark", "set_dscp_mark_class"), ("flush", "policy")]
    REQUIRED_IF = [("flush", False, ("chain",)), ("jump", "TEE", ("gateway",)), ("jump", "tee", ("gateway",))]
    REQUIRED_BY = [("set_dscp_mark", ("jump",)), ("set_dscp_mark_class", ("jump",))]


EXAMPLES = """
- name: Let SSH in, over both kinds of address
  iptables:
    chain: INPUT
    ip_version: both
    protocol: tcp
    destination_port: "22"
    ctstate: NEW
    jump: ACCEPT

- name: Nothing else
  iptables:
    chain: INPUT
    policy: DROP
"""

RETURNED = ("chain", "table", "ip_version", "flush", "state", "chain_management", "wait")
RETURNS = {
    "rule": "the rule as iptables gets it",
    "chain": "as asked",
    "table": "as asked",
    "ip_version": "as asked",
    "flush": "as asked",
    "state": "as asked",
    "chain_management": "as asked",
    "wait": "as asked",
}


def problems(options):
    if (options.log_prefix or options.log_level) and options.jump not in (None, "LOG"):
        yield Problem("jump", "Logging options can only be used with the LOG jump target.")


def plan(options, system):
    versions = ("ipv4", "ipv6") if options.ip_version == "both" else (options.ip_version,)
    changed = False
    for version in versions:
        rules = Rules(system, system.need(PROGRAMS[version]), options.table, options.wait)
        step = _step(options, rules, words(options, version))
        changed = changed or step is True
        if step is not None and step is not True:
            yield step
            changed = True
    values = {name: getattr(options, name) for name in RETURNED}
    return dict(values, rule=" ".join(words(options, versions[0])), changed=changed)


def _step(options, rules, rule):
    """The effect that is needed or None; True: it differs, but is not ours to change (chain_management)."""
    chain = options.chain
    if options.flush:
        return Toggle(rules.line("-F", chain), "iptables", rules.key(chain), "flushed")
    if options.policy:
        return _policy(options, rules)
    if not rule:
        return _chain(options, rules)
    wanted = options.state == "present"
    if rules.has(chain, rule) == wanted:
        return None
    away = rules.line("-D", chain, rule)
    if not wanted:
        return Toggle(away, "iptables", rules.key(chain, rule), False)
    action = "-A"
    if options.action == "insert":
        action = "-I"
    line = rules.line(action, chain)
    if action == "-I" and options.rule_num:
        line.insert(5, options.rule_num)
    return Toggle(line + rule, "iptables", rules.key(chain, rule), True, away)


def _policy(options, rules):
    chain, now = options.chain, rules.policy(options.chain)
    if now is None:
        raise Failed("Can't detect current policy")
    if now == options.policy:
        return None
    line, back = (rules.line("-P", chain, [policy]) for policy in (options.policy, now))
    return Toggle(line, "iptables", rules.key(chain, ["-P"]), options.policy, back)


def _chain(options, rules):
    there, wanted = rules.is_chain(options.chain), options.state == "present"
    if there == wanted:
        return None
    if not options.chain_management:
        return True
    make, remove = rules.line("-N", options.chain), rules.line("-X", options.chain)
    line, back = (make, remove) if wanted else (remove, make)
    return Toggle(line, "iptables", rules.key(options.chain, ["-N"]), wanted, back)
