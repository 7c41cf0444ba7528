"""Keep a folder a checkout of a git repository, at a branch, tag or commit."""

import os

from orchestra.runner.parts.gitrepo import Git
from orchestra.runner.sdk import (
    Bool,
    Failed,
    Int,
    List,
    MakeDirectory,
    Move,
    Path,
    Raw,
    Remove,
    Result,
    Str,
    WriteFile,
    option,
)

NAMES = ("ansible.builtin.git", "ansible.legacy.git")
PARTS = ("gitrepo", "commands")
CHECK_MODE = "The remote is asked what it has; nothing is fetched."

EXAMPLES = """
- name: A release
  git:
    repo: https://example.org/app.git
    dest: /opt/app
    version: v1.4.2

- name: A private branch, with a key of its own
  git:
    repo: git@example.org:team/app.git
    dest: /opt/app
    version: main
    key_file: /etc/deploy/key
    accept_newhostkey: true
    depth: 1
"""

RETURNS = {
    "before": "the commit that was checked out before; null for a new clone",
    "after": "the commit that is checked out now",
    "remote_url_changed": "whether the remote's address was changed",
    "git_dir_before": "where the repository was, with separate_git_dir",
    "git_dir_now": "where the repository is, with separate_git_dir",
    "msg": "that local modifications were thrown away, with force",
}


class Options:
    repo = option(Str, "The repository's address: git, ssh, http(s) or a path.", required=True, aliases=("name",))
    dest = option(Path, "The folder for the checkout; may be missing with clone=false.")
    version = option(Str, "A branch, tag or commit; HEAD is the remote's default branch.", default="HEAD")
    remote = option(Str, "What the remote is called.", default="origin")
    update = option(Bool, "Bring an existing checkout up to date.", default=True)
    clone = option(Bool, "Clone where there is no checkout.", default=True)
    force = option(Bool, "Throw away local modifications.", default=False)
    depth = option(Int, "Fetch only so many commits.")
    single_branch = option(Bool, "Clone only the branch that is asked for.", default=False)
    refspec = option(Str, "More to fetch, such as +refs/pull/*:refs/remotes/origin/pull/*.")
    reference = option(Str, "A repository on the host to borrow objects from.")
    recursive = option(Bool, "Submodules too.", default=True)
    track_submodules = option(Bool, "Submodules at the newest commit of their branch.", default=False)
    bare = option(Bool, "A repository without a checkout.", default=False)
    separate_git_dir = option(Path, "Keep the repository here instead of in dest/.git.")
    key_file = option(Path, "A private key for ssh.")
    ssh_opts = option(Str, "More options for ssh.")
    accept_hostkey = option(Bool, "Trust the server's host key, whatever it is.", default=False)
    accept_newhostkey = option(Bool, "Trust the server's host key when it is first seen.", default=False)
    verify_commit = option(Bool, "The commit or tag must have a valid signature.", default=False)
    gpg_allowlist = option(
        List, "Fingerprints that may sign.", default=[], aliases=("gpg_whitelist", "gpg_allow_list"), elements=Str
    )
    executable = option(Path, "The program git.")
    umask = option(Raw, "The umask for files that are made.")
    archive = option(Path, "Write the checkout to this archive: .zip, .tar, .tar.gz, .tgz.")
    archive_prefix = option(Str, "Folder within the archive.")

    MUTUALLY_EXCLUSIVE = [("separate_git_dir", "bare"), ("accept_hostkey", "accept_newhostkey")]


def plan(options, system):
    if options.dest is None and (options.clone or options.archive):
        raise Failed("the destination directory must be specified unless clone=no")
    git = Git(options, system)
    moved = yield from _separate(options, system)
    if not git.is_there():
        values = yield from _clone(git)
    elif not options.update:
        head = git.head()
        values = {"before": head, "after": head, "changed": False}
    else:
        values = yield from _update(git)
    wrote = yield from _archive(git, values)
    changed = values["changed"] or bool(moved) or wrote.changed is True
    return dict(values, **dict(moved, changed=changed))


# --- a new clone -----------------------------------------------------------------------------------------------


def _clone(git):
    options, system = git.options, git.system
    if not options.clone:
        head = git.remote_head()
        return dict(_diff(git, None, head), before=None, after=head, changed=True)
    _refuse_unknown(git)
    if system.is_dir(git.dest) and system.listdir(git.dest):
        raise Failed(
            "fatal: destination path '{}' already exists and is not an empty directory.".format(git.dest), rc=128
        )
    yield MakeDirectory(os.path.dirname(git.dest) or "/")
    undo = [Remove(git.dest)] + ([MakeDirectory(git.dest)] if system.exists(git.dest) else [])
    ran = yield git.change("clone", *_clone_words(git), cwd=None, undo=undo)
    if not ran.values():
        head = git.remote_head()
        return dict(_diff(git, None, head), before=None, after=head, changed=True)
    if options.refspec:
        yield git.change("fetch", options.remote, options.refspec, undo=[])
    if not options.bare:
        yield from _switch(git, undo=[])
        yield from _submodules(git)
    after = git.head()
    _verify(git)
    return dict(_diff(git, None, after), before=None, after=after, changed=True)


