"""Which distribution this is: name, version, release, family, from the files in /etc.

The names and their order are those that playbooks expect of `ansible_distribution*`.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.parts.facts.source import Source

FAMILIES = {
    "RedHat": "RedHat RHEL Fedora CentOS Scientific SLC Ascendos CloudLinux PSBM OracleLinux OVS OEL Amazon Amzn "
    "Virtuozzo XenServer Alibaba EulerOS openEuler AlmaLinux Rocky TencentOS EuroLinux "
    "Kylin_Linux_Advanced_Server MIRACLE",
    "Debian": "Debian Ubuntu Raspbian Neon KDE_neon Linux_Mint SteamOS Devuan Kali Cumulus_Linux Pop!_OS Parrot "
    "Pardus_GNU/Linux Uos Deepin OSMC Linux_Mint_Debian_Edition",
    "Suse": "SuSE SLES SLED openSUSE openSUSE_Tumbleweed SLES_SAP SUSE_LINUX openSUSE_Leap ALP-Dolomite SL-Micro "
    "openSUSE_MicroOS",
    "Archlinux": "Archlinux Antergos Manjaro",
    "Mandrake": "Mandrake Mandriva",
    "Gentoo": "Gentoo Funtoo",
    "ClearLinux": "Clear_Linux_OS Clear_Linux_Mix",
}

# (file, variety, the text that must be in it; the distribution is then the variety, else the first word)
_RELEASE_FILES = (
    ("/etc/altlinux-release", "Altlinux", "ALT"),
    ("/etc/oracle-release", "OracleLinux", "Oracle Linux"),
    ("/etc/redhat-release", "RedHat", "Red Hat"),
)


def parse_os_release(text: "str") -> "dict[str, str]":
    """KEY=value lines of os-release or lsb-release, unquoted."""
    found = {}
    for line in text.splitlines():
        key, equals, value = line.strip().partition("=")
        if equals and not key.startswith("#"):
            found[key] = value.strip("\"'")
    return found


def family_of(distribution: "str") -> "str":
    """The family of a distribution; itself where none is known."""
    wanted = distribution.replace(" ", "_")
    for family, names in FAMILIES.items():
        if wanted in names.split():
            return family
    return distribution


def distribution(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """distribution, _version, _major_version, _release, _file_*, and os_family."""
    release = parse_os_release(source.read("/etc/os-release") or source.read("/usr/lib/os-release", ""))
    found = _guess(source, release)
    found.update(_from_files(source, found))
    found["os_family"] = family_of(found["distribution"])
    return found


def _guess(source: "Source", release: "dict[str, str]") -> "dict[str, Any]":
    """What os-release alone says, before the distribution's own file is asked."""
    name = release.get("ID", "linux").capitalize()
    version = _version(source, release)
    return {
        "distribution": {"Amzn": "Amazon", "Rhel": "Redhat", "Linux": "OtherLinux"}.get(name, name),
        "distribution_version": version or "NA",
        "distribution_major_version": version.split(".")[0] or "NA",
        "distribution_release": _codename(source, release),
    }


def _version(source: "Source", release: "dict[str, str]") -> "str":
    """VERSION_ID; with the minor number from other files where the distribution leaves it out there."""
    version = release.get("VERSION_ID", "")
    if release.get("ID") == "centos":
        words = [word for word in source.read("/etc/centos-release", "").split() if word[:1].isdigit()]
        return ".".join((words[0] if words else version).split(".")[:2])
    if release.get("ID") == "debian":
        exact = source.read("/etc/debian_version", "")
        return exact if exact[:1].isdigit() or not version else version
    if not version:
        words = [word for word in source.read("/etc/redhat-release", "").split() if word[:1].isdigit()]
        version = words[0] if words else ""
    return version


def _codename(source: "Source", release: "dict[str, str]") -> "str":
    for key in ("VERSION_CODENAME", "UBUNTU_CODENAME"):
        if key in release:
            return release[key]
    if release.get("ID") == "ubuntu":
        found = parse_os_release(source.read("/etc/lsb-release", "")).get("DISTRIB_CODENAME")
        if found:
            return found
    files = (source.read("/etc/{}-release".format(name)) for name in ("centos", "oracle", "redhat"))
    return _in_brackets(release.get("VERSION", "")) or _in_brackets(next(filter(None, files), "")) or "NA"


def _in_brackets(text: "str") -> "str":
    """`Core` of `7 (Core)`; nothing with a digit in it is a name."""
    found = text.partition("(")[2].partition(")")[0]
    return "" if any(letter.isdigit() for letter in found) else found


