"""Bring a file from the host to the controller.

The host's half: it answers whether the file is there and what its checksum is, and sends the content, streamed, as the
attachment "content" unless the controller already has it.
"""

from orchestra.runner.sdk import Bool, Failed, Path, Str, option

NAMES = ("ansible.builtin.fetch", "ansible.legacy.fetch")

EXAMPLES = """
- name: Keep every host's log, in a folder for each
  fetch:
    src: /var/log/app.log
    dest: logs/

- name: Exactly there
  fetch:
    src: /etc/app/ca.crt
    dest: certificates/{{ inventory_hostname }}.crt
    flat: true
"""

RETURNS = {
    "dest": "where the file is on the controller",
    "file": "the path on the host, where nothing had to be fetched",
    "checksum": "SHA-1 of the file on the controller",
    "remote_checksum": "SHA-1 of the file on the host",
    "md5sum": "MD5 of the file on the controller",
}


class Options:
    src = option(Path, "The file on the host.", required=True)
    dest = option(
        Str,
        "A folder on the controller, which gets host/path/name; with flat, the file or folder itself.",
        required=True,
    )
    flat = option(Bool, "dest is the very place, without the host's name and path.", default=False)
    fail_on_missing = option(Bool, "A file that is not there or can not be read is a failure.", default=True)
    validate_checksum = option(Bool, "Compare checksums after the transfer.", default=True, aliases=("validate_md5",))
    mode = option(Str, "Accepted because ansible-core does; has no meaning for a file on the controller.")
    known_checksum = option(Str, "Internal: SHA-1 of what the controller has; the same content is not sent again.")


def plan(options, system):
    try:
        found = system.stat(options.src, follow=True)
        trouble = _trouble(options, found)
        checksum = "" if trouble else system.digest(options.src)
    except PermissionError as error:
        # Playbooks look for the words of a failed stat as well as for those of a failed read.
        reason = "File is not readable: {} ({})".format(options.src, error.strerror or "Permission denied")
        trouble = reason if options.fail_on_missing else reason + ", ignored"
    if trouble:
        if options.fail_on_missing:
            raise Failed(trouble, file=options.src)
        return {"msg": trouble, "file": options.src, "changed": False, "missing": True}
    same = checksum == options.known_checksum
    if not same:
        _attach(options, system)
    return {"checksum": checksum, "size": found.size, "file": options.src, "attached": not same}


def _trouble(options, found):
    if found is None:
        return "the remote file does not exist" + ("" if options.fail_on_missing else ", not transferring, ignored")
    if found.kind == "directory":
        return "remote file is a directory, fetch cannot work on directories"
    return "" if found.kind == "file" else "the remote path is a {}, not a file".format(found.kind)


def _attach(options, system):
    """From the disk, block by block; a file that a check run only predicts comes from memory."""
    if system.overlay:
        system.attach("content", system.read_bytes(options.src))
    else:
        system.attach("content", path=system.resolve(options.src))
