"""List the installed packages as facts."""

from orchestra.runner.parts.dpkg import STATUS, Dpkg
from orchestra.runner.sdk import Failed, List, Str, option

NAMES = ("ansible.builtin.package_facts", "ansible.legacy.package_facts")
PARTS = ("dpkg",)
MANAGERS = ("apt", "rpm", "apk", "pacman")
ALIASES = {"auto": None, "dnf": "rpm", "dnf5": "rpm", "yum": "rpm", "zypper": "rpm"}


class Options:
    manager = option(List, "Whose packages: auto, apt, rpm, apk, pacman.", default=["auto"], elements=Str)
    strategy = option(
        Str,
        "With several managers: the first that is there, or all.",
        default="first",
        choices=("first", "all"),
    )


EXAMPLES = """
- name: What is installed
  package_facts:

- name: Restart what a known version needs
  service:
    name: nginx
    state: restarted
  when: ansible_facts.packages['nginx'][0].version is version('1.22', '<')
"""

RETURNS = {"ansible_facts": "packages: {name: [{name, version, arch, source, ...}]}"}


def plan(options, system):
    wanted = []
    for name in options.manager:
        known = ALIASES.get(name.lower(), name.lower())
        wanted += MANAGERS if known is None else [known]
    unknown = [name for name in wanted if name not in MANAGERS]
    if unknown:
        text = "Unsupported package managers requested: {}; there are: auto, {}"
        raise Failed(text.format(", ".join(unknown), ", ".join(MANAGERS)))
    packages = {}
    found = False
    for name in dict.fromkeys(wanted):
        listed = READERS[name](system)
        if listed is None:
            if name in map(str.lower, options.manager):
                system.warn(_without(system, name))
            continue
        found = True
        for package in listed:
            packages.setdefault(package["name"], []).append(dict(package, source=name))
        if options.strategy == "first":
            break
    if not found:
        raise Failed("Could not detect a supported package manager from the following list: {}".format(wanted))
    return {"ansible_facts": {"packages": packages}}


def _without(system, manager):
    """Why a manager that was asked for lists nothing."""
    if system.which(manager) is None:
        return "Requested package manager {} was not usable by this module: it is not here".format(manager)
    return "Failed to retrieve packages with {0}: Unable to list packages, {0} has no database here".format(manager)


def _apt(system):
    if not system.exists(STATUS):
        return None
    native = None
    found = []
    for package in Dpkg(system).every():
        if not package.installed:
            continue
        if package.name == "dpkg":
            native = package.arch
        found.append((package, package.arch))
    return [_apt_entry(package, arch, native) for package, arch in found]


def _apt_entry(package, arch, native):
    """Packages of another architecture carry it in their name."""
    foreign = arch not in (native, "all")
    name = "{}:{}".format(package.name, arch) if foreign else package.name
    return {"name": name, "version": package.version, "arch": arch, "category": package.section, "origin": ""}


def _rpm(system):
    if system.which("rpm") is None or (system.exists(STATUS) and not system.glob("/var/lib/rpm/[Pr]*")):
        return None
    form = "%{NAME}\\t%{VERSION}\\t%{RELEASE}\\t%{EPOCH}\\t%{ARCH}\\n"
    ran = system.query(["rpm", "-qa", "--qf", form])
    if ran.rc != 0:
        return None
    rows = [line.split("\t") for line in ran.out.splitlines() if line.count("\t") == 4]
    return [
        {
            "name": row[0],
            "version": row[1],
            "release": row[2],
            "epoch": _number(row[3]),
            "arch": row[4].replace("(none)", ""),
        }
        for row in rows
    ]


def _number(text):
    return int(text) if text.isdigit() else None


def _apk(system):
    path = "/lib/apk/db/installed"
    if not system.exists(path):
        return None
    found = []
    for block in system.read_text(path).split("\n\n"):
        keys = dict(line.split(":", 1) for line in block.splitlines() if line[1:2] == ":" and line[0] in "PVA")
        if "P" in keys:
            version, _, release = keys.get("V", "").rpartition("-")
            found.append(
                {"name": keys["P"], "version": version or release, "release": release, "arch": keys.get("A", "")}
            )
    return found


def _pacman(system):
    folder = "/var/lib/pacman/local"
    if not system.is_dir(folder):
        return None
    found = []
    for name in system.listdir(folder):
        path = "{}/{}/desc".format(folder, name)
        if system.exists(path):
            lines = system.read_text(path).splitlines()
            keys = {line.strip("%"): after for line, after in zip(lines, lines[1:]) if line[:1] == "%" == line[-1:]}
            found.append({"name": keys.get("NAME"), "version": keys.get("VERSION"), "arch": keys.get("ARCH", "")})
    return found


READERS = {"apt": _apt, "rpm": _rpm, "apk": _apk, "pacman": _pacman}
