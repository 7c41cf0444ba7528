"""Which facts were asked for, in which order they are gathered, and how they are filtered and named."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.parts.facts.source import Source

LOCAL_FOLDER = "/etc/ansible/facts.d"


class Subset:
    """A name for gather_subset, the function that gathers it (file.function, imported when it is wanted), further
    names for the same facts, and what must be gathered before.
    """

    __slots__ = ("also", "gather", "minimal", "name", "needs")

    def __init__(self, name: "str", gather: "str", also: "str" = "", **more: "Any") -> "None":
        self.name = name
        self.gather = gather
        self.also = also.split()
        self.minimal = more.get("minimal", True)
        self.needs = more.get("needs", ())


# In the order of gathering: what others need comes first.
SUBSETS = (
    Subset(
        "platform", "machine.platform", "system kernel kernel_version machine python_version architecture machine_id"
    ),
    Subset(
        "distribution",
        "distribution.distribution",
        "distribution_version distribution_release distribution_major_version os_family",
    ),
    Subset("lsb", "software.lsb", needs=("distribution",)),
    Subset("selinux", "security.selinux"),
    Subset("apparmor", "security.apparmor"),
    Subset("chroot", "security.chroot", "is_chroot", minimal=False),
    Subset("fips", "security.fips"),
    Subset("python", "machine.python"),
    Subset("caps", "security.capabilities", "system_capabilities system_capabilities_enforced"),
    Subset("pkg_mgr", "software.pkg_mgr", needs=("distribution",)),
    Subset("service_mgr", "software.service_mgr", needs=("platform", "distribution")),
    Subset("cmdline", "machine.command_line"),
    Subset("date_time", "machine.date_time"),
    Subset("env", "machine.environment"),
    Subset("loadavg", "machine.load_average", minimal=False),
    Subset(
        "ssh_pub_keys",
        "machine.host_keys",
        "ssh_host_pub_keys ssh_host_key_dsa_public ssh_host_key_rsa_public ssh_host_key_ecdsa_public "
        "ssh_host_key_ed25519_public",
    ),
    Subset(
        "user",
        "machine.user",
        "user_id user_uid user_gid user_gecos user_dir user_shell real_user_id effective_user_id effective_group_ids",
    ),
    Subset("systemd", "software.systemd", minimal=False),
    Subset(
        "virtual",
        "virtual.virtual",
        "virtualization_type virtualization_role virtualization_tech_guest virtualization_tech_host",
        minimal=False,
    ),
    Subset(
        "hardware",
        "hardware.everything",
        "processor processor_cores processor_count mounts devices",
        minimal=False,
        needs=("platform",),
    ),
    Subset("dns", "machine.dns"),
    Subset("fibre_channel_wwn", "network.fibre_channel", minimal=False),
    Subset(
        "network",
        "network.network",
        "interfaces default_ipv4 default_ipv6 all_ipv4_addresses all_ipv6_addresses",
        minimal=False,
        needs=("distribution", "platform"),
    ),
    Subset("iscsi", "network.iscsi", minimal=False),
    Subset("nvme", "network.nvme", minimal=False),
    Subset("local", "local.local"),
    Subset("facter", "", minimal=False),
    Subset("ohai", "", minimal=False),
)


def valid_names() -> "list[str]":
    """Every name that gather_subset takes, besides all and min."""
    return sorted(name for subset in SUBSETS for name in [subset.name] + subset.also)


def chosen(asked: "list[str]") -> "set[str]":
    """The subsets that a gather_subset means, with what they need. ValueError for a name that does not exist.

    The minimal set is always in, unless it is taken out by name. What is asked for by name is never taken out.
    """
    every = set(valid_names())
    least = {name for subset in SUBSETS if subset.minimal for name in [subset.name]}
    also = {subset.name: set(subset.also) for subset in SUBSETS}
    added = set(least)
    removed = set()  # type: set[str]
    named = set()
    for word in asked or ["all"]:
        name = word.lstrip("!")
        group = {"all": every - least if word != name else every, "min": least}.get(name)
        if word != name:
            removed |= {name} | also.get(name, set()) if group is None else group
        elif group is not None:
            added |= group
        elif name not in every:
            raise ValueError(name)
        else:
            named.add(name)
    return _completed((added | named) - (removed - named))


def _completed(names: "set[str]") -> "set[str]":
    wanted = {subset.name for subset in SUBSETS if names.intersection([subset.name] + subset.also)}
    for subset in SUBSETS:
        if subset.name in wanted:
            wanted.update(subset.needs)
    return wanted


def gather(
    source: "Source", asked: "list[str]", filters: "list[str]", folder: "str" = LOCAL_FOLDER
) -> "dict[str, Any]":
    """{"ansible_distribution": ..., ...} with gather_subset and module_setup, filtered. ValueError: a wrong subset."""
    wanted = chosen(asked)
    facts = {}  # type: dict[str, Any]
    for subset in SUBSETS:
        if subset.name in wanted:
            given = folder if subset.name == "local" else facts
            facts.update(_gathered(subset, source, given))
    named = {"ansible_" + name.replace("-", "_"): value for name, value in facts.items()}
    named.update(gather_subset=list(asked or ["all"]), module_setup=True)
    return _filtered(named, filters)


def _gathered(subset: "Subset", source: "Source", given: "Any") -> "dict[str, Any]":
    """One subset's facts. What one file says strangely must not cost the facts of all others."""
    if not subset.gather:
        return {}
    file, _, function = subset.gather.partition(".")
    try:
        return getattr(_part(file), function)(source, given)  # type: ignore[no-any-return]
    except (OSError, ValueError, LookupError) as error:
        source.warn("the facts {} could not be gathered: {}: {}".format(subset.name, type(error).__name__, error))
        return {}


def _part(name: "str") -> "Any":
    """A file of this folder, compiled when its facts are wanted: that is most of what facts cost."""
    import sys

    if name == "machine":
        import orchestra.runner.parts.facts.machine
    elif name == "distribution":
        import orchestra.runner.parts.facts.distribution
    elif name == "software":
        import orchestra.runner.parts.facts.software
    elif name == "security":
        import orchestra.runner.parts.facts.security
    elif name == "virtual":
        import orchestra.runner.parts.facts.virtual
    elif name == "hardware":
        import orchestra.runner.parts.facts.hardware
    elif name == "network":
        import orchestra.runner.parts.facts.network
    else:
        import orchestra.runner.parts.facts.local  # noqa: F401
    return sys.modules["orchestra.runner.parts.facts." + name]


def _filtered(facts: "dict[str, Any]", filters: "list[str]") -> "dict[str, Any]":
    """Those that match a shell pattern, with or without the `ansible_` in front."""
    patterns = [one for one in filters or () if one not in ("", "*")]
    if len(patterns) < len(filters or ()) or not patterns:
        return facts
    from fnmatch import fnmatchcase

    every = [p for one in patterns for p in ([one] if one.startswith("ansible_") else [one, "ansible_" + one])]
    return {name: value for name, value in facts.items() if any(fnmatchcase(name, one) for one in every)}
