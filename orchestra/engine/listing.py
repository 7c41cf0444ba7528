"""Says what a playbook would do without doing it: hosts, tasks and tags that the command line selects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestra.engine import tags
from orchestra.engine.assemble import Assembly
from orchestra.engine.layers import Layers, flatten
from orchestra.engine.magic import groups_of
from orchestra.engine.playstate import keyword_layers
from orchestra.engine.run import Playbook
from orchestra.errors import OrchestraError
from orchestra.inventory.patterns import HostSelector
from orchestra.language.project import Project
from orchestra.language.tasks import short_name
from orchestra.model.host import Inventory
from orchestra.model.listing import PlaybookListing, PlayListing, TaskListing
from orchestra.model.play import Block, Play, Task
from orchestra.templating.omit import OMIT


def list_all(
    assembly: Assembly,
    playbooks: Sequence[Playbook],
    project: Project,
    inventory: Inventory | None,
    faults: Sequence[OrchestraError] = (),
) -> list[PlaybookListing]:
    """Listings of playbooks that were read; without an inventory no hosts are named. ``faults`` become warnings."""
    warnings = (
        *(
            f"{origin}: module {name!r} is not part of Orchestra; this task will fail"
            for name, origin in project.lacking.items()
        ),
        *(fault.render() for fault in faults),
    )
    return [
        PlaybookListing(
            playbook.path,
            tuple(_play(assembly, play, inventory) for play in playbook.plays),
            () if number else warnings,
        )
        for number, playbook in enumerate(playbooks)
    ]


def _play(assembly: Assembly, play: Play, inventory: Inventory | None) -> PlayListing:
    known = _known(assembly, play, inventory)
    asked = play.hosts if isinstance(play.hosts, (list, tuple)) else [play.hosts]
    patterns = tuple(_text(assembly, item, known) for item in asked)
    pattern = ",".join(patterns)
    hosts = HostSelector(inventory).select(pattern, assembly.options.limit) if inventory is not None else ()
    return PlayListing(
        name=_text(assembly, play.name, known) if play.name else pattern,
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
            yield TaskListing(_title(task), own, task.origin)


def _title(task: Task) -> str:
    """A task's name after its role's; an include_role stands for another role and goes without."""
    name = str(task.name or task.action)
    return f"{task.role.name} : {name}" if task.role and short_name(task.action) != "include_role" else name


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


def _known(assembly: Assembly, play: Play, inventory: Inventory | None) -> Layers:
    magic = {"playbook_dir": play.basedir, "groups": groups_of(inventory) if inventory is not None else {}}
    return Layers((magic, assembly.options.extra_vars, *keyword_layers(play, assembly.settings.private_role_vars)))


def _text(assembly: Assembly, value: Any, known: Mapping[str, Any]) -> str:
    rendered = assembly.render_static(value, known)
    return "" if rendered is OMIT else str(rendered)
