"""Grant and revoke privileges on what a PostgreSQL server holds.

Whether a statement would change anything is found out by running it in a transaction that is rolled back.
"""

from orchestra.runner.parts.postgres import LoginOptions, Server, name, text
from orchestra.runner.sdk import Bool, Problem, Str, option

NAMES = ("community.postgresql.postgresql_privs",)
#: Type -> catalogue, column of privileges, column of the owner, letter of acldefault().
CATALOGUES = {
    "table": ("pg_class", "relacl", "relowner", "r"),
    "sequence": ("pg_class", "relacl", "relowner", "r"),
    "function": ("pg_proc", "proacl", "proowner", "f"),
    "procedure": ("pg_proc", "proacl", "proowner", "f"),
    "database": ("pg_database", "datacl", "datdba", "d"),
    "schema": ("pg_namespace", "nspacl", "nspowner", "n"),
    "language": ("pg_language", "lanacl", "lanowner", "l"),
    "tablespace": ("pg_tablespace", "spcacl", "spcowner", "t"),
    "type": ("pg_type", "typacl", "typowner", "T"),
    "foreign_data_wrapper": ("pg_foreign_data_wrapper", "fdwacl", "fdwowner", "F"),
    "foreign_server": ("pg_foreign_server", "srvacl", "srvowner", "S"),
}
IN_SCHEMAS = ("table", "sequence", "function", "procedure", "type")
PLURALS = {"table": "TABLES", "sequence": "SEQUENCES", "function": "FUNCTIONS", "procedure": "PROCEDURES"}
DEFAULTS = ("TABLES", "SEQUENCES", "FUNCTIONS", "TYPES", "SCHEMAS")
TYPES = (*CATALOGUES, "group", "default_privs")


class Options(LoginOptions):
    login_db = option(Str, "The database.", required=True, aliases=("db", "database"))
    state = option(Str, "Whether they are granted.", default="present", choices=("absent", "present"))
    type = option(Str, "What objs are.", default="table", choices=TYPES)
    objs = option(Str, "Names, with commas; ALL_IN_SCHEMA; for default_privs TABLES and the like.", aliases=("obj",))
    privs = option(Str, "Privileges, with commas; or ALL.", aliases=("priv",))
    schema = option(Str, "Where objs are; public where left out.")
    roles = option(Str, "To whom, with commas; or PUBLIC.", required=True, aliases=("role",))
    target_roles = option(Str, "For default_privs: of what these roles will make.")
    grant_option = option(Bool, "Whether they may be granted on.", aliases=("admin_option",))
    fail_on_role = option(Bool, "A role that is not there is a failure.", default=True)

    REQUIRED_IF = [("type", name, ("privs",)) for name in (*CATALOGUES, "default_privs")]


EXAMPLES = """
- name: The reports read all tables
  become: true
  become_user: postgres
  postgresql_privs:
    db: shop
    privs: SELECT
    objs: ALL_IN_SCHEMA
    roles: reports
"""

RETURNS = {"queries": "the statements that were run"}


def problems(options):
    if options.type == "database" or options.objs:
        return
    yield Problem("objs", "is needed: what are the privileges about?")


def plan(options, system):
    server = Server(options, system, options.login_db)
    roles = _roles(options, server)
    if not roles:
        return {"queries": []}
    statements = _statements(options, roles)
    key = "privileges {} {}".format(options.login_db, "; ".join(statements))
    if _differs(options, server, statements, key, roles):
        yield server.change(key, True, *statements)
        return {"queries": statements}
    return {"queries": []}


def _differs(options, server, statements, key, roles):
    """Whether the privileges are others after the statements; nothing of it stays."""
    if server.is_foretold(key):
        return False
    if any(server.is_foretold("role " + role) for role in roles) or server.is_foretold("db " + options.login_db):
        return True
    look = _snapshot(options)
    rows = server.rows("BEGIN", look, *(list(statements) + [look, "ROLLBACK"]))
    half = len(rows) // 2
    return rows[:half] != rows[half:]


