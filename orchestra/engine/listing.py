"""Says what a playbook would do without doing it: hosts, tasks and tags that the command line selects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from orchestra.model.record import record
from orchestra.templating.omit import OMIT


def list_all(
    assembly: Assembly,
    playbooks: Sequence[Playbook],
    project: Project,
    inventory: Inventory | None,
    *,
    faults: Sequence[OrchestraError] = (),
    bodies_only: bool = False,
) -> list[PlaybookListing]:
    """Listings of playbooks that were read; without an inventory no hosts are named. ``faults`` become warnings.

    ``bodies_only`` leaves out what blocks hold under rescue and always, as ansible-playbook does.
    """
    said: list[str] = []
    listings = [_Lister(assembly, inventory, bodies_only, said.append).plays(playbook) for playbook in playbooks]
    warnings = (
        *dict.fromkeys(said),
        *(
            f"{origin}: module {name!r} is not part of Orchestra; this task will fail"
            for name, origin in project.lacking.items()
        ),
        *(fault.render() for fault in faults),
    )
    return [
        PlaybookListing(playbook.path, plays, () if number else warnings)
        for number, (playbook, plays) in enumerate(zip(playbooks, listings, strict=True))
    ]


@record
class _Lister:
    assembly: Assembly
    inventory: Inventory | None
    bodies_only: bool
    #: Hears of patterns that select nobody.
    warn: Callable[[str], None]

    def plays(self, playbook: Playbook) -> tuple[PlayListing, ...]:
        return tuple(map(self._play, playbook.plays))

    def _play(self, play: Play) -> PlayListing:
        known = self._known(play)
        asked = play.hosts if isinstance(play.hosts, (list, tuple)) else [play.hosts]
        patterns = tuple(self._text(item, known) for item in asked)
        pattern = ",".join(patterns)
        tasks = tuple(self._tasks(play))
        return PlayListing(
            name=self._text(play.name, known) if play.name else pattern,
            patterns=patterns,
            hosts=self._hosts(pattern),
            tags=tags.flatten(play.tags),
            tasks=tasks,
            task_tags=tuple(dict.fromkeys(tag for task in tasks for tag in task.tags)),
            origin=play.origin,
        )

    def _tasks(self, play: Play) -> Iterator[TaskListing]:
        for task in (task for steps in play.sections for task in self._each(steps)):
            own = self._own_tags(play, task)
            if self._shown(task, own):
                yield TaskListing(_title(task), own, task.origin)

    def _known(self, play: Play) -> Layers:
        groups = groups_of(self.inventory) if self.inventory is not None else {}
        layers = keyword_layers(play, self.assembly.settings.private_role_vars)
        return Layers(({"playbook_dir": play.basedir, "groups": groups}, self.assembly.options.extra_vars, *layers))

    def _text(self, value: Any, known: Mapping[str, Any]) -> str:
        rendered = self.assembly.render_static(value, known)
        return "" if rendered is OMIT else str(rendered)

    def _hosts(self, pattern: str) -> tuple[str, ...]:
        if self.inventory is None:
            return ()
        return tuple(
            host.name for host in HostSelector(self.inventory, self.warn).select(pattern, self.assembly.options.limit)
        )

    def _each(self, steps: Sequence[Task | Block]) -> Iterator[Task]:
        for step in steps:
            if isinstance(step, Task):
                yield step
            else:
                yield from self._each(step.body if self.bodies_only else (*step.body, *step.rescue, *step.always))

    def _own_tags(self, play: Play, task: Task) -> tuple[str, ...]:
        """A task's tags, rendered as far as no host is needed."""
        known = {**play.vars, **flatten(task.var_layers), **self.assembly.options.extra_vars}
        rendered: list[Any] = []
        for tag in task.tags:
            try:
                rendered.append(self.assembly.render_static(tag, known))
            except OrchestraError:
                rendered.append(tag)
        return tags.flatten(rendered)

    def _shown(self, task: Task, own: tuple[str, ...]) -> bool:
        options = self.assembly.options
        return not task.implicit and tags.selected(own, options.tags, options.skip_tags)


def _title(task: Task) -> str:
    """A task's name after its role's; without a name the action alone. An include_role stands for another role."""
    if not task.name:
        return str(task.action)
    own = task.role is not None and short_name(task.action) != "include_role"
    return f"{task.role.name} : {task.name}" if task.role and own else str(task.name)
