"""Services where systemd does not manage them: init scripts (sysvinit) and OpenRC."""

from orchestra.runner.sdk import NOTHING, Command, Failed, no, yes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Any

    from orchestra.runner.system import System

    Plan = Generator[Any, Any, dict[str, Any]]

STOPPED_WORDS = ("not running", "stopped", "inactive", "dead", "is down", "stop/waiting", "unused")


class RunScript(Command):
    """One verb of an init script or its enabling tool; check mode foretells what becomes of the service."""

    predicts = yes  # type: Any
    repeats = yes  # type: Any
    undoes = no("what an init script does is its own affair")

    def __init__(self, argv: "list[str]", name: "str", becomes: "Any" = None) -> "None":
        super().__init__(argv, touches=[])
        self.name = name
        self.becomes = dict(becomes or {})
        if not becomes:
            self.repeats = no("a restart or reload happens every time")

    def predict(self, system: "System") -> "Any":
        from orchestra.runner.sdk import Result

        known = system.foreseen("service", self.name)
        system.foresee("service", self.name, dict(known if known is not NOTHING and known else {}, **self.becomes))
        return Result(True)


def plan_script(options: "Any", system: "System", openrc: "bool") -> "Plan":
    """The module service without systemd."""
    tool = OpenRc(system, options) if openrc else InitScript(system, options)  # type: InitScript
    if not tool.there():
        system.missed = True
        raise Failed("Could not find the requested service {}: host".format(options.name))
    values = {"name": options.name}  # type: dict[str, Any]
    foretold = system.foreseen("service", options.name)
    known = foretold if foretold is not NOTHING and foretold else {}
    if options.enabled is not None:
        values["enabled"] = options.enabled
        if known.get("enabled", tool.enabled()) != options.enabled:
            yield RunScript(tool.enabling(options.enabled), options.name, {"enabled": options.enabled})
    if options.state is not None:
        values["state"] = "stopped" if options.state == "stopped" else "started"
        yield from _move(options, system, tool, known.get("runs"))
    return values


def _move(options: "Any", system: "System", tool: "InitScript", foretold: "bool | None") -> "Iterator[Any]":
    runs = tool.runs() if foretold is None else foretold
    if options.state == "started":
        verbs = [] if runs else ["start"]
    elif options.state == "stopped":
        verbs = ["stop"] if runs else []
    elif not runs:
        verbs = ["start"]
    elif options.state == "restarted" and options.sleep:
        verbs = ["stop", "start"]
    else:
        verbs = [options.state[:-2]]
    for verb in verbs:
        becomes = {"start": {"runs": True}, "stop": {"runs": False}}.get(verb)
        yield RunScript(tool.line(verb), options.name, becomes)
        if verb == "stop" and len(verbs) > 1 and not system.check:
            system.sleep(options.sleep)


class InitScript:
    """`service NAME VERB`, or the script itself where there is no such program."""

    def __init__(self, system: "System", options: "Any") -> "None":
        self.system = system
        self.options = options
        self.name = options.name
        self.script = "/etc/init.d/" + options.name

    def there(self) -> "bool":
        """Whether the machine has the service."""
        return self.system.exists(self.script) or self.system.exists("/etc/init/{}.conf".format(self.name))

    def line(self, verb: "str") -> "list[str]":
        """A command line for a verb."""
        extra = (self.options.arguments or "").split()
        if self.system.which("service"):
            return ["service", self.name, verb] + extra
        return [self.script, verb] + extra

    def runs(self) -> "bool":
        """Whether it runs: by a pattern of process names where one is given, else as its script says."""
        if self.options.pattern:
            return self.options.pattern in self.system.query(["ps", "-ef"]).out
        ran = self.system.query(self.line("status"))
        said = (ran.out + ran.err).lower()
        if any(word in said for word in STOPPED_WORDS):
            return False
        return bool(ran.rc == 0)

    def enabled(self) -> "bool":
        """Whether a start link is in a usual runlevel."""
        level = self.options.runlevel if self.options.runlevel != "default" else "[2345]"
        return bool(self.system.glob("/etc/rc{}.d/S??{}".format(level, self.name)))

    def enabling(self, wanted: "bool") -> "list[str]":
        """The command line that enables or disables."""
        if self.system.which("update-rc.d"):
            if wanted and not self.system.glob("/etc/rc?.d/[SK]??" + self.name):
                return ["update-rc.d", self.name, "defaults"]
            return ["update-rc.d", self.name, "enable" if wanted else "disable"]
        if self.system.which("chkconfig"):
            return ["chkconfig", self.name, "on" if wanted else "off"]
        raise Failed("neither update-rc.d nor chkconfig is there to enable {}".format(self.name))


class OpenRc(InitScript):
    """rc-service and rc-update."""

    def line(self, verb: "str") -> "list[str]":
        return ["rc-service", self.name, verb] + (self.options.arguments or "").split()

    def runs(self) -> "bool":
        return bool(self.system.query(self.line("status")).rc == 0)

    def enabled(self) -> "bool":
        rows = (line.partition("|") for line in self.system.query(["rc-update", "show"]).out.splitlines())
        return any(name.strip() == self.name and self.options.runlevel in levels.split() for name, _, levels in rows)

    def enabling(self, wanted: "bool") -> "list[str]":
        return ["rc-update", "add" if wanted else "del", self.name, self.options.runlevel]
