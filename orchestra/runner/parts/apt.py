"""What is asked of apt, compared with what is there: the options and the plan of the modules apt and package."""

from orchestra.runner.parts.aptget import ENVIRONMENT, NOTHING_TO_DO, AptGet
from orchestra.runner.parts.dpkg import Dpkg, compare, is_automatic
from orchestra.runner.sdk import Bool, Command, Failed, Int, List, Path, Str, option

PARTS = ("aptget", "dpkg")
LISTS = "/var/lib/apt/lists"
STAMP = "/var/lib/apt/periodic/update-success-stamp"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Any

    from orchestra.runner.system import System

    Plan = Generator[Any, Any, dict[str, Any]]


class AptOptions:
    """Everything that apt takes."""

    package = option(
        List, "Names, also as name=1.2*, name>=1.2, or with * in them.", elements=Str, aliases=("name", "pkg")
    )
    state = option(
        Str,
        "present, latest, absent; build-dep installs what building needs, fixed repairs dependencies.",
        default="present",
        choices=("present", "latest", "absent", "build-dep", "fixed", "installed", "removed"),
    )
    update_cache = option(Bool, "Fetch the lists of packages first.", aliases=("update-cache",))
    update_cache_retries = option(Int, "How often fetching is tried.", default=5)
    update_cache_retry_max_delay = option(Int, "Longest pause between tries, in seconds.", default=12)
    cache_valid_time = option(Int, "Fetch only lists older than this many seconds.", default=0)
    purge = option(Bool, "Remove configuration as well.", default=False)
    deb = option(Path, "A .deb file on the host, or its URL.")
    default_release = option(Str, "As apt-get -t.", aliases=("default-release",))
    install_recommends = option(Bool, "Install what packages recommend; the host's setting where left out.")
    force = option(Bool, "Accept downgrades, removal of essential and unsigned packages.", default=False)
    upgrade = option(
        Str,
        "Upgrade everything: yes and safe remove nothing, full and dist may.",
        default="no",
        choices=("dist", "full", "no", "safe", "yes"),
    )
    dpkg_options = option(Str, "Options for dpkg, with commas.", default="force-confdef,force-confold")
    autoremove = option(Bool, "Remove what nothing needs any more.", default=False)
    autoclean = option(Bool, "Delete archives that can not be fetched any more.", default=False)
    fail_on_autoremove = option(Bool, "Fail where anything would be removed.", default=False)
    policy_rc_d = option(Int, "Exit status for services that want to start, such as 101 to forbid it.")
    only_upgrade = option(Bool, "Only packages that are installed.", default=False)
    force_apt_get = option(Bool, "Accepted; apt-get is what is used.", default=False)
    clean = option(Bool, "Delete all fetched archives.", default=False)
    allow_unauthenticated = option(
        Bool, "Accept packages without a signature.", default=False, aliases=("allow-unauthenticated",)
    )
    allow_downgrade = option(
        Bool,
        "Accept older versions.",
        default=False,
        aliases=("allow-downgrade", "allow_downgrades", "allow-downgrades"),
    )
    allow_change_held_packages = option(Bool, "Change packages that are on hold.", default=False)
    lock_timeout = option(Int, "Seconds to wait for another package manager.", default=60)
    auto_install_module_deps = option(Bool, "Accepted; nothing needs to be installed.", default=True)

    MUTUALLY_EXCLUSIVE = [("deb", "package", "upgrade")]


class Spec:
    """name, name=version, name>=version."""

    __slots__ = ("name", "relation", "text", "version")

    def __init__(self, text: "str") -> "None":
        if text.count("=") > 1:
            raise Failed("invalid package spec: {}".format(text))
        self.text = text
        name, equals, version = text.partition("=")
        self.relation = (">=" if name.endswith(">") else "=") if equals else ""
        self.name = name.rstrip("> ")
        self.version = version.strip()

    def met_by(self, system: "System", version: "str | None") -> "bool":
        """Whether an installed version is one that was asked for (one that is only foretold always is)."""
        if not self.relation or version is None:
            return True
        if self.relation == ">=":
            return compare(system, version, "ge", self.version)
        from fnmatch import fnmatchcase

        return fnmatchcase(version, self.version)


