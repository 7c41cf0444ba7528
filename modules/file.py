"""Keep a file, folder or link as it should be: present or gone, with its owner, mode and time stamps."""

import os

from orchestra.runner.sdk import (
    Attributes,
    Bool,
    Failed,
    FileOptions,
    MakeDirectory,
    MakeLink,
    Path,
    Remove,
    SetAttributes,
    Str,
    Touch,
    option,
)

NAMES = ("ansible.builtin.file", "ansible.legacy.file")
EXAMPLES = """
- name: A folder with its parents
  file:
    path: /srv/app/log
    state: directory
    owner: app
    mode: "0750"

- name: The current release
  file:
    src: /srv/app/releases/12
    dest: /srv/app/current
    state: link

- name: No core dumps
  file:
    path: /var/crash
    state: absent
"""

RETURNS = {
    "path": "the path; `dest` instead for link, hard and touch",
    "src": "what a link leads to",
    "state": "file, directory, link, hard or absent: what is there now",
    "mode": "permissions, as '0644'",
    "owner": "name of the owner",
    "group": "name of the group",
    "uid": "number of the owner",
    "gid": "number of the group",
    "size": "bytes",
}


class Options(FileOptions):
    path = option(Path, "What to keep.", required=True, aliases=("dest", "name"))
    state = option(
        Str,
        "What should be there. Without it, what is there already keeps its kind, and a missing path is an error.",
        choices=("absent", "directory", "file", "hard", "link", "touch"),
    )
    src = option(Path, "What a link leads to; a relative one is relative to the link's folder.")
    recurse = option(Bool, "Give everything below a folder the same attributes.", default=False)
    follow = option(Bool, "Treat what a symbolic link leads to, instead of the link.", default=True)
    force = option(
        Bool, "Make a link to what is not there; replace a file or an empty folder by a link.", default=False
    )
    modification_time = option(Str, "preserve, now, or a time in modification_time_format.")
    modification_time_format = option(Str, "Format of modification_time, as for strftime.", default="%Y%m%d%H%M.%S")
    access_time = option(Str, "preserve, now, or a time in access_time_format.")
    access_time_format = option(Str, "Format of access_time, as for strftime.", default="%Y%m%d%H%M.%S")
    unsafe_writes = option(Bool, "Has no meaning here; accepted for compatibility.", default=False)
    original_basename = option(
        Str, "Internal: the name that a path takes inside an existing folder.", aliases=("_original_basename",)
    )
    diff_peek = option(Bool, "Internal, and without meaning here.", aliases=("_diff_peek",))


def plan(options, system):
    if system.check:
        _doubt_owners(options, system)
    path = _inside_folder(options, system, options.path)
    try:
        return (yield from _kept(options, system, path))
    except Failed as failure:
        failure.values = dict(system.path_info(path), **dict({"path": path}, **failure.values))
        raise


def _kept(options, system, path):
    was = _state(system, path)
    state = options.state or (was if was != "absent" else "directory" if options.recurse else "file")
    if options.recurse and state != "directory":
        raise Failed("recurse option requires state to be 'directory'", path=path)
    if options.src and state not in ("link", "hard"):
        raise Failed("src option requires state to be 'link' or 'hard'", path=path)
    return (yield from _PLANS[state](options, system, path, was))


def _doubt_owners(options, system):
    """Who is not there in a check run may have been made by then in a real one."""
    for asked, find, word, number in (
        (options.owner, system.user, "user", "user with uid"),
        (options.group, system.group, "group", "group with gid"),
    ):
        known = asked is None or find(int(asked) if str(asked).isdigit() else asked) is not None
        if not known:
            text = "failed to look up {} {}. It has to be there by then in a real run"
            system.warn(text.format(number if str(asked).isdigit() else word, asked))


def shown(options, diffs, values):
    """One difference for the path, which has at least its name; what changed below a folder follows."""
    if options.state == "absent" and not diffs:
        return []
    path = values.get("path") or values.get("dest")
    before, after, below = {"path": path}, {"path": path}, []
    for diff in diffs:
        if diff["before"].get("path") in (path, options.path):
            before.update(diff["before"])
            after.update(diff["after"])
        else:
            below.append(diff)
    if options.state == "touch" and diffs:
        before.setdefault("state", values.get("state"))
        after["state"] = "touch"
    return [{"before": before, "after": after}] + below


def _inside_folder(options, system, path):
    """A hard link, for instance, that is told a folder as its path is made inside it, under its source's name."""
    path = path.rstrip("/") or "/"
    name = options.original_basename or os.path.basename(options.src or "")
    if name and options.state not in ("link", "absent") and system.is_dir(path):
        return os.path.join(path, name)
    return path


def _state(system, path):
    """absent, link, directory, hard or file, as Ansible names it (a device counts as a file)."""
    found = system.stat(path)
    if found is None:
        return "absent"
    if found.kind in ("link", "directory"):
        return found.kind
    return "hard" if found.nlink > 1 else "file"


def _followed(options, system, path, was):
    """The path that is meant and its state, links resolved where `follow` says so."""
    if was == "link" and options.follow:
        path = system.resolve(path)
        was = _state(system, path)
    return path, was


def _absent(options, system, path, was):
    yield Remove(path)
    return {"path": path, "state": "absent"}


def _file(options, system, path, was):
    path, was = _followed(options, system, path, was)
    if was not in ("file", "hard"):
        raise Failed("file ({}) is {}, cannot continue".format(path, was), path=path, state=was)
    yield SetAttributes(path, Attributes.of(options), follow=False)
    yield from _times(options, path)
    return dict(system.path_info(path), path=path)