def _refuse_unknown(git):
    """A version that the remote does not have, told before anything is made."""
    if git.may_be_elsewhere() or git.options.refspec or git.options.bare:
        return
    if git.remote_head() is None and git.refs():
        text = "Failed to checkout {}: the remote has no such branch or tag, and it is no commit"
        raise Failed(text.format(git.options.version), rc=1)


def _clone_words(git):
    options = git.options
    known = options.version != "HEAD" and (git.is_remote_branch() or git.is_remote_tag())
    words = ["--bare"] if options.bare else ["--origin", options.remote]
    if options.depth:
        if known or options.version == "HEAD" or options.refspec:
            words += ["--depth", str(options.depth)]
        else:
            text = (
                "Ignoring depth argument. Shallow clones are only available for HEAD, branches, tags or in combination"
            )
            git.system.warn(text + " with refspec.")
    if options.single_branch:
        words.append("--single-branch")
    if known and (options.depth or options.single_branch):
        words += ["--branch", options.version]
    if options.reference:
        words += ["--reference", options.reference]
    if options.separate_git_dir:
        words += ["--separate-git-dir=" + options.separate_git_dir]
    return words + [git.repo, git.dest]


# --- an existing checkout --------------------------------------------------------------------------------------


def _update(git):
    options = git.options
    before = git.head()
    values = {"before": before}
    modified = not options.bare and git.is_modified()
    if modified and not options.force:
        text = "Local modifications exist in the destination: {} (force=no)."
        raise Failed(text.format(git.dest), before=before)
    values["remote_url_changed"] = yield from _set_url(git)
    if modified:
        values["msg"] = "Local modifications exist in the destination: " + git.dest
        yield git.change("reset", "--hard", "HEAD")
    _refuse_missing(git)
    after, more = yield from _bring_up(git, before)
    if after != before:
        values.update(_diff(git, before, after))
    changed = modified or values["remote_url_changed"] or more or after != before
    return dict(values, after=after, changed=changed)


def _bring_up(git, before):
    """Fetch and switch as far as needed: (the commit in the end, whether submodules changed)."""
    foreseen = git.remote_head()
    if not _is_current(git, before, foreseen):
        ran = yield _fetch(git)
        if not ran.values():
            return foreseen, False
        if not git.options.bare:
            yield from _switch(git, _way_back(git, before))
    more = yield from _submodules(git)
    _verify(git)
    return git.head(), more


def _refuse_missing(git):
    """As for a clone, but a version may also be known here only."""
    if not git.has(git.options.version):
        _refuse_unknown(git)


def _set_url(git):
    """Point the remote at the repository; whether it was elsewhere."""
    remote = git.options.remote
    ran = git.look("config", "--get", "remote.{}.url".format(remote))
    now = ran.out.strip()
    if now == git.repo:
        return False
    back = [git.program, "-C", git.dest, "remote"]
    touches = [("path", os.path.join(git.dest, "config" if git.options.bare else ".git/config"))]
    if ran.rc != 0:
        yield git.change("remote", "add", remote, git.repo, undo=[back + ["remove", remote]], touches=touches)
        return False
    yield git.change("remote", "set-url", remote, git.repo, undo=[back + ["set-url", remote, now]], touches=touches)
    return True


def _is_current(git, before, foreseen):
    """Whether the checkout is what is wanted, so that nothing need be fetched or switched."""
    if git.options.refspec or before is None or foreseen is None or not before.startswith(foreseen):
        return False
    branch = git.wanted_branch()
    return git.options.bare or branch is None or git.branch() == branch


def _fetch(git):
    options = git.options
    words, refs = ["fetch", "--force"], _needed_refs(git)
    if options.depth and refs:
        words += ["--depth", str(options.depth)]
    elif options.bare:
        refs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
    else:
        words.append("--tags")
        refs = refs if options.single_branch else []
    if options.refspec:
        refs = refs or ["+refs/heads/*:refs/remotes/{}/*".format(options.remote)]
        refs = refs + [options.refspec]
    return git.change(*(words + [options.remote] + refs), undo=None if options.bare else [])


def _needed_refs(git):
    version, remote = git.options.version, git.options.remote
    branch = git.wanted_branch()
    if branch is not None:
        return ["+refs/heads/{0}:refs/remotes/{1}/{0}".format(branch, remote)]
    return ["+refs/tags/{0}:refs/tags/{0}".format(version)] if git.is_remote_tag() else []


