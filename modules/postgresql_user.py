"""Keep roles of PostgreSQL that may log in: their passwords, attributes and limits."""

from orchestra.runner.parts.pgpasswords import is_hash, is_of
from orchestra.runner.parts.postgres import LoginOptions, Server, name, text
from orchestra.runner.sdk import NOTHING, Bool, Failed, Int, List, Problem, Result, Str, option

NAMES = ("community.postgresql.postgresql_user",)
FLAGS = {
    "SUPERUSER": "rolsuper",
    "CREATEROLE": "rolcreaterole",
    "CREATEDB": "rolcreatedb",
    "INHERIT": "rolinherit",
    "LOGIN": "rolcanlogin",
    "REPLICATION": "rolreplication",
    "BYPASSRLS": "rolbypassrls",
}


class Options(LoginOptions):
    name = option(Str, "The role.", required=True, aliases=("user",))
    state = option(Str, "Whether it is there.", default="present", choices=("absent", "present"))
    password = option(Str, "Its password, or the hash of it; an empty one means none.", secret=True)
    role_attr_flags = option(List, "SUPERUSER, CREATEDB, NOLOGIN ...", elements=Str, default=[])
    expires = option(Str, "Until when its password is valid, or infinity.")
    conn_limit = option(Int, "How often it may be connected at once.")
    encrypted = option(Bool, "Accepted; servers since 10 keep hashes only.", default=True)
    no_password_changes = option(Bool, "Leave the password of a role that is there.", default=False)
    fail_on_user = option(Bool, "With absent: fail where it owns something.", default=True, aliases=("fail_on_role",))
    login_db = option(Str, "The database in which it is asked after.", default="postgres", aliases=("db",))


EXAMPLES = """
- name: The application logs in as its own
  become: true
  become_user: postgres
  postgresql_user:
    name: shop
    password: "{{ shop_password }}"
    role_attr_flags: CREATEDB,NOSUPERUSER
"""

RETURNS = {"user": "the role", "queries": "the statements that were run, without passwords"}


def problems(options):
    for flag in options.role_attr_flags:
        word = flag.strip().upper()
        if word and word not in FLAGS and not (word.startswith("NO") and word[2:] in FLAGS):
            text_ = "Invalid role_attr_flags specified: {}; known are {}, each with NO in front too"
            yield Problem("role_attr_flags", text_.format(flag, ", ".join(FLAGS)))


def plan(options, system):
    server = Server(options, system, options.login_db)
    found = _look(options, server)
    if options.state == "absent":
        return (yield from _removed(options, server, found))
    wished = _wished(options)
    clauses = _clauses(options, server, found, wished)
    if found is not None and not clauses:
        return {"user": options.name, "queries": []}
    verb = "CREATE USER" if found is None else "ALTER USER"
    statement, shown = (
        " ".join([verb, name(options.name)] + (["WITH"] if clauses else []) + [one[index] for one in clauses])
        for index in (0, 1)
    )
    left = dict(found or {"LOGIN": True}, **wished)
    if options.password is not None:
        left["password"] = _digest(options.password)
    yield server.change("role " + options.name, left, statement)
    return {"user": options.name, "queries": [shown]}


def _look(options, server):
    """Attribute -> value of the role; None where there is none."""
    foretold = server.foretold("role " + options.name)
    if foretold is not NOTHING:
        return foretold
    columns = ", ".join(list(FLAGS.values()) + ["rolconnlimit", "rolvaliduntil"])
    rows = server.rows("SELECT {} FROM pg_roles WHERE rolname = {}".format(columns, text(options.name)))
    if not rows:
        return None
    found = {flag: value == "t" for flag, value in zip(FLAGS, rows[0])}
    return dict(found, conn_limit=int(rows[0][-2]), expires=rows[0][-1])


def _wished(options):
    found = {}
    for flag in options.role_attr_flags:
        word = flag.strip().upper()
        if word:
            found[word if word in FLAGS else word[2:]] = word in FLAGS
    if options.conn_limit is not None:
        found["conn_limit"] = options.conn_limit
    if options.expires:
        found["expires"] = options.expires
    return found


def _clauses(options, server, found, wished):
    """What a statement must say, each with the form in which it may be shown."""
    clauses = []
    if _password_differs(options, server, found):
        word = "PASSWORD {}".format(text(options.password) if options.password else "NULL")
        clauses.append((word, "PASSWORD ********"))
    for key, value in wished.items():
        if found is not None and found.get(key) == value:
            continue
        if key == "expires":
            if found is None or not _same_moment(server, found.get("expires"), value):
                clauses.append(("VALID UNTIL " + text(value),) * 2)
        elif key == "conn_limit":
            clauses.append(("CONNECTION LIMIT {}".format(value),) * 2)
        else:
            clauses.append((("" if value else "NO") + key,) * 2)
    return clauses


def _same_moment(server, known, asked):
    if not known or server.is_foretold("clock"):
        return False
    row = server.rows("SELECT {}::timestamptz = {}::timestamptz".format(text(known), text(asked)))
    return row == [["t"]]


def _password_differs(options, server, found):
    """Whether it must be set. A server that does not show hashes is told the password each time."""
    if options.password is None or (found is not None and options.no_password_changes):
        return False
    if found is None:
        return bool(options.password)
    if server.is_foretold("role " + options.name):
        return found.get("password") != _digest(options.password)
    try:
        rows = server.rows(
            "SELECT coalesce(rolpassword, '') FROM pg_authid WHERE rolname = {}".format(text(options.name))
        )
    except Failed:
        return True  # only superusers see them
    known = rows[0][0] if rows and rows[0] else ""
    if not known or not options.password:
        return bool(known) != bool(options.password)
    return known != options.password if is_hash(options.password) else not is_of(known, options.password, options.name)


def _digest(password):
    """What a prediction keeps of a password."""
    import hashlib

    return hashlib.sha256(password.encode("utf-8", "surrogateescape")).hexdigest()


def _removed(options, server, found):
    if found is None:
        return {"user": options.name, "queries": [], "user_removed": False}
    statement = "DROP USER " + name(options.name)
    try:
        yield server.change("role " + options.name, None, statement)
    except Failed as failure:
        if options.fail_on_user:
            raise Failed("Unable to remove user: {}".format(failure.msg), **failure.values) from None
        return Result(False, user=options.name, queries=[], user_removed=False)
    return {"user": options.name, "queries": [statement], "user_removed": True}
