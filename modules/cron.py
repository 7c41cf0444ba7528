"""Keep jobs and variables in a user's crontab, or in a file of /etc/cron.d."""

import os

from orchestra.runner.parts.crontab import SetCrontab, read_crontab
from orchestra.runner.sdk import Attributes, Bool, Failed, Path, Problem, Remove, Str, WriteFile, option

NAMES = ("ansible.builtin.cron", "ansible.legacy.cron")
PARTS = ("crontab",)
MARK = "#Ansible: "
TIMES = ("minute", "hour", "day", "month", "weekday")


class Options:
    name = option(Str, "What the job is known by; or the variable's name.", required=True)
    user = option(Str, "Whose crontab; for a cron_file: who runs the job.")
    job = option(Str, "The command, or the variable's value.", aliases=("value",))
    cron_file = option(Path, "A file of /etc/cron.d, or another file with a user column.")
    state = option(Str, "Whether it is there.", default="present", choices=("present", "absent"))
    backup = option(Bool, "Keep a copy of the old table in /tmp.", default=False)
    minute = option(Str, "0-59, *, */2 ...", default="*")
    hour = option(Str, "0-23, *, */2 ...", default="*")
    day = option(Str, "1-31, *, */2 ...", default="*", aliases=("dom",))
    month = option(Str, "1-12, *, */2 ...", default="*")
    weekday = option(Str, "0-6 for Sunday to Saturday, *, ...", default="*", aliases=("dow",))
    special_time = option(
        Str,
        "A time by name, in place of all others.",
        choices=("reboot", "yearly", "annually", "monthly", "weekly", "daily", "hourly"),
    )
    disabled = option(Bool, "The job stands there as a comment.", default=False)
    env = option(Bool, "This is a variable, not a job.", default=False)
    insertafter = option(Str, "With env: below this variable.")
    insertbefore = option(Str, "With env: above this variable.")

    MUTUALLY_EXCLUSIVE = [("insertafter", "insertbefore")]


EXAMPLES = """
- name: Look for old files every night
  cron:
    name: tidy
    minute: "5"
    hour: "3"
    job: /usr/local/bin/tidy

- name: The path for jobs of a file of its own
  cron:
    cron_file: backups
    user: root
    env: true
    name: PATH
    job: /usr/local/bin:/usr/bin:/bin
"""

RETURNS = {
    "jobs": "names of the jobs in the table",
    "envs": "names of its variables",
    "cron_file": "the file, where one was given",
    "backup_file": "the copy of the old table",
}


def problems(options):
    if options.special_time and any(getattr(options, name) != "*" for name in TIMES):
        yield Problem("special_time", "You cannot combine special_time with any of the time or day/date parameters.")
    if options.env and " " in options.name:
        yield Problem("name", "a variable's name has no spaces")
    if (options.insertafter or options.insertbefore) and not options.env:
        yield Problem("", "insertafter and insertbefore are for variables (env: true)")
    if options.state == "present" and options.job is None:
        yield Problem("job", "You must specify 'job' to install a new cron job or variable")
    if options.state == "present" and options.cron_file and not options.user:
        yield Problem("user", "To use cron_file=... parameter you must specify user=... as well")


def plan(options, system):
    path = _path(options, system)
    before = _read(system, path, options.user)
    lines = before.splitlines()
    edit = _edit_variable if options.env else _edit_job
    after_lines = edit(options, system, lines)
    values = {"jobs": _job_names(after_lines), "envs": _variable_names(after_lines)}
    if options.cron_file:
        values["cron_file"] = options.cron_file
    text = "\n".join(after_lines).rstrip("\r\n")
    text = text + "\n" if text.strip() else ""
    if after_lines == lines and (not before or before.endswith("\n")):
        return values
    if options.backup and before:
        backup = "/tmp/crontab" + os.urandom(4).hex()
        yield WriteFile(backup, before.encode("utf-8", "surrogateescape"), Attributes(mode=0o600))
        values["backup_file"] = backup
    if not path:
        yield SetCrontab(text, options.user)
    elif text or options.state == "present":
        attributes = Attributes() if system.exists(path) else Attributes(mode=0o644)
        yield WriteFile(path, text.encode("utf-8", "surrogateescape"), attributes)
    else:
        yield Remove(path)
        values["state"] = "absent"
    return values


def _path(options, system):
    if not options.cron_file:
        return None
    path = options.cron_file if options.cron_file.startswith("/") else "/etc/cron.d/" + options.cron_file
    if path == "/etc/crontab":
        raise Failed("Will not manage /etc/crontab via cron_file, see documentation.")
    name = path.rpartition("/")[2]
    if not name.replace("-", "").replace("_", "").isalnum():
        system.warn(
            "cron leaves out files of /etc/cron.d with a name like {}: letters, digits, - and _ only".format(name)
        )
    return path


def _read(system, path, user):
    if not path:
        return read_crontab(system, user)
    return system.read_text(path) if system.exists(path) else ""


def _job_names(lines):
    return [line[len(MARK) :] for line in lines if line.startswith(MARK)]


def _variable_names(lines):
    heads = (line.partition("=") for line in lines)
    return [head for head, equals, _ in heads if equals and head and not any(letter.isspace() for letter in head)]


# --- variables ---


def _edit_variable(options, system, lines):
    head = options.name + "="
    found = [index for index, line in enumerate(lines) if line.startswith(head)]
    if options.state == "absent":
        return [line for line in lines if not line.startswith(head)]
    line = '{}="{}"'.format(options.name, options.job)
    if found:
        if lines[found[0]] == line:
            return list(lines)
        return [line if one.startswith(head) else one for one in lines]
    other = options.insertafter or options.insertbefore
    if not other:
        return [line] + lines
    places = [index for index, one in enumerate(lines) if one.startswith(other + "=")]
    if not places:
        raise Failed("Variable named '{}' not found.".format(other))
    place = places[0] + (1 if options.insertafter else 0)
    return lines[:place] + [line] + lines[place:]


# --- jobs ---


def _edit_job(options, system, lines):
    mark = MARK + options.name
    if options.state == "absent":
        return _without(lines, mark)
    job = _job_line(options, system)
    at = next((index for index, line in enumerate(lines[:-1]) if line == mark), None)
    if at is not None:
        return lines[: at + 1] + [job] + lines[at + 2 :] if lines[at + 1] != job else list(lines)
    lines = [line for line in lines if line != mark]
    if job in lines:
        return _adopt(lines, lines.index(job), mark)
    return lines + [mark, job]


def _without(lines, mark):
    """Without the marks of this name and the line below each."""
    kept, skip = [], False
    for line in lines:
        if skip:
            skip = False
        elif line == mark:
            skip = True
        else:
            kept.append(line)
    return kept


def _adopt(lines, at, mark):
    """A job that somebody wrote by hand gets its mark."""
    above = lines[at - 1] if at else ""
    if above == MARK.rstrip() or above == MARK + "None":
        return lines[: at - 1] + [mark] + lines[at:]
    if above.startswith(MARK):
        return lines + [mark, lines[at]]
    return lines[:at] + [mark] + lines[at:]


def _job_line(options, system):
    job = options.job.strip("\r\n")
    if "\n" in job or "\r" in job:
        system.warn("Job should not contain line breaks")
    if options.special_time:
        words = ["@" + options.special_time]
    else:
        words = [getattr(options, name) for name in TIMES]
    if options.cron_file:
        words.append(options.user)
    return ("#" if options.disabled else "") + " ".join(words + [job])
