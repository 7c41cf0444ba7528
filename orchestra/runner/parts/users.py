"""What is asked of a user account, compared with what is there: the plan of the module user."""

from orchestra.runner.parts.accounts import AccountCommand, Deletion, MakeKey, SetPassword, Shadow, free_number
from orchestra.runner.sdk import Attributes, Failed, MakeDirectory, MakeLink, Result, WriteFile

PARTS = ("accounts",)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Any

    from orchestra.runner.sdk import User
    from orchestra.runner.system import System

    Plan = Generator[Any, Any, dict[str, Any]]


#: Length of the hash itself, by the method: MD5, SHA-256, SHA-512, yescrypt.
_HASH_LENGTHS = {"1": 22, "5": 43, "6": 86, "y": 43}


def plan_user(options: "Any", system: "System") -> "Plan":
    """The whole of the module user."""
    found = system.user(options.name)
    if options.state == "absent":
        return (yield from _remove(options, found))
    for name in ("umask", "uid_min", "uid_max"):
        if options.local and getattr(options, name) is not None:
            raise Failed("'{}' can not be used with 'local': libuser's tools have no such option".format(name))
    _warn_of_plain_password(options, system)
    if options.append and not _names(options):
        system.warn("'append' is set, but no 'groups' are specified. Use 'groups' to say which.")
    _groups_must_be_there(options, system)
    if found is None:
        yield from _add(options, system)
    else:
        yield from _change(options, system, found)
    entry = system.user(options.name)
    values = _described(options, entry)
    if entry is not None:
        if options.create_home and found is not None:
            yield from _make_home(options, system, entry)
        if options.generate_ssh_key:
            values.update((yield from _make_key(options, system, entry)))
    yield from _ageing(options, system)
    return values


def _described(options: "Any", entry: "User | None") -> "dict[str, Any]":
    values = {"name": options.name, "state": "present", "append": options.append, "move_home": options.move_home}
    values.update(create_home=options.create_home, system=options.system)
    if options.password is not None:
        values["password"] = "NOT_LOGGING_PASSWORD"  # noqa: S105
    if options.groups is not None:
        values["groups"] = ",".join(_names(options))
    if entry is not None:
        values.update(uid=entry.uid, group=entry.gid, home=entry.home, shell=entry.shell, comment=entry.gecos)
    return values


def _remove(options: "Any", found: "User | None") -> "Plan":
    values = {"name": options.name, "state": "absent"}  # type: dict[str, Any]
    if found is None:
        return values
    flags = [flag for wanted, flag in ((options.force, "-f"), (options.remove, "-r")) if wanted]
    yield Deletion(["userdel"] + flags + [options.name], [["user", options.name, None]])
    return dict(values, force=options.force, remove=options.remove)


def _warn_of_plain_password(options: "Any", system: "System") -> "None":
    """A password that is not a hash would lock the account out; some texts lock it on purpose."""
    text = options.password or ""
    if text and text not in ("*", "!", "*" * 13) and not _is_hash(text):
        system.warn(
            "The input password appears not to have been hashed. "
            "The 'password' argument must be encrypted for this module to work properly."
        )


def _is_hash(text: "str") -> "bool":
    """Whether a text has the form that crypt(5) gives: $method$...$hash in an alphabet of 64 letters."""
    fields = text.split("$")
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./"
    if len(fields) < 3 or any(letter in text for letter in ":*!"):
        return False
    return len(fields[-1]) == _HASH_LENGTHS.get(fields[1], len(fields[-1])) and not fields[-1].strip(letters)


def _names(options: "Any") -> "list[str]":
    return [name.strip() for name in options.groups or () if name.strip()]


def _groups_must_be_there(options: "Any", system: "System") -> "None":
    wanted = _names(options) + ([options.group] if options.group is not None else [])
    for name in wanted:
        if _group(system, name) is None:
            raise Failed("Group {} does not exist".format(name), name=options.name)


