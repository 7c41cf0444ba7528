"""Keep mount points in fstab, and mount or unmount them."""

from orchestra.runner.parts.mounting import SetMount, is_mounted, mounted_from
from orchestra.runner.sdk import Attributes, Bool, Failed, MakeDirectory, Path, Remove, Str, WriteFile, option

NAMES = ("ansible.posix.mount",)
PARTS = ("mounting",)
STATES = ("absent", "absent_from_fstab", "mounted", "present", "unmounted", "remounted", "ephemeral")


class Options:
    path = option(Path, "The mount point.", required=True, aliases=("name",))
    src = option(Str, "The device or share.")
    fstype = option(Str, "The kind of file system.")
    opts = option(Str, "Mount options.")
    opts_no_log = option(Bool, "The options hold a secret.", default=False)
    dump = option(Str, "fstab's fifth field.", default="0")
    passno = option(Str, "fstab's sixth field.", default="0")
    state = option(
        Str,
        "mounted: in fstab and mounted; present: in fstab; unmounted: not mounted, fstab as it is; absent: gone from "
        "both, and its folder; ephemeral: mounted without fstab.",
        required=True,
        choices=STATES,
    )
    fstab = option(Str, "Another file than /etc/fstab.")
    boot = option(Bool, "Mounted when the host starts; false adds noauto.", default=True)
    backup = option(Bool, "Keep the old fstab beside the new one.", default=False)

    REQUIRED_IF = [
        ("state", "mounted", ("src", "fstype")),
        ("state", "present", ("src", "fstype")),
        ("state", "ephemeral", ("src", "fstype")),
    ]


EXAMPLES = """
- name: Data on its own disk
  mount:
    path: /srv/data
    src: UUID=b3e48f45-f933-4c8e-a700-22a159ec9077
    fstype: xfs
    opts: noatime
    state: mounted
"""

RETURNS = {"name": "the mount point", "fstab": "the file", "backup_file": "the copy of the old one"}


def plan(options, system):
    path = options.path.rstrip("/") or "/"
    fstab = options.fstab or "/etc/fstab"
    values = {"name": path, "path": path, "fstab": fstab, "boot": "yes" if options.boot else "no"}
    values.update(src=options.src, fstype=options.fstype, opts=_opts(options), dump=options.dump, passno=options.passno)
    if options.state in ("absent", "unmounted"):
        yield from _unmount(options, system, path)
    if options.state in ("absent", "absent_from_fstab", "mounted", "present"):
        values.update((yield from _write_table(options, system, path, fstab)))
    if options.state == "absent" and system.is_dir(path) and not system.listdir(path):
        yield Remove(path)
    if options.state in ("mounted", "ephemeral"):
        yield from _mount_or_restore(options, system, path, fstab, values.pop("table_before", None))
    elif options.state == "remounted":
        if not is_mounted(system, path):
            raise Failed("{} is not mounted: it can not be remounted".format(path))
        yield SetMount(["mount", "-o", "remount", path], path, True, again=True)
    values.pop("table_before", None)
    return values


def _opts(options):
    opts = options.opts or "defaults"
    if not options.boot and "noauto" not in opts.split(","):
        opts = "{},noauto".format(opts) if opts else "noauto"
    return opts


def _escaped(text):
    return text.replace("\\", "\\134").replace(" ", "\\040").replace("\t", "\\011")


def _write_table(options, system, path, fstab):
    text = system.read_text(fstab) if system.exists(fstab) else ""
    lines, seen = [], False
    wanted = None
    if options.state in ("mounted", "present"):
        wanted = [
            _escaped(options.src),
            _escaped(path),
            options.fstype,
            _escaped(_opts(options)),
            options.dump,
            options.passno,
        ]
    for line in text.splitlines(True):
        fields = line.split()
        if not fields or fields[0].startswith("#") or len(fields) < 3 or not _is_entry(fields, path, options):
            lines.append(line)
        elif wanted is not None and not seen:
            seen = True
            lines.append(line if _full(fields) == wanted else " ".join(wanted) + "\n")
    if wanted is not None and not seen:
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        lines.append(" ".join(wanted) + "\n")
    fresh = "".join(lines)
    if fresh == text:
        return {}
    attributes = Attributes() if system.exists(fstab) else Attributes(mode=0o644)
    written = yield WriteFile(fstab, fresh.encode("utf-8", "surrogateescape"), attributes, backup=options.backup)
    return dict(written.values(), table_before=text)


def _is_entry(fields, path, options):
    """The line of the mount point; swap and other entries without one are known by their source."""
    if fields[1] in ("none", "swap") and path in ("none", "swap"):
        return fields[0] == _escaped(options.src or "")
    return (fields[1].rstrip("/") or "/") == _escaped(path)


def _full(fields):
    return (fields + ["defaults", "0", "0"][len(fields) - 3 :])[:6]


def _unmount(options, system, path):
    if is_mounted(system, path):
        yield SetMount(["umount", path], path, False)


def _mount_or_restore(options, system, path, fstab, before):
    """A line that can not be mounted could keep the host from starting: it does not stay in fstab."""
    try:
        yield from _mount(options, system, path, fstab, before is not None)
    except Failed as failure:
        if before is not None:
            yield WriteFile(fstab, before.encode("utf-8", "surrogateescape"), Attributes())
        raise failure


def _mount(options, system, path, fstab, table_changed):
    if not system.exists(path) and path not in ("none", "swap"):
        yield MakeDirectory(path)
    mounted = is_mounted(system, path)
    if options.state == "ephemeral":
        line = ["mount", "-t", options.fstype, "-o", _opts(options), options.src, path]
        if mounted and mounted_from(system, path) not in (None, options.src):
            raise Failed("Ephemeral mount point is already mounted with a different source: {}".format(path))
    else:
        line = ["mount"] + (["-T", fstab] if options.fstab else []) + [path]
    if not mounted:
        yield SetMount(line, path, True)
    elif table_changed or options.state == "ephemeral":
        remount = ["mount", "-o", "remount"] + (["-T", fstab] if options.fstab else []) + [path]
        yield SetMount(remount, path, True, again=True, otherwise=[["umount", path], line])
