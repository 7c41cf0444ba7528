"""Keep users of MySQL and MariaDB, their passwords and privileges."""

from orchestra.runner.parts import mysqlgrants
from orchestra.runner.parts.mysql import LoginOptions, Server, text
from orchestra.runner.sdk import NOTHING, Bool, Dict, Raw, Str, option

NAMES = ("community.mysql.mysql_user", "ansible.mysql.mysql_user")
MOMENTS = ("always", "on_create", "on_new_username")


class Options(LoginOptions):
    name = option(Str, "The user; an empty one is everybody.", required=True, aliases=("user",))
    host = option(Str, "From where.", default="localhost")
    host_all = option(Bool, "The user as it is from all hosts.", default=False)
    state = option(Str, "Whether it is there.", default="present", choices=("absent", "present"))
    password = option(Str, "Its password.", secret=True)
    encrypted = option(Bool, "The password is the hash of mysql_native_password.", default=False)
    update_password = option(Str, "Set it always, or on a new user only.", default="always", choices=MOMENTS)
    plugin = option(Str, "How it is known, as unix_socket.")
    plugin_hash_string = option(Str, "What that plugin keeps of a password.", secret=True, aliases=("plugin_hash",))
    plugin_auth_string = option(Str, "The password for that plugin.", secret=True)
    priv = option(Raw, "What it may do: database.table:PRIVILEGE,PRIVILEGE, with slashes between; or a dict.")
    append_privs = option(Bool, "Leave what else it may do.", default=False)
    subtract_privs = option(Bool, "Take these privileges away.", default=False)
    tls_requires = option(Dict, "What its connection must have: {SSL: }, {X509: }, {SUBJECT: ...}, ...")
    column_case_sensitive = option(Bool, "Accepted; names of columns stay as they are.", default=True)

    MUTUALLY_EXCLUSIVE = [("append_privs", "subtract_privs"), ("plugin_hash_string", "plugin_auth_string")]


EXAMPLES = """
- name: The application may use its database
  mysql_user:
    name: shop
    host: "%"
    password: "{{ shop_password }}"
    priv: "shop.*:ALL"
    login_unix_socket: /run/mysqld/mysqld.sock
"""

RETURNS = {"user": "the user", "msg": "what was done", "password_changed": "whether the password was set"}


def plan(options, system):
    server = Server(options, system)
    hosts = _hosts(options, server)
    if options.state == "absent":
        for host in hosts:
            yield server.change(_key(options, host), None, "DROP USER " + _account(options, host))
        return {"user": options.name, "msg": "User deleted" if hosts else "User doesn't exist"}
    added = not hosts
    password_changed, changed = False, added
    for host in hosts or [options.host]:
        statements, set_password = _statements(options, server, host, added)
        password_changed = password_changed or set_password
        if statements:
            changed = True
            yield server.change(_key(options, host), _foretelling(options, server, host), *statements)
    msg = "User added" if added else "User updated" if changed else "User unchanged"
    return {"user": options.name, "msg": msg, "password_changed": password_changed}


def _key(options, host):
    return "user {}@{}".format(options.name, host)


def _account(options, host):
    return "{}@{}".format(text(options.name), text(host))


def _hosts(options, server):
    """From which hosts the user is there, of those that are meant."""
    foretold = server.foretold(_key(options, options.host))
    if foretold is not NOTHING:
        return [options.host] if foretold is not None else []
    rows = server.rows("SELECT Host FROM mysql.user WHERE User = {}".format(text(options.name)))
    known = [row[0] for row in rows]
    return (
        known if options.host_all else [host for host in known if host == options.host.lower() or host == options.host]
    )


def _foretelling(options, server, host):
    """What a later task of a check run takes the user to be."""
    known = server.foretold(_key(options, host))
    grants = dict(known["grants"]) if known is not NOTHING and known else {}
    if options.priv is not None:
        grants.update({where: sorted(what) for where, what in mysqlgrants.asked(options.priv).items()})
    return {"grants": grants, "password": _hash(options.password) if options.password else ""}


def _statements(options, server, host, added):
    """What must be run for one host, and whether that sets the password."""
    account = _account(options, host)
    identified = _identified(options, server, host, added)
    required = _required(options, server, host, added)
    statements = []
    if added:
        statements.append("CREATE USER {}{}{}".format(account, identified, required))
    elif identified or required:
        statements.append("ALTER USER {}{}{}".format(account, identified, required))
    if options.priv is not None:
        before = {} if added else _grants(options, server, host)
        statements += mysqlgrants.statements(before, _wanted(options, before), account)
    return statements, bool(identified)


