"""The variables that Orchestra itself provides: names of hosts and groups, of the play, the role and the run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from orchestra.model.host import Host, Inventory
from orchestra.model.options import RunOptions
from orchestra.model.origin import TemplateText
from orchestra.model.play import RoleRef, Task

#: The release of ansible-core whose language we speak; roles compare with it.
LANGUAGE_VERSION = (2, 19, 14)


class HostVars(Mapping[str, Any]):
    """``hostvars``: each host's variables, made when somebody asks for them."""

    __slots__ = ("_names", "_view")

    def __init__(self, names: Callable[[], Mapping[str, Any]], view: Callable[[str], Mapping[str, Any] | None]) -> None:
        self._names = names
        self._view = view

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        view = self._view(name)
        if view is None:
            raise KeyError(name)
        return view

    def __contains__(self, name: object) -> bool:
        return name in self._names() or (isinstance(name, str) and self._view(name) is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())


class LazyVariables(Mapping[str, Any]):
    """Variables whose values are computed on access."""

    __slots__ = ("_makers",)

    def __init__(self, makers: Mapping[str, Callable[[], Any]]) -> None:
        self._makers = makers

    def __getitem__(self, name: str) -> Any:
        return self._makers[name]()

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class ProvidedText(str):
    """What we say of the way to a host where nobody else does; never a wish of the project's."""

    __slots__ = ()


_WAY = frozenset(
    ("ansible_connection", "ansible_host", "ansible_ssh_host", "ansible_user", "ansible_ssh_user", "ansible_password")
)


#: What a delegated task sees of the way to the other host, where its own host says nothing.
DELEGATED = ("ansible_host", "ansible_ssh_host", "ansible_user", "ansible_port", "ansible_ssh_port")


class WayVariables(Mapping[str, Any]):
    """The weakest variables of a task: how its host is reached, where no other variable says it."""

    __slots__ = ("_host", "_options", "_task", "_transport", "_user")

    def __init__(self, host: Host, task: Task, options: RunOptions, transport: str, user: str) -> None:
        self._host = host
        self._task = task
        self._options = options
        self._transport = transport
        self._user = user

    def __getitem__(self, name: str) -> Any:
        if name in _WAY:
            if name.endswith("password"):
                return self._password(name)
            if name.endswith("host"):
                return ProvidedText(self._host.name)
            if name.endswith("connection"):
                return self._connection()
            user = self._keyword(self._task.remote_user) or self._options.remote_user or self._user
            if user:
                return ProvidedText(user)
        raise KeyError(name)

    def _password(self, name: str) -> str:
        """The login password that was asked for, as a secret."""
        if self._options.connection_password is None:
            raise KeyError(name)
        return self._options.connection_password

    def _connection(self) -> ProvidedText:
        transport = "local" if self._host.implicit else self._options.connection or self._transport
        kind = self._keyword(self._task.connection) or transport
        return ProvidedText("ssh" if kind == "smart" else kind)

    @staticmethod
    def _keyword(value: Any) -> str:
        """A keyword's text; nothing for a template, which would need the variables that are being made."""
        return "" if value is None or isinstance(value, TemplateText) else str(value)

    def __contains__(self, name: object) -> bool:
        return name in _WAY and self.get(str(name)) is not None

    def __iter__(self) -> Iterator[str]:
        return (name for name in sorted(_WAY) if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        """True without counting: a host always has a name."""
        return True


def groups_of(inventory: Inventory) -> dict[str, list[str]]:
    """``groups``: group name -> names of all its hosts, those of children included, in inventory order."""
    members: dict[str, list[str]] = {name: [] for name in ("all", "ungrouped")}
    members.update({name: [] for name in inventory.groups})
    for host in inventory.hosts.values():
        if host.implicit:
            continue
        members["all"].append(host.name)
        for group in host.groups:
            if group != "all":
                members.setdefault(group, []).append(host.name)
    return members


def run_variables(options: RunOptions, forks: int, inventory: Inventory, config_file: str | None) -> dict[str, Any]:
    """What stays the same for a whole run."""
    major, minor, revision = LANGUAGE_VERSION
    full = f"{major}.{minor}.{revision}"
    variables: dict[str, Any] = {
        "ansible_check_mode": options.check,
        "ansible_diff_mode": options.diff,
        "ansible_config_file": config_file or None,
        "ansible_forks": forks,
        "ansible_inventory_sources": [source_path(source) for source in inventory.sources],
        "ansible_playbook_python": sys.executable,
        "ansible_run_tags": list(options.tags),
        "ansible_skip_tags": list(options.skip_tags),
        "ansible_verbosity": options.verbosity,
        "ansible_version": {"full": full, "major": major, "minor": minor, "revision": revision, "string": full},
    }
    if options.limit:
        variables["ansible_limit"] = options.limit
    return variables


def source_path(source: str) -> str:
    """An inventory source as projects see it: absolute, unless it is a list of hosts."""
    return source if "," in source else os.path.abspath(source)


def role_variables(task: Task) -> dict[str, Any]:
    """What a task of a role knows about its role."""
    role = task.role
    if role is None:
        return {}
    full = role.name
    return {
        "role_name": role.name.rpartition(".")[2] if role.collection else role.name,
        "role_path": role.path,
        "role_uuid": role.key,
        "ansible_role_name": full,
        "ansible_collection_name": role.collection or None,
        **_includers(role),
    }


def _includers(role: RoleRef) -> dict[str, Any]:
    if not role.includers:
        return {}
    return {
        "ansible_parent_role_names": list(role.includers),
        "ansible_parent_role_paths": list(role.includer_paths),
    }
