"""What copy and template do on the host: content that the controller sends, one file or a whole tree of them.

The controller first asks without content, naming each file's SHA-1; what is there already costs no content. The answer
`needs_content` lists the attachments that must come along with the same request a second time.
"""

import os

from orchestra.runner.sdk import (
    Attributes,
    Bool,
    Dict,
    Failed,
    FileOptions,
    List,
    MakeDirectory,
    MakeLink,
    Mode,
    Path,
    Raw,
    SetAttributes,
    Str,
    WriteFile,
    option,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.sdk import System


class CopyOptions(FileOptions):
    """The options that the host's half of copy and template understands."""

    mode = option(Mode, "Permissions: '0644', symbolic as u=rwX,go=rX, or preserve for the source's own.")
    dest = option(
        Path, "Where to put it on the host; a folder, or a path that ends in /, takes the source's name.", required=True
    )
    backup = option(Bool, "Keep the old file beside the new one.", default=False)
    force = option(Bool, "Replace a file that differs; without it only a missing file is made.", default=True)
    follow = option(Bool, "Write through a symbolic link at the destination.", default=False)
    validate = option(Str, "A command with %s that must accept the new file.")
    unsafe_writes = option(Bool, "Write in place where a rename can not be; else ANSIBLE_UNSAFE_WRITES says it.")
    directory_mode = option(Mode, "Permissions of folders that are made.")
    checksum = option(Str, "SHA-1 that the content must have.")
    original_basename = option(
        Str, "Internal: the source's name, for a destination that is a folder.", aliases=("_original_basename",)
    )
    content_attachment = option(Str, "Internal: the attachment that holds the content, if it came along.")
    tree = option(
        List,
        "Internal: a folder's members: {path, kind (file, directory, link), checksum, attachment, mode, target}.",
        elements=Dict,
    )
    source = option(Raw, "Internal: the source's path on the controller, for the result.")


def place_content(options: "Any", system: "System") -> "Any":
    """The plan for content that came, or will come, from the controller."""
    if options.tree is not None:
        return (yield from _place_tree(options, system))
    dest = yield from destination(options, system, options.original_basename)
    return (yield from _place_file(options, system, dest))


def destination(options: "Any", system: "System", name: "str | None") -> "Any":
    """The file's full path. A folder that the user named by a slash at its end is made."""
    dest = options.dest
    into = dest.endswith("/")
    if into or system.is_dir(dest):
        if not name:
            raise Failed("can not use content with a dir as dest", dest=dest)
        if into and not system.exists(dest):
            yield MakeDirectory(dest.rstrip("/"), _folder_attributes(options))
        return os.path.join(dest, name)
    folder = os.path.dirname(os.path.abspath(dest))
    if not system.is_dir(folder):
        raise Failed("Destination directory {} does not exist".format(folder), checksum=options.checksum)
    return dest


def _folder_attributes(options: "Any") -> "Attributes":
    wanted = Attributes.of(options)
    wanted.mode = options.directory_mode
    wanted.attributes = None
    return wanted


def file_attributes(options: "Any", preserved: "Any" = None) -> "Attributes":
    """The attributes for a file; `preserved` is what mode=preserve means for it."""
    wanted = Attributes.of(options)
    if wanted.mode == "preserve":
        wanted.mode = preserved
    return wanted


def _place_file(options: "Any", system: "System", dest: "str") -> "Any":
    name = options.content_attachment
    found = system.stat(dest, follow=options.follow)
    if found is not None and not options.force:
        values = dict(system.path_info(dest), dest=dest, msg="file already exists", **_source(options))
        return dict(values, changed=False)
    if name not in system.incoming:
        if not _is_there(system, dest, found, options.checksum):
            return {"needs_content": [name], "dest": dest, "changed": False}
        yield SetAttributes(dest, file_attributes(options), follow=options.follow)
        return dict(system.path_info(dest), dest=dest, path=dest, checksum=options.checksum)
    content = system.attachment(name)
    _check_sum(options.checksum, content)
    wrote = yield _writing(options, dest, content, file_attributes(options))
    values = dict(_sums(content), **dict(wrote.values(), dest=dest, **_source(options)))
    values.update(system.path_info(dest))
    return values if wrote.changed is not False else dict(values, path=dest)


def _source(options: "Any") -> "dict[str, Any]":
    """`src` of the result; a text that stands in the playbook comes from no file."""
    return {} if options.source is None else {"src": options.source}


def _writing(options: "Any", dest: "str", content: "Any", attributes: "Any") -> "WriteFile":
    return WriteFile(
        dest,
        content,
        attributes,
        backup=options.backup,
        validate=options.validate,
        follow=options.follow,
        unsafe_writes=options.unsafe_writes,
    )


def _is_there(system: "System", dest: "str", found: "Any", checksum: "str | None") -> "bool":
    return found is not None and found.kind == "file" and checksum is not None and system.digest(dest) == checksum


def _check_sum(expected: "str | None", content: "Any") -> "None":
    if expected is not None:
        found = _sums(content)["checksum"]
        if found != expected:
            text = "Copied file does not match the expected checksum. Transfer failed."
            raise Failed(text, checksum=found, expected_checksum=expected)


def _sums(content: "Any") -> "dict[str, Any]":
    """SHA-1 and MD5 of an attachment; no MD5 where the machine forbids it."""
    import hashlib

    states = {"checksum": hashlib.sha1()}
    try:
        states["md5sum"] = hashlib.md5()
    except ValueError:
        pass
    for block in _blocks(content):
        for state in states.values():
            state.update(block)
    return {name: state.hexdigest() for name, state in states.items()}


def _blocks(content: "Any") -> "Any":
    if content.path is None:
        yield content.read()
        return
    with open(content.path, "rb") as file:
        yield from iter(lambda: file.read(262144), b"")


# --- a tree ----------------------------------------------------------------------------------------------------


def _place_tree(options: "Any", system: "System") -> "Any":
    """Folders first, then files and links; nothing is touched before all the content that is needed is here."""
    members = [dict(member, path=os.path.join(options.dest, member["path"])) for member in options.tree]
    there = {member["path"] for member in members if _need_no_content(options, system, member)}
    missing = [m["attachment"] for m in members if m["kind"] == "file" and m["path"] not in there]
    missing = [name for name in missing if name not in system.incoming]
    if missing:
        return {"needs_content": missing, "dest": options.dest, "changed": False}
    if not system.exists(options.dest):
        yield MakeDirectory(options.dest.rstrip("/"), _folder_attributes(options))
    for member in members:
        yield from _PLACE[member["kind"]](options, system, member, member["path"] in there)
    return {"dest": options.dest.rstrip("/") + "/", "src": options.source}


def _need_no_content(options: "Any", system: "System", member: "dict[str, Any]") -> "bool":
    found = system.stat(member["path"], follow=options.follow)
    if found is not None and not options.force:
        return True
    return member["kind"] == "file" and _is_there(system, member["path"], found, member["checksum"])


def _tree_folder(options: "Any", system: "System", member: "dict[str, Any]", there: "bool") -> "Any":
    yield MakeDirectory(member["path"], _folder_attributes(options))


def _tree_file(options: "Any", system: "System", member: "dict[str, Any]", there: "bool") -> "Any":
    attributes = file_attributes(options, member.get("mode"))
    if not there:
        content = system.attachment(member["attachment"])
        _check_sum(member["checksum"], content)
        yield _writing(options, member["path"], content, attributes)
    elif options.force:
        yield SetAttributes(member["path"], attributes, follow=options.follow)


def _tree_link(options: "Any", system: "System", member: "dict[str, Any]", there: "bool") -> "Any":
    if not there:
        yield MakeLink(member["path"], member["target"])


_PLACE = {"directory": _tree_folder, "file": _tree_file, "link": _tree_link}
