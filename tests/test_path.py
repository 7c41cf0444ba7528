"""One task's way, in ten steps: the tour for newcomers (docs/architecture.md has the map).

Each test stops at one step and looks at what it hands to the next. The host is a MemoryHost that runs what it is sent
as a child of this process: everything is real but the wire.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestra.cli.console import Console
from orchestra.cli.request import Request, read_request
from orchestra.engine.actions.module import bound, find
from orchestra.engine.api import read_playbooks
from orchestra.engine.assemble import Assembly
from orchestra.engine.context import TaskContext
from orchestra.engine.lookups import TaskLookups
from orchestra.engine.playstate import PlayState
from orchestra.engine.prepare import prepare
from orchestra.engine.run import Playbook, Run
from orchestra.engine.services import Services
from orchestra.engine.stepinfo import describe
from orchestra.engine.task import Work, run_task
from orchestra.engine.verdict import judge, result_of, status_of
from orchestra.errors import OptionError
from orchestra.inventory.patterns import HostSelector
from orchestra.model.event import Event, RunFinished, TaskFinished, TaskStarted
from orchestra.model.invocation import Invocation
from orchestra.model.origin import TemplateText
from orchestra.model.outcome import Outcome, Status
from orchestra.model.play import Task
from orchestra.payload.build import Builder
from orchestra.testing.memory_transport import MemoryFleet, MemoryHost
from orchestra.transport.pool import TransportPool

PLAYBOOK = """\
- hosts: web
  gather_facts: false
  vars:
    port: 8080
  tasks:
    - name: listen on {{ port }}
      lineinfile:
        path: "{{ folder }}/site.conf"
        line: listen {{ port }};
        create: true
      when: port > 1024
      changed_when: written is changed
      register: written
"""
LINE = 7  # where the module's name stands


class Tour:
    """The parts of one run, put together as ``orchestra play`` does, over a fleet in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: list[Event] = []
        self.request = self._request()
        self.assembly = Assembly(
            self.request.settings, self.request.options, self.events.append, Console(), self.request.redactor,
            self.request.vault,
        )  # fmt: skip
        self.host = MemoryHost("web01", real=True)
        self.pool = TransportPool(openers={"memory": MemoryFleet([self.host]).open})

    def _request(self) -> Request:
        flags: dict[str, Any] = {"inventory": ("inventory.ini",), "extra_vars": (f"folder={self.folder}",)}
        return read_request(flags, Console(), {"HOME": os.environ["HOME"], "PATH": os.environ["PATH"]})

    def playbook(self) -> Playbook:
        return read_playbooks(self.assembly, ["play.yml"])[0][0]

    def task(self) -> Task:
        task = self.playbook().plays[0].sections[1][0]
        assert isinstance(task, Task)
        return task

    def services(self) -> Services:
        return self.assembly.services(self.assembly.inventory(), [str(self.folder)], self.pool)

    def work(self, services: Services) -> Work:
        play, state, task = self.playbook().plays[0], services.state("web01"), self.task()
        assert state is not None
        play_state = PlayState(play=play, name="web", key="1", hosts=[state], batch=[state])
        lookups = TaskLookups(services, task, play.basedir)
        scope = services.templar.scope(services.variables.view(state, play_state, task), lookups)
        return Work(services, play_state, task, describe(services, task, scope), state, lookups, scope)


@pytest.fixture
def tour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tour:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "play.yml").write_text(PLAYBOOK)
    (tmp_path / "inventory.ini").write_text(
        "[web]\nweb01\n[web:vars]\nansible_connection=memory\n"
        "ansible_python_interpreter={{ ansible_playbook_python }}\n"
    )
    return Tour(tmp_path)


def context_of(work: Work) -> TaskContext:
    return prepare(work, work.scope, None, None)


def invocation_of(context: TaskContext, **changes: Any) -> Invocation:
    declaration = find(context, context.task.action)
    return Invocation(declaration.name, bound(context, declaration, context.args), **changes)


def test_step_1_the_command_line_becomes_settings_and_options(tour: Tour) -> None:
    assert tour.request.settings.inventory == (str(tour.folder / "inventory.ini"),)
    assert tour.request.options.extra_vars == {"folder": str(tour.folder)}


def test_step_2_inventory_sources_become_hosts(tour: Tour) -> None:
    inventory = tour.assembly.inventory()
    assert [host.name for host in HostSelector(inventory).select("web")] == ["web01"]
    assert inventory.hosts["web01"].groups == ("all", "web")