def _from_files(source: "Source", guess: "dict[str, Any]") -> "dict[str, Any]":
    for path, variety, read in _TRIES:
        text = source.read(path)
        if text is None and not (variety in _MAY_BE_EMPTY and source.exists(path)):
            continue
        found = read(source, text or "", variety, path, guess)
        if found is None:
            continue
        facts = {"distribution": variety, "distribution_file_path": path, "distribution_file_variety": variety}
        if variety not in _MAY_BE_EMPTY or path == "/etc/os-release":
            facts["distribution_file_parsed"] = True
        facts.update(found)
        return facts
    return {}


def _release_file(source: "Source", text: "str", variety: "str", path: "str", guess: "Any") -> "dict[str, Any] | None":
    for _, name, mark in _RELEASE_FILES:
        if name == variety and mark in text:
            return {"distribution": variety, "distribution_file_search_string": mark}
    return {"distribution": text.strip("'\"\\").split()[0]}


def _centos(source: "Source", text: "str", variety: "str", path: "str", guess: "Any") -> "dict[str, Any] | None":
    if "CentOS Stream" in text:
        return {"distribution_release": "Stream"}
    return {"distribution": "TencentOS"} if "TencentOS Server" in text else None


def _bare(source: "Source", text: "str", variety: "str", path: "str", guess: "Any") -> "dict[str, Any] | None":
    return {}


def _slackware(source: "Source", text: "str", variety: "str", path: "str", guess: "Any") -> "dict[str, Any] | None":
    if "Slackware" not in text:
        return None
    versions = [word for word in text.split() if word[:1].isdigit() and "." in word]
    return {"distribution_version": versions[0]} if versions else {}


def _amazon(source: "Source", text: "str", variety: "str", path: "str", guess: "Any") -> "dict[str, Any] | None":
    if "Amazon" not in text:
        return None
    if path == "/etc/os-release":
        version = parse_os_release(text).get("VERSION_ID", "NA")
        major, _, minor = version.partition(".")
        return {
            "distribution_version": version,
            "distribution_major_version": major,
            "distribution_minor_version": minor or "NA",
        }
    numbers = [word for word in text.split() if word.isdigit()]
    return {"distribution_version": numbers[0] if numbers else "NA"}


def _openwrt(source: "Source", text: "str", variety: "str", path: "str", guess: "Any") -> "dict[str, Any] | None":
    if "OpenWrt" not in text:
        return None
    keys = parse_os_release(text)
    names = (("distribution_version", "DISTRIB_RELEASE"), ("distribution_release", "DISTRIB_CODENAME"))
    return {fact: keys[key] for fact, key in names if key in keys}


def _alpine(source: "Source", text: "str", variety: "str", path: "str", guess: "Any") -> "dict[str, Any] | None":
    return {"distribution_version": text}


def _arch(source: "Source", text: "str", variety: "str", path: "str", guess: "Any") -> "dict[str, Any] | None":
    return {} if "Arch Linux" in text else None


def _suse(source: "Source", text: "str", variety: "str", path: "str", guess: "Any") -> "dict[str, Any] | None":
    if "suse" not in text.lower():
        return None
    keys = parse_os_release(text)
    facts = {"distribution": keys["NAME"]} if "NAME" in keys else {}  # type: dict[str, Any]
    version = keys.get("VERSION_ID", "")
    if version[:1].isdigit():
        major, _, minor = version.partition(".")
        facts.update(distribution_version=version, distribution_major_version=major)
        if "open" in text.lower():
            facts["distribution_release"] = minor
        elif "enterprise" in text.lower():
            facts["distribution_release"] = minor or "0"
    facts.update(_suse_product(source, keys))
    return facts


def _suse_product(source: "Source", keys: "dict[str, str]") -> "dict[str, Any]":
    variant = keys.get("VARIANT_ID")
    if variant is not None:
        name = {"server-sap": "SLES_SAP", "sles-sap": "SLES_SAP", "transactional": "SL-Micro"}.get(variant)
    else:
        product = os.path.basename(source.link("/etc/products.d/baseproduct") or "")
        name = {"SLES_SAP.prod": "SLES_SAP", "SL-Micro.prod": "SL-Micro"}.get(product)
    return {"distribution": name} if name else {}


