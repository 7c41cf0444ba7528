"""Public keys of OpenPGP, as far as apt needs them: which keys a file holds, and the file without one of them.

Formats are those of RFC 4880: ASCII armor (6.2), packet headers (4.2), version 4 fingerprints (12.2).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PUBLIC_KEY, SUBKEY = 6, 14
BEGIN, END = b"-----BEGIN PGP PUBLIC KEY BLOCK-----", b"-----END PGP PUBLIC KEY BLOCK-----"


class PublicKey:
    """A key with its packets; fingerprints of itself and of its subkeys are in upper case hex."""

    __slots__ = ("data", "fingerprint", "subkeys")

    def __init__(self, fingerprint: "str") -> "None":
        self.fingerprint = fingerprint
        self.subkeys = []  # type: list[str]
        self.data = b""

    def answers_to(self, ident: "str") -> "bool":
        """Whether a short, long or full id means this key or one of its subkeys."""
        return any(one.endswith(ident) for one in [self.fingerprint] + self.subkeys)


def keys_of(content: "bytes") -> "list[PublicKey]":
    """The keys in a file, armored or not. ValueError where it holds something else."""
    keys = []  # type: list[PublicKey]
    for tag, body, whole in _packets(dearmored(content)):
        if tag == PUBLIC_KEY:
            keys.append(PublicKey(_fingerprint(body)))
        elif tag == SUBKEY and keys:
            keys[-1].subkeys.append(_fingerprint(body))
        if keys:
            keys[-1].data += whole
    if not keys:
        raise ValueError("there is no public key in it")
    return keys


def dearmored(content: "bytes") -> "bytes":
    """Binary packets; several armored blocks become one."""
    if BEGIN not in content:
        return content
    import binascii

    blocks = []
    for part in content.split(BEGIN)[1:]:
        text = part.split(END)[0].replace(b"\r\n", b"\n")
        _, _, body = text.partition(b"\n\n")
        lines = [line.strip() for line in body.splitlines() if line.strip() and not line.startswith(b"=")]
        blocks.append(binascii.a2b_base64(b"".join(lines)))
    return b"".join(blocks)


def normalized(ident: "str") -> "str":
    """An id as users write it (0x, spaces, any case), in upper case hex. ValueError for something else."""
    text = ident.strip().upper().replace(" ", "")
    text = text[2:] if text.startswith("0X") else text
    if len(text) not in (8, 16, 40, 64) or text.strip("0123456789ABCDEF"):
        raise ValueError("a key id has 8, 16 or 40 hexadecimal digits")
    return text


def _fingerprint(body: "bytes") -> "str":
    import hashlib

    version = body[0]
    if version == 4:
        digest = hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body)  # noqa: S324 - the format says so
    else:
        digest = hashlib.sha256(b"\x9a" + len(body).to_bytes(4, "big") + body)
    return digest.hexdigest().upper()


def _packets(data: "bytes") -> "Iterator[tuple[int, bytes, bytes]]":
    """(tag, body, the packet with its header)."""
    place = 0
    while place < len(data):
        first = data[place]
        if not first & 0x80:
            raise ValueError("it is not OpenPGP data")
        if first & 0x40:
            tag, start, length = first & 0x3F, *_new_length(data, place + 1)
        else:
            tag, start, length = (first >> 2) & 0x0F, *_old_length(data, place + 1, first & 3)
        yield tag, data[start : start + length], data[place : start + length]
        place = start + length


def _new_length(data: "bytes", place: "int") -> "tuple[int, int]":
    first = data[place] if place < len(data) else 0
    if first < 192:
        return place + 1, first
    if first < 224:
        return place + 2, ((first - 192) << 8) + data[place + 1] + 192
    if first == 255:
        return place + 5, int.from_bytes(data[place + 1 : place + 5], "big")
    raise ValueError("a key does not come in pieces of unknown length")


def _old_length(data: "bytes", place: "int", kind: "int") -> "tuple[int, int]":
    if kind == 3:
        return place, len(data) - place
    size = 1 << kind
    return place + size, int.from_bytes(data[place : place + size], "big")
