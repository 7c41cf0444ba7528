"""The project around a program: its settings, its inventory, what its templates may name. All of it late.

A program begins in a folder, whose configuration counts as it would for ``orchestra``; vault passwords are those that
its DataLoader was given.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from orchestra.ansible_api.current import Run
from orchestra.scripts.spoken import Spoken

if TYPE_CHECKING:
    from orchestra.engine.assemble import Assembly
    from orchestra.model.event import Event
    from orchestra.settings import Settings


def run() -> Run:
    """What takes a run's place."""
    return Run(_setting, _from_file, warn, outputs=Spoken, scope=_scope)


@cache
def settings() -> Settings:
    """The settings of the folder that the program began in. Raises SettingsError."""
    from orchestra.settings.load import load_settings

    return load_settings(os.environ, os.getcwd())


def warn(text: str) -> None:
    """Tell the user."""
    sys.stderr.write(f"[WARNING]: {text}\n")


def assembly(loader: Any, extra_vars: Mapping[str, Any], sources: Any = None) -> Assembly:
    """The parts of a run that a program may use; ``sources`` are inventories in place of the configured ones."""
    from orchestra.engine.api import Nobody
    from orchestra.engine.assemble import Assembly
    from orchestra.language.vault import VaultOpener
    from orchestra.language.vaultkeys import VaultKey
    from orchestra.model.options import RunOptions
    from orchestra.model.secret import Redactor

    redactor = Redactor()
    keys = [VaultKey(str(name), secret.bytes) for name, secret in getattr(loader, "vault_secrets", ())]
    chosen = settings() if sources is None else replace(settings(), inventory=tuple(sources))
    made = Assembly(chosen, RunOptions(extra_vars=extra_vars), _tell, Nobody(), redactor, VaultOpener(keys, redactor))
    made.plugins.outputs = Spoken()
    return made


def _setting(name: str) -> Any:
    return settings().get(name)


def _from_file(section: str, key: str) -> Any:
    return settings().file_values.get(section, {}).get(key)


def _scope(loader: Any) -> Any:
    """What templates are rendered in that belong to no task."""
    parts = assembly(loader, {})
    return parts.templar.scope({}, parts.static_lookups())


def _tell(event: Event) -> None:
    from orchestra.model.event import Warned

    if isinstance(event, Warned):
        warn(event.message)