def _grants(options, server, host):
    foretold = server.foretold(_key(options, host))
    if foretold is not NOTHING:
        return {where: set(what) for where, what in foretold["grants"].items()}
    return mysqlgrants.shown([row[0] for row in server.rows("SHOW GRANTS FOR " + _account(options, host))])


def _wanted(options, before):
    asked = mysqlgrants.asked(options.priv)
    if options.subtract_privs:
        return {where: what - asked.get(where, set()) for where, what in before.items()}
    if options.append_privs:
        places = set(before) | set(asked)
        return {where: before.get(where, set()) | asked.get(where, set()) for where in places}
    return asked


def _hash(password):
    """What mysql_native_password keeps: SHA-1 of the password's SHA-1."""
    import hashlib

    inner = hashlib.sha1(password.encode("utf-8", "surrogateescape")).digest()
    return "*" + hashlib.sha1(inner).hexdigest().upper()


def _identified(options, server, host, added):
    """The clause that says how the user is known; empty where that is so already."""
    if not added and options.update_password != "always":
        return ""
    if options.plugin:
        return _by_plugin(options, server, host, added)
    if options.password is None:
        return ""
    native = options.password if options.encrypted else _hash(options.password) if options.password else ""
    if not added and native == _known_hash(options, server, host):
        return ""
    if _is_mariadb(server):
        return " IDENTIFIED BY PASSWORD {}".format(text(native)) if native else " IDENTIFIED BY ''"
    if server.rows(
        "SELECT 1 FROM information_schema.plugins "
        "WHERE plugin_name = 'mysql_native_password' AND plugin_status = 'ACTIVE'"
    ):
        return " IDENTIFIED WITH mysql_native_password AS {}".format(text(native))
    return " IDENTIFIED BY {}".format(text(options.password))


def _is_mariadb(server):
    return "mariadb" in server.rows("SELECT VERSION()")[0][0].lower()


def _account_row(options, server, host, columns):
    where = "User = {} AND Host = {}".format(text(options.name), text(host))
    rows = server.rows("SELECT {} FROM mysql.user WHERE {}".format(columns, where))
    return rows[0] if rows else ["", ""]


def _known_hash(options, server, host):
    foretold = server.foretold(_key(options, host))
    if foretold is not NOTHING:
        return foretold["password"]
    plugin, kept = _account_row(options, server, host, "plugin, authentication_string")
    return kept if plugin in ("", "mysql_native_password") else None


def _by_plugin(options, server, host, added):
    via, using, by = ("VIA", "USING", "USING") if _is_mariadb(server) else ("WITH", "AS", "BY")
    if not added:
        plugin, kept = _account_row(options, server, host, "plugin, authentication_string")
        same_hash = options.plugin_hash_string in (None, kept) and options.plugin_auth_string is None
        if plugin == options.plugin and same_hash:
            return ""
    clause = " IDENTIFIED {} {}".format(via, options.plugin)
    if options.plugin_hash_string is not None:
        return clause + " {} {}".format(using, text(options.plugin_hash_string))
    if options.plugin_auth_string is not None:
        secret = text(options.plugin_auth_string)
        return clause + " {} {}".format(by, "PASSWORD({})".format(secret) if via == "VIA" else secret)
    return clause


def _required(options, server, host, added):
    """REQUIRE ..., where it differs from what the user's connection must have."""
    if options.tls_requires is None:
        return ""
    wanted = {key.upper(): value for key, value in options.tls_requires.items()}
    kind = "ANY" if "SSL" in wanted else "X509" if "X509" in wanted else "SPECIFIED" if wanted else ""
    asked = [kind] + [wanted.get(key) or "" for key in ("CIPHER", "ISSUER", "SUBJECT")]
    known = ["", "", "", ""]
    if not added and server.foretold(_key(options, host)) is NOTHING:
        known = _account_row(options, server, host, "ssl_type, ssl_cipher, x509_issuer, x509_subject")
    if asked == known:
        return ""
    if kind in ("", "ANY", "X509"):
        return " REQUIRE " + {"": "NONE", "ANY": "SSL", "X509": "X509"}[kind]
    return " REQUIRE " + " AND ".join("{} {}".format(key, text(value)) for key, value in wanted.items())
