"""iptables: command lines, and the kernel's own filter in a network namespace of its own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestra.runner.foresight import Foresight
from orchestra.runner.overlay import Overlay
from orchestra.testing.fakesystem import FakeSystem
from tests.modules.driving import Recorded, check, drive, fake


def machine(**more: Any) -> FakeSystem:
    programs = ("/usr/sbin/iptables", "/usr/sbin/ip6tables")
    answers = dict.fromkeys(programs, (0, "", ""))
    absent = {f"{name} -t filter -C": (1, "", "no such rule") for name in programs}
    chains = {f"{name} -t filter -S": (1, "", "no such chain") for name in programs}
    return FakeSystem(programs=programs, answers={**answers, **absent, **chains, **more.pop("answers", {})}, **more)


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"protocol": "tcp", "destination_port": "22", "jump": "ACCEPT"}, "-p tcp -j ACCEPT --destination-port 22"),
        ({"ctstate": ["NEW", "RELATED"], "jump": "DROP"}, "-j DROP -m conntrack --ctstate NEW,RELATED"),
        ({"ctstate": "NEW", "match": "conntrack"}, "-m conntrack --ctstate NEW"),
        ({"ctstate": "NEW", "match": "state"}, "-m state --state NEW"),
        ({"source": "!10.0.0.0/8", "in_interface": "! eth0"}, "! -s 10.0.0.0/8 ! -i eth0"),
        (
            {"protocol": "tcp", "destination_ports": ["80", "443", "8081:8083"], "jump": "ACCEPT"},
            "-p tcp -j ACCEPT -m multiport --dports 80,443,8081:8083",
        ),
        ({"log_prefix": "IN: ", "log_level": "info"}, "-j LOG --log-prefix IN:  --log-level info"),
        ({"limit": "2/second", "limit_burst": "20"}, "-m limit --limit 2/second --limit-burst 20"),
        ({"reject_with": "tcp-reset", "protocol": "tcp"}, "-p tcp -j REJECT --reject-with tcp-reset"),
        ({"uid_owner": "!root", "comment": "a b"}, "-m owner ! --uid-owner root -m comment --comment a b"),
        ({"src_range": "10.0.0.1-10.0.0.9"}, "-m iprange --src-range 10.0.0.1-10.0.0.9"),
        ({"match_set": "admins", "match_set_flags": "src"}, "-m set --match-set admins src"),
        ({"protocol": "tcp", "tcp_flags": {"flags": ["ALL"], "flags_set": ["ACK", "RST"]}, "syn": "negate"},
         "-p tcp --tcp-flags ALL ACK,RST ! --syn"),
        ({"jump": "TEE", "gateway": "10.0.0.9"}, "-j TEE --gateway 10.0.0.9"),
        ({"jump": "DSCP", "set_dscp_mark": "8"}, "-j DSCP --set-dscp 8"),
        ({"protocol": "icmp", "icmp_type": "8"}, "-p icmp --icmp-type 8"),
    ],
)  # fmt: skip
def test_rules(options: dict[str, Any], rule: str) -> None:
    system = machine()
    result = fake("iptables", system, chain="INPUT", **options)
    assert (result["changed"], result["rule"]) == (True, rule)
    (line,) = system.commands
    assert " ".join(line) == f"/usr/sbin/iptables -t filter -A INPUT {rule}"


def test_inserted_at_its_place_and_in_both_programs() -> None:
    system = machine()
    fake("iptables", system, chain="C", ip_version="both", action="insert", rule_num="3", wait="5", icmp_type="8")
    assert [" ".join(line) for line in system.commands] == [
        "/usr/sbin/iptables -t filter -I C 3 -w 5 --icmp-type 8",
        "/usr/sbin/ip6tables -t filter -I C 3 -w 5 --icmpv6-type 8",
    ]


def test_refusals() -> None:
    assert "chain" in fake("iptables", machine(), jump="ACCEPT")["msg"]
    assert "LOG jump target" in fake("iptables", machine(), chain="C", jump="DROP", log_prefix="x")["msg"]
    assert "gateway" in fake("iptables", machine(), chain="C", jump="TEE")["msg"]
    assert fake("iptables", machine(), chain="NOPE", policy="DROP")["msg"] == "Can't detect current policy"


def test_a_check_run_remembers() -> None:
    system = machine(check=True, answers={"/usr/sbin/iptables -t filter -S INPUT": (0, "-P INPUT ACCEPT\n", "")})
    rule = {"chain": "INPUT", "jump": "ACCEPT"}
    for options, changed in (
        (rule, True), (rule, False), ({"flush": True}, True), ({**rule, "protocol": "udp"}, True),
        ({"chain": "INPUT", "policy": "DROP"}, True), ({"chain": "INPUT", "policy": "DROP"}, False),
        ({"chain": "OWN", "chain_management": True}, True), ({"chain": "OWN", "chain_management": True}, False),
        ({"chain": "OTHER"}, True),
    ):  # fmt: skip
        assert fake("iptables", system, **options)["changed"] is changed, options
    assert system.commands == []


@pytest.fixture
def own_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """iptables of this machine, in a network namespace that ends with the test."""
    programs = {name: shutil.which(name) for name in ("iptables", "ip6tables")}
    if os.geteuid() or not all(programs.values()) or not shutil.which("nsenter"):
        pytest.skip("needs root, iptables and nsenter")
    with subprocess.Popen(["unshare", "-n", "sh", "-c", "echo ready; read x"], stdin=-1, stdout=-1) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        for name, path in programs.items():
            (tmp_path / name).write_text(f'#!/bin/sh\nexec nsenter -t {holder.pid} -n {path} "$@"\n')
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        if subprocess.run(["iptables", "-S"], capture_output=True).returncode:
            holder.communicate(b"\n")
            pytest.skip("this kernel has no packet filter")
        yield
        holder.communicate(b"\n")


def rules(chain: str = "") -> list[str]:
    said = subprocess.run(["iptables", "-S", *([chain] if chain else [])], capture_output=True, text=True, check=True)
    return said.stdout.splitlines()


@pytest.mark.usefixtures("own_network")
def test_in_the_kernel() -> None:
    ssh = {"chain": "INPUT", "protocol": "tcp", "destination_port": "22", "jump": "ACCEPT", "comment": "way in"}
    before = rules()
    assert check("iptables", **ssh)["changed"]
    assert rules() == before
    first = Recorded("iptables", **ssh)
    assert first.result["changed"]
    assert not drive("iptables", **ssh)["changed"]
    assert drive("iptables", chain="INPUT", action="insert", in_interface="lo", jump="ACCEPT")["changed"]
    assert [line.split()[3] for line in rules("INPUT")[1:]] == ["lo", "tcp"]
    first.undo()
    assert len(rules("INPUT")) == 2
    policy = Recorded("iptables", chain="FORWARD", policy="DROP")
    assert "-P FORWARD DROP" in rules()
    assert not drive("iptables", chain="FORWARD", policy="DROP")["changed"]
    policy.undo()
    assert "-P FORWARD ACCEPT" in rules()
    assert drive("iptables", chain="OWN", chain_management=True)["changed"]
    assert not drive("iptables", chain="OWN", chain_management=True)["changed"]
    assert drive("iptables", chain="OWN", chain_management=True, state="absent")["changed"]
    assert drive("iptables", flush=True)["changed"]
    assert rules() == before
    assert drive("iptables", chain="INPUT", jump="NOWHERE")["failed"]
    assert not drive("iptables", Foresight(Overlay(), check=True), **ssh, state="absent")["changed"]
