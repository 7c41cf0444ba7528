"""selinux and seport against fake machines."""

from typing import Any

import pytest

from orchestra.testing.fakesystem import FakeSystem
from tests.modules.driving import fake

CONFIG = "/etc/selinux/config"
TEXT = "# comment\nSELINUX=permissive\nSELINUXTYPE=targeted\n"


def machine(enforce: str | None = "1", text: str = TEXT, **more: Any) -> FakeSystem:
    files = {CONFIG: text, **({} if enforce is None else {"/sys/fs/selinux/enforce": enforce})}
    return FakeSystem(files=files, answers={"setenforce": (0, "", ""), **more.pop("answers", {})}, **more)


@pytest.mark.parametrize(
    ("enforce", "state", "commands", "written", "reboot"),
    [
        ("1", "enforcing", [], "SELINUX=enforcing", False),
        ("1", "permissive", ["setenforce 0"], "SELINUX=permissive", False),
        ("0", "enforcing", ["setenforce 1"], "SELINUX=enforcing", False),
        ("1", "disabled", ["setenforce 0"], "SELINUX=disabled", True),
        ("0", "disabled", [], "SELINUX=disabled", True),
        (None, "enforcing", [], "SELINUX=enforcing", True),
        (None, "disabled", [], "SELINUX=disabled", False),
    ],
)
def test_modes(enforce: str | None, state: str, commands: list[str], written: str, reboot: bool) -> None:
    system = machine(enforce)
    result = fake("selinux", system, state=state, policy="targeted")
    assert [" ".join(line) for line in system.commands] == commands
    assert written in system.text(CONFIG).splitlines()
    assert result["reboot_required"] is reboot
    assert system.text(CONFIG).startswith("# comment\n")


def test_nothing_to_do_and_another_policy() -> None:
    system = machine("0")
    same = fake("selinux", system, state="permissive", policy="targeted")
    assert (same["changed"], same["msg"]) == (False, "")
    other = fake("selinux", system, state="permissive", policy="mls")
    assert other["msg"] == f"SELinux policy configuration in '{CONFIG}' changed from 'targeted' to 'mls'"
    assert system.text(CONFIG) == TEXT.replace("targeted", "mls")
    assert fake("selinux", machine("0", "# none\n"), state="disabled")["policy"] is None


def test_refusals() -> None:
    assert "policy" in fake("selinux", machine(), state="enforcing")["msg"]
    assert "Unable to find file /none" in fake("selinux", machine(), state="disabled", configfile="/none")["msg"]


def test_the_kernels_own_switch() -> None:
    grubby = {"/usr/sbin/grubby": (0, "", ""), "/usr/sbin/grubby --info=ALL": (0, 'index=0\nargs="ro quiet"\n', "")}
    system = machine("0", answers=grubby, programs=("/usr/sbin/grubby",))
    assert fake("selinux", system, state="disabled", update_kernel_param=True)["changed"]
    assert system.commands == [["/usr/sbin/grubby", "--update-kernel=ALL", "--args", "selinux=0"]]
    same = machine("0", answers=grubby, programs=("/usr/sbin/grubby",))
    fake("selinux", same, state="permissive", policy="targeted", update_kernel_param=True)
    assert same.commands == []


PORTS = """http_port_t                    tcp      81, 80, 8000-8010
http_port_t                    udp      80
ssh_port_t                     tcp      22
"""


@pytest.mark.parametrize(
    ("options", "commands"),
    [
        ({"ports": "80,8000-8010"}, []),
        ({"ports": [8888, "9000-9001"]}, ["-a -t http_port_t -p tcp 8888", "-a -t http_port_t -p tcp 9000-9001"]),
        ({"ports": "22-22"}, ["-m -t http_port_t -p tcp 22"]),
        ({"ports": 8888, "reload": False}, ["-N -a -t http_port_t -p tcp 8888"]),
        ({"ports": "81", "state": "absent"}, ["-d -t http_port_t -p tcp 81"]),
        ({"ports": "22,99", "state": "absent"}, []),
    ],
)
def test_ports(options: dict[str, Any], commands: list[str]) -> None:
    answers = {"/usr/sbin/semanage port": (0, "", ""), "/usr/sbin/semanage port -l -n": (0, PORTS, "")}
    system = machine(answers=answers, programs=("/usr/sbin/semanage",))
    asked = {"proto": "tcp", "setype": "http_port_t", **options}
    assert fake("seport", system, **asked)["changed"] is bool(commands)
    assert [" ".join(line[2:]) for line in system.commands] == commands
    check = machine(answers=answers, programs=("/usr/sbin/semanage",), check=True)
    fake("seport", check, **asked)
    assert not fake("seport", check, **asked)["changed"]


def test_ports_refused() -> None:
    asked = {"ports": "80", "proto": "tcp", "setype": "x_t"}
    assert "SELinux is disabled" in fake("seport", machine(None), **asked)["msg"]
    broken = machine(
        answers={"/usr/sbin/semanage": (1, "", "ValueError: no policy\n")}, programs=("/usr/sbin/semanage",)
    )
    assert "no policy" in fake("seport", broken, **asked)["msg"]
    fine = machine(answers={"/usr/sbin/semanage": (0, "", "")}, programs=("/usr/sbin/semanage",))
    assert "must be numbers" in fake("seport", fine, **dict(asked, ports="http"))["msg"]
