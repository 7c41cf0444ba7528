"""Put a file, a folder's content or a text on the host; or copy on the host itself."""

import os

from orchestra.runner.parts.filecopy import CopyOptions, destination, file_attributes, place_content
from orchestra.runner.sdk import (
    Attributes,
    Bool,
    Failed,
    MakeDirectory,
    MakeLink,
    Path,
    Raw,
    SetAttributes,
    WriteFile,
    option,
)

NAMES = ("ansible.builtin.copy", "ansible.legacy.copy")
PARTS = ("filecopy", "pathstat")

EXAMPLES = """
- name: A file that lies beside the playbook
  copy:
    src: motd
    dest: /etc/motd
    owner: root
    mode: "0644"

- name: A short text
  copy:
    content: "net.ipv4.ip_forward = 1\\n"
    dest: /etc/sysctl.d/60-forward.conf

- name: Keep a copy on the host before an upgrade
  copy:
    src: /etc/app/
    dest: /var/backups/app/
    remote_src: true
"""

RETURNS = {
    "dest": "the path on the host",
    "src": "where it came from",
    "checksum": "SHA-1 of the content",
    "md5sum": "MD5 of the content, where it was written",
    "backup_file": "the name of the backup, where one was made",
    "mode": "permissions, as '0644'",
    "owner": "name of the owner",
    "group": "name of the group",
    "uid": "number of the owner",
    "gid": "number of the group",
    "size": "bytes",
    "state": "what is there now",
}


class Options(CopyOptions):
    src = option(
        Path, "A path on the controller (or on the host, with remote_src). A folder that ends in / gives its content."
    )
    content = option(Raw, "The text itself, instead of src; a mapping or list is written as JSON.")
    remote_src = option(Bool, "src is on the host.", default=False)
    local_follow = option(Bool, "Copy what links in the source lead to; by default so, except with remote_src.")
    decrypt = option(Bool, "Decrypt vault files on their way.", default=True)

    MUTUALLY_EXCLUSIVE = [("src", "content")]
    REQUIRED_ONE_OF = [("src", "content", "content_attachment", "tree")]


def plan(options, system):
    if options.tree is not None or options.content_attachment:
        return (yield from place_content(options, system))
    if options.content is not None:
        return (yield from _write_text(options, system))
    found = system.stat(options.src, follow=True)
    if found is None:
        raise Failed("Source {} not found".format(options.src))
    if found.kind == "directory":
        return (yield from _copy_folder(options, system))
    return (yield from _copy_file(options, system, found))


def _write_text(options, system):
    """`content` that came within the options; what the controller's action sends as an attachment otherwise."""
    dest = yield from destination(options, system, options.original_basename)
    if system.stat(dest, follow=options.follow) is not None and not options.force:
        return dict(system.path_info(dest), dest=dest, msg="file already exists", changed=False)
    content = _bytes(options.content)
    _refuse_other_sum(options, _sum(content))
    wrote = yield _writing(options, dest, file_attributes(options), content=content)
    return dict(system.path_info(dest), dest=dest, checksum=_sum(content), **wrote.values())


def _bytes(content):
    if not isinstance(content, str):
        import json

        content = json.dumps(content)
    return content.encode("utf-8", "surrogateescape")


def _sum(content):
    import hashlib

    return hashlib.sha1(content).hexdigest()


def _refuse_other_sum(options, found):
    if options.checksum not in (None, found):
        text = "Copied file does not match the expected checksum. Transfer failed."
        raise Failed(text, checksum=found, expected_checksum=options.checksum)


def _writing(options, dest, attributes, **content):
    return WriteFile(
        dest,
        attributes=attributes,
        backup=options.backup,
        validate=options.validate,
        follow=options.follow,
        unsafe_writes=options.unsafe_writes,
        **content,
    )


def _copy_file(options, system, found):
    """One file that is on the host already."""
    if found.kind != "file":
        raise Failed("Source {} is a {}, not a file".format(options.src, found.kind))
    dest = yield from destination(options, system, options.original_basename or os.path.basename(options.src))
    if system.stat(dest, follow=options.follow) is not None and not options.force:
        return dict(system.path_info(dest), dest=dest, src=options.src, msg="file already exists", changed=False)
    checksum = system.digest(options.src)
    _refuse_other_sum(options, checksum)
    attributes = file_attributes(options, found.mode)
    wrote = yield _writing(options, dest, attributes, **_content_of(system, options.src))
    values = dict(system.path_info(dest), dest=dest, src=options.src, checksum=checksum, **wrote.values())
    return dict(values, md5sum=_md5(system, options.src))


def _content_of(system, path):
    """Read by the effect, block by block; a file that is only predicted has its content in memory."""
    from orchestra.runner.parts.pathstat import is_predicted

    return {"content": system.read_bytes(path)} if is_predicted(system, path) else {"source": system.resolve(path)}


def _md5(system, path):
    try:
        return system.digest(path, "md5")
    except ValueError:
        return None  # a machine in FIPS mode has no MD5


def _copy_folder(options, system):
    """A folder that is on the host already: its content where src ends in /, else the folder itself."""
    name = "" if options.src.endswith("/") else os.path.basename(options.src)
    dest = os.path.join(options.dest, name)
    yield from _copy_members(options, system, options.src.rstrip("/"), dest.rstrip("/"))
    attributes = file_attributes(options, system.stat(options.src, follow=True).mode)
    if attributes:
        yield SetAttributes(dest, attributes)
    return dict(system.path_info(dest), dest=dest, src=options.src, checksum=None, md5sum=None)


def _copy_members(options, system, source, dest):
    for root, _, others in system.walk(source):
        below = os.path.join(dest, os.path.relpath(root, source)) if root != source else dest
        yield _like(options, system, root, below)
        for name in others:
            yield from _copy_member(options, system, os.path.join(root, name), os.path.join(below, name))


def _like(options, system, source, dest):
    """A folder as its source is, or as the user asks."""
    owners = Attributes(owner=options.owner, group=options.group)
    if not system.exists(dest):
        owners.mode = (
            options.directory_mode if options.directory_mode is not None else system.stat(source, follow=True).mode
        )
    elif options.directory_mode is not None:
        owners.mode = options.directory_mode
    return MakeDirectory(dest, owners)


def _copy_member(options, system, source, dest):
    found = system.stat(source)
    if found.kind == "link" and not options.local_follow:
        if options.force or system.stat(dest) is None:
            yield MakeLink(dest, found.target)
            yield SetAttributes(dest, Attributes(owner=options.owner, group=options.group), follow=False)
        return
    found = system.stat(source, follow=True)
    if found is not None and found.kind == "directory":
        yield from _copy_members(options, system, source, dest)
    elif found is not None and found.kind == "file" and (options.force or system.stat(dest) is None):
        owners = Attributes(owner=options.owner, group=options.group)
        if not _same_content(system, source, dest):
            owners.mode = found.mode  # a folder's members keep their own, whatever `mode` says of the folder
        yield _writing(options, dest, owners, **_content_of(system, source))


def _same_content(system, source, dest):
    one, other = (system.stat(path, follow=True) for path in (source, dest))
    if other is None or other.kind != "file" or one.size != other.size:
        return False
    return system.digest(source) == system.digest(dest)
