"""The runner on every Python that a target may have, as a real process over pipes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from orchestra.errors import HostError
from orchestra.library.locate import packaged_folder
from tests.loginshells import argv_of
from tests.runner.pipes import interpreters, run, runner

ROOT = Path(__file__).parent.parent.parent
WANTED = ["system", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"]
FOUND = interpreters()
everywhere = pytest.mark.parametrize("version", WANTED)


def interpreter(version: str) -> str:
    if version not in FOUND:
        pytest.skip(f"there is no Python {version} on this machine (make newest-python fetches the newest)")
    return FOUND[version]


@everywhere
async def test_runs_modules(version: str, tmp_path: Path) -> None:
    async with runner(interpreter(version)) as (client, _):
        assert client.hello["python"][0] == 3
        assert (await run(client, "ping")).result == {"ping": "pong", "changed": False}
        said = (await run(client, "command", options={"argv": ["printf", "%s|%s", "é", "a b"]})).result
        assert (said["stdout"], said["rc"], said["changed"]) == ("é|a b", 0, True)
        path = tmp_path / "grün"
        edit = {"path": str(path), "line": "ä", "create": "yes", "mode": "0600"}
        assert (await run(client, "lineinfile", options=edit)).result["changed"]
        assert not (await run(client, "lineinfile", options=edit)).result["changed"]
        assert path.read_text(encoding="utf-8") == "ä\n"
        assert path.stat().st_mode & 0o777 == 0o600


@everywhere
async def test_imports_every_module_and_part(version: str) -> None:
    names = [path.relative_to(ROOT).with_suffix("") for path in sorted((ROOT / "orchestra/runner").rglob("*.py"))]
    imports = "".join(f"import {'.'.join(name.parts)}\n" for name in names if name.name != "__init__")
    imports = imports.replace("import orchestra.runner.parts.facts\n", "")
    files = [str(path) for path in sorted(packaged_folder().glob("*.py"))]
    text = (
        "import sys, types\n"
        "for name in ('orchestra', 'orchestra.runner', 'orchestra.runner.parts'):\n"
        "    package = sys.modules[name] = types.ModuleType(name)\n"
        f"    package.__path__ = [{str(ROOT)!r} + '/' + name.replace('.', '/')]\n"
        f"{imports}"
        f"for path in {files!r}:\n"
        "    exec(compile(open(path, encoding='utf-8').read(), path, 'exec'), {'__name__': path})\n"
        "print('fine')\n"
    )
    done = subprocess.run(
        [interpreter(version), "-B", "-W", "error", "-I", "-S", "-c", text], capture_output=True, text=True
    )
    assert done.stdout == "fine\n", done.stderr


async def test_a_broken_first_candidate_is_passed_over(tmp_path: Path) -> None:
    """A pyenv shim exists and fails; the next one in the list is taken, without a probe."""
    for name in ("python3", "python3.14"):
        shim = tmp_path / name
        shim.write_text("#!/bin/sh\necho no such version >&2\nexit 127\n")
        shim.chmod(0o755)
    old = tmp_path / "python3.13"
    old.write_text("#!/bin/sh\nexit 2\n")
    old.chmod(0o755)
    (tmp_path / "python3.12").symlink_to("/usr/bin/python3")
    async with runner("", environ={"PATH": f"{tmp_path}:/usr/bin:/bin"}) as (client, _):
        assert (await run(client, "ping")).result["ping"] == "pong"


async def test_no_python_at_all_says_so(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="no usable Python"):
        async with runner("/nowhere/python"):
            pass


async def test_an_interpreter_with_an_argument() -> None:
    async with runner("/usr/bin/env python3") as (client, _):
        assert (await run(client, "ping")).result["ping"] == "pong"


@pytest.mark.parametrize(
    "shell", ["/bin/bash", "/bin/dash", "/usr/bin/tcsh", "/usr/bin/csh", "/usr/bin/fish", "/bin/zsh"]
)
async def test_login_shells_pass_the_line_on(shell: str) -> None:
    if argv_of(shell) is None:
        pytest.skip(f"there is no {shell} on this machine, or none that starts")
    async with runner("", shell=shell) as (client, _):
        assert (await run(client, "ping")).result["ping"] == "pong"


async def test_noise_before_the_marker_is_skipped() -> None:
    async with runner(prelude="echo Welcome; printf 'no newline'; echo oops >&2; ") as (client, _):
        assert (await run(client, "ping")).result["ping"] == "pong"


async def test_a_dead_channel_before_the_start_tells_what_the_host_said() -> None:
    with pytest.raises(HostError, match="the account is locked"):
        async with runner(prelude="echo the account is locked >&2; exit 1; "):
            pass


async def test_the_locale_of_commands_is_the_users_own() -> None:
    async with runner(environ={"LC_ALL": "C", "LANG": "de_DE"}) as (client, _):
        said = (await run(client, "command", options={"cmd": "env"})).result["stdout"].splitlines()
        assert "LC_ALL=C" in said
        assert not [line for line in said if line.startswith("ORCHESTRA")]
