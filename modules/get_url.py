"""Fetch a file from the web (http, https, ftp, file) to the host."""

import os

from orchestra.runner.parts.downloads import RequestOptions, ask, masked
from orchestra.runner.sdk import (
    Attributes,
    Bool,
    Failed,
    FileOptions,
    Int,
    Path,
    Result,
    SetAttributes,
    Str,
    WriteFile,
    option,
)

NAMES = ("ansible.builtin.get_url", "ansible.legacy.get_url")
PARTS = ("downloads",)
CHECK_MODE = "The server is asked; a content of more than 8 MB that must differ is not fetched, only foretold."

EXAMPLES = """
- name: A program, verified
  get_url:
    url: https://example.org/app-1.2.tar.gz
    dest: /opt/app-1.2.tar.gz
    checksum: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    mode: "0644"

- name: Verified by the list that lies beside it
  get_url:
    url: https://example.org/app.iso
    dest: /srv/images/
    checksum: sha256:https://example.org/SHA256SUMS
"""

RETURNS = {
    "dest": "the file",
    "url": "the address",
    "status_code": "the server's status: 200, or 304 where nothing was new",
    "msg": "OK with the number of bytes, or why nothing was fetched",
    "checksum_src": "SHA-1 of what was fetched",
    "checksum_dest": "SHA-1 of what was there before",
    "md5sum": "MD5 of what was fetched",
    "elapsed": "seconds",
    "backup_file": "the name of the backup, where one was made",
    "src": "the temporary file",
}
ENOUGH = 8 * 1024 * 1024


class Options(RequestOptions, FileOptions):
    url = option(Str, "What to fetch.", required=True)
    dest = option(Path, "Where to; in a folder it takes the name that the server or the address gives.", required=True)
    checksum = option(Str, "algorithm:digest, or algorithm:address-or-path of a list of digests.", default="")
    sha256sum = option(Str, "The same for SHA-256; what older versions had.", default="")
    force = option(
        Bool,
        "Fetch it even where the file is there and the server has nothing newer.",
        default=False,
        aliases=("thirsty",),
    )
    backup = option(Bool, "Keep the old file beside the new one.", default=False)
    timeout = option(Int, "Seconds to wait for the server.", default=10)
    tmp_dest = option(Path, "A folder for the download while it runs.")
    unsafe_writes = option(Bool, "Write in place where a rename can not be; else ANSIBLE_UNSAFE_WRITES says it.")


class Foretell(WriteFile):
    """A file of which check mode only knows that it will differ, and how large it will be."""

    def __init__(self, path, attributes, size):
        WriteFile.__init__(self, path, attributes=attributes)
        self.size = size

    def _same(self, system, found):
        return False

    def diff(self, system):
        return {"before": {"path": self.path}, "after": {"path": self.path, "size": self.size}}

    def predict(self, system):
        WriteFile.predict(self, system)
        node = system.foreseen("path", system.resolve(self.path))
        system.foresee("path", system.resolve(self.path), node.but(content=None, size=self.size))
        return Result(True)


def plan(options, system):
    began = system.now()
    values = {"url": masked(options.url), "dest": options.dest, "checksum_dest": None, "checksum_src": None}
    try:
        return (yield from _kept(options, system, values, began))
    except Failed as failure:
        there = system.path_info(options.dest) if system.exists(options.dest) else {}
        values = dict(there, **dict(values, elapsed=int(system.now() - began)))
        failure.values = dict(values, **failure.values)
        raise


def _kept(options, system, values, began):
    wanted = _wanted_sum(options, system)
    dest = None if system.is_dir(options.dest) else options.dest
    if dest and dest.endswith("/"):
        raise Failed("Destination {} does not exist".format(dest.rstrip("/")))
    was = _digest(system, dest, "sha1")
    if dest and was and wanted and not options.force and system.digest(dest, wanted[0]) == wanted[1]:
        yield SetAttributes(dest, Attributes.of(options))
        return dict(values, msg="file already exists", elapsed=0, **system.path_info(dest))
    return (yield from _fetch(options, system, dest, was, wanted, values, began))


def _fetch(options, system, dest, was, wanted, values, began):
    with _ask(options, system, dest if was and not wanted else None) as response:
        return (yield from _judge(options, system, response, dest, was, wanted, values, began))


def _judge(options, system, response, dest, was, wanted, values, began):
    """What the server's answer means for the file."""
    if response.status == 304:
        yield SetAttributes(dest, Attributes.of(options))
        elapsed = int(system.now() - began)
        said = {"url": values["url"], "dest": dest, "msg": response.summary(), "status_code": 304, "elapsed": elapsed}
        return dict(said, **system.path_info(dest))
    if not response.is_fine():
        raise Failed("Request failed", status_code=response.status, response=response.message, dest=options.dest)
    if dest is None:
        dest = os.path.join(options.dest, _name(response))
        was = _digest(system, dest, "sha1")
    values.update(dest=dest, status_code=response.status, checksum_dest=was)
    values["elapsed"] = int(system.now() - began)
    if _can_foretell(system, dest, response, was, wanted):
        yield Foretell(dest, Attributes.of(options), response.length())
        return dict(values, msg=response.summary(), **system.path_info(dest))
    yield from _place(options, system, dest, response, wanted, values)
    values["elapsed"] = int(system.now() - began)
    return dict(values, msg=response.summary(), **system.path_info(dest))


