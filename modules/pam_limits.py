"""Keep limits of users' resources, which PAM sets when they log in."""

from orchestra.runner.sdk import Attributes, Bool, Failed, Path, Problem, Str, WriteFile, option

NAMES = ("community.general.pam_limits",)
ITEMS = (
    "core",
    "data",
    "fsize",
    "memlock",
    "nofile",
    "rss",
    "stack",
    "cpu",
    "nproc",
    "as",
    "maxlogins",
    "maxsyslogins",
    "priority",
    "locks",
    "sigpending",
    "msgqueue",
    "nice",
    "rtprio",
    "chroot",
)
ENDLESS = ("unlimited", "infinity", "-1")


class Options:
    domain = option(Str, "For whom: a user, @group, *, or a range of numbers.", required=True)
    limit_type = option(Str, "Whether users may raise it (soft), or not (hard); - is both.", required=True,
                        choices=("hard", "soft", "-"))  # fmt: skip
    limit_item = option(Str, "What is limited.", required=True, choices=ITEMS)
    value = option(Str, "The limit: a number, or unlimited.", required=True)
    use_min = option(Bool, "A lower limit in the file stays.", default=False)
    use_max = option(Bool, "A higher limit in the file stays.", default=False)
    backup = option(Bool, "Keep the old file.", default=False)
    dest = option(Path, "The file.", default="/etc/security/limits.conf")
    comment = option(Str, "A remark at the line's end.", default="")


EXAMPLES = """
- name: The database may have many files open
  pam_limits:
    domain: postgres
    limit_type: "-"
    limit_item: nofile
    value: "65536"
"""

RETURNS = {"msg": "the line that says it", "backup_file": "the old file, where it was kept"}


def problems(options):
    if options.use_max and options.use_min:
        yield Problem("use_min", "Cannot use use_min and use_max at the same time.")
    fault = _fault(options.limit_item, options.value)
    if fault:
        yield Problem("value", fault)
    for name in ("domain", "comment"):
        if "\n" in getattr(options, name):
            yield Problem(name, "expected one line, not {!r}".format(getattr(options, name)))


def plan(options, system):
    before = system.read_text(options.dest) if system.exists(options.dest) else ""
    lines = before.splitlines(True)
    mine = []
    for number, line in enumerate(lines):
        fields = line.partition("#")[0].split()
        if len(fields) == 4:
            _check(options.dest, number + 1, fields)
            if fields[:3] == [options.domain, options.limit_type, options.limit_item]:
                mine.append((number, fields[3]))
    said = None
    for number, kept in mine:
        value = _chosen(options, kept)
        if value != kept:
            lines[number] = _line(options, value, options.comment or lines[number].partition("#")[2].strip())
        said = lines[number]
    if said is None:
        said = _line(options, options.value, options.comment)
        whole = not lines or lines[-1].endswith("\n")
        lines.append(said if whole else "\n" + said)
    content = "".join(lines).encode("utf-8", "surrogateescape")
    attributes = Attributes() if system.exists(options.dest) else Attributes(mode=0o644)
    wrote = yield WriteFile(options.dest, content, attributes, backup=options.backup)
    return dict(wrote.values(), msg=said)


def _line(options, value, comment):
    fields = (options.domain, options.limit_type, options.limit_item, value)
    return "\t".join(fields + (("#" + comment,) if comment else ())) + "\n"


def _chosen(options, kept):
    """The value that is to be there, given the one that is."""
    if not (options.use_max or options.use_min):
        return options.value
    numbered = options.limit_item in ("nice", "priority")  # -1 is a number there
    first, second = (
        float("inf") if value in ENDLESS and not numbered else int(value) for value in (kept, options.value)
    )
    stays = first >= second if options.use_max else first <= second
    return kept if stays else options.value


def _check(path, number, fields):
    fault = _fault(fields[2], fields[3])
    if fault:
        raise Failed("Invalid configuration found in '{}', line {}. {}".format(path, number, fault))


def _fault(item, value):
    """What is wrong with a limit's value, "" if nothing."""
    text = "Value of {!r} for item {!r} is invalid. Value must ".format(value, item)
    if item in ("nice", "priority"):
        number = value[1:] if value[:1] == "-" else value
        return "" if number.isdigit() and -20 <= int(value) <= 19 else text + "be a number from -20 to 19."
    return "" if value in ENDLESS or value.isdigit() else text + "be unlimited, infinity, -1, or a number from 0 on."
