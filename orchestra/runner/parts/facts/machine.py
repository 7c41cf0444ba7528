"""What the kernel, the clock, the user and the interpreter say of themselves."""

import os
import sys
import time

from orchestra.runner.parts.facts.source import within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.parts.facts.source import Source

KEY_TYPES = ("dsa", "rsa", "ecdsa", "ed25519")


def platform(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """system, kernel, kernel_version, machine, architecture, names of the host, userspace_*, machine_id."""
    system, node, release, version, machine = os.uname()
    full = _full_name(source, node)
    wide = sys.maxsize > 2**32
    found = {
        "system": system,
        "kernel": release,
        "kernel_version": version,
        "machine": machine,
        "architecture": machine,
        "python_version": ".".join(map(str, sys.version_info[:3])),
        "nodename": node,
        "hostname": node.split(".")[0],
        "fqdn": full,
        "domain": full.partition(".")[2],
        "userspace_bits": "64" if wide else "32",
    }
    if machine in ("i386", "i486", "i586", "i686", "i86pc", "x86_64"):
        found["userspace_architecture"] = "x86_64" if wide else "i386"
        found["architecture"] = "x86_64" if machine == "x86_64" else "i386"
    ident = source.read("/var/lib/dbus/machine-id") or source.read("/etc/machine-id")
    if ident:
        found["machine_id"] = ident.splitlines()[0]
    return found


def _full_name(source: "Source", node: "str") -> "str":
    """What socket.getfqdn() gives, but a dead name server does not hold up the facts."""
    import _socket

    def ask() -> "list[str]":
        name, aliases, _ = _socket.gethostbyaddr(node)
        return [name] + list(aliases)

    names = within(source.timeout, ask, [node])  # type: list[str]
    return next((name for name in names if "." in name), names[0])


def user(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """Who the facts were gathered as."""
    import pwd

    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError:
        entry = pwd.struct_passwd((str(os.geteuid()), "", os.geteuid(), os.getegid(), "", "/", ""))
    return {
        "user_id": entry.pw_name,
        "user_uid": entry.pw_uid,
        "user_gid": entry.pw_gid,
        "user_gecos": entry.pw_gecos,
        "user_dir": entry.pw_dir,
        "user_shell": entry.pw_shell,
        "real_user_id": os.getuid(),
        "effective_user_id": os.geteuid(),
        "real_group_id": os.getgid(),
        "effective_group_id": os.getgid(),
    }


def python(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """The interpreter that runs the modules."""
    names = ("major", "minor", "micro", "releaselevel", "serial")
    has_ssl = any(finder.find_spec("_ssl", None) for finder in sys.meta_path)  # importing it costs 20 ms
    found = {
        "version": dict(zip(names, sys.version_info)),  # noqa: B905
        "version_info": list(sys.version_info),
        "executable": sys.executable,
        "has_sslcontext": has_ssl,
        "type": sys.implementation.name,
    }
    return {"python": found}


def environment(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """The environment that a task's commands see."""
    return {"env": dict(source.environ)}


def date_time(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """One instant in many spellings; iso8601 and iso8601_micro are UTC, the others local time."""
    now = time.time()
    local, utc = time.localtime(now), time.gmtime(now)
    micro = "%06d" % int(now % 1 * 1000000)
    epoch = str(int(now))
    formats = {
        "year": "%Y",
        "month": "%m",
        "weekday": "%A",
        "weekday_number": "%w",
        "weeknumber": "%W",
        "day": "%d",
        "hour": "%H",
        "minute": "%M",
        "second": "%S",
        "date": "%Y-%m-%d",
        "time": "%H:%M:%S",
        "iso8601_basic": "%Y%m%dT%H%M%S" + micro,
        "iso8601_basic_short": "%Y%m%dT%H%M%S",
        "tz": "%Z",
        "tz_offset": "%z",
    }
    found = {name: time.strftime(form, local) for name, form in formats.items()}
    found.update(epoch=epoch, epoch_int=epoch, tz_dst=time.tzname[1])
    found["iso8601"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", utc)
    found["iso8601_micro"] = time.strftime("%Y-%m-%dT%H:%M:%S.", utc) + micro + "Z"
    return {"date_time": found}


def load_average(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """Over 1, 5 and 15 minutes."""
    return {"loadavg": dict(zip(("1m", "5m", "15m"), os.getloadavg()))}  # noqa: B905


def command_line(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """The kernel's: cmdline has the last of a repeated key, proc_cmdline a list."""
    text = source.read("/proc/cmdline")
    if not text:
        return {}
    last = {}  # type: dict[str, Any]
    every = {}  # type: dict[str, Any]
    for word in _words(text):
        key, equals, value = word.partition("=")
        last[key] = value if equals else True
        if equals and key in every:
            every[key] = (every[key] if isinstance(every[key], list) else [every[key]]) + [value]
        else:
            every[key] = last[key]
    return {"cmdline": last, "proc_cmdline": every}


def _words(text: "str") -> "list[str]":
    if '"' not in text and "'" not in text:
        return text.split()
    import shlex

    try:
        return shlex.split(text, posix=False)
    except ValueError:
        return []


def dns(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """nameservers, domain, search, sortlist and options of /etc/resolv.conf; the keys that it has."""
    found = {}  # type: dict[str, Any]
    for line in source.lines("/etc/resolv.conf"):
        words = line.split()
        if not words or words[0][0] in "#;":
            continue
        if words[0] == "nameserver":
            found.setdefault("nameservers", []).extend(words[1:])
        elif words[0] == "domain" and len(words) > 1:
            found["domain"] = words[1]
        elif words[0] in ("search", "sortlist"):
            found[words[0]] = words[1:]
        elif words[0] == "options":
            pairs = (word.partition(":") for word in words[1:])
            found["options"] = {name: value or True for name, _, value in pairs}
    return {"dns": found}


def host_keys(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """The SSH server's public keys: ssh_host_key_TYPE_public and _keytype, from the first folder that has any."""
    for folder in ("/etc/ssh", "/etc/openssh", "/etc"):
        found = {}
        for kind in KEY_TYPES:
            words = source.read("{}/ssh_host_{}_key.pub".format(folder, kind), "").split()
            if len(words) > 1:
                name = "ssh_host_key_{}_public".format(kind)
                found[name + "_keytype"], found[name] = words[0], words[1]
        if found:
            return found
    return {}
