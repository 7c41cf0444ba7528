"""A wheel, installed elsewhere: what it brings into that Python beside Orchestra itself, and what it leaves alone."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

pytest.importorskip("wheel")
ROOT = Path(__file__).parent.parent
SOURCES = ("backend", "modules", "orchestra", "LICENSE", "MANIFEST.in", "README.md", "pyproject.toml", "setup.cfg")
BY_HAND = """
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({"name": {"required": True}, "word": {"no_log": True}}, supports_check_mode=True)
module.warn("careful")
module.exit_json(changed=not module.check_mode, name=module.params["name"], word=module.params["word"])
"""
VAULT = """
from ansible import constants
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret, is_encrypted
secrets = [(constants.DEFAULT_VAULT_ID_MATCH, VaultSecret(b"swordfish"))]
vault = VaultLib(secrets)
text = vault.encrypt("a: 1")
assert is_encrypted(text) and vault.decrypt(text) == b"a: 1"
open("whole.yml", "wb").write(text)
inline = vault.encrypt("inside").decode().splitlines()
inline = ["b: !vault |", *("  " + line for line in inline), "c: !unsafe '{{ x }}'"]
open("inline.yml", "w").write("\\n".join(inline))
loader = DataLoader()
loader.set_vault_secrets(secrets)
assert loader.load_from_file("whole.yml") == {"a": 1}
assert loader.load_from_file("inline.yml") == {"b": "inside", "c": "{{ x }}"}
for wrong in ([], [("default", VaultSecret(b"other"))]):
    try:
        VaultLib(wrong).decrypt(text)
    except AnsibleError as error:
        print(error)
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel, and in ``editable/`` the one for a checkout."""
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheels")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source)
    (folder / "editable").mkdir()
    build = (
        "import sys; sys.path.insert(0, 'backend'); import orchestra_backend as backend;"
        f"backend.build_wheel({str(folder)!r}); backend.build_editable({str(folder / 'editable')!r})"
    )
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def installed(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel in it; what Orchestra needs is taken from where the tests run."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (wheel,) = wheels.glob("*.whl")
    with ZipFile(wheel) as archive:
        archive.extractall(site_of(folder))
    (site_of(folder) / "zz-needs.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


Python = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def python(installed: Path, tmp_path: Path) -> Python:
    """Runs that environment's Python on a text, in a folder of its own."""

    def run(
        text: str, *words: str, stdin: str = "", home: Path = installed, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        (tmp_path / "script.py").write_text(text)
        return subprocess.run(
            [str(home / "bin" / "python"), "script.py", *words],
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **environ},
        )

    return run


def site_of(folder: Path) -> Path:
    return Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))


@pytest.mark.parametrize("kind", [".", "editable"])
def test_each_wheel_brings_the_finder_and_records_it(wheels: Path, kind: str) -> None:
    (wheel,) = (wheels / kind).glob("*.whl")
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        assert names[-1].endswith(".dist-info/RECORD") and len(names) == len(set(names))
        assert {"orchestra-ansible.pth", "_orchestra_ansible.py"} <= set(names)
        lines = {line[0]: line[1:] for line in csv.reader(archive.read(names[-1]).decode().splitlines())}
        assert sorted(lines) == sorted(names)
        for name in names[:-1]:
            data = archive.read(name)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            assert lines[name] == [f"sha256={digest}", str(len(data))], name


def test_a_script_opens_and_makes_vaults(python: Python) -> None:
    done = python(VAULT)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "Attempting to decrypt but no vault secrets found.",
        "Decryption failed (no vault secrets were found that could decrypt).",
    ]


def test_a_module_is_tried_by_hand(python: Python, tmp_path: Path) -> None:
    options = {"ANSIBLE_MODULE_ARGS": {"name": "x", "word": "swordfish", "_ansible_check_mode": True}}
    (tmp_path / "options.json").write_text(json.dumps(options))
    for words, stdin in ((["options.json"], ""), ([json.dumps(options)], ""), ([], json.dumps(options))):
        done = python(BY_HAND, *words, stdin=stdin)
        assert (done.returncode, done.stderr) == (0, "")
        answer = json.loads(done.stdout)
        assert answer["changed"] is False and answer["name"] == "x" and answer["warnings"] == ["careful"]
        assert "swordfish" not in done.stdout
    failed = python(BY_HAND, '{"ANSIBLE_MODULE_ARGS": {}}')
    assert failed.returncode == 1
    assert json.loads(failed.stdout)["msg"] == "missing required arguments: name"
    assert "ANSIBLE_MODULE_ARGS not provided" in python(BY_HAND, "{}").stderr


