"""What people see of a run.

One link of the chain of declarations that ends in ``Settings``; there is no logic here.
"""

from __future__ import annotations

from orchestra.model.record import record
from orchestra.settings.reaching import ReachSettings
from orchestra.settings.spec import setting


@record  # a part; only Settings is ever made
class ShowSettings(ReachSettings):
    """What people see of a run."""

    # Output
    output: str = setting(
        "OUTPUT",
        "choice",
        "auto",
        "orchestra.output",
        "Form of the output, as --output has it.",
        choices=("auto", "live", "lines", "ansible", "json", "yaml", "dense", "quiet"),
    )
    stdout_callback: str = setting(
        "DEFAULT_STDOUT_CALLBACK", "str", "default", "defaults.stdout_callback", "Form of the output."
    )
    callbacks_enabled: tuple[str, ...] = setting(
        "CALLBACKS_ENABLED",
        "list",
        (),
        "defaults.callback_whitelist defaults.callbacks_enabled",
        "Further callbacks.",
        env="CALLBACK_WHITELIST CALLBACKS_ENABLED",
    )
    load_callback_plugins: bool = setting(
        "DEFAULT_LOAD_CALLBACK_PLUGINS",
        "bool",
        False,
        "defaults.bin_ansible_callbacks",
        "Use callbacks in ad hoc runs too.",
        env="LOAD_CALLBACK_PLUGINS",
    )
    result_format: str = setting(
        "CALLBACK_RESULT_FORMAT",
        "choice",
        "json",
        "defaults.callback_result_format",
        "How results are laid out.",
        choices=("json", "yaml"),
    )
    pretty_results: bool | None = setting(
        "CALLBACK_FORMAT_PRETTY", "bool", None, "defaults.callback_format_pretty", "Lay results out over many lines."
    )
    display_skipped_hosts: bool = setting(
        "DISPLAY_SKIPPED_HOSTS", "bool", True, "defaults.display_skipped_hosts", "Show skipped tasks."
    )
    display_ok_hosts: bool = setting(
        "DISPLAY_OK_HOSTS", "bool", True, "defaults.display_ok_hosts", "Show tasks that changed nothing."
    )
    display_failed_stderr: bool = setting(
        "DISPLAY_FAILED_STDERR", "bool", False, "defaults.display_failed_stderr", "Failures go to standard error."
    )
    display_args_to_stdout: bool = setting(
        "DISPLAY_ARGS_TO_STDOUT", "bool", False, "defaults.display_args_to_stdout", "Show tasks' arguments."
    )
    show_custom_stats: bool = setting(
        "SHOW_CUSTOM_STATS", "bool", False, "defaults.show_custom_stats", "Show set_stats at the end."
    )
    show_per_host_start: bool = setting(
        "SHOW_PER_HOST_START", "bool", False, "defaults.show_per_host_start", "Show each host's start of a task."
    )
    check_mode_markers: bool = setting(
        "CHECK_MODE_MARKERS", "bool", False, "defaults.check_mode_markers", "Mark tasks that run in check mode."
    )
    show_task_path_on_failure: bool = setting(
        "SHOW_TASK_PATH_ON_FAILURE", "bool", False, "defaults.show_task_path_on_failure", "Show where a task stands."
    )
    log_path: str = setting("DEFAULT_LOG_PATH", "path", "", "defaults.log_path", "File to log to.")
    log_verbosity: int = setting(
        "LOG_VERBOSITY", "int", 0, "defaults.log_verbosity", "As many -v for the log, where that is more."
    )
    verbosity: int = setting("DEFAULT_VERBOSITY", "int", 0, "defaults.verbosity", "As many -v.")
    nocolor: bool = setting(
        "ANSIBLE_NOCOLOR", "bool", False, "defaults.nocolor", "No colours.", env="NOCOLOR =NO_COLOR"
    )
    force_color: bool = setting("ANSIBLE_FORCE_COLOR", "bool", False, "defaults.force_color", "Colours in pipes too.")
    deprecation_warnings: bool = setting(
        "DEPRECATION_WARNINGS", "bool", True, "defaults.deprecation_warnings", "Show deprecation warnings."
    )
    system_warnings: bool = setting(
        "SYSTEM_WARNINGS", "bool", True, "defaults.system_warnings", "Show warnings of ours."
    )
    action_warnings: bool = setting("ACTION_WARNINGS", "bool", True, "defaults.action_warnings", "Show those of tasks.")
    localhost_warning: bool = setting(
        "LOCALHOST_WARNING", "bool", True, "defaults.localhost_warning", "Warn when only localhost is there."
    )
    inventory_unparsed_warning: bool = setting(
        "INVENTORY_UNPARSED_WARNING",
        "bool",
        True,
        "inventory.inventory_unparsed_warning",
        "Warn when nothing is there.",
    )
    verbose_to_stderr: bool = setting(
        "VERBOSE_TO_STDERR", "bool", False, "defaults.verbose_to_stderr", "Warnings and -v go to standard error."
    )
    diff_always: bool = setting("DIFF_ALWAYS", "bool", False, "diff.always", "As --diff.", env="DIFF_ALWAYS")
    diff_context: int = setting("DIFF_CONTEXT", "int", 3, "diff.context", "Lines around changes.", env="DIFF_CONTEXT")
    max_diff_size: int = setting("MAX_FILE_SIZE_FOR_DIFF", "int", 104448, "defaults.max_diff_size", "Bytes for a diff.")
    editor: str = setting("EDITOR", "str", "vi", "defaults.editor", "Editor of vault files.", env="EDITOR =EDITOR")
