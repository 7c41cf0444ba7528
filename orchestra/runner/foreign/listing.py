"""Bases of what lists installed packages: Ansible's `facts.packages`."""

from orchestra.runner.foreign.finding import get_bin_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class PkgMgr:
    """One package manager: whether it is here, what it has installed."""

    def is_available(self, handle_exceptions: "bool" = True) -> "bool":
        """Whether it can be asked."""
        return False

    def list_installed(self) -> "Any":
        """What is installed, in the manager's own words."""
        return []

    def get_package_details(self, package: "Any") -> "dict[str, Any]":
        """name and version, and what else is known."""
        return {"name": package, "version": ""}

    def get_packages(self) -> "dict[str, list[dict[str, Any]]]":
        """Package name -> what is known of each of its installed versions."""
        found = {}  # type: dict[str, list[dict[str, Any]]]
        for package in self.list_installed():
            details = self.get_package_details(package)
            details.setdefault("source", type(self).__name__.lower())
            found.setdefault(details["name"], []).append(details)
        return found


class LibMgr(PkgMgr):
    """One that is asked through a Python library, named LIB."""

    LIB = ""

    def __init__(self) -> "None":
        self._lib = None  # type: Any

    def is_available(self, handle_exceptions: "bool" = True) -> "bool":
        """Whether the library can be imported."""
        try:
            self._lib = __import__(self.LIB)
        except ImportError:
            return False
        return True


class CLIMgr(PkgMgr):
    """One that is asked through a program, named CLI."""

    CLI = ""

    def __init__(self) -> "None":
        self._cli = None  # type: str | None

    def is_available(self, handle_exceptions: "bool" = True) -> "bool":
        """Whether the program is here."""
        try:
            self._cli = get_bin_path(self.CLI)
        except ValueError:
            return False
        return True


def get_all_pkg_managers() -> "dict[str, Any]":
    """Every class that is a package manager, by its name in lower case."""
    return {one.__name__.lower(): one for base in (LibMgr, CLIMgr) for one in base.__subclasses__()}
