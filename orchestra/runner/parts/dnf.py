"""Packages of the Red Hat family, by rpm's database and the command lines of dnf or yum."""

from orchestra.runner.parts.packagerun import ENVIRONMENT, PackageRun
from orchestra.runner.sdk import NOTHING, Bool, Command, Failed, Int, List, Path, Result, Str, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from orchestra.runner.system import System

    Plan = Generator[Any, Any, dict[str, Any]]

NOTHING_SAID = ("Nothing to do", "No packages marked for", "No Packages marked for")
FIELDS = ("name", "epoch", "version", "release", "arch")


class DnfOptions:
    """Everything that dnf and yum take here."""

    name = option(
        List, "Names, globs, name-version, @groups, files and URLs.", default=[], elements=Str, aliases=("pkg",)
    )
    list_ = option(Str, "Only list: installed, updates, available, or packages of this name.")
    state = option(
        Str,
        "Whether they are there.",
        choices=("present", "installed", "latest", "absent", "removed"),
    )
    update_cache = option(Bool, "Fetch fresh metadata first.", default=False, aliases=("expire-cache",))
    update_only = option(Bool, "With latest: only packages that are installed.", default=False)
    enablerepo = option(List, "Repositories to switch on.", default=[], elements=Str)
    disablerepo = option(List, "Repositories to switch off.", default=[], elements=Str)
    exclude = option(List, "Packages to leave out.", default=[], elements=Str)
    disable_excludes = option(Str, "Ignore excludes: all, main, or a repository.")
    disable_gpg_check = option(Bool, "Accept packages without a signature.", default=False)
    enable_plugin = option(List, "Plugins to switch on.", default=[], elements=Str)
    disable_plugin = option(List, "Plugins to switch off.", default=[], elements=Str)
    conf_file = option(Str, "Another configuration.")
    installroot = option(Str, "Another root.", default="/")
    releasever = option(Str, "Another release.")
    autoremove = option(Bool, "Remove what nothing needs any more.", default=False)
    skip_broken = option(Bool, "Leave out what can not be installed.", default=False)
    allow_downgrade = option(Bool, "Accept older versions.", default=False)
    allowerasing = option(Bool, "Packages that are in the way may be removed.", default=False)
    nobest = option(Bool, "Not only the newest candidate.")
    best = option(Bool, "Only the newest candidate.")
    install_weak_deps = option(Bool, "Install what packages recommend.", default=True)
    security = option(Bool, "With latest: security updates only.", default=False)
    bugfix = option(Bool, "With latest: bug fixes only.", default=False)
    cacheonly = option(Bool, "Use fetched metadata only.", default=False)
    download_only = option(Bool, "Only fetch the packages.", default=False)
    download_dir = option(Path, "Where to.")
    lock_timeout = option(Int, "Accepted; dnf waits for its lock.", default=30)
    sslverify = option(Bool, "Verify servers.", default=True)
    validate_certs = option(Bool, "Verify servers for URLs.", default=True)
    install_repoquery = option(Bool, "Accepted; has no meaning.", default=True)
    use_backend = option(Str, "Accepted; what is installed is used.", default="auto")
    auto_install_module_deps = option(Bool, "Accepted; nothing needs to be installed.", default=True)

    MUTUALLY_EXCLUSIVE = [("name", "list"), ("autoremove", "list"), ("best", "nobest")]


class Transaction(PackageRun):
    """One run of dnf. Check mode asks dnf itself and answers no."""

    def __init__(self, argv: "list[str]", installs: "Any" = (), removes: "Any" = ()) -> "None":
        super().__init__(argv, installs, removes, ok=None)

    def apply(self, system: "System") -> "Result":
        result = super().apply(system)
        said = result.stdout + result.stderr
        if result.rc != 0:
            raise explain(self.argv, result.rc, result.stdout, result.stderr)
        result.changed = not any(mark in said for mark in NOTHING_SAID)
        return result

    def predict(self, system: "System") -> "Result":
        line = self.argv[:1] + ["--assumeno"] + [word for word in self.argv[1:] if word != "-y"]
        rc, out, err = system.query(line, env=ENVIRONMENT)
        if rc != 0 and "Operation aborted" not in out + err and "Exiting on user command" not in out + err:
            may_come = system.doubts() or bool(system.overlay and system.overlay.below("/etc/yum.repos.d"))
            if not may_come:
                raise explain(self.argv, rc, out, err)
        self.foretell(system)
        return Result(rc != 0, rc=0, stdout=out, stderr=err)


def explain(argv: "list[str]", rc: "int", out: "str", err: "str") -> "Failed":
    """The failure with its cause first, under the names that playbooks know."""
    lines = [line.strip() for line in (err + "\n" + out).splitlines() if line.strip()]
    missing = [
        line for line in lines if line.startswith(("No match for argument", "No package ", "No Match for argument"))
    ]
    if missing:
        names = [line.rpartition(":")[2].strip() if ":" in line else line.split()[2] for line in missing]
        failures = ["No package {} available.".format(name) for name in dict.fromkeys(names)]
        text = "Failed to install some of the specified packages: " + " ".join(failures)
        return Failed(text, failures=failures, rc=1, results=[], stdout=out, stderr=err)
    reasons = [line for line in lines if line.startswith(("Error", "Problem", "- ")) or "conflict" in line]
    text = "; ".join(reasons[:6]) or (lines[0] if lines else "{} ended with {}".format(argv[0], rc))
    return Failed(text, rc=rc, results=[], stdout=out, stderr=err, cmd=argv)


