"""Tell what is mounted, and what the host's tables of mounts name, as facts."""

import os
from fnmatch import fnmatch

from orchestra.runner.parts.facts.mounts import counted
from orchestra.runner.parts.facts.source import within
from orchestra.runner.parts.mounttables import entries_of_file, entries_of_mount
from orchestra.runner.sdk import Bool, Failed, Float, List, Raw, Str, option

NAMES = ("ansible.builtin.mount_facts", "ansible.legacy.mount_facts")
PARTS = ("facts.mounts", "facts.source", "mounttables")
DYNAMIC = ("/etc/mtab", "/proc/mounts", "/etc/mnttab")
STATIC = ("/etc/fstab", "/etc/vfstab", "/etc/filesystems")
ALIASES = {"all": DYNAMIC + STATIC, "dynamic": DYNAMIC, "static": STATIC}
BY_UUID = "/dev/disk/by-uuid"
PATIENCE = 10


class Options:
    devices = option(List, "Only mounts of devices or shares that fit one of these globs.", elements=Str)
    fstypes = option(List, "Only mounts whose kind of file system fits one of these globs.", elements=Str)
    sources = option(
        List,
        "Tables to read: paths, mount for what the program says, or all, dynamic (mtab and the like), static (fstab).",
        elements=Str,
    )
    mount_binary = option(
        Raw, "The program to ask for `mount`, and where no dynamic table is there; '' asks none.", default="mount"
    )
    timeout = option(Float, "Seconds that a mount, or the program, may take to answer.")
    on_timeout = option(
        Str, "What a mount that does not answer is.", default="error", choices=("error", "warn", "ignore")
    )
    include_aggregate_mounts = option(
        Bool, "Tell every entry in aggregate_mounts, not only the first for each mount point."
    )


EXAMPLES = """
- name: What is mounted from other hosts
  mount_facts:
    fstypes: [nfs, nfs4, cifs]
    timeout: 5
    on_timeout: warn

- name: What a table names
  mount_facts:
    sources: /etc/fstab
"""

RETURNS = {
    "ansible_facts": "mount_points: {path: device, fstype, options, size_total, uuid, ansible_context ...}; "
    "aggregate_mounts: the same as a list, with every entry"
}


def plan(options, system):
    if options.timeout is not None and options.timeout <= 0:
        raise Failed("argument 'timeout' must be a positive number or null, not {}".format(options.timeout))
    if not isinstance(options.mount_binary, str):
        raise Failed("argument 'mount_binary' must be a string or null, not {}".format(options.mount_binary))
    look = Look(options, system)
    found = [look.completed(source, entry) for source, entry in look.entries() if look.is_wanted(entry)]
    points = {}
    for fields in found:
        points.setdefault(fields["mount"], fields)
    if options.include_aggregate_mounts is None:
        _tell_repeated(found, system)
    every = found if options.include_aggregate_mounts else []
    return {"ansible_facts": {"mount_points": points, "aggregate_mounts": every}}


def _tell_repeated(found, system):
    mounts = {}
    for fields in found:
        mounts.setdefault(fields["ansible_context"]["source"], []).append(fields["mount"])
    repeated = ["{} ({})".format(source, names) for source, names in mounts.items() if len(set(names)) < len(names)]
    if repeated:
        text = "mount_facts: ignoring repeat mounts in the following sources: {}. include_aggregate_mounts decides."
        system.warn(text.format(", ".join(repeated)))


class Look:
    """One look at the host's mounts."""

    def __init__(self, options, system):
        self.options = options
        self.system = system
        self._uuids = None

    def entries(self):
        """Pairs of a source and an entry, each source once."""
        sources = self._sources()
        wants_program = bool(self.options.mount_binary) and any(name in DYNAMIC for name in sources)
        seen = set()
        for source in sources:
            place = source if source == "mount" else self.system.resolve(source)
            if place in seen:
                continue
            seen.add(place)
            found = self._program() if source == "mount" else self._file(source)
            wants_program = wants_program and not (found and source in ("mount",) + DYNAMIC)
            for entry in found:
                yield source, entry
        for entry in self._program() if wants_program else ():
            yield "mount", entry

    def _sources(self):
        named = []
        for name in self.options.sources or ["all"]:
            if not name:
                raise Failed("sources contains an empty string")
            named += ALIASES.get(name, (name,))
        if len(set(named)) < len(named):
            text = "mount_facts option 'sources' contains duplicate entries, repeat sources will be ignored: {}"
            self.system.warn(text.format(named))
        return named

    def _file(self, path):
        if not self.system.is_file(path):
            return []
        try:
            return entries_of_file(self.system.read_text(path))
        except PermissionError:
            return []

    def _program(self):
        name = self.options.mount_binary
        if not name:
            return []
        path = self.system.need(name)
        late = object()
        ran = self._within(lambda: self.system.query([path]), late)
        if ran is late:
            self._late("{} gave no answer within {} seconds".format(path, self.options.timeout))
            return []
        if ran.rc != 0:
            raise Failed("Failed to execute {}: {}".format(path, ran.err.strip()), rc=ran.rc)
        return entries_of_mount(ran.out)

    def _within(self, work, late):
        return work() if self.options.timeout is None else within(self.options.timeout, work, late)

    def _late(self, text):
        if self.options.on_timeout == "error":
            raise Failed(text)
        if self.options.on_timeout == "warn":
            self.system.warn(text)

    def is_wanted(self, entry):
        """Whether the globs let it through."""
        device, kind = self._device(entry), entry.fields["fstype"]
        return any(fnmatch(device, glob) for glob in self.options.devices or ["*"]) and any(
            fnmatch(kind, glob) for glob in self.options.fstypes or ["*"]
        )

    def _device(self, entry):
        """The device; the one behind it where a table names a UUID."""
        device = entry.fields["device"]
        link = os.path.join(BY_UUID, device[5:])
        return self.system.resolve(link) if device.startswith("UUID=") and self.system.exists(link) else device

    def completed(self, source, entry):
        """An entry's fields, with its sizes, its UUID and where it stands."""
        device = entry.fields["device"]
        uuid = device[5:] if device.startswith("UUID=") else self._names().get(device)
        context = {"source": source, "source_data": entry.text}
        return dict(entry.fields, uuid=uuid, ansible_context=context, **self._size(entry.fields))

    def _names(self):
        """UUIDs by device."""
        if self._uuids is None:
            names = self.system.listdir(BY_UUID) if self.system.is_dir(BY_UUID) else []
            self._uuids = {self.system.resolve(os.path.join(BY_UUID, name)): name for name in names}
            if self.system.which("lsblk") and not names:
                ran = self.system.query(["lsblk", "--list", "--noheadings", "--paths", "--output", "NAME,UUID"])
                self._uuids = dict(row for row in map(str.split, ran.out.splitlines()) if len(row) == 2)
        return self._uuids

    def _size(self, fields):
        late = object()
        found = within(self.options.timeout or PATIENCE, lambda: _size_of(fields["mount"]), late)
        if found is late:
            self._late("Timed out getting mount size for mount {mount} (type {fstype})".format(**fields))
            return {}
        return found


def _size_of(path):
    """Sizes of a file system; none where nothing is mounted or it may not be looked at."""
    try:
        return counted(os.statvfs(path))
    except OSError:
        return {}
