"""Lookups that reach outside, and how lookups are called."""

import os
import stat
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from orchestra.errors import TemplateError, UndefinedVariable
from orchestra.model.secret import Secret
from orchestra.testing.lookups import FolderLookups

from .conftest import MakeScope, project


def test_files_are_found_and_trimmed(render: Any, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("  one\n\n")
    (tmp_path / "b.txt").write_text("two\n")
    assert render("{{ lookup('file', 'a.txt') }}") == "  one"
    assert render("{{ lookup('file', 'a.txt', lstrip=true, rstrip=false) }}") == "one\n\n"
    assert render("{{ lookup('file', 'a.txt', 'b.txt') }}") == "  one,two"
    assert render("{{ query('file', 'b.txt') }}") == ["two"]
    assert render("{{ lookup('unvault', 'b.txt') }}") == "two\n"


def test_a_missing_file_is_told_with_its_neighbours(render: Any, tmp_path: Path) -> None:
    (tmp_path / "motd.txt").write_text("x")
    with pytest.raises(TemplateError, match=r"'modt\.txt'") as caught:
        render("{{ lookup('file', 'modt.txt') }}")
    assert "'motd.txt'" in caught.value.hint
    assert str(tmp_path) in caught.value.hint


def test_errors_may_be_ignored_or_warned_of(render: Any, lookups: FolderLookups) -> None:
    assert render("{{ lookup('file', 'nope', errors='ignore') }}") is None
    assert render("{{ query('file', 'nope', errors='ignore') }}") == []
    assert render("{{ lookup('file', 'nope', errors='ignore') | default('d', true) }}") == "d"
    assert lookups.warnings == []
    assert render("{{ lookup('file', 'nope', errors='warn') }}") is None
    assert "nope" in lookups.warnings[0]


def test_the_content_of_a_vault_is_secret(render: Any, tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    assert type(render("{{ lookup('file', 'v.txt') }}")) is Secret


def test_text_that_is_none(render: Any, tmp_path: Path) -> None:
    (tmp_path / "bin").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TemplateError, match="not utf-8 text"):
        render("{{ lookup('file', 'bin') }}")


def test_templates(render: Any, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "t.j2").write_text("a={{ a }} {{ b | default('-') }} {{ template_path }}\n")
    (tmp_path / "templates" / "n.j2").write_text("{{ [a, 1] }}")
    assert render("{{ lookup('template', 't.j2') }}", {"a": 1}) == "a=1 - t.j2\n"
    assert render("{{ lookup('template', 't.j2', template_vars={'b': 2}) }}", {"a": 1}) == "a=1 2 t.j2\n"
    assert render("{{ lookup('template', 'n.j2') }}", {"a": 5}) == [5, 1]
    (tmp_path / "templates" / "empty.j2").write_text("")
    assert render("{{ lookup('template', 'empty.j2') }}") == ""
    (tmp_path / "templates" / "s.j2").write_text("[% a %]{{ x }}")
    own = "variable_start_string='[%', variable_end_string='%]'"
    assert render(f"{{{{ lookup('template', 's.j2', {own}) }}}}", {"a": 5}) == "5{{ x }}"


def test_globs(render: Any, tmp_path: Path) -> None:
    folder = tmp_path / "files" / "conf"
    folder.mkdir(parents=True)
    for name in ("a.conf", "b.conf", "c.txt"):
        (folder / name).write_text("")
    (tmp_path / "files" / "top.conf").write_text("")
    found = render("{{ query('fileglob', 'conf/*.conf') | sort }}")
    assert found == [str(folder / "a.conf"), str(folder / "b.conf")]
    assert render("{{ query('fileglob', '*.conf') }}") == [str(tmp_path / "files" / "top.conf")]
    assert render("{{ query('fileglob', '/nowhere/*') }}") == []


def test_first_found(scope: MakeScope, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "vars").mkdir()
    (tmp_path / "vars" / "Debian.yml").write_text("")
    (tmp_path / "files" / "b").write_text("")
    host = scope({"os": "Debian"})
    assert host.render(project("{{ lookup('first_found', ['a', 'b']) }}")) == str(tmp_path / "files" / "b")
    terms = project([{"files": ["{{ os }}.yml", "{{ undefined_one }}.yml"], "paths": ["vars"]}])
    assert host.run_lookup("first_found", terms) == [str(tmp_path / "vars" / "Debian.yml")]
    assert host.run_lookup("first_found", project(["{{ undefined_one }}", "b"])) == [str(tmp_path / "files" / "b")]
    skipping = project([{"files": ["nope"], "skip": True}])
    assert host.run_lookup("first_found", skipping) == []
    assert host.run_lookup("first_found", "Debian.yml", kind="vars") == [str(tmp_path / "vars" / "Debian.yml")]
    with pytest.raises(TemplateError, match="none of x, y exists"):
        host.run_lookup("first_found", ["x", "y"])
    with pytest.raises(UndefinedVariable):
        host.render(project("{{ lookup('first_found', [undefined_one, 'b']) }}"))


def test_filetree(render: Any, tmp_path: Path) -> None:
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "sub" / "f").write_text("abc")
    (tmp_path / "tree" / "link").symlink_to("sub")
    found = {entry["path"]: entry for entry in render("{{ query('community.general.filetree', 'tree') }}")}
    assert {path: entry["state"] for path, entry in found.items()} == {
        "sub": "directory",
        "sub/f": "file",
        "link": "link",
    }
    assert found["sub/f"]["size"] == 3
    assert found["sub/f"]["src"] == str(tmp_path / "tree" / "sub" / "f")
    assert found["link"]["src"] == "sub"


