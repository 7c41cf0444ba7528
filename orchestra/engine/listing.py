"""Says what a playbook would do without doing it: hosts, tasks and tags that the command line selects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from orchestra.engine import tags
from orchestra.engine.assemble import Assembly
from orchestra.engine.layers import flatten
from orchestra.engine.run import Playbook
from orchestra.errors import OrchestraError
from orchestra.inventory.patterns import HostSelector
from orchestra.language.project import Project
from orchestra.model.host import Inventory
from orchestra.model.listing import PlaybookListing, PlayListing, TaskListing
from orchestra.model.play import Block, Play, Task


def list_all(
    assembly: Assembly, playbooks: Sequence[Playbook], project: Project, inventory: Inventory | None
) -> list[PlaybookListing]:
    """Listings of playbooks that were read; without an inventory no hosts are named."""
    lacking = tuple(
        f"{origin}: module {name!r} is not part of Orchestra; this task will fail"
        for name, origin in project.lacking.items()
    )
    return [
        PlaybookListing(
            playbook.path, tuple(_play(assembly, play, inventory) for play in playbook.plays), () if number else lacking
        )
        for number, playbook in enumerate(playbooks)
    ]


def _play(assembly: Assembly, play: Play, inventory: Inventory | None) -> PlayListing:
    patterns = tuple(_patterns(assembly, play, play.hosts))
    pattern = ",".join(patterns)
    hosts = HostSelector(inventory).select(pattern, assembly.options.limit) if inventory is not None else ()
    return PlayListing(
        name=_text(assembly, play, play.name) if play.name else pattern,
        patterns=patterns,
        hosts=tuple(host.name for host in hosts),
        tags=tags.flatten(play.tags),
        tasks=tuple(_tasks(assembly, play)),
        task_tags=tuple(dict.fromkeys(tag for task in _each_of(play) for tag in _own_tags(assembly, play, task))),
        origin=play.origin,
    )


def _tasks(assembly: Assembly, play: Play) -> Iterator[TaskListing]:
    options = assembly.options
    for task in _each_of(play):
        own = _own_tags(assembly, play, task)
        if not task.implicit and tags.selected(own, options.tags, options.skip_tags):
            name = str(task.name or task.action)
            yield TaskListing(f"{task.role.name} : {name}" if task.role else name, own, task.origin)


def _own_tags(assembly: Assembly, play: Play, task: Task) -> tuple[str, ...]:
    """A task's tags, rendered as far as no host is needed."""
    known = {**play.vars, **flatten(task.var_layers), **assembly.options.extra_vars}
    rendered: list[Any] = []
    for tag in task.tags:
        try:
            rendered.append(assembly.render_static(tag, known))
        except OrchestraError:
            rendered.append(tag)
    return tags.flatten(rendered)


def _each_of(play: Play) -> Iterator[Task]:
    for steps in play.sections:
        yield from _each(steps)


def _each(steps: Sequence[Task | Block]) -> Iterator[Task]:
    for step in steps:
        if isinstance(step, Task):
            yield step
        else:
            yield from _each((*step.body, *step.rescue, *step.always))


def _patterns(assembly: Assembly, play: Play, value: Any) -> Iterator[str]:
    for item in value if isinstance(value, (list, tuple)) else [value]:
        yield _text(assembly, play, item)


def _text(assembly: Assembly, play: Play, value: Any) -> str:
    return str(assembly.render_static(value, {**play.vars, **assembly.options.extra_vars}))
