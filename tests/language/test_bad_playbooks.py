"""Every file under cases/bad/playbook is refused, with all its problems at once, as its ``.expect`` file says."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from orchestra.engine.modulenames import KnownModules
from orchestra.engine.run import Playbook
from orchestra.engine.staticcheck import option_problems
from orchestra.engine.templatecheck import template_problems
from orchestra.errors import LanguageError, UndefinedVariable
from orchestra.language.plays import read_playbook
from orchestra.language.project import Project
from orchestra.language.yamltext import load_file
from orchestra.library.catalogue import Library
from orchestra.model.origin import TemplateText, origin_of
from orchestra.model.secret import Redactor
from orchestra.settings import Settings
from orchestra.templating.templar import Templar

FILES = sorted((Path(__file__).parents[1] / "cases" / "bad" / "playbook").glob("*.yml"))


LIBRARY = Library()


def render(value: Any, variables: Mapping[str, Any]) -> Any:
    """No host is known while a playbook is read: templates that need one fail."""
    if isinstance(value, TemplateText):
        raise UndefinedVariable(f"{value} is undefined", origin=origin_of(value))
    return value


def project() -> Project:
    return Project(read_yaml=load_file, modules=KnownModules(LIBRARY), render=render)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_bad_playbook(path: Path) -> None:
    reading = project()
    with pytest.raises(LanguageError) as caught:
        plays = tuple(read_playbook(reading, str(path), {}))
        read = [Playbook(str(path), plays)]
        core = Templar(Settings(), Redactor()).core
        problems = option_problems(read, reading.imports, LIBRARY)
        for problem in (*problems, *template_problems(read, reading.imports, core)):
            reading.problems.extend(problem)
        reading.problems.check()
    text = caught.value.render()
    for expected in path.with_suffix(".expect").read_text().splitlines():
        assert expected in text


def test_there_are_cases() -> None:
    assert len(FILES) > 12
