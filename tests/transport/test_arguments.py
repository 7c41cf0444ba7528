"""Words of the ssh command line in inventories: understood, harmless, or refused by name."""

import pytest

from orchestra.errors import OptionError
from orchestra.transport.arguments import SshArguments, parse_arguments

CASES = {
    "": (),
    "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null": (
        ("StrictHostKeyChecking", "no"),
        ("UserKnownHostsFile", "/dev/null"),
    ),
    "-oPort=22 -o'User  root' -o 'IdentityFile = ~/k'": (("Port", "22"), ("User", "root"), ("IdentityFile", "~/k")),
    "-J bastion -i ~/k -A -p 2222 -l bob": (
        ("ProxyJump", "bastion"),
        ("IdentityFile", "~/k"),
        ("ForwardAgent", "yes"),
        ("Port", "2222"),
        ("User", "bob"),
    ),
    "-Av4p22": (("ForwardAgent", "yes"), ("AddressFamily", "inet"), ("Port", "22")),
    "-C -6 -q -T -tt -vvv": (("Compression", "yes"), ("AddressFamily", "inet6")),
    '-o ProxyCommand="ssh -W %h:%p -q bastion"': (("ProxyCommand", "ssh -W %h:%p -q bastion"),),
    "-o ControlMaster=auto -o ControlPersist=60s -o ControlPath=/x/%C -S none -o LogLevel=ERROR -o IPQoS=none": (),
    "-o pubkeyacceptedalgorithms=+ssh-rsa": (),
    "-L 8080:localhost:80 -N": (),
}


@pytest.mark.parametrize("text", CASES)
def test_what_is_understood(text: str) -> None:
    assert parse_arguments(text) == SshArguments(CASES[text])


def test_a_file_of_ones_own() -> None:
    assert parse_arguments("-F /x/config -A").config_file == "/x/config"
    assert parse_arguments("-F none").config_file == "none"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("-o StrictHostKeyCheking=no", "'StrictHostKeyCheking'", "stricthostkeychecking"),
        ("-z", "-z is not supported", "-o Name=value"),
        ("-W host:22", "-W is not supported", ""),
        ("-p", "-p needs a value", ""),
        ("-o Port", "-o Port has no value", "Name=value"),
        ("bastion", "'bastion' in the ssh arguments is not an option", "inventory"),
        ("-o 'x", "cannot be split", ""),
        ("-o RevokedHostKeys=/x", "'RevokedHostKeys'", ""),
    ],
)
def test_what_is_refused_is_named(text: str, message: str, hint: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_arguments(text)
    assert message in caught.value.message
    assert hint in caught.value.hint
