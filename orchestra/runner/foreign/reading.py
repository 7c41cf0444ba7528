"""Files and mounts as modules that tell facts read them: Ansible's `facts.utils`. What cannot be read is no error."""

import os

from orchestra.runner.parts.facts.mounts import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def get_file_content(path: "str", default: "Any" = None, strip: "bool" = True) -> "Any":
    """A file's text; ``default`` where it is empty or cannot be read."""
    try:
        with open(
            os.open(path, os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8"
        ) as file:  # a pipe of the kernel's may wait
            text = file.read()
    except (OSError, ValueError):
        return default
    return (text.strip() if strip else text) or default


def get_file_lines(path: "str", strip: "bool" = True, line_sep: "str | None" = None) -> "list[str]":
    """A file's lines, or its parts between ``line_sep``; one character as separator makes no empty parts at the end."""
    text = get_file_content(path, "", strip)
    if not text or line_sep is None:
        return text.splitlines()  # type: ignore[no-any-return]
    return (text.rstrip(line_sep) if len(line_sep) == 1 else text).split(line_sep)  # type: ignore[no-any-return]


def get_mount_size(mountpoint: "str") -> "dict[str, int]":
    """How large a file system is and what is free of it; nothing where there is none."""
    try:
        return counted(os.statvfs(mountpoint))
    except OSError:
        return {}
