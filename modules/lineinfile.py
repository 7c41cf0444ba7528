"""Make sure that a line is in a file, or is not."""

import re

from orchestra.runner.sdk import Attributes, Bool, Failed, FileOptions, Path, Str, WriteFile, option

NAMES = ("ansible.builtin.lineinfile", "ansible.legacy.lineinfile")


class Options(FileOptions):
    path = option(Path, "The file to edit.", required=True, aliases=("dest", "destfile", "name"))
    state = option(Str, "Whether the line should be there.", default="present", choices=("present", "absent"))
    regexp = option(Str, "The last line that matches is replaced, or all that match are removed.", aliases=("regex",))
    search_string = option(Str, "As regexp, for a plain text that a line contains.")
    line = option(Str, "The line, without its end.", aliases=("value",))
    backrefs = option(Bool, "Fill \\1 in `line` from regexp; without a match nothing happens.", default=False)
    insertafter = option(Str, "A new line goes after the last match of this, or EOF.")
    insertbefore = option(Str, "A new line goes before the last match of this, or BOF.")
    firstmatch = option(Bool, "insertafter and insertbefore take the first match.", default=False)
    create = option(Bool, "Make the file if it is not there.", default=False)
    backup = option(Bool, "Keep the old file beside the new one.", default=False)
    validate = option(Str, "A command with %s that must accept the new file.")
    encoding = option(Str, "The file's encoding.", default="utf-8")
    unsafe_writes = option(Bool, "Write in place where a rename can not be; else ANSIBLE_UNSAFE_WRITES says it.")
    others = option(Str, "Accepted for old playbooks; does nothing.")

    MUTUALLY_EXCLUSIVE = [
        ("insertbefore", "insertafter"),
        ("regexp", "search_string"),
        ("backrefs", "search_string"),
    ]
    REQUIRED_IF = [
        ("state", "present", ("line",)),
        ("state", "absent", ("line", "regexp", "search_string"), True),
        ("backrefs", True, ("regexp",)),
    ]


EVERY_LINE = (
    "which will match every line in the file. This may have unintended consequences, "
    "such as replacing the last line in the file rather than appending."
)
INSTEAD = "If this is desired, use '^' to match every line in the file and avoid this warning."
EXAMPLES = """
- name: No logins as root
  lineinfile:
    path: /etc/ssh/sshd_config
    regexp: '^#?PermitRootLogin'
    line: PermitRootLogin no
    validate: sshd -t -f %s
"""

RETURNS = {
    "msg": "line added, line replaced, or how many lines were removed",
    "backup": "the name of the backup, where one was made",
    "found": "for state=absent: how many lines matched",
}


def plan(options, system):
    if system.is_dir(options.path):
        raise Failed("Path {} is a directory !".format(options.path), rc=256)
    there = system.exists(options.path)
    if not there and options.state == "absent":
        return {"msg": "file not present", "found": 0, "backup": ""}
    if not there and not options.create:
        raise Failed("Destination {} does not exist !".format(options.path), rc=257)
    _tell_empty(options, system)
    lines = _lines(system.read_bytes(options.path), options.encoding) if there else []
    edit = _remove if options.state == "absent" else _place
    lines, values = edit(options, lines)
    effect = WriteFile(
        options.path,
        "".join(lines).encode(options.encoding, "surrogateescape"),
        Attributes.of(options),
        backup=options.backup,
        validate=options.validate,
        unsafe_writes=options.unsafe_writes,
        headers=[options.path + " (content)"] * 2,
    )
    if not there:
        folder = _folder(options.path)
        if folder:
            from orchestra.runner.sdk import MakeDirectory

            yield MakeDirectory(folder)
    if there and "".join(lines).encode(options.encoding, "surrogateescape") == b"" and not values["msg"]:
        values["backup"] = ""
    written = yield effect
    if written.attributes_changed:
        parts = [values["msg"], "ownership, perms or SE linux context changed"]
        values["msg"] = " and ".join(part for part in parts if part)
    return dict(values, backup=written.get("backup_file", ""))


def _tell_empty(options, system):
    """What matches every line is seldom meant."""
    if options.regexp == "":
        # This sentence and its sister below are what playbooks look for.
        system.warn("The regular expression is an empty string, " + EVERY_LINE + " " + INSTEAD)
    elif options.search_string == "":
        system.warn("The search string is an empty string, " + EVERY_LINE)


def _folder(path):
    return path.rpartition("/")[0]


def _lines(content, encoding):
    """Lines with their ends, split at newlines only."""
    text = content.decode(encoding, "surrogateescape")
    return [line + "\n" for line in text[:-1].split("\n")][:-1] + [_last(text)] if text else []


def _last(text):
    return text[text[:-1].rfind("\n") + 1 :]


def _compiled(pattern):
    try:
        return re.compile(pattern)
    except re.error as error:
        raise Failed("the regular expression {!r} is not valid: {}".format(pattern, error)) from None


def _matcher(options):
    """A function from a line (without its end) to a match, or None where there is no pattern."""
    if options.regexp is not None:
        return _compiled(options.regexp).search
    if options.search_string is not None:
        return lambda line: options.search_string in line or None
    return None


def _remove(options, lines):
    found = _matcher(options) or (lambda line: line == options.line)
    kept = [line for line in lines if not found(line.rstrip("\r\n"))]
    gone = len(lines) - len(kept)
    return kept, {"msg": "{} line(s) removed".format(gone) if gone else "", "found": gone}


def _place(options, lines):
    found = _matcher(options)
    matches = [(index, found(line.rstrip("\r\n"))) for index, line in enumerate(lines)] if found else []
    matches = [(index, match) for index, match in matches if match]
    line = options.line.rstrip("\r\n") if options.line.endswith("\n") else options.line
    if matches:
        index, match = matches[0 if options.firstmatch else -1]
        return _replace(lines, index, _filled(match, line) if options.backrefs else line)
    if options.backrefs:
        return lines, {"msg": ""}
    return _insert(options, lines, line)


def _filled(match, line):
    try:
        return match.expand(line)
    except (re.error, IndexError) as error:
        raise Failed("the line {!r} does not fit the regular expression: {}".format(line, error)) from None


def _replace(lines, index, line):
    if lines[index] == line + "\n":
        return lines, {"msg": ""}
    return lines[:index] + [line + "\n"] + lines[index + 1 :], {"msg": "line replaced"}


def _insert(options, lines, line):
    same = [index for index, one in enumerate(lines) if one.rstrip("\r\n") == line]
    if same:
        return _replace(lines, same[-1], line)
    where = _position(options, lines)
    before = list(lines[:where])
    if before and not before[-1].endswith("\n"):
        before[-1] += "\n"
    return before + [line + "\n"] + lines[where:], {"msg": "line added"}


def _position(options, lines):
    if options.insertbefore == "BOF":
        return 0
    pattern = options.insertbefore or options.insertafter
    if pattern in (None, "EOF"):
        return len(lines)
    found = _compiled(pattern)
    hits = [index for index, one in enumerate(lines) if found.search(one.rstrip("\r\n"))]
    if not hits:
        return len(lines)
    hit = hits[0 if options.firstmatch else -1]
    return hit if options.insertbefore else hit + 1
