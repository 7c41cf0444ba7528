"""A role on twin hosts: one configured by orchestra, one by ansible-playbook; afterwards they are to be the same."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.fleet.fleet import Fleet
from tests.fleet.machine import Machine

#: For one run: a role of many tasks takes ansible-playbook a while.
SECONDS = 1500
#: Kept by the system itself, different on every host or from second to second; and what ansible-playbook leaves behind.
OWN = re.compile(
    r"^(/etc/(hostname|hosts|machine-id|mtab|resolv\.conf|ld\.so\.cache|ssh/ssh_host_.*|systemd/network/.*|\.pwd\.lock"
    r"|(passwd|group|shadow|gshadow|subuid|subgid)-|ssl/certs/.*|ssl/private/.*|apt/.*\.gpg)"
    r"|/etc/.*~|/root/\.ansible(/.*)?|session-.*\.scope|user(-runtime-dir)?@.*\.service)$"
)
#: Run by the host's own Python. Of shadow: no salts, and no days since the epoch, only whether there is a password.
_FILES = r"""
import grp, hashlib, os, pwd, re, stat

def named(look, number):
    try:
        return look(number)[0]
    except KeyError:
        return str(number)

def content(path, kind):
    if stat.S_ISLNK(kind):
        return os.readlink(path)
    if not stat.S_ISREG(kind):
        return "folder"
    with open(path, "rb") as file:
        data = file.read()
    if path in ("/etc/shadow", "/etc/gshadow"):
        data = re.sub(rb"^([^:]*):(.?)[^:]*:[^:]*", rb"\1:\2", data, flags=re.M)
    data = re.sub(rb"(?m)^# Updated by Ansible - .*", b"", data)  # when community.general.pamd did it
    return hashlib.sha256(data).hexdigest()[:16]

for top in ("/etc", "/home", "/root", "/srv", "/opt", "/var/www", "/var/spool/cron"):
    for folder, folders, files in os.walk(top):
        for path in (os.path.join(folder, name) for name in ["", *folders, *files]):
            found = os.lstat(path.rstrip("/"))
            if stat.S_IFMT(found.st_mode) in (stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR):
                owner = named(pwd.getpwuid, found.st_uid) + ":" + named(grp.getgrgid, found.st_gid)
                what = content(path, found.st_mode)
                print(path.rstrip("/"), f"{stat.S_IMODE(found.st_mode):o} {owner}", what, sep="\t")
"""
_REST = r"""
dpkg-query -W -f '${Package}\t${Status}\t${Version}\n'
systemctl list-unit-files --no-legend --no-pager | awk '{print $1 "\tunit\t" $2}'
systemctl list-units --no-legend --no-pager --type=service --plain | awk '{print $1 "\tservice\t" $4}'
"""


@dataclass(frozen=True, slots=True)
class RoleCase:
    """A role of a project, and what it is given."""

    role: str
    project: str
    packages: tuple[str, ...] = ()
    vars: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Played:
    """How a run ended: status, the host's recap, what was printed."""

    status: int
    counts: Mapping[str, int]
    text: str


def load(path: Path) -> list[RoleCase]:
    """The roles of a case file."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [RoleCase(**{**entry, "packages": tuple(entry["packages"])}) for entry in entries]


@dataclass(frozen=True, slots=True)
class Twins:
    """Two clean hosts and a folder for the playbook."""

    fleet: Fleet
    folder: Path
    environ: Mapping[str, str]

    def play(self, program: Sequence[str], machine: Machine, case: RoleCase) -> Played:
        """Run the role on one host."""
        playbook = self.folder / "role.yml"
        play = {"hosts": "all", "become": True, "vars": dict(case.vars), "roles": [case.role]}
        playbook.write_text(yaml.safe_dump([play]), encoding="utf-8")
        command = [*program, "-i", str(self.fleet.inventory), "--limit", machine.name, str(playbook)]
        said = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_HOST_KEY_CHECKING": "1", "ANSIBLE_PIPELINING": "1"}
        environ = {**os.environ, **self.environ, **said}
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environ,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=1500,
        )
        found = re.search(rf"^{re.escape(machine.name)} +: (.*)$", done.stdout, re.MULTILINE)
        pairs = (word.split("=") for word in found[1].split()) if found else ()
        return Played(done.returncode, {name: int(number) for name, number in pairs}, done.stdout + done.stderr)


def state(machine: Machine) -> dict[str, str]:
    """What can be compared of a host: files, folders and links of the places that roles write, packages, units."""
    told = machine.run("python3", "-c", _FILES).stdout + machine.run("sh", "-c", _REST).stdout
    rows = (line.partition("\t") for line in told.splitlines())
    return {name: rest for name, _, rest in rows if not OWN.match(name)}


def difference(ours: Mapping[str, str], theirs: Mapping[str, str]) -> list[str]:
    """Lines that name what differs."""
    return [
        f"{name}: orchestra {ours.get(name, 'none')!r}, ansible-playbook {theirs.get(name, 'none')!r}"
        for name in sorted({*ours, *theirs})
        if ours.get(name) != theirs.get(name)
    ]


def ours() -> list[str]:
    """The command that runs orchestra."""
    return [sys.executable, "-m", "orchestra", "play", "--output", "ansible"]


def report(case: RoleCase, runs: Sequence[Played], differing: Sequence[str]) -> str:
    """One line about a role, for docs/compatibility.md and for a reader."""
    counts = ["/".join(str(run.counts.get(name, "-")) for name in ("ok", "changed", "failed")) for run in runs]
    return json.dumps({"role": case.role, "runs": counts, "differing": len(differing)})
