"""SELinux contexts: the part of AnsibleModule that tells a path's own and the one that the policy gives it."""

from orchestra.runner.foreign.session import current
from orchestra.runner.foreign.text import to_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Labels:
    """A part of AnsibleModule. A context is user, role, type and, where SELinux has levels, the level."""

    def selinux_initial_context(self) -> "list[Any]":
        """A context of which nothing is known."""
        return [None] * (4 if self.selinux_mls_enabled() else 3)  # type: ignore[attr-defined]

    def selinux_context(self, path: "Any") -> "list[Any]":
        """A path's own context."""
        found = current().system.context(to_text(path)) if self.selinux_enabled() else None  # type: ignore[attr-defined]
        return found.split(":", 3) if found else self.selinux_initial_context()

    def selinux_default_context(self, path: "Any", mode: "int" = 0) -> "list[Any]":
        """The context that the policy gives a path."""
        system = current().system
        if not self.selinux_enabled() or system.which("matchpathcon") is None:  # type: ignore[attr-defined]
            return self.selinux_initial_context()
        rc, out, _ = system.query(["matchpathcon", "-n", to_text(path)])
        known = rc == 0 and ":" in out
        return out.strip().split(":", 3) if known else self.selinux_initial_context()

    def set_default_selinux_context(self, path: "Any", changed: "bool") -> "bool":
        """Give a path the context that the policy has for it."""
        if not self.selinux_enabled():  # type: ignore[attr-defined]
            return changed
        context = self.selinux_default_context(path)
        return bool(self.set_context_if_different(path, context, False))  # type: ignore[attr-defined]
