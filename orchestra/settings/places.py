"""Where a project's parts are, and how its inventory and variables are read.

One link of the chain of declarations that ends in ``Settings``; there is no logic here.
"""

from __future__ import annotations

from orchestra.model.record import record
from orchestra.settings.running import RunSettings
from orchestra.settings.spec import setting

_HOME = "~/.ansible"


@record  # a part; only Settings is ever made
class PlaceSettings(RunSettings):
    """Where a project's parts are, and how its inventory and variables are read."""

    # Where a project's parts are
    home: str = setting("ANSIBLE_HOME", "path", _HOME, "defaults.home", "Folder for what belongs to the user.")
    inventory: tuple[str, ...] = setting(
        "DEFAULT_HOST_LIST", "pathlist", ("/etc/ansible/hosts",), "defaults.inventory", "Inventory sources."
    )
    roles_path: tuple[str, ...] = setting(
        "DEFAULT_ROLES_PATH",
        "pathspec",
        (f"{_HOME}/roles", "/usr/share/ansible/roles", "/etc/ansible/roles"),
        "defaults.roles_path",
        "Folders of roles, after the playbook's own.",
    )
    collections_path: tuple[str, ...] = setting(
        "COLLECTIONS_PATHS",
        "pathspec",
        (f"{_HOME}/collections", "/usr/share/ansible/collections"),
        "defaults.collections_paths defaults.collections_path",
        "Folders of collections.",
        env="COLLECTIONS_PATHS COLLECTIONS_PATH",
    )
    library: tuple[str, ...] = setting(
        "DEFAULT_MODULE_PATH",
        "pathspec",
        (f"{_HOME}/plugins/modules", "/usr/share/ansible/plugins/modules"),
        "defaults.library",
        "Folders of the user's modules.",
    )
    module_utils: tuple[str, ...] = setting(
        "DEFAULT_MODULE_UTILS_PATH",
        "pathspec",
        (f"{_HOME}/plugins/module_utils", "/usr/share/ansible/plugins/module_utils"),
        "defaults.module_utils",
        "Folders of code that the user's modules share.",
    )
    action_plugins: tuple[str, ...] = setting(
        "DEFAULT_ACTION_PLUGIN_PATH", "pathspec", (f"{_HOME}/plugins/action",), "defaults.action_plugins", "Actions."
    )
    filter_plugins: tuple[str, ...] = setting(
        "DEFAULT_FILTER_PLUGIN_PATH", "pathspec", (f"{_HOME}/plugins/filter",), "defaults.filter_plugins", "Filters."
    )
    test_plugins: tuple[str, ...] = setting(
        "DEFAULT_TEST_PLUGIN_PATH", "pathspec", (f"{_HOME}/plugins/test",), "defaults.test_plugins", "Jinja tests."
    )
    lookup_plugins: tuple[str, ...] = setting(
        "DEFAULT_LOOKUP_PLUGIN_PATH", "pathspec", (f"{_HOME}/plugins/lookup",), "defaults.lookup_plugins", "Lookups."
    )
    vars_plugins: tuple[str, ...] = setting(
        "DEFAULT_VARS_PLUGIN_PATH", "pathspec", (f"{_HOME}/plugins/vars",), "defaults.vars_plugins", "Vars plugins."
    )
    vars_plugins_enabled: tuple[str, ...] = setting(
        "VARIABLE_PLUGINS_ENABLED",
        "list",
        ("host_group_vars",),
        "defaults.vars_plugins_enabled",
        "Vars plugins that are asked.",
        env="VARS_ENABLED",
    )
    run_vars_plugins: str = setting(
        "RUN_VARS_PLUGINS",
        "choice",
        "demand",
        "defaults.run_vars_plugins",
        "Whether vars plugins, group_vars and host_vars among them, are asked beside the playbook, too (demand), or "
        "beside the inventory alone (start).",
        choices=("demand", "start"),
    )
    host_group_vars_stage: str = setting(
        "HOST_GROUP_VARS_STAGE",
        "choice",
        "",
        "vars_host_group_vars.stage",
        "As run_vars_plugins, for group_vars and host_vars alone: inventory is beside the inventory alone.",
        env="VARS_PLUGIN_STAGE",
        choices=("all", "inventory", "task"),
    )
    callback_plugins: tuple[str, ...] = setting(
        "DEFAULT_CALLBACK_PLUGIN_PATH",
        "pathspec",
        (f"{_HOME}/plugins/callback",),
        "defaults.callback_plugins",
        "Folders of callbacks.",
    )
    connection_plugins: tuple[str, ...] = setting(
        "DEFAULT_CONNECTION_PLUGIN_PATH",
        "pathspec",
        (f"{_HOME}/plugins/connection",),
        "defaults.connection_plugins",
        "Folders of connections.",
    )
    become_plugins: tuple[str, ...] = setting(
        "BECOME_PLUGIN_PATH",
        "pathspec",
        (f"{_HOME}/plugins/become",),
        "defaults.become_plugins",
        "Folders of ways to become another user.",
    )
    inventory_plugins: tuple[str, ...] = setting(
        "DEFAULT_INVENTORY_PLUGIN_PATH",
        "pathspec",
        (f"{_HOME}/plugins/inventory",),
        "defaults.inventory_plugins",
        "Folders of inventory plugins.",
    )
    cache_plugins: tuple[str, ...] = setting(
        "DEFAULT_CACHE_PLUGIN_PATH", "pathspec", (f"{_HOME}/plugins/cache",), "defaults.cache_plugins", "Caches."
    )
    doc_fragments: tuple[str, ...] = setting(
        "DOC_FRAGMENT_PLUGIN_PATH",
        "pathspec",
        (f"{_HOME}/plugins/doc_fragments",),
        "defaults.doc_fragment_plugins",
        "Folders of documentation fragments that plugins extend.",
    )
    strategy_plugins: tuple[str, ...] = setting(
        "DEFAULT_STRATEGY_PLUGIN_PATH",
        "pathspec",
        (f"{_HOME}/plugins/strategy",),
        "defaults.strategy_plugins",
        "Folders of strategies (those that are one of ours under another name).",
    )
    local_tmp: str = setting(
        "DEFAULT_LOCAL_TMP",
        "path",
        f"{_HOME}/tmp",  # noqa: S108 - below the user's own folder
        "defaults.local_tmp",
        "Folder for files of a run.",
        env="LOCAL_TEMP",
    )

    # Inventory and variables
    hash_behaviour: str = setting(
        "DEFAULT_HASH_BEHAVIOUR",
        "choice",
        "replace",
        "defaults.hash_behaviour",
        "What a later mapping does to an earlier one of the same name.",
        choices=("replace", "merge"),
    )
    variable_precedence: tuple[str, ...] = setting(
        "VARIABLE_PRECEDENCE",
        "list",
        (
            "all_inventory",
            "groups_inventory",
            "all_plugins_inventory",
            "all_plugins_play",
            "groups_plugins_inventory",
            "groups_plugins_play",
        ),
        "defaults.precedence",
        "Sources of group variables, the weakest first.",
    )
    private_role_vars: bool = setting(
        "DEFAULT_PRIVATE_ROLE_VARS", "bool", False, "defaults.private_role_vars", "Keep roles' variables to themselves."
    )
    playbook_vars_root: str = setting(
        "PLAYBOOK_VARS_ROOT",
        "choice",
        "top",
        "defaults.playbook_vars_root",
        "Beside which playbooks group_vars/ and host_vars/ are looked for.",
        choices=("top", "bottom", "all"),
    )
    playbook_dir: str = setting("PLAYBOOK_DIR", "path", "", "defaults.playbook_dir", "Playbook folder of ad hoc runs.")
    inventory_enabled: tuple[str, ...] = setting(
        "INVENTORY_ENABLED",
        "list",
        ("host_list", "script", "auto", "yaml", "ini", "toml"),
        "inventory.enable_plugins",
        "How a source is read: the first of these that can.",
        env="INVENTORY_ENABLED",
    )
    inventory_unparsed_is_failed: bool = setting(
        "INVENTORY_UNPARSED_IS_FAILED",
        "bool",
        False,
        "inventory.unparsed_is_failed",
        "Fail when no source could be read.",
        env="INVENTORY_UNPARSED_FAILED",
    )
    inventory_any_unparsed_is_failed: bool = setting(
        "INVENTORY_ANY_UNPARSED_IS_FAILED",
        "bool",
        False,
        "inventory.any_unparsed_is_failed",
        "Fail when one source could not be read.",
        env="INVENTORY_ANY_UNPARSED_IS_FAILED",
    )
    inventory_ignore_extensions: tuple[str, ...] = setting(
        "INVENTORY_IGNORE_EXTS",
        "list",
        (".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry"),
        "defaults.inventory_ignore_extensions inventory.ignore_extensions",
        "Files that a folder of sources may hold beside them.",
        env="INVENTORY_IGNORE",
    )
    inventory_ignore_patterns: tuple[str, ...] = setting(
        "INVENTORY_IGNORE_PATTERNS",
        "list",
        (),
        "defaults.inventory_ignore_patterns inventory.ignore_patterns",
        "Regular expressions of file names to pass over in a folder of sources.",
        env="INVENTORY_IGNORE_REGEX",
    )
    inventory_export: bool = setting(
        "INVENTORY_EXPORT",
        "bool",
        False,
        "inventory.export",
        "orchestra inventory --list shows variables where they are set.",
        env="INVENTORY_EXPORT",
    )
    yaml_extensions: tuple[str, ...] = setting(
        "YAML_FILENAME_EXTENSIONS",
        "list",
        (".yml", ".yaml", ".json"),
        "defaults.yaml_valid_extensions",
        "Endings of variable files.",
        env="YAML_FILENAME_EXT",
    )
    host_pattern_mismatch: str = setting(
        "HOST_PATTERN_MISMATCH",
        "choice",
        "warning",
        "inventory.host_pattern_mismatch",
        "What a pattern that matches no host is.",
        choices=("error", "warning", "ignore"),
        env="HOST_PATTERN_MISMATCH",
    )
    force_valid_group_names: str = setting(
        "TRANSFORM_INVALID_GROUP_CHARS",
        "choice",
        "never",
        "defaults.force_valid_group_names",
        "Replace characters in group names that variable names can not have.",
        env="TRANSFORM_INVALID_GROUP_CHARS",
        choices=("always", "never", "ignore", "silently"),
    )
    duplicate_dict_key: str = setting(
        "DUPLICATE_YAML_DICT_KEY",
        "choice",
        "warn",
        "defaults.duplicate_dict_key",
        "What a key that stands twice in a YAML mapping is.",
        env="DUPLICATE_YAML_DICT_KEY",
        choices=("error", "warn", "ignore"),
    )
