"""Every store, empty, for the tests that hold them all to one contract."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from storage import ArticleStore, open_store
from storage.tables import metadata

POSTGRES = os.environ.get("AGGREGATOR_TEST_POSTGRES", "")  # the URL of a database whose content may be lost
STORES = ["memory", "sqlite", *(["postgresql"] if POSTGRES else [])]


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with its schema and nothing in it, to be copied: quicker than the migrations."""
    path = tmp_path_factory.mktemp("fresh") / "fresh.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def database(tmp_path: Path, fresh_database: Path) -> Path:
    return Path(shutil.copy(fresh_database, tmp_path / "store.db"))


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('database')}"
    if request.param == "postgresql":
        empty_postgres()
        return POSTGRES
    return "memory://"


@pytest.fixture
def store(url: str) -> Iterator[ArticleStore]:
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(database: Path) -> Iterator[ArticleStore]:
    opened = open_store(f"sqlite:///{database}")
    yield opened
    opened.close()


def empty_postgres() -> None:
    engine = create_engine(POSTGRES)
    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    engine.dispose()
