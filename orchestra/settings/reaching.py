"""How hosts are reached: connections, privileges, facts.

One link of the chain of declarations that ends in ``Settings``; there is no logic here.
"""

from __future__ import annotations

from orchestra.model.record import record
from orchestra.settings.places import PlaceSettings
from orchestra.settings.spec import setting


@record  # a part; only Settings is ever made
class ReachSettings(PlaceSettings):
    """How hosts are reached: connections, privileges, facts."""

    # Facts
    gathering: str = setting(
        "DEFAULT_GATHERING",
        "choice",
        "implicit",
        "defaults.gathering",
        "Whether plays gather facts unasked.",
        choices=("implicit", "explicit", "smart"),
    )
    gather_subset: tuple[str, ...] = setting(
        "DEFAULT_GATHER_SUBSET", "list", ("all",), "defaults.gather_subset", "Facts that implicit gathering asks for."
    )
    gather_timeout: int = setting(
        "DEFAULT_GATHER_TIMEOUT", "int", 10, "defaults.gather_timeout", "Seconds one fact collector may take."
    )
    facts_modules: tuple[str, ...] = setting(
        "FACTS_MODULES", "list", ("smart",), "defaults.facts_modules", "Modules that gather facts; smart is setup."
    )
    fact_path: str = setting("DEFAULT_FACT_PATH", "str", "", "defaults.fact_path", "Folder of local facts on hosts.")
    inject_facts_as_vars: bool = setting(
        "INJECT_FACTS_AS_VARS",
        "bool",
        True,
        "defaults.inject_facts_as_vars",
        "Facts are variables of their own (ansible_x) too.",
        env="INJECT_FACT_VARS",
    )
    fact_caching: str = setting(
        "CACHE_PLUGIN",
        "str",
        "memory",
        "defaults.fact_caching",
        "Where facts are kept between runs.",
        env="CACHE_PLUGIN",
    )
    fact_caching_connection: str = setting(
        "CACHE_PLUGIN_CONNECTION",
        "str",
        "",
        "defaults.fact_caching_connection",
        "Folder or address of that place.",
        env="CACHE_PLUGIN_CONNECTION",
    )
    fact_caching_prefix: str = setting(
        "CACHE_PLUGIN_PREFIX",
        "str",
        "ansible_facts",
        "defaults.fact_caching_prefix",
        "Prefix of names in that place.",
        env="CACHE_PLUGIN_PREFIX",
    )
    fact_caching_timeout: int = setting(
        "CACHE_PLUGIN_TIMEOUT",
        "int",
        86400,
        "defaults.fact_caching_timeout",
        "Seconds that kept facts are good for; 0 is for ever.",
        env="CACHE_PLUGIN_TIMEOUT",
    )

    # Connections
    transport: str = setting(
        "DEFAULT_TRANSPORT", "str", "ssh", "defaults.transport", "Connection of hosts without one."
    )
    remote_user: str = setting("DEFAULT_REMOTE_USER", "str", "", "defaults.remote_user", "User to log in as.")
    remote_port: int = setting("DEFAULT_REMOTE_PORT", "int", 0, "defaults.remote_port", "Port; 0 is the usual one.")
    private_key_file: str = setting("DEFAULT_PRIVATE_KEY_FILE", "path", "", "defaults.private_key_file", "SSH key.")
    ask_pass: bool = setting("DEFAULT_ASK_PASS", "bool", False, "defaults.ask_pass", "Ask for the login password.")
    connection_password_file: str = setting(
        "CONNECTION_PASSWORD_FILE", "path", "", "defaults.connection_password_file", "File of the login password."
    )
    timeout: int = setting(
        "DEFAULT_TIMEOUT",
        "int",
        10,
        "defaults.timeout ssh_connection.timeout",
        "Seconds to wait for a connection.",
        env="TIMEOUT SSH_TIMEOUT",
    )
    retries: int = setting(
        "SSH_RETRIES",
        "int",
        0,
        "connection.retries ssh_connection.retries",
        "Further attempts to connect.",
        env="SSH_RETRIES",
    )
    host_key_checking: bool = setting(
        "HOST_KEY_CHECKING",
        "bool",
        True,
        "defaults.host_key_checking ssh_connection.host_key_checking",
        "Verify hosts' SSH keys.",
        env="HOST_KEY_CHECKING SSH_HOST_KEY_CHECKING",
    )
    ssh_args: str = setting(
        "SSH_ARGS", "str", "", "ssh_connection.ssh_args", "Options as for the ssh program.", env="SSH_ARGS"
    )
    ssh_common_args: str = setting(
        "SSH_COMMON_ARGS",
        "str",
        "",
        "ssh_connection.ssh_common_args",
        "Further options as for the ssh program.",
        env="SSH_COMMON_ARGS",
    )
    ssh_extra_args: str = setting(
        "SSH_EXTRA_ARGS", "str", "", "ssh_connection.ssh_extra_args", "Still further ones.", env="SSH_EXTRA_ARGS"
    )
    interpreter_python: str = setting(
        "INTERPRETER_PYTHON",
        "str",
        "auto",
        "defaults.ansible_python_interpreter defaults.interpreter_python",
        "Python on the hosts: a path, or auto.",
        env="PYTHON_INTERPRETER",
    )
    executable: str = setting("DEFAULT_EXECUTABLE", "str", "/bin/sh", "defaults.executable", "Shell on the hosts.")
    remote_tmp: str = setting(
        "DEFAULT_REMOTE_TMP",
        "str",
        "~/.ansible/tmp",
        "defaults.remote_tmp",
        "Folder for what must be a file on a host.",
        env="REMOTE_TEMP REMOTE_TMP",
    )
    async_dir: str = setting(
        "DEFAULT_ASYNC_DIR", "str", "~/.ansible_async", "defaults.async_dir", "State of background jobs on hosts."
    )

    # Privileges
    become: bool = setting("DEFAULT_BECOME", "bool", False, "privilege_escalation.become", "Become another user.")
    become_method: str = setting(
        "DEFAULT_BECOME_METHOD", "str", "sudo", "privilege_escalation.become_method", "By which program."
    )
    become_user: str = setting("DEFAULT_BECOME_USER", "str", "root", "privilege_escalation.become_user", "Which user.")
    become_exe: str = setting("DEFAULT_BECOME_EXE", "str", "", "privilege_escalation.become_exe", "Its path.")
    become_flags: str = setting("DEFAULT_BECOME_FLAGS", "str", "", "privilege_escalation.become_flags", "Its options.")
    become_ask_pass: bool = setting(
        "DEFAULT_BECOME_ASK_PASS", "bool", False, "privilege_escalation.become_ask_pass", "Ask for its password."
    )
    become_password_file: str = setting(
        "BECOME_PASSWORD_FILE", "path", "", "defaults.become_password_file", "File of its password."
    )
    become_allow_same_user: bool = setting(
        "BECOME_ALLOW_SAME_USER",
        "bool",
        False,
        "privilege_escalation.become_allow_same_user",
        "Use it even when already that user.",
    )
