"""Lookups that wait hold up nobody else: hosts whose lookups wait for each other all finish, and a run can be ended."""

import asyncio
import os
import sys
import threading
from pathlib import Path

import pytest

from orchestra.cli.main import main
from orchestra.engine.aside import aside, carried

INVENTORY = "[all:vars]\nansible_connection=local\nansible_python_interpreter={{ ansible_playbook_python }}\n"
#: Each host says that it is there, and reads what the other says. Opening a named pipe waits for the other end.
MEET = {
    "pipe": "{{ lookup('pipe', both) }}",
    "lines": "{{ query('lines', both) }}",
    "file": "{{ lookup('file', playbook_dir ~ '/' ~ inventory_hostname) if reads else lookup('pipe', says) }}",
    "template": "{{ lookup('template', 'meet.j2') }}",
    "own": "{{ lookup('meet', playbook_dir ~ '/' ~ inventory_hostname, playbook_dir ~ '/' ~ other) }}",
}
VARIABLES = """\
    other: "{{ 'h2' if inventory_hostname == 'h1' else 'h1' }}"
    reads: "{{ inventory_hostname == 'h1' }}"
    says: "echo there > {{ playbook_dir }}/h1"
    first: "echo hi > {{ playbook_dir }}/h2; cat {{ playbook_dir }}/h1"
    second: "cat {{ playbook_dir }}/h2; echo hi > {{ playbook_dir }}/h1"
    both: "{{ first if reads else second }}"
"""
OWN = """\
from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        mine, other = sorted(terms)
        if terms[0] == mine:
            open(other, "w").close()
        else:
            open(terms[0]).close()
        return ["met"]
"""


@pytest.mark.parametrize("strategy", ["linear", "free"])
@pytest.mark.parametrize("kind", MEET)
def test_hosts_that_wait_for_each_other_meet(
    kind: str, strategy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for host in ("h1", "h2"):
        os.mkfifo(tmp_path / host)
    (tmp_path / "lookup_plugins").mkdir()
    (tmp_path / "lookup_plugins/meet.py").write_text(OWN)
    (tmp_path / "meet.j2").write_text("{{ lookup('pipe', both) }}")
    (tmp_path / "inv.ini").write_text(f"h1\nh2\n{INVENTORY}")
    (tmp_path / "play.yml").write_text(
        f"- hosts: all\n  gather_facts: false\n  strategy: {strategy}\n  vars:\n{VARIABLES}"
        f'  tasks:\n    - debug: {{msg: "{MEET[kind]}"}}\n'
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["play", "-i", "inv.ini", "play.yml", "--output", "json"])
    assert ended.value.code in (0, None), capsys.readouterr()


async def test_what_is_carried_is_an_ordinary_coroutine() -> None:
    async def work() -> str:
        await asyncio.sleep(0)
        task = asyncio.current_task()
        async with asyncio.timeout(20):
            first = aside(lambda: threading.current_thread().name)
            await asyncio.sleep(0)
        assert asyncio.current_task() is task
        return first

    assert await carried(work()) == "lookup"


async def test_without_a_carrier_it_is_called_in_place() -> None:
    assert aside(threading.current_thread) is threading.current_thread()


async def test_a_failure_aside_is_raised_where_it_was_asked_for() -> None:
    async def work() -> None:
        with pytest.raises(ZeroDivisionError):
            aside(lambda: 1 // 0)
        await asyncio.sleep(0)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await carried(work())


async def test_two_wait_for_each_other() -> None:
    barrier = threading.Barrier(2, timeout=20)

    async def work() -> int:
        return aside(barrier.wait)

    assert sorted(await asyncio.gather(carried(work()), carried(work()))) == [0, 1]


async def test_cancelling_reaches_the_call_that_waits() -> None:
    release, begun = threading.Event(), asyncio.Event()
    said: list[str] = []
    loop = asyncio.get_running_loop()

    def block() -> None:
        loop.call_soon_threadsafe(begun.set)
        release.wait(20)

    async def work() -> None:
        try:
            aside(block)
        except asyncio.CancelledError:
            said.append("told")
            raise

    task = asyncio.create_task(carried(work()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    release.set()
    assert said == ["told"]
    assert sys.exc_info() == (None, None, None)
