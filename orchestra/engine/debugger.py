"""The task debugger: stops after a task where ``debugger``, the strategy or the settings say so, and asks what to do.

Commands are those of Ansible's debugger: ``p EXPRESSION``, ``task.args[NAME] = VALUE``, ``task_vars[NAME] = VALUE``,
``u``, ``r``, ``c``, ``q``. Nothing that is typed is run as Python: expressions are names, attributes and keys, values
are literals.
"""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orchestra.engine.hoststate import HostState
from orchestra.engine.interrupts import INTERRUPTED
from orchestra.engine.lookups import TaskLookups
from orchestra.engine.words import value_of
from orchestra.errors import OrchestraError, nearest
from orchestra.language.yamltext import wrap
from orchestra.model.event import Noted
from orchestra.model.origin import Origin
from orchestra.model.outcome import Outcome, Status, TaskInfo
from orchestra.model.play import Task

if TYPE_CHECKING:
    from orchestra.engine.playstate import PlayState
    from orchestra.engine.services import Services
    from orchestra.engine.task import Finished
    from orchestra.templating.scope import Scope

_WORDS = ("always", "never", "on_failed", "on_unreachable", "on_skipped")
_UNREACHED = (Status.UNREACHABLE, Status.LOST)
_TYPED = Origin("the debugger's prompt")
_HELP = (
    "p EXPRESSION   print task, task.args, task_vars, host, result._result or a part of it\n"
    "task.args[NAME] = VALUE, task_vars[NAME] = VALUE   change what the task gets\n"
    "u   take the changes over     r   run the task again\n"
    "c   go on                     q   end the run"
)
#: The commands by all their names.
_COMMANDS = {
    "p": "print", "pprint": "print", "u": "update", "update_task": "update", "r": "redo", "redo": "redo",
    "c": "continue", "continue": "continue", "q": "quit", "quit": "quit", "EOF": "quit", "h": "help", "help": "help",
    "?": "help",
}  # fmt: skip


class DebuggerQuit(OrchestraError):
    """The user ended the run at the debugger's prompt."""

    exit_code = INTERRUPTED


def watch(services: Services, play: PlayState, task: Task, info: TaskInfo, scope: Scope) -> Debugger | None:
    """The debugger of a step; None where it can not stop at it. Raises OrchestraError for a wrong ``debugger``."""
    settings = services.settings
    if task.debugger is None:
        if not play.debugging and not settings.enable_task_debugger:
            return None
        return Debugger(services, play, task, info, "")
    word = str(value_of(scope, task.debugger))
    if word not in _WORDS:
        close = nearest(word, _WORDS)
        raise OrchestraError(
            f"{word!r} is not one of the supported values for debugger: {', '.join(_WORDS)}",
            origin=task.key_origins.get("debugger", task.origin),
            hint=f"did you mean {close[0]}?" if close else "",
        )
    return None if word == "never" else Debugger(services, play, task, info, word)


class Debugger:
    """Attends one step on its hosts, one host after the other."""

    def __init__(self, services: Services, play: PlayState, task: Task, info: TaskInfo, word: str) -> None:
        self._services = services
        self._play = play
        self._task = task
        self._info = info
        self._word = word

    async def attend(
        self, finished: Finished, host: HostState, again: Callable[[Task], Awaitable[Finished]]
    ) -> Finished:
        """What became of the task once the user is content. Raises DebuggerQuit."""
        desk = _Desk(self._services, self._play, self._task, host)
        while self._stops(finished.outcome):
            async with self._services.conversation:
                redo = await self._converse(desk, finished.outcome)
            if not redo:
                break
            finished = await again(desk.task)
        return finished

    def _stops(self, outcome: Outcome) -> bool:
        failed = outcome.status is Status.FAILED and not (
            outcome.ignored and self._services.settings.task_debugger_ignore_errors
        )
        unreached = outcome.status in _UNREACHED
        return {
            "": failed or unreached,
            "always": True,
            "on_failed": failed,
            "on_unreachable": unreached,
            "on_skipped": outcome.status is Status.SKIPPED,
        }[self._word]

    async def _converse(self, desk: _Desk, outcome: Outcome) -> bool:
        """Whether the task is to run again."""
        prompt = f"[{outcome.host}] TASK: {self._info.name} (debug)> "
        desk.outcome = outcome
        while True:
            line = await asyncio.to_thread(self._services.terminal.ask, prompt, False)
            word, _, rest = ("q" if line is None else line.strip()).partition(" ")
            command = _COMMANDS.get(word, "")
            if command in ("redo", "continue"):
                return command == "redo"
            if command == "quit":
                raise DebuggerQuit("User interrupted execution")
            if word:
                self._services.emit(Noted(desk.answer(command, rest, line or ""), 0))


