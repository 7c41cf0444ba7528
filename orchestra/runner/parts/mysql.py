"""Talks to MySQL and MariaDB by their client: what the modules ask, and the effect that runs statements.

Statements go through the client's input and the password through its environment, so that neither stands in a list
of processes.
"""

from orchestra.runner.parts.toggles import Toggle
from orchestra.runner.sdk import NOTHING, Bool, Failed, Int, Path, Str, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System

_ESCAPED = {"n": "\n", "t": "\t", "0": "\0", "\\": "\\"}
#: A backslash in a text means what follows it, whatever the server's mode.
_FIRST = "SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '')"


class LoginOptions:
    """How to reach the server; every module of MySQL takes them."""

    login_user = option(Str, "Who asks the server; else its configuration says it.")
    login_password = option(Str, "Its password.", secret=True)
    login_host = option(Str, "Where the server is.", default="localhost")
    login_port = option(Int, "Its port.", default=3306)
    login_unix_socket = option(Str, "Its socket.")
    config_file = option(Path, "The client's configuration, read where it is there.", default="~/.my.cnf")
    connect_timeout = option(Int, "Seconds for the connection.", default=30)
    ca_cert = option(Path, "Whom to trust.", aliases=("ssl_ca",))
    client_cert = option(Path, "A certificate to show.", aliases=("ssl_cert",))
    client_key = option(Path, "Its key.", aliases=("ssl_key",))
    check_hostname = option(Bool, "Whether the server's certificate must have its name.")
    check_implicit_admin = option(Bool, "Try root without a password first.", default=False)
    sql_log_bin = option(Bool, "Whether the change is told to replicas.", default=True)


def name(text: "str") -> "str":
    """An identifier, quoted."""
    return "`{}`".format(text.replace("`", "``"))


def text(value: "Any") -> "str":
    """A value, quoted."""
    return "'{}'".format(str(value).replace("\\", "\\\\").replace("'", "\\'"))


class Server:
    """The server, as the user that may do it."""

    def __init__(self, options: "Any", system: "System") -> "None":
        self.options = options
        self.system = system
        self.client = self.program("mariadb", "mysql")
        self.user, self.password = options.login_user, options.login_password
        if options.check_implicit_admin and self._is_open_to_root():
            self.user, self.password = "root", None

    def program(self, *names: "str") -> "str":
        """The first of these programs that is there."""
        found = [path for path in map(self.system.which, names) if path]
        return found[0] if found else self.system.need(names[-1])

    def _is_open_to_root(self) -> "bool":
        line = self.line(self.client, "--user=root", login=False)
        return bool(self.system.query(line, stdin="SELECT 1;\n", env=self.environment()).rc == 0)

    def line(self, program: "str", *more: "str", **how: "Any") -> "list[str]":
        """A command line of one of the client's programs."""
        options = self.options
        line = [program]
        if options.config_file and self.system.exists(options.config_file):
            line.append("--defaults-extra-file=" + options.config_file)
        known = (
            ("user", self.user if how.get("login", True) else None),
            ("host", options.login_host if not options.login_unix_socket else None),
            ("port", options.login_port if options.login_host != "localhost" else None),
            ("socket", options.login_unix_socket),
            ("ssl-ca", options.ca_cert),
            ("ssl-cert", options.client_cert),
            ("ssl-key", options.client_key),
        )
        line += ["--{}={}".format(key, value) for key, value in known if value]
        return line + list(more)

    def environment(self) -> "dict[str, str]":
        """With the password, where there is one."""
        return {"MYSQL_PWD": self.password} if self.password else {}

    def asking(self) -> "list[str]":
        """The client, for rows without names."""
        options = ("--batch", "--skip-column-names", "--default-character-set=utf8mb4")
        return self.line(self.client, *options, "--connect-timeout={}".format(self.options.connect_timeout))

    def rows(self, statement: "str") -> "list[list[str]]":
        """What a statement that only looks answers. Failed with the server's own words."""
        script = "{};\n{};\n".format(_FIRST, statement)
        ran = self.system.query(self.asking(), stdin=script, env=self.environment())
        if ran.rc != 0:
            said = ran.err.strip().splitlines()
            raise Failed(said[-1] if said else "the client ended with {}".format(ran.rc), rc=ran.rc)
        return [[_plain(field) for field in line.split("\t")] for line in ran.out.split("\n")[:-1]]

    def change(self, key: "str", becomes: "Any", *statements: "str") -> "Toggle":
        """The effect of statements, after which `key` is foretold to be `becomes`."""
        first = [_FIRST] + ([] if self.options.sql_log_bin else ["SET SESSION sql_log_bin = 0"])
        script = "".join(one + ";\n" for one in first + list(statements))
        return Toggle(self.asking(), "mysql", self.key(key), becomes, stdin=script, env=self.environment())

    def key(self, what: "str") -> "str":
        """Under which name a prediction about this server is kept."""
        options = self.options
        return "{}:{} {}".format(options.login_unix_socket or options.login_host, options.login_port, what)

    def foretold(self, what: "str") -> "Any":
        """What an earlier task of a check run would have left, or NOTHING."""
        return self.system.foreseen("mysql", self.key(what))

    def has(self, what: "str", statement: "str") -> "bool":
        """Whether something is there: as foretold, else whether a statement answers."""
        foretold = self.foretold(what)
        return bool(self.rows(statement)) if foretold is NOTHING else foretold is not None


def _plain(field: "str") -> "str":
    """The client writes special letters with a backslash."""
    if "\\" not in field:
        return field
    letters, index = [], 0
    while index < len(field):
        if field[index] == "\\" and index + 1 < len(field):
            letters.append(_ESCAPED.get(field[index + 1], field[index + 1]))
            index += 2
        else:
            letters.append(field[index])
            index += 1
    return "".join(letters)
