"""Keep the keys by which SSH knows other hosts."""

from orchestra.runner.parts.knownhosts import Entry, hashed, same_entry
from orchestra.runner.sdk import Bool, Failed, Path, Str, WriteFile, option

NAMES = ("ansible.builtin.known_hosts", "ansible.legacy.known_hosts")


class Options:
    name = option(
        Str, "The host, as ssh will look it up: a name, an address, or [name]:port.", required=True, aliases=("host",)
    )
    key = option(Str, "The whole line: host, type and key. Needed for present; absent without it removes every key.")
    path = option(Path, "The file.", default="~/.ssh/known_hosts")
    hash_host = option(Bool, "Write the name so that nobody can read it.", default=False)
    state = option(Str, "Whether the key is in the file.", default="present", choices=("present", "absent"))


EXAMPLES = """
- name: The deployment user trusts the repository's host
  known_hosts:
    name: git.example.com
    key: git.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFp8VtD59XAcxkj1qbfCtB1in9nm5WiipORjtVJUBA6I
    path: /etc/ssh/ssh_known_hosts
"""

RETURNS = {
    "name": "as asked",
    "key": "as asked",
    "path": "the file",
    "hash_host": "as asked",
    "state": "file, where the file is there; else as asked",
    "diff": "the file before and after",
}


def plan(options, system):
    wanted = _wanted(options)
    there = system.exists(options.path)
    before = system.read_text(options.path) if there else ""
    after = _after(before.splitlines(True), options, wanted)
    if after != before:
        yield WriteFile(options.path, after.encode("utf-8", "surrogateescape"))
    values = {name: getattr(options, name) for name in ("name", "key", "path", "hash_host", "state")}
    headers = {"before_header": options.path if there else "/dev/null", "after_header": options.path}
    shown = dict(headers, before=before, after=after)
    values.update(system.path_info(options.path))
    return dict(values, diff=shown)


def _wanted(options):
    """The entry that the user gave, or None; it must be one of the host's."""
    if not options.key:
        if options.state == "present":
            raise Failed("No key specified when adding a host")
        return None
    if "," in options.name:
        raise Failed(
            "Comma separated list of names is not supported. "
            "Please pass a single name to lookup in the known_hosts file."
        )
    entry = Entry.parse(options.key)
    if entry is None:
        raise Failed("the key must be a line of a known_hosts file: host, type and key; it is {!r}".format(options.key))
    if not entry.is_of(options.name.lower()):
        raise Failed("Host parameter does not match hashed host field in supplied key")
    return entry


def _after(lines, options, wanted):
    """The file's new text."""
    name = options.name.lower()
    entries = [(number, Entry.parse(line)) for number, line in enumerate(lines)]
    found = [(number, entry) for number, entry in entries if entry is not None and entry.is_of(name)]
    if wanted is None:
        gone = {number for number, entry in found if not entry.marker}
        return "".join(line for number, line in enumerate(lines) if number not in gone)
    place = next((pair for pair in found if _stands_for(pair[1], wanted, options.hash_host)), None)
    if options.state == "absent":
        return "".join(line for number, line in enumerate(lines) if place is None or number != place[0])
    if place is not None and same_entry(place[1], wanted, options.hash_host):
        return "".join(lines)
    kept = [line for number, line in enumerate(lines) if place is None or number != place[0]]
    if kept and not kept[-1].endswith("\n"):
        kept[-1] += "\n"
    return "".join(kept) + _line(options, name)


def _stands_for(entry, wanted, hash_host):
    """A host has one key of a type; a line of an authority, or of a revoked key, is another matter than a host's."""
    return same_entry(entry, wanted, hash_host) if entry.marker else entry.kind == wanted.kind


def _line(options, name):
    text = options.key.strip()
    if options.hash_host:
        words = text.split()
        words[1 if words[0].startswith("@") else 0] = hashed(name)
        text = " ".join(words)
    return text + "\n"
