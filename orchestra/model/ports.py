"""The interfaces that rooms meet through; each has a fake that ships in orchestra/testing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from orchestra.model.invocation import Become, Completed, Invocation, Reply
from orchestra.model.origin import Origin

T = TypeVar("T")


class LookupContext(Protocol):
    """What a lookup, a filter that reads files, or a template include may ask of the run. The engine implements it."""

    def search(self, kind: str, name: str) -> str | None:
        """Absolute path of ``name`` as the task would find it; ``kind`` is files, templates, vars or tasks."""

    def search_paths(self, kind: str) -> Sequence[str]:
        """The folders that ``search`` looks in, in order."""

    def read(self, path: str) -> bytes:
        """Content of a controller-side file, opened if it is a vault."""

    def open_vault(self, text: str) -> str:
        """The clear text of an inline vault, a secret. Raises VaultError."""

    def wait(self, work: Callable[[], T]) -> T:
        """The result of ``work``, which blocks; other hosts go on. Raises CancelledError when the run ends."""

    def setting(self, name: str) -> Any:
        """A value of the configuration, by Ansible's name for it (for ``lookup('config')``)."""

    def plugin_setting(self, kind: str, plugin: str, name: str, variables: Mapping[str, Any]) -> Any:
        """An option's value of a plugin of the project. Raises KeyError where there is none."""

    def warn(self, message: str, origin: Origin | None = None) -> None:
        """Tell the user, once; the task's result keeps it too."""

    def deprecate(self, message: str, origin: Origin | None = None) -> None:
        """As ``warn``, of what ansible-core reads for the last time in its version 2.22."""

    def deprecated_value(self, notice: Mapping[str, Any], origin: Origin | None = None) -> None:
        """As ``warn``, of a value that a module has marked; ``notice`` is what it says."""


class Conditions(Protocol):
    """Judges conditions over a set of variables; a templating scope is one."""

    def condition(self, condition: Any) -> bool:
        """Whether a condition of the project's text holds. Raises TemplateError."""


class ProcessSink(Protocol):
    """Receives what a program on a host prints."""

    def data_received(self, data: bytes) -> None:
        """Bytes of standard output."""

    def error_received(self, data: bytes) -> None:
        """Bytes of standard error."""

    def process_exited(self, status: int | None, reason: str) -> None:
        """The end, once: exit status (negative for a signal), or None with a reason when the link died."""


class Process(Protocol):
    """A program under way on a host."""

    def write(self, data: bytes) -> None:
        """Send bytes to its standard input; never blocks."""

    async def drain(self) -> None:
        """Wait until what was written is under way."""

    def close_input(self) -> None:
        """End its standard input."""

    def terminate(self) -> None:
        """Give the program up and close the channel."""


class Connection(Protocol):
    """An open way to one host."""

    async def start(self, command: str, sink: ProcessSink, *, pty: bool = False) -> Process:
        """Start ``command`` through the login shell.

        Raises:
            Unreachable: the channel could not be opened.
        """

    async def run(self, command: str, *, stdin: bytes = b"", pty: bool = False, timeout: float = 0) -> Completed:
        """Run ``command`` to its end. Raises TimedOut, Lost."""

    async def escalate(self, become: Become, command: str, sink: ProcessSink) -> Process:
        """Start ``command`` as another user; returns once it really runs as that user.

        Raises:
            BecomeFailed: wrong password, not allowed, no such user or program.
        """

    async def close(self) -> None:
        """Close; never raises."""


class HostSession(Protocol):
    """What an action may do with a host; one with a resident runner, or without one (raw, WinRM)."""

    @property
    def is_controller(self) -> bool:
        """Whether it is the machine that the run itself is on."""

    async def run_module(self, invocation: Invocation) -> Reply:
        """Run a module. Raises HostError when the host, not the module, is at fault."""

    def found_interpreter(self) -> str:
        """The Python that was found on the host; empty where one is named, or none was found yet. Opens nothing."""

    async def run_raw(
        self, command: str, *, become: Become | None = None, stdin: bytes = b"", pty: bool = False, timeout: float = 0
    ) -> Completed:
        """Run a command line through the login shell, without Python on the host."""

    async def leave(self, user: str) -> None:
        """Keep no idle process on the host that belongs to a user whom a task became."""


class Terminal(Protocol):
    """The person in front of the run, if there is one."""

    @property
    def is_interactive(self) -> bool:
        """Whether somebody can answer."""

    def ask(self, prompt: str, private: bool = False) -> str | None:
        """Ask for a line, and block; ``private`` does not show what is typed. None: nobody can answer."""

    async def line(self, prompt: str, private: bool = False) -> str | None:
        """The same for a loop that goes on meanwhile; whoever waits may be cancelled."""

    async def key(self, prompt: str, keys: str) -> str:
        """The first of these keys (small letters, which stand for the large ones) that is pressed.

        Raises EOFError: the terminal is gone.
        """

    def hushed(self) -> AbstractContextManager[None]:
        """Meanwhile what is typed is neither shown nor kept for a question that follows."""


class Outputs(Protocol):
    """What shows a run, for plugins that write beside it or take its place."""

    @property
    def wanted(self) -> str:
        """The stdout callback that the project's settings name; empty where another output was asked for."""

    @property
    def wants_ours(self) -> bool:
        """Whether its name stands for an output of ours, which is there already."""

    def knows(self, callback: str) -> bool:
        """Whether a stdout callback's name stands for an output of ours."""

    @property
    def verbosity(self) -> int:
        """How many -v there were."""

    @property
    def columns(self) -> int:
        """How wide a banner is."""

    def show(self, text: str, colour: str = "", *, error: bool = False, newline: bool = True) -> None:
        """Write a text, secrets masked, into what is shown (or to the errors)."""

    def add(self, sink: Callable[[Any], None]) -> None:
        """Let ``sink`` have the events, after those that are there."""

    def replace(self, sink: Callable[[Any], None]) -> None:
        """Let ``sink`` have the events instead of what shows them."""

    def standard(self, dump: Callable[[dict[str, Any]], str] | None = None) -> Callable[[Any], None]:
        """A sink that shows what Ansible's own default does; ``dump`` lays out results."""

    def dump(self, result: Mapping[str, Any], indent: int | None = None) -> str:
        """A result as text, in the format of the settings, secrets masked."""

    def diff(self, diffs: Any) -> str:
        """Differences as text."""

    def mask(self, value: Any) -> Any:
        """Data without known secrets."""


Render = Callable[[Any, Mapping[str, Any]], Any]
