"""Facts read from recorded files of /proc, /sys and /etc."""

import os
from pathlib import Path

import pytest

from orchestra.runner.parts.facts import devices, hardware, local, machine, mounts, network, security, virtual
from orchestra.runner.parts.facts.source import Source, within


def tree(root: Path, files: dict[str, str]) -> Source:
    """A source over a folder with these files."""
    for name, text in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Source(str(root))


def test_memory_in_megabytes(tmp_path: Path) -> None:
    text = (
        "MemTotal: 2048 kB\nMemFree: 1024 kB\nBuffers: 100 kB\nCached: 200 kB\nSwapTotal: 4096 kB\nSwapFree: 3072 kB\n"
    )
    found = hardware.memory(tree(tmp_path, {"/proc/meminfo": text}))
    assert (found["memtotal_mb"], found["memfree_mb"], found["swaptotal_mb"], found["swapfree_mb"]) == (2, 1, 4, 3)
    assert found["memory_mb"]["real"] == {"total": 2, "used": 1, "free": 1}
    assert found["memory_mb"]["swap"] == {"total": 4, "free": 3, "used": 1, "cached": 0}


INTEL = "processor\t: {n}\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nphysical id\t: {socket}\nsiblings\t: 4\n"
INTEL += "core id\t\t: {core}\ncpu cores\t: 2\nflags\t\t: fpu vme\n\n"


