"""Run a program that asks questions, and answer them."""

from orchestra.runner.parts.commands import span, split, stamp
from orchestra.runner.parts.dialogue import Converse
from orchestra.runner.sdk import Bool, Dict, Failed, Path, Raw, Result, Str, option

NAMES = ("ansible.builtin.expect", "ansible.legacy.expect")
CHECK_MODE = "Nothing is run; the task is skipped, or counts as changed where creates or removes promise it."


class Options:
    command = option(Str, "The command line; no shell reads it.", required=True)
    responses = option(
        Dict, "Regular expressions for questions, with the answer, or a list of answers in their turn.", required=True
    )
    chdir = option(Path, "Run it in this folder.")
    creates = option(Path, "Do not run it where this path exists.")
    removes = option(Path, "Run it only where this path exists.")
    timeout = option(Raw, "Seconds until the next question; null waits for ever.", default=30)
    echo = option(Bool, "Show the answers in the output.", default=False)


EXAMPLES = """
- name: Give the key a new passphrase
  expect:
    command: ssh-keygen -p -f /root/.ssh/id_ed25519
    responses:
      "Enter old passphrase": "{{ old_passphrase }}"
      "(?i)new passphrase|same passphrase again": "{{ new_passphrase }}"
  no_log: true
"""

RETURNS = {
    "cmd": "the command line",
    "rc": "the exit status; null where the time was over",
    "stdout": "what the terminal showed",
    "start": "when it began",
    "end": "when it ended",
    "delta": "how long it took",
}


def plan(options, system):
    patience = _patience(options)
    words = split(options.command)
    if not words:
        raise Failed("no command given", rc=256)
    skip = _skipped(options, system)
    if skip:
        return Result(False, cmd=options.command, stdout="skipped, since " + skip, rc=0)
    ran = yield Converse(words, options.responses, options.chdir, patience, options.echo)
    if not ran.values():
        text = "Command would have run if not in check mode"
        promised = bool(options.creates or options.removes)
        return Result(promised, cmd=options.command, msg=text, **({} if promised else {"skipped": True}))
    return _judged(options, ran)


def _patience(options):
    if options.timeout is None or str(options.timeout).lower() in ("none", "null", ""):
        return None
    try:
        return float(int(str(options.timeout)))
    except ValueError:
        raise Failed("argument 'timeout' must be a number of seconds, not {!r}".format(options.timeout)) from None


def _skipped(options, system):
    if options.creates and system.exists(options.creates):
        return "{} exists".format(options.creates)
    if options.removes and not system.exists(options.removes):
        return "{} does not exist".format(options.removes)
    return ""


def _judged(options, ran):
    times = {"start": stamp(ran.started), "end": stamp(ran.ended), "delta": span(ran.ended - ran.started)}
    try:
        text = ran.stdout.encode("utf-8", "surrogateescape").decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        reason = (
            "Refusing to deserialize an invalid UTF8 string value: {!r} at byte {} of the output; base64 would carry it"
        )
        raise Failed(reason.format(error.object[error.start : error.start + 1], error.start), rc=ran.rc) from None
    values = dict(times, cmd=options.command, rc=ran.rc, stdout=text)
    if ran.rc is None:
        raise Failed("command exceeded timeout", changed=True, **values)
    if ran.rc != 0:
        raise Failed("non-zero return code", changed=True, **values)
    return values
