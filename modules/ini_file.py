"""Keep an option in a section of an INI file; comments and order stay."""

from orchestra.runner.sdk import (
    Attributes,
    Bool,
    Failed,
    FileOptions,
    List,
    MakeDirectory,
    Path,
    Str,
    WriteFile,
    option,
)

NAMES = ("community.general.ini_file",)


class Options(FileOptions):
    path = option(Path, "The file.", required=True, aliases=("dest",))
    section = option(Str, "The section; what stands above the first one where left out.")
    option_ = option(Str, "The option; the whole section where left out.")
    value = option(Str, "Its value.")
    values = option(List, "Several values, a line each.", elements=Str)
    exclusive = option(Bool, "No other values of the option.", default=True)
    section_has_values = option(List, "Which of several sections of that name.")
    state = option(Str, "Whether it is there.", default="present", choices=("present", "absent"))
    backup = option(Bool, "Keep the old file beside the new one.", default=False)
    no_extra_spaces = option(Bool, "a=b in place of a = b.", default=False)
    ignore_spaces = option(Bool, "Lines that differ in spaces only are left alone.", default=False)
    allow_no_value = option(Bool, "An option may stand without a value.", default=False)
    modify_inactive_option = option(Bool, "A comment with the option becomes the option.", default=True)
    create = option(Bool, "Make the file if it is not there.", default=True)
    follow = option(Bool, "Write through a symbolic link.", default=False)
    unsafe_writes = option(Bool, "Write in place where a rename can not be; else ANSIBLE_UNSAFE_WRITES says it.")

    MUTUALLY_EXCLUSIVE = [("value", "values")]


EXAMPLES = """
- name: A port of our own
  ini_file:
    path: /etc/app.ini
    section: server
    option: port
    value: "8080"
"""

RETURNS = {"msg": "what was done", "backup_file": "the name of the backup"}
COMMENTS = "#;"


def plan(options, system):
    there = system.exists(options.path)
    if not there and not options.create:
        raise Failed("Destination {} does not exist!".format(options.path), rc=257)
    text = system.read_text(options.path) if there else ""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    lines = text[len(mark) :].splitlines(True)
    wanted = _values(options)
    fresh, msg = _edit(options, list(lines), wanted)
    folder = options.path.rpartition("/")[0]
    if not there and fresh and folder and not system.exists(folder):
        yield MakeDirectory(folder)
    if not there and not fresh and options.state == "absent":
        return {"msg": "OK", "path": options.path}
    written = yield WriteFile(
        options.path,
        (mark + "".join(fresh)).encode("utf-8", "surrogateescape"),
        Attributes.of(options),
        backup=options.backup,
        follow=options.follow,
        unsafe_writes=options.unsafe_writes,
    )
    return dict(written.values(), msg=msg, path=options.path, **system.path_info(options.path))


def _values(options):
    if options.value is not None:
        return [options.value]
    values = list(dict.fromkeys(options.values or ()))
    if options.state == "present" and options.option_ and not values:
        if options.allow_no_value:
            return [None]
        raise Failed("Parameter 'value(s)' must be defined if state=present and allow_no_value=False")
    return values


def _edit(options, lines, wanted):
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    place = _section(options, lines)
    if place is None:
        return _new_section(options, lines, wanted)
    start, end = place
    if options.option_ is None:
        if options.state == "absent":
            return lines[: max(0, start - 1)] + lines[end:], "section removed"
        return lines, "OK"
    body = lines[start:end]
    edit = _drop if options.state == "absent" else _put
    fresh, msg = edit(options, body, wanted)
    return lines[:start] + fresh + lines[end:], msg


def _section(options, lines):
    """(first line, line after the last) of the section's body; None where there is no such section."""
    heads = [index for index, line in enumerate(lines) if line.lstrip().startswith("[") and "]" in line]
    if options.section in (None, ""):
        return 0, heads[0] if heads else len(lines)
    for number, head in enumerate(heads):
        name = lines[head].strip()
        if name[1 : name.rindex("]")].strip() != options.section.strip():
            continue
        end = heads[number + 1] if number + 1 < len(heads) else len(lines)
        if _has_values(options, lines[head + 1 : end]):
            return head + 1, end
    return None


def _has_values(options, body):
    for one in options.section_has_values or ():
        found = [value for line in body for name, value in [_split(line)] if name == one.get("option")]
        asked = one.get("values") or ([one["value"]] if one.get("value") is not None else [])
        if not found or any(value not in found for value in asked):
            return False
    return True


def _new_section(options, lines, wanted):
    if options.state == "absent":
        return lines, "OK"
    fresh = ["[{}]\n".format(options.section)]
    for one in options.section_has_values or ():
        values = one.get("values") or [one.get("value")]
        fresh += [_line(options, one["option"], value) for value in values]
    fresh += [_line(options, options.option_, value) for value in wanted if options.option_]
    if lines and lines[-1].strip():
        fresh.insert(0, "\n")
    return lines + fresh, "section and option added" if options.option_ else "only section added"


def _line(options, name, value):
    if value is None:
        return "{}\n".format(name)
    return ("{}={}\n" if options.no_extra_spaces else "{} = {}\n").format(name, value)


def _split(line):
    """(option, value) of an active line; (None, None) for others; value None where there is no `=`."""
    text = line.strip()
    if not text or text[0] in COMMENTS or text[0] == "[":
        return None, None
    name, equals, value = text.partition("=")
    return name.strip(), value.strip() if equals else None


def _inactive(line):
    """(option, value) of a line that is commented out."""
    text = line.strip()
    return _split(text.lstrip(COMMENTS)) if text[:1] and text[0] in COMMENTS else (None, None)


def _same(options, line, fresh):
    if line == fresh:
        return True
    return options.ignore_spaces and _split(line) == _split(fresh)


def _put(options, body, wanted):
    name = options.option_.strip()
    left = list(wanted)
    fresh = []
    changed = False
    own = [index for index, line in enumerate(body) if _split(line)[0] == name]
    kept = {index for index in own if _split(body[index])[1] in wanted}
    for index, line in enumerate(body):
        if index not in own:
            fresh.append(line)
            continue
        value = _split(line)[1]
        if index in kept and value in left:
            left.remove(value)
            better = _line(options, options.option_, value)
            changed = changed or not _same(options, line, better)
            fresh.append(line if _same(options, line, better) else better)
        elif not options.exclusive:
            fresh.append(line)
        elif left and not any(_split(body[other])[1] == left[0] for other in kept if other > index):
            fresh.append(_line(options, options.option_, left.pop(0)))
            changed = True
        else:
            changed = True
    if left:
        return _add(options, fresh, left, name)
    return fresh, "option changed" if changed else "OK"


def _add(options, body, left, name):
    """What is still missing takes the place of a comment with the same option, else the section's end."""
    fresh = list(body)
    for value in left:
        line = _line(options, options.option_, value)
        old = [index for index, one in enumerate(fresh) if _inactive(one)[0] == name]
        if old and options.modify_inactive_option:
            fresh[old[0]] = line
            continue
        at = len(fresh)
        while at and not fresh[at - 1].strip():
            at -= 1
        fresh.insert(at, line)
    return fresh, "option added"


def _drop(options, body, wanted):
    name = options.option_.strip()
    fresh = []
    for line in body:
        found, value = _split(line)
        if found == name and (options.exclusive or value in wanted):
            continue
        fresh.append(line)
    return fresh, "option changed" if fresh != body else "OK"
