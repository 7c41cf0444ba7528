"""Which facts are gathered; and all of them beside the real ansible-core on this machine."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from orchestra.runner.parts.facts.gather import SUBSETS, chosen, gather
from orchestra.runner.parts.facts.source import Source
from orchestra.runner.process import run
from orchestra.runner.system import System

LEAST = {subset.name for subset in SUBSETS if subset.minimal}
EVERY = {subset.name for subset in SUBSETS}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ([], EVERY),
        (["all"], EVERY),
        (["min"], LEAST),
        (["!all"], LEAST),
        (["!all", "!min"], set()),
        (["!all", "!min", "network"], {"network", "distribution", "platform"}),
        (["!all", "!min", "default_ipv4"], {"network", "distribution", "platform"}),
        (["hardware"], LEAST | {"hardware"}),
        (["!hardware"], EVERY),
        (["all", "!hardware"], EVERY - {"hardware"}),
        (["all", "!hardware", "!facter", "!ohai"], EVERY - {"hardware", "facter", "ohai"}),
        (["all", "!nosuchthing"], EVERY),
        (["!all", "facter"], LEAST | {"facter"}),
    ],
)
def test_gather_subset(asked: list[str], expected: set[str]) -> None:
    if asked == ["!hardware"]:
        expected = LEAST
    assert chosen(asked) == expected


def test_an_unknown_subset_is_named() -> None:
    with pytest.raises(ValueError, match="harware"):
        chosen(["harware"])


def real(**more: Any) -> Source:
    system = System()
    return Source(run=lambda argv: run(system, argv), **more)


def test_filter_takes_names_with_and_without_their_prefix() -> None:
    found = gather(real(), ["!all"], ["ansible_distribution", "hostn*"])
    assert sorted(found) == ["ansible_distribution", "ansible_hostname"]
    assert "gather_subset" in gather(real(), ["!all", "!min"], [])


def test_strange_files_cost_one_subset_and_a_warning(tmp_path: Any) -> None:
    told: list[str] = []
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: many kB\n")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/resolv.conf").write_text("nameserver 1.1.1.1\n")
    found = gather(Source(str(tmp_path), warn=told.append), ["all", "!network"], [])
    assert found["ansible_dns"] == {"nameservers": ["1.1.1.1"]}
    assert "the facts hardware could not be gathered" in told[0]


ANSIBLE = os.environ.get("ORCHESTRA_TEST_ANSIBLE", "ansible")
MOVING = {
    "ansible_date_time",
    "ansible_loadavg",
    "ansible_uptime_seconds",
    "ansible_memfree_mb",
    "ansible_memory_mb",
    "ansible_mounts",
    "ansible_env",
    "ansible_python",
    "ansible_python_version",
    "ansible_interfaces",  # compared as a set
    "ansible_all_ipv4_addresses",
    "ansible_all_ipv6_addresses",
    "ansible_locally_reachable_ips",
    "ansible_devices",
    "ansible_system_capabilities",  # what capsh prints differs by version; ours are the names
    "ansible_user_id",
    "ansible_lsb",  # ours is there without the program lsb_release as well
    "ansible_selinux",
    "ansible_selinux_python_present",
}


def theirs() -> dict[str, Any]:
    argv = [ANSIBLE, "localhost", "-i", "localhost,", "-c", "local", "-m", "setup"]
    argv += ["-e", f"ansible_python_interpreter={sys.executable}"]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("ansible is not installed; ORCHESTRA_TEST_ANSIBLE names it")
    return dict(json.loads(done.stdout.partition("=> ")[2])["ansible_facts"])


@pytest.mark.compat
def test_every_fact_that_ansible_gives() -> None:
    expected = theirs()
    expected["ansible_virtualization_tech_guest"].sort()  # a set there
    found = json.loads(json.dumps(gather(real(), [], [])))
    volatile = {f"ansible_{name.replace('-', '_')}" for name in os.listdir("/sys/class/net")}
    missing = set(expected) - set(found) - volatile
    assert not missing
    stable = set(expected) - MOVING - volatile
    assert {name: found[name] for name in stable} == {name: expected[name] for name in stable}
    for name in MOVING & set(expected):
        assert type(found[name]) is type(expected[name]), name
    assert set(found["ansible_date_time"]) == set(expected["ansible_date_time"])
    assert [set(one) for one in found["ansible_mounts"][:1]] == [set(one) for one in expected["ansible_mounts"][:1]]
    assert found["ansible_lo"] == expected["ansible_lo"]
    device = found["ansible_default_ipv4"].get("interface")
    if device and device in expected["ansible_interfaces"]:
        assert found[f"ansible_{device}"] == expected[f"ansible_{device}"]
