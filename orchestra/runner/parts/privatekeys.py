"""Private keys in PEM, made and read by the program openssl; and the effect that writes one without ever showing it."""

from orchestra.runner.files import WriteFile
from orchestra.runner.sdk import Failed, NotRecorded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System

_PASS = "ORCHESTRA_KEY_PASSPHRASE"  # noqa: S105  the variable's name
_DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
#: Types that may be in the older form, which names the type in its first line.
TRADITIONAL = ("RSA", "DSA", "ECC")


class WriteKey(WriteFile):
    """A file whose content no difference shows and no undo keeps."""

    def diff(self, system: "System") -> "Any":
        found = super().diff(system)
        if not self._differs:
            return found
        return [
            {"before": "(an old key)\n" if self._found else "", "after": "(a new key)\n", "after_header": self.path}
        ]

    def undo(self, system: "System") -> "Any":
        if self._differs and self._found is not None:
            raise NotRecorded("a private key is not kept anywhere else")
        return super().undo(system)


class KeyMaker:
    """The program, with a passphrase that it reads from its environment."""

    def __init__(self, system: "System", passphrase: "str | None", cipher: "str | None" = None) -> "None":
        self.system = system
        self.program = system.need("openssl")
        self.passphrase = passphrase
        self.cipher = "aes-256-cbc" if cipher in (None, "auto") else str(cipher)

    def ask(self, *words: "str", **more: "Any") -> "Any":
        """(rc, output as bytes, errors)."""
        env = {_PASS: self.passphrase or ""}
        return self.system.query([self.program, *words], env=env, binary=True, **more)

    def _made(self, *words: "str", **more: "Any") -> "bytes":
        ran = self.ask(*words, **more)
        if ran.rc != 0:
            lines = ran.err.decode("utf-8", "replace").strip().splitlines()
            raise Failed("openssl: {}".format(lines[-1] if lines else "it ended with {}".format(ran.rc)), rc=ran.rc)
        return bytes(ran.out)

    def make(self, kind: "str", size: "int", curve: "str | None", traditional: "bool") -> "bytes":
        """A new key in PEM."""
        if kind == "DSA":
            parameters = self._made(
                "genpkey", "-genparam", "-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:%d" % size
            )
            plain = self._made("genpkey", "-paramfile", "/dev/stdin", stdin=parameters)
        else:
            plain = self._made("genpkey", *_algorithm(kind, size, curve))
        words = ["-traditional"] if traditional else []
        if self.passphrase:
            words += ["-" + self.cipher, "-passout", "env:" + _PASS]
        return self._made("pkey", *words, stdin=plain) if words else plain

    def read(self, path: "str") -> "dict[str, Any] | None":
        """type, size, curve of the key in a file; None where it is none, or another passphrase opens it."""
        ran = self.ask("pkey", "-in", path, "-passin", "env:" + _PASS, "-noout", "-text")
        if ran.rc != 0:
            return None
        return described(ran.out.decode("utf-8", "replace"))

    def is_encrypted(self, content: "bytes") -> "bool":
        """Whether a passphrase is on it."""
        return b"ENCRYPTED" in content

    def fingerprints(self, content: "bytes") -> "dict[str, str]":
        """Of its public half, by each digest that this machine has."""
        import hashlib

        public = self._made("pkey", "-passin", "env:" + _PASS, "-pubout", "-outform", "DER", stdin=content)
        found = {}
        for digest in _DIGESTS:
            try:
                text = hashlib.new(digest, public).hexdigest()
            except ValueError:
                continue  # a machine in FIPS mode has no MD5
            found[digest] = ":".join(text[at : at + 2] for at in range(0, len(text), 2))
        return found


def _algorithm(kind: "str", size: "int", curve: "str | None") -> "list[str]":
    if kind == "RSA":
        return ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:%d" % size]
    if kind == "ECC":
        return ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + openssl_curve(curve or "")]
    return ["-algorithm", kind.upper()]


def openssl_curve(curve: "str") -> "str":
    """secp256r1 has an older name there."""
    return {"secp256r1": "prime256v1", "secp192r1": "prime192v1"}.get(curve, curve)


def described(text: "str") -> "dict[str, Any]":
    """What `openssl pkey -text` says, in Ansible's words."""
    first = text.splitlines()[0] if text else ""
    words = first.replace("(", " ").replace(",", " ").split()
    size = next((int(before) for before, after in zip(words, words[1:]) if after.startswith("bit")), 0)
    lines = [line.strip() for line in text.splitlines()]
    curve = next((line.split(":")[1].strip() for line in lines if line.startswith("ASN1 OID:")), None)
    if curve is not None:
        return {"type": "ECC", "size": size, "curve": curve}
    name = words[0].upper()
    for known in ("Ed25519", "Ed448", "X25519", "X448"):
        if name == known.upper():
            return {"type": known, "size": 0, "curve": None}
    is_dsa = any(line.startswith(("P:", "pub:")) for line in lines)
    return {"type": "DSA" if is_dsa else "RSA", "size": size, "curve": None}
