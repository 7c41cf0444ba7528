"""What runs the machine's packages and services: pkg_mgr, service_mgr, systemd, lsb.

No program is started where a file tells as much; `systemctl --version` is the exception, for its list of features.
"""

import os

from orchestra.runner.parts.facts.distribution import parse_os_release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.parts.facts.source import Source

PACKAGE_MANAGERS = (
    ("/usr/bin/rpm-ostree", "atomic_container"),
    ("/usr/bin/yum", "dnf"),
    ("/usr/bin/dnf-3", "dnf"),
    ("/usr/bin/dnf5", "dnf5"),
    ("/usr/bin/apt-get", "apt"),
    ("/usr/bin/zypper", "zypper"),
    ("/usr/sbin/urpmi", "urpmi"),
    ("/usr/bin/pacman", "pacman"),
    ("/bin/opkg", "opkg"),
    ("/usr/pkg/bin/pkgin", "pkgin"),
    ("/opt/local/bin/pkgin", "pkgin"),
    ("/home/linuxbrew/.linuxbrew/bin/brew", "homebrew"),
    ("/sbin/apk", "apk"),
    ("/usr/sbin/pkg", "pkgng"),
    ("/usr/bin/emerge", "portage"),
    ("/usr/bin/xbps-install", "xbps"),
    ("/usr/bin/swupd", "swupd"),
    ("/usr/sbin/sorcery", "sorcery"),
)

_INITS = {"procd": "openwrt_init", "runit-init": "runit", "svscan": "svc", "openrc-init": "openrc"}


def pkg_mgr(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """The module that handles packages here: the family's own, whatever else is installed."""
    family = facts.get("os_family")
    if family == "RedHat":
        return {"pkg_mgr": _redhat_manager(source)}
    found = "unknown"
    for path, name in PACKAGE_MANAGERS:
        if source.exists(path) and not (family == "Altlinux" and path == "/usr/bin/pkg"):
            found = name
    if family == "Debian":
        found = "apt"
    of_rpm = source.exists("/usr/bin/rpm") and not source.is_dir("/var/lib/dpkg")
    if found == "apt" and (family == "Altlinux" or of_rpm):
        found = "apt_rpm"
    return {"pkg_mgr": found}


def _redhat_manager(source: "Source") -> "str":
    """What dnf or microdnf leads to; yum machines have neither and are served by the yum command."""
    if source.exists("/run/ostree-booted"):
        return "atomic_container"
    for path in ("/usr/bin/dnf", "/usr/bin/microdnf"):
        if source.exists(path):
            return "dnf5" if source.real(path) == "/usr/bin/dnf5" else "dnf"
    return "yum" if source.exists("/usr/bin/yum") else "unknown"


def service_mgr(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """The init system: by process 1, else by what is installed."""
    first = os.path.basename(source.read("/proc/1/comm") or source.link("/sbin/init") or "init")
    if first != "init" and not first.endswith("sh"):
        return {"service_mgr": _INITS.get(first, first)}
    by_name = {"OpenWrt": "openwrt_init", "SMGL": "simpleinit_msb"}.get(facts.get("distribution", ""))
    return {"service_mgr": by_name or _installed_init(source)}


def _installed_init(source: "Source") -> "str":
    has_systemctl = any(source.exists(folder + "/systemctl") for folder in ("/usr/bin", "/bin"))
    offline = os.path.basename(source.link("/sbin/init") or "") == "systemd"
    tries = (
        (booted_by_systemd(source), "systemd"),
        (source.exists("/sbin/initctl") and source.exists("/etc/init/"), "upstart"),
        (source.exists("/sbin/openrc"), "openrc"),
        (has_systemctl and offline, "systemd"),
        (source.exists("/etc/init.d/"), "sysvinit"),
        (source.exists("/etc/dinit.d/"), "dinit"),
    )
    return next((name for found, name in tries if found), "service")


def booted_by_systemd(source: "Source") -> "bool":
    """What sd_booted(3) asks, and that there is a systemctl."""
    running = any(source.exists(path) for path in ("/run/systemd/system/", "/dev/.run/systemd/", "/dev/.systemd/"))
    return running and any(source.exists(folder + "/systemctl") for folder in ("/usr/bin", "/bin"))


def systemd(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """Version and compiled-in features, on machines that systemd has booted."""
    if not booted_by_systemd(source):
        return {}
    lines = (source.output(["systemctl", "--version"]) or "").splitlines()
    words = lines[0].split() if len(lines) > 1 else []
    if len(words) < 2 or not words[1].isdigit():
        return {}
    return {"systemd": {"version": int(words[1]), "features": lines[1]}}


def lsb(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """id, release, major_release, codename, description. On Debian's family also without the lsb_release program."""
    found = _lsb_of(parse_os_release(source.read("/etc/lsb-release", "")), "DISTRIB_")
    if not found.get("id") and facts.get("os_family") == "Debian":
        found = _lsb_of_os_release(parse_os_release(source.read("/etc/os-release", "")), facts)
    elif not found.get("id"):
        found = _lsb_program(source)
    if "release" in found:
        found["major_release"] = found["release"].split(".")[0]
    return {"lsb": found}


def _lsb_of(keys: "dict[str, str]", prefix: "str") -> "dict[str, str]":
    names = ("id", "release", "description", "codename")
    return {name: keys[prefix + name.upper()] for name in names if prefix + name.upper() in keys}


def _lsb_of_os_release(keys: "dict[str, str]", facts: "dict[str, Any]") -> "dict[str, str]":
    return {
        "id": facts["distribution"].replace(" ", ""),
        "release": keys.get("VERSION_ID", "n/a"),
        "description": keys.get("PRETTY_NAME", ""),
        "codename": keys.get("VERSION_CODENAME", facts["distribution_release"]),
    }


def _lsb_program(source: "Source") -> "dict[str, str]":
    names = {"Distributor ID": "id", "Description": "description", "Release": "release", "Codename": "codename"}
    found = {}
    for line in (source.output(["lsb_release", "-a"]) or "").splitlines():
        key, _, value = line.partition(":")
        if key in names:
            found[names[key]] = value.strip().strip("'\"\\")
    return found
