"""Small works on values: ``ansible.utils.vars``, ``unsafe_proxy`` and ``path``."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from typing import Any

from orchestra.ansible_api.constants import DEFAULT_PASSWORD_CHARS
from orchestra.ansible_api.current import current

__all__ = ["AnsibleUnsafe", "AnsibleUnsafeBytes", "AnsibleUnsafeText", "combine_vars", "isidentifier", "makedirs_safe",
           "merge_hash", "random_password", "to_unsafe_text", "unfrackpath", "wrap_var"]  # fmt: skip


class AnsibleUnsafe:
    """What comes from outside: never rendered. Here any text that is not the project's own is."""


class AnsibleUnsafeText(str, AnsibleUnsafe):
    """Text from outside."""


class AnsibleUnsafeBytes(bytes, AnsibleUnsafe):
    """Bytes from outside."""


def wrap_var(v: Any) -> Any:
    """A value from outside; plain data is never rendered here, so it is that."""
    if isinstance(v, Mapping):
        return {wrap_var(key): wrap_var(value) for key, value in v.items()}
    if isinstance(v, (list, tuple, set)):
        return type(v)(wrap_var(item) for item in v)
    return str(v) if isinstance(v, str) else v


to_unsafe_text = wrap_var


def merge_hash(x: Any, y: Any, recursive: bool = True, list_merge: str = "replace") -> Any:
    """``x`` with ``y`` on top; ``list_merge`` is replace, keep, append, prepend, append_rp or prepend_rp."""
    merged = dict(x)
    for key, value in y.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping) and recursive:
            merged[key] = merge_hash(old, value, recursive, list_merge)
        elif isinstance(old, list) and isinstance(value, list):
            merged[key] = _merged_lists(old, value, list_merge)
        else:
            merged[key] = value
    return merged


def _merged_lists(old: list[Any], new: list[Any], how: str) -> list[Any]:
    if how == "keep":
        return old
    if how.startswith(("append", "prepend")) and how.endswith("_rp"):
        old = [item for item in old if item not in new]
    if how.startswith("append"):
        return old + new
    return new + old if how.startswith("prepend") else new


def combine_vars(a: Any, b: Any, merge: bool | None = None) -> Any:
    """``a`` with ``b`` on top, as the setting hash_behaviour says."""
    run = current()
    if merge is None and run is not None:
        merge = run.setting("DEFAULT_HASH_BEHAVIOUR") == "merge"
    return merge_hash(a, b) if merge else {**a, **b}


def random_password(length: int = 20, chars: str = DEFAULT_PASSWORD_CHARS, seed: Any = None) -> str:
    """Random characters; the same for the same seed."""
    chooser = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311  the caller asks for it
    return "".join(chooser.choice(chars) for _ in range(length))


def isidentifier(ident: Any) -> bool:
    """Whether a text may be a variable's name."""
    import keyword

    return isinstance(ident, str) and ident.isascii() and ident.isidentifier() and not keyword.iskeyword(ident)


def unfrackpath(path: Any, follow: bool = True, basedir: Any = None) -> str:
    """An absolute path without ~, $VARIABLES and links."""
    full = os.path.join(basedir or os.getcwd(), os.path.expanduser(os.path.expandvars(path)))
    return os.path.realpath(full) if follow else os.path.normpath(full)


def makedirs_safe(path: Any, mode: Any = None) -> None:
    """Make a folder with those above it."""
    os.makedirs(unfrackpath(path, follow=False), mode or 0o777, exist_ok=True)
