"""What guards the machine: SELinux, AppArmor, capabilities, FIPS mode, and whether this is a chroot."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.parts.facts.source import Source

# linux/capability.h, by number
_CAPABILITIES = (
    "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service "
    "net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin "
    "sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override "
    "mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore"
)
CAPABILITIES = _CAPABILITIES.split()


def selinux(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """status; where it is enabled also mode, config_mode, type and policyvers. From selinuxfs, without a library."""
    enforce = source.read("/sys/fs/selinux/enforce")
    if enforce is None:
        return {"selinux": {"status": "disabled"}, "selinux_python_present": True}
    config = _keys(source.lines("/etc/selinux/config"))
    modes = {"1": "enforcing", "0": "permissive"}
    version = source.read("/sys/fs/selinux/policyvers", "")
    found = {
        "status": "enabled",
        "mode": modes.get(enforce, "unknown"),
        "config_mode": config.get("SELINUX", "unknown").lower(),
        "type": config.get("SELINUXTYPE", "unknown"),
        "policyvers": int(version) if version.isdigit() else "unknown",
    }
    return {"selinux": found, "selinux_python_present": True}


def _keys(lines: "list[str]") -> "dict[str, str]":
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, _, value in pairs}


def apparmor(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """status: enabled or disabled."""
    return {"apparmor": {"status": "enabled" if source.exists("/sys/kernel/security/apparmor") else "disabled"}}


def fips(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """Whether the kernel runs in FIPS mode."""
    return {"fips": source.read("/proc/sys/crypto/fips_enabled") == "1"}


def capabilities(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """system_capabilities_enforced ("True" where some are missing) and the effective ones by name."""
    status = dict(line.split(":\t", 1) for line in source.lines("/proc/self/status") if ":\t" in line)
    last = source.read("/proc/sys/kernel/cap_last_cap", "")
    if "CapEff" not in status or not last.isdigit():
        return {"system_capabilities_enforced": "N/A", "system_capabilities": "N/A"}
    bits = int(status["CapEff"], 16)
    every = (1 << (int(last) + 1)) - 1
    if bits & every == every:
        return {"system_capabilities_enforced": "False", "system_capabilities": []}
    known = CAPABILITIES + [str(number) for number in range(len(CAPABILITIES), 64)]
    names = ["cap_" + known[number] for number in range(int(last) + 1) if bits >> number & 1]
    return {"system_capabilities_enforced": "True", "system_capabilities": names}


def chroot(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """Whether our root is another one than process 1's."""
    if source.environ.get("debian_chroot"):
        return {"is_chroot": True}
    here = os.stat("/")
    try:
        first = os.stat("/proc/1/root/.")
    except OSError:  # not root, or no /proc: file systems have a known number for their top folder
        return {"is_chroot": here.st_ino not in (2, 128, 256)}
    return {"is_chroot": (here.st_ino, here.st_dev) != (first.st_ino, first.st_dev)}
