"""Facts as modules ask for them: Ansible's `facts.compat`, over the facts that the setup module gathers."""

from orchestra.runner.foreign.session import current
from orchestra.runner.parts.facts.gather import gather
from orchestra.runner.parts.facts.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def get_all_facts(module: "Any") -> "dict[str, Any]":
    """The facts of the module's gather_subset, with ansible_ before each name."""
    system = current().system
    source = Source(run=system.query, environ=system.environ, timeout=10, warn=system.warn)
    return gather(source, list(module.params.get("gather_subset") or ["all"]), [])


def ansible_facts(module: "Any", gather_subset: "Any" = None) -> "dict[str, Any]":
    """The facts of these subsets, without ansible_ before their names."""
    system = current().system
    asked = list(gather_subset or module.params.get("gather_subset") or ["all"])
    source = Source(run=system.query, environ=system.environ, timeout=10, warn=system.warn)
    return {name[len("ansible_") :]: value for name, value in gather(source, asked, []).items()}
