"""Every file under cases/bad/yaml and cases/bad/vault is refused with the texts of its ``.expect`` file."""

from pathlib import Path
from typing import Any

import pytest

from orchestra.errors import LanguageError
from orchestra.language.vault import VaultKey, VaultOpener
from orchestra.language.yamltext import load_file
from orchestra.model.secret import Sealed

BAD = Path(__file__).parents[1] / "cases" / "bad"
FILES = sorted([*BAD.glob("yaml/*.yml"), *BAD.glob("vault/*.yml")])


def open_all(value: Any) -> None:
    if isinstance(value, Sealed):
        value.reveal()
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        open_all(item)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_bad_file(path: Path) -> None:
    with pytest.raises(LanguageError) as caught:
        open_all(load_file(path, vault=VaultOpener([VaultKey("default", b"old-password")])))
    text = caught.value.render()
    for expected in path.with_suffix(".expect").read_text().splitlines():
        assert expected in text


def test_there_are_cases() -> None:
    assert len(FILES) > 20
