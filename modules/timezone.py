"""Set the host's time zone, and whether its clock keeps local time.

Where systemd's timedated answers, it is what keeps both, and what the rest of the system hears of a change from.
"""

from orchestra.runner.sdk import Attributes, Command, Failed, MakeLink, Str, WriteFile, option

NAMES = ("community.general.timezone",)
ZONES = "/usr/share/zoneinfo"


class Options:
    name = option(Str, "The zone, as Europe/Berlin.")
    hwclock = option(Str, "What the hardware clock keeps.", choices=("local", "UTC"), aliases=("rtc",))

    REQUIRED_ONE_OF = [("name", "hwclock")]


EXAMPLES = """
- name: All hosts tell the same time
  timezone:
    name: Etc/UTC
"""

RETURNS = {}


def plan(options, system):
    if options.name is not None:
        _known(options.name, system)
    said = _timedated(system)
    if said is not None:
        yield from _tell_timedated(options, said)
        return {}
    if options.name is not None:
        yield from _set_zone(options.name, system)
    if options.hwclock is not None:
        yield from _set_clock(options.hwclock, system)
    return {}


def _known(name, system):
    zone = "{}/{}".format(ZONES, name)
    if ".." in name or not system.is_file(zone):
        raise Failed("given timezone '{}' is not available: there is no {} (package tzdata)".format(name, zone))


def _timedated(system):
    """What timedatectl says of the clock, {label: first word}; None where there is none to ask."""
    if system.which("timedatectl") is None:
        return None
    rc, out, _ = system.query(["timedatectl", "status"])
    pairs = (line.partition(":") for line in out.splitlines())
    return {label.strip(): (rest.split() or [""])[0] for label, _, rest in pairs} if rc == 0 else None


def _tell_timedated(options, said):
    zone = said.get("Time zone", "")
    if options.name not in (None, zone):
        back = [["timedatectl", "set-timezone", zone]] if zone else None
        yield Command(["timedatectl", "set-timezone", options.name], touches=[("path", "/etc/localtime")], undo=back)
    local, kept = ("yes" if options.hwclock == "local" else "no"), said.get("RTC in local TZ")
    if options.hwclock is not None and local != kept:
        back = [["timedatectl", "set-local-rtc", kept]] if kept else None
        yield Command(["timedatectl", "set-local-rtc", local], touches=[("path", "/etc/adjtime")], undo=back)


def _set_zone(name, system):
    found = system.stat("/etc/localtime")
    target = (found.target or "") if found is not None and found.kind == "link" else ""
    if target.partition("zoneinfo/")[2] != name:
        yield MakeLink("/etc/localtime", "..{}/{}".format(ZONES, name))  # relative, as timedatectl leaves it
    if system.exists("/etc/timezone") or system.exists("/etc/debian_version"):
        yield WriteFile("/etc/timezone", (name + "\n").encode(), Attributes())


def _set_clock(wanted, system):
    """The third line of /etc/adjtime says it."""
    path = "/etc/adjtime"
    lines = system.read_text(path).splitlines() if system.exists(path) else ["0.0 0 0.0", "0", "UTC"]
    lines = (lines + ["0.0 0 0.0", "0", "UTC"][len(lines) :])[:3]
    lines[2] = "LOCAL" if wanted == "local" else "UTC"
    yield WriteFile(path, ("\n".join(lines) + "\n").encode(), Attributes())
