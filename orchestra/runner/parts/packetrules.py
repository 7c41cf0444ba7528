"""Rules of iptables: the words of one, whether it is there, and what else a table holds."""

from orchestra.runner.sdk import NOTHING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System

#: Option -> its flag, in the order in which iptables is given them; what is no pair is said by a function below.
_FIRST = (
    ("log_prefix", "--log-prefix"),
    ("log_level", "--log-level"),
    ("to_destination", "--to-destination"),
)
_SECOND = (
    ("to_source", "--to-source"),
    ("goto", "-g"),
    ("in_interface", "-i"),
    ("out_interface", "-o"),
    ("fragment", "-f"),
    ("set_counters", "-c"),
    ("source_port", "--source-port"),
    ("destination_port", "--destination-port"),
    ("to_ports", "--to-ports"),
    ("set_dscp_mark", "--set-dscp"),
    ("set_dscp_mark_class", "--set-dscp-class"),
)
_ICMP = {"ipv4": "--icmp-type", "ipv6": "--icmpv6-type"}


def words(options: "Any", version: "str") -> "list[str]":
    """The rule that the options describe, for ipv4 or ipv6; empty where they describe none."""
    line = [word for name, flag in (("protocol", "-p"), ("source", "-s"), ("destination", "-d"))
            for word in _pair(flag, getattr(options, name))]  # fmt: skip
    for name in options.match:
        line += _pair("-m", name)
    if options.tcp_flags and options.tcp_flags["flags"] and options.tcp_flags["flags_set"]:
        line += ["--tcp-flags", ",".join(options.tcp_flags["flags"]), ",".join(options.tcp_flags["flags_set"])]
    jump = options.jump or ("LOG" if options.log_prefix or options.log_level else None)
    line += _pair("-j", jump)
    line += _pair("--gateway", options.gateway) if (jump or "").lower() == "tee" else []
    line += _pairs(options, _FIRST)
    if options.destination_ports:
        line += ["-m", "multiport", "--dports", ",".join(options.destination_ports)]
    line += _pairs(options, _SECOND)
    line += {"match": ["--syn"], "negate": ["!", "--syn"]}.get(options.syn, [])
    return line + _matches(options) + _ending(options, version, jump)


def _pair(flag: "str", value: "str | None") -> "list[str]":
    """A flag with its value; an exclamation mark in front of the value turns it round."""
    if value is None:
        return []
    return ["!", flag, value[1:].lstrip()] if value.startswith("!") else [flag, value]


def _pairs(options: "Any", table: "Any") -> "list[str]":
    return [word for name, flag in table for word in _pair(flag, getattr(options, name))]


def _matches(options: "Any") -> "list[str]":
    """Extensions that are loaded where they are needed and the user has not done so."""
    line = []  # type: list[str]
    if options.ctstate:
        states = ",".join(options.ctstate)
        by_state = "state" in options.match and "conntrack" not in options.match
        loaded = by_state or "conntrack" in options.match
        line += ([] if loaded else ["-m", "conntrack"]) + ["--state" if by_state else "--ctstate", states]
    if options.src_range or options.dst_range:
        line += [] if "iprange" in options.match else ["-m", "iprange"]
        line += _pair("--src-range", options.src_range) + _pair("--dst-range", options.dst_range)
    if options.match_set:
        line += [] if "set" in options.match else ["-m", "set"]
        line += _pair("--match-set", options.match_set) + [options.match_set_flags or "src"]
    if options.limit or options.limit_burst:
        line += ["-m", "limit"] + _pair("--limit", options.limit) + _pair("--limit-burst", options.limit_burst)
    for name, flag in (("uid_owner", "--uid-owner"), ("gid_owner", "--gid-owner")):
        value = getattr(options, name)
        line += ["-m", "owner"] + _pair(flag, value) if value else []
    return line


def _ending(options: "Any", version: "str", jump: "str | None") -> "list[str]":
    line = ["-j", "REJECT"] if options.reject_with and jump is None else []
    line += _pair("--reject-with", options.reject_with) + _pair(_ICMP[version], options.icmp_type)
    return line + (["-m", "comment", "--comment", options.comment] if options.comment else [])


class Rules:
    """A table of one program, iptables or ip6tables, as it is or will be."""

    def __init__(self, system: "System", program: "str", table: "str", wait: "str | None") -> "None":
        self.system = system
        self.program = program
        self.table = table
        self.wait = ["-w", wait] if wait else ["-w"] if wait == "" else []

    def line(self, action: "str", chain: "str | None", more: "Any" = ()) -> "list[str]":
        """A command line of the program."""
        return [self.program, "-t", self.table, action] + ([chain] if chain else []) + self.wait + list(more)

    def key(self, chain: "str | None", rule: "Any" = ()) -> "str":
        """What predictions of this are kept under."""
        return " ".join([self.program, self.table, chain or "*"] + list(rule))

    def has(self, chain: "str", rule: "list[str]") -> "bool":
        """Whether a rule is in a chain."""
        foretold = self.system.foreseen("iptables", self.key(chain, rule))
        if foretold is not NOTHING:
            return bool(foretold)
        if any(self.system.foreseen("iptables", self.key(one)) == "flushed" for one in (chain, None)):
            return False
        return bool(self.system.query(self.line("-C", chain, rule)).rc == 0)

    def policy(self, chain: "str") -> "str | None":
        """What becomes of a packet that no rule of a built-in chain took."""
        foretold = self.system.foreseen("iptables", self.key(chain, ["-P"]))
        if foretold is not NOTHING:
            return str(foretold)
        for line in self.system.query(self.line("-S", chain)).out.splitlines():
            if line.startswith("-P {} ".format(chain)):
                return str(line.split()[-1])
        return None

    def is_chain(self, chain: "str") -> "bool":
        """Whether the chain is there."""
        foretold = self.system.foreseen("iptables", self.key(chain, ["-N"]))
        if foretold is not NOTHING:
            return bool(foretold)
        return bool(self.system.query(self.line("-S", chain)).rc == 0)
