"""Keep databases of PostgreSQL; dump and restore them."""

from orchestra.runner.parts.postgres import LoginOptions, Server, name, text
from orchestra.runner.sdk import NOTHING, Bool, Command, Failed, Int, Path, Str, option

NAMES = ("community.postgresql.postgresql_db",)
STATES = ("absent", "dump", "present", "rename", "restore")
#: Program by the end of a dump's name.
PACKERS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz"}
FORMATS = {".tar": "t", ".pgc": "c", ".dir": "d"}


class Options(LoginOptions):
    name = option(Str, "The database.", required=True, aliases=("db",))
    state = option(Str, "Whether it is there; or what to do with it.", default="present", choices=STATES)
    owner = option(Str, "Whose it is.", default="")
    template = option(Str, "The database that a new one is copied from.", default="")
    encoding = option(Str, "Its encoding.", default="")
    lc_collate = option(Str, "How texts are sorted.", default="")
    lc_ctype = option(Str, "What is a letter.", default="")
    icu_locale = option(Str, "The locale of ICU.", default="")
    locale_provider = option(Str, "libc or icu.", default="")
    conn_limit = option(Int, "How many may be connected at once.")
    tablespace = option(Str, "Where its files are.", default="")
    maintenance_db = option(Str, "The database in which it is asked after.", default="postgres")
    target = option(Path, "The dump's file on the host, or with rename the new name.")
    target_opts = option(Str, "More options for pg_dump, pg_restore or psql.", default="")
    dump_extra_args = option(Str, "More options for pg_dump.", default="")
    force = option(Bool, "With absent: end what is connected.", default=False)

    REQUIRED_IF = [("state", "dump", ("target",)), ("state", "restore", ("target",)), ("state", "rename", ("target",))]


EXAMPLES = """
- name: The application's database
  become: true
  become_user: postgres
  postgresql_db:
    name: shop
    owner: shop
    encoding: UTF-8
    template: template0
"""

RETURNS = {"db": "the database", "executed_commands": "the statements that were run"}


def plan(options, system):
    server = Server(options, system, options.maintenance_db)
    if options.state in ("dump", "restore"):
        return (yield from (_dumped if options.state == "dump" else _restored)(options, system, server))
    found = _look(options, server)
    statements, becomes = [], None
    if options.state == "absent":
        forced = " WITH (FORCE)" if options.force else ""
        statements = ["DROP DATABASE {}{}".format(name(options.name), forced)] if found is not None else []
    elif options.state == "rename":
        return (yield from _renamed(options, server, found))
    elif found is None:
        statements, becomes = [_creation(options)], _wished(options)
    else:
        _refuse_what_can_not_change(options, found)
        statements, becomes = _alterations(options, found), dict(found, **_wished(options))
    if statements:
        yield server.change("db " + options.name, becomes, *statements)
    return {"db": options.name, "executed_commands": statements}


def _look(options, server):
    """What the database is like; None where there is none."""
    foretold = server.foretold("db " + options.name)
    if foretold is not NOTHING:
        return foretold
    rows = server.rows(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit, pg_get_userbyid(datdba), spcname "
        "FROM pg_database JOIN pg_tablespace ON pg_tablespace.oid = dattablespace "
        "WHERE datname = {}".format(text(options.name))
    )
    names = ("encoding", "lc_collate", "lc_ctype", "conn_limit", "owner", "tablespace")
    return dict(zip(names, rows[0])) if rows else None


def _wished(options):
    asked = {name: getattr(options, name) for name in ("encoding", "lc_collate", "lc_ctype", "owner", "tablespace")}
    asked["conn_limit"] = "" if options.conn_limit is None else str(options.conn_limit)
    return {name: value for name, value in asked.items() if value}


def _creation(options):
    parts = ["CREATE DATABASE " + name(options.name)]
    for word, value in (("OWNER", options.owner), ("TEMPLATE", options.template), ("TABLESPACE", options.tablespace)):
        parts += ["{} {}".format(word, name(value))] if value else []
    for word in ("encoding", "lc_collate", "lc_ctype", "icu_locale"):
        value = getattr(options, word)
        parts += ["{} {}".format(word.upper(), text(value))] if value else []
    parts += ["LOCALE_PROVIDER " + name(options.locale_provider)] if options.locale_provider else []
    parts += ["CONNECTION LIMIT {}".format(options.conn_limit)] if options.conn_limit is not None else []
    return " ".join(parts)


