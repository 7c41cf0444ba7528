"""Starting a module again under another Python, which a resident runner can not: Ansible's `common.respawn`."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def has_respawned() -> "bool":
    """True, so that a module says what it lacks instead of starting itself again."""
    return True


def respawn_module(interpreter_path: "str") -> "Any":
    """Not possible here. Raises RuntimeError."""
    raise RuntimeError("set ansible_python_interpreter to {} for this host".format(interpreter_path))


def probe_interpreters_for_module(interpreter_paths: "Any", module_name: "str") -> "str | None":
    """The first of these interpreters that can import a module."""
    import os
    import subprocess

    for path in interpreter_paths:
        if os.path.exists(path) and path != sys.executable:
            done = subprocess.run([path, "-c", "import " + module_name], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)  # fmt: skip
            if done.returncode == 0:
                return str(path)
    return None
