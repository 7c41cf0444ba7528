"""What a pull is made of: where the checkout lies, the module's options, which playbook, which hosts. Decides only."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestra.errors import UsageError

#: Modules that can bring a checkout up to date.
MODULES = ("git", "subversion")
#: Flags whose value may be a file that lies beside the caller rather than in the checkout.
_FILES = ("vault_password_files", "vault_ids", "connection_password_file", "become_password_file", "private_key",
          "inventory", "extra_vars")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A repository and how to take it."""

    url: str
    folder: str
    module: str = "git"
    #: Branch, tag, commit or revision; empty: what the module takes by itself.
    version: str = ""
    clean: bool = False
    full: bool = False
    verify: bool = False
    accept_host_key: bool = False
    track_submodules: bool = False
    key_file: str = ""


def options_of(source: Source) -> Mapping[str, Any]:
    """The options for the module that takes it."""
    given: dict[str, Any] = {"repo": source.url, "dest": source.folder}
    if source.module == "git":
        given |= {
            "version": source.version,
            "key_file": source.key_file,
            "accept_hostkey": source.accept_host_key,
            "verify_commit": source.verify,
            "track_submodules": source.track_submodules,
            "depth": 0 if source.full else 1,
        }
    else:
        given |= {"revision": source.version, "export": not source.full}
    given["force"] = source.clean
    return {name: value for name, value in given.items() if value}


def own_names() -> tuple[str, ...]:
    """What this host is called: fully, as it calls itself, and both without their domain."""
    names = (socket.getfqdn(), socket.gethostname())
    return tuple(dict.fromkeys([*names, *(name.partition(".")[0] for name in names)]))


def default_folder(home: str) -> str:
    """Where the checkout lies unless somebody says so; the host's own, since homes are shared between hosts."""
    return os.path.join(home, "pull", socket.getfqdn())


def own_limit(names: Sequence[str]) -> str:
    """The pattern that selects this host, whatever the inventory calls it."""
    return ",".join(("localhost", *names, "127.0.0.1"))


def choose_playbooks(folder: str, asked: Sequence[str], names: Sequence[str]) -> list[str]:
    """The playbooks of a checkout: those asked for, else the host's own, else ``local.yml``.

    Raises:
        UsageError: there is none.
    """
    if asked:
        paths = [os.path.join(folder, name) for name in asked]
        missing = [path for path in paths if not os.path.isfile(path)]
        if missing:
            raise UsageError(f"Could not find a playbook to run: {', '.join(missing)} is not in the checkout")
        return paths
    candidates = [os.path.join(folder, f"{name}.yml") for name in (*names, "local")]
    found = next((path for path in candidates if os.path.isfile(path)), None)
    if found is None:
        tried = ", ".join(os.path.basename(path) for path in candidates)
        raise UsageError("Could not find a playbook to run.", hint=f"name one; looked in {folder} for {tried}")
    return [found]


def rooted(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Flags with the files that exist here made absolute; others are looked for in the checkout."""
    changed = dict(flags)
    for name in _FILES:
        value = flags.get(name)
        if isinstance(value, str):
            changed[name] = _absolute(value)
        elif value:
            changed[name] = tuple(_absolute(one) for one in value)
    return changed


def _absolute(text: str) -> str:
    head, at, path = text.rpartition("@")
    expanded = os.path.expanduser(path)
    if "," in path or not path or not os.path.exists(expanded):
        return text
    return f"{head}{at}{os.path.abspath(expanded)}"


def outside_sources(sources: Iterable[str]) -> tuple[str, ...]:
    """The inventories that are there before the checkout is; this host alone where none is."""
    there = tuple(source for source in sources if "," in source or os.path.exists(source))
    return there or ("localhost,",)
