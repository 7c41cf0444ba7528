"""Tell what a path is: kind, size, owner, permissions, checksum, time stamps."""

from orchestra.runner.parts.pathstat import described, details, flags, is_known, mime
from orchestra.runner.sdk import Bool, Path, Str, option

NAMES = ("ansible.builtin.stat", "ansible.legacy.stat")
PARTS = ("pathstat",)

EXAMPLES = """
- name: Look at the configuration
  stat:
    path: /etc/foo.conf
  register: conf

- name: Say so where it is not a file
  fail:
    msg: /etc/foo.conf is missing
  when: not conf.stat.exists or not conf.stat.isreg
"""

RETURNS = {
    "stat": "a mapping: exists; and where it does, path, mode, isreg, isdir, islnk ..., size, uid, gid, pw_name, "
    "gr_name, mtime, atime, ctime, checksum, mimetype, charset, attributes, lnk_source, lnk_target, readable, "
    "writeable, executable"
}


class Options:
    path = option(Path, "What to look at.", required=True, aliases=("dest", "name"))
    follow = option(Bool, "Look at what a symbolic link leads to.", default=False)
    get_checksum = option(Bool, "Tell a regular file's checksum.", default=True)
    checksum_algorithm = option(
        Str,
        "Which checksum.",
        default="sha1",
        choices=("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
        aliases=("checksum", "checksum_algo"),
    )
    get_mime = option(
        Bool,
        "Ask the program `file` for the kind of content.",
        default=True,
        aliases=("mime", "mime_type", "mime-type"),
    )
    get_attributes = option(Bool, "Tell chattr's flags.", default=True, aliases=("attr", "attributes"))
    get_md5 = option(Bool, "Tell the MD5 sum as `md5` too; what older versions did.", default=False)


def plan(options, system):
    path = options.path
    found = system.stat(path, follow=options.follow)
    if found is None:
        return {"stat": {"exists": False}}
    info = dict(described(system, path, found), exists=True)
    info.update(details(system, path, options.follow))
    if found.kind == "link":
        info["lnk_source"] = system.resolve(path)
        info["lnk_target"] = found.target
    if found.kind == "file" and info["readable"] and is_known(system, path):
        info.update(_sums(options, system, path))
    if options.get_mime:
        info.update(mime(system, system.resolve(path) if options.follow else path, found))
    if options.get_attributes:
        info.update(flags(system, path))
    return {"stat": info}


def _sums(options, system, path):
    sums = {}
    if options.get_checksum:
        sums["checksum"] = system.digest(path, options.checksum_algorithm)
    if options.get_md5:
        sums["md5"] = system.digest(path, "md5")
    return sums