def test_tables(render: Any, tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("Li,Lithium,3\nHe,Helium,2\n")
    (tmp_path / "ansible.csv").write_text("key\tvalue\n")
    assert render("{{ lookup('csvfile', 'He', file='e.csv', delimiter=',') }}") == "Helium"
    assert render("{{ lookup('csvfile', 'He file=e.csv delimiter=, col=2') }}") == "2"
    assert render("{{ lookup('csvfile', 'key') }}") == "value"
    assert render("{{ lookup('csvfile', 'Zz', file='e.csv', delimiter=',', default='none') }}") == "none"
    assert render("{{ lookup('csvfile', 'Helium', file='e.csv', delimiter=',', keycol=1, col=0) }}") == "He"


def test_ini_files(render: Any, tmp_path: Path) -> None:
    (tmp_path / "u.ini").write_text("[prod]\nuser=bob\nUser2=x\nport=10%%\n")
    (tmp_path / "bare.ini").write_text("[flags]\nbare\n")
    (tmp_path / "u.properties").write_text("user.name=ann\n")
    assert render("{{ lookup('ini', 'user', section='prod', file='u.ini') }}") == "bob"
    assert render("{{ lookup('ini', 'user section=prod file=u.ini') }}") == "bob"
    assert render("{{ query('ini', 'bare', section='flags', file='bare.ini', allow_no_value=true) }}") == []
    with pytest.raises(TemplateError, match="is not understood"):
        render("{{ query('ini', 'bare', section='flags', file='bare.ini') }}")
    assert render("{{ lookup('ini', 'nope', section='prod', file='u.ini', default='d') }}") == "d"
    assert render("{{ query('ini', 'user.*', section='prod', file='u.ini', re=true) }}") == [
        "bob",
        "x",
    ]
    assert render("{{ lookup('ini', 'user.name', type='properties', file='u.properties') }}") == "ann"
    with pytest.raises(TemplateError, match="No section: 'nope'"):
        render("{{ lookup('ini', 'user', section='nope', file='u.ini') }}")


def test_settings(scope: MakeScope, lookups: FolderLookups) -> None:
    lookups.settings["DEFAULT_FORKS"] = 50
    host = scope()
    assert host.lookup("config", ["DEFAULT_FORKS"]) == 50
    assert host.lookup("config", ["NOPE"], on_missing="skip") == []
    with pytest.raises(TemplateError, match="No config definition exists for 'NOPE'"):
        host.lookup("config", ["NOPE"])


def test_the_environment(render: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRA_A", "x")
    assert render("{{ lookup('env', 'ORCHESTRA_A') }}") == "x"
    assert render("{{ query('env', 'ORCHESTRA_A', 'ORCHESTRA_UNSET') }}") == ["x", ""]
    with pytest.raises(UndefinedVariable, match="'ORCHESTRA_UNSET' is not set"):
        render("{{ lookup('env', 'ORCHESTRA_UNSET', default=undef()) }}")


def test_hosts_by_pattern(scope: MakeScope) -> None:
    groups = {"all": ["a1", "a2", "b1"], "web": ["a1", "a2"], "db": ["b1"], "old": ["a2"]}
    host = scope(None, groups=groups)

    def hosts(*patterns: str) -> Any:
        return host.run_lookup("inventory_hostnames", list(patterns))

    assert hosts("all") == ["a1", "a2", "b1"]
    assert hosts("web:!old") == ["a1"]
    assert hosts("web:&old") == ["a2"]
    assert hosts("a?") == ["a1", "a2"]
    assert hosts("~b\\d") == ["b1"]
    assert hosts("web[0]") == ["a1"]
    assert hosts("db,old") == ["b1", "a2"]
    assert hosts("nope") == []


def test_commands_run_where_the_playbook_is(scope: MakeScope, tmp_path: Path) -> None:
    host = scope({"playbook_dir": str(tmp_path)})
    assert host.render(project("{{ lookup('pipe', 'pwd') }}")) == str(tmp_path)
    assert host.render(project("{{ query('lines', 'printf \"a\\nb\\n\"') }}")) == ["a", "b"]


def test_passwords_are_drawn_once_and_kept_private(scope: MakeScope, tmp_path: Path) -> None:
    host = scope({"playbook_dir": str(tmp_path)})
    first = host.lookup("password", ["creds/x length=12 chars=ascii_lowercase,digits"])
    assert len(first) == 12
    assert first.isalnum()
    path = tmp_path / "creds" / "x"
    assert path.read_text() == f"{first}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert host.lookup("password", ["creds/x length=30"]) == first
    assert host.lookup("password", ["creds/x"]) == first
    assert sorted(os.listdir(path.parent)) == ["x"]


def test_passwords_elsewhere(scope: MakeScope, tmp_path: Path) -> None:
    host = scope({"playbook_dir": str(tmp_path)})
    drawn = [host.lookup("password", ["/dev/null"], length=8, chars=["digits"]) for _ in range(2)]
    assert all(len(word) == 8 and word.isdigit() for word in drawn)
    assert drawn[0] != drawn[1]
    same = [host.lookup("password", ["/dev/null"], seed="host1") for _ in range(2)]
    assert same[0] == same[1]
    (tmp_path / "old").write_text("given salt=abcdefgh\n")
    hashed = host.lookup("password", ["old"], encrypt="md5_crypt")
    assert hashed.startswith("$1$abcdefgh$")
    again = host.lookup("password", ["new encrypt=sha256_crypt"])
    assert again == host.lookup("password", ["new encrypt=sha256_crypt"])
    assert " salt=" in (tmp_path / "new").read_text()
    with pytest.raises(TemplateError, match="'lenght' is not a valid option"):
        host.lookup("password", ["x lenght=5"])


class Page(BaseHTTPRequestHandler):
    """Answers what it was asked."""

    def do_GET(self) -> None:
        self.send_response(404 if self.path == "/missing" else 200)
        self.end_headers()
        self.wfile.write(f"one\n{self.headers.get('X-Test', '-')} {self.headers.get('Authorization', '-')}\n".encode())

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def site() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_urls(render: Any, site: str) -> None:
    assert render(f"{{{{ query('url', '{site}/') }}}}") == ["one", "- -"]
    text = (
        f"{{{{ lookup('url', '{site}/', split_lines=false, headers={{'X-Test': 'hi'}}, username='u', password='p') }}}}"
    )
    assert render(text) == "one\nhi Basic dTpw\n"
    with pytest.raises(TemplateError, match="answered 404"):
        render(f"{{{{ lookup('url', '{site}/missing') }}}}")
    with pytest.raises(TemplateError, match="can not be fetched") as caught:
        render("{{ lookup('url', 'http://u:secret@127.0.0.1:1/') }}")
    assert "secret" not in caught.value.message
    with pytest.raises(TemplateError, match="not a URL"):
        render("{{ lookup('url', 'gopher://x') }}")


def test_loops_take_raw_terms(scope: MakeScope) -> None:
    host = scope({"l": ["a", ["b"]], "d": {"k": "{{ 1 + 1 }}"}, "one": "x"})
    assert host.run_lookup("items", project("{{ l }}")) == ["a", "b"]
    assert host.run_lookup("items", project(["{{ l }}", "c"])) == ["a", ["b"], "c"]
    assert host.run_lookup("items", project("{{ one }}")) == ["x"]
    assert host.run_lookup("items", 5) == [5]
    assert host.run_lookup("dict", project("{{ d }}")) == [{"key": "k", "value": 2}]
    assert host.run_lookup("dict", project({"k": "{{ one }}"})) == [{"key": "k", "value": "x"}]
    assert host.run_lookup("nested", project([["a"], "{{ l }}"])) == [["a", "a"], ["a", "b"]]
    assert host.run_lookup("cartesian", [[1, 2], ["x"]]) == [[1, "x"], [2, "x"]]
    assert host.run_lookup("sequence", "end=3") == ["1", "2", "3"]
    with pytest.raises(UndefinedVariable):
        host.run_lookup("items", project("{{ nope }}"))
    with pytest.raises(UndefinedVariable):
        host.run_lookup("items", project(["{{ nope }}"]))


def test_subelements_leaves_the_records_alone(scope: MakeScope) -> None:
    users = [{"n": "a", "k": [1, 2]}, {"n": "b", "skipped": True}]
    found = scope(None, users=users).run_lookup("subelements", [users, "k"])
    assert found == [[{"n": "a"}, 1], [{"n": "a"}, 2]]
    assert users[0]["k"] == [1, 2]


def test_random_strings(scope: MakeScope) -> None:
    host = scope()
    word = host.lookup("community.general.random_string", [], length=20, min_upper=3, special=False)
    assert len(word) == 20
    assert sum(char.isupper() for char in word) >= 3
    assert word.isalnum()
    seeded = [host.lookup("random_string", [], seed="s") for _ in range(2)]
    assert seeded[0] == seeded[1]


def test_an_unknown_lookup_for_a_loop(scope: MakeScope) -> None:
    with pytest.raises(TemplateError, match="lookup plugin 'itmes' was not found") as caught:
        scope().run_lookup("itmes", [1])
    assert "'items'" in caught.value.hint
