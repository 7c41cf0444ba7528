"""Filters that hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from orchestra.errors import TemplateError, nearest
from orchestra.templating.filters.text import as_text

#: The namespace that Ansible's to_uuid is documented to use.
_NAMESPACE = "361E6D51-FAEC-444A-9079-341386DA8E2E"


def digest(value: Any, hashtype: str = "sha1") -> str:
    """The digest of a text in hexadecimal."""
    try:
        maker = hashlib.new(hashtype)
    except ValueError:
        close = nearest(hashtype, hashlib.algorithms_available)
        hint = f"did you mean '{close[0]}'?" if close else "sha256 is one"
        raise TemplateError(f"unsupported hash type {hashtype}", hint=hint) from None
    maker.update(as_text(value).encode("utf-8", "surrogateescape"))
    return maker.hexdigest()


def md5(value: Any) -> str:
    """MD5 of a text."""
    return digest(value, "md5")


def sha1(value: Any) -> str:
    """SHA-1 of a text."""
    return digest(value, "sha1")


def password_hash(
    password: Any,
    hashtype: str = "sha512",
    salt: Any = None,
    salt_size: int | None = None,
    rounds: int | None = None,
    ident: str | None = None,
) -> str:
    """A login password's hash."""
    from orchestra.templating.hashing import hash_password

    if not isinstance(password, (str, bytes)):
        raise TemplateError(f"secret must be unicode or bytes, not {type(password).__name__}")
    return hash_password(
        as_text(password),
        hashtype,
        salt=None if salt is None else as_text(salt),
        salt_size=salt_size,
        rounds=rounds,
        ident=ident,
    )


def to_uuid(value: Any, namespace: Any = _NAMESPACE) -> str:
    """A UUID that always is the same for the same text."""
    import uuid

    if not isinstance(namespace, uuid.UUID):
        try:
            namespace = uuid.UUID(namespace)
        except (AttributeError, ValueError):
            text = f"Invalid value {str(namespace)!r} for 'namespace': it is no UUID"
            raise TemplateError(text) from None
    return str(uuid.uuid5(namespace, as_text(value)))


FILTERS: dict[str, Callable[..., Any]] = {
    "hash": digest,
    "md5": md5,
    "sha1": sha1,
    "checksum": sha1,
    "password_hash": password_hash,
    "to_uuid": to_uuid,
}
