"""The playbooks and inventories to start from are read without a complaint; tests/fleet plays them on real hosts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PLAYBOOKS = sorted(path.name for path in (ROOT / "playbooks").glob("*.yml"))
EXAMPLE = ["-i", "inventories/example/hosts.yml", "--vault-password-file", "inventories/example/vault-password.txt"]
PRODUCTION = ["-i", "inventories/production/hosts.ini"]


def orchestra(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "orchestra", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return done.stdout


@pytest.mark.parametrize("inventory", [EXAMPLE, PRODUCTION], ids=["example", "production"])
def test_every_playbook_is_understood_with_each_inventory(inventory: list[str]) -> None:
    assert orchestra("play", "--syntax-check", *inventory, *(f"playbooks/{name}" for name in PLAYBOOKS))


def test_the_example_inventory_has_its_vault_and_its_special_host() -> None:
    variables = json.loads(orchestra("inventory", *EXAMPLE, "--host", "web1.example.org"))
    assert variables["web_title"].startswith("Example (")
    assert variables["firewall_tcp"] == [22, 80]
    assert [person["name"] for person in variables["people"]] == ["ada", "grace"]
    assert variables["backend_token"]


def test_the_production_inventory_has_its_ranges_and_groups() -> None:
    groups = json.loads(orchestra("inventory", *PRODUCTION, "--list"))
    assert len(groups["web"]["hosts"]) == 20
    assert set(groups["production"]["children"]) == {"web", "api", "database", "balancer"}
    hosts = groups["_meta"]["hostvars"]
    assert hosts["apix.example.org"]["ansible_port"] == 2222
    assert hosts["web11.example.org"]["clock_zone"] == "Europe/Dublin"
    assert hosts["db1.example.org"]["patch_boot_seconds"] == 900
    assert hosts["apia.example.org"]["rollout_wait"] == 15


def test_demo_and_real_playbooks_are_all_there() -> None:
    assert {"baseline.yml", "web.yml", "patch.yml", "site.yml", "demo-failure.yml"} <= set(PLAYBOOKS)
