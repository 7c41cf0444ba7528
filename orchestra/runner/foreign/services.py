"""What modules about services share: Ansible's `service`."""

import glob
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def fail_if_missing(module: "Any", found: "bool", service: "str", msg: "str" = "") -> "None":
    """End the task as failed where a service is not there."""
    if not found:
        module.fail_json(msg="Could not find the requested service {}: {}".format(service, msg))


def get_sysv_script(name: "str") -> "str":
    """The path of an init script."""
    return name if name.startswith("/") else "/etc/init.d/{}".format(name)


def sysv_exists(name: "str") -> "bool":
    """Whether there is an init script."""
    return os.path.exists(get_sysv_script(name))


def sysv_is_enabled(name: "str", runlevel: "Any" = None) -> "bool":
    """Whether an init script starts something in a run level (any but S and 0, 1, 6 where none is named)."""
    folders = "/etc/rc{}.d".format(runlevel) if runlevel else "/etc/rc?.d"
    return bool(glob.glob("{}/S??{}".format(folders, name)))


def get_ps(module: "Any", pattern: "str") -> "bool":
    """Whether a process of this name runs, as ps says."""
    rc, out, _ = module.run_command([module.get_bin_path("ps", True), "auxww"])
    return rc == 0 and any(pattern in line for line in out.split("\n"))


check_ps = get_ps
