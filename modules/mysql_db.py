"""Keep databases of MySQL and MariaDB; dump and import them."""

from orchestra.runner.parts.mysql import LoginOptions, Server, name, text
from orchestra.runner.sdk import Bool, Command, Failed, List, Path, Problem, Str, option

NAMES = ("community.mysql.mysql_db", "ansible.mysql.mysql_db")
#: Program by the end of a dump's name.
PACKERS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd"}


class Options(LoginOptions):
    name = option(
        List, "The databases; all means all, for dump and import.", required=True, elements=Str, aliases=("db",)
    )
    state = option(
        Str,
        "Whether they are there; or what to do.",
        default="present",
        choices=("absent", "dump", "import", "present"),
    )
    encoding = option(Str, "The character set of a new database.", default="")
    collation = option(Str, "How a new database sorts.", default="")
    target = option(Path, "The dump's file on the host.")
    single_transaction = option(Bool, "Dump all in one transaction.", default=False)
    quick = option(Bool, "Dump row by row.", default=True)
    skip_lock_tables = option(Bool, "Do not lock tables.", default=False)
    hex_blob = option(Bool, "Dump binary columns as numbers.", default=False)
    ignore_tables = option(List, "Tables that are not dumped, as database.table.", elements=Str, default=[])
    force = option(Bool, "Go on where a statement fails.", default=False)
    dump_extra_args = option(Str, "More options for the dump.")
    use_shell = option(Bool, "Accepted; no shell reads the file here.", default=False)

    REQUIRED_IF = [("state", "dump", ("target",)), ("state", "import", ("target",))]


EXAMPLES = """
- name: The application's database
  mysql_db:
    name: shop
    encoding: utf8mb4
    login_unix_socket: /run/mysqld/mysqld.sock
"""

RETURNS = {"db": "the databases, with blanks between", "db_list": "the databases", "executed_commands": "what was run"}


def problems(options):
    if "all" in options.name and options.state in ("present", "absent"):
        yield Problem("name", "all can only be dumped and imported")


def plan(options, system):
    server = Server(options, system)
    if options.state == "dump":
        executed = yield from _dumped(options, server)
    elif options.state == "import":
        executed = yield from _imported(options, system, server)
    else:
        executed = yield from _kept(options, server, options.state == "present")
    return {"db": " ".join(options.name), "db_list": options.name, "executed_commands": executed}


def _is_there(server, database):
    return server.has("db " + database, "SHOW DATABASES WHERE `Database` = " + text(database))


def _kept(options, server, wanted):
    executed = []
    for database in options.name:
        if _is_there(server, database) == wanted:
            continue
        statement = _creation(options, database) if wanted else "DROP DATABASE " + name(database)
        executed.append(statement)
        yield server.change("db " + database, {} if wanted else None, statement)
    return executed


def _creation(options, database):
    line = "CREATE DATABASE " + name(database)
    line += " CHARACTER SET " + text(options.encoding) if options.encoding else ""
    return line + (" COLLATE " + text(options.collation) if options.collation else "")


def _packer(path):
    return next((PACKERS[end] for end in PACKERS if path.endswith(end)), None)


def _dumped(options, server):
    """One program writes, another packs what is whole; so a dump that broke off is not taken for one."""
    import shlex

    missing = [one for one in options.name if one != "all" and not _is_there(server, one)]
    if missing:
        raise Failed("Cannot dump database(s) {}: not found".format(", ".join(map(repr, missing))))
    packer = _packer(options.target)
    plain = options.target.rpartition(".")[0] if packer else options.target
    flags = ("single_transaction", "quick", "skip_lock_tables", "hex_blob", "force")
    line = server.line(server.program("mariadb-dump", "mysqldump"), "--result-file=" + plain)
    line += ["--" + flag.replace("_", "-") for flag in flags if getattr(options, flag)]
    line += ["--ignore-table=" + table for table in options.ignore_tables] + shlex.split(options.dump_extra_args or "")
    line += (
        ["--all-databases"]
        if "all" in options.name
        else (["--databases"] if len(options.name) > 1 else []) + options.name
    )
    yield Command(line, env=server.environment(), touches=[("path", plain), ("path", options.target)])
    if packer:
        yield Command([packer, "-f", plain], touches=[("path", plain), ("path", options.target)])
    return [" ".join(line)]


def _imported(options, system, server):
    if not system.exists(options.target):
        raise Failed("target {} does not exist on the host".format(options.target))
    executed = []
    if "all" not in options.name:
        executed = yield from _kept(options, server, True)
    source, packer = options.target, _packer(options.target)
    if packer:
        source = system.scratch() + "/dump.sql"
        unpack = ["/bin/sh", "-c", 'exec "$0" -dc "$1" > "$2"', packer, options.target, source]
        yield Command(unpack, touches=[("path", source)], changes=False)
    line = server.line(server.client) + (["--force"] if options.force else [])
    if "all" not in options.name:
        line += ["--one-database", options.name[0]]
    yield Command(["/bin/sh", "-c", 'exec "$@" < "$0"', source] + line, env=server.environment(), touches=[])
    return executed + [" ".join(line)]