def plan_apt(options: "Any", system: "System") -> "Plan":
    """The whole of the module apt."""
    names = [name.strip() for name in options.package or () if name.strip()]
    busy = bool(names or options.deb or options.upgrade != "no" or options.state == "fixed")
    values = {}  # type: dict[str, Any]
    if options.clean:
        cleaned = yield AptGet(["apt-get", "clean"], forward=False, lock_timeout=options.lock_timeout)
        values.update(msg=cleaned.get("stdout", ""), changed=True)
    fetched = yield from _fetch(options, system)
    if options.upgrade != "no" or (options.state == "latest" and "*" in names):
        if [name for name in names if name != "*"]:
            raise Failed("unable to install additional packages when upgrading all installed packages")
        values.update((yield from _upgrade(options)))
    elif options.deb:
        values.update((yield from _install_file(options, system)))
    elif busy:
        specs = [Spec(name) for name in names if name != "*"]
        work = _remove if options.state in ("absent", "removed") else _install
        values.update((yield from work(options, system, specs)))
    else:
        values.update((yield from _tidy(options)))
        values.setdefault("changed", fetched["cache_updated"])
        values["changed"] = values["changed"] or fetched["cache_updated"]
    return dict(fetched, **values)


# --- the lists of packages ---


def _fetch(options: "Any", system: "System") -> "Plan":
    """Refresh the lists where that is asked for and due. Values: cache_updated, cache_update_time."""
    before = _fetched_at(system)
    due = before + options.cache_valid_time < system.now()
    if not ((options.update_cache or options.cache_valid_time) and due):
        return {"cache_updated": False, "cache_update_time": int(before)}
    yield FetchLists(options.lock_timeout, options.update_cache_retries, options.update_cache_retry_max_delay)
    after = int(system.now()) if system.check else int(_fetched_at(system))
    return {"cache_updated": system.check or after != int(before), "cache_update_time": after}


def _fetched_at(system: "System") -> "float":
    for path in (STAMP, LISTS):
        found = system.stat(path)
        if found is not None:
            return float(found.mtime)
    return 0.0


class FetchLists(AptGet):
    """apt-get update, tried again while servers fail. A list that could not be fetched is a failure."""

    def __init__(self, lock_timeout: "int" = 60, retries: "int" = 5, longest_pause: "int" = 12) -> "None":
        super().__init__(["apt-get", "-q", "update"], lock_timeout=lock_timeout, forward=False)
        self.retries = retries
        self.longest_pause = longest_pause

    def apply(self, system: "System") -> "Any":
        for attempt in range(max(1, self.retries)):
            rc, out, err = self._patiently(system)
            lost = [line[3:] for line in err.splitlines() if line.startswith(("W: Failed to fetch", "E: "))]
            if rc == 0 and not lost:
                from orchestra.runner.sdk import Result

                return Result(True, stdout=out, stderr=err)
            if attempt + 1 < self.retries:
                pause = min(2**attempt, self.longest_pause)
                system.progress("fetching the package lists failed, trying again in {} s".format(pause))
                system.sleep(pause)
        text = "Failed to update apt cache after {} retries: {}"
        raise Failed(text.format(self.retries, "; ".join(lost) or err.strip()), rc=rc, stdout=out, stderr=err)


# --- command lines ---


def _line(options: "Any", *words: "str") -> "list[str]":
    """apt-get with the options that every change takes."""
    line = ["apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0"]
    for one in options.dpkg_options.split(","):
        if one.strip():
            line += ["-o", "Dpkg::Options::=--" + one.strip()]
    if options.default_release:
        line += ["-t", options.default_release]
    if options.install_recommends is not None:
        line += ["-o", "APT::Install-Recommends=" + ("yes" if options.install_recommends else "no")]
    flags = (
        (options.allow_unauthenticated or options.force, "--allow-unauthenticated"),
        (options.allow_downgrade or options.force, "--allow-downgrades"),
        (options.allow_change_held_packages or options.force, "--allow-change-held-packages"),
        (options.force, "--allow-remove-essential"),
        (options.only_upgrade, "--only-upgrade"),
        (options.state == "fixed", "--fix-broken"),
        (options.autoremove, "--auto-remove"),
        (options.fail_on_autoremove, "--no-remove"),
    )
    return line + [flag for wanted, flag in flags if wanted] + list(words)


