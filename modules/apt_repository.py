"""Keep lines of apt's sources: which repositories it uses."""

from orchestra.runner.parts.apt import FetchLists
from orchestra.runner.sdk import Attributes, Bool, Failed, Int, Mode, Remove, Str, WriteFile, option

NAMES = ("ansible.builtin.apt_repository", "ansible.legacy.apt_repository")
PARTS = ("apt", "downloads")
MAIN = "/etc/apt/sources.list"
FOLDER = "/etc/apt/sources.list.d"
KINDS = ("deb", "deb-src")


class Options:
    repo = option(Str, "The line, or ppa:owner/name.", required=True)
    state = option(Str, "Whether it is there.", default="present", choices=("present", "absent"))
    mode = option(Mode, "Permissions of the file.")
    update_cache = option(Bool, "Fetch the lists when something changed.", default=True, aliases=("update-cache",))
    update_cache_retries = option(Int, "How often fetching is tried.", default=5)
    update_cache_retry_max_delay = option(Int, "Longest pause between tries, in seconds.", default=12)
    validate_certs = option(Bool, "For a PPA: verify its server.", default=True)
    filename = option(Str, "The file below sources.list.d, without .list.")
    codename = option(Str, "For a PPA: another release's name.")
    install_python_apt = option(Bool, "Accepted; nothing needs to be installed.", default=True)


EXAMPLES = """
- name: Docker's repository
  apt_repository:
    repo: deb [signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/debian bookworm stable
    filename: docker
"""

RETURNS = {
    "repo": "the line as it was asked for",
    "sources_added": "files that were made",
    "sources_removed": "files that were removed",
}


def plan(options, system):
    if not options.repo.strip():
        raise Failed("Please set argument 'repo' to a non-empty value")
    line = _line(options, system)
    if line.split()[0] not in KINDS or len(line.split()) < 3:
        raise Failed("Invalid repository string: {}".format(options.repo))
    texts = {path: system.read_text(path) for path in [MAIN] + system.glob(FOLDER + "/*.list") if system.is_file(path)}
    edit = _with if options.state == "present" else _without
    fresh = edit(dict(texts), line, _file(options, line))
    values = {"repo": options.repo, "state": options.state}
    changed = [path for path in fresh if fresh[path] != texts.get(path)]
    added = [path for path in changed if path not in texts]
    removed = [path for path in changed if path in texts and not fresh[path].strip() and path != MAIN]
    if options.repo.startswith("ppa:") and options.state == "present" and changed:
        yield from _trust(options, system)
    for path in changed:
        if path in removed:
            yield Remove(path)
        else:
            mode = options.mode if options.mode is not None else None if path in texts else 0o644
            yield WriteFile(path, fresh[path].encode("utf-8", "surrogateescape"), Attributes(mode=mode))
    if changed and options.update_cache:
        yield from _fetch(options, changed, texts)
    return dict(values, sources_added=added, sources_removed=removed)


def _fetch(options, changed, texts):
    """Where the new sources can not be fetched the old ones come back, and the task fails."""
    try:
        yield FetchLists(60, options.update_cache_retries, options.update_cache_retry_max_delay)
    except Failed as failure:
        for path in changed:
            if path in texts:
                yield WriteFile(path, texts[path].encode("utf-8", "surrogateescape"), Attributes())
            else:
                yield Remove(path)
        raise failure


def _line(options, system):
    if options.repo.startswith("ppa:"):
        return "deb {} {} main".format(_ppa_address(options), options.codename or _codename(system))
    return _normal(options.repo)


def _normal(line):
    """Single spaces, without a comment behind; as lines are compared."""
    text = line.strip()
    while text.startswith("#"):
        text = text[1:].lstrip()
    return " ".join(text.split(" #")[0].split())


def _ppa(options):
    owner, _, name = options.repo[4:].partition("/")
    return owner, name or "ppa"


def _ppa_address(options):
    return "http://ppa.launchpadcontent.net/{}/{}/ubuntu".format(*_ppa(options))


def _codename(system):
    rows = [line.partition("=") for line in system.read_text("/etc/os-release").splitlines()]
    keys = {key: value.strip("\"'") for key, _, value in rows}
    name = keys.get("UBUNTU_CODENAME") or keys.get("VERSION_CODENAME")
    if not name:
        raise Failed("codename is needed: /etc/os-release does not say it")
    return name


def _trust(options, system):
    """A PPA's key, as Launchpad names it."""
    import json

    from orchestra.runner.parts.downloads import RequestOptions, ask
    from orchestra.runner.sdk import bind

    ours = bind(RequestOptions, {"validate_certs": options.validate_certs, "headers": {"Accept": "application/json"}})[
        0
    ]
    owner, name = _ppa(options)
    path = "/etc/apt/trusted.gpg.d/{}-{}.asc".format(owner, name)
    if system.exists(path) or system.check:
        return
    address = "https://launchpad.net/api/1.0/~{}/+archive/{}".format(owner, name)
    found = ask(ours, system, address, timeout=30)
    if not found.is_fine():
        raise Failed("failed to fetch PPA information: {}".format(found.message or found.summary()))
    print_ = json.loads(found.read().decode())["signing_key_fingerprint"]
    key = ask(ours, system, "https://keyserver.ubuntu.com/pks/lookup?op=get&options=mr&search=0x" + print_, timeout=30)
    if not key.is_fine():
        raise Failed("failed to fetch the key {} of the PPA: {}".format(print_, key.message or key.summary()))
    yield WriteFile(path, key.read(), Attributes(mode=0o644))


def _file(options, line):
    """Where a new line goes: by the name that was given, else after its address, as it always has been."""
    if options.filename is not None:
        name = options.filename
        return name if name.startswith("/") else "{}/{}.list".format(FOLDER, name)
    return "{}/{}.list".format(FOLDER, _suggested(line))


def _suggested(line):
    text = line
    while "[" in text and "]" in text:
        text = text[: text.index("[")] + text[text.index("]") + 1 :]
    words = [word for word in text.split() if word not in KINDS]
    address = words[0].partition("://")[2] or words[0]
    address = address.rpartition("@")[2] if "@" in address else address
    letters = "".join(letter if letter < "\x7f" and letter.isalnum() else " " for letter in address)
    return "_".join(letters.split())


def _is_source(line):
    return _normal(line).split(" ")[0] in KINDS


def _with(texts, line, path):
    """The line stands once in some file; one that is there as a comment is switched on."""
    for name, text in texts.items():
        lines = text.splitlines(True)
        for index, one in enumerate(lines):
            if _is_source(one) and _normal(one) == line:
                if one.lstrip().startswith("#"):
                    lines[index] = line + "\n"
                    texts[name] = "".join(lines)
                return texts
    old = texts.get(path, "")
    texts[path] = old + ("\n" if old and not old.endswith("\n") else "") + line + "\n"
    return texts


def _without(texts, line, path):
    for name, text in texts.items():
        lines = text.splitlines(True)
        kept = [one for one in lines if one.lstrip().startswith("#") or _normal(one) != line]
        texts[name] = "".join(kept)
    return texts
