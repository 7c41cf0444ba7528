"""Which distribution this is: Ansible's `distro` and `common.sys_info`, from /etc/os-release."""

import platform

from orchestra.runner.parts.facts.distribution import parse_os_release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NAMES = {"rhel": "Redhat", "centos": "Centos", "debian": "Debian", "ubuntu": "Ubuntu", "amzn": "Amazon",
          "opensuse-leap": "Opensuse-leap", "arch": "Arch", "fedora": "Fedora", "alpine": "Alpine"}  # fmt: skip


def os_release_info() -> "dict[str, str]":
    """What os-release says, by names in lower case."""
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            with open(path, encoding="utf-8") as file:
                return {key.lower(): value for key, value in parse_os_release(file.read()).items()}
        except OSError:
            continue
    return {}


def id() -> "str":
    """The distribution's short name, such as debian."""
    return os_release_info().get("id", "")


def name(pretty: "bool" = False) -> "str":
    """The distribution's name."""
    return os_release_info().get("pretty_name" if pretty else "name", "")


def version(pretty: "bool" = False, best: "bool" = False) -> "str":
    """The distribution's version."""
    return os_release_info().get("version_id", "")


def version_parts(best: "bool" = False) -> "tuple[str, str, str]":
    """The version as (major, minor, build)."""
    parts = [*version().split("."), "", "", ""]
    return parts[0], parts[1], parts[2]


def major_version(best: "bool" = False) -> "str":
    """The first part of the version."""
    return version_parts()[0]


def minor_version(best: "bool" = False) -> "str":
    """The second part of the version."""
    return version_parts()[1]


def like() -> "str":
    """The distributions that this one is like."""
    return os_release_info().get("id_like", "")


def codename() -> "str":
    """The release's name."""
    info = os_release_info()
    return info.get("version_codename") or info.get("ubuntu_codename", "")


def linux_distribution(full_distribution_name: "bool" = True) -> "tuple[str, str, str]":
    """(name, version, codename)."""
    return (name() if full_distribution_name else id()), version(), codename()


def info(pretty: "bool" = False, best: "bool" = False) -> "dict[str, Any]":
    """All of it."""
    major, minor, build = version_parts()
    parts = {"major": major, "minor": minor, "build_number": build}
    return {"id": id(), "version": version(), "version_parts": parts, "like": like(), "codename": codename()}


def get_distribution() -> "str | None":
    """The name that platform subclasses go by, such as Redhat."""
    if platform.system() != "Linux":
        return platform.system()
    found = id()
    return _NAMES.get(found, found.capitalize()) or "OtherLinux"


def get_distribution_version() -> "str | None":
    """The distribution's version."""
    return version()


def get_distribution_codename() -> "str | None":
    """The release's name, or None."""
    return codename() or None


def get_platform_subclass(cls: "Any") -> "Any":
    """The subclass of `cls` for this platform and distribution, else for the platform, else itself."""
    here, distribution = platform.system(), get_distribution()
    below = list(_below(cls))
    for wanted in (distribution, None):
        for one in below:
            if getattr(one, "platform", None) == here and getattr(one, "distribution", None) == wanted:
                return one
    return cls


def load_platform_subclass(cls: "Any", *args: "Any", **kwargs: "Any") -> "Any":
    """A new object of the subclass for this platform."""
    return object.__new__(get_platform_subclass(cls))


def _below(cls: "Any") -> "Any":
    for one in cls.__subclasses__():
        yield one
        yield from _below(one)
