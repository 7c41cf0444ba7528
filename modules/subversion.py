"""Keep a folder a checkout, or an export, of a Subversion repository."""

from orchestra.runner.parts.svn import Svn
from orchestra.runner.sdk import Bool, Failed, Path, Problem, Str, option

NAMES = ("ansible.builtin.subversion", "ansible.legacy.subversion")
CHECK_MODE = "The repository is asked for its revision; nothing is fetched."


class Options:
    repo = option(Str, "The repository's address.", required=True, aliases=("name", "repository"))
    dest = option(Path, "The folder; may be missing with checkout, update and export switched off.")
    revision = option(Str, "Which revision.", default="HEAD", aliases=("rev", "version"))
    force = option(Bool, "Throw away local modifications; export over what is there.", default=False)
    in_place = option(Bool, "Check out over a folder that is no checkout.", default=False)
    username = option(Str, "Who asks.")
    password = option(Str, "Its password; svn 1.10 and later reads it from its input.", secret=True)
    executable = option(Path, "The program svn.")
    checkout = option(Bool, "Check out where there is nothing.", default=True)
    update = option(Bool, "Bring an existing checkout up to date.", default=True)
    export = option(Bool, "Export instead of a checkout.", default=False)
    switch = option(Bool, "Lead an existing checkout to this address.", default=True)
    validate_certs = option(Bool, "Only servers whose certificate is trusted.", default=False)


EXAMPLES = """
- name: The site's sources
  subversion:
    repo: https://svn.example.org/site/trunk
    dest: /srv/site
"""

RETURNS = {"before": "revision and address before", "after": "revision and address now"}


def problems(options):
    if not options.dest and (options.checkout or options.update or options.export):
        text = "the destination directory must be specified unless checkout=no, update=no, and export=no"
        yield Problem("dest", text)


def plan(options, system):
    svn = Svn(options, system)
    if not (options.export or options.update or options.checkout):
        return {"after": svn.state(options.repo)[0]}
    if options.export:
        yield svn.change(*_fetched(options, "export", options.force), changes=True)
        return {}
    if not system.exists(options.dest):
        return (yield from _checked_out(options, svn))
    if svn.is_copy(options.dest):
        return (yield from _updated(options, svn))
    if not options.in_place:
        text = "ERROR: {} folder already exists, but its not a subversion repository."
        raise Failed(text.format(options.dest))
    ran = yield svn.change(*_fetched(options, "checkout", True), changes=True)
    if ran.values() and options.force and svn.is_modified(options.dest):
        yield svn.change("revert", "-R", options.dest, changes=True)
    return {"before": None, "after": svn.state(options.dest)} if ran.values() else {}


def _fetched(options, verb, force):
    return [verb] + (["--force"] if force else []) + ["-r", options.revision, options.repo, options.dest]


def _checked_out(options, svn):
    if not options.checkout:
        return {}
    ran = yield svn.change(*_fetched(options, "checkout", False), changes=True)
    return {"before": None, "after": svn.state(options.dest)} if ran.values() else {}


def _updated(options, svn):
    """What the repository has is asked first; so svn runs only where it has something to do."""
    if not options.update:
        return {}
    dest, revision = options.dest, options.revision
    before, modified = svn.state(dest), svn.is_modified(dest)
    if modified and not options.force:
        raise Failed("ERROR: modified files exist in the repository.")
    there = svn.state(options.repo if options.switch else dest, revision)
    ran = None
    if there[1] != before[1]:
        ran = yield svn.change("switch", "--revision", revision, options.repo, dest)
    if modified:
        ran = yield svn.change("revert", "-R", dest, changes=True)
    if there[0] != before[0]:
        ran = yield svn.change("update", "-r", revision, dest)
    known = ran is None or ran.values()
    return {"before": before, "after": svn.state(dest) if known else there}
