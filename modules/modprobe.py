"""Load kernel modules and unload them, now and at every start."""

from orchestra.runner.parts.kernelmodules import SetModule, builtin_modules, is_loaded
from orchestra.runner.sdk import Attributes, Failed, MakeDirectory, Str, WriteFile, option

NAMES = ("community.general.modprobe",)
PARTS = ("kernelmodules",)
LOAD, OPTIONS = "/etc/modules-load.d", "/etc/modprobe.d"


class Options:
    name = option(Str, "The module.", required=True)
    state = option(Str, "Whether it is loaded.", default="present", choices=("present", "absent"))
    params = option(Str, "Its parameters.", default="")
    persistent = option(
        Str,
        "Whether it is loaded at every start: present, absent, or left as it is.",
        default="disabled",
        choices=("disabled", "present", "absent"),
    )


EXAMPLES = """
- name: Bridges are filtered
  modprobe:
    name: br_netfilter
    persistent: present
"""

RETURNS = {"name": "the module", "state": "as asked", "params": "as asked"}


def plan(options, system):
    loaded = is_loaded(system, options.name)
    if options.state == "present" and not loaded:
        yield SetModule(options.name, True, options.params.split())
    elif options.state == "absent" and loaded:
        if options.name in builtin_modules(system):
            raise Failed("{} is built into the kernel and can not be unloaded".format(options.name))
        yield SetModule(options.name, False)
    if options.persistent == "present":
        yield from _keep(options, system)
    elif options.persistent == "absent":
        yield from _forget(options, system)
    return {name: getattr(options, name) for name in ("name", "state", "params")}


def _files(system, folder):
    return {path: system.read_text(path) for path in system.glob(folder + "/*.conf")} if system.is_dir(folder) else {}


def _same(one, other):
    return one.replace("-", "_") == other.replace("-", "_")


def _loads(line, name):
    words = line.split("#")[0].split()
    return len(words) == 1 and _same(words[0], name)


def _sets(line, name):
    words = line.split("#")[0].split()
    return len(words) > 1 and words[0] == "options" and _same(words[1], name)


def _keep(options, system):
    lines = [line for text in _files(system, LOAD).values() for line in text.splitlines()]
    if not any(_loads(line, options.name) for line in lines):
        path = "{}/{}.conf".format(LOAD, options.name)
        yield MakeDirectory(LOAD)
        yield WriteFile(path, (options.name + "\n").encode(), Attributes(mode=0o644))
    if not options.params:
        return
    wanted = set(options.params.split())
    lines = [line for text in _files(system, OPTIONS).values() for line in text.splitlines()]
    now = {word for line in lines if _sets(line, options.name) for word in line.split()[2:]}
    if not wanted <= now:
        path = "{}/{}.conf".format(OPTIONS, options.name)
        yield MakeDirectory(OPTIONS)
        text = "".join("options {} {}\n".format(options.name, one) for one in options.params.split())
        yield WriteFile(path, text.encode(), Attributes(mode=0o644))


def _forget(options, system):
    """Lines become comments: they may stand in a file with others."""
    for folder, matches in ((LOAD, _loads), (OPTIONS, _sets)):
        for path, text in _files(system, folder).items():
            lines = text.splitlines(True)
            fresh = ["#" + line if matches(line, options.name) else line for line in lines]
            if fresh != lines:
                yield WriteFile(path, "".join(fresh).encode("utf-8", "surrogateescape"), Attributes())
