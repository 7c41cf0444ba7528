"""Choose among programs that do the same, with update-alternatives."""

from orchestra.runner.parts.alternatives import SetAlternative, parse_display
from orchestra.runner.sdk import Dict, Failed, Int, List, Path, Str, option

NAMES = ("community.general.alternatives",)
PARTS = ("alternatives",)


class Subcommand:
    name = option(Str, "The other link's name.", required=True)
    path = option(Path, "What it leads to.", required=True)
    link = option(Path, "The link.", required=True)


class Options:
    name = option(Str, "The generic name.", required=True)
    path = option(Path, "The program that it is to mean.")
    link = option(Path, "The link, for a name that is not registered yet.")
    priority = option(Int, "Its priority where the choice is automatic.")
    state = option(
        Str,
        "selected: registered and chosen; present: registered; auto: chosen by priority; absent: not registered.",
        default="selected",
        choices=("present", "selected", "absent", "auto"),
    )
    subcommands = option(List, "Links that go with it.", elements=Dict, options=Subcommand, aliases=("slaves",))
    family = option(Str, "A group of alternatives, on Red Hat's.")

    REQUIRED_ONE_OF = [("path", "family")]


EXAMPLES = """
- name: vim is the editor
  alternatives:
    name: editor
    path: /usr/bin/vim.basic
"""

RETURNS = {}


def plan(options, system):
    program = next((one for one in ("update-alternatives", "alternatives") if system.which(one)), None)
    if program is None:
        raise Failed("update-alternatives is not on this host")
    now = parse_display(system.query([program, "--display", options.name]).out, system, options.name)
    target = options.path or options.family
    there = target in now.choices or options.family is not None
    if options.state == "absent":
        if there:
            yield SetAlternative([program, "--remove", options.name, target], options.name, {"gone": target})
        return {}
    changed_priority = options.priority is not None and there and now.choices.get(target) != options.priority
    if not there or changed_priority:
        yield _installation(options, program, now, target)
    if options.state == "auto" and now.manual:
        yield SetAlternative([program, "--auto", options.name], options.name, {"manual": False})
    elif options.state == "selected" and (now.current != target):
        yield SetAlternative(
            [program, "--set", options.name, target], options.name, {"current": target, "manual": True}
        )
    return {}


def _installation(options, program, now, target):
    link = options.link or now.link
    if not link:
        raise Failed("Needed to install the alternative, but unable to do so as we are missing the link")
    line = [
        program,
        "--install",
        link,
        options.name,
        target,
        str(options.priority if options.priority is not None else 50),
    ]
    for one in options.subcommands or ():
        line += ["--slave", one["link"], one["name"], one["path"]]
    return SetAlternative(line, options.name, {"added": target, "priority": options.priority or 50, "link": link})