def _apt(
    options: "Any", line: "list[str]", installs: "Any" = (), removes: "Any" = (), changes: "Any" = True
) -> "AptGet":
    return AptGet(line, installs, removes, options.lock_timeout, options.policy_rc_d, changes)


def _did_something(result: "Any") -> "bool":
    text = "\n" + result.stdout
    return NOTHING_TO_DO not in text or "not fully installed" in text


def _values(result: "Any") -> "dict[str, Any]":
    return dict({"stdout": "", "stderr": ""}, changed=result.changed, **result.values())


# --- the states ---


def _upgrade(options: "Any") -> "Plan":
    words = ["dist-upgrade"] if options.upgrade in ("dist", "full") else ["upgrade", "--with-new-pkgs"]
    result = yield _apt(options, _line(options, *words), changes=_did_something)
    values = _values(result)
    return dict(values, msg=values["stdout"])


def _tidy(options: "Any") -> "Plan":
    """autoclean and autoremove without packages."""
    values = {}  # type: dict[str, Any]
    purge = ["--purge"] if options.purge else []
    for wanted, word, mark in (
        (options.autoclean, "autoclean", "\nDel "),
        (options.autoremove, "autoremove", "The following packages will be REMOVED"),
    ):
        if wanted:
            result = yield _apt(
                options, _line(options, word, *purge), changes=lambda one, mark=mark: mark in one.stdout
            )
            values = dict(_values(result), changed=bool(values.get("changed") or result.changed))
    return values


def _install(options: "Any", system: "System", specs: "list[Spec]") -> "Plan":
    dpkg = Dpkg(system)
    if options.state == "build-dep":
        words = [spec.text for spec in specs]
        return _values((yield _apt(options, _line(options, "build-dep", *words), changes=_did_something)))
    specs = list(_expanded(system, specs))
    wanted = _to_install(options, system, dpkg, specs)
    if not wanted and not (options.state == "fixed" and not specs):
        yield from _keep(system, specs)
        return {"changed": False}
    line = _line(options, "install", *[text for _, text in wanted])
    names = [name.partition(":")[0] for name, _ in wanted]
    result = yield _apt(options, line, installs=names, changes=_did_something)
    yield from _keep(system, specs)
    return _values(result)


def _keep(system: "System", specs: "list[Spec]") -> "Iterator[Any]":
    """What is asked for by name is not removed as an orphan later."""
    automatic = is_automatic(system, [spec.name for spec in specs])
    if automatic:
        yield Command(["apt-mark", "manual"] + automatic, touches=[], changes=False, env=ENVIRONMENT)


def _to_install(options: "Any", system: "System", dpkg: "Dpkg", specs: "list[Spec]") -> "list[tuple[str, str]]":
    """(name, what apt-get is told) of those that are missing, or not in the wanted version."""
    candidates = _candidates(options, system, [spec.name for spec in specs if _may_be_newer(options, spec)])
    wanted = []
    for spec in specs:
        found = dpkg.find(spec.name)
        there = found is not None and found.installed
        version = found.version if found is not None else None
        if there and spec.met_by(system, version):
            newest = candidates.get(spec.name)
            if newest and version and spec.met_by(system, newest) and compare(system, newest, "gt", version):
                wanted.append((spec.name, spec.text if spec.relation == "=" else spec.name))
        elif there or not (options.only_upgrade or _provided(options, system, dpkg, spec)):
            wanted.append((spec.name, _told(options, system, spec)))
    return wanted


def _may_be_newer(options: "Any", spec: "Spec") -> "bool":
    """latest looks for newer versions; so does a version with a wildcard, as it always has."""
    return options.state == "latest" or (spec.relation == "=" and any(mark in spec.version for mark in "*?["))


def _told(options: "Any", system: "System", spec: "Spec") -> "str":
    """apt-get knows name and name=version; a lower bound means its candidate, where that is new enough."""
    if spec.relation != ">=":
        return spec.text
    newest = _candidates(options, system, [spec.name]).get(spec.name)
    if newest is None or not compare(system, newest, "ge", spec.version):
        raise Failed("no available installation candidate for {} (the newest is {})".format(spec.text, newest))
    return spec.name + "=" + newest


