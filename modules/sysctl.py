"""Keep kernel settings in a file of sysctl, and set them in the running kernel."""

from orchestra.runner.parts.kernel import LoadSettings, SetKernel, running_setting
from orchestra.runner.sdk import Attributes, Bool, Path, Problem, Str, WriteFile, option

NAMES = ("ansible.posix.sysctl",)
PARTS = ("kernel",)


class Options:
    name = option(Str, "The setting, as net.ipv4.ip_forward.", required=True, aliases=("key",))
    value = option(Str, "Its value.", aliases=("val",))
    state = option(Str, "Whether it is in the file.", default="present", choices=("present", "absent"))
    sysctl_file = option(Path, "The file.", default="/etc/sysctl.conf")
    sysctl_set = option(Bool, "Set it in the running kernel also where the file says it already.", default=False)
    reload = option(Bool, "Load the file when it has changed.", default=True)
    ignoreerrors = option(Bool, "Settings that this kernel does not have are no failure.", default=False)


EXAMPLES = """
- name: Route between networks
  sysctl:
    name: net.ipv4.ip_forward
    value: "1"
    sysctl_file: /etc/sysctl.d/90-router.conf
    sysctl_set: true
"""

RETURNS = {}


def problems(options):
    if options.state == "present" and (options.value is None or not options.value.strip()):
        yield Problem("value", "a value is needed for state=present")
    if not options.name.strip():
        yield Problem("name", "name cannot be blank")


def plan(options, system):
    wanted = _plain(options.value)
    running = running_setting(system, options.name)
    before = system.read_text(options.sysctl_file) if system.exists(options.sysctl_file) else ""
    lines, found = _edit(before.splitlines(), options, wanted)
    in_file = found is not None if options.state == "absent" else found != wanted
    differs = options.state == "present" and (running is None or running.split() != wanted.split())
    if options.sysctl_set and differs:  # first: what the kernel refuses is not kept for its next start
        yield SetKernel(options.name, wanted, options.ignoreerrors)
    if in_file:
        attributes = Attributes() if system.exists(options.sysctl_file) else Attributes(mode=0o644)
        content = "".join(line + "\n" for line in lines).encode("utf-8", "surrogateescape")
        yield WriteFile(options.sysctl_file, content, attributes)
    if options.reload and (in_file or differs):
        value = wanted if options.state == "present" else None
        yield LoadSettings(options.sysctl_file, options.name, value, options.ignoreerrors)
    return {"changed": in_file or (differs and (options.reload or options.sysctl_set))}


def _plain(value):
    """yes and no are what YAML makes of on and off; the kernel knows 1 and 0."""
    text = (value or "").strip()
    return {"true": "1", "yes": "1", "on": "1", "false": "0", "no": "0", "off": "0"}.get(text.lower(), text)


def _edit(lines, options, wanted):
    """The file's lines with the setting once, and the value that it had."""
    fresh, found, placed = [], None, False
    for line in lines:
        key, equals, value = line.partition("=")
        if not equals or line.lstrip()[:1] in ("#", ";") or key.strip().lstrip("-") != options.name:
            fresh.append(line)
            continue
        found = value.strip()
        if options.state == "present" and not placed:
            fresh.append(line if value.strip() == wanted else "{}={}".format(options.name, wanted))
            placed = True
    if options.state == "present" and not placed:
        fresh.append("{}={}".format(options.name, wanted))
    return fresh, found
