"""How plugins speak to the user: ``ansible.utils.display``. Warnings reach the run's output; chatter does not."""

from __future__ import annotations

from typing import Any

from orchestra.ansible_api.current import warn


class Display:
    """Takes what a plugin says."""

    verbosity = 0
    columns = 79

    def warning(self, msg: Any, *args: Any, **more: Any) -> None:
        """Tell the user."""
        warn(str(msg))

    def error(self, msg: Any, *args: Any, **more: Any) -> None:
        """Tell the user."""
        warn(str(msg))

    def deprecated(self, msg: Any, *args: Any, **more: Any) -> None:
        """Tell the user."""
        warn(f"deprecated: {msg}")

    def display(self, msg: Any, *args: Any, **more: Any) -> None:
        """Part of the interface; a plugin does not print into a run's output."""

    banner = display
    debug = display
    verbose = display
    v = vv = vvv = vvvv = vvvvv = vvvvvv = display
