"""What code for Python 2 still imports: Ansible's `pycompat24`."""

import sys
from ast import literal_eval

__all__ = ["get_exception", "literal_eval"]


def get_exception() -> "BaseException | None":
    """The exception that is being handled."""
    return sys.exc_info()[1]
