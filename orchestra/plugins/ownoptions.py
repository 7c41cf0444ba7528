"""Options of what is built in (ways to become a user, the shell, connections), for those who ask by a plugin's name.

They answer with what a run uses: a variable, the setting, else what stands where nothing is set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

_Setting = Callable[[str], Any]


class _Option(NamedTuple):
    """Where an option's value comes from; of several variables, settings or environment names the last one counts."""

    variables: str
    setting: str
    default: Any
    type: str = "str"
    environment: str = ""


def _becoming(name: str, flags: str) -> dict[str, _Option]:
    return {
        "become_user": _Option(f"ansible_{name}_user ansible_become_user", "DEFAULT_BECOME_USER", "root"),
        "become_exe": _Option(f"ansible_{name}_exe ansible_become_exe", "DEFAULT_BECOME_EXE", name),
        "become_flags": _Option(f"ansible_{name}_flags ansible_become_flags", "DEFAULT_BECOME_FLAGS", flags),
    }


_SSH = {
    "host_key_checking": _Option(
        "ansible_host_key_checking ansible_ssh_host_key_checking", "HOST_KEY_CHECKING", True, "bool"
    ),
    "pipelining": _Option(
        "ansible_pipelining ansible_ssh_pipelining",
        "ANSIBLE_PIPELINING ANSIBLE_PIPELINING_1 SSH_PIPELINING",
        False,
        "bool",
        "ANSIBLE_PIPELINING",
    ),
    "reconnection_retries": _Option("", "SSH_RETRIES", 0, "int"),
    "scp_extra_args": _Option("ansible_scp_extra_args", "SCP_EXTRA_ARGS", "", environment="ANSIBLE_SCP_EXTRA_ARGS"),
    "sftp_extra_args": _Option("ansible_sftp_extra_args", "SFTP_EXTRA_ARGS", "", environment="ANSIBLE_SFTP_EXTRA_ARGS"),
    "ssh_args": _Option("ansible_ssh_args", "SSH_ARGS", "-C -o ControlMaster=auto -o ControlPersist=60s"),
    "ssh_common_args": _Option("ansible_ssh_common_args", "SSH_COMMON_ARGS", ""),
    "ssh_extra_args": _Option("ansible_ssh_extra_args", "SSH_EXTRA_ARGS", ""),
    "ssh_transfer_method": _Option(
        "ansible_ssh_transfer_method", "SSH_TRANSFER_METHOD", "smart", environment="ANSIBLE_SSH_TRANSFER_METHOD"
    ),
    "timeout": _Option("ansible_ssh_timeout ansible_timeout", "DEFAULT_TIMEOUT", 10, "int"),
}
_OPTIONS: Mapping[tuple[str, str], Mapping[str, _Option]] = {
    ("become", "sudo"): {**_becoming("sudo", "-H -S -n"), "sudo_chdir": _Option("ansible_sudo_chdir", "", None)},
    ("become", "su"): _becoming("su", ""),
    ("become", "doas"): _becoming("doas", ""),
    ("shell", "sh"): {
        "remote_tmp": _Option("ansible_remote_tmp", "DEFAULT_REMOTE_TMP", "~/.ansible/tmp"),
        "async_dir": _Option("ansible_async_dir", "DEFAULT_ASYNC_DIR", "~/.ansible_async"),
    },
    ("connection", "ssh"): _SSH,
    ("connection", "local"): {
        "pipelining": _Option(
            "ansible_pipelining", "ANSIBLE_PIPELINING ANSIBLE_PIPELINING_1", False, "bool", "ANSIBLE_PIPELINING"
        )
    },
}


def own_option(kind: str, plugin: str, name: str, variables: Mapping[str, Any], setting: _Setting) -> Any:
    """An option's value.

    Raises:
        KeyError: there is no such option here.
        OrchestraError: the value is none that it takes.
    """
    from orchestra.ansible_api.base import AnsiblePlugin

    option = _OPTIONS[kind, plugin.removeprefix("ansible.builtin.")][name]
    given = [value for value in map(setting, option.setting.split()) if value not in (None, "")]
    asked = AnsiblePlugin()
    sources = [{"name": variable} for variable in option.variables.split()]
    environment = [{"name": variable} for variable in option.environment.split()]
    default = given[-1] if given else option.default
    asked.declare({name: {"vars": sources, "env": environment, "type": option.type, "default": default}})
    asked.set_options(var_options=variables)
    return asked.get_option(name)
