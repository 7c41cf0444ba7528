"""The same inventories and patterns, read by ansible-core where it is installed."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from orchestra.inventory import HostSelector, HostVariables, load_inventory
from orchestra.inventory.listing import Listing
from orchestra.settings import Settings

pytestmark = pytest.mark.compat

FILES = {
    "inv/01.yml": """all:
  hosts: {top1: {x: 1}}
  vars: {v: all}
  children:
    web:
      hosts:
        w[1:3]: {size: 80, tmpl: "{{ a }}"}
        w2: {size: 81}
        "w9:2200":
      vars: {part: web, d: {a: 1}}
    db:
      hosts: dbonly
      children:
        dbsub: {hosts: {d1: , d2: {}}, vars: {ansible_group_priority: 10}}
    empty:
ungrouped: {hosts: {lone: }}
""",
    "inv/02.ini": """[web]
w3 extra=1 n=5 f=1.5 t=True l="['a', 'b']" s='a b' e= neg=-3 oct=0755 hexa=0x1f path=/usr/bin ver=1.2.3 c=1j
[extra:children]
web
[extra:vars]
part=extra
d={'b': 2}
quoted="x"
comment=5 # five
words=hello # not a comment
""",
    "inv/04.toml": "[tml.hosts]\nt1 = { a = 1 }\n[tml.vars]\ntv = true\n",
    "inv/05plain": "p1\n[grp]\np2\n",
    "inv/sub/x.yaml": "subg: {hosts: {sub1: }}\n",
    "inv/group_vars/extra.yml": "part: gv\n",
    "inv/group_vars/ungrouped": "gz: 1\n",
    "inv/group_vars/all/a.yml": "everywhere: 1\npart: all\n",
    "inv/host_vars/w1/a.yml": "file: 1\n",
    "inv/host_vars/w1/b": "file: 2\n",
    "inv/README.md": "x",
    "pb/group_vars/all.yml": "everywhere: 2\nv: pb\n",
    "pb/group_vars/web.json": '{"part": "pb web"}',
    "pb/host_vars/w1.yml": "file: 3\n",
    "pb/site.yml": "[]\n",
}
SCRIPT = """#!/bin/sh
echo '{"scr": {"hosts": ["s1", "s2"], "vars": {"sv": "{{ z }}"}, "children": ["web"]},
 "_meta": {"hostvars": {"s1": {"hv": [1]}, "nothere": {"w": 1}}}}'
"""
PATTERNS = ["all", "web:&extra", "all:!web", "w*[0:3]", "~(w|d)\\d", "web[1:],lone", "!web", "d?:t1"]


@pytest.fixture(scope="module")
def ansible() -> str:
    found = shutil.which(os.environ.get("ORCHESTRA_TEST_ANSIBLE", "ansible"))
    if not found:
        pytest.skip("ansible is not installed")
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    script = folder / "inv" / "03.sh"
    script.write_text(SCRIPT)
    script.chmod(0o700)
    return folder


def run(project: Path, *command: str) -> str:
    environ = {**os.environ, "ANSIBLE_DEPRECATION_WARNINGS": "0"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=project, env=environ, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("sources", [["inv"], ["inv/02.ini", "inv/01.yml"], ["inv/01.yml", "a,b:22,[::1]:22,1.2.3.4,"]])
@pytest.mark.parametrize("export", [False, True])
def test_list(ansible: str, project: Path, sources: list[str], export: bool) -> None:
    inventory = load_inventory(sources, Settings(), cwd=str(project))
    variables = HostVariables(inventory, Settings(), playbook_folders=[str(project / "pb")])
    ours: Any = Listing(inventory, variables, export=export).flat()
    options = [word for source in sources for word in ("-i", source)] + (["--export"] if export else [])
    theirs = run(project, f"{ansible}-inventory", "--playbook-dir", "pb", "--list", *options)
    assert json.loads(json.dumps(ours)) == json.loads(theirs)


def test_graph(ansible: str, project: Path) -> None:
    inventory = load_inventory(["inv"], Settings(), cwd=str(project))
    ours = Listing(inventory, HostVariables(inventory, Settings())).graph()
    assert ours == run(project, f"{ansible}-inventory", "-i", "inv", "--graph").rstrip("\n")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns(ansible: str, project: Path, pattern: str) -> None:
    inventory = load_inventory(["inv"], Settings(), cwd=str(project))
    ours = [host.name for host in HostSelector(inventory).select(pattern)]
    lines = run(project, ansible, "-i", "inv", pattern, "--list-hosts").splitlines()
    assert ours == [line.strip() for line in lines[1:]]
