"""Every file under cases/bad/inventory is refused with the texts of its ``.expect`` file."""

from pathlib import Path

import pytest

from orchestra.errors import LanguageError
from orchestra.inventory import load_inventory
from orchestra.settings import Settings

BAD = Path(__file__).parents[1] / "cases" / "bad" / "inventory"
FILES = sorted(path for path in BAD.iterdir() if path.suffix != ".expect")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_bad_file(path: Path) -> None:
    with pytest.raises(LanguageError) as caught:
        load_inventory([str(path)], Settings())
    text = caught.value.render()
    for expected in path.with_suffix(".expect").read_text().splitlines():
        assert expected in text


def test_there_are_cases() -> None:
    assert len(FILES) > 15
