"""Changing packages with apt-get: the effect that runs it, waits for its locks, and says why it failed.

Knows command lines and their output; what is to be installed is decided in parts/apt.py.
"""

from orchestra.runner.parts.packagerun import PackageRun
from orchestra.runner.sdk import Failed, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System

ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBIAN_PRIORITY": "critical",
    "APT_LISTCHANGES_FRONTEND": "none",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}
LOCKED = (
    "Could not get lock ",
    "Unable to acquire the dpkg frontend lock",
    "Unable to lock directory",
    "Unable to lock the administration directory",
    "dpkg frontend lock was locked by another process",
    "status database is locked by another process",
)
LOCKS = ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/lib/apt/lists/lock", "/var/cache/apt/archives/lock")
NOTHING_TO_DO = "\n0 upgraded, 0 newly installed, 0 to remove"
POLICY = "/usr/sbin/policy-rc.d"


class AptGet(PackageRun):
    """One run of apt-get. Values: rc, stdout, stderr. `installs` and `removes` are the names that check mode foretells.

    It waits up to `lock_timeout` seconds for another package manager, and then names it. `policy_rc_d` is the exit
    status by which services are (not) started during the run.
    """

    def __init__(
        self,
        argv: "list[str]",
        installs: "Any" = (),
        removes: "Any" = (),
        lock_timeout: "int" = 60,
        policy_rc_d: "int | None" = None,
        changes: "Any" = True,
        forward: "bool" = True,
    ) -> "None":
        super().__init__(argv, installs, removes, env=ENVIRONMENT, changes=changes)
        self.lock_timeout = lock_timeout
        self.policy_rc_d = policy_rc_d
        self._forward = forward  # whether --simulate makes sense for it
        self._rehearsed = None  # type: str | None

    # --- foretelling ---

    def rehearse(self, system: "System") -> "str":
        """What apt-get says that it would do. Failed where it would not."""
        if self._rehearsed is None:
            rc, out, err = system.query(self.argv[:1] + ["--simulate"] + self.argv[1:], env=ENVIRONMENT)
            if rc != 0 and not self._may_come(system, err):
                raise explain(system, self.argv, rc, out, err)
            self._rehearsed = out if rc == 0 else ""
        return self._rehearsed

    def _may_come(self, system: "System", err: "str") -> "bool":
        """In a check run the repository that brings it may be what an earlier task would have set up."""
        unknown = "Unable to locate package" in err or "has no installation candidate" in err
        return unknown and (system.doubts() or bool(system.overlay and system.overlay.below("/etc/apt")))

    def diff(self, system: "System") -> "Any":
        return {"prepared": summary(self.rehearse(system))} if self._forward else None

    def predict(self, system: "System") -> "Result":
        plan = self.rehearse(system) if self._forward else ""
        for name, version in planned(plan, "Inst").items():
            system.foresee("package", name, {"version": version})
        for name in list(planned(plan, "Remv")) + list(planned(plan, "Purg")):
            system.foresee("package", name, None)
        self.foretell(system, known=planned(plan, "Inst"))
        result = Result(True, stdout=plan, stderr="")
        result.changed = bool(self._changes(result) if callable(self._changes) and plan else self._changes)
        return result

    # --- doing ---

    def apply(self, system: "System") -> "Result":
        with Policy(system, self.policy_rc_d):
            rc, out, err = self._patiently(system)
        if rc != 0:
            raise explain(system, self.argv, rc, out, err)
        result = Result(True, rc=rc, stdout=out, stderr=err)
        result.changed = bool(self._changes(result) if callable(self._changes) else self._changes)
        return result

    def _patiently(self, system: "System") -> "tuple[int, str, str]":
        until = system.now() + self.lock_timeout
        pause = 0.5
        while True:
            rc, raw_out, raw_err = self._run(system)
            out, err = raw_out.decode("utf-8", "replace"), raw_err.decode("utf-8", "replace")
            if rc == 0 or not is_locked(err):
                return rc, out, err
            if system.now() + pause > until:
                text = "another package manager holds the lock and did not release it within lock_timeout={} s: {}"
                raise Failed(text.format(self.lock_timeout, holder(system, err)), rc=rc, stdout=out, stderr=err)
            system.progress("waiting for {}".format(holder(system, err)))
            system.sleep(pause)
            pause = min(pause * 2, 5)


class Policy:
    """While it lasts, maintainer scripts that ask whether to start services are answered with an exit status."""

    def __init__(self, system: "System", status: "int | None") -> "None":
        self.system = system
        self.status = status
        self._before = None  # type: bytes | None

    def __enter__(self) -> "None":
        if self.status is None:
            return
        import os

        if self.system.exists(POLICY):
            self._before = self.system.read_bytes(POLICY)
        handle = os.open(POLICY + ".orchestra", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o700)
        os.write(handle, "#!/bin/sh\nexit {:d}\n".format(self.status).encode())
        os.fchmod(handle, 0o755)
        os.close(handle)
        os.rename(POLICY + ".orchestra", POLICY)

    def __exit__(self, *exc: "Any") -> "None":
        if self.status is None:
            return
        import os

        if self._before is None:
            os.unlink(POLICY)
        else:
            with open(POLICY, "wb") as file:
                file.write(self._before)


