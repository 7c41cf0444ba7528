"""A host whose /tmp runs nothing (noexec), as hardened machines have it, over a real SSH server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestra.testing.lab import OPENSSH, find_sshd

FILES = {
    "play.yml": """
- hosts: all
  gather_facts: true
  tasks:
    - name: a program in /tmp does not run
      shell: 'printf "#!/bin/sh\\n" > /tmp/probe && chmod 755 /tmp/probe && /tmp/probe'
      register: probe
      failed_when: probe.rc != 126
    - {name: shell, shell: echo said}
    - {name: script, script: files/hello.sh word}
    - {name: python script, script: {cmd: files/hello.py word, executable: /usr/bin/python3}}
    - {name: binary, script: files/binary word}
    - {name: template, template: {src: hello.j2, dest: "{{ lab_root }}/hello", validate: "grep -q hello %s"}}
    - {name: module of the project, old: {word: aye}}
    - {name: program of the project, program: {word: aye}}
    - {name: in the background, command: echo later, async: 30, poll: 1}
- hosts: all
  gather_facts: false
  become: true
  become_user: nobody
  become_method: su
  become_flags: -s /bin/sh
  tasks:
    - {name: become shell, shell: id -un}
    - {name: become script, script: files/hello.sh word}
    - {name: become template, template: {src: hello.j2, dest: /tmp/of-nobody}}
    - {name: become module, old: {word: aye}}
    - {name: become program, program: {word: aye}}
""",
    "files/hello.sh": '#!/bin/sh\necho "hello $1"\n',
    "files/hello.py": "import sys\nprint('hello', sys.argv[1])\n",
    "templates/hello.j2": "hello {{ inventory_hostname }}\n",
    "library/old.py": """#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({"word": {"type": "str"}})
rc, out, _ = module.run_command(["echo", module.params["word"]])
module.exit_json(changed=False, rc=rc, stdout=out)
""",
    "library/program": """#!/bin/sh
. "$1"
echo "{\\"changed\\": false, \\"stdout\\": \\"$word\\"}"
""",
}
SCRIPT = """
mount -t tmpfs -o noexec,mode=1777 tmpfs /tmp
trap '"$1" -m orchestra.testing.lab down --dir "$2/lab"' EXIT
"$1" -m orchestra.testing.lab up --dir "$2/lab" --hosts 1 --kind openssh >&2
cd "$2"
"$1" -m orchestra play -i lab/inventory.yml play.yml --output json
"""


@pytest.fixture
def project() -> Iterator[Path]:
    """Not below /tmp, which the run does not see."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp", prefix="orchestra-noexec-"))
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "library/program").chmod(0o755)
    shutil.copy("/bin/echo", folder / "files/binary")
    yield folder
    shutil.rmtree(folder)


def test_everything_works_where_tmp_runs_nothing(project: Path) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None or find_sshd() is None:
        pytest.skip(f"mounting takes root, unshare and {OPENSSH}'s server")
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-euc", SCRIPT, "sh", sys.executable, project]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    ends: dict[str, Any] = {}
    for line in done.stdout.splitlines():
        event = json.loads(line)
        if event["event"] == "task_finished":
            ends[event["task"]["name"]] = event["result"]
    failed = {name: result for name, result in ends.items() if result.get("failed")}
    assert done.returncode == 0, done.stderr + json.dumps(failed, indent=1)
    assert {name: result["stdout"].strip() for name, result in ends.items() if result.get("stdout", "").strip()} == {
        "shell": "said",
        "script": "hello word",
        "python script": "hello word",
        "binary": "word",
        "module of the project": "aye",
        "program of the project": "aye",
        "in the background": "later",
        "become shell": "nobody",
        "become script": "hello word",
        "become module": "aye",
        "become program": "aye",
    }
    assert ends["template"]["changed"] and ends["become template"]["changed"]