def _way_back(git, before):
    """Commands that put the checkout back."""
    if before is None:
        return None
    branch = git.branch()
    start = [git.program, "-C", git.dest]
    return [start + ["checkout", "--force", branch or before], start + ["reset", "--hard", before]]


def _switch(git, undo):
    """Check out the version; a branch follows the remote's, whatever was committed here."""
    wanted = git.wanted_branch()
    msg = "Failed to checkout {}".format(git.options.version)
    if wanted is None:
        yield git.change("checkout", "--force", git.options.version, undo=undo, msg=msg)
        return
    start = "{}/{}".format(git.options.remote, wanted)
    if git.branch() != wanted:
        local = git.look("show-ref", "--verify", "--quiet", "refs/heads/" + wanted).rc == 0
        words = [wanted] if local else ["--track", "-b", wanted, start]
        yield git.change("checkout", "--force", *words, undo=undo, msg=msg)
    if git.head() != git.ask("rev-parse", start):
        yield git.change("reset", "--hard", start, "--", undo=undo, msg="Failed to reset to " + start)


def _submodules(git):
    """Submodules as the commit wants them, or at the newest commit of their branch; whether that changed something."""
    options = git.options
    if options.bare or not options.recursive or not git.system.exists(os.path.join(git.dest, ".gitmodules")):
        return False
    state = git.submodules()
    if not options.track_submodules and not any(line[:1] in "-+U" for line in state.splitlines()):
        return False
    yield git.change("submodule", "sync", "--recursive", undo=[])
    words = ["submodule", "update", "--init", "--recursive", "--force"]
    ran = yield git.change(*(words + (["--remote"] if options.track_submodules else [])))
    return not ran.values() or git.submodules() != state


# --- the rest --------------------------------------------------------------------------------------------------


def _diff(git, before, after):
    if not git.system.diff:
        return {}
    if before is None:
        return {"diff": {"prepared": ">> Newly checked out {}".format(after)}}
    known = after is not None and git.has(after)
    text = git.ask("diff", before, after) + "\n" if known else ">> Would change from {} to {}".format(before, after)
    return {"diff": {"prepared": text}}


def _verify(git):
    """The signature of what was checked out, by one of the allowed keys."""
    options = git.options
    if not options.verify_commit:
        return
    kind = "verify-tag" if git.is_remote_tag() and not git.is_remote_branch() else "verify-commit"
    ran = git.look(kind, "--raw", options.version if kind == "verify-tag" else "HEAD")
    if ran.rc != 0:
        text = 'Failed to verify GPG signature of commit/tag "{}"'
        raise Failed(text.format(options.version), rc=ran.rc, stdout=ran.out, stderr=ran.err)
    keys = [line.split()[2] for line in ran.err.splitlines() if " VALIDSIG " in line]
    allowed = [one.replace(" ", "").upper() for one in options.gpg_allowlist]
    if allowed and not any(key.upper().endswith(one) for key in keys for one in allowed):
        raise Failed("The gpg_allowlist does not include the public key {}".format(", ".join(keys)), rc=1)


def _separate(options, system):
    """Move the repository out of an existing checkout, where separate_git_dir is asked for later."""
    if options.separate_git_dir is None or options.dest is None:
        return {}
    inside, target = os.path.join(options.dest, ".git"), options.separate_git_dir
    found = system.stat(inside)
    if found is None:
        return {}
    if found.kind == "file":
        now = system.read_text(inside).partition("gitdir:")[2].strip()
        if now == target:
            return {}
        raise Failed("separate_git_dir: the repository is in {} already; move it by hand".format(now))
    if system.exists(target):
        raise Failed("Separate-git-dir path {} already exists.".format(target))
    yield Move(inside, target)
    yield WriteFile(inside, "gitdir: {}\n".format(target).encode("utf-8", "surrogateescape"))
    return {"git_dir_before": inside, "git_dir_now": target}


def _archive(git, values):
    """Write the commit as an archive; git makes the same bytes of the same commit."""
    options = git.options
    if not options.archive:
        return Result()
    kind = _archive_kind(options.archive)
    made = os.path.join(git.system.scratch(), "archive")
    words = ["archive", "--format=" + kind, "--output=" + made]
    words += ["--prefix=" + options.archive_prefix] if options.archive_prefix else []
    git.ask(*(words + [values["after"] or "HEAD"]))
    return (yield WriteFile(options.archive, source=made))


def _archive_kind(path):
    for end, kind in ((".zip", "zip"), (".tar.gz", "tar.gz"), (".tgz", "tar.gz"), (".gz", "tar.gz"), (".tar", "tar")):
        if path.endswith(end):
            return kind
    raise Failed("Unable to get file extension from archive file name : {}".format(path))