def _group(system: "System", name: "str") -> "Any":
    found = system.group(name)
    return system.group(int(name)) if found is None and name.isdigit() else found


# --- adding ---


def _add(options: "Any", system: "System") -> "Iterator[Any]":
    if options.home is not None and options.create_home:
        folder = options.home.rstrip("/").rpartition("/")[0]
        if folder and not system.exists(folder):
            yield MakeDirectory(folder, Attributes(mode=0o755))
    home = options.home or "/home/" + options.name
    uid = options.uid if options.uid is not None else free_number(system, "user", options.system)
    group = _group(system, options.group) if options.group is not None else system.group(options.name)
    gid = group.gid if group is not None else uid
    entry = {
        "name": options.name,
        "uid": uid,
        "gid": gid,
        "gecos": options.comment or "",
        "home": home,
        "shell": options.shell or "/bin/sh",
    }
    becomes = [["user", options.name, entry]]
    if group is None:
        becomes.append(["group", options.name, {"name": options.name, "gid": gid, "members": []}])
    becomes += _memberships(options, system, _names(options))
    made = [[home, uid, gid]] if options.create_home else []
    back = [["userdel"] + (["-r"] if options.create_home and not system.exists(home) else []) + [options.name]]
    line = _adding(options, system)
    yield AccountCommand(line, becomes, back, made)
    more = _later(options) if line[0] == "luseradd" else []
    if more:
        yield AccountCommand(["usermod"] + more + [options.name], becomes, [])
    if options.password is not None:
        yield SetPassword(options.name, ("!" if options.password_lock else "") + options.password)


def _later(options: "Any") -> "list[str]":
    """What libuser's luseradd has no option for."""
    line = ["-a", "-G", ",".join(_names(options))] if _names(options) else []
    return line + (["-e", _date(options.expires)] if options.expires is not None else [])


def _adding(options: "Any", system: "System") -> "list[str]":
    local = options.local and system.which("luseradd")
    program = "luseradd" if local else system.need("useradd")
    line = [program.rpartition("/")[2]]
    if options.uid is not None:
        line += ["-u", str(options.uid)] + (["-o"] if options.non_unique else [])
    if options.group is not None:
        line += ["-g", options.group]
    elif system.group(options.name) is not None:
        line.append("-n" if local else "-N")  # the group that useradd would make is there already
    if _names(options) and not local:
        line += ["-G", ",".join(_names(options))]
    for flag, value in (("-c", options.comment), ("-d", options.home), ("-s", options.shell), ("-Z", options.seuser)):
        if value is not None:
            line += [flag, value]
    if options.expires is not None and not local:
        line += ["-e", _date(options.expires)]
    line += _home_flags(options) if not local else [] if options.create_home else ["-M"]
    if options.system:
        line.append("-r")
    return line + ([] if local else _range_flags(options)) + [options.name]


def _range_flags(options: "Any") -> "list[str]":
    """What /etc/login.defs is overruled by for this account."""
    bounds = (("UID_MIN", options.uid_min), ("UID_MAX", options.uid_max))
    return [word for name, bound in bounds if bound is not None for word in ("-K", "{}={}".format(name, bound))]


def _home_flags(options: "Any") -> "list[str]":
    if not options.create_home:
        return ["-M"]
    line = ["-m"]
    if options.skeleton is not None:
        line += ["-k", options.skeleton]
    return line + (["-K", "UMASK=" + options.umask] if options.umask is not None else [])


def _date(expires: "float") -> "str":
    """As usermod takes it; nothing for never."""
    import time

    return "" if expires < 0 else time.strftime("%Y-%m-%d", time.gmtime(expires))


# --- changing ---


