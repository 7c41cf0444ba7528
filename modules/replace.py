"""Replace every match of a regular expression in a file."""

import re

from orchestra.runner.sdk import Attributes, Bool, Failed, FileOptions, Path, Raw, Str, WriteFile, option

NAMES = ("ansible.builtin.replace", "ansible.legacy.replace")

EXAMPLES = """
- name: The new name, wherever the old one stands
  replace:
    path: /etc/hosts
    regexp: '(\\s)old\\.example\\.org(\\s|$)'
    replace: '\\1new.example.org\\2'
    backup: true

- name: Only in one section
  replace:
    path: /etc/app.ini
    after: '\\[server\\]'
    before: '^\\['
    regexp: '^debug=.*$'
    replace: debug=off
"""

RETURNS = {
    "msg": "how many replacements were made",
    "rc": "0",
    "backup_file": "the name of the backup, where one was made",
}


class Options(FileOptions):
    path = option(Path, "The file to edit.", required=True, aliases=("dest", "destfile", "name"))
    regexp = option(Str, "What to look for, in the whole file; ^ and $ match at every line.", required=True)
    replace = option(
        Str, "What to put there; \\1 and \\g<name> stand for groups. Without it, matches are removed.", default=""
    )
    after = option(Str, "Only what comes after a match of this; . matches newlines in it.")
    before = option(Str, "Only what comes before a match of this; . matches newlines in it.")
    backup = option(Bool, "Keep the old file beside the new one.", default=False)
    validate = option(Str, "A command with %s that must accept the new file.")
    encoding = option(Str, "The file's encoding.", default="utf-8")
    unsafe_writes = option(Bool, "Write in place where a rename can not be; else ANSIBLE_UNSAFE_WRITES says it.")
    follow = option(Bool, "Accepted for old playbooks; a symbolic link is always followed.", default=False)
    others = option(Raw, "Accepted for old playbooks; does nothing.")


def plan(options, system):
    if system.is_dir(options.path):
        raise Failed("Path {} is a directory !".format(options.path), rc=256)
    if not system.exists(options.path):
        raise Failed("Path {} does not exist !".format(options.path), rc=257)
    text = _read(options, system)
    section, missed = _section(options, text)
    if missed:
        return {"msg": missed, "rc": 0}
    new, count = _replaced(options, text, section)
    wrote = yield WriteFile(
        options.path,
        new.encode(options.encoding, "surrogateescape"),
        Attributes.of(options),
        backup=options.backup,
        validate=options.validate,
        unsafe_writes=options.unsafe_writes,
    )
    return dict(wrote.values(), msg=_message(new != text, count, wrote.changed), rc=0)


def _read(options, system):
    content = system.read_bytes(options.path)
    try:
        return content.decode(options.encoding, "surrogateescape")
    except LookupError as error:
        raise Failed("encoding: {}".format(error)) from None


def _section(options, text):
    """(start, end) of the part that may be changed; or why there is none."""
    if options.after is None and options.before is None:
        return (0, len(text)), ""
    lazy = "?" if options.after is not None and options.before is not None else ""
    pattern = "{}(?P<subsection>.*{}){}".format(options.after or "", lazy, options.before or "")
    match = _compiled(pattern, re.DOTALL).search(text)
    if match is None:
        return None, "Pattern for before/after params did not match the given file: {}".format(pattern)
    return match.span("subsection"), ""


def _compiled(pattern, flags):
    try:
        return re.compile(pattern, flags)
    except re.error as error:
        raise Failed("the regular expression {!r} is not valid: {}".format(pattern, error)) from None


def _replaced(options, text, section):
    start, end = section
    try:
        new, count = _compiled(options.regexp, re.MULTILINE).subn(options.replace, text[start:end])
    except (re.error, IndexError) as error:
        text = "Unable to process replace due to error: {} (the replacement is {!r})"
        raise Failed(text.format(error, options.replace)) from None
    return text[:start] + new + text[end:], count


def _message(edited, count, changed):
    said = ["{} replacements made".format(count)] if edited else []
    if changed and not edited:
        said.append("ownership, perms or SE linux context changed")
    return "".join(said)
