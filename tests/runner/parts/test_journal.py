"""A journal of moves: what it has done is taken back when it ends badly."""

from pathlib import Path

import pytest

from orchestra.runner.parts.journal import Journal


def test_a_folder_that_a_file_took_the_place_of_comes_back(tmp_path: Path) -> None:
    kept, source, place = tmp_path / "kept", tmp_path / "source", tmp_path / "place"
    kept.mkdir()
    place.mkdir()
    source.write_text("new")
    with pytest.raises(ZeroDivisionError), Journal(str(kept)) as journal:
        journal.put(str(source), str(place))
        assert place.read_text() == "new"
        raise ZeroDivisionError
    assert place.is_dir()


def test_a_closed_folder_goes_back_to_where_it_came_from(tmp_path: Path) -> None:
    kept, source, place = tmp_path / "kept", tmp_path / "source", tmp_path / "place"
    kept.mkdir()
    source.mkdir(0o555)
    with pytest.raises(ZeroDivisionError), Journal(str(kept)) as journal:
        assert journal.put_folder(str(source), str(place))
        assert place.stat().st_mode & 0o777 == 0o555
        raise ZeroDivisionError
    assert source.is_dir() and not place.exists()
