"""Where a program is: Ansible's `common.process`."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def is_executable(path: "str") -> "bool":
    """Whether anybody may execute it."""
    try:
        return bool(os.stat(path).st_mode & 0o111)
    except OSError:
        return False


def get_bin_path(arg: "str", opt_dirs: "Any" = None, required: "Any" = None) -> "str":
    """The path of a program: in `opt_dirs`, in PATH, in the folders of the system's own. Raises ValueError."""
    folders = [folder for folder in opt_dirs or () if folder and os.path.exists(folder)]
    folders += os.environ.get("PATH", "").split(os.pathsep)
    folders += [one for one in ("/sbin", "/usr/sbin", "/usr/local/sbin") if one not in folders and os.path.isdir(one)]
    for folder in folders:
        path = os.path.join(folder, arg)
        if folder and not os.path.isdir(path) and is_executable(path):
            return path
    text = 'Failed to find required executable "{}" in paths: {}'.format(arg, os.pathsep.join(folders))
    raise ValueError(text)
