"""One target out of inventory, arguments and ssh_config files, with ssh's own precedence."""

import getpass
from pathlib import Path
from typing import Any

import pytest

from orchestra.errors import OptionError, Unreachable
from orchestra.transport.endpoint import Endpoint, TransportSettings
from orchestra.transport.sshconfig import ConfigFiles, Target, resolve_target

CONFIG = """
# a comment
Host web*
    HostName %h.example.net
    User deploy
    Port=2200
    IdentityFile "~/keys/web key"   # a comment behind
    ProxyJump bob@bastion:2222,inner

Match host *.example.net user deploy
    ServerAliveInterval 7
    UserKnownHostsFile ~/.ssh/known_%h /etc/more

Host db01
    ProxyCommand nc -X 5 %h %p "quoted  twice"
    StrictHostKeyChecking accept-new
    HostKeyAlias database
    HashKnownHosts yes

Host *
    User nobody
    StrictHostKeyChecking yes
"""


def resolve(home: Path, config: str = "", **changes: Any) -> Target:
    (home / ".ssh").mkdir(exist_ok=True)
    (home / ".ssh" / "config").write_text(config)
    settings = TransportSettings(home=home, system_config=home / "system", system_known_hosts=())
    return resolve_target(Endpoint(**{"name": "web01", **changes}), settings, ConfigFiles(home))


def test_the_first_value_of_each_option_holds(tmp_path: Path) -> None:
    target = resolve(tmp_path, CONFIG)
    assert (target.host, target.user, target.port) == ("web01.example.net", "deploy", 2200)
    assert target.identity_files == (tmp_path / "keys/web key",)
    assert target.explicit_identities
    assert target.jumps == ("bob@bastion:2222", "inner")
    assert target.alive_interval == 7
    assert target.known_hosts_files == (tmp_path / ".ssh/known_web01.example.net", Path("/etc/more"))
    assert target.strict == "yes"


def test_a_proxy_command_keeps_its_own_quotes(tmp_path: Path) -> None:
    target = resolve(tmp_path, CONFIG, name="db01")
    assert target.proxy_command == 'nc -X 5 db01 22 "quoted  twice"'
    assert (target.strict, target.key_name, target.hash_known_hosts) == ("accept-new", "database", True)


def test_the_inventory_beats_the_file(tmp_path: Path) -> None:
    target = resolve(tmp_path, CONFIG, user="root", port=22, private_key_file="~/mine", address="web02")
    assert (target.host, target.user, target.port) == ("web02.example.net", "root", 22)
    assert target.identity_files[0] == tmp_path / "mine"
    assert target.alive_interval == 0  # the Match wants user deploy


def test_arguments_beat_the_file_and_see_its_host_name(tmp_path: Path) -> None:
    target = resolve(
        tmp_path, CONFIG, common_args='-o ProxyCommand="ssh -W %h:%p jump" -o User=ann', extra_args="-J none"
    )
    assert target.proxy_command == "ssh -W web01.example.net:2200 jump"
    assert target.user == "ann"
    assert target.jumps == ()


def test_a_file_of_ones_own_replaces_the_usual_ones(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("Host *\n  Port 99\n")
    assert resolve(tmp_path, CONFIG, common_args=f"-F {tmp_path}/own").port == 99
    assert resolve(tmp_path, CONFIG, common_args="-F none").user == getpass.getuser()


def test_files_can_include_others(tmp_path: Path) -> None:
    (tmp_path / ".ssh" / "more.d").mkdir(parents=True)
    (tmp_path / ".ssh" / "more.d" / "a.conf").write_text("Host web01\n  Port 77\n")
    target = resolve(tmp_path, "Include more.d/*.conf\nHost *\n  Port 88\n  User x\n")
    assert (target.port, target.user) == (77, "x")


@pytest.mark.parametrize(
    ("checking", "arguments", "config", "strict"),
    [
        (True, "", "", "ask"),
        (True, "", "StrictHostKeyChecking no", "no"),
        (False, "", "", "no"),
        (False, "", "StrictHostKeyChecking yes", "no"),
        (False, "-o StrictHostKeyChecking=accept-new", "", "accept-new"),
        (True, "-o StrictHostKeyChecking=off", "StrictHostKeyChecking yes", "no"),
    ],
)
def test_how_strict_host_keys_are(tmp_path: Path, checking: bool, arguments: str, config: str, strict: str) -> None:
    assert resolve(tmp_path, config, host_key_checking=checking, common_args=arguments).strict == strict


def test_default_keys_are_not_explicit(tmp_path: Path) -> None:
    target = resolve(tmp_path)
    assert not target.explicit_identities
    assert tmp_path / ".ssh/id_ed25519" in target.identity_files
    assert target.host == target.name == "web01"
    assert target.timeout == 10


def test_a_connect_timeout_among_the_arguments(tmp_path: Path) -> None:
    assert resolve(tmp_path, "ConnectTimeout 50", timeout=4).timeout == 4
    assert resolve(tmp_path, common_args="-o ConnectTimeout=3").timeout == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("-o Port=ssh", "Port=ssh cannot be used: Invalid Port integer value: ssh"),
        ("-o 'User=a b'", "User=a b cannot be used: User has more than one value"),
        ("-o StrictHostKeyChecking=maybe", "'maybe'; it must be yes, no, ask or accept-new"),
        ("-F /nowhere/config", "/nowhere/config (option -F) cannot be read"),
    ],
)
def test_bad_arguments_are_named(tmp_path: Path, arguments: str, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        resolve(tmp_path, common_args=arguments)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("Host *\n  Port many\n", "config line 2: Invalid Port integer value: many"),
        ("User\n", "config line 1: User has no value"),
        ('User "x\n', "config line 1: No closing quotation"),
        ("Match nonsense x\n", "config line 1: Invalid match condition nonsense"),
    ],
)
def test_a_mistake_in_a_file_has_its_line(tmp_path: Path, config: str, message: str) -> None:
    with pytest.raises(Unreachable) as caught:
        resolve(tmp_path, config)
    assert message in caught.value.message


def test_each_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text("Host *\n  Port 7\n")
    files = ConfigFiles(tmp_path)
    first = files.lines(tmp_path / "config")
    (tmp_path / "config").write_text("")
    assert files.lines(tmp_path / "config") is first
