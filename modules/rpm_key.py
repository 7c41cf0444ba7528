"""Keep the keys that rpm trusts."""

from orchestra.runner.parts.openpgp import keys_of, normalized
from orchestra.runner.parts.rpmkeys import EraseKey, ImportKey, trusted
from orchestra.runner.sdk import Bool, Failed, List, Str, bind, option

NAMES = ("ansible.builtin.rpm_key", "ansible.legacy.rpm_key")
PARTS = ("openpgp", "downloads", "rpmkeys")


class Options:
    key = option(Str, "Its address, its file on the host, or its id.", required=True)
    state = option(Str, "Whether it is trusted.", default="present", choices=("present", "absent"))
    validate_certs = option(Bool, "Verify the server.", default=True)
    fingerprint = option(List, "The key must have one of these fingerprints.", elements=Str)


EXAMPLES = """
- name: EPEL's key
  rpm_key:
    key: https://dl.fedoraproject.org/pub/epel/RPM-GPG-KEY-EPEL-9
"""

RETURNS = {}


def plan(options, system):
    ident, content = _ident(options, system)
    there = ident.lower()[-8:] in trusted(system)
    if options.state == "absent":
        if there:
            yield EraseKey(ident.lower()[-8:])
    elif not there:
        if content is None:
            raise Failed("When importing a key, a valid file must be given", key=options.key)
        yield ImportKey(content, ident.lower()[-8:])
    return {}


def _ident(options, system):
    """(the key's id, its content); without a content where only an id was given."""
    if "://" in options.key:
        content = _fetched(options, system)
    elif system.is_file(options.key):
        content = system.read_bytes(options.key)
    else:
        try:
            return normalized(options.key), None
        except ValueError:
            raise Failed("Not a valid key {}: neither a file, an address, nor an id".format(options.key)) from None
    try:
        key = keys_of(content)[0]
    except (ValueError, IndexError) as error:
        raise Failed("Not a public key: {} ({})".format(options.key, error)) from None
    wanted = [one.replace(" ", "").upper() for one in options.fingerprint or ()]
    if wanted and key.fingerprint not in wanted:
        text = "The specified fingerprint, '{}', does not match any key fingerprints in '{}'"
        raise Failed(text.format(", ".join(wanted), key.fingerprint))
    return key.fingerprint, content


def _fetched(options, system):
    from orchestra.runner.parts.downloads import RequestOptions, ask

    answer = ask(bind(RequestOptions, {"validate_certs": options.validate_certs})[0], system, options.key, timeout=30)
    if not answer.is_fine():
        raise Failed(
            "failed to fetch key at {} , error was: {}".format(options.key, answer.message or answer.summary())
        )
    return answer.read()
