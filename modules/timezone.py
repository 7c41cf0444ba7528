"""Set the host's time zone, and whether its clock keeps local time."""

from orchestra.runner.sdk import Attributes, Failed, MakeLink, Str, WriteFile, option

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
        yield from _set_zone(options.name, system)
    if options.hwclock is not None:
        yield from _set_clock(options.hwclock, system)
    return {}


def _set_zone(name, system):
    zone = "{}/{}".format(ZONES, name)
    if ".." in name or not system.is_file(zone):
        raise Failed("given timezone '{}' is not available: there is no {} (package tzdata)".format(name, zone))
    found = system.stat("/etc/localtime")
    target = (found.target or "") if found is not None and found.kind == "link" else ""
    if target.partition("zoneinfo/")[2] != name:
        yield MakeLink("/etc/localtime", "..{}".format(zone))  # relative, as timedatectl leaves it
    if system.exists("/etc/timezone") or system.exists("/etc/debian_version"):
        yield WriteFile("/etc/timezone", (name + "\n").encode(), Attributes())


def _set_clock(wanted, system):
    """The third line of /etc/adjtime says it."""
    path = "/etc/adjtime"
    lines = system.read_text(path).splitlines() if system.exists(path) else ["0.0 0 0.0", "0", "UTC"]
    lines = (lines + ["0.0 0 0.0", "0", "UTC"][len(lines) :])[:3]
    lines[2] = "LOCAL" if wanted == "local" else "UTC"
    yield WriteFile(path, ("\n".join(lines) + "\n").encode(), Attributes())