def plan_dnf(options: "Any", system: "System") -> "Plan":
    """The whole of the modules dnf and yum."""
    program = next((one for one in ("dnf", "yum", "microdnf") if system.which(one)), None)
    if program is None:
        system.missed = True
        raise Failed("neither dnf nor yum is on this host")
    if options.list_:
        return {"results": _listed(options, system, program), "changed": False}
    names = [name.strip() for name in options.name if name.strip()]
    state = {"installed": "present", "removed": "absent"}.get(options.state, options.state)
    state = state or ("absent" if options.autoremove else "present")
    if not names and not options.autoremove:
        return (yield from _refresh(options, program))
    if state == "absent":
        return (yield from _remove(options, system, program, names))
    return (yield from _install(options, system, program, names, state))


def _refresh(options: "Any", program: "str") -> "Plan":
    result = yield Command(_line(options, program, "makecache"), env=ENVIRONMENT, touches=[], changes=False)
    return {"msg": "Cache updated", "rc": 0, "results": [], "changed": False, "stdout": result.get("stdout", "")}


def _line(options: "Any", program: "str", *words: "str") -> "list[str]":
    line = [program, "-y"]
    for flag, values in (
        ("enablerepo", options.enablerepo),
        ("disablerepo", options.disablerepo),
        ("exclude", options.exclude),
        ("enableplugin", options.enable_plugin),
        ("disableplugin", options.disable_plugin),
    ):
        line += ["--{}={}".format(flag, value) for value in values]
    for flag, value in (("disableexcludes", options.disable_excludes), ("releasever", options.releasever)):
        line += ["--{}={}".format(flag, value)] if value else []
    flags = (
        (options.update_cache, "--refresh"),
        (options.disable_gpg_check, "--nogpgcheck"),
        (options.skip_broken, "--skip-broken"),
        (options.allowerasing, "--allowerasing"),
        (options.nobest or options.best is False, "--nobest"),
        (options.best, "--best"),
        (options.security, "--security"),
        (options.bugfix, "--bugfix"),
        (options.cacheonly, "--cacheonly"),
        (options.download_only, "--downloadonly"),
        (not options.install_weak_deps, "--setopt=install_weak_deps=False"),
        (not options.sslverify, "--setopt=sslverify=False"),
    )
    line += [flag for wanted, flag in flags if wanted and not (program == "yum" and flag == "--refresh")]
    line += ["-c", options.conf_file] if options.conf_file else []
    line += ["--downloaddir=" + options.download_dir] if options.download_dir else []
    line += ["--installroot=" + options.installroot] if options.installroot != "/" else []
    return line + list(words)


def _rpm(options: "Any", *words: "str") -> "list[str]":
    return ["rpm"] + (["--root=" + options.installroot] if options.installroot != "/" else []) + list(words)


def _is_plain(name: "str") -> "bool":
    """Whether rpm's database can say that it is there; the rest only dnf can answer."""
    return not (name.startswith("@") or "://" in name or any(mark in name for mark in "*?[<>= "))


def _installed(options: "Any", system: "System", names: "list[str]") -> "set[str]":
    """Those of the plain names that are installed or provided."""
    found = set()
    unknown = []
    for name in names:
        foretold = system.foreseen("package", name)
        if foretold is NOTHING:
            unknown.append(name)
        elif foretold is not None:
            found.add(name)
    unknown = [name for name in unknown if _is_plain(name)]
    for query in ([], ["--whatprovides"]):
        words = [_file_name(system, name, options) for name in unknown]
        if not words:
            break
        out = system.query(_rpm(options, "-q", *(query + words)), env=ENVIRONMENT).out
        lost = {line.split()[-1] for line in out.splitlines() if line.startswith("no package provides ")}
        lost |= {
            line.split()[1] for line in out.splitlines() if line.startswith("package ") and "not installed" in line
        }
        lost |= {line.split()[2].rstrip(":") for line in out.splitlines() if line.startswith("error: file ")}
        found |= {name for name, word in zip(unknown, words) if word not in lost}
        unknown = [name for name, word in zip(unknown, words) if word in lost]
    return found


def _file_name(system: "System", name: "str", options: "Any") -> "str":
    """The package that a file on the host holds; other names as they are."""
    if name.endswith(".rpm") and name.startswith("/"):
        ran = system.query(["rpm", "-qp", "--qf", "%{NAME}-%{VERSION}-%{RELEASE}", name], env=ENVIRONMENT)
        return ran.out.strip() if ran.rc == 0 and ran.out.strip() else name
    return name