def _debian(source: "Source", text: "str", variety: "str", path: "str", guess: "Any") -> "dict[str, Any] | None":
    if "Debian" in text or "Raspbian" in text:
        return _debian_itself(source, text)
    for mark, name in (("Ubuntu", "Ubuntu"), ("SteamOS", "SteamOS"), ("Kali", "Kali"), ("Parrot", "Parrot")):
        if mark in text:
            release = parse_os_release(text).get("DISTRIB_RELEASE") if name in ("Kali", "Parrot") else None
            return {"distribution": name, "distribution_release": release} if release else {"distribution": name}
    for marks, name in _DERIVED:
        if any(mark in text for mark in marks):
            return _debian_derived(parse_os_release(text), name)
    return {"distribution": "Linux Mint Debian Edition"} if "LMDE" in text else None


_DERIVED = (
    (("Devuan",), "Devuan"),
    (("Cumulus",), "Cumulus Linux"),
    (("Mint",), "Linux Mint"),
    (("UOS", "Uos", "uos"), "Uos"),
    (("Deepin", "deepin"), "Deepin"),
)


def _debian_itself(source: "Source", text: "str") -> "dict[str, Any]":
    facts = {"distribution": "Debian"}
    release = parse_os_release(text).get("PRETTY_NAME", "").partition("(")[2].partition(")")[0]
    if release:
        facts["distribution_release"] = release
    major, dot, minor = source.read("/etc/debian_version", "").partition(".")
    if dot and major.isdigit() and minor[:1].isdigit():
        facts["distribution_minor_version"] = minor
    return facts


def _debian_derived(keys: "dict[str, str]", name: "str") -> "dict[str, Any]":
    facts = {"distribution": name}
    version = keys.get("VERSION_ID")
    if version:
        facts["distribution_version"] = version
        facts["distribution_major_version"] = version if name == "Devuan" else version.split(".")[0]
    release = {
        "Devuan": keys.get("PRETTY_NAME", "").partition("(")[2].partition(")")[0] or keys.get("VERSION_CODENAME"),
        "Cumulus Linux": keys.get("VERSION"),
        "Linux Mint": None,
    }.get(name, keys.get("VERSION_CODENAME"))
    if release:
        facts["distribution_release"] = release
    return facts


def _clear(source: "Source", text: "str", variety: "str", path: "str", guess: "Any") -> "dict[str, Any] | None":
    keys = parse_os_release(text)
    if "Clear Linux" not in keys.get("NAME", ""):
        return None
    version = keys.get("VERSION_ID", "NA")
    return {
        "distribution": keys["NAME"],
        "distribution_version": version,
        "distribution_major_version": version,
        "distribution_release": keys.get("ID", "NA"),
    }


def _flatcar(source: "Source", text: "str", variety: "str", path: "str", guess: "Any") -> "dict[str, Any] | None":
    if guess["distribution"].lower() != "flatcar":
        return None
    version = parse_os_release(text).get("VERSION", "NA")
    return {"distribution_version": version, "distribution_major_version": version.split(".")[0]}


def _other(source: "Source", text: "str", variety: "str", path: "str", guess: "Any") -> "dict[str, Any] | None":
    keys = parse_os_release(text)
    facts = {"distribution": keys["NAME"]} if "NAME" in keys else {}
    if "VERSION" in keys and guess["distribution_version"] == "NA":
        facts["distribution_version"] = keys["VERSION"]
    return facts


_MAY_BE_EMPTY = ("VMwareESX", "Archlinux")
# In this order: a later file is asked only where no earlier one settles it.
_TRIES = (
    ("/etc/altlinux-release", "Altlinux", _release_file),
    ("/etc/oracle-release", "OracleLinux", _release_file),
    ("/etc/slackware-version", "Slackware", _slackware),
    ("/etc/centos-release", "CentOS", _centos),
    ("/etc/redhat-release", "RedHat", _release_file),
    ("/etc/vmware-release", "VMwareESX", _bare),
    ("/etc/openwrt_release", "OpenWrt", _openwrt),
    ("/etc/os-release", "Amazon", _amazon),
    ("/etc/system-release", "Amazon", _amazon),
    ("/etc/alpine-release", "Alpine", _alpine),
    ("/etc/arch-release", "Archlinux", _bare),
    ("/etc/os-release", "Archlinux", _arch),
    ("/etc/os-release", "SUSE", _suse),
    ("/etc/os-release", "Debian", _debian),
    ("/etc/lsb-release", "Debian", _debian),
    ("/usr/lib/os-release", "ClearLinux", _clear),
    ("/etc/os-release", "Flatcar", _flatcar),
    ("/etc/os-release", "NA", _other),
)  # type: Any