def _candidates(options: "Any", system: "System", names: "list[str]") -> "dict[str, str]":
    """{name: the version that apt would install}."""
    if not names:
        return {}
    release = ["-t", options.default_release] if options.default_release else []
    found = {}
    name = ""
    for line in system.query(["apt-cache"] + release + ["policy"] + names, env=ENVIRONMENT).out.splitlines():
        if line[:1].strip() and line.endswith(":"):
            name = line[:-1]
        elif line.startswith("  Candidate: ") and "(none)" not in line:
            found[name] = line.partition(": ")[2].strip()
    return found


def _provided(options: "Any", system: "System", dpkg: "Dpkg", spec: "Spec") -> "bool":
    """Whether an installed package stands for a name that is only virtual."""
    if spec.relation or dpkg.provider(spec.name) is None:
        return False
    return spec.name not in _candidates(options, system, [spec.name])


def _expanded(system: "System", specs: "list[Spec]") -> "Iterator[Spec]":
    """Names with * stand for every package that matches."""
    names = None
    for spec in specs:
        if not any(mark in spec.name for mark in "*?["):
            yield spec
            continue
        from fnmatch import filter as matching

        names = system.query(["apt-cache", "pkgnames"]).out.split() if names is None else names
        found = sorted(set(matching(names, spec.name)))
        if not found:
            raise Failed("No package(s) matching '{}' available".format(spec.name))
        for name in found:
            yield Spec(name + spec.relation + spec.version)


def _remove(options: "Any", system: "System", specs: "list[Spec]") -> "Plan":
    dpkg = Dpkg(system)
    found = []
    for spec in _expanded_quietly(dpkg, specs):
        package = dpkg.find(spec.name)
        if package is None:
            continue
        there = package.installed and spec.met_by(system, package.version)
        if there or package.state not in ("installed", "config-files") or (options.purge and not package.installed):
            found.append(spec.name)
    if not found:
        return {"changed": False}
    purge = ["--purge"] if options.purge else []
    line = _line(options, *(purge + ["remove"] + found))
    return _values((yield _apt(options, line, removes=[name.partition(":")[0] for name in found])))


def _expanded_quietly(dpkg: "Dpkg", specs: "list[Spec]") -> "Iterator[Spec]":
    from fnmatch import filter as matching

    for spec in specs:
        if any(mark in spec.name for mark in "*?["):
            for name in sorted(set(matching([one.name for one in dpkg.every()], spec.name))):
                yield Spec(name)
        else:
            yield spec


# --- files ---


def _install_file(options: "Any", system: "System") -> "Plan":
    if options.state not in ("present", "installed"):
        raise Failed("deb only supports state=present")
    path = _downloaded(system, options.deb) if "://" in options.deb else options.deb
    if not system.is_file(path):
        raise Failed("there is no file {} on the host".format(path))
    fields = system.query(["dpkg-deb", "--field", path, "Package", "Version", "Architecture"])
    if fields.rc != 0:
        raise Failed("{} is not a Debian package: {}".format(path, fields.err.strip()), rc=fields.rc)
    keys = dict(line.split(": ", 1) for line in fields.out.splitlines() if ": " in line)
    found = Dpkg(system).find(keys["Package"])
    if found is not None and found.installed and (found.version is None or found.version == keys["Version"]):
        return {"changed": False}
    path = path if path.startswith("/") else system.resolve(path)
    return _values((yield _apt(options, _line(options, "install", path), installs=[keys["Package"]])))


def _downloaded(system: "System", url: "str") -> "str":
    from orchestra.runner.parts.downloads import RequestOptions, ask, masked
    from orchestra.runner.sdk import bind

    path = system.scratch() + "/" + (url.rpartition("/")[2].partition("?")[0] or "package.deb")
    answer = ask(bind(RequestOptions, {})[0], system, url, timeout=60)
    if not answer.is_fine():
        raise Failed("Failure downloading {}: {}".format(masked(url), answer.message or answer.summary()))
    answer.save(path)
    return path
