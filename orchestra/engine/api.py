"""The engine's front door: what the command line asks for, as plain calls that return an exit status."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from orchestra.engine.assemble import Assembly
from orchestra.engine.interrupts import interruptible
from orchestra.engine.run import Playbook, Run
from orchestra.engine.staticcheck import option_problems
from orchestra.errors import LanguageError, NoSuchPlaybook, OrchestraError
from orchestra.inventory.patterns import HostSelector
from orchestra.language.plays import read_playbook
from orchestra.language.project import Project
from orchestra.language.vault import VaultOpener
from orchestra.model.event import Event, Warned
from orchestra.model.host import Inventory
from orchestra.model.listing import PlaybookListing, TaskFaults
from orchestra.model.options import RunOptions
from orchestra.model.ports import Outputs, Terminal
from orchestra.model.secret import Redactor
from orchestra.settings.settings import Settings
from orchestra.transport import eventloop

if TYPE_CHECKING:
    from orchestra.engine.standing import Standing
    from orchestra.inventory.listing import Listing
    from orchestra.inventory.tracing import Traced
    from orchestra.model.explanation import PlaybookExplained

Sinks = Sequence[Callable[[Event], None]]


def play(
    playbooks: Sequence[str],
    settings: Settings,
    options: RunOptions,
    sinks: Sinks,
    terminal: Terminal,
    *,
    redactor: Redactor,
    vault: VaultOpener,
    outputs: Outputs | None = None,
) -> int:
    """Run playbooks; returns the exit status.

    ``outputs`` is what shows the run, where callbacks of the project may say more, or take its place.

    Raises:
        LanguageError: a playbook or the inventory cannot be understood.
    """
    assembly = Assembly(settings, options, _fan_out(sinks), terminal, redactor, vault)
    read, project = read_playbooks(assembly, playbooks)
    for problem in option_problems(read, project.imports, assembly.library, assembly.plugins.actions):
        assembly.emit(Warned(f"{problem.message}; {problem.hint}" if problem.hint else problem.message, problem.origin))
    for name, origin in project.lacking.items():
        assembly.emit(Warned(f"module {name!r} is not part of Orchestra; tasks that use it will fail", origin))
    assembly.show_with(outputs)
    return execute(assembly, "play", read)


def _check_limit(inventory: Inventory, limit: str) -> None:
    said: list[str] = []
    if all(host.implicit for host in inventory.hosts.values()):
        return  # there is localhost alone, which no pattern but its name means
    if limit and not HostSelector(inventory, said.append).select("all", limit):
        raise OrchestraError(f"--limit {limit!r} selects no host of the inventory", hint="; ".join(said))


def adhoc(
    pattern: str,
    module: str,
    arguments: str | Mapping[str, Any],
    settings: Settings,
    options: RunOptions,
    sinks: Sinks,
    terminal: Terminal,
    *,
    redactor: Redactor,
    vault: VaultOpener,
    background: int = 0,
    poll: int = 15,
    outputs: Outputs | None = None,
    kind: str = "adhoc",
) -> int:
    """Run one module on the hosts of ``pattern``. Raises LanguageError."""
    from orchestra.engine.adhoc import adhoc_play

    assembly = Assembly(settings, options, _fan_out(sinks), terminal, redactor, vault)
    built = adhoc_play(assembly, pattern, module, arguments, background=background, poll=poll)
    assembly.show_with(outputs if settings.load_callback_plugins else None)
    return execute(assembly, kind, [Playbook("", (built,))])


def facts(
    pattern: str,
    settings: Settings,
    options: RunOptions,
    sinks: Sinks,
    terminal: Terminal,
    *,
    redactor: Redactor,
    vault: VaultOpener,
    subset: Sequence[str] = (),
    filters: Sequence[str] = (),
) -> int:
    """Gather facts of the hosts of ``pattern``. Raises LanguageError."""
    wanted = {"gather_subset": list(subset), "filter": list(filters)}
    arguments = {name: value for name, value in wanted.items() if value}
    return adhoc(
        pattern, "ansible.builtin.setup", arguments, settings, options, sinks, terminal,
        redactor=redactor, vault=vault, kind="facts",
    )  # fmt: skip


def list_playbooks(
    playbooks: Sequence[str],
    settings: Settings,
    options: RunOptions,
    *,
    redactor: Redactor,
    vault: VaultOpener,
    with_inventory: bool = True,
    task_faults: TaskFaults = TaskFaults.UNSOUGHT,
    bodies_only: bool = False,
) -> list[PlaybookListing]:
    """Hosts, tasks and tags of playbooks, as the command line selects them; ``bodies_only`` as in ``list_all``.

    Raises:
        LanguageError: something is wrong.
        UsageError: a playbook does not exist.
    """
    from orchestra.engine import listing

    assembly = Assembly(settings, options, _ignore, Nobody(), redactor, vault)
    read, project = _read(assembly, playbooks)
    faults = _task_faults(assembly, read, project) if task_faults is not TaskFaults.UNSOUGHT else []
    if task_faults is TaskFaults.ERRORS:
        for fault in faults:
            project.problems.extend(fault)
    project.problems.check()
    inventory = assembly.inventory() if with_inventory else None
    return listing.list_all(assembly, read, project, inventory, faults=faults, bodies_only=bodies_only)


def explain(
    playbooks: Sequence[str], settings: Settings, options: RunOptions, *, redactor: Redactor, vault: VaultOpener
) -> list[PlaybookExplained]:
    """What playbooks would do where, and why not, as far as that is certain. Raises LanguageError."""
    from orchestra.engine import explaining

    assembly = Assembly(settings, options, _ignore, Nobody(), redactor, vault)
    read, _ = read_playbooks(assembly, playbooks)
    inventory = assembly.inventory()
    return explaining.explain_all(assembly, read, inventory, assembly.host_variables(inventory, _folders(playbooks)))


def list_hosts(
    pattern: str,
    settings: Settings,
    options: RunOptions,
    *,
    redactor: Redactor,
    vault: VaultOpener,
    warn: Callable[[str], None],
) -> list[str]:
    """The names of the hosts that a pattern and --limit select; ``warn`` is told of what matches none.

    Raises:
        LanguageError: the inventory cannot be understood.
    """
    assembly = Assembly(settings, options, _ignore, Nobody(), redactor, vault)
    selector = HostSelector(assembly.inventory(), warn)
    return [host.name for host in selector.select(pattern, options.limit)]


def stand(
    settings: Settings, options: RunOptions, sinks: Sinks, terminal: Terminal, *, redactor: Redactor, vault: VaultOpener
) -> Standing:
    """An engine that stays for many ad hoc commands; the caller closes it. Raises LanguageError."""
    from orchestra.engine.standing import Standing

    return Standing(Assembly(settings, options, _fan_out(sinks), terminal, redactor, vault))


def list_inventory(
    settings: Settings,
    options: RunOptions,
    *,
    redactor: Redactor,
    vault: VaultOpener,
    warn: Callable[[str], None],
    export: bool = False,
) -> Listing:
    """The inventory with its group_vars and host_vars, to be shown; ``warn`` hears of what is odd.

    Raises:
        LanguageError: it makes no inventory. OrchestraError: it could not be read, and settings do not let that pass.
    """
    from orchestra.inventory.listing import Listing

    assembly = Assembly(settings, options, _warnings_only(warn), Nobody(), redactor, vault)
    inventory = assembly.inventory()
    assembly.flush_cache(inventory)
    folders = [settings.playbook_dir] if settings.playbook_dir else []
    facts = assembly.fact_cache
    return Listing(
        inventory,
        assembly.host_variables(inventory, folders),
        limit=options.limit,
        export=export,
        extra_vars=options.extra_vars,
        facts=facts.variables if facts is not None and settings.inject_facts_as_vars else _no_facts,
        warn=warn,
    )


def trace_variables(
    host: str,
    name: str | None,
    settings: Settings,
    options: RunOptions,
    *,
    redactor: Redactor,
    vault: VaultOpener,
    warn: Callable[[str], None],
) -> list[Traced]:
    """Where the variables of a host come from, or one of them.

    Raises:
        UsageError: no such host or variable. LanguageError: the inventory or a file beside it can not be understood.
    """
    from orchestra.inventory.tracing import Tracer

    assembly = Assembly(settings, options, _warnings_only(warn), Nobody(), redactor, vault)
    inventory = assembly.inventory()
    variables = assembly.host_variables(inventory, [settings.playbook_dir or os.getcwd()])
    facts = assembly.fact_cache
    tracer = Tracer(
        inventory,
        variables,
        host,
        facts=facts.variables(host) if facts is not None and settings.inject_facts_as_vars else {},
        extra_vars=options.extra_vars,
        merging=settings.hash_behaviour == "merge",
    )
    return [tracer.variable(one) for one in ([name] if name else tracer.names())]


def _warnings_only(warn: Callable[[str], None]) -> Callable[[Event], None]:
    def emit(event: Event) -> None:
        if isinstance(event, Warned):
            warn(f"{event.origin}: {event.message}" if event.origin else event.message)

    return emit


def _no_facts(host: str) -> Mapping[str, Any]:
    return {}


class Nobody:
    """A Terminal where nobody sits."""

    is_interactive = False

    def ask(self, prompt: str, private: bool = False) -> str | None:
        """Nobody answers."""
        return None

    async def line(self, prompt: str, private: bool = False) -> str | None:
        """Nobody answers."""
        return None

    async def key(self, prompt: str, keys: str) -> str:
        """Nobody answers. Raises EOFError."""
        raise EOFError

    def hushed(self) -> AbstractContextManager[None]:
        """Nobody types."""
        return nullcontext()


def _ignore(event: Event) -> None:
    """Listings show no events."""


def _fan_out(sinks: Sinks) -> Callable[[Event], None]:
    if len(sinks) == 1:
        return sinks[0]

    def emit(event: Event) -> None:
        for sink in sinks:
            sink(event)

    return emit


def read_playbooks(assembly: Assembly, paths: Sequence[str]) -> tuple[list[Playbook], Project]:
    """Read playbooks and report all that is wrong with them at once.

    Raises:
        LanguageError: (ParseErrors: several problems).
        UsageError: a playbook does not exist.
    """
    read, project = _read(assembly, paths)
    project.problems.check()
    return read, project


def _read(assembly: Assembly, paths: Sequence[str]) -> tuple[list[Playbook], Project]:
    """What could be read of the playbooks; what could not is among the project's problems."""
    for path in paths:
        if not os.path.isfile(path):
            raise NoSuchPlaybook(f"the playbook: {path} could not be found")
    project = assembly.project(_folders(paths))
    read = [Playbook(path, read_playbook(project, path, assembly.options.extra_vars)) for path in paths]
    return read, project


