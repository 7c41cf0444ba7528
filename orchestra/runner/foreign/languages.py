"""Which locale a program's output can be read in: Ansible's `common.locale`."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def get_best_parsable_locale(module: "Any", preferences: "Any" = None, raise_on_locale: "bool" = False) -> "str":
    """The first of C.utf8, C.UTF-8, en_US.utf8, C and POSIX that the host has."""
    preferences = preferences or ("C.utf8", "C.UTF-8", "en_US.utf8", "C", "POSIX")
    program = module.get_bin_path("locale")
    if not program:
        if raise_on_locale:
            raise RuntimeWarning("Could not find 'locale' tool")
        return "C"
    rc, out, _ = module.run_command([program, "-a"])
    there = out.split() if rc == 0 else []
    return next((name for name in preferences if name in there), "C")
