"""Settings: where they come from, what counts, what is wrong with them."""

from pathlib import Path

import pytest

from orchestra.errors import OptionError, ParseErrors, SettingsError, UsageError
from orchestra.model.origin import Origin
from orchestra.settings import Settings, load_settings
from orchestra.settings.accepted import ACCEPTED
from orchestra.settings.listing import as_lines, as_markdown
from orchestra.settings.load import describe_unknown
from orchestra.settings.settings import SPECS
from orchestra.settings.spec import KINDS


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir(mode=0o755)
    return folder


def read(project: Path, text: str = "", name: str = "ansible.cfg", **environ: str) -> Settings:
    if text:
        (project / name).write_text(text)
    return load_settings({"HOME": str(project.parent), **environ}, project)


def test_defaults(project: Path) -> None:
    settings = read(project)
    assert (settings.forks, settings.timeout, settings.gathering) == (50, 10, "implicit")
    assert settings.roles_path[0] == f"{project.parent}/.ansible/roles"
    assert settings.config_file == "" and not settings.sources


def test_a_file_with_every_kind_of_value(project: Path) -> None:
    settings = read(
        project,
        """[defaults]
# a comment
forks = 20 ; an inline comment
host_key_checking = False
inventory = hosts, more/hosts
roles_path = roles:~/roles:/opt/roles
remote_user = "deploy"
callbacks_enabled = timer, profile_tasks
gathering = Smart
nocows = 1
[ssh_connection]
pipelining = True
retries = 3
timeout = 33
""",
    )
    assert settings.forks == 20 and settings.host_key_checking is False
    assert settings.inventory == (f"{project}/hosts", f"{project}/more/hosts")
    assert settings.roles_path == (f"{project}/roles", f"{project.parent}/roles", "/opt/roles")
    assert settings.remote_user == "deploy" and settings.gathering == "smart"
    assert settings.callbacks_enabled == ("timer", "profile_tasks")
    assert settings.retries == 3 and settings.timeout == 33
    assert not settings.unknown_keys and not settings.warnings
    assert settings.sources["forks"] == Origin(f"{project}/ansible.cfg", 3, 1)


@pytest.mark.parametrize(
    ("environ", "forks"),
    [({}, 7), ({"ANSIBLE_FORKS": "8"}, 8), ({"ANSIBLE_FORKS": "8", "ORCHESTRA_FORKS": "9"}, 9)],
)
def test_the_environment_counts_more_and_ours_most(project: Path, environ: dict[str, str], forks: int) -> None:
    assert read(project, "[defaults]\nforks = 7\n", **environ).forks == forks


def test_the_command_line_counts_most(project: Path) -> None:
    settings = load_settings({"ANSIBLE_FORKS": "8"}, project, {"forks": 3})
    assert settings.forks == 3 and str(settings.sources["forks"]) == "the command line"
    with pytest.raises(UsageError, match="near: forks"):
        load_settings({}, project, {"fork": 3})


def test_the_order_of_files(project: Path) -> None:
    named = project / "named.cfg"
    named.write_text("[defaults]\nforks = 1\n")
    (project.parent / ".ansible.cfg").write_text("[defaults]\nforks = 4\n")
    assert read(project).forks == 4
    assert read(project, "[defaults]\nforks = 3\n").forks == 3
    assert read(project, "[defaults]\nforks = 2\n", "orchestra.cfg").forks == 2
    assert read(project, ANSIBLE_CONFIG=str(named)).forks == 1
    (project / "ansible.cfg").rename(project.parent / "ansible.cfg")
    assert read(project, ANSIBLE_CONFIG=str(project.parent)).forks == 3


def test_a_named_file_that_is_missing_is_said(project: Path) -> None:
    settings = read(project, "[defaults]\nforks = 3\n", ORCHESTRA_CONFIG="none.cfg")
    assert settings.forks == 3
    assert "none.cfg that the environment names can not be read" in settings.warnings[0]


def test_a_folder_that_everybody_writes_to_is_refused(project: Path) -> None:
    project.chmod(0o777)
    settings = read(project, "[defaults]\nforks = 3\n")
    assert settings.forks == 50
    (warning,) = settings.warnings
    assert "is NOT used" in warning and f"chmod o-w {project}" in warning
    assert read(project, ANSIBLE_CONFIG=str(project / "ansible.cfg")).forks == 3


def test_unknown_keys_are_collected_and_the_nearest_named(project: Path) -> None:
    settings = read(project, "[defaults]\nfroks = 3\n[mine]\nx = 1\n[galaxy_server.a]\nurl = u\n")
    assert settings.unknown_keys == {
        "defaults.froks": Origin(f"{project}/ansible.cfg", 2, 1),
        "mine.x": Origin(f"{project}/ansible.cfg", 4, 1),
    }
    assert describe_unknown("defaults.froks") == "unknown setting 'froks' in [defaults]; is 'forks' meant?"
    assert settings.file_values["mine"] == {"x": "1"}


