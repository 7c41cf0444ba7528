"""How plugins speak to the user: ``ansible.utils.display``. Warnings are the run's; other texts stand in its output."""

from __future__ import annotations

from typing import Any

from orchestra.ansible_api.current import current, warn
from orchestra.ansible_api.errors import AnsibleError
from orchestra.model.ports import Outputs


def outputs() -> Outputs | None:
    """What shows the run; None where nothing does (a listing)."""
    run = current()
    return run.outputs() if run is not None else None


class Display:
    """Takes what a plugin says."""

    def __init__(self, verbosity: int = 0) -> None:
        self._log_verbosity = verbosity

    @property
    def verbosity(self) -> int:
        """How many -v there were."""
        shown = outputs()
        return shown.verbosity if shown is not None else 0

    @property
    def columns(self) -> int:
        """How wide a banner is."""
        shown = outputs()
        return shown.columns if shown is not None else 79

    def display(
        self,
        msg: Any,
        color: str | None = None,
        stderr: bool = False,
        screen_only: bool = False,
        log_only: bool = False,
        newline: bool = True,
        caplevel: int | None = None,
    ) -> None:
        """Show a text."""
        shown = outputs()
        if shown is not None and not log_only:
            shown.show(str(msg), color or "", error=stderr, newline=newline)

    def verbose(self, msg: Any, host: Any = None, caplevel: int = 2) -> None:
        """Show a text from a verbosity on."""
        if self.verbosity > caplevel:
            self.display(f"<{host}> {msg}" if host else msg, color="verbose", stderr=False)

    def v(self, msg: Any, host: Any = None) -> None:
        """Shown with -v."""
        self.verbose(msg, host, 0)

    def vv(self, msg: Any, host: Any = None) -> None:
        """Shown with -vv."""
        self.verbose(msg, host, 1)

    def vvv(self, msg: Any, host: Any = None) -> None:
        """Shown with -vvv."""
        self.verbose(msg, host, 2)

    def vvvv(self, msg: Any, host: Any = None) -> None:
        """Shown with -vvvv."""
        self.verbose(msg, host, 3)

    def vvvvv(self, msg: Any, host: Any = None) -> None:
        """Shown with -vvvvv."""
        self.verbose(msg, host, 4)

    def vvvvvv(self, msg: Any, host: Any = None) -> None:
        """Shown with -vvvvvv."""
        self.verbose(msg, host, 5)

    def debug(self, msg: Any, host: Any = None) -> None:
        """Part of the interface; there is no debugging log."""

    def banner(self, msg: Any, color: str | None = None, cows: bool = True) -> None:
        """Show a text with stars up to the width."""
        text = str(msg).strip()
        self.display(f"\n{text} {'*' * max(3, self.columns - len(text))}", color=color)

    def warning(self, msg: Any, *args: Any, **more: Any) -> None:
        """Tell the user."""
        warn(str(msg))

    def error(self, msg: Any, *args: Any, **more: Any) -> None:
        """Tell the user."""
        warn(str(msg))

    def error_as_warning(self, msg: Any, exception: BaseException, **more: Any) -> None:
        """Tell the user of an error that ends nothing."""
        warn(f"{msg}: {exception}" if msg else str(exception))

    def system_warning(self, msg: Any) -> None:
        """Tell the user."""
        warn(str(msg))

    def deprecated(self, msg: Any, *args: Any, **more: Any) -> None:
        """Tell the user."""
        warn(f"deprecated: {msg}")

    def prompt(self, msg: Any, private: bool = False) -> str:
        """Part of the interface. Raises AnsibleError: plugins do not ask."""
        raise AnsibleError("a plugin can not ask the user; let the play have vars_prompt")

    prompt_until = do_var_prompt = prompt
