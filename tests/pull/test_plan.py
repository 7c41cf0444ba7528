"""What a pull decides before anything is fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestra.errors import UsageError
from orchestra.pull.plan import Source, choose_playbooks, options_of, outside_sources, own_limit, rooted


def test_git_takes_the_newest_commit_unless_all_is_wanted() -> None:
    assert options_of(Source("u", "/d")) == {"repo": "u", "dest": "/d", "depth": 1}
    full = Source("u", "/d", version="v1", full=True, clean=True, verify=True, track_submodules=True, key_file="k")
    assert options_of(full) == {
        "repo": "u", "dest": "/d", "version": "v1", "key_file": "k", "verify_commit": True, "track_submodules": True,
        "force": True,
    }  # fmt: skip


def test_subversion_exports_unless_all_is_wanted() -> None:
    assert options_of(Source("u", "/d", module="subversion", version="7")) == {
        "repo": "u", "dest": "/d", "revision": "7", "export": True,
    }  # fmt: skip
    assert "export" not in options_of(Source("u", "/d", module="subversion", full=True))


def test_the_hosts_own_playbook_comes_before_the_common_one(tmp_path: Path) -> None:
    (tmp_path / "local.yml").touch()
    assert choose_playbooks(str(tmp_path), (), ("h.example.org", "h")) == [f"{tmp_path}/local.yml"]
    (tmp_path / "h.yml").touch()
    assert choose_playbooks(str(tmp_path), (), ("h.example.org", "h")) == [f"{tmp_path}/h.yml"]


def test_a_playbook_that_is_not_in_the_checkout(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Could not find a playbook to run"):
        choose_playbooks(str(tmp_path), (), ("h",))
    with pytest.raises(UsageError, match=r"site\.yml is not in the checkout"):
        choose_playbooks(str(tmp_path), ("site.yml",), ("h",))


def test_this_host_has_all_its_names() -> None:
    assert own_limit(("h.x", "h")) == "localhost,h.x,h,127.0.0.1"


def test_files_beside_the_caller_are_found_from_the_checkout_too(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "v.yml").touch()
    changed = rooted({"extra_vars": ("@v.yml", "a=1", "@other.yml"), "vault_ids": ("dev@v.yml",), "inventory": ("a,",)})
    assert changed["extra_vars"] == (f"@{tmp_path}/v.yml", "a=1", "@other.yml")
    assert changed["vault_ids"] == (f"dev@{tmp_path}/v.yml",)
    assert changed["inventory"] == ("a,",)


def test_an_inventory_that_is_yet_to_come_does_not_hinder_the_checkout(tmp_path: Path) -> None:
    assert outside_sources([str(tmp_path / "hosts")]) == ("localhost,",)
    assert outside_sources([str(tmp_path), "a,b"]) == (str(tmp_path), "a,b")
