"""Choose who manages a host's packages: whom the task names, else whom a variable of the host names, else the host."""

from __future__ import annotations

from typing import Any

from orchestra.engine.actions import module
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed

#: The managers that our own module speaks to; what else is named is a module.
_MANAGERS = frozenset(("apt", "apk", "dnf", "dnf4", "dnf5", "pacman", "yum", "yum4", "zypper"))


async def run(context: TaskContext) -> ActionResult:
    """With ``use``, or ``ansible_package_use``, another module may take the task; it gets all other options."""
    asked = context.args.get("use") or "auto"
    if asked == "auto":
        asked = context.scope.get("ansible_package_use") or "auto"
    if asked == "auto":
        return await module.run(context)
    return await _through(context, str(asked))


async def _through(context: TaskContext, name: str) -> ActionResult:
    library = context.services.library
    options: dict[str, Any] = {option: value for option, value in context.args.items() if option != "use"}
    if name.rpartition(".")[2] in _MANAGERS and not library.overrides(name):
        return await module.call(context, "ansible.builtin.package", {**options, "use": name})
    if library.find(name) is None:
        return failed(f'Could not find a matching action for the "{name}" package manager.')
    return await module.call(context, name, options)
