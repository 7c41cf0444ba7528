"""What a user of MySQL may do: as SHOW GRANTS says it, as tasks write it, and the statements between the two."""

from orchestra.runner.parts.mysql import name
from orchestra.runner.sdk import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Grants = "dict[str, set[str]]"  # database.table -> privileges; GRANT stands for the option to grant
#: MySQL 8 says each privilege where all were granted; these are among them and in no lesser set.
_ALL = {"SELECT", "INSERT", "SHUTDOWN", "CREATE USER", "SUPER", "RELOAD", "PROCESS"}


def shown(lines: "list[str]") -> "dict[str, set[str]]":
    """The answer of SHOW GRANTS. Roles that were granted are no privileges."""
    found = {}  # type: dict[str, set[str]]
    for line in lines:
        words, on, rest = line.partition(" ON ")
        target, to, tail = rest.rpartition(" TO ")
        if not on or not to or not words.startswith("GRANT "):
            continue
        privileges = set(split(words[len("GRANT ") :]))
        privileges |= {"GRANT"} if "WITH GRANT OPTION" in tail else set()
        found.setdefault(plain(target), set()).update(privileges - {"USAGE"})
    return {where: all_of(privileges) for where, privileges in found.items() if privileges}


def plain(target: "str") -> "str":
    """db.table without quotes."""
    return target.replace("`", "").replace("\\_", "_").replace('"', "")


def split(text: "str") -> "list[str]":
    """Privileges between commas, but those within brackets are columns; in one form each."""
    found, one, depth = [], "", 0  # type: list[str], str, int
    for letter in text + ",":
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            found.append(_formed(one))
            one = ""
        else:
            one += letter
    return [word for word in found if word]


def _formed(text: "str") -> "str":
    word, bracket, columns = text.strip().partition("(")
    word = " ".join(word.upper().split())
    word = {"ALL PRIVILEGES": "ALL", "GRANT OPTION": "GRANT"}.get(word, word)
    if not bracket:
        return word
    names = sorted(column.strip().strip("`") for column in columns.rstrip(") ").split(","))
    return "{} ({})".format(word, ", ".join(names))


def all_of(privileges: "set[str]") -> "set[str]":
    """ALL, where every privilege is there by its name."""
    return {"ALL"} | (privileges & {"GRANT"}) if privileges >= _ALL else privileges


def asked(value: "Any") -> "dict[str, set[str]]":
    """`db.table:PRIV,PRIV/db.table:PRIV`, or the same as a dict."""
    if isinstance(value, dict):
        pairs = [(str(where), str(what)) for where, what in value.items()]
    else:
        pairs = []
        for part in str(value).strip("/").split("/"):
            where, colon, what = part.strip().rpartition(":")
            if not colon:
                raise Failed("a privilege is written as database.table:PRIVILEGE, and not {!r}".format(part))
            pairs.append((where, what))
    found = {}  # type: dict[str, set[str]]
    for where, what in pairs:
        where = plain(where.strip())
        where = where if "." in where else where + ".*"
        found.setdefault(where, set()).update(set(split(what)) - {"USAGE"})
    return found


def statements(before: "Any", after: "Any", user: "str") -> "list[str]":
    """What leads from one to the other: first what is taken away, then what is given."""
    lines = []
    for where in sorted(before):
        gone = _gone(before[where], after.get(where, set()))
        if gone:
            lines += _revoke(gone, where, user)
    for where in sorted(after):
        fresh = after[where] - before.get(where, set())
        if "ALL" in before.get(where, set()) and "ALL" in after[where]:
            fresh = fresh & {"GRANT"}
        if fresh:
            lines.append(_grant(fresh, where, user))
    return lines


def _gone(had: "set[str]", keeps: "set[str]") -> "set[str]":
    """ALL takes the place of all others, and of itself."""
    return (had & {"GRANT"}) - keeps if "ALL" in keeps else had - keeps


def _target(where: "str") -> "str":
    kind, space, rest = where.partition(" ")
    if space and kind.upper() in ("PROCEDURE", "FUNCTION"):
        return "{} {}".format(kind.upper(), _target(rest))
    database, _, table = where.partition(".")
    return ".".join("*" if one == "*" else name(one) for one in (database, table))


def _grant(privileges: "set[str]", where: "str", user: "str") -> "str":
    words = sorted(privileges - {"GRANT"}) or ["USAGE"]
    option = " WITH GRANT OPTION" if "GRANT" in privileges else ""
    return "GRANT {} ON {} TO {}{}".format(", ".join(words), _target(where), user, option)


def _revoke(privileges: "set[str]", where: "str", user: "str") -> "list[str]":
    words = ["GRANT OPTION" if word == "GRANT" else word for word in sorted(privileges)]
    return ["REVOKE {} ON {} FROM {}".format(word, _target(where), user) for word in words]
