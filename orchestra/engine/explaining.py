"""Says what a playbook would do where, and why not, as far as that is certain before anything runs.

A condition is judged for a host only if every variable that it asks for, directly or through others, stands in the
project or the inventory and nothing that runs could change it; everything else is left open, with the condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestra.engine import tags
from orchestra.engine.assemble import Assembly
from orchestra.engine.layers import Layers
from orchestra.engine.magic import groups_of
from orchestra.engine.playstate import keyword_layers
from orchestra.engine.run import Playbook
from orchestra.engine.staticcheck import all_tasks
from orchestra.errors import OrchestraError
from orchestra.inventory.patterns import HostSelector
from orchestra.inventory.variables import HostVariables
from orchestra.language.tasks import short_name
from orchestra.model.explanation import PlaybookExplained, PlayExplained, Reason, StepExplained
from orchestra.model.host import Inventory
from orchestra.model.origin import TemplateText, origin_of
from orchestra.model.play import Block, Play, Task
from orchestra.model.record import record
from orchestra.templating.names import names_in

_RESCUE, _ALWAYS = "only where a task of the block before it failed", "whatever became of the block before it"
_FACTS = "whether facts are gathered"
#: What an action brings in, which is known only then.
_LATER = ("include_tasks", "include_role")
#: Names that every host has.
_MAGIC = frozenset(("inventory_hostname", "group_names", "groups", "playbook_dir"))


def explain_all(
    assembly: Assembly, playbooks: Sequence[Playbook], inventory: Inventory, variables: HostVariables
) -> list[PlaybookExplained]:
    """Playbooks that were read, play by play."""
    changing = frozenset(name for task in all_tasks(playbooks) for name in _set_by(task))
    loads = any(short_name(task.action) in ("include_vars", *_LATER) for task in all_tasks(playbooks))
    said: list[str] = []
    groups = groups_of(inventory)
    explainer = _Explainer(assembly, inventory, variables, changing, loads, said, groups, _memberships(groups))
    explained = [(playbook.path, tuple(map(explainer.play, playbook.plays))) for playbook in playbooks]
    return [
        PlaybookExplained(path, plays, tuple(dict.fromkeys(said)) if not number else ())
        for number, (path, plays) in enumerate(explained)
    ]


def _memberships(groups: Mapping[str, list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, members in groups.items():
        for host in members if name != "all" else ():
            found.setdefault(host, []).append(name)
    return found


def _set_by(task: Task) -> Iterator[str]:
    """Variables that a task sets when it runs."""
    if task.register:
        yield task.register
    if short_name(task.action) in ("set_fact", "add_host", "include_vars", "set_stats"):
        yield from (str(name) for name in task.args)


@record
class _Explainer:
    assembly: Assembly
    inventory: Inventory
    variables: HostVariables
    #: Variables that some task sets.
    changing: frozenset[str]
    #: Whether anything is read in only when it runs, and could set any variable.
    loads: bool
    said: list[str]
    #: Groups with their hosts, and hosts with their groups.
    groups: Mapping[str, list[str]]
    memberships: Mapping[str, list[str]]

    def play(self, play: Play) -> PlayExplained:
        """One play."""
        known = Layers((self.assembly.options.extra_vars, *keyword_layers(play, private=False)))
        pattern = ",".join(map(str, _listed(self.assembly.render_static(play.hosts, known))))
        limit = self.assembly.options.limit
        meant = [host.name for host in HostSelector(self.inventory, self.said.append).select(pattern)]
        chosen = [host.name for host in HostSelector(self.inventory).select(pattern, limit)] if limit else meant
        outside = tuple(name for name in meant if name not in chosen)
        steps = [*self._steps(play, chosen), *self._handlers(play, chosen)]
        return PlayExplained(
            name=str(self.assembly.render_static(play.name, known)) if play.name else pattern,
            origin=play.origin,
            pattern=pattern,
            hosts=tuple(chosen),
            left_out=(Reason(f"--limit {limit}", outside),) if outside else (),
            steps=tuple(steps),
        )

    def _steps(self, play: Play, hosts: Sequence[str]) -> Iterator[StepExplained]:
        for section in play.sections:
            for task, notes in _each(section, ()):
                if not task.implicit:
                    yield self._step(play, task, hosts, notes)

    def _handlers(self, play: Play, hosts: Sequence[str]) -> Iterator[StepExplained]:
        for task, notes in _each(play.handlers, ("only where a task that changed something notifies it",)):
            yield self._step(play, task, hosts, notes)

    def _step(self, play: Play, task: Task, hosts: Sequence[str], notes: tuple[str, ...]) -> StepExplained:
        layers = (self.assembly.options.extra_vars, *reversed(task.var_layers), play.vars)
        own = tags.flatten(self._tag(tag, Layers(layers)) for tag in task.tags)
        never: list[Reason] = []
        open_: list[Reason] = []
        runs = list(hosts)
        refusal = "" if task.handler else self._tags_refuse(own)
        if refusal:
            never.append(Reason(refusal, tuple(hosts), task.key_origins.get("tags", task.origin)))
            runs = []
        elif task.when:
            runs = self._conditions(play, task, hosts, never, open_)
        return StepExplained(
            name=_title(task), action=str(task.action), origin=task.origin, tags=own, runs=tuple(runs),
            never=tuple(never), open=tuple(open_), notes=(*notes, *_notes(task, runs)), handler=task.handler,
        )  # fmt: skip

    def _tag(self, tag: Any, known: Mapping[str, Any]) -> Any:
        try:
            return self.assembly.render_static(tag, known)
        except OrchestraError:
            return tag

    def _tags_refuse(self, own: tuple[str, ...]) -> str:
        options = self.assembly.options
        if tags.selected(own, options.tags, options.skip_tags):
            return ""
        has = f"its tags are {', '.join(own)}" if own else "it has no tags"
        if not tags.selected(own, options.tags, ()):
            asked = "" if tuple(options.tags) == ("all",) else f", and --tags {','.join(options.tags)} asks for others"
            return f"{has}{asked}"
        return f"{has}, and --skip-tags {','.join(options.skip_tags)} leaves that out"

    def _conditions(
        self, play: Play, task: Task, hosts: Sequence[str], never: list[Reason], open_: list[Reason]
    ) -> list[str]:
        """The hosts on which every condition is certain to hold; the others go to ``never`` and ``open_``."""
        runs: list[str] = []
        found: dict[tuple[bool, Any], list[str]] = {}
        for host in hosts:
            verdict, condition = self._judge(play, task, host)
            if verdict is True:
                runs.append(host)
            else:
                found.setdefault((verdict is False, condition), []).append(host)
        for (is_never, condition), names in found.items():
            reason = Reason(f"when: {condition}", tuple(names), origin_of(condition) or task.origin)
            (never if is_never else open_).append(reason)
        return runs

    def _judge(self, play: Play, task: Task, host: str) -> tuple[bool | None, Any]:
        """True, False, or None for what only the run can tell; with the condition that decides."""
        known = self._known(play, task, host)
        undecided: Any = None
        for condition in task.when:
            verdict = self._holds(condition, known)
            if verdict is False:
                return False, condition
            if verdict is None and undecided is None:
                undecided = condition
        return (True, None) if undecided is None else (None, undecided)

    def _holds(self, condition: Any, known: Layers) -> bool | None:
        if isinstance(condition, bool):
            return condition
        names = names_in(str(condition), condition=True)
        if names is None or not all(self._certain(name, known, set()) for name in names):
            return None
        try:
            return self.assembly.templar.scope(known, self.assembly.static_lookups()).condition(condition)
        except OrchestraError:
            return None

    def _certain(self, name: str, known: Layers, seen: set[str]) -> bool:
        """Whether a variable is there and stays as it is, and all that its templates name too."""
        if name in self.assembly.options.extra_vars or name in _MAGIC or name in seen:
            return True
        if self.loads or name in self.changing or name.startswith("ansible_") or name not in known:
            return False
        seen.add(name)
        return all(
            inner is not None and all(self._certain(one, known, seen) for one in inner)
            for inner in map(names_in, _templates(known[name]))
        )

    def _known(self, play: Play, task: Task, host: str) -> Layers:
        role = task.role
        magic = {
            "inventory_hostname": host,
            "group_names": self.memberships.get(host, []),
            "groups": self.groups,
            "playbook_dir": play.basedir,
        }
        defaults = tuple(reversed(role.default_layers)) if role is not None else ()
        files = () if play.vars_files or play.vars_prompt else (play.vars,)
        return Layers(
            (magic, self.assembly.options.extra_vars, *reversed(task.param_layers), *reversed(task.var_layers), *files,
             self.variables.for_host(host), *defaults)
        )  # fmt: skip


def _templates(value: Any) -> Iterator[str]:
    if isinstance(value, TemplateText):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _templates(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _templates(item)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _each(steps: Sequence[Task | Block], notes: tuple[str, ...]) -> Iterator[tuple[Task, tuple[str, ...]]]:
    for step in steps:
        if isinstance(step, Task):
            yield step, notes
        else:
            yield from _each(step.body, notes)
            yield from _each(step.rescue, (*notes, _RESCUE))
            yield from _each(step.always, (*notes, _ALWAYS))


def _title(task: Task) -> str:
    name = str(task.name or task.action)
    return f"{task.role.name} : {name}" if task.role is not None else name


def _notes(task: Task, runs: Sequence[str]) -> Iterator[str]:
    if task.run_once not in (None, False):
        yield f"run_once: {runs[0]} does it for all" if runs and task.run_once is True else f"run_once: {task.run_once}"
    if task.delegate_to is not None:
        yield f"done on {task.delegate_to} (delegate_to)"
    if task.loop is not None:
        yield "once for each item of its loop"
    if short_name(task.action) in _LATER:
        yield "what it brings in is known when it runs"
    if task.notify:
        yield f"notifies {', '.join(map(str, task.notify))}"