def is_locked(err: "str") -> "bool":
    """Whether apt-get or dpkg failed because another one is at work."""
    return any(mark in err for mark in LOCKED) and "are you root" not in err and "Permission denied" not in err


def holder(system: "System", err: "str") -> "str":
    """Who holds the lock: as apt says it, else by the kernel's table of locks."""
    _, mark, rest = err.partition("held by process ")
    if mark:
        return "process " + rest.split("\n")[0].rstrip(".")
    for path in LOCKS:
        found = system.stat(path)
        pid = _locker(system, found.ino) if found is not None else None
        if pid:
            try:
                return "process {} ({})".format(pid, system.read_text("/proc/{}/comm".format(pid)).strip())
            except OSError:
                return "process " + pid
    return "a process that is not known"


def _locker(system: "System", inode: "int") -> "str | None":
    try:
        rows = [line.split() for line in system.read_text("/proc/locks").splitlines()]
    except OSError:
        return None
    return next((row[4] for row in rows if len(row) > 5 and row[5].endswith(":{}".format(inode))), None)


def planned(text: "str", word: "str") -> "dict[str, str | None]":
    """{name: version} of the lines of a simulation: `Inst name [old] (new ...)`, `Remv name [old]`, `Purg ...`."""
    found = {}
    for line in text.splitlines():
        if line.startswith(word + " "):
            version = line.partition("(")[2].split(" ")[0]
            found[line.split()[1].partition(":")[0]] = version or None
    return found


def summary(text: "str") -> "str":
    """The part of apt-get's output that says what changes."""
    lines = text.splitlines()
    starts = [index for index, line in enumerate(lines) if line.startswith("The following ")]
    ends = [index for index, line in enumerate(lines) if " newly installed, " in line]
    if not starts or not ends:
        return ""
    return "\n".join(lines[starts[0] : ends[0] + 1]) + "\n"


def explain(system: "System", argv: "list[str]", rc: "int", out: "str", err: "str") -> "Failed":
    """The failure with its cause in the first line and apt-get's own words in the result."""
    reasons = [line[3:] for line in err.splitlines() if line.startswith("E: ")] or err.strip().splitlines()[-1:]
    text = _missing(system, reasons) or _unmet(out, reasons) or _script(out + err, reasons) or "; ".join(reasons)
    text = text or "apt-get ended with {}".format(rc)
    return Failed(text, rc=rc, stdout=out, stderr=err, cmd=argv)


def _missing(system: "System", reasons: "list[str]") -> "str":
    for reason in reasons:
        name = _after(reason, "Unable to locate package ") or _between(reason, "Package '", "' has no installation")
        if name:
            return "No package matching '{}' is available{}".format(name, _nearest(system, name))
        version, name = _between(reason, "Version '", "' for '"), _between(reason, "' for '", "' was not found")
        if version and name:
            text = "no available installation candidate for {}={}{}"
            return text.format(name, version, _versions(system, name))
    return ""


def _after(text: "str", mark: "str") -> "str":
    return text.partition(mark)[2].strip()


def _between(text: "str", left: "str", right: "str") -> "str":
    _, found, rest = text.partition(left)
    name, ended, _ = rest.partition(right)
    return name if found and ended else ""


def _nearest(system: "System", name: "str") -> "str":
    import difflib

    known = system.query(["apt-cache", "pkgnames", name[:3]]).out.split()
    near = difflib.get_close_matches(name, known, 3)
    hint = "" if known or len(name) > 3 else "; update_cache=true refreshes the list of packages"
    return ", did you mean {}?".format(" or ".join(near)) if near else hint


def _versions(system: "System", name: "str") -> "str":
    rows = [line.split("|") for line in system.query(["apt-cache", "madison", name]).out.splitlines()]
    known = list(dict.fromkeys(row[1].strip() for row in rows if len(row) > 1))
    return "; available: " + ", ".join(known) if known else ""


def _script(said: "str", reasons: "list[str]") -> "str":
    """Which package's own script or configuration failed, in dpkg's words."""
    lines = [line.strip() for line in said.splitlines()]
    marks = [index for index, line in enumerate(lines) if line.startswith("dpkg: error processing ")]
    details = [
        lines[index][len("dpkg: error processing ") :] + " " + "".join(lines[index + 1 : index + 2]) for index in marks
    ]
    return "; ".join(details) if marks and any("returned an error code" in reason for reason in reasons) else ""


def _unmet(out: "str", reasons: "list[str]") -> "str":
    """Broken dependencies, with those that break them."""
    if not any("broken packages" in reason or "Unmet dependencies" in reason for reason in reasons):
        return ""
    details = [
        line.strip() for line in out.partition("The following packages have unmet dependencies:")[2].splitlines()
    ]
    wanted = [line for line in details if "Depends:" in line or "Conflicts:" in line or "Breaks:" in line]
    return "{} ({})".format("; ".join(reasons), "; ".join(wanted)) if wanted else "; ".join(reasons)
