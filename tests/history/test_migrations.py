"""The tables come from the migrations, and are what the code believes them to be, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from orchestra.history import schema
from orchestra.history.database import NoDatabase, bring_up_to_date, open_database, revision_of
from tests.history.conftest import History, outcome, task

NEXT = '''
"""A column more."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0002", "0001"
def upgrade():
    with op.batch_alter_table("runs") as table:
        table.add_column(sa.Column("ticket", sa.Text, nullable=False, server_default="none"))
'''


def test_an_empty_database_gets_the_tables_that_the_code_knows(history: History) -> None:
    with history.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        assert compare_metadata(context, schema.metadata) == []
        assert revision_of(connection) == schema.REVISION


def test_nothing_is_done_twice(history: History) -> None:
    history.recorded(outcome("web01", task()))
    open_database(history.settings, history.places).close()
    assert history.count(schema.runs) == 1


def scripts(folder: Path) -> Path:
    """Our migrations, and one more."""
    ours = Path(schema.__file__).parent / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text((ours / "env.py").read_text())
    for path in (ours / "versions").glob("r*.py"):
        (folder / "versions" / path.name).write_text(path.read_text())
    (folder / "versions" / "r0002_next.py").write_text(NEXT)
    return folder


def test_the_first_revision_with_runs_in_it_becomes_the_next(history: History, tmp_path: Path) -> None:
    history.recorded(outcome("web01", task()))
    folder = scripts(tmp_path / "scripts")
    bring_up_to_date(history.database, folder, "0002")
    bring_up_to_date(history.database, folder, "0002")
    with history.database.reading() as connection:
        assert revision_of(connection) == "0002"
        found = connection.execute(sa.text("SELECT what, ticket FROM runs")).all()
    assert [tuple(row) for row in found] == [("/srv/site.yml", "none")]


def test_a_later_database_is_refused_with_what_to_do(history: History, tmp_path: Path) -> None:
    bring_up_to_date(history.database, scripts(tmp_path / "scripts"), "0002")
    with pytest.raises(NoDatabase, match=r"later Orchestra: .* has revision 0002, this one knows up to 0001") as caught:
        open_database(history.settings, history.places)
    assert "update Orchestra" in caught.value.hint