def _install(options: "Any", system: "System", program: "str", names: "list[str]", state: "str") -> "Plan":
    there = _installed(options, system, names)
    missing = [name for name in names if name not in there and name != "*"]
    runs = []
    if state == "latest":
        newer = _with_updates(options, system, program, [name for name in names if name in there or name == "*"])
        if newer:
            runs.append(_line(options, program, "upgrade", *[name for name in newer if name != "*"]))
    if missing and not (options.update_only and state == "latest"):
        older = _older(options, system, missing)
        newer = [name for name in missing if name not in older]
        if newer:
            runs.insert(0, _line(options, program, "install", *newer))
        if older and options.allow_downgrade:
            runs.append(_line(options, program, "downgrade", *older))
    values = _said([])
    for line in runs:
        result = yield Transaction(line, installs=[name for name in missing if _is_plain(name)])
        values = _said([values, result])
    return values


def _older(options: "Any", system: "System", names: "list[str]") -> "list[str]":
    """name-version and name-version-release of packages that are installed in a newer version."""
    found = []
    for name in names:
        head, _, last = name.rpartition("-")
        for bare, version in ((head, last), (head.rpartition("-")[0], head.rpartition("-")[2] + "-" + last)):
            if bare and version[:1].isdigit() and _is_newer(options, system, bare, version):
                found.append(name)
    return found


def _is_newer(options: "Any", system: "System", bare: "str", version: "str") -> "bool":
    """Whether `bare` is installed in a version above this one, by rpm's own comparison."""
    field = "%{VERSION}-%{RELEASE}" if "-" in version else "%{VERSION}"
    ran = system.query(_rpm(options, "-q", "--qf", field + "\n", bare), env=ENVIRONMENT)
    now = ran.out.splitlines()[0] if ran.rc == 0 and ran.out.strip() else ""
    harmless = all(letter.isalnum() or letter in "._~^+-" for letter in now + version)
    if not now or not harmless:
        return False
    compared = system.query(["rpm", "--eval", "%{lua: print(rpm.vercmp('" + now + "', '" + version + "'))}"])
    return bool(compared.out.strip() == "1")


def _with_updates(options: "Any", system: "System", program: "str", names: "list[str]") -> "list[str]":
    """Those that have a newer version: check-update ends with 100 where there are any."""
    if not names:
        return []
    words = [name for name in names if name != "*"]
    ran = system.query(_line(options, program, "-q", "check-update", *words), env=ENVIRONMENT)
    if ran.rc not in (0, 100):
        raise explain([program], ran.rc, ran.out, ran.err)
    return names if ran.rc == 100 else []


def _remove(options: "Any", system: "System", program: "str", names: "list[str]") -> "Plan":
    there = _installed(options, system, names)
    found = [name for name in names if name in there or not _is_plain(name)]
    if names and not found:
        return _said([])
    verb = "autoremove" if options.autoremove else "remove"
    result = yield Transaction(
        _line(options, program, verb, *found), removes=[name for name in found if _is_plain(name)]
    )
    return _said([result])


def _said(results: "list[Any]") -> "dict[str, Any]":
    """What Ansible returns: rc, msg, results, changed."""
    values = {"rc": 0, "msg": "Nothing to do", "results": [], "changed": False}  # type: dict[str, Any]
    for one in results:
        found = one if isinstance(one, dict) else {"changed": one.changed, "results": [one.get("stdout", "")]}
        if found["changed"]:
            values["results"] = values["results"] + found["results"]
            values.update(changed=True, msg="")
    return values


def _listed(options: "Any", system: "System", program: "str") -> "list[dict[str, str]]":
    form = "\t".join("%{" + name + "}" for name in FIELDS)
    if options.list_ == "installed":
        out = system.query(_rpm(options, "-qa", "--qf", form + "\tinstalled\n"), env=ENVIRONMENT).out
        return [_described(line, "installed") for line in out.splitlines()]
    which = {"updates": ["--upgrades"], "available": ["--available"]}.get(options.list_, [options.list_])
    line = _line(options, program, "-q", "repoquery", "--qf", form + "\t%{repoid}\n", *which)
    found = [
        _described(one, "available") for one in system.query(line, env=ENVIRONMENT).out.splitlines() if "\t" in one
    ]
    if which == [options.list_]:
        out = system.query(_rpm(options, "-q", "--qf", form + "\tinstalled\n", options.list_), env=ENVIRONMENT).out
        found = [_described(one, "installed") for one in out.splitlines() if "\t" in one] + found
    return found


def _described(line: "str", state: "str") -> "dict[str, str]":
    fields = line.split("\t")
    one = dict(zip(FIELDS, fields))
    one["epoch"] = one["epoch"].replace("(none)", "0")
    one["repo"] = fields[5] if len(fields) > 5 else ""
    one["yumstate"] = state
    one["envra"] = "{epoch}:{name}-{version}-{release}.{arch}".format(**one)
    one["nevra"] = "{name}-{epoch}:{version}-{release}.{arch}".format(**one)
    return one
