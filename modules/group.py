"""Make groups, change their numbers, and remove them."""

from orchestra.runner.parts.accounts import AccountCommand, free_number
from orchestra.runner.sdk import Bool, Failed, Int, Str, option

NAMES = ("ansible.builtin.group", "ansible.legacy.group")
PARTS = ("accounts",)


class Options:
    name = option(Str, "The group.", required=True)
    state = option(Str, "Whether it is there.", default="present", choices=("present", "absent"))
    gid = option(Int, "Its number.")
    system = option(Bool, "Make a system group.", default=False)
    non_unique = option(Bool, "The number may belong to another group as well.", default=False)
    local = option(Bool, "Use the tools of libuser where the group may be in a directory service.", default=False)
    force = option(Bool, "Remove it even where it is somebody's primary group.", default=False)
    gid_min = option(Int, "The least number that a new group is given; else /etc/login.defs says it.")
    gid_max = option(Int, "The greatest number that a new group is given; else /etc/login.defs says it.")

    REQUIRED_IF = [("non_unique", True, ("gid",))]


EXAMPLES = """
- name: A group for those who may deploy
  group:
    name: deployers
    gid: 2000
"""

RETURNS = {"gid": "its number", "system": "as asked", "name": "the group", "state": "as asked"}


def plan(options, system):
    for name in ("gid_min", "gid_max"):
        if options.local and getattr(options, name) is not None:
            raise Failed("'{}' can not be used with 'local': libuser's tools have no such option".format(name))
    found = system.group(options.name)
    values = {"name": options.name, "state": options.state}
    if options.state == "absent":
        if found is not None:
            yield _removal(options, system, found)
        return values
    values["system"] = options.system
    if found is None:
        yield _addition(options, system)
    elif options.gid is not None and found.gid != options.gid:
        yield _renumbering(options, system, found)
    found = system.group(options.name)
    return dict(values, gid=found.gid) if found is not None else values


def _program(options, system, name):
    local = "l" + name
    return local if options.local and system.which(local) else name


def _addition(options, system):
    line = [_program(options, system, "groupadd")]
    if options.gid is not None:
        line += ["-g", str(options.gid)] + (["-o"] if options.non_unique else [])
    if options.system:
        line.append("-r")
    for name in ("gid_min", "gid_max"):
        line += _limit(options, name)
    gid = options.gid if options.gid is not None else free_number(system, "group", options.system, _limits(options))
    entry = {"name": options.name, "gid": gid, "members": []}
    return AccountCommand(line + [options.name], [["group", options.name, entry]], [["groupdel", options.name]])


def _limit(options, name):
    value = getattr(options, name)
    key = ("SYS_" if options.system else "") + name.upper()
    return ["-K", "{}={}".format(key, value)] if value is not None else []


def _limits(options):
    least, most = (1000, 59999) if not options.system else (101, 999)
    return (
        least if options.gid_min is None else options.gid_min,
        most if options.gid_max is None else options.gid_max,
    )


def _renumbering(options, system, found):
    extra = ["-o"] if options.non_unique else []
    line = [_program(options, system, "groupmod"), "-g", str(options.gid)] + extra + [options.name]
    entry = {"name": options.name, "gid": options.gid, "members": found.members}
    back = ["groupmod", "-g", str(found.gid), "-o", options.name]
    return AccountCommand(line, [["group", options.name, entry]], [back])


def _removal(options, system, found):
    program = _program(options, system, "groupdel")
    line = [program] + (["-f"] if options.force and program == "groupdel" else []) + [options.name]
    back = [["groupadd", "-g", str(found.gid), options.name]]
    back += [["gpasswd", "-a", member, options.name] for member in found.members]
    return AccountCommand(line, [["group", options.name, None]], back)
