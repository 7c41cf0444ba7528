"""Look names up in the databases of the name service (passwd, group, hosts ...) and keep the answers as facts."""

from orchestra.runner.sdk import Bool, Failed, Str, option

NAMES = ("ansible.builtin.getent", "ansible.legacy.getent")
COLONS = ("passwd", "shadow", "group", "gshadow")
REASONS = {
    1: "Missing arguments, or database unknown.",
    2: "One or more supplied key could not be found in the database.",
    3: "Enumeration not supported on this database.",
}


class Options:
    database = option(Str, "passwd, group, hosts, services ...", required=True)
    key = option(Str, "Only this entry; all where left out.", default="")
    service = option(Str, "Ask this source only, such as files.")
    split = option(Str, "What separates the fields; a colon for passwd and group, else space.")
    fail_key = option(Bool, "An entry that is not there is a failure.", default=True)


EXAMPLES = """
- name: Does the account exist
  getent:
    database: passwd
    key: deploy
    fail_key: false
"""

RETURNS = {"ansible_facts": "getent_DATABASE: {key: [the other fields]}"}


def plan(options, system):
    line = ["getent"] + (["-s", options.service] if options.service else []) + [options.database]
    ran = system.query(line + ([options.key] if options.key else []))
    tree = "getent_" + options.database
    if ran.rc == 0:
        return {"ansible_facts": {tree: _parsed(ran.out, options)}}
    reason = REASONS.get(ran.rc, "Unexpected failure!")
    if ran.rc == 2 and not options.fail_key:
        return {"ansible_facts": {tree: {options.key: None}}, "msg": reason}
    if ran.rc == 127:
        reason = "the program getent is not on this host"
    raise Failed(reason, rc=ran.rc)


def _parsed(text, options):
    separator = options.split if options.split is not None else ":" if options.database in COLONS else None
    found, repeated = {}, set()
    for line in text.splitlines():
        record = line.split(separator)
        if not record:
            continue
        key, fields = record[0], record[1:]
        if key not in found:
            found[key] = fields
        elif key in repeated:
            found[key].append(fields)
        else:
            found[key] = [found[key], fields]
            repeated.add(key)
    return found
