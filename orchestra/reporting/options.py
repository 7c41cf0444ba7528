"""What a user may ask of the output; plain data, filled by ``choose`` from settings and flags."""

from __future__ import annotations

from orchestra.model.record import record


@record
class OutputOptions:
    """The wishes that sinks obey. Names follow the options of Ansible's default callback."""

    verbosity: int = 0
    #: The same for lines that are about the run rather than a result, where it is more.
    notes: int = 0
    show_skipped: bool = True
    show_ok: bool = True
    #: Failures go to the error stream.
    failed_stderr: bool = False
    show_custom_stats: bool = False
    show_per_host_start: bool = False
    check_mode_markers: bool = False
    show_task_path_on_failure: bool = False
    #: ``json`` or ``yaml``: how results are dumped.
    result_format: str = "json"
    #: None: as the format is used to (JSON on one line, YAML on many).
    pretty_results: bool | None = None
    #: Unchanged lines around a difference.
    diff_context: int = 3
    deprecation_warnings: bool = True
