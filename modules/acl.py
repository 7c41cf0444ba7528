"""Keep who else may read, write or enter a path: its access control list.

`setfacl --test` tells what a change would make of the list, so nothing is run that changes nothing.
"""

from orchestra.runner.parts.toggles import Toggle, now
from orchestra.runner.sdk import NOTHING, Bool, Failed, Path, Problem, Result, Str, option

NAMES = ("ansible.posix.acl",)
KINDS = {"u": "user", "g": "group", "m": "mask", "o": "other"}
MASKS = {"default": [], "mask": ["--mask"], "no_mask": ["--no-mask"]}


class Options:
    path = option(Path, "The file or folder.", required=True, aliases=("name",))
    state = option(
        Str, "Whether the entry is there; query only tells the list.", default="query",
        choices=("absent", "present", "query"),
    )  # fmt: skip
    entry = option(Str, "The entry as setfacl writes it, [default:]user:joe:rw-, in place of the next three.")
    etype = option(Str, "Whom it is about.", choices=("group", "mask", "other", "user"))
    entity = option(Str, "The name of the user or group; the path's own where there is none.", default="")
    permissions = option(Str, "What is allowed: r, w, x, - in its place where not.")
    default = option(Bool, "The entry is for what is made in the folder.", default=False)
    follow = option(Bool, "Go where a link leads.", default=True)
    recursive = option(Bool, "All that is below, too.", default=False, aliases=("recurse",))
    recalculate_mask = option(Str, "Whether the mask follows the entries.", default="default", choices=tuple(MASKS))
    use_nfsv4_acls = option(Bool, "Lists of NFS version 4; they are refused here.", default=False)


EXAMPLES = """
- name: The web server reads what the shop uploads
  acl:
    path: /srv/shop/uploads
    entity: www-data
    etype: user
    permissions: rx
    state: present
"""

RETURNS = {"acl": "the list afterwards", "msg": "what is there"}


def problems(options):
    if options.use_nfsv4_acls:
        yield Problem("use_nfsv4_acls", "lists of NFS version 4 are not supported: run nfs4_setfacl")
    if options.state == "query":
        yield from _query_problems(options)
    elif options.entry:
        yield from _entry_problems(options)
    else:
        if options.state == "absent" and options.permissions:
            yield Problem("permissions", "'permissions' MUST NOT be set when 'state=absent'.")
        if options.state == "absent" and not options.entity:
            yield Problem("entity", "'entity' MUST be set when 'state=absent'.")
        if not options.etype:
            yield Problem("etype", "'etype' MUST be set when 'state={}'.".format(options.state))


def _query_problems(options):
    if options.recursive:
        yield Problem("recursive", "'recursive' MUST NOT be set when 'state=query'.")
    if options.recalculate_mask != "default":
        text = "'recalculate_mask' MUST NOT be set to 'mask' or 'no_mask' when 'state=query'."
        yield Problem("recalculate_mask", text)
    if options.entry:
        yield Problem("entry", "'entry' MUST NOT be set when 'state=query'.")


def _entry_problems(options):
    if options.etype or options.entity or options.permissions:
        yield Problem("entry", "'entry' MUST NOT be set when 'entity', 'etype' or 'permissions' are set.")
    low = 2 if options.state == "present" else 1
    if options.entry.count(":") not in (low, low + 1):
        text = "'entry' MUST have {} or {} sections divided by ':' when 'state={}'."
        yield Problem("entry", text.format(low + 1, low + 2, options.state))


def plan(options, system):
    if not system.exists(options.path):
        raise Failed("Path not found or not accessible.", path=options.path)
    default, wanted = _entry(options)
    entry = ":".join(wanted)
    changed, msg = False, "current acl"
    if options.state != "query":
        effect = _change(options, system, default, entry)
        changed = effect is not None and (yield effect).changed
        msg = "{} is {}".format(entry, options.state)
    flags = (["--recursive"] if options.recursive else []) + ([] if options.follow else ["--physical"])
    return Result(changed, msg=msg, acl=_list(system, options.path, (["-d"] if default else []) + flags))


def _entry(options):
    """Whether it is a default entry, and its parts; permissions only where it is to be there."""
    default, parts = options.default, [options.etype or "", options.entity]
    parts += [options.permissions] if options.permissions else []
    if options.entry:
        parts = options.entry.split(":")
        if parts[0].lower().startswith("d"):
            default, parts = True, parts[1:]
        parts[0] = KINDS.get(parts[0][:1].lower(), parts[0])
    return default, parts[:2] if options.state == "absent" else parts


def _change(options, system, default, entry):
    present = options.state == "present"
    words = (["-d"] if default else []) + ["-m" if present else "-x", entry]
    words += (["--recursive"] if options.recursive else []) + MASKS[options.recalculate_mask]
    words += ([] if options.follow else ["--physical"]) + [options.path]
    key = " ".join(words[:-1] + [system.resolve(options.path)])
    setfacl = system.need("setfacl")
    if now(system, "acl", key, lambda: _holds(system, options.path, [setfacl, "--test", *words])):
        return None
    before = [] if options.recursive else _list(system, options.path, [])
    # --set alone leaves default entries where none is among those given, so -k takes them away first
    back = [setfacl, "-k", "--set", ",".join(before), options.path] if before else None
    return Toggle([setfacl, *words], "acl", key, True, back)


def _holds(system, path, trial):
    """Whether a change would leave every list as it is."""
    ran = system.query(trial)
    if ran.rc != 0 and not _foretold(system, path):
        raise Failed(ran.err.strip() or "setfacl refuses the entry", rc=ran.rc)
    return ran.rc == 0 and all(line.endswith("*,*") for line in ran.out.splitlines() if line.strip())


def _list(system, path, flags):
    """The entries of a path, with those of what is below it where that is asked for."""
    ran = system.query([system.need("getfacl"), "--absolute-names", "--omit-header", *flags, path])
    if ran.rc != 0 and not _foretold(system, path):
        raise Failed(ran.err.strip() or "getfacl tells no list", rc=ran.rc)
    lines = [line.partition("#")[0].strip() for line in ran.out.splitlines() if not line.startswith("#")]
    return lines[:-1] if lines and not lines[-1] else lines


def _foretold(system, path):
    """Whether the path will only be made by an earlier task of this check run."""
    return system.foreseen("path", system.resolve(path)) is not NOTHING
