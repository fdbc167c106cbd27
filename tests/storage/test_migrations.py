"""The migrations lead to the very schema that the program works with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from storage import open_store, schema
from storage.dialect import open_backend
from storage.tables import metadata


def written_schema(connection: Connection) -> list[str]:
    """Every CREATE statement, spaces evened out."""
    rows = connection.execute(
        text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'")
    )
    return sorted(re.sub(r"\s+", " ", sql).replace("( ", "(").replace(" )", ")") for sql in rows.scalars())


def test_all_migrations_applied_make_the_metadata(fresh_database: Path) -> None:
    blueprint = create_engine("sqlite://")
    backend = open_backend(f"sqlite:///{fresh_database}", read_only=True)
    with blueprint.connect() as expected, backend.read() as migrated:
        metadata.create_all(expected)
        assert written_schema(migrated) == written_schema(expected)
        assert compare_metadata(MigrationContext.configure(migrated), metadata) == []
    backend.close()
    blueprint.dispose()


def test_the_newest_migration_is_the_one_the_program_expects() -> None:
    assert ScriptDirectory.from_config(schema.config()).get_current_head() == schema.HEAD


def test_a_migration_that_fails_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_up = schema.bring_up

    def fail(connection: Connection, name: str) -> None:
        bring_up(connection, name)
        raise OSError("power cut")

    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setattr(schema, "bring_up", fail)
    with pytest.raises(OSError, match="power cut"):
        open_store(url)
    monkeypatch.undo()
    with create_engine(url).connect() as connection:
        assert written_schema(connection) == []
    open_store(url).close()


def test_opening_a_present_database_needs_no_migration(
    fresh_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "upgrade", lambda *_: pytest.fail("nothing to upgrade"))
    open_store(f"sqlite:///{fresh_database}").close()
