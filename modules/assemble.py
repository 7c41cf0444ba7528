"""Put a file together from the fragments in a folder, in the order of their names."""

import os

from orchestra.runner.sdk import Attributes, Bool, Failed, FileOptions, List, Path, Str, WriteFile, option

NAMES = ("ansible.builtin.assemble", "ansible.legacy.assemble")

EXAMPLES = """
- name: One configuration from its parts
  assemble:
    src: /etc/app/conf.d
    dest: /etc/app/app.conf
    delimiter: "### next part ###"
    validate: app --check %s
"""

RETURNS = {
    "dest": "the file",
    "src": "the folder",
    "checksum": "SHA-1 of the file",
    "md5sum": "MD5 of the file",
    "backup_file": "the name of the backup, where one was made",
}


class Options(FileOptions):
    src = option(Path, "The folder with the fragments.", required=True)
    dest = option(Path, "The file.", required=True)
    remote_src = option(Bool, "The folder is on the host; otherwise on the controller.", default=True)
    regexp = option(Str, "Only fragments whose name matches.")
    delimiter = option(Str, "A line between fragments; \\n and the like are understood.")
    ignore_hidden = option(Bool, "Leave out names that begin with a dot.", default=False)
    backup = option(Bool, "Keep the old file beside the new one.", default=False)
    validate = option(Str, "A command with %s that must accept the new file.")
    decrypt = option(Bool, "Decrypt vault files on their way from the controller.", default=True)
    fragments = option(
        List, "Internal: the fragments of the controller, by the names of their attachments.", elements=Str
    )
    unsafe_writes = option(Bool, "Write in place where a rename can not be; else ANSIBLE_UNSAFE_WRITES says it.")


def plan(options, system):
    content = joined(_fragments(options, system), options.delimiter)
    dest = os.path.join(options.dest, os.path.basename(options.src)) if system.is_dir(options.dest) else options.dest
    wrote = yield WriteFile(
        dest,
        content,
        Attributes.of(options),
        backup=options.backup,
        validate=options.validate,
        unsafe_writes=options.unsafe_writes,
    )
    values = dict(system.path_info(dest), src=options.src, dest=dest, msg="OK", **wrote.values())
    return dict(values, **_sums(content))


def _fragments(options, system):
    """The contents, in the order of the names."""
    if options.fragments is not None:
        wanted = _chooser(options)
        return [system.attachment(name).read() for name in options.fragments if wanted(name)]
    if not system.exists(options.src):
        raise Failed("Source ({}) does not exist".format(options.src))
    if not system.is_dir(options.src):
        raise Failed("Source ({}) is not a directory".format(options.src))
    wanted = _chooser(options)
    paths = [os.path.join(options.src, name) for name in system.listdir(options.src) if wanted(name)]
    return [system.read_bytes(path) for path in paths if system.is_file(path)]


def _chooser(options):
    """A function from a name to whether it is wanted."""
    import re

    try:
        found = re.compile(options.regexp or "")
    except re.error as error:
        raise Failed("Invalid Regexp ({}) in {!r}".format(error, options.regexp)) from None
    return lambda name: bool(found.search(name)) and not (options.ignore_hidden and name.startswith("."))


def joined(fragments, delimiter):
    """Fragments one after another: each begins on a line of its own, the delimiter has a line between two."""
    between = _unescaped(delimiter) if delimiter else b""
    if between and not between.endswith(b"\n"):
        between += b"\n"
    content = b""
    for index, fragment in enumerate(fragments):
        if content and not content.endswith(b"\n"):
            content += b"\n"
        content += (between if index else b"") + fragment
    return content


def _unescaped(text):
    import codecs

    return codecs.escape_decode(text.encode("utf-8", "surrogateescape"))[0]


def _sums(content):
    import hashlib

    sums = {"checksum": hashlib.sha1(content).hexdigest()}
    try:
        sums["md5sum"] = hashlib.md5(content).hexdigest()
    except ValueError:
        sums["md5sum"] = None  # a machine in FIPS mode has no MD5
    return sums
