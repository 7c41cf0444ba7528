"""Every file under cases/bad/inventory is refused with the texts of its ``.expect`` file.

A source that can not be read is told of and passed over; groups that contain each other end everything.
"""

import re
from pathlib import Path

import pytest

from orchestra.errors import LanguageError
from orchestra.inventory import load_inventory
from orchestra.settings import Settings

BAD = Path(__file__).parents[1] / "cases" / "bad" / "inventory"
FILES = sorted(path for path in BAD.iterdir() if path.suffix != ".expect")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_bad_file(path: Path) -> None:
    told: list[str] = []
    try:
        inventory = load_inventory([str(path)], Settings(), warn=lambda text, origin: told.append(f"{origin}: {text}"))
        assert not inventory.hosts
        assert told[-2] == f"None: Unable to parse {path} as an inventory source"
    except LanguageError as error:
        told.append(error.render())
    text = "\n".join(told)
    text = re.sub(r": Failed to parse inventory with '\w+' plugin", "", text)
    for expected in path.with_suffix(".expect").read_text().splitlines():
        assert expected in text


def test_there_are_cases() -> None:
    assert len(FILES) > 15
