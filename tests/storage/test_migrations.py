"""The migrations lead to the very schema that the program works with."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from structlog.testing import capture_logs

from storage import StoreReadOnly, open_store, schema
from storage.opening import open_backend
from storage.tables import metadata
from tests.storage.conftest import POSTGRES, STORES, empty_postgres
from tests.storage.making import DAY, HOUR, MINUTE, NOW, article, listed, put

#: The schema of a database before the made-up upgrade of the tests below.
PRESENT = schema.HEAD


def written_schema(connection: Connection) -> list[str]:
    """Every CREATE statement, its parts in one order: a migration adds columns at the end."""
    rows = connection.execute(
        text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'")
    )
    return sorted(_in_order(re.sub(r"\s+", " ", sql)) for sql in rows.scalars())


def _in_order(create: str) -> str:
    before, _, parts = create.partition("(")
    inner = parts.rpartition(")")[0]
    return f"{before}({sorted(part.strip() for part in re.split(r',(?![^(]*[)])', inner))})"


def test_all_migrations_applied_make_what_a_new_database_gets(fresh_database: Path) -> None:
    blueprint = create_engine("sqlite://")
    backend = open_backend(f"sqlite:///{fresh_database}", read_only=True)
    with blueprint.begin() as migrated, backend.read() as created:
        command.upgrade(schema.config(migrated), "head")
        assert written_schema(migrated) == written_schema(created)
        assert compare_metadata(MigrationContext.configure(migrated), metadata) == []
        assert schema.revision_of(migrated, "") == schema.revision_of(created, "") == schema.HEAD
        assert version_table(migrated) == version_table(created)
    backend.close()
    blueprint.dispose()


def version_table(connection: Connection) -> str:
    """How it is written down which schema a database has."""
    create = text("SELECT sql FROM sqlite_master WHERE name = 'alembic_version'")
    return " ".join(connection.execute(create).scalar_one().split())


def test_the_newest_migration_is_the_one_the_program_expects() -> None:
    assert ScriptDirectory.from_config(schema.config()).get_current_head() == schema.HEAD


def test_a_migration_that_fails_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_up = schema.bring_up

    def fail(connection: Connection, *rest: Any) -> None:
        bring_up(connection, *rest)
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


# -- each upgrade


@pytest.fixture(params=STORES[1:])
def of_the_first_schema(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with two sources, as the first release left it."""
    if request.param == "postgresql":
        empty_postgres()
    url = POSTGRES if request.param == "postgresql" else f"sqlite:///{tmp_path / 'store.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        command.upgrade(schema.config(connection), "0001")
        for source_id, address in OLD_SOURCES.items():
            connection.execute(text(OLD_SOURCE), {"id": source_id, "url": address})
    engine.dispose()
    return url


OLD_SOURCES = {
    "desk": "https://Desk.example/feed",
    "other": "http://other.example:8080/feed",
    "odd": "http://[",
}
OLD_SOURCE = (
    "INSERT INTO source (id, configured_url, url, kind, title, health, next_poll, next_poll_reason, failures,"
    " polls, not_modified, articles, memory, position, token)"
    " VALUES (:id, :url, :url, 'feed', '', 'ok', 0, 'first poll', 0, 3, 0, 0, '{}', 0, 7)"
)


def test_sources_of_the_first_schema_get_their_sites(of_the_first_schema: str) -> None:
    store = open_store(of_the_first_schema)
    assert sorted((one.id, one.url, one.polls) for one in store.sources()) == [
        (source_id, url, 3) for source_id, url in sorted(OLD_SOURCES.items())
    ]
    claimed = store.claim("desk", now=NOW, lease=MINUTE, owner="me")
    assert claimed is not None
    assert claimed.token == 8
    with store.poll(claimed) as unit:
        unit.hold_site("desk.example", NOW + HOUR, "429")
        unit.hold_site("other.example:8080", NOW + DAY, "429")
        unit.keep_note("entries", b"x")
    assert {one.id: one.hold_until for one in store.sources()} == {
        "desk": NOW + HOUR,
        "other": NOW + DAY,
        "odd": None,
    }
    assert store.check() == []
    store.close()


# -- the copy before an upgrade


@pytest.fixture
def outdated(database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with an article in it, whose schema is behind the present one: the upgrade adds a table."""
    store = open_store(f"sqlite:///{database}")
    put(store, article("a", title="before"))
    store.close()

    def upgrade(config: Config, _: str) -> None:
        connection: Connection = config.attributes["connection"]
        connection.execute(text("UPDATE alembic_version SET version_num = 'next'"))
        connection.execute(text("UPDATE article SET title = 'after'"))

    monkeypatch.setattr(schema, "HEAD", "next")
    monkeypatch.setattr(command, "upgrade", upgrade)
    return database


def test_a_database_is_copied_before_it_is_upgraded(outdated: Path) -> None:
    with capture_logs() as logs:
        open_store(f"sqlite:///{outdated}").close()
    copy = outdated.with_name(f"store.db.before-{PRESENT}")
    assert [(line["copy"], line["schema"]) for line in logs] == [(str(copy), PRESENT)]
    assert _title_and_revision(copy) == ("before", PRESENT)
    assert _title_and_revision(outdated) == ("after", "next")
    with capture_logs() as logs:
        open_store(f"sqlite:///{outdated}").close()
    assert logs == []


def test_without_room_for_the_copy_nothing_is_upgraded(outdated: Path) -> None:
    outdated.with_name(f"store.db.before-{PRESENT}.part").mkdir()
    with pytest.raises(StoreReadOnly, match="nothing was upgraded"):
        open_store(f"sqlite:///{outdated}")
    assert _title_and_revision(outdated) == ("before", PRESENT)


def test_the_copy_is_a_database_to_go_back_to(outdated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(f"sqlite:///{outdated}").close()
    monkeypatch.undo()
    store = open_store(f"sqlite:///{outdated}.before-{PRESENT}")
    assert listed(store) == ["a"]
    assert store.check() == []
    store.close()


def test_a_new_database_is_not_copied(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'store.db'}").close()
    assert list(tmp_path.glob("*before*")) == []


def _title_and_revision(path: Path) -> tuple[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        (title,) = connection.execute("SELECT title FROM article").fetchone()
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return title, revision
