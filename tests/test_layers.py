"""Calls between rooms go one way. This is the house plan's table, held against every import statement of the tree."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EVERY_ROOM = {"model", "errors"}
CONTROLLER = EVERY_ROOM | {"settings"}  #: what each room of the controller may use; of settings it is the Settings type
CALLS = {
    "errors": {"model"},
    "model": set(),
    "settings": EVERY_ROOM,
    "language": CONTROLLER,
    "templating": CONTROLLER,
    "inventory": CONTROLLER | {"language", "templating"},
    "ansible_api": CONTROLLER | {"language", "runner"},
    "plugins": CONTROLLER | {"ansible_api"},
    "library": CONTROLLER | {"runner"},
    "payload": CONTROLLER,
    "transport": CONTROLLER,
    "reporting": CONTROLLER,
    "history": CONTROLLER,
    "dropin": CONTROLLER | {"language"},
    "engine": CONTROLLER | {"language", "templating", "inventory", "transport", "payload", "library", "plugins"},
    "compliance": CONTROLLER | {"engine", "language", "inventory", "history", "reporting", "library"},
    "console": CONTROLLER | {"library"},
    "lint": CONTROLLER | {"engine", "language", "library"},
    "pull": CONTROLLER | {"engine", "language"},
    "web": CONTROLLER | {"history", "reporting"},
    "scripts": CONTROLLER | {"ansible_api", "engine", "inventory", "language", "runner"},
    "testing": CONTROLLER | {"runner", "transport"},
    "runner": set(),
}
CALLS["cli"] = {*CALLS} - {"testing", "runner"}
CALLS["__main__"] = {"cli"}
CALLS["modules"] = {"runner"}


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import in a file, wherever it stands; relative ones made absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def room_of(name: str) -> str:
    """The room that a dotted name of the product lies in; empty for anything else."""
    first, _, rest = name.partition(".")
    return rest.partition(".")[0] if first == "orchestra" else ""


def sources() -> Iterator[tuple[str, Path]]:
    """(room, file) of the whole product; files at the top of ``orchestra/`` are rooms of their own."""
    for path in sorted([*(ROOT / "orchestra").rglob("*.py"), *(ROOT / "modules").rglob("*.py")]):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ("modules" if parts[0] == "modules" else parts[1]), path


def test_rooms_call_only_those_they_may() -> None:
    problems = []
    for room, path in sources():
        allowed = CALLS.get(room, set()) | {room, "__version__"}
        for line, name in imports(path):
            target = room_of(name)
            if target and target not in allowed and not (room.startswith("__") and target in EVERY_ROOM):
                problems.append(f"{path.relative_to(ROOT)}:{line}: {room} imports {name}; {room} may call: {allowed}")
    assert not problems, "\n".join(problems)


def test_every_room_is_in_the_table() -> None:
    assert {room for room, _ in sources() if not room.startswith("__")} <= set(CALLS)


@pytest.mark.parametrize("room", CALLS)
def test_nobody_calls_back(room: str) -> None:
    reached, frontier = set(), set(CALLS[room])
    while frontier:
        reached |= frontier
        frontier = set().union(*(CALLS[target] for target in frontier)) - reached
    assert room not in reached, f"the table lets {room} call itself through {sorted(reached)}"


def test_code_for_targets_needs_nothing_that_targets_lack() -> None:
    problems = []
    for room, path in sources():
        if room not in ("runner", "modules"):
            continue
        ours = ("orchestra.runner",) if room == "runner" else ("orchestra.runner.sdk.", "orchestra.runner.parts.")
        for line, name in imports(path):
            known = name.startswith(ours) or name.partition(".")[0] in sys.stdlib_module_names
            if not known:
                problems.append(f"{path.relative_to(ROOT)}:{line}: imports {name}; allowed: {ours} and the stdlib")
    assert not problems, "\n".join(problems)
