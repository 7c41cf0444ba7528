"""``orchestra lint``: its statuses and its forms."""

from __future__ import annotations

import json
from pathlib import Path


def test_statuses_and_text(run, tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text("- name: P\n  hosts: all\n  gather_facts: no\n")
    found = run("lint", "site.yml")
    assert found.exit_code == 2
    assert found.stdout.startswith("site.yml:3:17: yaml[truthy]: no: write false\n")
    mended = run("lint", "--fix")
    assert (mended.exit_code, mended.stdout) == (0, "1 mended\n")
    clean = run("lint", ".")
    assert (clean.exit_code, clean.stdout) == (0, "nothing found\n")


def test_what_keeps_a_playbook_from_starting_is_found(run, tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text("- name: P\n  hosts: all\n  tasks:\n    - name: T\n      pinng:\n")
    found = run("lint")
    assert "site.yml:5:7: syntax-check: module 'pinng' is not known" in found.stdout
    assert run("lint", "--no-syntax-check").exit_code == 0


def test_forms_for_programs(run, tmp_path: Path) -> None:
    (tmp_path / "vars").mkdir()
    (tmp_path / "vars/main.yml").write_text("a: yes\n")
    data = json.loads(run("lint", "--format", "json").stdout)
    assert data == [
        {"rule": "yaml[truthy]", "message": "yes: write true", "file": "vars/main.yml", "line": 1, "column": 4,
         "fixable": True}
    ]  # fmt: skip
    sarif = json.loads(run("lint", "--format", "sarif").stdout)
    result = sarif["runs"][0]["results"][0]
    assert result["ruleId"] in {rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 4}


def test_a_rule_that_is_none(run) -> None:
    result = run("lint", "--skip", "risky-octl")
    assert result.exit_code == 2
    assert "did you mean risky-octal" in result.stderr


def test_a_path_that_is_not_there(run) -> None:
    assert run("lint", "nowhere").exit_code == 2
