"""Lets a run be recorded in the history: who started what, and how; secrets of the command line stay out.

Nothing here may import a database: that is for whoever files or reads what was recorded.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from orchestra import __version__
from orchestra.cli.request import Request
from orchestra.errors import OrchestraError
from orchestra.history.entries import Header
from orchestra.history.handover import hand_over
from orchestra.history.places import NoFolder, Places, places_of
from orchestra.history.recorder import Recorder
from orchestra.history.secrecy import careful, without_credentials
from orchestra.model.event import Noted, Warned
from orchestra.reporting.bus import Bus
from orchestra.settings import Settings

_EXTRA_VARS = "extra_vars"


@contextmanager
def recorded(request: Request, bus: Bus, *, quiet: bool, complain: Callable[[str], None]) -> Iterator[None]:
    """Record the runs of which ``bus`` is told in the meantime, and see that they reach the database.

    ``complain`` says a sentence after the run. ``quiet``: under ``history = auto`` what goes wrong is a note for -v.
    """
    settings = request.settings
    if settings.history == "no":
        yield
        return
    quiet = quiet and settings.history == "auto" and not settings.history_url

    def tell(text: str) -> None:
        bus(Noted(f"history: {text}") if quiet else Warned(f"history: {text}"))

    def tell_late(text: str) -> None:
        if not quiet:
            complain(f"history: {text}")

    try:
        places = places_of(settings)
    except NoFolder as error:
        tell(f"{error.message}; {error.hint}")
        yield
        return
    recorder = Recorder(places, header_of(request), request.redactor, tell)
    bus.add(recorder)
    try:
        yield
    finally:
        recorder.close(tell_late)
        if recorder.recorded:
            _hand_over(places, settings, tell_late)


def _hand_over(places: Places, settings: Settings, tell: Callable[[str], None]) -> None:
    """Whatever goes wrong with it, the run is over and was what it was."""
    try:
        hand_over(places, settings, tell)
    except OrchestraError as error:
        tell(error.message)
    except OSError as error:
        tell(f"journals cannot be filed: {error.strerror}")


def header_of(request: Request) -> Header:
    """What is known of a run before it begins."""
    options = request.options
    return Header(
        argv=tuple(command_line(click.get_current_context(silent=True))),
        folder=os.getcwd(),
        user=_user(),
        controller=os.uname().nodename,
        version=__version__,
        limit=options.limit,
        tags=options.tags,
        skip_tags=options.skip_tags,
        extra_vars=tuple(sorted(map(str, options.extra_vars))),
        inventory=tuple(without_credentials(source) for source in request.settings.inventory),
    )


def _user() -> str:
    import pwd

    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    behind = os.environ.get("SUDO_USER", "")
    return f"{behind} (as {name})" if behind and behind != name else name


def command_line(context: click.Context | None) -> Iterator[str]:
    """The words that were given, as click understood them; of -e names alone, of what may hold passwords none."""
    if context is None:
        return
    yield from context.command_path.split()
    arguments: list[str] = []
    for param in context.command.params:
        name = param.name or ""
        if name in context.params and context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            value = context.params[name]
            if isinstance(param, click.Argument):
                arguments += value if isinstance(value, tuple) else [value]
            else:
                yield from _option(param, value)
    if any(word.startswith("-") for word in arguments):
        yield "--"
    yield from (careful(word) for word in _joined_careful(arguments))


def _joined_careful(words: list[str]) -> list[str]:
    """A password may be a word of its own behind the flag that it belongs to."""
    hidden = careful("\n".join(words)).split("\n")
    return hidden if len(hidden) == len(words) else [careful(word) for word in words]


def _option(param: click.Parameter, value: Any) -> Iterator[str]:
    name = next((opt for opt in param.opts if opt.startswith("--")), param.opts[0])
    if getattr(param, "count", False):
        yield "-" + param.opts[0].strip("-") * value
    elif getattr(param, "is_flag", False):
        yield name
    else:
        for one in value if isinstance(value, tuple) else (value,):
            yield name
            yield _named(str(one)) if param.name == _EXTRA_VARS else careful(str(one))


def _named(text: str) -> str:
    """A file of variables by its path; anything else is told by the names of its variables, elsewhere."""
    return text if text.strip().startswith("@") else "..."
