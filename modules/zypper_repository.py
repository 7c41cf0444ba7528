"""Keep repositories of zypper: files in /etc/zypp/repos.d."""

import os

from orchestra.runner.sdk import Bool, Command, Failed, Int, Problem, Remove, Str, WriteFile, bind, option

NAMES = ("community.general.zypper_repository",)
FOLDER = "/etc/zypp/repos.d"


class Options:
    name = option(Str, "Its alias.")
    repo = option(Str, "Its address, or that of a .repo file; * with runrefresh means all.")
    state = option(Str, "Whether it is there.", default="present", choices=("absent", "present"))
    description = option(Str, "What it is called; the alias where left out.")
    enabled = option(Bool, "Whether it is used.", default=True)
    autorefresh = option(Bool, "Whether zypper looks for news by itself.", default=True, aliases=("refresh",))
    priority = option(Int, "Which wins; less is more.")
    disable_gpg_check = option(Bool, "Do not verify what comes from it.", default=False)
    auto_import_keys = option(Bool, "Trust its key when it is first refreshed.", default=False)
    overwrite_multiple = option(Bool, "Where several repositories are meant, all give way to this one.", default=False)
    runrefresh = option(Bool, "Ask it for news at once.", default=False)


EXAMPLES = """
- name: The vendor's packages
  zypper_repository:
    name: vendor
    repo: https://packages.example.com/suse/15
    auto_import_keys: true
"""

RETURNS = {"state": "as asked", "runrefresh": "as asked"}


def problems(options):
    if options.repo == "*":
        if not options.runrefresh:
            yield Problem("repo", "* means all repositories and goes with runrefresh only")
    elif options.state == "present" and not options.repo:
        yield Problem("repo", "is needed for state=present")
    elif options.state == "present" and not options.name and not options.repo.endswith(".repo"):
        yield Problem("name", "is needed, unless repo is a .repo file")
    elif options.state == "absent" and not (options.repo or options.name):
        yield Problem("name", "which repository is to be absent? name or repo says it")


def plan(options, system):
    values = {"state": options.state, "runrefresh": options.runrefresh}
    if options.repo == "*":
        yield Command(_zypper(options, system, []), touches=[])
        return values
    there = _known(system)
    if options.state == "absent":
        yield from _removed(system, _meant(options, there))
        return values
    if options.repo.endswith(".repo"):
        changed = yield from _brought(options, system)
    else:
        changed = yield from _written(options, system, there)
    if options.runrefresh or (changed and options.auto_import_keys):
        yield Command(_zypper(options, system, [options.name] if options.name else []), touches=[], changes=False)
    return values


def _zypper(options, system, names):
    trust = ["--gpg-auto-import-keys"] if options.auto_import_keys else []
    return [system.need("zypper"), "--quiet", "--non-interactive", *trust, "refresh", *names]


def _known(system):
    """(file, alias) -> its settings, for every repository there is."""
    found = {}
    for path in system.glob(FOLDER + "/*.repo"):
        for alias, settings in sections(system.read_text(path)):
            found[path, alias] = settings
    return found


def sections(text):
    """(name, {key: value}) of an INI file, in its order."""
    found = []
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            found.append((line[1:-1], {}))
        elif found and "=" in line and line[:1] not in ("#", ";"):
            key, _, value = line.partition("=")
            found[-1][1][key.strip()] = value.strip()
    return found


def _meant(options, there):
    """Those of the same alias or address."""
    address = (options.repo or "").rstrip("/")
    return [
        place
        for place, settings in there.items()
        if place[1] == options.name or (address and settings.get("baseurl", "").rstrip("/") == address)
    ]


def _wanted(options, before):
    """The settings, on top of those that the repository has and that nobody speaks of."""
    wanted = dict(before)
    wanted.update(
        name=options.description or before.get("name") or options.name,
        enabled=str(int(options.enabled)),
        autorefresh=str(int(options.autorefresh)),
        baseurl=options.repo,
    )
    if options.priority is not None:
        wanted["priority"] = str(options.priority)
    if options.disable_gpg_check:
        wanted["gpgcheck"] = "0"
    else:
        wanted.pop("gpgcheck", None)
    if before and _same(before.get("baseurl", ""), options.repo):
        wanted["baseurl"] = before["baseurl"]
    return wanted


def _same(one, other):
    return one.rstrip("/") == other.rstrip("/")


def _written(options, system, there):
    meant = _meant(options, there)
    if len(meant) > 1 and not options.overwrite_multiple:
        names = ", ".join(alias for _, alias in meant)
        raise Failed(
            "More than one repo matched ({}); overwrite_multiple: true puts this one in their place".format(names)
        )
    old = [place for place in meant if place[1] != options.name]
    place = next((place for place in meant if place[1] == options.name), (_file(options.name), options.name))
    before = there.get(place, {})
    wanted = _wanted(options, before)
    yield from _removed(system, old)
    if wanted == before:
        return bool(old)
    text = system.read_text(place[0]) if system.exists(place[0]) else ""
    yield WriteFile(place[0], _replaced(text, options.name, wanted).encode("utf-8", "surrogateescape"))
    return True


def _file(alias):
    return "{}/{}.repo".format(FOLDER, alias.replace("/", "_"))


def _replaced(text, alias, settings):
    """The text with a section in its place, or at the end; without it where settings is None."""
    lines = ["[{}]".format(alias)] + ["{}={}".format(*pair) for pair in (settings or {}).items()]
    block = "\n".join(lines) + "\n" if settings is not None else ""
    parts, inside, done = [], False, False
    for line in text.splitlines(True):
        if line.strip().startswith("["):
            inside = line.strip() == "[{}]".format(alias)
            if inside and not done:
                parts.append(block)
                done = True
        if not inside:
            parts.append(line)
    return "".join(parts) + ("" if done else block)


def _removed(system, places):
    """A file goes with its last section."""
    for path, alias in places:
        rest = _replaced(system.read_text(path), alias, None)
        if sections(rest):
            yield WriteFile(path, rest.encode("utf-8", "surrogateescape"))
        else:
            yield Remove(path)


def _brought(options, system):
    """A vendor's file as it is."""
    if "://" in options.repo:
        from orchestra.runner.parts.downloads import RequestOptions, ask

        answer = ask(bind(RequestOptions, {})[0], system, options.repo, timeout=30)
        if not answer.is_fine():
            raise Failed(
                "Error downloading .repo file from {}: {}".format(options.repo, answer.message or answer.summary())
            )
        content = answer.read()
    else:
        content = system.read_bytes(options.repo)
    if not sections(content.decode("utf-8", "replace")):
        raise Failed("Invalid format, .repo file could not be parsed: {}".format(options.repo))
    wrote = yield WriteFile(FOLDER + "/" + os.path.basename(options.repo), content)
    return wrote.changed
