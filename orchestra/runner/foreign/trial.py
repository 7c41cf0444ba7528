"""Ansible's `module_utils.testing`: options for the modules that are made inside a `with`, whatever the task gave."""

import contextlib

from orchestra.runner.foreign.session import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator


@contextlib.contextmanager
def patch_module_args(args: "dict[str, Any] | None" = None) -> "Iterator[None]":
    """Each AnsibleModule made inside has these options."""
    if args is not None and not isinstance(args, dict):
        raise TypeError("The `args` arg must be a dict or None.")
    session = current()
    held, session.params = session.params, dict(args or {})
    try:
        yield
    finally:
        session.params = held
