"""Keep a block of lines, set off by marker lines, in a file; or take it out."""

from orchestra.runner.sdk import Attributes, Bool, Failed, FileOptions, MakeDirectory, Path, Str, WriteFile, option

NAMES = ("ansible.builtin.blockinfile", "ansible.legacy.blockinfile")

EXAMPLES = """
- name: Settings of ours in a file that others edit too
  blockinfile:
    path: /etc/ssh/sshd_config
    block: |
      Match User deploy
      PasswordAuthentication no
    validate: sshd -t -f %s
    backup: true

- name: A block for each host, each with its own marker
  blockinfile:
    path: /etc/hosts
    block: "{{ item.ip }} {{ item.name }}"
    marker: "# {mark} {{ item.name }}"
  loop: "{{ machines }}"
"""

RETURNS = {
    "msg": "Block inserted, Block removed, File created, or nothing",
    "backup_file": "the name of the backup, where one was made",
}


class Options(FileOptions):
    path = option(Path, "The file to edit.", required=True, aliases=("dest", "destfile", "name"))
    state = option(Str, "Whether the block should be there.", default="present", choices=("absent", "present"))
    block = option(Str, "The lines. Without any, the block is taken out.", default="", aliases=("content",))
    marker = option(
        Str, "The marker line; {mark} becomes marker_begin or marker_end.", default="# {mark} ANSIBLE MANAGED BLOCK"
    )
    marker_begin = option(Str, "What {mark} becomes before the block.", default="BEGIN")
    marker_end = option(Str, "What {mark} becomes after the block.", default="END")
    insertafter = option(Str, "A new block goes after the last line that matches this, or EOF (the default).")
    insertbefore = option(Str, "A new block goes before the last line that matches this, or BOF.")
    create = option(Bool, "Make the file if it is not there.", default=False)
    backup = option(Bool, "Keep the old file beside the new one.", default=False)
    validate = option(Str, "A command with %s that must accept the new file.")
    append_newline = option(Bool, "An empty line after the block, unless it ends the file.", default=False)
    prepend_newline = option(Bool, "An empty line before the block, unless it begins the file.", default=False)
    encoding = option(Str, "The encoding of the file.", default="utf-8")
    unsafe_writes = option(Bool, "Write in place where a rename can not be; else ANSIBLE_UNSAFE_WRITES says it.")

    MUTUALLY_EXCLUSIVE = [("insertbefore", "insertafter")]


def plan(options, system):
    if system.is_dir(options.path):
        raise Failed("Path {} is a directory !".format(options.path), rc=256)
    there = system.exists(options.path)
    block = options.block if options.state == "present" else ""
    if not there and not options.create:
        raise Failed("Path {} does not exist !".format(options.path), rc=257)
    if not there and not block:
        return {"msg": "File {} not present".format(options.path)}
    old = system.read_bytes(options.path) if there else b""
    new = _edited(options, old, block)
    if not there:
        yield from _folder_of(options.path)
    wrote = yield WriteFile(
        options.path,
        new,
        Attributes.of(options),
        backup=options.backup,
        validate=options.validate,
        unsafe_writes=options.unsafe_writes,
        headers=[options.path + " (content)"] * 2,
    )
    return dict(wrote.values(), msg=_message(there, old, new, block, wrote.changed))


def _folder_of(path):
    folder = path.rpartition("/")[0]
    if folder:
        yield MakeDirectory(folder)


def _message(there, old, new, block, changed):
    if not there:
        return "File created"
    if old == new:
        return "ownership, perms or SE linux context changed" if changed else ""
    return "Block inserted" if block else "Block removed"


def _edited(options, content, block):
    """The file's content with the block where it belongs."""
    begin, end = (_marker(options, mark) for mark in (options.marker_begin, options.marker_end))
    lines = content.splitlines(True)
    place = _cut_out(lines, begin, end)
    if not block:
        return b"".join(lines)
    if place is None:
        place = _place(options, lines)
    if place > 0 and not lines[place - 1].endswith(b"\n"):
        lines[place - 1] += b"\n"
    lines[place:place] = _with_blanks(options, lines, place, [begin] + _lines(options, block) + [end])
    return b"".join(lines)


def _marker(options, mark):
    return options.marker.replace("{mark}", mark).encode(options.encoding, "surrogateescape") + b"\n"


def _lines(options, block):
    text = block if block.endswith("\n") else block + "\n"
    return text.encode(options.encoding, "surrogateescape").splitlines(True)


def _cut_out(lines, begin, end):
    """Remove the block that is there (the last one), and say where it was."""
    first = last = None
    for index, line in enumerate(lines):
        line = line if line.endswith(b"\n") else line + b"\n"
        first = index if line == begin else first
        last = index if line == end else last
    if first is None or last is None:
        return None
    first, last = min(first, last), max(first, last)
    del lines[first : last + 1]
    return first


def _place(options, lines):
    """Where a new block goes: an index into the lines."""
    pattern = options.insertbefore or options.insertafter
    if pattern in (None, "EOF", "BOF"):
        return 0 if pattern == "BOF" else len(lines)
    import re

    try:
        found = re.compile(pattern.encode(options.encoding, "surrogateescape"))
    except re.error as error:
        raise Failed("the regular expression {!r} is not valid: {}".format(pattern, error)) from None
    if found.flags & re.MULTILINE:
        return _place_in_text(options, found, lines)
    hits = [index for index, line in enumerate(lines) if found.search(line)]
    if not hits:
        return len(lines)
    return hits[-1] if options.insertbefore else hits[-1] + 1


def _place_in_text(options, found, lines):
    """A pattern with (?m) may match over several lines of the whole text."""
    text = b"".join(lines)
    match = found.search(text)
    if match is None:
        return len(lines)
    before = text[: match.start() if options.insertbefore else match.end()]
    return before.count(b"\n") + (0 if options.insertbefore or before.endswith(b"\n") else 1)


def _with_blanks(options, lines, place, block):
    if options.prepend_newline and place > 0 and lines[place - 1].strip(b"\r\n"):
        block = [b"\n"] + block
    if options.append_newline and place < len(lines) and lines[place].strip(b"\r\n"):
        block = block + [b"\n"]
    return block
