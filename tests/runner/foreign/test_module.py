"""AnsibleModule on a real runner, on every Python that a target may have."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from orchestra.payload.code import PayloadError
from tests.runner.foreign.modules import HEAD, run_text
from tests.runner.pipes import interpreters, run, runner

PYTHONS = pytest.mark.parametrize("python", list(interpreters().values()), ids=list(interpreters()))

WORK = (
    HEAD
    + """
import os
from ansible.module_utils.common.text.converters import to_bytes
from ansible.module_utils.six import iteritems
from ansible.module_utils.six.moves.urllib.parse import urlparse

def main():
    module = AnsibleModule(argument_spec={"path": {"type": "path"}}, add_file_common_args=True,
                           supports_check_mode=True)
    path = module.params["path"]
    new = os.path.join(module.tmpdir, "new")
    with open(new, "wb") as file:
        file.write(to_bytes(u"\\u00e4"))
    changed = module.sha256(new) != module.sha256(path)
    backup = ""
    if changed and not module.check_mode:
        backup = module.backup_local(path)
        module.atomic_move(new, path)
    diff = {}
    changed = module.set_fs_attributes_if_different(module.load_file_common_arguments(module.params), changed, diff)
    rc, out, err = module.run_command("printf '%s' \\"a b\\"", check_rc=True, data="in")
    module.exit_json(changed=changed, out=out, host=urlparse("http://h/x").netloc, path=path, backup=bool(backup),
                     keys=sorted(key for key, _ in iteritems({"k": 1})), diff=diff, tmpdir=module.tmpdir)

if __name__ == "__main__":
    main()
