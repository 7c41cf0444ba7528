"""The lab: real servers, verified host keys, hosts apart from each other, and nothing left afterwards."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from orchestra.testing import lab as labs
from orchestra.testing.lab import ASYNCSSH, OPENSSH, Lab, LabError, LabHost, running_lab

needs_sshd = pytest.mark.skipif(labs.find_sshd() is None, reason="OpenSSH's server is not installed")
needs_ssh = pytest.mark.skipif(not Path("/usr/bin/ssh").exists(), reason="OpenSSH's client is not installed")
kinds = pytest.mark.parametrize("kind", [pytest.param(OPENSSH, marks=needs_sshd), ASYNCSSH])


def ssh(lab: Lab, host: LabHost, command: str, *options: str, text: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a command on a lab host by OpenSSH's client, with strict host key checking."""
    argv = ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", f"UserKnownHostsFile={lab.known_hosts}"]
    argv += ["-i", str(lab.client_key), "-p", str(host.port), *options, host.address, command]
    return subprocess.run(argv, capture_output=True, text=True, input=text, timeout=30)


def alive(pid: str) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@needs_ssh
@kinds
def test_hosts_run_commands_each_in_its_own_home(tmp_path: Path, kind: str) -> None:
    with running_lab(tmp_path / "lab", 2, kind) as lab:
        assert lab.kind == kind
        for host in lab.hosts:
            assert ssh(lab, host, "echo $HOME").stdout == f"{host.home}\n"
        done = ssh(lab, lab.hosts[0], "cat; echo problem >&2; exit 7", text="input")
        assert (done.returncode, done.stdout, done.stderr) == (7, "input", "problem\n")


@needs_ssh
@kinds
def test_strangers_are_refused(tmp_path: Path, kind: str) -> None:
    with running_lab(tmp_path / "lab", 2, kind) as lab:
        first, second = lab.hosts
        stranger = tmp_path / "stranger"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", stranger], check=True)
        argv = ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-i", str(stranger)]
        argv += ["-o", f"UserKnownHostsFile={lab.known_hosts}", "-p", str(first.port), first.address, "true"]
        assert "Permission denied" in subprocess.run(argv, capture_output=True, text=True, timeout=30).stderr
        swapped = lab.known_hosts.read_text().replace(str(first.port), str(second.port), 1).splitlines()[0]
        lab.known_hosts.write_text(swapped + "\n")
        assert "HOST IDENTIFICATION HAS CHANGED" in ssh(lab, second, "true").stderr


@needs_ssh
@kinds
def test_pty_signals_and_bulk(tmp_path: Path, kind: str) -> None:
    with running_lab(tmp_path / "lab", 1, kind) as lab:
        host = lab.hosts[0]
        terminal = ssh(lab, host, "test -t 0 && stty -echo && read word && echo got $word", "-tt", text="hello\n")
        assert "got hello" in terminal.stdout
        assert ssh(lab, host, "kill -9 $$").returncode == 255  # ssh's own answer for "ended by a signal"
        assert len(ssh(lab, host, "head -c 3000000 /dev/zero; kill -9 $$").stdout) == 3_000_000


@needs_ssh
@kinds
def test_down_leaves_nothing_behind(tmp_path: Path, kind: str) -> None:
    with running_lab(tmp_path / "lab", 1, kind) as lab:
        server = str(lab.hosts[0].pid)
        daemon = ssh(lab, lab.hosts[0], "setsid sleep 600 >/dev/null 2>&1 </dev/null & echo $!").stdout.strip()
        assert alive(server)
        assert alive(daemon)
    assert not alive(server)
    assert not alive(daemon)
    assert not (tmp_path / "lab").exists()


def test_inventory_says_how_to_reach_each_host(tmp_path: Path) -> None:
    with running_lab(tmp_path / "a lab", 2, ASYNCSSH) as lab:
        group = yaml.safe_load(lab.inventory.read_text())["lab"]
        assert [group["hosts"][name]["ansible_port"] for name in ("lab1", "lab2")] == [h.port for h in lab.hosts]
        assert group["hosts"]["lab1"]["lab_root"] == str(lab.hosts[0].home)
        assert f"'{lab.known_hosts}'" in group["vars"]["ansible_ssh_common_args"]  # quoted: the path has a space
        assert lab.client_key.stat().st_mode & 0o777 == 0o600
        assert lab.directory.stat().st_mode & 0o777 == 0o700


def test_up_twice_is_the_same_lab_and_another_size_is_a_new_one(tmp_path: Path) -> None:
    with running_lab(tmp_path / "lab", 1, ASYNCSSH) as lab:
        assert labs.up(lab.directory, 1) == lab
        assert [host.name for host in labs.up(lab.directory, 2, ASYNCSSH).hosts] == ["lab1", "lab2"]
        assert not alive(str(lab.hosts[0].pid))


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("data")
    with pytest.raises(LabError, match="is not empty and holds no lab"):
        labs.up(tmp_path, 1)
    with pytest.raises(LabError, match="holds no lab"):
        labs.down(tmp_path)
    assert (tmp_path / "precious").exists()


def test_a_server_that_does_not_start_is_told_with_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = [sys.executable, "-c", "print('no port for you')"]
    monkeypatch.setattr(labs, "_asyncssh_command", lambda root, port: complaint)
    with pytest.raises(LabError, match=r"lab1 does not answer .*\nno port for you"):
        labs.up(tmp_path / "lab", 1, ASYNCSSH)
    assert not (tmp_path / "lab").exists()


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--dir", str(tmp_path / "lab")]
    assert labs.main(["status", *where]) == 3
    assert labs.main(["up", *where, "--hosts", "1", "--kind", ASYNCSSH]) == 0
    assert labs.main(["status", *where]) == 0
    assert "asyncssh: 1 hosts" in capsys.readouterr().out
    assert labs.main(["down", *where]) == 0
    assert labs.main(["down", "--dir", str(tmp_path)]) == 0 or capsys.readouterr().err.startswith("lab:")