def test_processor_of_two_sockets_with_threads(tmp_path: Path) -> None:
    text = "".join(INTEL.format(n=n, socket=n // 4, core=n % 2) for n in range(8))
    found = hardware.processor(tree(tmp_path, {"/proc/cpuinfo": text}), "x86_64")
    names = ("processor_count", "processor_cores", "processor_threads_per_core", "processor_vcpus")
    assert [found[name] for name in names] == [2, 2, 2, 8]
    assert found["processor"][:3] == ["0", "GenuineIntel", "Xeon"]
    assert found["flags"] == ["fpu", "vme"]


def test_processor_of_arm_counts_its_numbers(tmp_path: Path) -> None:
    text = "".join(f"processor\t: {n}\nBogoMIPS\t: 108.00\n\n" for n in range(4))
    found = hardware.processor(tree(tmp_path, {"/proc/cpuinfo": text}), "aarch64")
    assert (found["processor_count"], found["processor_vcpus"]) == (4, 4)
    assert "flags" not in found


def test_firmware_names_and_form_factor(tmp_path: Path) -> None:
    files = {"/sys/devices/virtual/dmi/id/product_name": "R640\n", "/sys/devices/virtual/dmi/id/chassis_type": "23\n"}
    found = hardware.firmware(tree(tmp_path, files))
    assert found["product_name"] == "R640"
    assert found["form_factor"] == "Rack Mount Chassis"
    assert found["bios_vendor"] == "NA"


def test_disk_with_partitions_links_and_holders(tmp_path: Path) -> None:
    files = {
        "/sys/devices/pci0/sda/size": "2097152\n",
        "/sys/devices/pci0/sda/removable": "0\n",
        "/sys/devices/pci0/sda/queue/logical_block_size": "512\n",
        "/sys/devices/pci0/sda/queue/rotational": "1\n",
        "/sys/devices/pci0/sda/queue/scheduler": "none [mq-deadline] kyber\n",
        "/sys/devices/pci0/sda/queue/discard_granularity": "4096\n",
        "/sys/devices/pci0/sda/device/vendor": "ATA     \n",
        "/sys/devices/pci0/sda/sda1/start": "2048\n",
        "/sys/devices/pci0/sda/sda1/size": "1024\n",
        "/sys/devices/pci0/sda/sda1/holders/dm-0/dm/name": "vg-root\n",
    }
    source = tree(tmp_path, files)
    (tmp_path / "sys/block").mkdir()
    (tmp_path / "sys/block/sda").symlink_to("../devices/pci0/sda")
    for folder, name, target in (
        ("by-uuid", "abcd-1", "sda1"),
        ("by-id", "wwn-0x5000", "sda"),
        ("by-label", "boot", "sda1"),
    ):
        (tmp_path / "dev/disk" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "dev/disk" / folder / name).symlink_to(f"../../{target}")
    found = devices.devices(source)["devices"]["sda"]
    assert (found["size"], found["sectors"], found["scheduler_mode"], found["wwn"]) == (
        "1.00 GB",
        2097152,
        "mq-deadline",
        "0x5000",
    )
    assert (found["vendor"], found["model"], found["support_discard"]) == ("ATA", None, "4096")
    part = found["partitions"]["sda1"]
    assert (part["uuid"], part["start"], part["size"], part["holders"]) == ("abcd-1", "2048", "512.00 KB", ["vg-root"])
    assert part["links"] == {"ids": [], "uuids": ["abcd-1"], "labels": ["boot"], "masters": []}


def test_mounts_have_sizes_uuids_and_say_what_is_bound(tmp_path: Path) -> None:
    table = (
        f"/dev/sda1 {tmp_path}/my\\040disk ext4 rw,noatime 0 1\nproc /proc proc rw 0 0\n/dev/sda1 /bound ext4 rw 0 0\n"
    )
    info = "36 25 8:1 /folder /bound rw shared:1 - ext4 /dev/sda1 rw\n"
    source = tree(tmp_path, {"/etc/mtab": table, "/proc/self/mountinfo": info, "/dev/sda1": ""})
    (tmp_path / "dev/disk/by-uuid").mkdir(parents=True)
    (tmp_path / "dev/disk/by-uuid/abcd").symlink_to("../../sda1")
    (tmp_path / "bound").mkdir()
    first, second = mounts.mounts(source)["mounts"]
    assert (first["mount"], first["uuid"], first["options"], first["passno"]) == (
        f"{tmp_path}/my disk",
        "abcd",
        "rw,noatime",
        1,
    )
    assert "note" in first
    assert second["options"] == "rw,bind"
    assert second["size_total"] > 0


def test_a_dead_share_costs_its_time_and_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    size = os.statvfs("/")

    told: list[str] = []
    release = threading.Event()
    source = tree(tmp_path, {"/etc/mtab": "nas:/export /mnt/nas nfs4 rw 0 0\n"})
    source.timeout = 0.05
    source._warn = told.append
    monkeypatch.setattr("os.statvfs", lambda path: release.wait(10) and size)
    found = mounts.mounts(source)["mounts"]
    release.set()
    assert found[0]["note"] == "Could not get extra information due to timeout"
    assert told == ["Timeout exceeded when getting mount info for /mnt/nas"]


def test_within_gives_the_default_for_an_error() -> None:
    def fails() -> str:
        raise OSError("no")

    assert within(1, fails, "default") == "default"
    assert within(1, lambda: "found", "default") == "found"


def test_command_line_keeps_the_last_and_the_list(tmp_path: Path) -> None:
    source = tree(tmp_path, {"/proc/cmdline": "quiet console=tty0 console=ttyS0 root=UUID=1\n"})
    found = machine.command_line(source, {})
    assert found["cmdline"] == {"quiet": True, "console": "ttyS0", "root": "UUID=1"}
    assert found["proc_cmdline"]["console"] == ["tty0", "ttyS0"]


def test_dns(tmp_path: Path) -> None:
    text = (
        "# made\nnameserver 1.1.1.1\nnameserver 9.9.9.9\nsearch a.example b.example\ndomain c\noptions ndots:2 rotate\n"
    )
    assert machine.dns(tree(tmp_path, {"/etc/resolv.conf": text}), {}) == {
        "dns": {
            "nameservers": ["1.1.1.1", "9.9.9.9"],
            "search": ["a.example", "b.example"],
            "domain": "c",
            "options": {"ndots": "2", "rotate": True},
        }
    }


def test_host_keys_come_from_the_first_folder_that_has_any(tmp_path: Path) -> None:
    files = {
        "/etc/ssh/ssh_host_ed25519_key.pub": "ssh-ed25519 AAAA root@x\n",
        "/etc/ssh_host_rsa_key.pub": "ssh-rsa BBBB\n",
    }
    assert machine.host_keys(tree(tmp_path, files), {}) == {
        "ssh_host_key_ed25519_public": "AAAA",
        "ssh_host_key_ed25519_public_keytype": "ssh-ed25519",
    }


def test_selinux_without_a_library(tmp_path: Path) -> None:
    files = {
        "/sys/fs/selinux/enforce": "0",
        "/sys/fs/selinux/policyvers": "33",
        "/etc/selinux/config": "# x\nSELINUX=enforcing\nSELINUXTYPE=targeted\n",
    }
    assert security.selinux(tree(tmp_path, files), {})["selinux"] == {
        "status": "enabled",
        "mode": "permissive",
        "config_mode": "enforcing",
        "type": "targeted",
        "policyvers": 33,
    }
    assert security.selinux(Source("/nowhere"), {})["selinux"] == {"status": "disabled"}


@pytest.mark.parametrize(
    ("effective", "enforced", "names"),
    [("3f", "False", []), ("5", "True", ["cap_chown", "cap_dac_read_search"]), ("0", "True", [])],
)
def test_capabilities(effective: str, enforced: str, names: list[str], tmp_path: Path) -> None:
    files = {"/proc/self/status": f"Name:\tx\nCapEff:\t{effective}\n", "/proc/sys/kernel/cap_last_cap": "5"}
    found = security.capabilities(tree(tmp_path, files), {})
    assert found == {"system_capabilities_enforced": enforced, "system_capabilities": names}


DMI = "/sys/devices/virtual/dmi/id/"


@pytest.mark.parametrize(
    ("files", "kind", "role"),
    [
        (
            {"/proc/1/environ": "x=1\0container=systemd-nspawn\0", "/run/systemd/container": "systemd-nspawn"},
            "container",
            "guest",
        ),
        ({"/.dockerenv": ""}, "docker", "guest"),
        ({"/proc/1/environ": "container=podman\0"}, "podman", "guest"),
        ({"/proc/1/cgroup": "0::/lxc/web\n"}, "lxc", "guest"),
        ({DMI + "product_name": "VMware Virtual Platform"}, "VMware", "guest"),
        ({DMI + "sys_vendor": "QEMU"}, "kvm", "guest"),
        ({DMI + "bios_vendor": "innotek GmbH"}, "virtualbox", "guest"),
        ({DMI + "sys_vendor": "Microsoft Corporation"}, "VirtualPC", "guest"),
        ({"/proc/xen/capabilities": "control_d\n"}, "xen", "host"),
        ({"/proc/modules": "kvm 1 0\n"}, "kvm", "host"),
        ({"/proc/modules": "virtio 1 0\n"}, "kvm", "guest"),
        ({}, "NA", "NA"),
    ],
)
def test_virtualization(files: dict[str, str], kind: str, role: str, tmp_path: Path) -> None:
    found = virtual.virtual(tree(tmp_path, files), {})
    assert (found["virtualization_type"], found["virtualization_role"]) == (kind, role)


def test_every_technique_is_listed(tmp_path: Path) -> None:
    files = {"/.dockerenv": "", DMI + "sys_vendor": "QEMU", "/dev/kvm": ""}
    found = virtual.virtual(tree(tmp_path, files), {})
    assert found["virtualization_tech_guest"] == ["container", "docker", "kvm"]
    assert found["virtualization_tech_host"] == ["kvm"]


def test_local_facts_of_every_kind(tmp_path: Path) -> None:
    from orchestra.runner.process import run
    from orchestra.runner.system import System

    system, told = System(), []  # type: ignore[var-annotated]
    folder = tmp_path / "facts.d"
    folder.mkdir()
    (folder / "data.fact").write_text('{"a": [1, 2]}')
    (folder / "ini.fact").write_text("[general]\nName = x\n")
    (folder / "bad.fact").write_text("no facts here\n")
    (folder / "percent.fact").write_text("[a]\nvalue = this is a % bad % fact\n")
    (folder / "other.txt").write_text("{}")
    for name, text in (("prog", "#!/bin/sh\necho '{\"run\": true}'\n"), ("fails", "#!/bin/sh\necho oh >&2\nexit 3\n")):
        (folder / f"{name}.fact").write_text(text)
        (folder / f"{name}.fact").chmod(0o755)
    found = local.local(Source(run=lambda argv: run(system, argv), warn=told.append), str(folder))["local"]
    assert found["data"] == {"a": [1, 2]}
    assert found["ini"] == {"general": {"name": "x"}}
    assert found["prog"] == {"run": True}
    assert "rc: 3, err: oh" in found["fails"]
    assert "check content" in found["bad"]
    assert found["bad"].startswith("error loading facts as JSON or ini")
    assert found["percent"].startswith("error loading facts as ini")
    assert len(told) == 3


def test_bonds_and_bridges(tmp_path: Path) -> None:
    net = "/sys/class/net/"
    files = {net + "br0/bridge/bridge_id": "8000.02", net + "br0/bridge/stp_state": "1", net + "br0/brif/eth0/x": ""}
    files |= {
        net + "bond0/bonding/slaves": "eth1 eth2",
        net + "bond0/bonding/mode": "802.3ad 4",
        net + "bond0/mtu": "9000",
    }
    source = tree(tmp_path, files)
    bridge = network._interface(source, "br0")
    assert (bridge["type"], bridge["interfaces"], bridge["stp"], bridge["id"]) == ("bridge", ["eth0"], True, "8000.02")
    bond = network._interface(source, "bond0")
    assert (bond["type"], bond["slaves"], bond["mode"], bond["mtu"]) == ("bonding", ["eth1", "eth2"], "802.3ad", 9000)
