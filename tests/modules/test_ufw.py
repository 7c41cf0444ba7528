"""ufw's rules, policies and logging, as its files and dry runs tell them."""

from typing import Any

import pytest

from orchestra.runner.options import bind
from orchestra.testing.fakesystem import FakeSystem
from tests.modules.driving import module

SSH = "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in"
WEB = "### tuple ### allow any 80 0.0.0.0/0 any 0.0.0.0/0 in"
SSH6, WEB6 = SSH.replace("0.0.0.0/0", "::/0"), WEB.replace("0.0.0.0/0", "::/0")
FILES = {
    "/etc/ufw/ufw.conf": "# boot\nENABLED=no\n\nLOGLEVEL=low\n",
    "/etc/default/ufw": 'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\nDEFAULT_OUTPUT_POLICY="ACCEPT"\n',
    "/etc/ufw/user.rules": f"*filter\n:ufw-user-input - [0:0]\n{SSH}\n-A ufw-user-input\nCOMMIT\n",
    "/etc/ufw/user6.rules": f"*filter\n:ufw6-user-input - [0:0]\n{SSH6}\n-A ufw6-user-input\nCOMMIT\n",
}


def dry(*tuples: str, six: bool = False) -> str:
    """What a dry run shows of one file of rules."""
    chain = "ufw6" if six else "ufw"
    return "\n".join(["*filter", f":{chain}-user-input - [0:0]", *tuples, "COMMIT", "Rules updated", ""])


def firewall(said: str = "", rc: int = 0, status: str = "Status: inactive\n", check: bool = False) -> FakeSystem:
    answers = {
        "/usr/bin/ufw status": (0, status, ""),
        "/usr/bin/ufw --dry-run": (rc, said, "ERROR: Bad port\n" if rc else ""),
        "/usr/bin/ufw": (0, "", ""),
    }
    return FakeSystem(files=FILES, programs=("ufw",), answers=answers, check=check)


BOTH = "Skipping adding existing rule\nSkipping adding existing rule (v6)\n"
ALLOW = "allow from any to any port 80"


@pytest.mark.parametrize(
    ("said", "options", "told"),
    [
        (dry(SSH, WEB) + dry(SSH6, WEB6, six=True), {"rule": "allow", "port": "80"}, [ALLOW]),
        (BOTH, {"rule": "allow", "port": "22", "proto": "tcp"}, []),
        (dry(SSH) + dry(SSH6, six=True), {"rule": "allow", "port": "80", "delete": True}, []),
        (dry() + dry(six=True), {"rule": "allow", "port": "80", "delete": True, "insert": 1}, [f"delete {ALLOW}"]),
        (
            dry(WEB, SSH),
            {"rule": "allow", "port": "80", "insert": 1, "comment": "for all", "log": True, "direction": "in"},
            ["insert 1 allow in log from any to any port 80 comment for all"],
        ),
        (
            dry(SSH, WEB),
            {"rule": "deny", "route": True, "if_in": "eth0", "if_out": "eth1", "src": "10.0.0.0/8", "from_port": "53"},
            ["route deny in on eth0 out on eth1 from 10.0.0.0/8 port 53 to any"],
        ),
        (dry(SSH, WEB), {"rule": "allow", "name": "WWW Full"}, ["allow from any to any app WWW Full"]),
        ("", {"state": "enabled", "logging": "on", "policy": "deny"}, ["-f enable"]),
        ("", {"logging": "high"}, ["logging high"]),
        ("", {"default": "deny", "direction": "outgoing"}, ["default deny outgoing"]),
        ("", {"state": "disabled"}, []),
        ("", {"state": "reset"}, ["-f reset"]),
    ],
)
def test_what_ufw_is_told(said: str, options: dict[str, Any], told: list[str]) -> None:
    system = firewall(said)
    result = system.run(module("ufw"), **options)
    assert not result.get("failed"), result
    assert [" ".join(line[1:]) for line in system.commands] == told
    assert result["changed"] == bool(told)
    assert result["commands"] == [f"/usr/bin/ufw {line}" for line in told]


def test_a_firewall_that_works_now_and_at_the_next_start_is_enabled() -> None:
    system = firewall(status="Status: active\n")
    assert system.run(module("ufw"), state="enabled")["changed"]  # ENABLED=no
    system.write("/etc/ufw/ufw.conf", "ENABLED=yes\n")
    assert not system.run(module("ufw"), state="enabled")["changed"]
    assert system.run(module("ufw"), state="disabled")["changed"]


@pytest.mark.parametrize(
    ("relative", "insert", "place"),
    [("first-ipv4", 0, ["insert", "1"]), ("last-ipv4", 0, ["insert", "2"]), ("last-ipv4", -1, ["insert", "1"]),
     ("first-ipv6", 0, ["insert", "3"]), ("last-ipv6", 0, ["insert", "3"]), ("last-ipv6", 1, [])],
)  # fmt: skip
def test_a_place_counts_from_the_rules_of_its_family(relative: str, insert: int, place: list[str]) -> None:
    numbered = "Status: active\n\n[ 1] 22 ALLOW IN Anywhere\n[ 2] 80 ALLOW IN Anywhere\n[ 3] 22 (v6) ALLOW IN\n"
    system = firewall(dry(SSH, WEB), status=numbered)
    system.run(module("ufw"), rule="allow", port="80", insert=insert, insert_relative_to=relative)
    assert system.commands == [["/usr/bin/ufw", *place, *ALLOW.split()]]


def test_what_ufw_refuses_fails_in_a_check_run_too() -> None:
    result = firewall(rc=1, check=True).run(module("ufw"), rule="allow", port="80:x")
    assert result["msg"] == "ERROR: Bad port"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"rule": "allow", "interface": "eth0"}, "direction"),
        ({"rule": "allow", "direction": "incoming"}, "For rules"),
        ({"default": "deny", "direction": "in"}, "For default"),
        ({"rule": "deny", "interface_in": "a", "interface_out": "b"}, "Only route rules"),
        ({"delete": True}, "one of the following is required"),
        ({"rule": "allow", "name": "WWW", "proto": "tcp"}, "mutually exclusive"),
    ],
)
def test_options_that_contradict_each_other(options: dict[str, Any], text: str) -> None:
    assert text in firewall().run(module("ufw"), **options)["msg"]


@pytest.mark.parametrize(
    ("said", "options", "back"),
    [
        (dry(SSH, WEB), {"rule": "allow", "port": "80"}, "delete " + ALLOW),
        (dry(SSH.replace("allow", "deny")), {"rule": "deny", "port": "22", "proto": "tcp"}, None),  # in its place
        ("Skipping adding existing rule\n" + dry(SSH6, WEB6, six=True), {"rule": "allow", "port": "80"}, None),
    ],
)
def test_only_a_rule_that_took_no_other_ones_place_can_be_taken_back(
    said: str, options: dict[str, Any], back: str | None
) -> None:
    asked, problems = bind(module("ufw").Options, options)
    assert not problems
    effect = next(module("ufw").plan(asked, firewall(said)))
    assert effect.back == (back and ["/usr/bin/ufw", *back.split()])
