"""Talks to PostgreSQL by psql: what its modules ask, and the effect that runs statements.

Statements go through psql's input and passwords through its environment, so that neither stands in a list of processes.
"""

from orchestra.runner.parts.toggles import Toggle
from orchestra.runner.sdk import NOTHING, Bool, Failed, Int, Path, Str, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System

_BETWEEN = "\x1f"
_PLACES = ("/usr/pgsql-*/bin/{}", "/usr/lib/postgresql/*/bin/{}")
_SSL_MODES = ("allow", "disable", "prefer", "require", "verify-ca", "verify-full")


class LoginOptions:
    """How to reach the server; every module of PostgreSQL takes them."""

    login_user = option(Str, "Who asks the server.", default="postgres", aliases=("login",))
    login_password = option(Str, "Its password.", secret=True)
    login_host = option(
        Str, "Where the server is; its socket on this host where left out.", default="", aliases=("host",)
    )
    login_unix_socket = option(Str, "The folder of its socket.", default="", aliases=("unix_socket",))
    login_port = option(Int, "Its port.", default=5432, aliases=("port",))
    ssl_mode = option(Str, "Whether the way is encrypted.", default="prefer", choices=_SSL_MODES)
    ca_cert = option(Path, "Whom to trust.", aliases=("ssl_rootcert",))
    ssl_cert = option(Path, "A certificate to show.")
    ssl_key = option(Path, "Its key.")
    session_role = option(Str, "Act as this role.")
    trust_input = option(Bool, "Accepted; names and values are quoted anyway.", default=True)


def name(text: "str") -> "str":
    """An identifier, quoted."""
    return '"{}"'.format(text.replace('"', '""'))


def text(value: "Any") -> "str":
    """A value, quoted."""
    return "'{}'".format(str(value).replace("'", "''"))


class Server:
    """One database of a server."""

    def __init__(self, options: "Any", system: "System", database: "str") -> "None":
        self.options = options
        self.system = system
        self.database = database
        self.psql = self.program("psql")

    def program(self, called: "str") -> "str":
        """A program of PostgreSQL, also where only a version's own folder has it."""
        found = self.system.which(called)
        if found is None:
            others = sorted(path for place in _PLACES for path in self.system.glob(place.format(called)))
            found = others[-1] if others else self.system.need(called)
        return found

    def place(self) -> "str":
        """Where the server is; a socket stands for localhost, where both are named."""
        host = str(self.options.login_host)
        socket = str(self.options.login_unix_socket)
        return socket if socket and host in ("", "localhost") else host

    def environment(self) -> "dict[str, str]":
        """What libpq reads."""
        options = self.options
        known = {
            "PGHOST": self.place(),
            "PGPORT": str(options.login_port),
            "PGUSER": options.login_user,
            "PGPASSWORD": options.login_password or "",
            "PGSSLMODE": options.ssl_mode,
            "PGSSLROOTCERT": options.ca_cert or "",
            "PGSSLCERT": options.ssl_cert or "",
            "PGSSLKEY": options.ssl_key or "",
            "PGDATABASE": self.database,
            "PGCLIENTENCODING": "UTF8",
            "LC_ALL": "C.UTF-8",
        }
        return {key: value for key, value in known.items() if value}

    def line(self) -> "list[str]":
        """psql, saying nothing but rows and errors of one line."""
        line = [self.psql, "-X", "-w", "-q", "-A", "-t", "-F", _BETWEEN, "-v", "ON_ERROR_STOP=1"]
        return line + ["-v", "VERBOSITY=terse"]

    def script(self, statements: "list[str]") -> "str":
        """Statements as psql reads them."""
        first = ["SET standard_conforming_strings = on"]
        first += ["SET ROLE {}".format(name(self.options.session_role))] if self.options.session_role else []
        return "".join(one + ";\n" for one in first + statements)

    def rows(self, *statements: "str") -> "list[list[str]]":
        """What statements that only look answer. Failed with the server's own words."""
        env = self.environment()
        ran = self.system.query(self.line(), stdin=self.script(list(statements)), env=env)
        if ran.rc != 0:
            raise Failed(said(ran.err) or "psql ended with {}".format(ran.rc), rc=ran.rc)
        return [line.split(_BETWEEN) for line in ran.out.splitlines()]

    def change(self, key: "str", becomes: "Any", *statements: "str") -> "Toggle":
        """The effect of statements, after which `key` is foretold to be `becomes`."""
        return Toggle(
            self.line(),
            "postgresql",
            self.key(key),
            becomes,
            stdin=self.script(list(statements)),
            env=self.environment(),
        )

    def key(self, what: "str") -> "str":
        """Under which name a prediction about this server is kept."""
        options = self.options
        return "{}:{} {}".format(self.place(), options.login_port, what)

    def foretold(self, what: "str") -> "Any":
        """What an earlier task of a check run would have left, or NOTHING."""
        return self.system.foreseen("postgresql", self.key(what))

    def is_foretold(self, what: "str") -> "bool":
        """Whether there is such a prediction."""
        return self.foretold(what) is not NOTHING


def said(errors: "str") -> "str":
    """psql's complaint without its own name and line."""
    lines = errors.strip().splitlines()
    lines = [line for line in lines if "rror:" in line or "ERROR:" in line or "FATAL:" in line] or lines
    return lines[-1].replace("psql:<stdin>:", "line ").strip() if lines else ""