def _plain(encoding):
    return encoding.lower().replace("-", "").replace("_", "")


def _refuse_what_can_not_change(options, found):
    for asked, what in (("encoding", "encoding"), ("lc_collate", "LC_COLLATE"), ("lc_ctype", "LC_CTYPE")):
        value, now = getattr(options, asked), found.get(asked)
        if value and now and _plain(value) != _plain(now):
            raise Failed("Changing database {} is not supported. Current {}: {}".format(what, what, now))


def _alterations(options, found):
    change = "ALTER DATABASE {} ".format(name(options.name))
    wished = _wished(options)
    forms = {
        "owner": "OWNER TO " + name(options.owner),
        "conn_limit": "CONNECTION LIMIT {}".format(options.conn_limit),
        "tablespace": "SET TABLESPACE " + name(options.tablespace),
    }
    return [
        change + forms[one]
        for one in ("owner", "conn_limit", "tablespace")
        if wished.get(one, found.get(one)) != found.get(one)
    ]


def _renamed(options, server, found):
    """Nothing where the new name is there and the old is gone."""
    statement = "ALTER DATABASE {} RENAME TO {}".format(name(options.name), name(options.target))
    there = server.rows("SELECT 1 FROM pg_database WHERE datname = {}".format(text(options.target)))
    if found is None and there:
        return {"db": options.name, "executed_commands": []}
    if found is None or there:
        raise Failed(
            "there is {} database {}".format(
                *(("no", options.name) if found is None else ("already a", options.target))
            )
        )
    yield server.change("db " + options.name, None, statement)
    return {"db": options.name, "executed_commands": [statement]}


def _ending(path, table):
    return next((table[end] for end in table if path.endswith(end)), None)


def _more(text_):
    import shlex

    return shlex.split(text_ or "")


def _dumped(options, system, server):
    """One program writes, another packs what is whole; so a dump that broke off is not taken for one."""
    packer, form = _ending(options.target, PACKERS), _ending(options.target, FORMATS)
    plain = options.target.rpartition(".")[0] if packer else options.target
    line = [server.program("pg_dump"), "-w", "--dbname=" + _uri(options.name), "--file=" + plain]
    line += ["--format=" + form] if form else []
    line += _more(options.dump_extra_args) + _more(options.target_opts)
    env = server.environment()
    ran = yield Command(line, env=env, touches=[("path", plain), ("path", options.target)])
    if packer:
        yield Command([packer, "-f", plain], touches=[("path", plain), ("path", options.target)])
    return {"db": options.name, "cmd": line, "executed_commands": [], **_outcome(ran)}


def _restored(options, system, server):
    packer, form = _ending(options.target, PACKERS), _ending(options.target, FORMATS)
    if not system.exists(options.target):
        raise Failed("there is no dump {}".format(options.target))
    source = options.target
    if packer:
        source = system.scratch() + "/dump.sql"
        unpack = ["/bin/sh", "-c", 'exec "$0" -dc "$1" > "$2"', packer, options.target, source]
        yield Command(unpack, touches=[("path", source)], changes=False)
    more = _more(options.target_opts)
    if form:
        line = [server.program("pg_restore"), "-w", "--dbname=" + _uri(options.name), *more, source]
    else:
        line = [*server.line(), "--dbname=" + _uri(options.name), *more, "--file=" + source]
    ran = yield Command(line, env=server.environment(), touches=[])
    return {"db": options.name, "cmd": line, "executed_commands": [], **_outcome(ran)}


def _uri(database):
    """A database's name where a program would take one with = in it for more than that."""
    return "dbname='{}'".format(database.replace("\\", "\\\\").replace("'", "\\'"))


def _outcome(ran):
    return {key: ran.get(key) for key in ("rc", "stderr") if ran.get(key) is not None}
