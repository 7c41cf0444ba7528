"""Builds what every fleet host starts from: a debootstrapped base, kept for weeks, and a thin layer of ours above it.

The base is keyed by its package list, the layer by the text of the files that describe it; both live in the fleet's
folder outside the checkout. Nothing here knows of running hosts.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fleet.accounts import ACCOUNTS, DOAS, Account
from tests.fleet.packages import build_repository

SYSTEM_PACKAGES = (
    *(
        "systemd",
        "systemd-sysv",
        "dbus",
        "libpam-systemd",
        "openssh-server",
        "python3",
        "python3-apt",
        "sudo",
        "opendoas",
        "cron",
        "at",
    ),
    *("git", "ca-certificates", "gnupg", "tar", "unzip", "zip", "bzip2", "xz-utils", "zstd", "rsync", "locales", "acl"),
    *("attr", "tcsh", "fish", "ksh", "iproute2", "iputils-ping", "procps", "curl", "psmisc", "logrotate", "iptables"),
    "debconf-utils",
)
#: Units that only cost time or would reach for a network.
MASKED = (
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer"),
    *("e2scrub_reap.service", "logrotate.timer", "getty.target", "console-getty.service", "systemd-timesyncd.service"),
)
_SSHD = """PermitRootLogin yes
PasswordAuthentication yes
UseDNS no
MaxStartups 200
PrintMotd no
"""


class FleetError(Exception):
    """The fleet can not be built or started; the text says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Image:
    """The read-only folders of a host's root, uppermost first, and the keys that the layer holds."""

    layers: tuple[Path, ...]
    client_key: Path
    host_key: Path

    @property
    def host_public_key(self) -> str:
        return self.host_key.with_suffix(".pub").read_text(encoding="utf-8").strip()


def ensure_image(folder: Path) -> Image:
    """Return the image under ``folder``, building what is missing (90 s the first time, 10 s for the layer alone)."""
    keys = folder / "keys"
    for name in ("client", "host"):
        _ensure_key(keys / name)
    base = folder / f"base-{_digest(*SYSTEM_PACKAGES)}"
    if not base.exists():
        _build(base, _debootstrap)
    layer = folder / f"layer-{_digest(base.name, *_own_sources(), (keys / 'client.pub').read_text())}"
    if not layer.exists():
        _build(layer, lambda partial: _customise(base, partial, keys))
    return Image((layer, base), keys / "client", keys / "host")


def _own_sources() -> Iterator[str]:
    for name in ("accounts.py", "image.py", "packages.py"):
        yield Path(__file__).with_name(name).read_text(encoding="utf-8")


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def _build(target: Path, make: Callable[[Path], None]) -> None:
    """Make a folder beside its name and rename it when it is whole, so that an interrupted build is never used."""
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    make(partial)
    partial.rename(target)


def _ensure_key(path: Path) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"fleet {path.name}", "-f", str(path))


def _debootstrap(target: Path) -> None:
    site, suite = package_source()
    argv = ["debootstrap", "--variant=minbase", f"--include={','.join(SYSTEM_PACKAGES)}"]
    if "ubuntu" in site:
        argv.append("--components=main,universe")
    _run(*argv, suite, str(target), site)
    for leftover in (target / "var/cache/apt/archives").glob("*.deb"):
        leftover.unlink()


def package_source() -> tuple[str, str]:
    """The machine's own first apt source (site, suite), or what ORCHESTRA_FLEET_MIRROR and _SUITE say."""
    site, suite = os.environ.get("ORCHESTRA_FLEET_MIRROR"), os.environ.get("ORCHESTRA_FLEET_SUITE")
    if site and suite:
        return site, suite
    listed = _run("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)", "Created-By: Packages")
    for line in sorted(listed.splitlines()):
        words = line.split()
        if len(words) == 3 and words[2] == "main" and "-" not in words[1] and "security" not in words[0]:
            return site or words[0], suite or words[1]
    raise FleetError(
        "no apt source of a plain release found (apt-get indextargets): run apt-get update, or set "
        "ORCHESTRA_FLEET_MIRROR and ORCHESTRA_FLEET_SUITE"
    )


def _customise(base: Path, layer: Path, keys: Path) -> None:
    """Fill ``layer`` by changing a mounted overlay of base and layer from within (chroot)."""
    work, root = layer.with_name(layer.name + ".work"), layer.with_name(layer.name + ".root")
    with overlay((base,), layer, work, root):
        build_repository(root / "srv/apt")
        for account in ACCOUNTS:
            _add_account(root, account, keys)
        _write_configuration(root, keys)
        _settle(root)
    for scratch in (work, root):
        shutil.rmtree(scratch, ignore_errors=True)


def _add_account(root: Path, account: Account, keys: Path) -> None:
    if account.name != "root":
        _run("chroot", str(root), "useradd", "--create-home", "--shell", account.shell, account.name)
    _run("chroot", str(root), "chpasswd", text=f"{account.name}:{account.password}\n")
    home = root / account.home.lstrip("/")
    (home / ".ssh").mkdir(mode=0o700, exist_ok=True)
    _write(home / ".ssh/authorized_keys", (keys / "client.pub").read_text(), 0o600)
    _run("chroot", str(root), "chown", "-R", f"{account.name}:", f"{account.home}/.ssh")
    if account.sudoers:
        _write(root / f"etc/sudoers.d/{account.name}", account.sudoers, 0o440)


def _write_configuration(root: Path, keys: Path) -> None:
    for leftover in (root / "etc/ssh").glob("ssh_host_*"):
        leftover.unlink()
    _write(root / "etc/ssh/ssh_host_ed25519_key", (keys / "host").read_text(), 0o600)
    _write(root / "etc/ssh/ssh_host_ed25519_key.pub", (keys / "host.pub").read_text())
    _write(root / "etc/ssh/sshd_config.d/fleet.conf", _SSHD)
    _write(root / "etc/doas.conf", DOAS)
    _write(root / "etc/apt/sources.list", "deb [trusted=yes] file:/srv/apt ./\n")
    _write(root / "etc/locale.gen", "en_US.UTF-8 UTF-8\n")
    _write(root / "etc/resolv.conf", "")


def _settle(root: Path) -> None:
    """Everything that takes a program of the image's own: units, locales, package lists."""
    units = root / "etc/systemd/system"
    for unit in MASKED:
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    _run("chroot", str(root), "systemctl", "enable", "systemd-networkd.service", "ssh.service")
    _run("chroot", str(root), "locale-gen")
    _run("chroot", str(root), "apt-get", "update")


@contextmanager
def overlay(lower: Sequence[Path], upper: Path, work: Path, root: Path) -> Iterator[None]:
    """Mount an overlay for the length of a block."""
    mount_overlay(lower, upper, work, root)
    try:
        yield
    finally:
        _run("umount", str(root))


def mount_overlay(lower: Sequence[Path], upper: Path, work: Path, root: Path) -> None:
    """Mount ``lower`` (uppermost first) with a writable ``upper`` on ``root``; folders are made."""
    for folder in (upper, work, root):
        folder.mkdir(parents=True, exist_ok=True)
    layers = ":".join(map(str, lower))
    options = f"lowerdir={layers},upperdir={upper},workdir={work}"
    _run("mount", "-t", "overlay", "overlay", "-o", options, str(root))


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def _run(*argv: str, text: str | None = None) -> str:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(argv, input=text, text=True, capture_output=True, env=environment)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise FleetError(f"{' '.join(argv)} ended with {done.returncode}:\n{tail}")
    return done.stdout
