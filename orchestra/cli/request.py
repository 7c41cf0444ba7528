"""From the flags of one command line to settings, wishes, passwords and vault: all that a run starts with."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from orchestra.cli.console import Console
from orchestra.cli.extravars import read_extra_vars
from orchestra.cli.passwords import read_passwords
from orchestra.errors import NoSuchPlaybook
from orchestra.language.vault import VaultOpener
from orchestra.language.vaultkeys import read_keys, sources
from orchestra.model.options import RunOptions
from orchestra.model.record import record
from orchestra.model.secret import Redactor
from orchestra.settings import Settings, load_settings

#: Flags that are settings under another name.
_SETTING_FLAGS = {
    "forks": "forks",
    "task_timeout": "task_timeout",
    "playbook_dir": "playbook_dir",
}


@record
class Request:
    """What one command line asks for."""

    settings: Settings
    options: RunOptions
    redactor: Redactor
    vault: VaultOpener
    #: What the user should know about the configuration.
    warnings: tuple[str, ...] = ()


def read_request(flags: Mapping[str, Any], console: Console, environ: Mapping[str, str] = os.environ) -> Request:
    """Read settings, passwords and variables.

    Raises:
        OrchestraError: anything that the user has to mend.
    """
    settings = read_settings(flags, environ)
    redactor = Redactor()
    warnings: list[str] = []
    vault = open_vault(settings, console, redactor, warnings.append)
    passwords = read_passwords(flags, settings, console, redactor)
    merge = settings.hash_behaviour == "merge"
    extra_vars = read_extra_vars(flags.get("extra_vars", ()), vault, merge=merge)
    options = options_of(flags, settings, extra_vars, passwords)
    return Request(settings, options, redactor, vault, tuple(warnings))


def read_settings(flags: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings with what flags replace or add to."""
    settings = load_settings(environ, os.getcwd(), overrides_of(flags))
    changes = _additions(flags, settings)
    return replace(settings, **changes) if changes else settings


def _additions(flags: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Flags that add to what files and environment say: module folders go in front, vault passwords behind."""
    changes: dict[str, Any] = {}
    if flags.get("module_path"):
        folders = [folder for text in flags["module_path"] for folder in text.split(os.pathsep) if folder]
        changes["library"] = (*(os.path.abspath(os.path.expanduser(one)) for one in folders), *settings.library)
    files = [f"{settings.vault_identity}@{file}" for file in flags.get("vault_password_files", ())]
    if flags.get("vault_ids") or files:
        changes["vault_identity_list"] = (*settings.vault_identity_list, *flags.get("vault_ids", ()), *files)
        changes["ask_vault_pass"] = False
    if flags.get("ask_vault_pass"):
        changes["ask_vault_pass"] = True
    return changes


def overrides_of(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that flags replace; only those that were given."""
    overrides = {field: flags[flag] for flag, field in _SETTING_FLAGS.items() if flags.get(flag) is not None}
    if "playbook_dir" in overrides:
        overrides["playbook_dir"] = os.path.abspath(overrides["playbook_dir"])
    if flags.get("inventory"):
        overrides["inventory"] = tuple(_source(source) for source in flags["inventory"])
    return overrides


def _source(text: str) -> str:
    """A path made absolute, or a list of hosts (it has a comma) as it is."""
    return text if "," in text else os.path.abspath(os.path.expanduser(text))


def open_vault(
    settings: Settings, console: Console, redactor: Redactor, on_warning: Callable[[str], None]
) -> VaultOpener:
    """The vault with the passwords that settings (and so flags) name. Raises VaultError."""
    keys = read_keys(vault_sources(settings), console.password, on_warning=on_warning)
    return VaultOpener(keys, redactor, match_ids=settings.vault_id_match)


def vault_sources(settings: Settings) -> tuple[str, ...]:
    """Where vault passwords come from, as ``label@source``."""
    return sources(settings.vault_identity_list, setting_file=settings.vault_password_file, ask=settings.ask_vault_pass)


def options_of(
    flags: Mapping[str, Any],
    settings: Settings,
    extra_vars: Mapping[str, Any],
    passwords: tuple[str | None, str | None],
) -> RunOptions:
    """The wishes; where a flag was not given, the setting of the same meaning."""

    def text(name: str) -> str:
        return flags.get(name) or ""

    return RunOptions(
        limit=":".join(flags.get("limit", ())),
        tags=_split(flags.get("tags", ())) or settings.tags_run or ("all",),
        skip_tags=_split(flags.get("skip_tags", ())) or settings.tags_skip,
        extra_vars=extra_vars,
        check=bool(flags.get("check")),
        foresight=_foresees(settings, flags),
        diff=bool(flags.get("diff")) or settings.diff_always,
        become=bool(flags.get("become")),
        become_user=text("become_user"),
        become_method=text("become_method"),
        connection=text("connection"),
        remote_user=text("remote_user"),
        timeout=flags.get("timeout") or 0,
        private_key=os.path.expanduser(text("private_key")),
        ssh_common_args=text("ssh_common_args"),
        ssh_extra_args=text("ssh_extra_args"),
        connection_password=passwords[0],
        become_password=passwords[1],
        start_at_task=text("start_at_task"),
        step=bool(flags.get("step")),
        force_handlers=bool(flags.get("force_handlers")) or settings.force_handlers,
        flush_cache=bool(flags.get("flush_cache")),
        verbosity=flags.get("verbose") or settings.verbosity,
    )


def output_mode(settings: Settings, flags: Mapping[str, Any]) -> str:
    """The form of output that is asked for."""
    return str(flags.get("output") or settings.output)


def _foresees(settings: Settings, flags: Mapping[str, Any]) -> bool:
    """Who reads Ansible's output expects its results, of a check run too: there each task is by itself."""
    if settings.check_foresight == "auto":
        return output_mode(settings, flags) != "ansible"
    return settings.check_foresight == "yes"


def _split(texts: Sequence[str]) -> tuple[str, ...]:
    """``-t a,b -t c`` as one list."""
    return tuple(dict.fromkeys(part.strip() for text in texts for part in text.split(",") if part.strip()))


def existing_playbooks(paths: Sequence[str]) -> None:
    """Raise NoSuchPlaybook for a playbook that is not there, with the nearest file name."""
    for path in paths:
        if not os.path.exists(path):
            raise NoSuchPlaybook(f"the playbook: {path} could not be found", hint=_near_file(path))
        if os.path.isdir(path):
            raise NoSuchPlaybook(f"the playbook: {path} does not appear to be a file", hint="it is a folder")


def _near_file(path: str) -> str:
    from orchestra.errors import nearest

    folder, name = os.path.split(path)
    try:
        near = nearest(name, os.listdir(folder or "."), 1)
    except OSError:
        return f"there is no folder {folder}"
    return f"did you mean {os.path.join(folder, near[0])}?" if near else ""