def test_wrong_values_are_reported_together(project: Path) -> None:
    with pytest.raises(ParseErrors) as caught:
        read(project, "[defaults]\nforks = many\ngathering = smrt\ntimeout = 1.5\n")
    text = caught.value.render()
    assert caught.value.exit_code == 1
    assert "ansible.cfg:2:1: defaults.forks: 'many' is no whole number" in text
    assert "'smrt' is none of implicit, explicit, smart; smart was meant?" in text
    assert "ansible.cfg:4:1: " in text


def test_a_wrong_value_in_the_environment_names_the_variable(project: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(project, ANSIBLE_FORKS="x")
    assert caught.value.render().startswith(
        "environment variable ANSIBLE_FORKS: defaults.forks: 'x' is no whole number"
    )


def test_a_word_that_is_neither_yes_nor_no(project: Path) -> None:
    settings = read(project, "[defaults]\ndeprecation_warnings = ignore\n")
    assert settings.deprecation_warnings is False
    assert "'ignore' is neither yes nor no, so it counts as no" in settings.warnings[0]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("forks = 1\n", ":1:1", "before any [section]"),
        ("[defaults]\nforks = 1\nforks = 2\n", ":3:1", "'forks' stands twice"),
        ("[defaults]\n[defaults]\n", ":2:1", "[defaults] stands twice"),
        ("[defaults]\nhello\n", ":2:1", "neither 'key = value'"),
    ],
)
def test_files_that_are_no_ini(project: Path, text: str, place: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(project, text)
    assert f"ansible.cfg{place}: " in caught.value.render() and message in caught.value.message


def test_a_list_of_hosts_is_an_inventory(project: Path) -> None:
    assert read(project, "[defaults]\ninventory = a, b,\n").inventory == ("a, b,",)
    assert read(project, ANSIBLE_INVENTORY="$BASE/hosts", BASE="/srv").inventory == ("/srv/hosts",)


@pytest.mark.parametrize(("value", "nocolor"), [("1", True), ("anything", True), ("", False)])
def test_no_color(project: Path, value: str, nocolor: bool) -> None:
    assert read(project, NO_COLOR=value).nocolor is nocolor


def test_access_by_ansibles_names(project: Path) -> None:
    settings = read(project, "[defaults]\nnocows = 1\n")
    assert settings.get("DEFAULT_FORKS") == 50
    assert settings.get("DEFAULT_ROLES_PATH")[1] == "/usr/share/ansible/roles"
    assert settings.get("ANSIBLE_NOCOWS") == "1"
    with pytest.raises(OptionError) as caught:
        settings.get("DEFAULT_FORK")
    assert "DEFAULT_FORKS" in caught.value.hint


def test_old_names_still_count(project: Path) -> None:
    settings = read(project, "[defaults]\ncallback_whitelist = timer\ncollections_paths = ./c\n")
    assert settings.callbacks_enabled == ("timer",) and settings.collections_path == (f"{project}/c",)


def test_the_table_is_sound() -> None:
    places = [place for spec in SPECS.values() for place in spec.places]
    assert len(places) == len(set(places))
    assert not set(places) & set(ACCEPTED.values())
    assert {spec.kind for spec in SPECS.values()} <= set(KINDS)
    assert all(spec.doc and spec.places for spec in SPECS.values())
    assert len({spec.name for spec in SPECS.values()}) == len(SPECS)


def test_settings_never_change() -> None:
    with pytest.raises(AttributeError):
        Settings().forks = 3  # type: ignore[misc]


def test_the_listing_says_where_values_come_from(project: Path) -> None:
    settings = read(project, "[defaults]\nforks = 7\n", ANSIBLE_TIMEOUT="3")
    assert list(as_lines(settings, only_changed=True)) == [
        f"DEFAULT_FORKS({project}/ansible.cfg:2:1) = 7",
        "DEFAULT_TIMEOUT(environment variable ANSIBLE_TIMEOUT) = 3",
    ]
    assert "DEFAULT_GATHERING(default) = implicit" in list(as_lines(settings))


def test_the_manuals_table_has_every_setting() -> None:
    table = as_markdown()
    assert table.count("\n") == len(SPECS) + 2
    assert "| DEFAULT_FORKS | `[defaults] forks` | `ORCHESTRA_FORKS` | `50` |" in table


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("defaults.forsk", "unknown setting 'forsk' in [defaults]; is 'forks' meant?"),
        ("defaults.host_pattern_mismatch", "unknown setting 'host_pattern_mismatch' in [defaults]; "
         "is 'host_pattern_mismatch' in [inventory] meant?"),
        ("community.sops.age_keyfile", "unknown setting 'age_keyfile' in [community.sops]"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_described_with_its_section(place: str, said: str) -> None:
    assert describe_unknown(place) == said
