"""Make locales available, or take them away again."""

from orchestra.runner.sdk import Attributes, Command, Failed, List, Str, WriteFile, option

NAMES = ("community.general.locale_gen",)
TABLE = "/etc/locale.gen"
UBUNTU = "/var/lib/locales/supported.d/local"


class Options:
    name = option(List, "The locales, as de_DE.UTF-8.", required=True, elements=Str)
    state = option(Str, "Whether they are there.", default="present", choices=("present", "absent"))


EXAMPLES = """
- name: German texts
  locale_gen:
    name: de_DE.UTF-8
"""

RETURNS = {"name": "the locales"}


def plan(options, system):
    if system.which("locale-gen") is None:
        system.missed = True
        raise Failed("locale-gen is not on this host: the package locales brings it")
    there = {_plain(name) for name in system.query(["locale", "-a"]).out.split()}
    wanted = options.state == "present"
    wrong = [name for name in options.name if (_plain(name) in there) != wanted]
    if wrong:
        yield from _write(system, wrong, wanted)
        yield Command(["locale-gen"], touches=[], msg="locale-gen failed")
    return {"name": options.name}


def _plain(name):
    """As `locale -a` spells it: de_DE.utf8."""
    head, dot, charset = name.partition(".")
    charset, at, variant = charset.partition("@")
    return head + dot + charset.lower().replace("-", "") + at + variant


def _write(system, names, wanted):
    path = TABLE if system.exists(TABLE) else UBUNTU
    text = system.read_text(path) if system.exists(path) else ""
    lines = text.splitlines()
    for name in names:
        found = [index for index, line in enumerate(lines) if line.lstrip("# ").split(" ")[0] == name]
        if wanted and not found and not _is_supported(system, name):
            raise Failed("The locale {} is not available on your system.".format(name))
        for index in found:
            lines[index] = lines[index].lstrip("# ") if wanted else "# " + lines[index].lstrip("# ")
        if wanted and not found:
            lines.append("{} {}".format(name, name.partition(".")[2].partition("@")[0] or "ISO-8859-1"))
    yield WriteFile(path, ("\n".join(lines) + "\n").encode(), Attributes())


def _is_supported(system, name):
    path = "/usr/share/i18n/SUPPORTED"
    return system.exists(path) and any(line.split(" ")[0] == name for line in system.read_text(path).splitlines())
