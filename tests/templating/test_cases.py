"""The tables of expressions with their results; core.json is compared with ansible-core itself in test_peer.py."""

import json
from pathlib import Path
from typing import Any

import pytest

from orchestra.errors import OrchestraError
from orchestra.model.secret import Redactor
from orchestra.templating.templar import Templar
from orchestra.testing.lookups import FolderLookups

from .conftest import project

FOLDER = Path(__file__).parents[1] / "cases" / "templating"
TABLES = {name: json.loads((FOLDER / f"{name}.json").read_text()) for name in ("core", "collections")}
NEEDS = {"json_query": "jmespath", "_xml": "xmltodict"}


def names_of(table: str) -> list[Any]:
    return [
        pytest.param(table, number, id=f"{table}-{number}-{case.get('expr', case.get('when'))[:60]}")
        for number, case in enumerate(TABLES[table]["cases"])
    ]


@pytest.fixture(scope="module")
def shared() -> Templar:
    return Templar(object(), Redactor())


@pytest.mark.parametrize(("table", "number"), [*names_of("core"), *names_of("collections")])
def test_case(shared: Templar, table: str, number: int) -> None:
    case = TABLES[table]["cases"][number]
    for word, library in NEEDS.items():
        if word in case.get("expr", ""):
            pytest.importorskip(library)
    scope = shared.scope(project(TABLES[table]["vars"]), FolderLookups("/"))

    def run() -> Any:
        return scope.condition(project(case["when"])) if "when" in case else scope.render(project(case["expr"]))

    if "error" in case:
        with pytest.raises(OrchestraError) as caught:
            run()
        assert caught.value.message.splitlines()[0] == case["error"]
        return
    value = json.loads(json.dumps(run(), default=str))
    assert value == case["value"]
    assert type(value) is type(case["value"])