def test_modules_have_unit_tests(python: Python) -> None:
    done = python(
        "import json\nfrom ansible.module_utils import basic\n"
        "from ansible.module_utils.testing import patch_module_args\n"
        "def run():\n    try:\n        module = basic.AnsibleModule({'name': {'required': True}})\n"
        "        module.warn('w ' + module.params['name'])\n        module.exit_json()\n"
        "    except SystemExit as end:\n        return end.code\n"
        "with patch_module_args({'name': 'a'}):\n    assert run() == 0\n"
        "with patch_module_args():\n    assert run() == 1\n"
        "basic._ANSIBLE_ARGS = json.dumps({'ANSIBLE_MODULE_ARGS': {'name': 'b'}}).encode()\nassert run() == 0\n"
    )
    assert done.stderr == ""
    first, second, third = map(json.loads, done.stdout.strip().split("\n\n"))
    assert first["warnings"] == ["w a"] and second["failed"] and "warnings" not in second
    assert third["warnings"] == ["w b"]


def test_what_a_script_says_and_asks(python: Python, tmp_path: Path) -> None:
    (tmp_path / "ansible.cfg").write_text("[defaults]\nforks = 7\n")
    done = python(
        "import os, ansible\nfrom ansible import constants\nfrom ansible.utils.display import Display\n"
        "Display().display('shown')\nDisplay().warning('careful')\nDisplay().v('more')\n"
        "print(constants.DEFAULT_FORKS, os.path.exists(ansible.__file__), ansible.__version__)"
    )
    assert done.stdout.startswith("shown\n7 True 2.") and done.stderr == "[WARNING]: careful\n"


def test_a_script_reads_inventories_and_renders(python: Python, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("web port=80\n")
    done = python(
        "from ansible.inventory.manager import InventoryManager\nfrom ansible.parsing.dataloader import DataLoader\n"
        "from ansible.template import Templar, trust_as_template\nfrom ansible.vars.manager import VariableManager\n"
        "loader = DataLoader()\ninventory = InventoryManager(loader=loader, sources=['hosts'])\n"
        "found = VariableManager(loader=loader, inventory=inventory).get_vars(host=inventory.get_host('web'))\n"
        "print(Templar(loader=loader, variables=found).template(trust_as_template('{{ port + 1 }} {{ groups.all }}')))"
    )
    assert (done.stdout, done.stderr) == ("81 ['web']\n", "")


def test_python_runs_the_commands_by_their_names(installed: Path, tmp_path: Path) -> None:
    own = str(installed / "bin" / "python")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([own, "-m", "ansible", *words], cwd=tmp_path, capture_output=True, text=True)

    assert run("playbook", "--version").stdout.startswith("ansible-playbook [core ")
    assert run("adhoc", "--version").stdout.startswith("ansible [core ")
    wrong = run("nonsense")
    assert wrong.returncode == 2 and "'ansible-nonsense' is not one of" in wrong.stderr


def test_a_folder_called_ansible_is_none(python: Python, tmp_path: Path) -> None:
    (tmp_path / "ansible" / "inventory").mkdir(parents=True)
    done = python("from ansible.inventory.host import Host\nfrom ansible.module_utils.six import PY2\nprint(PY2)")
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_an_ansible_that_is_installed_wins_and_is_left_alone(python: Python, tmp_path: Path) -> None:
    package = tmp_path / "real" / "ansible"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("__version__ = 'theirs'")
    script = "import ansible\nprint(ansible.__version__)\nfrom ansible.module_utils import basic"
    done = python(script, PYTHONPATH=str(package.parent))
    assert done.stdout == "theirs\n"
    assert done.stderr.endswith("ModuleNotFoundError: No module named 'ansible.module_utils'\n")


def test_it_can_be_switched_off(python: Python) -> None:
    assert "No module named 'ansible'" in python("import ansible", ORCHESTRA_ANSIBLE_IMPORTS="no").stderr


def test_a_module_of_a_play_gets_what_was_sent_and_not_this(python: Python, installed: Path, tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "mine.py").write_text(
        "import sys\nfrom ansible.module_utils.basic import AnsibleModule\n"
        "AnsibleModule({}).exit_json(names=[name for name in sys.modules if 'ansible_api' in name],\n"
        "                            known='_orchestra_ansible' in sys.modules)"
    )
    (tmp_path / "play.yml").write_text("[{hosts: localhost, gather_facts: false, tasks: [{mine: {}}]}]")
    own = str(installed / "bin" / "python")
    words = ["play", "-i", "localhost,", "-c", "local", "-v", "-e", f"ansible_python_interpreter={own}", "play.yml"]
    done = python("from orchestra.cli.main import main\nmain()", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"names": []' in done.stdout and '"known": true' in done.stdout


def test_python_starts_without_a_word_when_orchestra_is_half_gone(
    python: Python, wheels: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("half")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (wheel,) = wheels.glob("*.whl")
    with ZipFile(wheel) as archive:
        for name in ("orchestra-ansible.pth", "_orchestra_ansible.py"):
            archive.extract(name, site_of(folder))
    assert python("", home=folder).stderr == ""
    assert python("import ansible", home=folder).stderr.endswith("No module named 'ansible'\n")
    (site_of(folder) / "_orchestra_ansible.py").unlink()
    assert python("", home=folder).stderr == ""
