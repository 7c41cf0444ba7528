"""From what the user asked for (``--output``, ansible.cfg's ``stdout_callback``) to the sinks of a run.

The only place that knows all sinks; each is imported when it is wanted.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import field, replace
from typing import Any, TextIO, cast

from orchestra.model.record import record
from orchestra.model.secret import Redactor
from orchestra.reporting.bus import Sink
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.screen import Look, Piece, Screen

MODES = ("auto", "live", "lines", "ansible", "json", "yaml", "dense", "quiet")
#: Outputs that print carriage returns, as ansible-playbook and ansible do.
_WITH_RETURNS = ("ansible", "minimal")
#: The width of Ansible's banners where there is no terminal, and their least width.
_ANSIBLE_WIDTH = 79
_COLLECTIONS = ("ansible.builtin.", "ansible.posix.", "community.general.", "ansible.legacy.")
#: stdout_callback -> mode and what it changes in the options.
_CALLBACKS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "default": ("ansible", {}),
    "yaml": ("ansible", {"result_format": "yaml", "pretty_results": True}),
    "debug": ("ansible", {"pretty_results": True}),
    "skippy": ("ansible", {"show_skipped": False}),
    "full_skip": ("ansible", {"show_skipped": False}),
    "actionable": ("ansible", {"show_ok": False, "show_skipped": False}),
    "selective": ("ansible", {}),
    "minimal": ("minimal", {}),
    "oneline": ("oneline", {}),
    "json": ("document", {}),
    "jsonl": ("json", {}),
    "dense": ("dense", {}),
    "unixy": ("dense", {}),
    "null": ("quiet", {}),
}


@record
class Request:
    """What the output of one run shall be.

    ``kind`` is the run's (play, adhoc, facts); ``command`` what the user typed (program and arguments); ``base`` the
    folder that paths are shown from; ``force_color`` and ``no_color`` come from settings.
    """

    mode: str = "auto"
    kind: str = "play"
    options: OutputOptions = field(default_factory=OutputOptions)
    #: ansible.cfg's stdout_callback where somebody set it, else "".
    callback: str = ""
    one_line: bool = False
    force_color: bool = False
    no_color: bool = False
    colours: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] = ()
    base: str = ""
    #: A file that gets what Ansible's default output says, with times in front; "" is none.
    log_path: str = ""
    #: Verbosity of the run's own lines in that file, where it is more than the output's.
    log_verbosity: int = 0
    #: A folder that gets each host's result as a file; "" is none.
    tree: str = ""


@record
class Output:
    """The sinks of a run. Enter ``suspended()`` around anything else that uses the terminal; ``close()`` at the end."""

    sinks: tuple[Sink, ...]
    #: What was chosen.
    mode: str
    suspended: Callable[[], AbstractContextManager[None]] = nullcontext
    close: Callable[[], None] = lambda: None
    #: What the sinks write on, and how they lay it out.
    screen: Screen | None = None
    options: OutputOptions = OutputOptions()
    #: The stdout callback that the project names, where it counts; and whether its name is one of ours.
    callback: str = ""
    callback_is_ours: bool = False


def choose(
    request: Request,
    redactor: Redactor,
    *,
    out: TextIO | None = None,
    err: TextIO | None = None,
    environ: Mapping[str, str] = os.environ,
    clock: Callable[[], float] = time.monotonic,
) -> Output:
    """Make the output that ``request`` asks for."""
    out, err = out or sys.stdout, err or sys.stderr
    asked = request.callback if request.mode in ("auto", "ansible") and request.kind != "facts" else ""
    mode, request = _settle(request, out, environ)
    look = look_of(out, environ, request, ansible=mode == "ansible")
    screen = Screen(out, err, replace(look, returns=mode in _WITH_RETURNS), redactor.mask)
    maker = _MAKERS[mode]
    sink = maker(screen, request, redactor.mask_data, clock)
    suspended = getattr(sink, "suspended", nullcontext)
    close = _unless_nobody_reads(getattr(sink, "close", screen.flush))
    sinks = (sink, *_tree(request, redactor.mask_data))
    output = Output(
        sinks, mode, suspended, close, screen, request.options, callback=asked, callback_is_ours=is_ours(asked)
    )
    if not request.log_path:
        return output
    log, close_log = _log(request, redactor)

    def close_both() -> None:
        close()
        close_log()

    return replace(output, sinks=(*sinks, log), close=close_both)


def is_ours(callback: str) -> bool:
    """Say whether a stdout callback's name stands for an output of ours."""
    return _short(callback) in _CALLBACKS


def _short(callback: str) -> str:
    for prefix in _COLLECTIONS:
        callback = callback.removeprefix(prefix)
    return callback


def _unless_nobody_reads(close: Callable[[], None]) -> Callable[[], None]:
    """A reader that has gone away (``| head``) is nothing to fail for."""

    def closing() -> None:
        with suppress(BrokenPipeError):
            close()

    return closing