"""
)


@PYTHONS
async def test_files_programs_and_shared_names(python: str, tmp_path: Path) -> None:
    path = tmp_path / "made"
    async with runner(python) as (client, _):
        options = {"path": str(path), "mode": "u=rw,g=r,o="}
        checked = await run_text(client, tmp_path, WORK, options, check=True)
        assert checked["changed"] and not path.exists()
        made = await run_text(client, tmp_path, WORK, options)
        assert made["changed"] and path.read_text(encoding="utf-8") == "ä"
        assert (made["out"], made["host"], made["keys"]) == ("a b", "h", ["k"])
        assert (made["mode"], made["state"], made["size"]) == ("0640", "file", 2)
        assert made["diff"]["after"]["mode"] == "0640"
        assert not os.path.exists(made["tmpdir"]), "what a task keeps goes with it"
        assert not (await run_text(client, tmp_path, WORK, options))["changed"]
        path.write_text("old")
        assert (await run_text(client, tmp_path, WORK, options))["backup"]
        assert (await run(client, "ping")).result["ping"] == "pong"


async def test_ends_in_every_way(tmp_path: Path) -> None:
    async with runner() as (client, _):
        said = await run_text(client, tmp_path, HEAD + "AnsibleModule(argument_spec={}).fail_json(msg='no', rc=3)\n")
        assert (said["failed"], said["msg"], said["rc"], said["changed"]) == (True, "no", 3, False)
        crashed = await run_text(client, tmp_path, HEAD + "\n1 / 0\n")
        assert crashed["msg"] == "Task failed: Module failed: division by zero"
        assert 'probe.py", line 4' in crashed["exception"]
        silent = await run_text(client, tmp_path, HEAD + "print('words')\n")
        assert silent["failed"] and silent["module_stdout"] == "words\n"
        left = await run_text(client, tmp_path, HEAD + "import sys\nsys.stderr.write('why')\nsys.exit(4)\n")
        assert (left["failed"], left["rc"], left["module_stderr"]) == (True, 4, "why")
        printed = await run_text(client, tmp_path, HEAD + "import sys\nprint('x {\"a\": 1}')\nsys.exit(0)\n")
        assert printed == {"a": 1, "changed": False}
        lacking = await run_text(client, tmp_path, HEAD + "\nfrom ansible.module_utils.nowhere import x\n")
        assert "No module named 'ansible.module_utils.nowhere'" in lacking["msg"]
        assert lacking["msg"].endswith("probe.py:4)"), "it says which line asked for it"


async def test_warnings_and_deprecations(tmp_path: Path) -> None:
    text = HEAD + (
        "old = {'name': 'b', 'version': '9', 'collection_name': 'c.d'}\n"
        "spec = {'a': {'aliases': ['b'], 'deprecated_aliases': [old]}}\n"
        "m = AnsibleModule(argument_spec=spec)\nm.warn('look')\nm.deprecate('old', version='3.0')\n"
        "m.exit_json(warnings=['more'], changed=True)\n"
    )
    async with runner() as (client, _):
        result = await run_text(client, tmp_path, text, {"b": 1})
    assert result["warnings"] == ["look", "more"]
    assert [one["msg"].split("'")[0] for one in result["deprecations"]] == ["Alias ", "old"]


async def test_a_deprecated_text_says_where_it_stands_and_others_are_told_with_the_result(
    tmp_path: Path,
) -> None:
    text = HEAD + (
        "from ansible.module_utils.datatag import deprecate_value, deprecator_from_collection_name, native_type_name\n"
        "m = AnsibleModule(argument_spec={})\n"
        "old = deprecate_value('an old thing', 'old is old', version='9.9')\n"
        "by = deprecator_from_collection_name('c.d')\n"
        "numbers = deprecate_value([1], 'so is numbers', date='2030-01-02', deprecator=by, help_text='Use more.')\n"
        "nothing = deprecate_value(None, 'never told', version='1')\n"
        "try:\n    deprecate_value(m, 'odd', version='1')\nexcept TypeError as error:\n    odd = str(error)\n"
        "m.exit_json(old=old, numbers=numbers, nothing=nothing, odd=odd, kind=native_type_name(numbers))\n"
    )
    async with runner() as (client, _):
        result = await run_text(client, tmp_path, text)
    shown = [result[name] for name in ("old", "numbers", "nothing", "kind", "odd")]
    assert shown == ["an old thing", [1], None, "list", "a value of type AnsibleModule cannot be deprecated"]
    ((path, first),) = result["_deprecated_texts"]
    assert path == ["old"]
    assert (first["msg"], first["version"], first["deprecator"]["type"]) == ("old is old", "9.9", "module")
    (second,) = result["deprecations"]
    assert (second["msg"], second["date"]) == ("so is numbers Use more.", "2030-01-02")
    assert second["deprecator"] == {"resolved_name": "c.d", "type": None}


async def test_what_is_said_of_a_deprecated_text_holds_no_secret(tmp_path: Path) -> None:
    text = HEAD + (
        "from ansible.module_utils.datatag import deprecate_value\n"
        "m = AnsibleModule(argument_spec={'key': {'no_log': True, 'default': 'hunter2'}})\n"
        "m.exit_json(found={b'bytes': deprecate_value('x', 'x came with hunter2', version='9')})\n"
    )
    async with runner() as (client, _):
        result = await run_text(client, tmp_path, text)
    ((path, notice),) = result["_deprecated_texts"]
    assert path == ["found", "bytes"]
    assert "came with" in notice["msg"] and "hunter2" not in str(result)


async def test_a_module_is_a_process_of_its_own(tmp_path: Path) -> None:
    text = HEAD + (
        "import os, sys\nos.environ['LEFT'] = 'x'\nos.chdir('/')\nsys.modules['json'] = None\n"
        "import os as again\nagain.system('echo loud; echo loud >&2')\n"
        "AnsibleModule(argument_spec={}).exit_json(pid=os.getpid())\n"
    )
    async with runner() as (client, _):
        first, second = [await run_text(client, tmp_path, text) for _ in range(2)]
        assert first["pid"] != second["pid"]
        said = (await run(client, "command", options={"argv": ["sh", "-c", "echo $LEFT"]})).result
        assert said["stdout"] == ""


async def test_commands_that_fail(tmp_path: Path) -> None:
    text = HEAD + (
        "m = AnsibleModule(argument_spec={'p': {'no_log': True}, 'how': {}})\n"
        "if m.params['how'] == 'rc':\n    m.run_command(['sh', '-c', 'echo out; echo err >&2; exit 3'],\n"
        "                  check_rc=True)\n"
        "if m.params['how'] == 'gone':\n    m.run_command(['/no/such/program', m.params['p']])\n"
        "if m.params['how'] == 'path':\n    m.get_bin_path('nosuchprogram', required=True)\n"
        "m.exit_json(said=m.run_command('echo $HOME | cat', use_unsafe_shell=True, environ_update={'HOME': '/h'})[1])\n"
    )
    async with runner() as (client, _):
        failed = await run_text(client, tmp_path, text, {"how": "rc"})
        assert (failed["rc"], failed["stdout"], failed["msg"]) == (3, "out\n", "err")
        gone = await run_text(client, tmp_path, text, {"how": "gone", "p": "hunter22"})
        assert gone["rc"] == 2 and "hunter22" not in str(gone)
        missing = await run_text(client, tmp_path, text, {"how": "path"})
        assert missing["msg"].startswith('Failed to find required executable "nosuchprogram" in paths: ')
        assert (await run_text(client, tmp_path, text))["said"] == "/h\n"


async def test_asks_a_web_server(tmp_path: Path) -> None:
    text = HEAD + (
        "from ansible.module_utils.urls import fetch_url, open_url, url_argument_spec\n"
        "spec = url_argument_spec()\nm = AnsibleModule(argument_spec=spec)\n"
        "answer, info = fetch_url(m, m.params['url'] + '/found', headers={'X-Told': 'yes'})\n"
        "lost, about = fetch_url(m, m.params['url'] + '/lost')\n"
        "none, why = fetch_url(m, 'http://127.0.0.1:1/')\n"
        "m.exit_json(body=answer.read().decode(), status=info['status'], kind=info['content-type'],\n"
        "            lost=about['status'], lost_body=about['body'].decode(), none=none is None, why=why['msg'])\n"
    )

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        found = (
            "get /found" in asked and "x-told: yes" in asked and "authorization: basic dTpwdzEycHc=".lower() in asked
        )
        head = b"HTTP/1.1 200 OK" if found else b"HTTP/1.1 404 Not Found"
        writer.write(head + b"\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, runner() as (client, _):
        options = {"url": url, "url_username": "u", "url_password": "pw12pw"}
        result = await run_text(client, tmp_path, text, options)
    assert (result["status"], result["body"], result["kind"]) == (200, "body", "text/plain")
    assert (result["lost"], result["lost_body"], result["none"]) == (404, "body", True)
    assert "refused" in result["why"]


async def test_facts_for_modules(tmp_path: Path) -> None:
    text = HEAD + (
        "from ansible.module_utils.facts.compat import ansible_facts\n"
        "m = AnsibleModule(argument_spec={})\n"
        "m.exit_json(system=ansible_facts(m, ['min'])['system'])\n"
    )
    async with runner() as (client, _):
        assert (await run_text(client, tmp_path, text))["system"] == os.uname().sysname


async def test_files_and_mounts_for_modules(tmp_path: Path) -> None:
    (tmp_path / "parts").write_text(" a:b:: \n")
    (tmp_path / "empty").touch()
    text = HEAD + (
        "from ansible.module_utils.facts.utils import get_file_content, get_file_lines, get_mount_size\n"
        "m = AnsibleModule(argument_spec={'parts': {}, 'empty': {}})\n"
        "parts, empty = m.params['parts'], m.params['empty']\n"
        "m.exit_json(read=[get_file_content(parts), get_file_content(parts, strip=False), get_file_content(empty),\n"
        "                  get_file_content(empty, 'none'), get_file_content('/nothing/here', 'lost')],\n"
        "            lines=[get_file_lines(parts), get_file_lines(parts, line_sep=':'),\n"
        "                   get_file_lines(parts, line_sep='::'), get_file_lines(empty)],\n"
        "            sizes=[sorted(get_mount_size('/'))[:2], get_mount_size('/nothing/here')])\n"
    )
    options = {"parts": str(tmp_path / "parts"), "empty": str(tmp_path / "empty")}
    async with runner() as (client, _):
        found = await run_text(client, tmp_path, text, options)
    assert found["read"] == ["a:b::", " a:b:: \n", None, "none", "lost"]
    assert found["lines"] == [["a:b::"], ["a", "b"], ["a:b", ""], []]
    assert found["sizes"] == [["block_available", "block_size"], {}]


async def test_programs(tmp_path: Path) -> None:
    async with runner() as (client, _):
        shell = '#!/bin/sh\n. "$1"\necho "{\\"said\\": \\"$word\\"}"\n'
        said = await run_text(client, tmp_path, shell, {"word": "a 'b'"}, kind={"program": True})
        assert said == {"said": "a 'b'", "changed": False}
        skipped = await run_text(client, tmp_path, shell, {"word": "x"}, kind={"program": True}, check=True)
        assert skipped["skipped"]
        json = "#!/usr/bin/python3\nimport json, sys\nprint(json.dumps({'given': json.load(open(sys.argv[1]))}))\n"
        kind = {"program": True, "as_json": True}
        given = (await run_text(client, tmp_path, json, {"a": [1]}, kind=kind, check=True))["given"]
        assert given["a"] == [1] and given["_ansible_check_mode"] is True
        broken = await run_text(client, tmp_path, "#!/bin/sh\necho words\nexit 7\n", kind={"program": True})
        assert (broken["failed"], broken["rc"], broken["module_stdout"]) == (True, 7, "words\n")


async def test_text_that_is_no_python_is_told_before_it_is_sent(tmp_path: Path) -> None:
    async with runner() as (client, _):
        with pytest.raises(PayloadError, match=r"probe\.py:3: "):
            await run_text(client, tmp_path, HEAD + "print 'old'\n")


@PYTHONS
async def test_words_behind_the_result_are_a_warning(python: str, tmp_path: Path) -> None:
    text = HEAD + (
        "def main():\n    module = AnsibleModule(argument_spec={})\n    print('before')\n    try:\n"
        "        module.exit_json(changed=True)\n    finally:\n        print('behind')\n\nmain()\n"
    )
    plain = "print('before')\nprint('{\"changed\": false}')\nprint('behind')\nraise SystemExit\n"
    quiet = HEAD + "print('before')\nAnsibleModule(argument_spec={}).exit_json()\n"
    async with runner(python) as (client, _):
        for module in (text, "#!/usr/bin/python\n" + plain):
            result = await run_text(client, tmp_path, module, {})
            assert result.get("warnings") == ["Module invocation had junk after the JSON data: behind"]
        assert "warnings" not in await run_text(client, tmp_path, quiet, {})


METHODS = (
    HEAD
    + """
