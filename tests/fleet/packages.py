"""A local apt repository of tiny packages, so that package modules meet the real apt and dpkg without a network.

Each package exists to show one thing: an upgrade, a dependency, a conffile, a unit, a conflict, a script that fails.
"""

import hashlib
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Package:
    """One .deb to build: control fields, files (path -> text) and maintainer scripts (name -> text)."""

    name: str
    version: str
    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    scripts: dict[str, str] = field(default_factory=dict)


_UNIT = """[Unit]
Description=A service that does nothing, for tests
[Service]
ExecStart=/bin/sleep infinity
ExecReload=/bin/true
[Install]
WantedBy=multi-user.target
"""

PACKAGES = (
    Package("fleet-hello", "1.0", files={"usr/share/fleet-hello/greeting": "hello 1.0\n"}),
    Package("fleet-hello", "2.0", files={"usr/share/fleet-hello/greeting": "hello 2.0\n"}),
    Package("fleet-needs-hello", "1.0", fields={"Depends": "fleet-hello (>= 1.0), fleet-base"}),
    Package("fleet-base", "1.5", files={"usr/share/fleet-base/base": "base\n"}),
    Package("fleet-hates-hello", "1.0", fields={"Conflicts": "fleet-hello"}),
    Package("fleet-mailer", "1.0", fields={"Provides": "fleet-mail-transport"}),
    Package("fleet-recommends", "1.0", fields={"Recommends": "fleet-base"}),
    Package(
        "fleet-config",
        "1.0",
        files={"etc/fleet-config.conf": "colour = blue\n"},
        scripts={"conffiles": "/etc/fleet-config.conf\n"},
    ),
    Package(
        "fleet-config",
        "1.1",
        files={"etc/fleet-config.conf": "colour = green\n"},
        scripts={"conffiles": "/etc/fleet-config.conf\n"},
    ),
    Package("fleet-service", "1.0", files={"lib/systemd/system/fleet-service.service": _UNIT}),
    Package("fleet-broken", "1.0", scripts={"postinst": "#!/bin/sh\necho 'fleet-broken refuses' >&2\nexit 1\n"}),
    Package("fleet-unmet", "1.0", fields={"Depends": "fleet-nobody-has-this"}),
)


def build_repository(folder: Path) -> None:
    """Build every package into ``folder`` and write the flat repository's Packages index; needs dpkg-deb."""
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    stanzas = [_index_entry(build(package, folder), package) for package in PACKAGES]
    (folder / "Packages").write_text("\n".join(stanzas), encoding="utf-8")


def build(package: Package, folder: Path) -> Path:
    """Build one package with dpkg-deb and return the .deb's path."""
    tree = folder / "tree"
    control = tree / "DEBIAN"
    control.mkdir(parents=True)
    (control / "control").write_text(_control(package), encoding="utf-8")
    for name, text in package.scripts.items():
        (control / name).write_text(text, encoding="utf-8")
        (control / name).chmod(0o644 if name == "conffiles" else 0o755)
    for name, text in package.files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, encoding="utf-8")
    for path in [tree, *tree.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    deb = folder / f"{package.name}_{package.version}_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, deb], check=True, capture_output=True)
    shutil.rmtree(tree)
    return deb


def _control(package: Package) -> str:
    fields = {
        "Package": package.name,
        "Version": package.version,
        "Architecture": "all",
        "Maintainer": "Fleet Tests <fleet@localhost>",
        "Section": "misc",
        "Priority": "optional",
        **package.fields,
        "Description": f"{package.name} for the fleet tests",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def _index_entry(deb: Path, package: Package) -> str:
    content = deb.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return f"{_control(package)}Filename: ./{deb.name}\nSize: {len(content)}\nSHA256: {digest}\n"
