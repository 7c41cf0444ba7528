"""What a project's plugins may extend: modules such as ``ansible.plugins.action.copy``, made when they are imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _action(name: str) -> dict[str, Any]:
    from orchestra.ansible_api import action

    return {**vars(action), "ActionModule": action.builtin(name)}


def _connection(name: str) -> dict[str, Any]:
    from orchestra.ansible_api import connection

    return {**vars(connection), "Connection": connection.native(name)}


def _become(name: str) -> dict[str, Any]:
    from orchestra.ansible_api import becoming

    return {**vars(becoming), "BecomeModule": becoming.become(name)}


def _strategy(name: str) -> dict[str, Any]:
    from orchestra.ansible_api import strategy

    return {**vars(strategy), "StrategyModule": strategy.strategy(name)}


_ACTIONS = """
add_host assemble assert async_status command copy debug dnf fail fetch gather_facts group_by include_vars normal
package pause raw reboot script service set_fact set_stats shell template unarchive uri validate_argument_spec
wait_for_connection yum
"""
#: Package of Ansible -> the names in it, and what a module of such a name holds.
BASES: dict[str, tuple[frozenset[str], Callable[[str], dict[str, Any]]]] = {
    "ansible.plugins.action": (frozenset(_ACTIONS.split()), _action),
    "ansible.plugins.become": (frozenset(("doas", "su", "sudo")), _become),
    "ansible.plugins.connection": (frozenset(("local", "paramiko_ssh", "ssh")), _connection),
    "ansible.plugins.strategy": (frozenset(("debug", "free", "host_pinned", "linear")), _strategy),
}
