"""What one run was asked for on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from orchestra.model.record import record


@record
class RunOptions:
    """The wishes of one command line; settings that files can give too are in Settings."""

    limit: str = ""
    tags: tuple[str, ...] = ("all",)
    skip_tags: tuple[str, ...] = ()
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    check: bool = False
    #: In a check run tasks see what earlier ones would have made.
    foresight: bool = True
    diff: bool = False
    become: bool = False
    become_user: str = ""
    become_method: str = ""
    connection: str = ""
    remote_user: str = ""
    #: Seconds for connecting.
    timeout: int = 0
    private_key: str = ""
    ssh_common_args: str = ""
    ssh_extra_args: str = ""
    #: Passwords that were asked for or read from files; Secret values.
    connection_password: str | None = None
    become_password: str | None = None
    start_at_task: str = ""
    step: bool = False
    force_handlers: bool = False
    flush_cache: bool = False
    verbosity: int = 0
