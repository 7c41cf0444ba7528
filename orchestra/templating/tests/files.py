"""Tests about files of the controller, and about URLs."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterable
from typing import Any

from orchestra.errors import TemplateError
from orchestra.templating.filters.text import as_text

_VAULT_HEADER = b"$ANSIBLE_VAULT;"


def _on_path(function: Callable[..., bool], said: str) -> Callable[..., bool]:
    def test_path(value: Any, *others: Any) -> bool:
        return function(as_text(value), *map(as_text, others))

    test_path.__doc__ = said
    return test_path


def vaulted_file(value: Any) -> bool:
    """A file that is a vault."""
    try:
        with open(as_text(value), "rb") as file:
            return file.read(len(_VAULT_HEADER)) == _VAULT_HEADER
    except OSError as error:
        raise TemplateError(f"the file '{value}' can not be read: {error.strerror}") from None


def uri(value: Any, schemes: Iterable[str] | None = None) -> bool:
    """A URI, of one of these schemes if they are given."""
    from urllib.parse import urlparse

    try:
        parts = urlparse(value)
    except (AttributeError, TypeError, ValueError):
        return False
    return not schemes or parts.scheme in schemes


def url(value: Any, schemes: Iterable[str] | None = None) -> bool:
    """A URL."""
    from urllib.parse import urlparse

    if not uri(value, schemes):
        return False
    parts = urlparse(value)
    return bool(parts.netloc or parts.scheme == "file")


def urn(value: Any) -> bool:
    """A URN."""
    return uri(value, ["urn"])


_PATHS: dict[str, Callable[..., bool]] = {
    "directory": _on_path(os.path.isdir, "A folder on the controller."),
    "file": _on_path(os.path.isfile, "A regular file on the controller."),
    "link": _on_path(os.path.islink, "A symbolic link on the controller."),
    "abs": _on_path(os.path.isabs, "An absolute path."),
    "same_file": _on_path(os.path.samefile, "The same file on the controller as another path."),
    "mount": _on_path(os.path.ismount, "Where a file system is mounted on the controller."),
}
TESTS: dict[str, Callable[..., Any]] = {
    **_PATHS,
    "is_dir": _PATHS["directory"],
    **{f"is_{name}": test for name, test in _PATHS.items() if name != "directory"},
    "exists": _on_path(os.path.exists, "A path that is there on the controller."),
    "link_exists": _on_path(os.path.lexists, "A path that is there on the controller, or a link to nothing."),
    "vaulted_file": vaulted_file,
    "uri": uri,
    "url": url,
    "urn": urn,
}