def main():
    module = AnsibleModule(argument_spec={"path": {"type": "path"}}, supports_check_mode=True)
    path = module.params["path"]
    module.append_to_file(path, "one")
    module.append_to_file(path, "two")
    module.exit_json(
        changed=False,
        missing=[module.check_file_absent_if_check_mode(one) for one in (path, path + ".none")],
        mount=module.find_mount_point("/proc/self/status"),
        sizes=[module.bytes_to_human(2048), module.pretty_bytes(10), module.human_to_bytes("1K")],
        contexts=[module.selinux_initial_context(), module.selinux_context(path), module.selinux_default_context(path)],
        relabelled=module.set_default_selinux_context(path, False),
    )

if __name__ == "__main__":
    main()
"""
)


@PYTHONS
@pytest.mark.skipif(os.path.exists("/sys/fs/selinux/enforce"), reason="this machine has contexts")
async def test_methods_that_modules_call_more_rarely(python: str, tmp_path: Path) -> None:
    path = tmp_path / "made"
    async with runner(python) as (client, _):
        done = await run_text(client, tmp_path, METHODS, {"path": str(path)}, check=True)
    assert path.read_text() == "onetwo"
    assert (done["missing"], done["mount"]) == ([False, True], "/proc")
    assert done["sizes"] == ["2.00 KB", "10.00 Bytes", 1024]
    assert done["contexts"] == [[None] * 3] * 3
    assert not done["relabelled"]


@PYTHONS
async def test_options_for_the_modules_made_inside(python: str, tmp_path: Path) -> None:
    text = (
        HEAD
        + """
