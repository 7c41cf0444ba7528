"""Set SELinux's mode and policy, now and in its configuration."""

from orchestra.runner.parts.toggles import Toggle, now
from orchestra.runner.sdk import Bool, Failed, Path, Str, WriteFile, option

NAMES = ("ansible.posix.selinux",)


class Options:
    state = option(Str, "The mode.", required=True, choices=("enforcing", "permissive", "disabled"))
    policy = option(Str, "The policy, such as targeted; needed unless it is disabled.")
    configfile = option(Path, "Its configuration.", default="/etc/selinux/config", aliases=("conf", "file"))
    update_kernel_param = option(Bool, "With grubby: the kernel's own switch, selinux=0, too.", default=False)

    REQUIRED_IF = [("state", "enforcing", ("policy",)), ("state", "permissive", ("policy",))]


EXAMPLES = """
- name: SELinux enforces the targeted policy
  selinux:
    state: enforcing
    policy: targeted
"""

RETURNS = {
    "configfile": "its configuration",
    "msg": "what was changed",
    "policy": "the policy",
    "state": "the mode",
    "reboot_required": "whether it takes a restart",
}


def plan(options, system):
    if not system.exists(options.configfile):
        raise Failed("Unable to find file {}".format(options.configfile))
    text = system.read_text(options.configfile)
    policy = options.policy or _value(text, "SELINUXTYPE")
    running = now(system, "selinux", "mode", lambda: _running(system))
    said, reboot = [], False
    if options.policy and options.policy != _value(text, "SELINUXTYPE"):
        said.append(
            _changed("policy configuration in '{}'".format(options.configfile), _value(text, "SELINUXTYPE"), policy)
        )
        text = _with(text, "SELINUXTYPE", policy)
    if running != options.state:
        reboot = "disabled" in (running, options.state)
        step = _switched(options.state, running)
        if step is not None:
            yield step
            said.append(_changed("state temporarily", running, step.becomes))
        if reboot:
            said.append("Reboot is required to set SELinux state to '{}'".format(options.state))
    if options.state != _value(text, "SELINUX"):
        said.append(_changed("state in '{}'".format(options.configfile), _value(text, "SELINUX"), options.state))
        text = _with(text, "SELINUX", options.state)
    yield WriteFile(options.configfile, text.encode("utf-8", "surrogateescape"))
    if options.update_kernel_param:
        yield from _kernel(options, system)
    values = {"configfile": options.configfile, "policy": policy, "state": options.state, "reboot_required": reboot}
    return dict(values, msg=", ".join(said))


def _changed(what, before, after):
    return "SELinux {} changed from '{}' to '{}'".format(what, before, after)


def _running(system):
    try:
        return "enforcing" if system.read_text("/sys/fs/selinux/enforce").strip() == "1" else "permissive"
    except OSError:
        return "disabled"


def _switched(wanted, running):
    """The mode can be changed at once, but neither to nor from disabled: till the restart, permissive stands for it."""
    target = "permissive" if wanted == "disabled" else wanted
    if running in ("disabled", target):
        return None
    numbers = {"enforcing": "1", "permissive": "0"}
    return Toggle(["setenforce", numbers[target]], "selinux", "mode", target, ["setenforce", numbers[running]])


def _kernel(options, system):
    grubby = system.need("grubby")
    off = options.state == "disabled"
    info = system.query([grubby, "--info=ALL"]).out
    lines = [line for line in info.splitlines() if line.startswith("args=")]
    if not lines or all(("selinux=0" in line) == off for line in lines):
        return
    line, back = (
        [grubby, "--update-kernel=ALL", flag, "selinux=0"]
        for flag in (("--args", "--remove-args") if off else ("--remove-args", "--args"))
    )
    yield Toggle(line, "selinux", "kernel", off, back)


def _value(text, name):
    found = None
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip() == name:
            found = value.strip().strip('"')
    return found


def _with(text, name, value):
    """The text with a setting once, in its place where it was."""
    lines, done = [], False
    for line in text.splitlines():
        if line.partition("=")[0].strip() == name and "=" in line:
            if done:
                continue
            line, done = "{}={}".format(name, value), True
        lines.append(line)
    return "".join(line + "\n" for line in lines + ([] if done else ["{}={}".format(name, value)]))