def _ask(options, system, known):
    """`known`: a file that is there; the server need only answer whether it has a newer one."""
    headers = {}
    if options.force:
        headers["Cache-Control"] = "no-cache"
    elif known is not None:
        from email.utils import formatdate

        headers["If-Modified-Since"] = formatdate(system.stat(known, follow=True).mtime, usegmt=True)
    return ask(options, system, options.url, timeout=options.timeout, headers=headers)


def _can_foretell(system, dest, response, was, wanted):
    """Whether check mode may leave a large content where it is: it can not be what is there."""
    length = response.length()
    if not system.check or length is None or length <= ENOUGH or wanted:
        return False
    return was is None or system.stat(dest, follow=True).size != length


def _place(options, system, dest, response, wanted, values):
    folder = os.path.dirname(os.path.abspath(dest))
    if not system.is_dir(folder):
        raise Failed("Destination {} does not exist".format(folder), **values)
    place = system.scratch()
    if options.tmp_dest:
        place = _private_place(system, options.tmp_dest)
    path = os.path.join(place, "orchestra-" + os.urandom(6).hex())
    values["src"] = path
    response.save(path, options.decompress)
    try:
        _verify(path, wanted, values)
        wrote = yield WriteFile(
            dest,
            attributes=Attributes.of(options),
            source=path,
            backup=options.backup,
            unsafe_writes=options.unsafe_writes,
        )
        values.update(wrote.values())
    finally:
        if options.tmp_dest:
            os.unlink(path)


def _private_place(system, folder):
    if not system.is_dir(folder):
        raise Failed("tmp_dest: there is no folder {}".format(folder))
    return folder


def _verify(path, wanted, values):
    values["checksum_src"] = _file_digest(path, "sha1")
    try:
        values["md5sum"] = _file_digest(path, "md5")
    except ValueError:
        values["md5sum"] = None  # a machine in FIPS mode has no MD5
    if wanted:
        found = _file_digest(path, wanted[0])
        if found != wanted[1]:
            text = "The checksum for {} did not match {}; it was {}."
            raise Failed(text.format(values["url"], wanted[1], found), **values)


def _file_digest(path, algorithm):
    import hashlib

    state = hashlib.new(algorithm)
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(262144), b""):
            state.update(block)
    return state.hexdigest()


def _digest(system, path, algorithm):
    return system.digest(path, algorithm) if path and system.is_file(path) else None


def _name(response):
    """The file's name: what the server says, else the address's last part."""
    from urllib.parse import unquote, urlsplit

    for part in response.headers.get("content-disposition", "").split(";"):
        key, _, value = part.strip().partition("=")
        if key.lower() == "filename" and os.path.basename(value.strip("\"' ")):
            return os.path.basename(value.strip("\"' "))
    return os.path.basename(unquote(urlsplit(response.url).path)) or "index.html"


# --- checksums -------------------------------------------------------------------------------------------------


def _wanted_sum(options, system):
    """(algorithm, hex digest) that the content must have, or None."""
    text = options.checksum or ("sha256:" + options.sha256sum if options.sha256sum else "")
    if not text:
        return None
    algorithm, colon, digest = text.partition(":")
    algorithm, digest = algorithm.strip().lower(), digest.strip()
    if not colon or not digest:
        raise Failed("The checksum parameter has to be in format <algorithm>:<checksum>", dest=options.dest)
    if "://" in digest or digest.startswith("/"):
        digest = _from_list(options, system, digest)
    digest = "".join(char for char in digest.lower() if char.isalnum())
    _check_digest(algorithm, digest)
    return algorithm, digest


def _check_digest(algorithm, digest):
    import hashlib

    if algorithm not in hashlib.algorithms_available:
        raise Failed("checksum: this host has no algorithm {!r}".format(algorithm))
    if digest.strip("0123456789abcdef"):
        raise Failed("The checksum format is invalid: {!r} is not a hexadecimal number".format(digest))


def _from_list(options, system, place):
    """The digest of our file in a list as sha256sum writes them, or a list that is one digest alone."""
    if place.startswith("/"):
        text = system.read_text(place)
    else:
        with ask(options, system, place, timeout=options.timeout) as response:
            if not response.is_fine():
                raise Failed("Unable to fetch the list of checksums {}: {}".format(masked(place), response.message))
            text = response.read().decode("utf-8", "replace")
    name = os.path.basename(options.url.split("?")[0].split("#")[0])
    rows = [line.split(None, 1) for line in text.splitlines() if line.strip()]
    for row in rows:
        if len(row) == 2 and os.path.basename(row[1].strip().lstrip("*")) == name:
            return row[0]
        if row[0] == "({})".format(name) or (len(row) == 2 and "(" + name + ")" in row[1]):
            return row[1].rpartition("=")[2].strip()
    if len(rows) == 1 and len(rows[0]) == 1:
        return rows[0][0]
    raise Failed("Unable to find a checksum for file '{}' in '{}'".format(name, masked(place)))