from ansible.module_utils.basic import _load_params
from ansible.module_utils.testing import patch_module_args
given = _load_params()
with patch_module_args({"a": 1}):
    inner = AnsibleModule(argument_spec={"a": {"type": "int"}}).params
outer = AnsibleModule(argument_spec={"b": {}})
outer.exit_json(given=given, inner=inner, outer=outer.params)
"""
    )
    async with runner(python) as (client, _):
        found = await run_text(client, tmp_path, text, {"b": "x"})
    assert (found["given"], found["inner"], found["outer"]) == ({"b": "x"}, {"a": 1}, {"b": "x"})


@PYTHONS
async def test_options_called_like_passwords_are_told(python: str, tmp_path: Path) -> None:
    spec = '{"password": {"no_log": True}, "db-pass": {}, "passphrase": {"no_log": False}, "bypass": {}, "PassWd": {}}'
    text = HEAD + "module = AnsibleModule(argument_spec={})\nmodule.exit_json()\n"
    async with runner(python) as (client, _):
        found = await run_text(client, tmp_path, text.format(spec), {})
        quiet = await run_text(client, tmp_path, text.format(spec + ", no_log=True"), {})
    assert found["warnings"] == ["Module did not set no_log for db-pass", "Module did not set no_log for PassWd"]
    assert "warnings" not in quiet