def _snapshot(options):
    """All privileges of the kind, in an order that does not depend on when they were granted; always some rows."""
    if options.type == "group":
        return "SELECT 1, coalesce(string_agg(m::text, ',' ORDER BY m::text), '') FROM pg_auth_members m"
    if options.type == "default_privs":
        return (
            "SELECT 1, coalesce(string_agg(concat_ws(' ', defaclrole, defaclnamespace, defaclobjtype, a), ',' "
            "ORDER BY defaclrole, defaclnamespace, defaclobjtype, a::text), '') "
            "FROM pg_default_acl LEFT JOIN LATERAL unnest(defaclacl) a ON true"
        )
    catalogue, column, owner, letter = CATALOGUES[options.type]
    kind = "'{}'".format(letter)
    if catalogue == "pg_class":
        kind = "CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\""
    return (
        "SELECT 1, md5(coalesce(string_agg(c.oid || ' ' || a, ',' ORDER BY c.oid, a::text), '')) FROM {} c "
        "LEFT JOIN LATERAL unnest(coalesce({}, acldefault({}, {}))) a ON true"
    ).format(catalogue, column, kind, owner)


def _names(text_):
    return [one.strip() for one in (text_ or "").split(",") if one.strip()]


def _roles(options, server):
    """The roles; those that are not there are left out where that is no failure."""
    asked = _names(options.roles)
    if options.fail_on_role:
        return asked
    rows = server.rows("SELECT rolname FROM pg_roles WHERE rolname IN ({})".format(", ".join(map(text, asked))))
    known = {row[0] for row in rows}
    return [one for one in asked if one in known or one.upper() == "PUBLIC"]


def _statements(options, roles):
    to = ", ".join("PUBLIC" if one.upper() == "PUBLIC" else name(one) for one in roles)
    if options.type == "group":
        return [_group_statement(options, one, to) for one in _names(options.objs)]
    privileges = ", ".join(_names(options.privs)).upper()
    if options.type == "default_privs":
        return _defaults(options, privileges, to)
    return _forms(options, "", privileges, "ON " + _objects(options), to)


def _forms(options, before, privileges, on, to):
    """GRANT or REVOKE, with what is asked of the option to grant on."""
    if options.state == "absent":
        only = "GRANT OPTION FOR " if options.grant_option else ""
        return ["{}REVOKE {}{} {} FROM {}".format(before, only, privileges, on, to)]
    grant = "{}GRANT {} {} TO {}".format(before, privileges, on, to)
    if options.grant_option:
        return [grant + " WITH GRANT OPTION"]
    take = "{}REVOKE GRANT OPTION FOR {} {} FROM {}".format(before, privileges, on, to)
    return [grant] + ([take] if options.grant_option is False else [])


def _group_statement(options, group, to):
    if options.state == "absent":
        only = "ADMIN OPTION FOR " if options.grant_option else ""
        return "REVOKE {}{} FROM {}".format(only, name(group), to)
    return "GRANT {} TO {}{}".format(name(group), to, " WITH ADMIN OPTION" if options.grant_option else "")


def _objects(options):
    """TABLE "public"."a", "public"."b"; or all of a schema."""
    kind, schema = options.type, options.schema or "public"
    if options.objs == "ALL_IN_SCHEMA" and kind in PLURALS:
        return "ALL {} IN SCHEMA {}".format(PLURALS[kind], name(schema))
    names = _names(options.objs) or [options.login_db]
    if kind in ("function", "procedure"):
        quoted = [_function(schema, one) for one in names]
    elif kind in IN_SCHEMAS:
        quoted = ["{}.{}".format(name(schema), name(one)) for one in names]
    else:
        quoted = [name(one) for one in names]
    return "{} {}".format(kind.replace("_", " ").upper(), ", ".join(quoted))


def _function(schema, signature):
    """add(int:int): the commas between arguments are colons, since those between functions are commas."""
    called, _, rest = signature.partition("(")
    return "{}.{}({})".format(name(schema), name(called), rest.rstrip(")").replace(":", ", "))


def _defaults(options, privileges, to):
    before = "ALTER DEFAULT PRIVILEGES "
    if options.target_roles:
        before += "FOR ROLE {} ".format(", ".join(map(name, _names(options.target_roles))))
    if options.schema:
        before += "IN SCHEMA {} ".format(name(options.schema))
    objects = _names(options.objs)
    objects = ["TABLES", "SEQUENCES", "TYPES"] if objects == ["ALL_DEFAULT"] else [one.upper() for one in objects]
    return [form for one in objects for form in _forms(options, before, privileges, "ON " + one, to)]
