"""Make private keys for TLS, and keep them as they should be."""

from orchestra.runner.parts.privatekeys import TRADITIONAL, KeyMaker, WriteKey, openssl_curve
from orchestra.runner.sdk import Attributes, Bool, Failed, FileOptions, Int, Mode, Path, Problem, Remove, Str, option

NAMES = ("community.crypto.openssl_privatekey",)
CHECK_MODE = "A key is made and thrown away."
TYPES = ("DSA", "ECC", "Ed25519", "Ed448", "RSA", "X25519", "X448")
FORMATS = ("pkcs1", "pkcs8", "raw", "auto", "auto_ignore")
WHEN = ("never", "fail", "partial_idempotence", "full_idempotence", "always")


class Options(FileOptions):
    path = option(Path, "The file.", required=True)
    state = option(Str, "Whether it is there.", default="present", choices=("absent", "present"))
    type = option(Str, "What kind of key.", default="RSA", choices=TYPES)
    size = option(Int, "Its size in bits, for RSA and DSA.", default=4096)
    curve = option(Str, "The curve of an ECC key, such as secp384r1.")
    passphrase = option(Str, "What it is encrypted by.", secret=True)
    cipher = option(Str, "With which cipher.", default="auto")
    format = option(
        Str, "pkcs1 is the older form; auto takes it where there is one.", default="auto_ignore", choices=FORMATS
    )
    format_mismatch = option(Str, "Accepted; a key keeps the form that it has.", default="regenerate")
    regenerate = option(Str, "When a key that is there is made anew.", default="full_idempotence", choices=WHEN)
    force = option(Bool, "Make it anew each time.", default=False)
    backup = option(Bool, "Keep the old one.", default=False)
    return_content = option(Bool, "Give the key back as well.", default=False)
    mode = option(Mode, "Permissions.", default="0600")

    REQUIRED_IF = [("type", "ECC", ("curve",))]


EXAMPLES = """
- name: The web server's key
  openssl_privatekey:
    path: /etc/ssl/private/www.pem
    type: ECC
    curve: secp384r1
"""

RETURNS = {
    "filename": "the file",
    "type": "what kind of key",
    "size": "its size in bits",
    "curve": "its curve, for ECC",
    "fingerprint": "of its public half, by each digest",
    "backup_file": "the old key",
    "privatekey": "the key, with return_content",
}


def problems(options):
    if options.format == "raw":
        yield Problem("format", "raw keys are not made here; pkcs8 is what other programs read")


def plan(options, system):
    if options.state == "absent":
        yield Remove(options.path)
        return {"filename": options.path}
    maker = KeyMaker(system, options.passphrase, options.cipher)
    content = system.read_bytes(options.path) if system.exists(options.path) else None
    if content is None or _is_due(options, maker, content):
        traditional = options.type in TRADITIONAL and options.format != "pkcs8"
        content = maker.make(options.type, options.size, options.curve, traditional)
    wrote = yield WriteKey(options.path, content, Attributes.of(options), backup=options.backup)
    values = {"filename": options.path, "type": options.type, "size": options.size, **wrote.values()}
    if options.type == "ECC":
        values["curve"] = options.curve
    if options.return_content:
        values["privatekey"] = content.decode("utf-8", "surrogateescape")
    return dict(values, fingerprint=maker.fingerprints(content))


def _is_due(options, maker, content):
    """Whether the key that is there is to be made anew."""
    if options.force or options.regenerate == "always":
        return True
    found = maker.read(options.path)
    readable = found is not None and maker.is_encrypted(content) == bool(options.passphrase)
    if readable and (options.regenerate == "never" or _conforms(options, found)):
        return False
    if not readable and options.regenerate not in ("full_idempotence",):
        raise Failed("Unable to read the key {}: it is none, or its passphrase is another one.".format(options.path))
    if options.regenerate == "fail":
        raise Failed(
            "Key {} has wrong type and/or size; regenerate and force say when it is made anew.".format(options.path)
        )
    return True


def _conforms(options, found):
    if found["type"] != options.type:
        return False
    if options.type == "ECC":
        return found["curve"] == openssl_curve(options.curve)
    return options.type not in ("RSA", "DSA") or found["size"] == options.size
