"""A Subversion working copy on the host: what it is asked, and how svn is run; `change` makes effects."""

from orchestra.runner.sdk import Command, Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.sdk import Ran, System

#: What the first column of update, switch and merge says of a path that was touched.
_TOUCHED = "ABDUCGE"
_STDIN_SINCE = (1, 10)


class Svn:
    """The program with its credentials."""

    def __init__(self, options: "Any", system: "System") -> "None":
        self.options = options
        self.system = system
        self.program = options.executable or system.need("svn")
        self.stdin = None  # type: str | None
        self.argv = self._line()

    def _line(self) -> "list[str]":
        options = self.options
        line = [self.program, "--non-interactive", "--no-auth-cache"]
        line += [] if options.validate_certs else ["--trust-server-cert"]
        line += ["--username", options.username] if options.username else []
        if not options.password:
            return line
        if self._version() >= _STDIN_SINCE:
            self.stdin = options.password
            return line + ["--password-from-stdin"]
        self.system.warn(
            "The authentication provided will be used on the svn command line and is not secure. "
            "To securely pass credentials, upgrade svn to version 1.10.0 or greater."
        )
        return line + ["--password", options.password]

    def _version(self) -> "tuple[int, ...]":
        text = self.system.query([self.program, "--version", "--quiet"]).out.strip()
        return tuple(int(part) for part in text.split("-")[0].split(".") if part.isdigit())

    def look(self, *words: "str") -> "Ran":
        """Ask svn; (rc, out, err)."""
        return self.system.query(self.argv + list(words), stdin=self.stdin)

    def ask(self, *words: "str") -> "str":
        """The answer; Failed where svn fails."""
        ran = self.look(*words)
        if ran.rc != 0:
            text = ran.err.strip() or "svn {} failed".format(words[0])
            raise Failed(text, rc=ran.rc, stdout=ran.out, stderr=ran.err)
        return str(ran.out)

    def change(self, *words: "str", **more: "Any") -> "Command":
        """The effect that runs svn; whether it changed something follows from what it prints, unless said."""
        more.setdefault("changes", lambda result: touched(result.stdout))
        env = {"LC_ALL": "C", "LANGUAGE": "C"}
        return Command(self.argv + list(words), stdin=self.stdin, env=env, touches=[("path", words[-1])], **more)

    def is_copy(self, path: "str") -> "bool":
        """Whether a folder is a working copy."""
        return bool(self.look("info", path).rc == 0)

    def state(self, place: "str", at: "str | None" = None) -> "list[str]":
        """The lines `Revision: 7` and `URL: ...` of a working copy or an address, at a revision of it."""
        lines = self.ask("info", *(["-r", at] if at else []), place).splitlines()
        return [_line_of(lines, "Revision"), _line_of(lines, "URL")]

    def is_modified(self, path: "str") -> "bool":
        """Whether files under version control were changed."""
        lines = self.ask("status", "--quiet", "--ignore-externals", path).splitlines()
        return any(line and line[0] not in "?X" for line in lines)


def _line_of(lines: "list[str]", name: "str") -> "str":
    found = [line for line in lines if line.startswith(name + ":")]
    return found[0] if found else "Unable to get {}".format("URL" if name == "URL" else "revision")


def touched(output: "str") -> "bool":
    """Whether svn update or switch says that a path was changed."""
    return any(line[:1] in _TOUCHED and line[1:2].isspace() for line in output.splitlines() if line)
