"""What a host may say about itself, and what it may not."""

import pytest

from orchestra.engine.connections import VARIABLES
from orchestra.engine.hoststate import HostState, steers_connection
from orchestra.model.host import Host


@pytest.mark.parametrize("name", VARIABLES)
def test_no_returned_fact_becomes_a_connection_variable(name: str) -> None:
    state = HostState(Host("h1"))
    state.learn_facts({name: "evil", "ansible_distribution": "Debian"}, inject=True)
    assert name not in state.injected
    assert state.injected == {"ansible_distribution": "Debian"}
    assert state.facts[name.removeprefix("ansible_")] == "evil"  # below ansible_facts it harms nobody


@pytest.mark.parametrize(
    "name",
    ["ansible_ssh_executable", "ansible_ssh_control_path", "ansible_sudo_exe", "ansible_su_pass", "ansible_doas_user",
     "ansible_winrm_transport", "ansible_psrp_proxy", "ansible_paramiko_proxy_command", "ansible_shell_type",
     "ansible_perl_interpreter", "ansible_become_anything"],
)  # fmt: skip
def test_families_of_connection_variables_are_refused_whole(name: str) -> None:
    assert steers_connection(name)


@pytest.mark.parametrize(
    "name", ["ansible_hostname", "ansible_user_id", "ansible_ssh_host_key_rsa_public", "ansible_env", "own_fact"]
)
def test_facts_that_setup_gives_are_let_through(name: str) -> None:
    assert not steers_connection(name)


def test_a_pardoned_host_waits_for_the_next_play_only_if_it_had_failed() -> None:
    failed, gone = HostState(Host("a"), failed=True), HostState(Host("b"), unreachable=True)
    failed.pardon()
    gone.pardon()
    assert (failed.ended, failed.failed, gone.ended, gone.unreachable) == (True, False, False, False)
    assert gone.live


def test_cleared_facts_leave_what_was_set() -> None:
    state = HostState(Host("h1"), live_vars={"set": 1})
    state.learn_facts({"ansible_x": 1}, inject=True)
    state.forget_facts()
    assert (state.facts, state.injected, state.live_vars) == ({}, {}, {"set": 1})
