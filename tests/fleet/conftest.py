"""Fixtures for tests against real systemd hosts. A host that a test had is thrown away and booted anew afterwards."""

from collections.abc import Iterator

import pytest

from tests.fleet.fleet import Fleet, default_folder, down, locked, machines_of, obstacle, up
from tests.fleet.machine import Machine

HOSTS = 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder ``fleet`` and skip it, with the reason, where no fleet can run."""
    reason = obstacle()
    for item in items:
        if item.path.is_relative_to(__file__.rpartition("/")[0]):
            item.add_marker(pytest.mark.fleet)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def fleet() -> Iterator[Fleet]:
    """At least three hosts, up. A fleet that ``make fleet-up`` left running is used and left running."""
    folder = default_folder()
    with locked(folder, "session"):
        found_running = any(machine.leader for machine in machines_of(folder))
        fleet = up(folder, HOSTS)
        yield fleet
        if not found_running:
            down(folder)


@pytest.fixture(scope="session")
def _used() -> set[Machine]:
    """Hosts that an earlier test has touched."""
    return set()


@pytest.fixture
def machine(fleet: Fleet, _used: set[Machine]) -> Machine:
    """One clean host."""
    return _clean(fleet, fleet.machines[:1], _used)[0]


@pytest.fixture
def machines(fleet: Fleet, _used: set[Machine]) -> tuple[Machine, ...]:
    """Three clean hosts."""
    return _clean(fleet, fleet.machines[:HOSTS], _used)


def _clean(fleet: Fleet, wanted: tuple[Machine, ...], used: set[Machine]) -> tuple[Machine, ...]:
    fleet.reset([machine for machine in wanted if machine in used])
    used.update(wanted)
    return wanted
