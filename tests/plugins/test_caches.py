"""Caches: what is written is what ansible-core reads, what comes back is data, and what can not be used says why."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orchestra.errors import OrchestraError
from orchestra.model.origin import TemplateText
from orchestra.model.secret import Secret
from orchestra.plugins.caches import CachePlugins
from orchestra.plugins.late import ProjectPlugins
from orchestra.plugins.places import PluginPlaces

FACTS = {"ansible_kernel": "6.1", "n": 1, "deep": {"list": [1, None, "{{ text }}"]}}


@pytest.fixture
def caches(tmp_path: Path) -> CachePlugins:
    settings: Any = SimpleNamespace(get=lambda name: None, file_values={}, cache_plugins=[str(tmp_path / "own")])
    return ProjectPlugins(settings, PluginPlaces(settings), lambda fault: None).caches


@pytest.mark.parametrize("name", ["jsonfile", "yaml", "community.general.yaml", "ansible.builtin.jsonfile", "memory"])
def test_what_is_kept_comes_back(caches: CachePlugins, tmp_path: Path, name: str) -> None:
    cache = caches.open(name, {"_uri": str(tmp_path / "facts")})
    cache.set("h1", FACTS)
    assert cache.contains("h1") and not cache.contains("h2") and cache.keys() == ["h1"]
    if name != "memory":
        cache = caches.open(name, {"_uri": str(tmp_path / "facts")})
    assert cache.get("h1") == FACTS
    cache.delete("h1")
    with pytest.raises(KeyError):
        cache.get("h1")


def test_the_configuration_file_says_where(tmp_path: Path) -> None:
    values = {"defaults": {"fact_caching_connection": str(tmp_path / "kept"), "fact_caching_prefix": "of_"}}
    settings: Any = SimpleNamespace(get=lambda name: None, file_values=values, cache_plugins=[])
    ProjectPlugins(settings, PluginPlaces(settings), lambda fault: None).caches.open("jsonfile", {}).set("h1", FACTS)
    assert os.listdir(tmp_path / "kept") == ["of_s1_h1"]


def test_the_file_is_what_ansible_core_writes(caches: CachePlugins, tmp_path: Path) -> None:
    caches.open("jsonfile", {"_uri": str(tmp_path), "_prefix": "p_"}).set("h1", {"a": "ü", "b": [1.5, True]})
    file = tmp_path / "p_s1_h1"
    assert file.read_text() == '{"__payload__": "{\\"a\\": \\"\\\\u00fc\\", \\"b\\": [1.5, true]}"}'
    assert file.stat().st_mode & 0o777 == 0o640 and os.listdir(tmp_path) == ["p_s1_h1"]


def test_marks_of_ansible_core_are_understood(caches: CachePlugins, tmp_path: Path) -> None:
    def tagged(kind: str, value: Any, *tags: str) -> Any:
        found = [{"__ansible_type": tag} for tag in ("Origin", *tags)]
        return {"value": value, "tags": found, "__ansible_type": f"_AnsibleTagged{kind}"}

    template = tagged("Str", "{{ x }}", "TrustedAsTemplate")
    payload = {
        "n": tagged("Int", 1),
        "l": tagged("List", [template, {"s": tagged("Str", "hush", "SourceWasEncrypted")}]),
        "d": {"iso8601": "2020-01-02", "__ansible_type": "AnsibleSerializableDate"},
    }
    (tmp_path / "s1_h1").write_text(json.dumps({"__payload__": json.dumps(payload)}))
    found = caches.open("jsonfile", {"_uri": str(tmp_path)}).get("h1")
    assert (found["n"], found["l"][0], str(found["d"])) == (1, "{{ x }}", "2020-01-02")
    assert type(found["l"][0]) is str, "a fact is data"
    assert isinstance(found["l"][1]["s"], Secret)
    inventory = caches.open("jsonfile", {"_uri": str(tmp_path)}, templates=True).get("h1")
    assert type(inventory["l"][0]) is TemplateText


def test_a_secret_and_a_template_keep_their_marks(caches: CachePlugins, tmp_path: Path) -> None:
    cache = caches.open("jsonfile", {"_uri": str(tmp_path)}, templates=True)
    cache.set("h1", {"s": Secret("hush"), "t": TemplateText("{{ x }}")})
    found = caches.open("jsonfile", {"_uri": str(tmp_path)}, templates=True).get("h1")
    assert isinstance(found["s"], Secret) and type(found["t"]) is TemplateText


def test_what_anybody_could_have_written_is_no_template(tmp_path: Path) -> None:
    said: list[str] = []
    settings: Any = SimpleNamespace(get=lambda name: None, file_values={}, cache_plugins=[])
    caches = ProjectPlugins(settings, PluginPlaces(settings), lambda fault: said.append(str(fault))).caches
    caches.open("jsonfile", {"_uri": str(tmp_path)}, templates=True).set("h1", {"t": TemplateText("{{ x }}")})
    assert not said
    tmp_path.chmod(0o777)
    found = caches.open("jsonfile", {"_uri": str(tmp_path)}, templates=True).get("h1")
    assert (type(found["t"]), found["t"]) == (str, "{{ x }}")
    assert f"everybody may write to the cache's folder {tmp_path}" in said[0]


def test_what_is_old_or_spoilt_is_not_used(caches: CachePlugins, tmp_path: Path) -> None:
    cache = caches.open("jsonfile", {"_uri": str(tmp_path), "_timeout": 60})
    cache.set("h1", FACTS)
    os.utime(tmp_path / "s1_h1", (1, 1))
    fresh = caches.open("jsonfile", {"_uri": str(tmp_path), "_timeout": 60})
    assert not fresh.contains("h1") and fresh.keys() == []
    assert caches.open("jsonfile", {"_uri": str(tmp_path), "_timeout": 0}).get("h1") == FACTS
    (tmp_path / "s1_h1").write_text("{")
    with pytest.raises(Exception, match="held no valid data"):
        caches.open("jsonfile", {"_uri": str(tmp_path), "_timeout": 0}).get("h1")
    assert not (tmp_path / "s1_h1").exists()


@pytest.mark.parametrize(
    ("name", "text", "hint"),
    [
        ("pickle", "reading a pickle runs whatever code its file holds", "write fact_caching = jsonfile"),
        ("jsonfil", "there is no cache 'jsonfil'", "did you mean 'jsonfile'?"),
        ("jsonfile", "needs the setting fact_caching_connection: a folder to write to", ""),
    ],
)
def test_what_can_not_be_used_says_why(
    caches: CachePlugins, monkeypatch: pytest.MonkeyPatch, name: str, text: str, hint: str
) -> None:
    monkeypatch.delenv("ANSIBLE_CACHE_PLUGIN_CONNECTION", raising=False)
    with pytest.raises(OrchestraError, match=text) as caught:
        caches.open(name, {})
    assert caught.value.hint == hint


def test_a_cache_of_the_project(caches: CachePlugins, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "mine.py").write_text(
        "from pathlib import Path\nfrom ansible.plugins.cache import BaseFileCacheModule\n"
        "DOCUMENTATION = 'options: {_uri: {}, _prefix: {default: mine_}, _timeout: {type: int, default: 0}}'\n"
        "class CacheModule(BaseFileCacheModule):\n"
        "    def _load(self, path):\n        return {'__payload__': Path(path).read_text()}\n"
        "    def _dump(self, value, path):\n        Path(path).write_text(value['__payload__'])\n"
    )
    settings: Any = SimpleNamespace(get=lambda name: None, file_values={}, cache_plugins=[str(tmp_path / "own")])
    own = ProjectPlugins(settings, PluginPlaces(settings), lambda fault: None).caches
    own.open("mine", {"_uri": str(tmp_path / "d")}).set("h1", {"a": 1})
    assert (tmp_path / "d" / "mine_s1_h1").read_text() == '{"a": 1}'


@pytest.fixture
def redis_port(tmp_path: Path) -> Iterator[int]:
    pytest.importorskip("redis")
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    for line in server.stdout:
        if "eady to accept connections" in line:
            break
    yield port
    server.kill()
    server.communicate()


def test_redis(caches: CachePlugins, redis_port: int) -> None:
    address = {"_uri": f"127.0.0.1:{redis_port}:1"}
    caches.open("redis", address).set("h1", FACTS)
    cache = caches.open("community.general.redis", address)
    assert cache.contains("h1") and cache.keys() == ["h1"] and cache.get("h1") == FACTS
    cache.flush()
    assert not caches.open("redis", address).contains("h1")


def test_a_redis_that_is_not_there(caches: CachePlugins) -> None:
    pytest.importorskip("redis")
    with pytest.raises(OrchestraError, match=r"host:port, host:port:database"):
        caches.open("redis", {"_uri": "nowhere"})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(Exception, match="does not answer"):
            caches.open("redis", {"_uri": address}).contains("h1")
