"""A playbook as the language room understood it: plays, blocks, tasks, with inheritance already resolved.

Values that came from the user's files may be or hold TemplateText; the engine renders them late, per host.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from orchestra.model.origin import Origin
from orchestra.model.record import record


@record
class RoleRef:
    """One use of a role: where it is and the variables it brings (all raw, outer layers first)."""

    name: str
    path: str
    #: Defaults and vars that its tasks see: those of the roles that depend on it, of its dependencies, its own.
    default_layers: tuple[Mapping[str, Any], ...] = ()
    var_layers: tuple[Mapping[str, Any], ...] = ()
    #: The same without those of the roles that depend on it: what the whole play sees of it.
    exported_defaults: tuple[Mapping[str, Any], ...] = ()
    exported_vars: tuple[Mapping[str, Any], ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    #: Names and folders of the roles that brought it in as a dependency, outermost first.
    parents: tuple[str, ...] = ()
    parent_paths: tuple[str, ...] = ()
    #: Names and folders of the roles whose tasks included or imported it, the nearest first.
    includers: tuple[str, ...] = ()
    includer_paths: tuple[str, ...] = ()
    collection: str = ""
    #: Where its tasks look for modules, as its meta file says.
    collections: tuple[str, ...] = ()
    #: Equal for two uses that count as the same, so that the second is skipped.
    key: str = ""
    allow_duplicates: bool = False
    #: Whether its variables are the play's as well; None: as the settings have it.
    public: bool | None = None
    origin: Origin | None = None

    @property
    def short_name(self) -> str:
        """The name without the collection."""
        return self.name.removeprefix(f"{self.collection}.") if self.collection else self.name


@record
class LoopControl:
    """``loop_control``; every field may be TemplateText."""

    loop_var: Any = "item"
    index_var: Any = None
    label: Any = None
    #: Seconds between two items.
    pause: Any = 0
    extended: Any = False
    extended_allitems: Any = True
    break_when: tuple[Any, ...] = ()


@record
class Loop:
    """What a task repeats over: ``lookup`` is None for ``loop:``, else the ``with_<lookup>`` plugin."""

    value: Any
    lookup: str | None
    origin: Origin | None = None


@record
class Task:
    """A task or a handler, with everything that its blocks, role and play hand down already joined in.

    Lists (``when``, ``environment``, ``module_defaults``, ``var_layers``) run from the outermost to the innermost.
    None means not set anywhere.
    """

    name: Any
    action: str
    args: Mapping[str, Any]
    origin: Origin
    #: The task's own words for free-form modules (``command: echo hi``), else None; raw.
    free_form: Any = None
    when: tuple[Any, ...] = ()
    tags: tuple[Any, ...] = ()
    loop: Loop | None = None
    loop_control: LoopControl = LoopControl()
    register: str | None = None
    until: tuple[Any, ...] = ()
    retries: Any = None
    delay: Any = None
    changed_when: tuple[Any, ...] | None = None
    failed_when: tuple[Any, ...] | None = None
    ignore_errors: Any = None
    ignore_unreachable: Any = None
    delegate_to: Any = None
    delegate_facts: Any = None
    run_once: Any = None
    any_errors_fatal: Any = None
    environment: tuple[Any, ...] = ()
    var_layers: tuple[Mapping[str, Any], ...] = ()
    #: Variables that dynamic includes around the task gave; they win over facts that were set.
    param_layers: tuple[Mapping[str, Any], ...] = ()
    #: The task's own ``vars``; the innermost of var_layers.
    own_vars: Mapping[str, Any] = field(default_factory=dict)
    module_defaults: tuple[Any, ...] = ()
    notify: tuple[Any, ...] = ()
    listen: tuple[Any, ...] = ()
    become: Any = None
    become_user: Any = None
    become_method: Any = None
    become_flags: Any = None
    become_exe: Any = None
    check_mode: Any = None
    diff: Any = None
    no_log: Any = None
    async_seconds: Any = None
    poll: Any = None
    throttle: Any = None
    timeout: Any = None
    connection: Any = None
    remote_user: Any = None
    port: Any = None
    debugger: Any = None
    collections: tuple[str, ...] = ()
    role: RoleRef | None = None
    #: True for a handler of a play or role.
    handler: bool = False
    #: True for a task that Orchestra put there itself (fact gathering, the end of a role).
    implicit: bool = False
    #: Where each keyword and option stands, for errors.
    key_origins: Mapping[str, Origin] = field(default_factory=dict)
    #: For tasks that bring others in: ``apply`` and the inheritance that the included ones start from.
    scope: Any = None


@record
class Block:
    """A block with its rescue and always parts; keywords have already gone down to the tasks."""

    body: tuple[Task | Block, ...]
    rescue: tuple[Task | Block, ...] = ()
    always: tuple[Task | Block, ...] = ()
    name: Any = None
    origin: Origin | None = None
    #: The role whose tasks these are, when the block is a role's top level.
    role: RoleRef | None = None
    #: Set on the block that stands for an ``import_role``: handlers and roles that it brings to the play.
    imported_handlers: tuple[Task | Block, ...] = ()
    imported_roles: tuple[RoleRef, ...] = ()


@record
class Prompt:
    """One entry of ``vars_prompt``."""

    name: str
    prompt: Any = None
    default: Any = None
    private: bool = True
    confirm: bool = False
    encrypt: str | None = None
    salt: str | None = None
    salt_size: int | None = None
    unsafe: bool = False
    origin: Origin | None = None


@record
class Play:
    """One play. ``sections`` are the parts after which handlers are flushed: pre_tasks, roles and tasks, post_tasks."""

    name: Any
    hosts: Any
    origin: Origin
    sections: tuple[tuple[Task | Block, ...], ...] = ()
    handlers: tuple[Task | Block, ...] = ()
    vars: Mapping[str, Any] = field(default_factory=dict)
    vars_files: Sequence[Any] = ()
    vars_prompt: tuple[Prompt, ...] = ()
    gather_facts: Any = None
    gather_subset: Any = None
    gather_timeout: Any = None
    fact_path: Any = None
    strategy: Any = None
    serial: Any = None
    order: Any = None
    any_errors_fatal: Any = None
    max_fail_percentage: Any = None
    force_handlers: Any = None
    tags: tuple[Any, ...] = ()
    #: Every role the play uses statically (dependencies too), for the defaults and vars that they make public.
    roles: tuple[RoleRef, ...] = ()
    key_origins: Mapping[str, Origin] = field(default_factory=dict)
    #: What tasks of the play inherit, for includes and fact gathering at run time.
    scope: Any = None
    #: The folder of the playbook file that the play stands in.
    basedir: str = ""