def _change(options: "Any", system: "System", found: "User") -> "Iterator[Any]":
    line = []  # type: list[str]
    back = []  # type: list[str]
    entry = {name: getattr(found, name) for name in found.__slots__}
    for flag, name, value in _fields(options, system):
        if value is not None and entry[name] != value:
            extra = ["-o"] if name == "uid" and options.non_unique else []
            extra = ["-m"] if name == "home" and options.move_home else extra
            line += [flag, str(value)] + extra
            back += [flag, str(entry[name])] + extra
            entry[name] = value
    becomes = [["user", options.name, entry]]
    now = _member_of(system, found)
    wanted = _wanted_groups(options, system, now)
    if wanted is not None:
        line += (["-a"] if options.append else []) + ["-G", ",".join(wanted)]
        back += ["-G", ",".join(now)]
        becomes += _memberships(options, system, wanted, now)
    shadow = Shadow(system, options.name)
    expires = int(shadow.expire) if shadow.expire else -1
    if options.expires is not None and (shadow.lacks or _days(options.expires) != expires):
        line += ["-e", _date(options.expires)]
        back += ["-e", _date(expires * 86400.0)]
    if options.seuser is not None:
        line += ["-Z", options.seuser] if line else []
    if line:
        undo = [["usermod"] + back + [options.name]]
        yield AccountCommand(["usermod"] + line + [options.name], becomes, undo)
    yield from _change_password(options, shadow)


def _fields(options: "Any", system: "System") -> "list[tuple[str, str, Any]]":
    group = _group(system, options.group) if options.group is not None else None
    return [
        ("-u", "uid", options.uid),
        ("-g", "gid", group.gid if group is not None else None),
        ("-c", "gecos", options.comment),
        ("-d", "home", options.home),
        ("-s", "shell", options.shell),
    ]


