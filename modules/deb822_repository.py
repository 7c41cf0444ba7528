"""Keep a repository of apt in a file of the deb822 form, with its key."""

from orchestra.runner.sdk import (
    Attributes,
    Bool,
    Failed,
    Int,
    List,
    MakeDirectory,
    Mode,
    Remove,
    Str,
    WriteFile,
    bind,
    option,
)

NAMES = ("ansible.builtin.deb822_repository", "ansible.legacy.deb822_repository")
PARTS = ("downloads",)
SOURCES, KEYS = "/etc/apt/sources.list.d", "/etc/apt/keyrings"


class Options:
    name = option(Str, "The repository's name; its file is called after it.", required=True)
    state = option(Str, "Whether it is there.", default="present", choices=("present", "absent"))
    types = option(List, "deb, deb-src.", default=["deb"], elements=Str, choices=("deb", "deb-src"))
    uris = option(List, "Where it is.", elements=Str)
    suites = option(List, "Its suites, or a path with / at its end.", elements=Str)
    components = option(List, "Its components.", elements=Str)
    architectures = option(List, "Only these architectures.", elements=Str)
    signed_by = option(Str, "Its key: a file on the host, an address, or the key itself.")
    enabled = option(Bool, "Whether it is used.")
    trusted = option(Bool, "Whether it is trusted without a key.")
    by_hash = option(Bool, "Fetch indexes by their hash.")
    pdiffs = option(Bool, "Fetch differences of indexes.")
    languages = option(List, "Which translations.", elements=Str)
    targets = option(List, "Which kinds of indexes.", elements=Str)
    inrelease_path = option(Str, "Where its InRelease is.")
    allow_insecure = option(Bool, "Accept it without a signature.")
    allow_weak = option(Bool, "Accept weak hashes.")
    allow_downgrade_to_insecure = option(Bool, "Accept that it is not signed any more.")
    check_date = option(Bool, "Check its date.")
    check_valid_until = option(Bool, "Check until when it is valid.")
    date_max_future = option(Int, "Seconds that its date may lie ahead.")
    exclude = option(List, "Packages to leave out.", elements=Str)
    include = option(List, "Only these packages.", elements=Str)
    mode = option(Mode, "Permissions of the file.", default="0644")
    install_python_debian = option(Bool, "Accepted; nothing needs to be installed.", default=False)


FIELDS = (
    "allow_downgrade_to_insecure",
    "allow_insecure",
    "allow_weak",
    "architectures",
    "by_hash",
    "check_date",
    "check_valid_until",
    "components",
    "date_max_future",
    "enabled",
    "exclude",
    "include",
    "inrelease_path",
    "languages",
    "name",
    "pdiffs",
    "signed_by",
    "suites",
    "targets",
    "trusted",
    "types",
    "uris",
)

EXAMPLES = """
- name: Docker's repository
  deb822_repository:
    name: docker
    uris: https://download.docker.com/linux/debian
    suites: bookworm
    components: stable
    signed_by: https://download.docker.com/linux/debian/gpg
"""

RETURNS = {"repo": "the file's text", "dest": "the file", "key_filename": "the key's file, where one was written"}


def plan(options, system):
    slug = _slug(options.name)
    path = "{}/{}.sources".format(SOURCES, slug)
    if options.state == "absent":
        gone = [path] + ["{}/{}.{}".format(KEYS, slug, end) for end in ("asc", "gpg")]
        for one in gone:
            if system.exists(one):
                yield Remove(one)
        return {"repo": None, "dest": path, "key_filename": None}
    if not options.uris or not options.suites:
        raise Failed("uris and suites are needed for state=present")
    key, signed_by = yield from _key(options, system, slug)
    text = _text(options, signed_by)
    yield WriteFile(path, text.encode("utf-8", "surrogateescape"), Attributes(mode=options.mode))
    return {"repo": text, "dest": path, "key_filename": key}


def _slug(name):
    letters = [letter if letter.isalnum() or letter in "-_" else "-" for letter in name.lower()]
    return "-".join(part for part in "".join(letters).split("-") if part)


def _key(options, system, slug):
    """(the file that was written, what the field says): a key goes into a file of its own, and is fetched once."""
    given = options.signed_by
    if given is None or given.startswith("/") or _is_fingerprint(given):
        return None, given
    if "://" not in given:
        if "-----BEGIN" not in given:
            raise Failed("signed_by is neither a file, an address, nor a key")
        return None, "\n" + "\n".join(" " + (line or ".") for line in given.strip().splitlines())
    known = [path for path in ("{}/{}.{}".format(KEYS, slug, end) for end in ("asc", "gpg")) if system.exists(path)]
    content = _fetched(system, given)
    path = "{}/{}.{}".format(KEYS, slug, "asc" if b"-----BEGIN" in content[:200] else "gpg")
    if not system.is_dir(KEYS):
        yield MakeDirectory(KEYS, Attributes(mode=0o755))
    yield WriteFile(path, content, Attributes(mode=0o644))
    for other in known:
        if other != path:
            yield Remove(other)
    return path, path


def _is_fingerprint(text):
    return len(text.replace(" ", "")) == 40 and not text.replace(" ", "").strip("0123456789abcdefABCDEF")


def _fetched(system, url):
    from orchestra.runner.parts.downloads import RequestOptions, ask

    answer = ask(bind(RequestOptions, {})[0], system, url, timeout=30)
    if not answer.is_fine():
        raise Failed("Could not fetch signed_by key: {}".format(answer.message or answer.summary()))
    return answer.read()


def _text(options, signed_by):
    lines = []
    for name in FIELDS:
        value = signed_by if name == "signed_by" else getattr(options, name)
        if value is not None:
            lines.append("{}: {}\n".format(_title(name), _written(value)))
    return "".join(lines)


def _title(name):
    return {"name": "X-Repolib-Name", "uris": "URIs"}.get(name) or name.replace("_", "-").title()


def _written(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, list) else str(value)