class _Desk:
    """What lies before the user: the task, its variables and its result on one host; answers a line with a text."""

    def __init__(self, services: Services, play: PlayState, task: Task, host: HostState) -> None:
        self._services = services
        self._play = play
        self._host = host
        self.task = task
        self.outcome: Outcome | None = None

    def answer(self, command: str, rest: str, line: str) -> str:
        """The text for one command; faults of the user are texts, too."""
        try:
            if command == "print":
                return self._shown(_read(rest, self._names()))
            if command == "update":
                return ""
            if command == "help" or "=" not in line:
                return _HELP
            self._assign(line)
        except (ValueError, SyntaxError, KeyError, IndexError, TypeError, OrchestraError) as error:
            return f"***{type(error).__name__}:{error}"
        return ""

    def _names(self) -> Mapping[str, Any]:
        variables = self._variables()
        result = dict(self.outcome.result) if self.outcome is not None else {}
        parts = {"name": self.task.name, "action": self.task.action, "args": self._args(), "vars": self.task.own_vars}
        return {
            "task": parts,
            "task_vars": variables,
            "vars": variables,
            "host": self._host.name,
            "result": {"_result": result, "_host": self._host.name, "task_name": self.task.name},
        }

    def _shown(self, value: Any) -> str:
        import pprint

        return pprint.pformat(self._services.redactor.mask_data(value))

    def _args(self) -> dict[str, Any]:
        raw = {} if self.task.free_form is None else {"_raw_params": self.task.free_form}
        return {**raw, **self.task.args}

    def _variables(self) -> dict[str, Any]:
        view = self._services.variables.view(self._host, self._play, self.task)
        scope = self._services.templar.scope(view, TaskLookups(self._services, self.task, self._play.play.basedir))
        return {str(name): scope.raw(name) for name in scope.names()}

    def _assign(self, line: str) -> None:
        statement = ast.parse(line.strip()).body[0]
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            raise ValueError(_HELP)
        value = wrap(ast.literal_eval(statement.value), _TYPED)
        target = statement.targets[0]
        if isinstance(target, ast.Attribute) and ast.unparse(target) == "task.args":
            self._set_args(dict(value))
        elif isinstance(target, ast.Subscript):
            self._set(ast.unparse(target.value), ast.literal_eval(target.slice), value)
        else:
            raise ValueError("only task.args and task_vars can be changed")

    def _set(self, what: str, name: str, value: Any) -> None:
        if what == "task.args":
            self._set_args({**self._args(), name: value})
        elif what in ("task_vars", "vars", "task.vars"):
            self.task = replace(self.task, param_layers=(*self.task.param_layers, {name: value}))
        else:
            raise ValueError("only task.args and task_vars can be changed")

    def _set_args(self, args: dict[str, Any]) -> None:
        raw = args.pop("_raw_params", None)
        self.task = replace(self.task, args=args, free_form=raw)


def _read(text: str, names: Mapping[str, Any]) -> Any:
    """The value of ``name.attribute['key'][0]``. Raises ValueError for anything else."""
    return _value(ast.parse(text.strip(), mode="eval").body, names)


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        if node.id not in names:
            raise KeyError(f"there is no {node.id}; there are {', '.join(names)}")
        return names[node.id]
    if isinstance(node, ast.Attribute):
        return _value(node.value, names)[node.attr]
    if isinstance(node, ast.Subscript):
        return _value(node.value, names)[ast.literal_eval(node.slice)]
    raise ValueError("an expression is a name with attributes and keys, such as task_vars['x']")