def _task_faults(assembly: Assembly, read: Sequence[Playbook], project: Project) -> list[LanguageError]:
    """What would fail whatever the host: wrong options and templates of tasks."""
    from orchestra.engine.templatecheck import template_problems

    options = option_problems(read, project.imports, assembly.library, assembly.plugins.actions)
    return [*options, *template_problems(read, project.imports, assembly.templar.core)]


def _folders(paths: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(os.path.dirname(os.path.abspath(path)) for path in paths))


def execute(assembly: Assembly, kind: str, playbooks: Sequence[Playbook]) -> int:
    """Run what was read, in an event loop of its own; the first Ctrl-C ends it cleanly, the second at once."""
    inventory = assembly.inventory()
    _check_limit(inventory, assembly.options.limit)
    assembly.flush_cache(inventory)
    folders = _folders([playbook.path for playbook in playbooks if playbook.path]) or [
        assembly.settings.playbook_dir or os.getcwd()
    ]

    # Cycles are rare here and live to the end of the run; the collector's default pace costs a tenth of the CPU.
    gc.set_threshold(50_000, 20, 50)
    gc.freeze()

    async def main() -> int:
        services = assembly.services(inventory, folders)
        return await interruptible(Run(services, kind, playbooks).execute(), services.interrupts)

    return eventloop.run(main())