def test_step_3_text_becomes_a_task_that_knows_where_it_stands(tour: Tour) -> None:
    task = tour.task()
    assert (task.action, task.register, task.origin.line) == ("lineinfile", "written", LINE - 1)
    assert task.args["line"] == "listen {{ port }};"
    assert isinstance(task.args["line"], TemplateText)  # the project's text: it may be rendered
    assert not isinstance(task.args["create"], TemplateText)
    assert task.key_origins["lineinfile"].line == LINE


async def test_step_4_variables_are_layers_and_templates_are_rendered_over_them(tour: Tour) -> None:
    work = tour.work(tour.services())
    assert work.info.name == "listen on 8080"
    assert work.scope.raw("port") == 8080  # from the play
    assert work.scope.get("folder") == str(tour.folder)  # from the command line
    assert work.scope.condition(work.task.when[0]) is True


async def test_step_5_a_task_for_one_host_is_prepared(tour: Tour) -> None:
    context = context_of(tour.work(tour.services()))
    assert context.args["line"] == "listen 8080;"
    assert (context.target, context.become, context.check) == ("web01", None, False)


async def test_step_6_the_library_checks_options_where_the_file_is_known(tour: Tour) -> None:
    (tour.folder / "play.yml").write_text(PLAYBOOK.replace("create: true", "creat: true"))
    context = context_of(tour.work(tour.services()))
    with pytest.raises(OptionError, match="creat") as caught:
        invocation_of(context)
    assert caught.value.origin is not None
    assert (os.path.basename(caught.value.origin.file), caught.value.origin.line) == ("play.yml", LINE + 3)
    assert "create" in caught.value.hint


def test_step_7_what_is_sent_is_small_and_has_a_digest() -> None:
    builder = Builder()
    code = builder.module(str(Path(__file__).parents[1] / "modules" / "lineinfile.py"))
    assert code is builder.module(str(Path(__file__).parents[1] / "modules" / "lineinfile.py"))
    assert len(builder.bundle()) < 20_000


async def test_step_8_the_first_use_opens_one_connection_and_starts_one_runner(tour: Tour) -> None:
    services = tour.services()
    context = context_of(tour.work(services))
    assert tour.host.connections == 0
    try:
        await context.remote.run_module(invocation_of(context, check=True))
        await context.remote.run_module(invocation_of(context, check=True))
    finally:
        await services.sessions.close()
    assert (tour.host.connections, len(tour.host.started)) == (1, 1)


async def test_step_9_on_the_host_a_module_plans_effects_and_the_runner_applies_them(tour: Tour) -> None:
    services, made = tour.services(), tour.folder / "site.conf"
    context = context_of(tour.work(services))
    try:
        foretold = await context.remote.run_module(invocation_of(context, check=True))
        assert (foretold.changed, made.exists()) == (True, False)
        done = await context.remote.run_module(invocation_of(context))
        assert (done.changed, made.read_text()) == (True, "listen 8080;\n")
        again = await context.remote.run_module(invocation_of(context))
        assert (again.changed, again.failed) == (False, False)
    finally:
        await services.sessions.close()


async def test_step_10_a_reply_becomes_a_verdict_an_outcome_and_events(tour: Tour) -> None:
    services = tour.services()
    work = tour.work(services)
    try:
        reply = await context_of(work).remote.run_module(invocation_of(context_of(work)))
        result = result_of(reply)
        judge(work.task, result, work.scope.child({"written": result}))
        assert status_of(result) is Status.CHANGED
        finished = await run_task(services, work.play, work.task, work.info, work.state)
    finally:
        await services.sessions.close()
    assert finished.outcome.status is Status.OK
    assert finished.outcome.origin == work.task.origin


async def run(tour: Tour) -> int:
    return await Run(tour.services(), "play", [tour.playbook()]).execute()


def last(events: list[Event], wanted: Callable[[Event], bool]) -> Any:
    return [event for event in events if wanted(event)][-1]


async def test_the_whole_way(tour: Tour) -> None:
    assert await run(tour) == 0
    started = last(tour.events, lambda event: isinstance(event, TaskStarted))
    outcome: Outcome = last(tour.events, lambda event: isinstance(event, TaskFinished)).outcome
    assert started.task.name == "listen on 8080"
    assert (outcome.host, outcome.status) == ("web01", Status.CHANGED)
    finished = last(tour.events, lambda event: isinstance(event, RunFinished))
    assert (finished.totals["web01"].ok, finished.totals["web01"].changed) == (1, 1)
    assert (tour.folder / "site.conf").read_text() == "listen 8080;\n"


async def test_a_host_that_is_not_there_fails_alone(tour: Tour) -> None:
    tour.host.unreachable = "no route to host"
    assert await run(tour) == 4
    outcome: Outcome = last(tour.events, lambda event: isinstance(event, TaskFinished)).outcome
    assert outcome.status is Status.UNREACHABLE
    assert "no route to host" in outcome.result["msg"]