def _directory(options, system, path, was):
    path, was = _followed(options, system, path, was)
    if was not in ("absent", "directory"):
        raise Failed("{} already exists as a {}".format(path, was), path=path)
    yield MakeDirectory(path, Attributes.of(options))
    yield from _times(options, path)
    if options.recurse:
        yield from _below(options, system, path, set())
    return dict(system.path_info(path), path=path)


def _below(options, system, folder, seen):
    """Attributes for everything under a folder; links are followed where `follow` says so, each folder once."""
    seen.add(system.resolve(folder))
    attributes = Attributes.of(options)
    for root, folders, others in system.walk(folder):
        for name in folders + others:
            yield from _one(options, system, os.path.join(root, name), attributes, seen)


def _one(options, system, path, attributes, seen):
    yield SetAttributes(path, attributes, follow=False)
    found = system.stat(path)
    if found is None or found.kind != "link":
        yield from _times(options, path)
    elif options.follow and system.exists(path):
        yield SetAttributes(path, attributes, follow=True)
        if system.is_dir(path) and system.resolve(path) not in seen:
            yield from _below(options, system, system.resolve(path), seen)


def _times(options, path):
    """Time stamps, where the user asked for other than what is there."""
    mtime = _moment(options.modification_time, options.modification_time_format, None)
    atime = _moment(options.access_time, options.access_time_format, None)
    if (mtime, atime) != (None, None):
        yield Touch(path, None, mtime, atime)


def _moment(text, form, default):
    """Seconds since the epoch, "now", or None to leave a time stamp as it is."""
    if text is None:
        return default
    if text in ("preserve", "now"):
        return None if text == "preserve" else "now"
    import time

    try:
        return time.mktime(time.strptime(text, form))
    except ValueError as error:
        raise Failed(
            "Error while obtaining timestamp for time {} using format {}: {}".format(text, form, error)
        ) from None


def _touch(options, system, path, was):
    target, was = _followed(options, system, path, was)
    if was == "absent" and not system.is_dir(os.path.dirname(os.path.abspath(target))):
        raise Failed("Error, could not touch target: there is no folder " + os.path.dirname(target), path=path)
    mtime = _moment(options.modification_time, options.modification_time_format, "now")
    atime = _moment(options.access_time, options.access_time_format, "now")
    if was == "link":
        yield SetAttributes(path, Attributes.of(options), follow=False)  # a link's own time stamps stay
    else:
        yield Touch(target, Attributes.of(options), mtime, atime)
    return dict(system.path_info(target), dest=path)


def _link(options, system, path, was):
    target = options.src if options.src is not None else _target(system, path)
    base = path if was == "directory" else os.path.dirname(path)
    leads_to = os.path.join(base, target)
    if not options.force and not system.exists(leads_to):
        text = "src file does not exist, use 'force=yes' if you really want to create the link: "
        raise Failed(text + leads_to, path=path, src=target)
    yield from _make_room(options, system, path, was, "symlink")
    yield MakeLink(path, target)
    yield from _link_attributes(options, system, path)
    return dict(system.path_info(path), dest=path, src=target)


def _target(system, path):
    found = system.stat(path)
    if found is None or found.kind != "link":
        raise Failed("src is required for creating new symlinks", path=path)
    return found.target


def _make_room(options, system, path, was, kind):
    """Refuse to replace what is not a link, unless forced; an empty folder is removed."""
    if was not in ("link", "absent") and not options.force:
        raise Failed("refusing to convert from {} to {} for {}".format(was, kind, path), path=path)
    if was == "directory":
        if system.listdir(path):
            raise Failed("the directory {} is not empty, refusing to convert it".format(path), path=path)
        yield Remove(path, recursive=False)
    elif was == "absent" and not system.is_dir(os.path.dirname(os.path.abspath(path))):
        raise Failed("Error while linking: there is no folder " + os.path.dirname(path), path=path)


def _link_attributes(options, system, path):
    attributes = Attributes.of(options)
    if not options.follow:
        yield SetAttributes(path, attributes, follow=False)
    elif system.exists(path):
        yield SetAttributes(path, attributes, follow=True)
        yield from _times(options, system.resolve(path))
    elif attributes:
        system.warn(
            "Cannot set fs attributes on a non-existent symlink target. follow should be set to False to avoid this."
        )


def _hard(options, system, path, was):
    source = options.src
    if source is None:
        if was == "absent":
            raise Failed("src is required for creating new hardlinks", dest=path)
        source = path
    source = os.path.join(os.path.dirname(path), source)
    there = system.stat(source, follow=True)
    if there is None:
        raise Failed("src does not exist", dest=path, src=source)
    _refuse_other(options, system, path, was, there)
    if was == "directory":
        yield from _make_room(options, system, path, was, "hard link")
    yield MakeLink(path, source, hard=True)
    yield SetAttributes(path, Attributes.of(options), follow=options.follow)
    yield from _times(options, path)
    return dict(system.path_info(path), state="hard", dest=path, src=options.src or source)


def _refuse_other(options, system, path, was, there):
    found = system.stat(path)
    same = found is not None and (found.dev, found.ino) == (there.dev, there.ino)
    if same or options.force or was in ("absent", "link", "directory"):
        return
    text = "Cannot link, different hard link exists at destination" if was == "hard" else None
    raise Failed(text or "Cannot link, {} exists at destination".format(was), dest=path, src=options.src)


_PLANS = {"absent": _absent, "directory": _directory, "file": _file, "hard": _hard, "link": _link, "touch": _touch}
