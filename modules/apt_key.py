"""Keep the keys that apt trusts. Reads and writes key files itself: the program apt-key is not needed."""

from orchestra.runner.parts.downloads import RequestOptions, ask, masked
from orchestra.runner.parts.openpgp import keys_of, normalized
from orchestra.runner.sdk import Attributes, Bool, Failed, Path, Remove, Str, WriteFile, bind, option

NAMES = ("ansible.builtin.apt_key", "ansible.legacy.apt_key")
PARTS = ("openpgp", "downloads")
FOLDER = "/etc/apt/trusted.gpg.d"


class Options:
    id = option(Str, "The key's id; without it the key must be given to be known.")
    data = option(Str, "The key itself.")
    file = option(Path, "A file with the key, on the host.")
    url = option(Str, "Where the key is fetched from.")
    keyserver = option(Str, "A server that knows keys by their id.")
    keyring = option(Path, "The file to keep it in.")
    validate_certs = option(Bool, "For a URL: verify the server.", default=True)
    state = option(Str, "Whether it is trusted.", default="present", choices=("present", "absent"))

    MUTUALLY_EXCLUSIVE = [("data", "file", "keyserver", "url")]
    REQUIRED_ONE_OF = [("id", "data", "file", "url")]


EXAMPLES = """
- name: The vendor's key
  apt_key:
    url: https://packages.example.org/key.asc
    id: 9FED2BCBDCD29CDF762678CBAED4B06F473041FA
"""

RETURNS = {
    "id": "the key's id as it was given or found",
    "fp": "its fingerprint",
    "key_id": "the last 16 digits of it",
    "short_id": "the last 8",
    "before": "ids that were trusted before",
    "after": "ids that are trusted now",
}


def plan(options, system):
    wanted = _wanted_id(options)
    files = _trusted(options, system)
    before = [key.fingerprint for _, keys in files for key in keys]
    there = wanted and any(key.answers_to(wanted) for _, keys in files for key in keys)
    if options.state == "absent":
        return (yield from _remove(options, system, files, wanted, before))
    if there:
        return _described(wanted, before, before)
    content = _content(options, system, wanted)
    keys = _parsed(content, "the key")
    main = next((key for key in keys if wanted and key.answers_to(wanted)), keys[0])
    if wanted and not main.answers_to(wanted):
        text = "the key that was fetched is {}, not {}"
        raise Failed(text.format(main.fingerprint, wanted), id=wanted)
    missing = [key for key in keys if key.fingerprint not in before]
    if missing:
        path = options.keyring or "{}/{}.gpg".format(FOLDER, main.fingerprint[-16:])
        old = system.read_bytes(path) if system.exists(path) else b""
        kept = b"".join(key.data for key in _parsed(old, path)) if old else b""
        fresh = kept + b"".join(key.data for key in missing)
        yield WriteFile(path, fresh, Attributes() if old else Attributes(mode=0o644))
    after = before + [key.fingerprint for key in missing]
    return _described(main.fingerprint, before, after)


def _wanted_id(options):
    if options.id is None:
        return None
    try:
        return normalized(options.id)
    except ValueError as error:
        raise Failed("Invalid key_id {}: {}".format(options.id, error), id=options.id) from None


def _trusted(options, system):
    """[(file, its keys)] of the keyring that was named, else of all that apt trusts."""
    if options.keyring:
        paths = [options.keyring]
    else:
        paths = ["/etc/apt/trusted.gpg"] + system.glob(FOLDER + "/*.gpg") + system.glob(FOLDER + "/*.asc")
    found = []
    for path in paths:
        if system.is_file(path) and system.stat(path, follow=True).size:
            try:
                found.append((path, keys_of(system.read_bytes(path))))
            except ValueError as error:
                system.warn("{} was left out: {}".format(path, error))
    return found


def _content(options, system, wanted):
    if options.data is not None:
        return options.data.encode("utf-8", "surrogateescape")
    if options.file is not None:
        return system.read_bytes(options.file)
    if options.url is not None:
        return _fetched(options, system, options.url)
    if options.keyserver is None:
        raise Failed("data, file, keyserver or url is needed to add a key", id=options.id)
    return _fetched(options, system, _lookup(options.keyserver, wanted))


def _lookup(server, wanted):
    """The address at which a key server answers, whatever scheme it was written with."""
    scheme, mark, host = server.partition("://")
    host = (host if mark else server).rstrip("/")
    secure = scheme in ("https", "hkps") or not mark
    if scheme == "hkp" and ":" not in host:
        host += ":11371"
    return "{}://{}/pks/lookup?op=get&options=mr&search=0x{}".format("https" if secure else "http", host, wanted)


def _fetched(options, system, url):
    answer = ask(bind(RequestOptions, {"validate_certs": options.validate_certs})[0], system, url, timeout=30)
    if not answer.is_fine():
        raise Failed("Failed to download key at {}: {}".format(masked(url), answer.message or answer.summary()))
    return answer.read()


def _parsed(content, what):
    try:
        return keys_of(content)
    except (ValueError, IndexError) as error:
        raise Failed("{} can not be read as an OpenPGP key: {}".format(what, error)) from None


def _remove(options, system, files, wanted, before):
    if wanted is None:
        wanted = _parsed(_content(options, system, None), "the key")[0].fingerprint
    after = list(before)
    for path, keys in files:
        kept = [key for key in keys if not key.answers_to(wanted)]
        if len(kept) == len(keys):
            continue
        after = [
            one for one in after if one not in {key.fingerprint for key in keys} or one in {k.fingerprint for k in kept}
        ]
        if kept:
            yield WriteFile(path, b"".join(key.data for key in kept), Attributes())
        else:
            yield Remove(path)
    return _described(wanted, before, after)


def _described(ident, before, after):
    values = {"id": ident, "short_id": ident[-8:], "key_id": ident[-16:], "fp": ident}
    return dict(values, before=[one[-16:] for one in before], after=[one[-16:] for one in after])
