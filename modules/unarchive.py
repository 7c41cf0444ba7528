"""Unpack an archive (tar, also compressed, or zip) into a folder on the host."""

import os

from orchestra.runner.parts.archives import Choice, opened
from orchestra.runner.parts.downloads import RequestOptions, ask, masked
from orchestra.runner.parts.pathstat import is_predicted
from orchestra.runner.sdk import Attributes, Bool, Failed, FileOptions, Int, List, Path, SetAttributes, Str, option

NAMES = ("ansible.builtin.unarchive", "ansible.legacy.unarchive")
PARTS = ("archives", "journal", "staging", "tarfiles", "taroptions", "zipfiles", "downloads", "pathstat")

EXAMPLES = """
- name: An archive that lies beside the playbook
  unarchive:
    src: app.tar.gz
    dest: /opt/app
    extra_opts: [--strip-components=1]
    owner: app

- name: One from the web
  unarchive:
    src: https://example.org/app.zip
    dest: /opt
    remote_src: true
    creates: /opt/app/bin
"""

RETURNS = {
    "dest": "the folder",
    "src": "the archive on the host",
    "handler": "TgzArchive, TarArchive, ZipArchive ...: what it was taken for",
    "files": "the members' names, with list_files",
    "extract_results": "command line, exit status and output of what unpacked it",
    "state": "directory",
}


class Options(RequestOptions, FileOptions):
    src = option(Str, "The archive: on the controller, or with remote_src on the host or the web.", required=True)
    dest = option(Path, "The folder, which must be there.", required=True)
    remote_src = option(Bool, "src is on the host, or an address that the host fetches.", default=False)
    copy = option(Bool, "The opposite of remote_src; what older playbooks say.", default=True)
    creates = option(Path, "Do nothing where this path is there.")
    list_files = option(Bool, "Return the members' names.", default=False)
    exclude = option(List, "Members to leave out.", elements=Str)
    include = option(List, "The only members to unpack.", elements=Str)
    keep_newer = option(Bool, "Leave files that are newer than those in the archive.", default=False)
    extra_opts = option(
        List,
        "More options for tar, such as --strip-components=1; -j for zip. Whatever they say (--skip-old-files, --backup"
        " ...), members are unpacked beside and moved in when all are whole; a move that fails is taken back. With"
        " --overwrite files that are there get their new content in place then. Incremental archives are refused.",
        elements=Str,
    )
    io_buffer_size = option(Int, "Has no meaning here; accepted for compatibility.", default=65536)
    decrypt = option(Bool, "Decrypt a vault file on its way.", default=True)
    timeout = option(Int, "Seconds to wait for a server.", default=30)
    unsafe_writes = option(Bool, "Has no meaning here; accepted for compatibility.", default=False)
    content_attachment = option(Str, "Internal: the attachment that holds the archive, if the controller sent it.")
    original_basename = option(Str, "Internal: the archive's name on the controller.")

    MUTUALLY_EXCLUSIVE = [("include", "exclude")]


def plan(options, system):
    if options.creates and system.any_at(options.creates):
        return {"skipped": True, "changed": False, "msg": "skipped, since {} exists".format(options.creates)}
    if not system.is_dir(options.dest):
        raise Failed("dest '{}' must be an existing dir".format(options.dest))
    dest = os.path.abspath(options.dest)
    if dest != os.path.normpath(options.dest):
        system.warn("dest '{}' is relative; it was taken for the absolute path '{}'".format(options.dest, dest))
    effect = opened(system, _archive(options, system), dest, Choice(options))
    done = yield effect
    yield from _attributes(options, effect)
    values = {"dest": options.dest, "src": masked(options.src), "handler": effect.handler}
    if done.changed is not False:
        values.update(done.values())
    if options.list_files:
        values["files"] = effect.names()
    return dict(values, **system.path_info(options.dest))


def _attributes(options, effect):
    """Owner and permissions of everything that the archive holds, and of top folders that it does not list."""
    wanted = Attributes.of(options)
    if wanted:
        names = [name.lstrip("/") for name in effect.names()]
        tops = [name.partition("/")[0] for name in names if "/" in name]
        for name in dict.fromkeys(names + [top for top in tops if top + "/" not in names]):
            yield SetAttributes(effect.place(name), wanted, follow=False)


def _archive(options, system):
    """The archive as a file of the host's disk."""
    if options.content_attachment:
        attachment = system.attachment(options.content_attachment)
        return attachment.path or _scratched(system, attachment.read())
    if "://" in options.src:
        return _fetched(options, system)
    path = system.expand(options.src)
    if not system.exists(path):
        raise Failed("Source '{}' does not exist".format(path))
    if not system.is_file(path):
        raise Failed("Source '{}' is not a file".format(path))
    return _scratched(system, system.read_bytes(path)) if is_predicted(system, path) else system.resolve(path)


def _scratched(system, content):
    path = os.path.join(system.scratch(), "archive")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    return path


def _fetched(options, system):
    path = os.path.join(system.scratch(), "archive")
    with ask(options, system, options.src, timeout=options.timeout) as response:
        if not response.is_fine():
            text = "Failure downloading {}, {}".format(masked(options.src), response.message)
            raise Failed(text, status_code=response.status)
        response.save(path, decompress=False)
    return path
