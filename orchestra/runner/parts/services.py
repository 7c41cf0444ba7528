"""Units of systemd: how they are, and the effects that start, stop, enable, disable, mask and reload them.

In check mode a unit is as earlier tasks would have left it; one whose file an earlier task would have written counts as
there. Where systemd is installed but does not run (a chroot, an image), units are enabled and masked on disk.
"""

from orchestra.runner.sdk import NOTHING, Bool, Command, Failed, Str, no, option, yes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Any

    from orchestra.runner.system import System

    Plan = Generator[Any, Any, dict[str, Any]]

SUFFIXES = ("service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "slice", "scope")
FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
OPPOSITE = {
    "start": "stop",
    "stop": "start",
    "enable": "disable",
    "disable": "enable",
    "mask": "unmask",
    "unmask": "mask",
}
BECOMES = {
    "start": {"ActiveState": "active", "SubState": "running"},
    "stop": {"ActiveState": "inactive", "SubState": "dead"},
    "enable": {"UnitFileState": "enabled"},
    "disable": {"UnitFileState": "disabled"},
    "mask": {"LoadState": "masked", "UnitFileState": "masked"},
    "unmask": {"LoadState": "loaded", "UnitFileState": "disabled"},
}


class UnitOptions:
    """What is asked of a unit."""

    name = option(Str, "The unit; .service is implied.", aliases=("service", "unit"))
    state = option(
        Str,
        "restarted and reloaded act every time; a stopped unit is started by them.",
        choices=("started", "stopped", "restarted", "reloaded"),
    )
    enabled = option(Bool, "Whether it starts with the machine.")
    masked = option(Bool, "Whether nothing can start it.")
    force = option(Bool, "Replace links that are in the way.", default=False)
    daemon_reload = option(Bool, "Read changed unit files first.", default=False, aliases=("daemon-reload",))
    daemon_reexec = option(Bool, "Start systemd itself anew first.", default=False, aliases=("daemon-reexec",))
    scope = option(
        Str,
        "The machine's own manager, the user's, or all users'.",
        default="system",
        choices=("system", "user", "global"),
    )
    no_block = option(Bool, "Do not wait until it has happened.", default=False)

    REQUIRED_BY = [("state", ("name",)), ("enabled", ("name",)), ("masked", ("name",))]


class SetUnit(Command):
    """systemctl VERB UNIT. Check mode foretells how the unit will be; undo is the opposite verb."""

    predicts = yes  # type: Any
    repeats = yes  # type: Any
    undoes = yes  # type: Any

    def __init__(self, argv: "list[str]", verb: "str", unit: "str", key: "str", env: "Any" = None) -> "None":
        super().__init__(argv, env=env, touches=[], ok=None)
        self.verb = verb
        self.unit = unit
        self.key = key
        if verb not in OPPOSITE:
            self.repeats = no("a restart or reload happens every time")
            self.undoes = no("a restart or reload can not be taken back")

    def undo(self, system: "System") -> "Any":
        opposite = OPPOSITE[self.verb]
        argv = [opposite if word == self.verb else word for word in self.argv]
        return [SetUnit(argv, opposite, self.unit, self.key, self.env)]

    def apply(self, system: "System") -> "Any":
        result = super().apply(system)
        if result.rc != 0:
            text = "Unable to {} service {}: {}"
            said = result.stderr.strip() or result.stdout.strip() or "systemctl ended with {}".format(result.rc)
            raise Failed(text.format(self.verb, self.unit, said) + self._journal(system, said), rc=result.rc)
        return result

    def _journal(self, system: "System", said: "str") -> "str":
        """Why it did not start: the last lines that the unit logged."""
        if "Job for " not in said or "--user" in self.argv or system.which("journalctl") is None:
            return ""
        ran = system.query(["journalctl", "-u", self.unit, "-n", "5", "-o", "cat", "--no-pager"])
        lines = [line for line in ran.out.splitlines() if line.strip()]
        return "\nlast of its log:\n  " + "\n  ".join(lines) if ran.rc == 0 and lines else ""

    def predict(self, system: "System") -> "Any":
        from orchestra.runner.sdk import Result

        known = system.foreseen("unit", self.key)
        state = dict(known) if known is not NOTHING and known else {}
        state.update(BECOMES.get(self.verb, BECOMES["start"]))
        system.foresee("unit", self.key, state)
        return Result(True)


class Manager:
    """systemctl for one scope."""

    def __init__(self, system: "System", options: "Any") -> "None":
        self.system = system
        self.options = options
        self.scope = options.scope
        self.env = {}  # type: dict[str, str]
        if system.which("systemctl") is None and not system.doubts():
            raise Failed("systemctl is not there: this machine is not run by systemd")
        if self.scope == "user" and "XDG_RUNTIME_DIR" not in system.environ:
            self.env["XDG_RUNTIME_DIR"] = "/run/user/{}".format(system.euid())
        self.runs = self.scope == "user" or system.is_dir("/run/systemd/system")

    def line(self, *words: "str") -> "list[str]":
        """A systemctl command line."""
        line = ["systemctl"]
        if self.scope != "system":
            line.append("--" + self.scope)
        if not self.runs and words[0] in ("enable", "disable", "mask", "unmask", "is-enabled", "list-unit-files"):
            line.append("--root=/")
        return line + list(words)

    def ask(self, *words: "str") -> "Any":
        """A looking command line's answer."""
        return self.system.query(self.line(*words), env=self.env)

    def key(self, unit: "str") -> "str":
        """The unit's name in the overlay of a check run."""
        full = unit if unit.rpartition(".")[2] in SUFFIXES else unit + ".service"
        return full if self.scope == "system" else self.scope + ":" + full

    def set(self, verb: "str", unit: "str") -> "SetUnit":
        """The effect of a verb on a unit."""
        flags = [
            flag for wanted, flag in ((self.options.no_block, "--no-block"), (self.options.force, "--force")) if wanted
        ]
        return SetUnit(self.line(verb, *(flags + [unit])), verb, unit, self.key(unit), self.env or None)


def plan_unit(options: "Any", system: "System") -> "Plan":
    """The whole of the module systemd."""
    unit = options.name
    if unit is not None and any(mark in unit for mark in "*?["):
        raise Failed("This module does not currently support using glob patterns, found {!r}".format(unit))
    manager = Manager(system, options)
    yield from _reload(options, system, manager)
    values = {"name": unit, "status": {}}  # type: dict[str, Any]
    if unit is None:
        return values
    status = values["status"] = _status(system, manager, unit)
    there = status.get("LoadState", "not-found") != "not-found" or _has_script(system, unit)
    if options.masked is not None:
        yield from _mask(options, manager, unit, status, there)
    if options.enabled is not None:
        _must_be_there(system, unit, there)
        values["enabled"] = options.enabled
        if _is_enabled(system, manager, unit, status) != options.enabled:
            yield manager.set("enable" if options.enabled else "disable", unit)
    if options.state is not None:
        _must_be_there(system, unit, there)
        values["state"] = "stopped" if options.state == "stopped" else "started"
        yield from _move(options, system, manager, unit, status)
    return values


def _reload(options: "Any", system: "System", manager: "Manager") -> "Iterator[Any]":
    for wanted, verb in ((options.daemon_reload, "daemon-reload"), (options.daemon_reexec, "daemon-reexec")):
        if wanted and manager.runs:
            yield Command(manager.line(verb), env=manager.env or None, touches=[], changes=False)
        elif wanted:
            system.warn("{} was left out: systemd does not run here".format(verb))


def _status(system: "System", manager: "Manager", unit: "str") -> "dict[str, str]":
    """All properties of a unit, with what earlier tasks of a check run would have made of it on top."""
    foretold = system.foreseen("unit", manager.key(unit))
    status = _shown(manager, unit) if manager.runs else _on_disk(manager, unit)
    if status.get("LoadState") == "error" and status.get("LoadError"):
        raise Failed("Error loading unit file '{}': {}".format(unit, status["LoadError"]))
    if status.get("LoadState", "not-found") == "not-found" and system.check and _written(system, manager, unit):
        status.update(LoadState="loaded", ActiveState="inactive", SubState="dead", UnitFileState="disabled")
    if foretold is not NOTHING and foretold is not None:
        status.setdefault("LoadState", "loaded")
        status["LoadState"] = "loaded" if status["LoadState"] == "not-found" else status["LoadState"]
        status.update(foretold)
    return status


def _shown(manager: "Manager", unit: "str") -> "dict[str, str]":
    ran = manager.ask("show", unit)
    if ran.rc != 0 and "LoadState=" not in ran.out:
        raise Failed("systemctl show {} failed: {}".format(unit, ran.err.strip()), rc=ran.rc)
    return parse_show(ran.out)


def parse_show(text: "str") -> "dict[str, str]":
    """KEY=value lines; a value that begins with { ends with a line that ends with }."""
    found = {}  # type: dict[str, str]
    key, rest = "", []  # type: str, list[str]
    for line in text.splitlines():
        if rest:
            rest.append(line)
        elif "=" in line:
            key, _, value = line.partition("=")
            rest = [value]
        if rest and not (rest[0].lstrip().startswith("{") and not rest[-1].rstrip().endswith("}")):
            found[key] = "\n".join(rest).strip()
            rest = []
    return found


def _on_disk(manager: "Manager", unit: "str") -> "dict[str, str]":
    """What can be known of a unit while systemd does not run."""
    state = manager.ask("is-enabled", unit).out.strip()
    known = state and state != "not-found"
    return {"LoadState": "masked" if state == "masked" else "loaded" if known else "not-found", "UnitFileState": state}


def _written(system: "System", manager: "Manager", unit: "str") -> "bool":
    name = manager.key(unit).rpartition(":")[2]
    template = name.partition("@")[0] + "@." + name.rpartition(".")[2] if "@" in name else name
    return any(system.exists(folder + "/" + one) for folder in FOLDERS for one in {name, template})


def _has_script(system: "System", unit: "str") -> "bool":
    return system.exists("/etc/init.d/" + unit)


def _must_be_there(system: "System", unit: "str", there: "bool") -> "None":
    if not there:
        system.missed = True  # in a check run a package that is not installed yet may bring it
        raise Failed("Could not find the requested service {}: host".format(unit))


def _mask(options: "Any", manager: "Manager", unit: "str", status: "dict[str, str]", there: "bool") -> "Iterator[Any]":
    if (status.get("LoadState") == "masked") == options.masked:
        return
    if not there and not options.masked:
        return
    yield manager.set("mask" if options.masked else "unmask", unit)
    status["LoadState"] = "masked" if options.masked else "loaded"
    if status.get("UnitFileState") == "masked":
        status["UnitFileState"] = ""


def _is_enabled(system: "System", manager: "Manager", unit: "str", status: "dict[str, str]") -> "bool | None":
    """None for a unit that can be neither (static): nothing is done to it, whatever is asked."""
    state = status.get("UnitFileState", "")
    if state in ("", "generated") or manager.scope == "global":
        ran = manager.ask("is-enabled", unit)
        state = ran.out.strip().splitlines()[-1] if ran.out.strip() else ("enabled" if ran.rc == 0 else "disabled")
    if state == "static":
        return manager.options.enabled  # type: ignore[no-any-return]
    return state in ("enabled", "generated", "transient")  # what is so until the next start only is not


def _move(
    options: "Any", system: "System", manager: "Manager", unit: "str", status: "dict[str, str]"
) -> "Iterator[Any]":
    active = status.get("ActiveState")
    if active is None:
        from orchestra.runner.parts.facts.security import chroot
        from orchestra.runner.parts.facts.source import Source

        if chroot(Source(environ=system.environ), {})["is_chroot"] or system.environ.get("SYSTEMD_OFFLINE") == "1":
            system.warn("this is a chroot or systemd is offline: {} was not {}".format(unit, options.state))
            return
        raise Failed(
            "{} can not be {}: systemd does not run on this machine".format(unit, options.state), status=status
        )
    runs = active in ("active", "activating", "reloading")
    if options.state == "started":
        verb = "" if runs else "start"
    elif options.state == "stopped":
        verb = "stop" if runs or active == "deactivating" else ""
    else:
        verb = options.state[:-2] if runs else "start"
    if verb:
        yield manager.set(verb, unit)
