"""What runs, how much at once, templates and vaults.

One link of the chain of declarations that ends in ``Settings``; there is no logic here.
"""

from __future__ import annotations

from orchestra.model.record import record
from orchestra.settings.spec import setting


@record  # a part; only Settings is ever made
class RunSettings:
    """What runs, how much at once, templates and vaults."""

    # What runs, and how much at once
    forks: int = setting("DEFAULT_FORKS", "int", 50, "defaults.forks", "Host-tasks in flight at the same time.")
    strategy: str = setting("DEFAULT_STRATEGY", "str", "linear", "defaults.strategy", "Strategy of plays without one.")
    any_errors_fatal: bool = setting(
        "ANY_ERRORS_FATAL", "bool", False, "defaults.any_errors_fatal", "One host's failure ends the play for all."
    )
    force_handlers: bool = setting(
        "DEFAULT_FORCE_HANDLERS", "bool", False, "defaults.force_handlers", "Run notified handlers of failed hosts."
    )
    poll_interval: int = setting(
        "DEFAULT_POLL_INTERVAL", "int", 15, "defaults.poll_interval", "Seconds between looks at a background job."
    )
    task_timeout: int = setting(
        "TASK_TIMEOUT", "int", 0, "defaults.task_timeout", "Seconds a task may take on a host; 0 is no limit."
    )
    enable_task_debugger: bool = setting(
        "ENABLE_TASK_DEBUGGER", "bool", False, "defaults.enable_task_debugger", "Stop in the debugger at failures."
    )
    task_debugger_ignore_errors: bool = setting(
        "TASK_DEBUGGER_IGNORE_ERRORS",
        "bool",
        True,
        "defaults.task_debugger_ignore_errors",
        "The debugger lets failures pass that ignore_errors forgives.",
    )
    error_on_missing_handler: bool = setting(
        "ERROR_ON_MISSING_HANDLER", "bool", True, "defaults.error_on_missing_handler", "Fail on an unknown handler."
    )
    debug: bool = setting(
        "DEFAULT_DEBUG", "bool", False, "defaults.debug", "Tell of handlers that run by themselves.", env="DEBUG"
    )
    invalid_task_attribute_failed: bool = setting(
        "INVALID_TASK_ATTRIBUTE_FAILED",
        "bool",
        True,
        "defaults.invalid_task_attribute_failed",
        "Refuse a keyword that means nothing beside an include rather than warn.",
    )
    tags_run: tuple[str, ...] = setting("TAGS_RUN", "list", (), "tags.run", "Tags to run.", env="RUN_TAGS")
    tags_skip: tuple[str, ...] = setting("TAGS_SKIP", "list", (), "tags.skip", "Tags to skip.", env="SKIP_TAGS")
    retry_files_enabled: bool = setting(
        "RETRY_FILES_ENABLED", "bool", False, "defaults.retry_files_enabled", "Write a .retry file of failed hosts."
    )
    retry_files_save_path: str = setting(
        "RETRY_FILES_SAVE_PATH", "path", "", "defaults.retry_files_save_path", "Folder of .retry files."
    )
    no_log: bool = setting("DEFAULT_NO_LOG", "bool", False, "defaults.no_log", "Hide every task's result.")
    module_name: str = setting(
        "DEFAULT_MODULE_NAME", "str", "command", "defaults.module_name", "Module of ad hoc commands.", env=""
    )
    module_args: str = setting(
        "DEFAULT_MODULE_ARGS", "str", "", "defaults.module_args", "Arguments of ad hoc commands."
    )

    # Templates
    jinja2_extensions: tuple[str, ...] = setting(
        "DEFAULT_JINJA2_EXTENSIONS", "list", (), "defaults.jinja2_extensions", "Jinja extensions to load."
    )
    jinja2_native: bool = setting(
        "DEFAULT_JINJA2_NATIVE", "bool", True, "defaults.jinja2_native", "Templates keep their values' types."
    )
    error_on_undefined_vars: bool = setting(
        "DEFAULT_UNDEFINED_VAR_BEHAVIOR",
        "bool",
        True,
        "defaults.error_on_undefined_vars",
        "A variable that is not set is an error.",
    )
    allow_broken_conditionals: bool = setting(
        "ALLOW_BROKEN_CONDITIONALS",
        "bool",
        False,
        "defaults.allow_broken_conditionals",
        "Conditions may give other values than true and false.",
    )
    allow_embedded_templates: bool = setting(
        "ALLOW_EMBEDDED_TEMPLATES",
        "bool",
        True,
        "defaults.allow_embedded_templates",
        "Templates in quoted texts of conditions and of lookups' terms are rendered.",
    )
    untrusted_templates: str = setting(
        "_TEMPLAR_UNTRUSTED_TEMPLATE_BEHAVIOR",
        "choice",
        "ignore",
        "defaults.untrusted_templates",
        "What happens where a template meets text of hosts that looks like one. It is never rendered.",
        env="UNTRUSTED_TEMPLATES =_ANSIBLE_TEMPLAR_UNTRUSTED_TEMPLATE_BEHAVIOR",
        choices=("ignore", "warning", "fail"),
    )
    ansible_managed: str = setting(
        "DEFAULT_MANAGED_STR", "str", "Ansible managed", "defaults.ansible_managed", "{{ ansible_managed }}.", env=""
    )

    # Orchestra's own
    compat: str = setting(
        "COMPAT",
        "str",
        "",
        "orchestra.compat",
        "Read the project as this version of ansible-core did: before 2.19 a condition may have any result.",
        choices=("", *(f"2.{minor}" for minor in range(9, 20))),
    )
    check_foresight: str = setting(
        "CHECK_FORESIGHT",
        "choice",
        "auto",
        "orchestra.check_foresight",
        "In a check run tasks see what earlier ones would have made; without it each is by itself, as in ansible-core. "
        "auto: not under `--output ansible`, whose readers expect Ansible's results.",
        choices=("auto", "yes", "no"),
    )
    max_reply_mb: int = setting("MAX_REPLY_MB", "int", 100, "orchestra.max_reply_mb", "Megabytes a task may return.")
    heartbeat_seconds: int = setting(
        "HEARTBEAT_SECONDS", "int", 60, "orchestra.heartbeat_seconds", "Silence after which a host counts as lost."
    )
    connect_concurrency: int = setting(
        "CONNECT_CONCURRENCY", "int", 32, "orchestra.connect_concurrency", "Handshakes under way at the same time."
    )

    # The history of runs
    history: str = setting(
        "HISTORY",
        "choice",
        "auto",
        "orchestra.history",
        "Record runs. auto: yes; where the folder cannot be written to, `--output ansible` says so only with -v.",
        choices=("auto", "yes", "no"),
    )
    history_folder: str = setting(
        "HISTORY_FOLDER",
        "path",
        "",
        "orchestra.history_folder",
        "Folder of journals and of the embedded database; empty: `orchestra/history` in `$XDG_STATE_HOME`, which is "
        "`~/.local/state` where it is not set.",
    )
    history_url: str = setting(
        "HISTORY_URL",
        "str",
        "",
        "orchestra.history_url",
        "`postgresql://...` of the database of runs; empty: the embedded one.",
    )
    history_days: int = setting(
        "HISTORY_DAYS", "int", 90, "orchestra.history_days", "Days that runs are kept; 0 is for ever."
    )
    history_runs: int = setting(
        "HISTORY_RUNS", "int", 2000, "orchestra.history_runs", "How many runs are kept, the newest; 0 is all."
    )
    history_wait: int = setting(
        "HISTORY_WAIT",
        "int",
        5,
        "orchestra.history_wait",
        "Seconds that the end of a run waits at most for a database that history_url names.",
    )

    # Vault
    ask_vault_pass: bool = setting(
        "DEFAULT_ASK_VAULT_PASS", "bool", False, "defaults.ask_vault_pass", "Ask for the vault password."
    )
    vault_password_file: str = setting(
        "DEFAULT_VAULT_PASSWORD_FILE", "path", "", "defaults.vault_password_file", "File or script of it."
    )
    vault_identity_list: tuple[str, ...] = setting(
        "DEFAULT_VAULT_IDENTITY_LIST", "list", (), "defaults.vault_identity_list", "label@source of several."
    )
    vault_identity: str = setting(
        "DEFAULT_VAULT_IDENTITY", "str", "default", "defaults.vault_identity", "Label of passwords without one."
    )
    vault_encrypt_identity: str = setting(
        "DEFAULT_VAULT_ENCRYPT_IDENTITY", "str", "", "defaults.vault_encrypt_identity", "Label to encrypt with."
    )
    vault_encrypt_salt: str = setting(
        "VAULT_ENCRYPT_SALT", "str", "", "defaults.vault_encrypt_salt", "Fixed salt, for reproducible texts."
    )
    vault_id_match: bool = setting(
        "DEFAULT_VAULT_ID_MATCH", "bool", False, "defaults.vault_id_match", "Try only passwords with a text's label."
    )
