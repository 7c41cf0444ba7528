"""Does what actions wished for: facts to keep, hosts and groups to add, numbers to report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from orchestra.engine.hoststate import HostState
from orchestra.engine.results import ActionResult, AddHostWish, GroupWish
from orchestra.errors import OrchestraError
from orchestra.model.event import Warned
from orchestra.model.host import Inventory

if TYPE_CHECKING:
    from orchestra.engine.services import Services
    from orchestra.engine.task import Finished


def fulfil(services: Services, finished: Finished, host: HostState) -> None:
    """Do what the actions of a finished task wished for on ``host``."""
    for action in finished.results:
        receiver = services.state(action.receiver) if action.receiver else None
        _keep_facts(services, action, receiver or host)
        if action.included_vars:
            host.included_vars.update(action.included_vars)
        if action.group is not None:
            _join_group(services, action.group, host)
        if action.stats:
            _keep_stats(services, action.stats, host)


def _keep_facts(services: Services, action: ActionResult, host: HostState) -> None:
    if action.set_facts:
        host.live_vars.update(action.set_facts)
        if action.cacheable:
            _learn(services, host, action.set_facts, inject=False)
    returned = action.reply.data.get("ansible_facts")
    if isinstance(returned, Mapping) and not action.set_facts and not action.included_vars:
        _learn(services, host, returned, inject=services.settings.inject_facts_as_vars)


def _learn(services: Services, host: HostState, facts: Mapping[str, Any], *, inject: bool) -> None:
    host.learn_facts(facts, inject=inject)
    if services.fact_cache is not None:
        services.fact_cache.add(host, facts)


def add_host(services: Services, wish: AddHostWish) -> None:
    """Put a host into the inventory, or change the one of that name."""
    from orchestra.inventory.change import with_host

    _change(services, lambda inventory: with_host(inventory, wish.name, wish.groups, wish.variables))


def _join_group(services: Services, wish: GroupWish, host: HostState) -> None:
    from orchestra.inventory.change import with_group
    from orchestra.inventory.localhost import find_host

    def join(inventory: Inventory) -> Inventory:
        return with_group(inventory, name, wish.group, wish.parents) if find_host(inventory, name) else inventory

    name = host.name
    _change(services, join)


def _change(services: Services, addition: Callable[[Inventory], Inventory]) -> None:
    changed = addition(services.inventory)
    if changed is services.inventory:
        return
    services.additions.append(addition)
    services.inventory = changed
    _renew(services)


def _renew(services: Services) -> None:
    """Let everything that was made from the old inventory follow the new one."""
    services.host_variables = services.host_variables.with_inventory(services.inventory)
    for state in services.states.values():
        state.host = services.inventory.hosts.get(state.name, state.host)
    services.routes.forget()


def _keep_stats(services: Services, stats: Mapping[str, Any], host: HostState) -> None:
    kept: dict[str, Any] = services.custom_stats.setdefault("_run" if stats.get("per_host") is False else host.name, {})
    for name, value in stats["data"].items():
        held = kept.get(name)
        mixes = stats.get("aggregate") and type(held) is type(value)
        if mixes and isinstance(held, dict):
            kept[name] = {**held, **value}
        elif mixes and isinstance(held, (int, float, str, list)):
            kept[name] = held + value
        else:
            kept[name] = value


def warn_error(services: Services, error: OrchestraError) -> None:
    """Say an error that belongs to no single host."""
    services.emit(Warned(error.message, error.origin))
