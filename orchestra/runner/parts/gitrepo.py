"""A git repository on the host, and the remote that it comes from: what both are asked, and how git is run.

It only looks; `change` makes the effects that the module `git` yields.
"""

import os

from orchestra.runner.parts.commands import masked
from orchestra.runner.sdk import Command, Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.sdk import Ran, System

PARTS = ("commands",)
HEX = "0123456789abcdef"


class Git:
    """The program with its environment, and what the repository and its remote are asked."""

    def __init__(self, options: "Any", system: "System") -> "None":
        self.options = options
        self.system = system
        self.program = options.executable or system.need("git")
        self.dest = options.dest.rstrip("/") if options.dest else ""
        self.repo = _repository(options.repo, system)
        self.env = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "LANGUAGE": "C"}
        self.env.update(_ssh(options))
        self._refs = None  # type: dict[str, str] | None

    def is_there(self) -> "bool":
        """Whether dest is a repository already."""
        return bool(self.dest) and self.system.exists(
            os.path.join(self.dest, "config" if self.options.bare else ".git")
        )

    def look(self, *words: "str", **more: "Any") -> "Ran":
        """Ask git; (rc, out, err)."""
        return self.system.query([self.program] + list(words), env=self.env, cwd=more.get("cwd", self.dest))

    def ask(self, *words: "str") -> "str":
        """One line of answer; Failed where git fails."""
        ran = self.look(*words)
        if ran.rc != 0:
            raise Failed(
                ran.err.strip() or "git failed", cmd=" ".join(words), rc=ran.rc, stdout=ran.out, stderr=ran.err
            )
        return str(ran.out.strip())

    def change(self, *words: "str", **more: "Any") -> "Command":
        """The effect that runs git to change something."""
        argv = masked([self.program] + list(words), self.options.umask)
        more.setdefault("touches", [("path", self.dest)])
        more.setdefault("cwd", self.dest)
        return Command(argv, env=self.env, **more)

    def head(self) -> "str | None":
        """The commit that is checked out."""
        ran = self.look("rev-parse", "HEAD")
        return ran.out.strip() if ran.rc == 0 else None

    def branch(self) -> "str | None":
        """The local branch that is checked out, or None."""
        ran = self.look("symbolic-ref", "-q", "--short", "HEAD")
        return ran.out.strip() if ran.rc == 0 else None

    def is_modified(self) -> "bool":
        """Whether tracked files differ from the commit."""
        return any(line[:2] != "??" for line in self.ask("status", "--porcelain").splitlines())

    def submodules(self) -> "str":
        """What git says of the submodules; a line begins with -, + or U where one is not as it should be."""
        return str(self.look("submodule", "status", "--recursive").out)

    def has(self, name: "str") -> "bool":
        """Whether a commit or ref is in the local repository."""
        return bool(self.look("cat-file", "-e", name + "^{commit}").rc == 0)

    # --- the remote ---

    def refs(self) -> "dict[str, str]":
        """{ref: commit} of what the version may mean there; "symref" is the default branch."""
        if self._refs is None:
            version = self.options.version
            names = ["HEAD"]
            if version != "HEAD":
                names += ["refs/heads/" + version, "refs/tags/" + version, "refs/tags/" + version + "^{}"]
                names += ["refs/heads/" + self._beyond()]
            ran = self.look("ls-remote", "--symref", self.repo, *names, cwd=None)
            if ran.rc == 129:  # git before 2.8 does not know --symref
                ran = self.look("ls-remote", self.repo, *names, cwd=None)
            if ran.rc != 0:
                cmd = "{} ls-remote {}".format(self.program, self.repo)
                raise Failed(ran.err.strip(), cmd=cmd, rc=ran.rc, stdout=ran.out, stderr=ran.err)
            self._refs = _parsed_refs(ran.out, names)
        return self._refs

    def _beyond(self) -> "str":
        """The branch that `origin/name` means; any other version as it is."""
        remote = self.options.remote + "/"
        version = str(self.options.version)
        return version[len(remote) :] if version.startswith(remote) else version

    def may_be_elsewhere(self) -> "bool":
        """Whether the version is more than a name, such as v1~2 or refs/pull/1/head: only the repository knows it."""
        return any(mark in self.options.version for mark in "/~^@:")

    def is_remote_branch(self) -> "bool":
        """Whether the version is a branch of the remote."""
        return "refs/heads/" + self.options.version in self.refs()

    def is_remote_tag(self) -> "bool":
        """Whether the version is a tag of the remote."""
        return "refs/tags/" + self.options.version in self.refs()

    def remote_head(self) -> "str | None":
        """The commit that the version means; a commit's own name as it is; None where only a fetch will tell."""
        version, refs = self.options.version, self.refs()
        tags = ("refs/tags/" + version + "^{}", "refs/tags/" + version)
        for name in ("refs/heads/" + version,) + tags + ("refs/heads/" + self._beyond(),):
            if name in refs:
                return refs[name]
        if version == "HEAD":
            return refs.get("HEAD")
        return version if not version.strip(HEX) else None

    def wanted_branch(self) -> "str | None":
        """The remote branch to follow, or None for a tag or commit."""
        if self.options.version == "HEAD":
            return self.refs().get("symref") or self._local_default()
        return self.options.version if self.is_remote_branch() else None

    def _local_default(self) -> "str | None":
        ran = self.look("symbolic-ref", "-q", "--short", "refs/remotes/{}/HEAD".format(self.options.remote))
        return ran.out.strip().partition("/")[2] if ran.rc == 0 else self.branch()


def _repository(repo: "str", system: "System") -> "str":
    """A path on the host as an address too, as Ansible writes it; anything with a colon is one already."""
    return repo if ":" in repo else "file://" + os.path.abspath(system.expand(repo))


def _ssh(options: "Any") -> "dict[str, str]":
    """GIT_SSH_COMMAND for what the user says of ssh."""
    words = ["-o", "BatchMode=yes"]
    if options.accept_hostkey:
        words += ["-o", "StrictHostKeyChecking=no"]
    if options.accept_newhostkey:
        words += ["-o", "StrictHostKeyChecking=accept-new"]
    if options.key_file:
        words += ["-i", options.key_file, "-o", "IdentitiesOnly=yes"]
    if len(words) == 2 and not options.ssh_opts:
        return {}
    import shlex

    command = ["ssh"] + [shlex.quote(word) for word in words]
    return {"GIT_SSH_COMMAND": " ".join(command + [options.ssh_opts or ""]).strip()}


def _parsed_refs(output: "str", names: "list[str]") -> "dict[str, str]":
    refs = {}
    for line in output.splitlines():
        value, _, name = line.partition("\t")
        if value.startswith("ref: ") and name == "HEAD":
            refs["symref"] = value[5:].replace("refs/heads/", "", 1)
        elif name in names:
            refs[name] = value
    return refs
