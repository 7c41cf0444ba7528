"""mount_facts: the tables of several systems, filters, repeated mounts, the program mount, and the real machine."""

from typing import Any

import pytest

from orchestra.runner.parts.mounttables import entries_of_file, entries_of_mount
from orchestra.testing.fakesystem import FakeSystem
from tests.modules.driving import check, drive, fake

FSTAB = "# static\nUUID=57b1 /  ext4 errors=remount-ro 0 1\nhost:/x /with\\040space nfs ro\n"
MTAB = "/dev/sda1 / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\ntmpfs /run tmpfs ro 0 0\n"
NOWHERE = "/dev/sda1 /not/there/at/all ext4 rw 0 0\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FSTAB, ["/", "/with space"]),
        ("/dev/a /dev/ra /usr ufs 1 no -\nfd - /dev/fd fd - no -\n", ["/usr", "/dev/fd"]),
        ("/dev/a / zfs rw,dev=1 1700000000\nproc /proc proc dev=2 1700000001\n", ["/", "/proc"]),
        ("* AIX\n/home:\n  dev = /dev/hd1\n  vfs = jfs2\n\n/nfs:\n  dev = /x\n  nodename = srv\n", ["/home", "/nfs"]),
        ("ext4\nvfat\n", []),
        ("", []),
    ],
)
def test_forms_of_tables(text: str, expected: list[str]) -> None:
    assert [entry.fields["mount"] for entry in entries_of_file(text)] == expected


def test_fields_of_each_form() -> None:
    root, share = entries_of_file(FSTAB)
    assert root.fields == {
        "device": "UUID=57b1", "mount": "/", "fstype": "ext4", "options": "errors=remount-ro", "dump": 0, "passno": 1,
    }  # fmt: skip
    assert root.text == "UUID=57b1 /  ext4 errors=remount-ro 0 1"
    assert "dump" not in share.fields
    (row,) = entries_of_file("/dev/a /dev/ra /usr ufs 1 no -\n")
    assert (row.fields["passno"], row.fields["mount_at_boot"], row.fields["device_to_fsck"]) == (1, "no", "/dev/ra")
    (stanza,) = entries_of_file("/nfs:\n  dev = /x\n  vfs = nfs\n  nodename = srv\n")
    assert (stanza.fields["device"], stanza.fields["fstype"]) == ("srv:/x", "nfs")
    assert stanza.text == "/nfs:\n  dev = /x\n  vfs = nfs\n  nodename = srv"


@pytest.mark.parametrize(
    ("output", "device", "fstype", "options"),
    [
        ("proc on /m type proc (rw,relatime)\n", "proc", "proc", "rw,relatime"),
        ("/dev/ada0 on /m (ufs, local, soft-updates)\n", "/dev/ada0", "ufs", "local, soft-updates"),
        ("devfs on /m (devfs)\nmap auto_home on /home (autofs)\n", "devfs", "devfs", None),
        (
            "  node  mounted  mounted over  vfs  date  options\n----- ---\nsrv /x /m nfs3 Jan 02 10:00 ro,bg\n",
            "srv:/x", "nfs3", "ro,bg",
        ),
    ],
)  # fmt: skip
def test_words_of_the_program(output: str, device: str, fstype: str, options: str | None) -> None:
    (entry,) = entries_of_mount(output)
    found = entry.fields
    assert (found["device"], found["fstype"], found.get("options"), found["mount"]) == (device, fstype, options, "/m")


def test_unknown_words_of_the_program() -> None:
    assert entries_of_mount("mounted: nothing\n") == []


def facts(result: dict[str, Any]) -> dict[str, Any]:
    found = result["ansible_facts"]
    assert isinstance(found, dict)
    return found


def test_first_entry_of_a_mount_point_counts_and_repeats_are_told() -> None:
    files = {"/etc/mtab": MTAB, "/etc/fstab": NOWHERE}
    result = fake("mount_facts", FakeSystem(files=files))
    points = facts(result)["mount_points"]
    assert points["/run"]["options"] == "rw"
    assert points["/"]["ansible_context"] == {"source": "/etc/mtab", "source_data": "/dev/sda1 / ext4 rw 0 0"}
    assert points["/"]["size_total"] > 0
    assert "size_total" not in points["/not/there/at/all"]
    assert facts(result)["aggregate_mounts"] == []
    assert "/etc/mtab (['/', '/run', '/run'])" in result["warnings"][0]


def test_every_entry_and_filters() -> None:
    system = FakeSystem(files={"/etc/mtab": MTAB})
    result = fake("mount_facts", system, fstypes=["tm*"], include_aggregate_mounts=True)
    assert [fields["options"] for fields in facts(result)["aggregate_mounts"]] == ["rw", "ro"]
    assert not result.get("warnings")
    assert list(facts(fake("mount_facts", system, devices="[!/]*"))["mount_points"]) == ["/run"]


def test_a_repeated_source_is_read_once() -> None:
    system = FakeSystem(files={"/etc/fstab": NOWHERE})
    result = fake("mount_facts", system, sources=["/etc/fstab", "/etc/fstab"], include_aggregate_mounts=True)
    assert len(facts(result)["aggregate_mounts"]) == 1
    assert "duplicate entries" in result["warnings"][0]


def test_the_program_is_asked_where_no_dynamic_table_is() -> None:
    system = FakeSystem(files={"/etc/fstab": NOWHERE}, programs=("mount",))
    system.answers = {system.need("mount"): (0, "/dev/ada0 on / (ufs, local)\n", "")}
    assert "/" in facts(fake("mount_facts", system))["mount_points"]
    assert "/" not in facts(fake("mount_facts", system, mount_binary=""))["mount_points"]
    assert "/" not in facts(fake("mount_facts", system, sources="static"))["mount_points"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"timeout": 0}, "argument 'timeout' must be a positive number or null"),
        ({"mount_binary": 3}, "argument 'mount_binary' must be a string or null, not 3"),
        ({"sources": [""]}, "sources contains an empty string"),
    ],
)
def test_refusals(options: dict[str, Any], text: str) -> None:
    assert text in fake("mount_facts", FakeSystem(), **options)["msg"]


def test_the_real_machine() -> None:
    result = drive("mount_facts", sources="/proc/mounts", include_aggregate_mounts=True)
    assert any(mount["block_total"] > 0 for mount in facts(result)["mount_points"].values())
    assert not result["changed"]
    assert "/proc" in facts(check("mount_facts", sources="dynamic", include_aggregate_mounts=False))["mount_points"]
