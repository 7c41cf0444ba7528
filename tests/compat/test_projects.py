"""Public projects mean the same here as under ansible-playbook: what they list, and what their roles make of a host."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compat import twins
from tests.compat.reading import Reader
from tests.compat.sources import VARIABLE, Layout, lay_out, projects_folder
from tests.compat.twins import RoleCase, Twins
from tests.fleet import debian
from tests.fleet.fleet import Fleet, default_folder, down, locked, machines_of, obstacle, up

SOURCES = projects_folder()
PEER = shutil.which("ansible-playbook")
CASES = twins.load(Path(__file__).with_name("roles.yml"))
PROJECTS = sorted(path.name for path in SOURCES.iterdir() if path.is_dir()) if SOURCES else []

pytestmark = [
    pytest.mark.compat,
    pytest.mark.skipif(SOURCES is None, reason=f"{VARIABLE} names no folder with public projects' sources"),
    pytest.mark.skipif(PEER is None, reason="ansible-playbook is not installed"),
]


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    assert SOURCES is not None
    return lay_out(SOURCES, tmp_path_factory.mktemp("layout"))


@pytest.mark.parametrize("name", PROJECTS or ["none"])
def test_playbooks_are_read_alike(name: str, layout: Layout) -> None:
    assert SOURCES is not None and PEER is not None
    rows = Reader(Path(PEER), layout).compare(SOURCES / name, 10)
    assert not [f"{row.playbook} {row.question}: {row.difference()}" for row in rows if not (row.equal or row.lenient)]


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    folder = default_folder()
    with locked(folder, "session"):
        running = any(machine.leader for machine in machines_of(folder))
        yield up(folder, 2)
        if not running:
            down(folder)


@pytest.fixture
def pair(fleet: Fleet, layout: Layout, tmp_path: Path) -> Twins:
    fleet.reset(fleet.machines[:2])
    return Twins(fleet, tmp_path, layout.environ)


@pytest.mark.fleet
@pytest.mark.skipif(obstacle() is not None, reason=str(obstacle()))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.role)
def test_a_role_makes_twins(case: RoleCase, pair: Twins) -> None:
    assert PEER is not None
    ours, theirs = pair.fleet.machines[:2]
    if case.packages:
        debs = debian.download(pair.fleet.image, pair.fleet.folder, case.packages)
        for machine in (ours, theirs):
            debian.add(machine, debs)
    first, second = (pair.play(twins.ours(), ours, case) for _ in range(2))
    peer, again = (pair.play([PEER], theirs, case) for _ in range(2))
    differing = twins.difference(twins.state(ours), twins.state(theirs))
    print(twins.report(case, (first, second, peer, again), differing), *differing, sep="\n")
    assert (first.status, first.counts) == (peer.status, peer.counts), first.text + peer.text
    assert (second.status, second.counts) == (again.status, again.counts), second.text + again.text
    assert not differing, "\n".join(differing)