def _settle(request: Request, out: TextIO, environ: Mapping[str, str]) -> tuple[str, Request]:
    """The mode to use, and the request with what that mode implies."""
    mode = request.mode
    if mode in ("auto", "ansible") and request.callback:
        name = _short(request.callback)
        if name in _CALLBACKS:
            mode, changes = _CALLBACKS[name]
            request = replace(request, options=replace(request.options, **changes))
    if request.kind == "facts":
        return "facts", request
    if mode == "auto":
        mode = "live" if can_be_live(out, environ) else "lines"
    if mode == "yaml":
        mode, request = "ansible", replace(request, options=replace(request.options, result_format="yaml"))
    if mode == "ansible" and request.kind == "adhoc":
        mode = "minimal"
    if request.one_line and mode in ("minimal", "lines", "live"):
        mode = "oneline"
    return mode, request


def can_be_live(out: TextIO, environ: Mapping[str, str]) -> bool:
    """Say whether a moving display makes sense: a terminal that can move its cursor, and no CI behind it."""
    return out.isatty() and environ.get("TERM", "dumb") not in ("dumb", "unknown", "") and "CI" not in environ


def look_of(out: TextIO, environ: Mapping[str, str], request: Request, *, ansible: bool = False) -> Look:
    """Width, colour and characters for a stream. NO_COLOR wins over a terminal, forcing wins over both."""
    terminal = out.isatty()
    width = _width(out, environ) if terminal else 0
    forced = request.force_color or environ.get("FORCE_COLOR", "") not in ("", "0")
    wanted = terminal and not request.no_color and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    encoding = (getattr(out, "encoding", None) or "utf-8").lower().replace("-", "")
    return Look(
        width=max(_ANSIBLE_WIDTH, width - 1) if ansible else max(20, width or 100),
        colour=forced or wanted,
        colours=request.colours,
        unicode=encoding == "utf8",
    )


def _width(out: TextIO, environ: Mapping[str, str]) -> int:
    if environ.get("COLUMNS", "").isdigit():
        return int(environ["COLUMNS"])
    try:
        return os.get_terminal_size(out.fileno()).columns
    except (OSError, ValueError):
        return 80


Mask = Callable[[object], object]
Clock = Callable[[], float]


def _live(screen: Screen, request: Request, mask: Mask, clock: Clock) -> Sink:
    from orchestra.reporting.live import LiveSink

    return LiveSink(screen, request.options, mask, clock, command=request.command, base=request.base)


def _lines(screen: Screen, request: Request, mask: Mask, clock: Clock) -> Sink:
    from orchestra.reporting.lines import LinesSink

    return LinesSink(screen, request.options, mask, request.base)


def _ansible(screen: Screen, request: Request, mask: Mask, clock: Clock) -> Sink:
    from orchestra.reporting.ansible import AnsibleSink

    return AnsibleSink(screen, request.options, mask)


def _minimal(screen: Screen, request: Request, mask: Mask, clock: Clock) -> Sink:
    from orchestra.reporting.minimal import MinimalSink

    return MinimalSink(screen, request.options, mask)


def _oneline(screen: Screen, request: Request, mask: Mask, clock: Clock) -> Sink:
    from orchestra.reporting.minimal import OneLineSink

    return OneLineSink(screen, request.options, mask)


def _json(screen: Screen, request: Request, mask: Mask, clock: Clock) -> Sink:
    from orchestra.reporting.jsonlines import JsonLinesSink

    return JsonLinesSink(screen.out, mask, time.time)


def _document(screen: Screen, request: Request, mask: Mask, clock: Clock) -> Sink:
    from orchestra.reporting.document import DocumentSink

    return DocumentSink(screen, mask, time.time)


def _dense(screen: Screen, request: Request, mask: Mask, clock: Clock) -> Sink:
    from orchestra.reporting.dense import DenseSink

    def complain(pieces: Sequence[Piece]) -> None:
        screen.write_pieces(pieces, error=True)

    return DenseSink(
        screen.write_pieces, screen.look, request.options, mask, clock,
        command=request.command, base=request.base, complain=complain,
    )  # fmt: skip


def _quiet(screen: Screen, request: Request, mask: Mask, clock: Clock) -> Sink:
    from orchestra.reporting.quiet import QuietSink

    return QuietSink(screen, request.command, request.base)


def _log(request: Request, redactor: Redactor) -> tuple[Sink, Callable[[], None]]:
    """The log says what Ansible's default output says, secrets of debug tasks left out."""
    from orchestra.reporting.ansible import AnsibleSink
    from orchestra.reporting.log import LogStream

    stream = LogStream(request.log_path)
    screen = Screen(cast(TextIO, stream), cast(TextIO, stream), Look(width=_ANSIBLE_WIDTH), redactor.mask)
    options = replace(request.options, notes=request.log_verbosity)
    return AnsibleSink(screen, options, redactor.mask_data, keep_secrets=True), stream.close


def _tree(request: Request, mask: Mask) -> tuple[Sink, ...]:
    if not request.tree:
        return ()
    from orchestra.reporting.tree import TreeSink

    return (TreeSink(request.tree, request.options, mask),)


def _facts(screen: Screen, request: Request, mask: Mask, clock: Clock) -> Sink:
    from orchestra.reporting.facts import FactsSink

    return FactsSink(screen, mask, yaml=request.mode == "yaml", one_line=request.mode in ("json", "lines"))


_MAKERS: Mapping[str, Callable[[Screen, Request, Mask, Clock], Sink]] = {
    "live": _live,
    "lines": _lines,
    "ansible": _ansible,
    "minimal": _minimal,
    "oneline": _oneline,
    "json": _json,
    "document": _document,
    "dense": _dense,
    "quiet": _quiet,
    "facts": _facts,
}
