"""From flags and settings to the output of a run, and what is said before it begins."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from orchestra.cli.console import Console
from orchestra.cli.recording import recorded
from orchestra.cli.request import Request, output_mode
from orchestra.model.event import Event, Noted, Warned
from orchestra.model.ports import Outputs
from orchestra.reporting.bus import Bus
from orchestra.reporting.choose import Output, choose
from orchestra.reporting.choose import Request as OutputRequest
from orchestra.reporting.options import OutputOptions
from orchestra.settings import Settings
from orchestra.settings.load import describe_unknown

#: Outputs whose readers expect what Ansible says, and no word of a history.
_FOR_PROGRAMS = ("ansible", "minimal", "oneline", "document")


@contextmanager
def shown(request: Request, flags: Mapping[str, Any], kind: str, console: Console) -> Iterator[tuple[Output, Bus]]:
    """The output while it is open, and the bus that feeds it; what the user should know beforehand has been told.

    ``console`` asks its questions while the output stands aside.
    """
    output = choose(output_request(request.settings, request.options.verbosity, flags, kind), request.redactor)
    bus = Bus(output.sinks, _complain)
    console.suspended = output.suspended
    with recorded(request, bus, quiet=output.mode in _FOR_PROGRAMS, complain=_complain):
        try:
            for event in _preface(request, output):
                bus(event)
            yield output, bus
        finally:
            output.close()


def stage_of(output: Output, bus: Bus, request: Request) -> Outputs:
    """What the project's callbacks may do with the output."""
    from orchestra.reporting.stage import Stage

    return Stage(bus, output, request.redactor)


def output_request(settings: Settings, verbosity: int, flags: Mapping[str, Any], kind: str) -> OutputRequest:
    """What the flags and settings say about output."""
    mode = output_mode(settings, flags)
    heeded = "stdout_callback" in settings.sources and (
        kind == "play" or mode != "ansible" or settings.load_callback_plugins
    )
    return OutputRequest(
        mode=mode,
        kind=kind,
        options=_options(settings, verbosity),
        callback=settings.stdout_callback if heeded else "",
        one_line=bool(flags.get("one_line")),
        force_color=settings.force_color,
        no_color=settings.nocolor,
        colours=settings.file_values.get("colors", {}),
        command=("orchestra", *sys.argv[1:]),
        base=os.getcwd(),
        log_path=settings.log_path,
        log_verbosity=settings.log_verbosity,
        tree=flags.get("tree") or "",
    )


def _options(settings: Settings, verbosity: int) -> OutputOptions:
    return OutputOptions(
        verbosity=verbosity,
        show_skipped=settings.display_skipped_hosts,
        show_ok=settings.display_ok_hosts,
        failed_stderr=settings.display_failed_stderr,
        show_custom_stats=settings.show_custom_stats,
        show_per_host_start=settings.show_per_host_start,
        check_mode_markers=settings.check_mode_markers,
        show_task_path_on_failure=settings.show_task_path_on_failure,
        result_format=settings.result_format,
        pretty_results=settings.pretty_results,
        diff_context=settings.diff_context,
        deprecation_warnings=settings.deprecation_warnings,
    )


def _preface(request: Request, output: Output) -> list[Event]:
    settings = request.settings
    file = settings.config_file
    events: list[Event] = [Noted(f"Using {file} as config file" if file else "No config file found; using defaults")]
    events += [Noted(f"{origin}: {describe_unknown(place)}") for place, origin in settings.unknown_keys.items()]
    events += [Warned(text) for text in (*settings.warnings, *request.warnings) if text]
    if request.options.verbosity >= 4:
        events.append(Noted(f"command line: {shlex.join(sys.argv[1:])}", verbosity=4))
    return events


def _complain(text: str) -> None:
    try:
        print(f"orchestra: {text}", file=sys.stderr)  # noqa: T201 - no sink is left to say it
    except OSError:
        return
