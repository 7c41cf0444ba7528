"""Package managers with plain needs: apk, pacman, zypper. Present, absent and latest, by their command lines."""

from orchestra.runner.parts.packagerun import ENVIRONMENT, PackageRun
from orchestra.runner.sdk import NOTHING, Bool, Command, Failed, List, Str, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from orchestra.runner.sdk import Result
    from orchestra.runner.system import System

    Plan = Generator[Any, Any, dict[str, Any]]


class ManagerOptions:
    """The options of the modules of these managers."""

    name = option(List, "The packages; * for all.", elements=Str, aliases=("pkg", "package"))
    state = option(
        Str,
        "Whether they are there.",
        default="present",
        choices=("present", "installed", "latest", "absent", "removed"),
    )
    update_cache = option(
        Bool, "Fetch the lists of packages first.", default=False, aliases=("refresh", "update-cache")
    )
    upgrade = option(Bool, "Upgrade everything.", default=False)

    REQUIRED_ONE_OF = [("name", "update_cache", "upgrade")]


class Manager:
    """The command lines of one manager; `asks` gives 0 for a name that is installed, `news` prints what is outdated."""

    def __init__(self, **lines: "str") -> "None":
        self.asks = lines["asks"].split()
        self.news = lines["news"].split()
        self.adds = lines["adds"].split()
        self.renews = lines["renews"].split()
        self.removes = lines["removes"].split()
        self.purges = lines.get("purges", lines["removes"]).split()
        self.fetches = lines["fetches"].split()
        self.upgrades = lines["upgrades"].split()


MANAGERS = {
    "apk": Manager(
        asks="apk info -e",
        news="apk version -q -l <",
        adds="apk add",
        renews="apk add --upgrade",
        removes="apk del",
        purges="apk del --purge",
        fetches="apk update",
        upgrades="apk upgrade",
    ),
    "pacman": Manager(
        asks="pacman -Q",
        news="pacman -Quq",
        adds="pacman -S --noconfirm --needed",
        renews="pacman -S --noconfirm --needed",
        removes="pacman -R --noconfirm",
        purges="pacman -Rn --noconfirm",
        fetches="pacman -Sy",
        upgrades="pacman -Su --noconfirm",
    ),
    "zypper": Manager(
        asks="rpm -q --whatprovides",
        news="zypper --quiet --non-interactive list-updates",
        adds="zypper --quiet --non-interactive install --auto-agree-with-licenses",
        renews="zypper --quiet --non-interactive update --auto-agree-with-licenses",
        removes="zypper --quiet --non-interactive remove",
        fetches="zypper --quiet --non-interactive refresh",
        upgrades="zypper --quiet --non-interactive update --auto-agree-with-licenses",
    ),
}


class Manage(PackageRun):
    """One run of a package manager."""

    def __init__(self, argv: "list[str]", installs: "Any" = (), removes: "Any" = ()) -> "None":
        super().__init__(argv, installs, removes, ok=None)

    def apply(self, system: "System") -> "Result":
        result = super().apply(system)
        if result.rc != 0:
            said = result.stderr.strip() or result.stdout.strip()
            raise Failed("{}: {}".format(self.argv[0], said), rc=result.rc, stdout=result.stdout, stderr=result.stderr)
        return result


def plan_options(kind: "str", options: "Any", system: "System") -> "Plan":
    """What a manager's module does with its ManagerOptions."""
    names = [name for name in options.name or () if name.strip()]
    more = {"update_cache": options.update_cache, "upgrade": options.upgrade}
    return (yield from plan_manager(kind, system, names, options.state, **more))


def plan_manager(kind: "str", system: "System", names: "list[str]", state: "str", **more: "Any") -> "Plan":
    """Install, renew or remove with one of these managers; `update_cache`, `purge`, `upgrade` as their modules."""
    manager = MANAGERS[kind]
    changed = False
    values = {}  # type: dict[str, Any]
    if more.get("update_cache"):
        yield Command(manager.fetches, env=ENVIRONMENT, touches=[], changes=False)
        values["cache_updated"] = True
    if more.get("upgrade") or names == ["*"]:
        outdated = _outdated(manager, system)
        if outdated:
            yield Manage(manager.upgrades, installs=outdated)
        return dict(values, changed=bool(outdated), packages=outdated)
    there = {name for name in names if _is_installed(manager, system, name)}
    lines = []  # type: list[Any]
    if state in ("absent", "removed"):
        lines = [
            ((manager.purges if more.get("purge") else manager.removes), [], [one for one in names if one in there])
        ]
    else:
        missing = [name for name in names if name not in there]
        newer = sorted(there & set(_outdated(manager, system))) if state == "latest" and there else []
        lines = [(manager.adds, missing, []), (manager.renews, newer, [])]
    for line, installs, removes in lines:
        if installs or removes:
            result = yield Manage(line + installs + removes, installs, removes)
            changed = True
            values.update(stdout=result.get("stdout", ""), stderr=result.get("stderr", ""))
    return dict(values, changed=changed)


def _is_installed(manager: "Manager", system: "System", name: "str") -> "bool":
    foretold = system.foreseen("package", name)
    if foretold is not NOTHING:
        return foretold is not None
    return bool(system.query(manager.asks + [name], env=ENVIRONMENT).rc == 0)


def _outdated(manager: "Manager", system: "System") -> "list[str]":
    found = []
    for line in system.query(manager.news, env=ENVIRONMENT).out.splitlines():
        words = [word.strip() for word in line.split("|")] if "|" in line else line.split()[:1]
        name = words[2] if len(words) > 2 else words[0] if words and "|" not in line else ""
        if name and not name.startswith(("-", "Name")):
            found.append(name)
    return found