def _days(expires: "float") -> "int":
    return -1 if expires < 0 else int(expires // 86400)


def _member_of(system: "System", found: "User") -> "list[str]":
    groups = (system.group(group.name) for group in system.groups())
    return sorted(one.name for one in groups if one is not None and found.name in one.members and one.gid != found.gid)


def _wanted_groups(options: "Any", system: "System", now: "list[str]") -> "list[str] | None":
    """What -G is given; None where nothing needs to change."""
    if options.groups is None:
        return None
    known = [(one, _group(system, one)) for one in _names(options)]
    wanted = [group.name if group is not None else one for one, group in known]
    missing = [name for name in wanted if name not in now]
    if options.append:
        return wanted if missing else None
    return wanted if missing or set(now) - set(wanted) else None


def _memberships(options: "Any", system: "System", wanted: "list[str]", now: "Any" = ()) -> "list[Any]":
    """Groups as they would be."""
    found = []
    left = [] if options.append else [name for name in now if name not in wanted]
    for name in wanted + left:
        group = _group(system, name)
        if group is not None:
            members = [one for one in group.members if one != options.name]
            members += [options.name] if name in wanted else []
            found.append(["group", group.name, {"name": group.name, "gid": group.gid, "members": members}])
    return found


def _change_password(options: "Any", shadow: "Shadow") -> "Iterator[Any]":
    locked = shadow.password.startswith("!")
    if options.password is not None and options.update_password == "always":
        wanted = options.password.lstrip("!") if options.password_lock is not None else options.password
        if shadow.password.lstrip("!") != wanted.lstrip("!"):
            lock = options.password_lock if options.password_lock is not None else False
            yield SetPassword(options.name, ("!" if lock and not wanted.startswith("!") else "") + wanted)
            return
    if options.password_lock is True and not locked:
        yield AccountCommand(["usermod", "-L", options.name], back=[["usermod", "-U", options.name]])
    elif options.password_lock is False and locked:
        if not shadow.password.lstrip("!*"):
            return  # there is no password: unlocking would open the account, and usermod refuses
        yield AccountCommand(["usermod", "-U", options.name], back=[["usermod", "-L", options.name]])


def _ageing(options: "Any", system: "System") -> "Iterator[Any]":
    """chage: least and most days of a password, days of warning, days until the account is shut."""
    shadow = Shadow(system, options.name)
    line, back = [], []  # type: list[str], list[str]
    asked = (
        ("-m", "min", options.password_expire_min),
        ("-M", "max", options.password_expire_max),
        ("-W", "warn", options.password_expire_warn),
        ("-I", "inactive", options.password_expire_account_disable),
    )
    for flag, name, value in asked:
        now = getattr(shadow, name) or "-1"
        if value is not None and now != str(value):
            line += [flag, str(value)]
            back += [flag, now]
    if line:
        yield AccountCommand(["chage"] + line + [options.name], back=[["chage"] + back + [options.name]])


# --- home and key ---


def _make_home(options: "Any", system: "System", entry: "User") -> "Iterator[Any]":
    """The home of an account that has none, filled from the skeleton."""
    if system.exists(entry.home) or entry.home in ("", "/", "/nonexistent"):
        return
    mask = int(options.umask, 8) if options.umask is not None else _umask(system)
    owner = {"owner": str(entry.uid), "group": str(entry.gid)}
    yield MakeDirectory(entry.home, Attributes(mode=0o777 & ~mask, **owner))
    skeleton = options.skeleton or "/etc/skel"
    for folder, folders, names in system.walk(skeleton):
        place = entry.home + folder[len(skeleton) :]
        for name in folders:
            yield MakeDirectory(place + "/" + name, Attributes(**owner))
        for name in names:
            found = system.stat(folder + "/" + name)
            if found is not None and found.kind == "link":
                yield MakeLink(place + "/" + name, found.target or "", Attributes(**owner))
            elif found is not None and found.kind == "file":
                content = system.read_bytes(folder + "/" + name)
                yield WriteFile(place + "/" + name, content, Attributes(mode=found.mode, **owner))


def _umask(system: "System") -> "int":
    """As useradd makes homes: HOME_MODE, else UMASK, of /etc/login.defs."""
    try:
        rows = dict(
            line.split()[:2] for line in system.read_text("/etc/login.defs").splitlines() if len(line.split()) > 1
        )
    except OSError:
        return 0o22
    if "HOME_MODE" in rows:
        return 0o777 & ~int(rows["HOME_MODE"], 8)
    return int(rows.get("UMASK", "022"), 8)


def _make_key(options: "Any", system: "System", entry: "User") -> "Plan":
    path = options.ssh_key_file or ".ssh/id_{}".format(options.ssh_key_type)
    path = path if path.startswith("/") else entry.home.rstrip("/") + "/" + path
    folder = path.rpartition("/")[0]
    if not system.exists(entry.home):
        raise Failed("User {} home directory does not exist".format(options.name))
    if not system.exists(folder):
        yield MakeDirectory(folder, Attributes(mode=0o700, owner=str(entry.uid), group=str(entry.gid)))
    if not system.exists(path) or options.force:
        public = path + ".pub"
        if system.stat(public) is not None and not options.force:
            raise Failed("{} is there already, without its private half; force: true replaces it".format(public))
        bits = ["-b", str(options.ssh_key_bits)] if options.ssh_key_bits else []
        words = [] if options.ssh_key_passphrase else ["-N", ""]
        comment = options.ssh_key_comment or "ansible-generated on " + system.hostname()
        line = ["ssh-keygen", "-q", "-t", options.ssh_key_type] + bits + ["-C", comment, "-f", path] + words
        made = yield MakeKey(line, path, entry.uid, entry.gid, options.ssh_key_passphrase or "")
        if system.check:
            return {"ssh_key_file": path} if isinstance(made, Result) else {}
    ran = system.query(["ssh-keygen", "-l", "-f", path])
    values = {"ssh_key_file": path, "ssh_fingerprint": (ran.out or ran.err).strip()}
    if system.exists(path + ".pub"):
        values["ssh_public_key"] = system.read_text(path + ".pub").strip()
    return values
