"""known_hosts as sshd(8) describes it, against what OpenSSH's own tools write and find."""

import subprocess
from pathlib import Path

import pytest

from orchestra.transport.knownhosts import KnownHosts, TrustStore, fingerprint, host_name, sort_keys
from tests.transport.sshd import keygen


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("keys")
    keys = [keygen(folder / f"k{number}") for number in range(3)]
    return [" ".join(Path(f"{key}.pub").read_text().split()[:2]) for key in keys]


def read(path: Path, *lines: str) -> KnownHosts:
    path.write_text("".join(f"{line}\n" for line in lines))
    known = KnownHosts()
    known.read(path)
    return known


def places(known: KnownHosts, host: str, port: int = 22) -> list[str]:
    return [line.place.rpartition(":")[2] for line in known.lookup(host, port)]


def test_names_patterns_ports_and_markers(tmp_path: Path, public: list[str]) -> None:
    known = read(
        tmp_path / "k",
        "# comment",
        f"web01,10.0.0.1 {public[0]} with a comment",
        f"*.example.net,!bad.example.net {public[0]}",
        f"[web01]:2222 {public[1]}",
        f"@cert-authority *.corp {public[2]}",
        f"@revoked * {public[1]}",
    )
    assert places(known, "web01") == ["2", "6"]
    assert places(known, "WEB01") == ["2", "6"]
    assert places(known, "10.0.0.1") == ["2", "6"]
    assert places(known, "a.example.net") == ["3", "6"]
    assert places(known, "bad.example.net") == ["6"]
    assert places(known, "web01", 2222) == ["4", "6"]
    assert set(places(known, "10.0.0.1", 2222)) == {"2", "6"}  # no line names the port
    trusted, authorities, revoked = sort_keys(known.lookup("x.corp", 22))
    assert (len(trusted), len(authorities), len(revoked)) == (0, 1, 1)


def test_lines_that_nobody_understands_are_passed_over(tmp_path: Path, public: list[str]) -> None:
    known = read(
        tmp_path / "k", "one-word", "@strange h k d", f"|1|bad {public[0]}", "h ssh-unknown AAAA", f"h {public[0]}"
    )
    assert [place.rpartition(":")[2] for place in known.unreadable] == ["1", "2", "3"]
    assert len(sort_keys(known.lookup("h", 22))[0]) == 1


def test_a_missing_file_knows_nobody(tmp_path: Path) -> None:
    known = KnownHosts()
    known.read(tmp_path / "none")
    assert known.lookup("h", 22) == []


def test_hashed_lines_of_ssh_keygen_are_found(tmp_path: Path, public: list[str]) -> None:
    path = tmp_path / "k"
    path.write_text(f"web01 {public[0]}\n[web02]:2222 {public[1]}\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(path)], check=True, capture_output=True)
    assert "web0" not in path.read_text()
    known = KnownHosts()
    known.read(path)
    assert places(known, "web01") == ["1"]
    assert places(known, "web02", 2222) == ["2"]
    assert places(known, "web02") == []


@pytest.mark.parametrize("hashed", [False, True])
def test_what_we_write_is_found_by_ssh_keygen(tmp_path: Path, public: list[str], hashed: bool) -> None:
    path = tmp_path / "new" / "known_hosts"
    path.parent.mkdir()
    path.write_text(f"other {public[1]}")  # without a line break at its end
    key = sort_keys(read(tmp_path / "k", f"h {public[0]}").lookup("h", 22))[0][0]
    store = TrustStore()
    assert store.hosts((path,)).lookup("web01", 2222) == []
    assert store.remember((path,), path, host_name("web01", 2222), key, hashed=hashed) == ""
    found = subprocess.run(["ssh-keygen", "-F", "[web01]:2222", "-f", str(path)], capture_output=True, text=True)
    assert public[0] in found.stdout
    assert len(path.read_text().splitlines()) == 2
    assert [fingerprint(line.key()) for line in store.hosts((path,)).lookup("web01", 2222)] == [fingerprint(key)]


def test_a_new_file_is_private_and_a_failure_is_told(tmp_path: Path, public: list[str]) -> None:
    key = sort_keys(read(tmp_path / "k", f"h {public[0]}").lookup("h", 22))[0][0]
    path = tmp_path / "deep" / ".ssh" / "known_hosts"
    assert TrustStore().remember((path,), path, "h", key, hashed=False) == ""
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").touch()
    blocked = tmp_path / "file" / "known_hosts"
    assert "known_hosts" in TrustStore().remember((blocked,), blocked, "h", key, hashed=False)


def test_fingerprints_are_those_of_ssh_keygen(tmp_path: Path) -> None:
    for kind, name in (("ed25519", "ED25519"), ("rsa", "RSA"), ("ecdsa", "ECDSA")):
        path = keygen(tmp_path / kind, kind=kind)
        shown = subprocess.run(["ssh-keygen", "-lf", str(path)], capture_output=True, text=True, check=True).stdout
        line = " ".join(Path(f"{path}.pub").read_text().split()[:2])
        key = sort_keys(read(tmp_path / "k", f"h {line}").lookup("h", 22))[0][0]
        assert fingerprint(key) == f"{name} {shown.split()[1]}"
