"""dpkg's database, read from its file: what is installed in which version. No process, about a millisecond.

In check mode what earlier tasks would have installed or removed counts as done. Knows nothing of repositories.
"""

from orchestra.runner.sdk import NOTHING, Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestra.runner.system import System

STATUS = "/var/lib/dpkg/status"


class Package:
    """A package that dpkg knows. `version` is None where only a check run foretells it."""

    __slots__ = ("arch", "name", "provides", "section", "state", "version")

    def __init__(self, name: "str", version: "str | None", arch: "str" = "", state: "str" = "installed") -> "None":
        self.name = name
        self.version = version
        self.arch = arch
        self.state = state
        self.provides = []  # type: list[str]
        self.section = ""

    installed = property(lambda self: self.state in ("installed", "triggers-awaited", "triggers-pending"))


class Dpkg:
    """The database as it was when first asked."""

    def __init__(self, system: "System") -> "None":
        self.system = system
        self._data = None  # type: bytes | None

    def _text(self) -> "bytes":
        if self._data is None:
            try:
                self._data = b"\n" + self.system.read_bytes(STATUS) + b"\n\n"
            except FileNotFoundError:
                raise Failed("{} is missing: this is not a machine with dpkg".format(STATUS)) from None
        return self._data

    def find(self, name: "str") -> "Package | None":
        """The package by name or name:arch, also where only its configuration is left; None where it is not there."""
        name, _, arch = name.partition(":")
        foretold = self.system.foreseen("package", name)
        if foretold is not NOTHING:
            return None if foretold is None else Package(name, foretold.get("version"))
        found = [one for one in self._stanzas(name) if not arch or arch in ("any", one.arch)]
        best = [one for one in found if one.installed] or [one for one in found if one.state != "not-installed"]
        return best[0] if best else None

    def _stanzas(self, name: "str") -> "Iterator[Package]":
        data, mark = self._text(), b"\nPackage: " + name.encode("utf-8", "surrogateescape") + b"\n"
        place = data.find(mark)
        while place >= 0:
            end = data.find(b"\n\n", place + 1)
            yield _package(data[place + 1 : end])
            place = data.find(mark, end)

    def every(self) -> "Iterator[Package]":
        """Everything that dpkg knows, in its order."""
        for block in self._text().split(b"\n\n"):
            if b"Package: " in block:
                yield _package(block.strip(b"\n"))

    def provider(self, name: "str") -> "Package | None":
        """An installed package that provides a virtual one."""
        wanted = name.encode("utf-8", "surrogateescape")
        data = self._text()
        place = data.find(b"\nProvides: ")
        while place >= 0:
            line = data[place + 1 : data.find(b"\n", place + 1)]
            if wanted in line:
                start = data.rfind(b"\n\n", 0, place)
                one = _package(data[start + 1 : data.find(b"\n\n", place)].strip(b"\n"))
                if one.installed and name in one.provides:
                    return one
            place = data.find(b"\nProvides: ", place + 1)
        return None

    def selection(self, name: "str") -> "str | None":
        """What dpkg is to do with a package: install, hold, deinstall, purge; None where it does not know it."""
        foretold = self.system.foreseen("selection", name)
        if foretold is not NOTHING:
            return str(foretold)
        data = self._text()
        place = data.find(b"\nPackage: " + name.partition(":")[0].encode("utf-8", "surrogateescape") + b"\n")
        mark = data.find(b"\nStatus: ", place)
        if place < 0 or mark < 0 or mark > data.find(b"\n\n", place + 1):
            return None
        return data[mark + 9 :].split(None, 1)[0].decode("ascii", "replace")


def _package(stanza: "bytes") -> "Package":
    fields = {}  # type: dict[str, str]
    for line in stanza.decode("utf-8", "replace").split("\n"):
        key, colon, value = line.partition(": ")
        if colon and key in ("Package", "Version", "Architecture", "Status", "Provides", "Section"):
            fields[key] = value.strip()
    state = fields.get("Status", "").split()[-1:]
    package = Package(fields["Package"], fields.get("Version"), fields.get("Architecture", ""), "".join(state))
    package.section = fields.get("Section", "")
    package.provides = [part.split()[0] for part in fields.get("Provides", "").split(",") if part.strip()]
    return package


def compare(system: "System", one: "str", relation: "str", other: "str") -> "bool":
    """Whether `one` stands in a relation (lt le eq ge gt) to another version, by dpkg's own rules."""
    if one == other:
        return relation in ("le", "eq", "ge")
    return bool(system.query(["dpkg", "--compare-versions", one, relation, other]).rc == 0)


def is_automatic(system: "System", names: "list[str]") -> "list[str]":
    """Those that apt would remove again when nothing needs them."""
    try:
        data = b"\n\n" + system.read_bytes("/var/lib/apt/extended_states") + b"\n\n"
    except FileNotFoundError:
        return []
    found = []
    for name in names:
        place = data.find(b"\nPackage: " + name.partition(":")[0].encode("utf-8", "surrogateescape") + b"\n")
        if place >= 0 and b"\nAuto-Installed: 1" in data[place : data.find(b"\n\n", place + 1)]:
            found.append(name)
    return found


__all__ = ["Dpkg", "Package", "compare", "is_automatic"]
