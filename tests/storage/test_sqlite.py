"""What is true of the SQLite store alone: its file, its lock, its errors, its query plans."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Select
from sqlalchemy.dialects import sqlite

from storage import (
    ArticleQuery,
    ArticleStore,
    LeaseLost,
    NewerSchema,
    NothingPolled,
    StorageError,
    StoreBusy,
    StoreDamaged,
    StoreReadOnly,
    open_store,
    schema,
)
from storage.opening import open_backend
from storage.sql import SqlStore
from storage.statements.articles import listing, sharing
from storage.statements.claims import DUE, IS_HELD
from storage.statements.hubs import SUBSCRIPTIONS
from storage.statements.sources import SOURCES_AT
from storage.statements.stories import COPIES
from storage.statements.upkeep import OUTLIVED
from tests.storage.making import MINUTE, NOW, article, claim, listed, put, revisions, seed

#: Before a test makes it up.
PRESENT = schema.HEAD


def address(path: Path) -> str:
    return f"sqlite:///{path}"


def execute(path: Path, *sql: str) -> None:
    connection = sqlite3.connect(path)
    for one in sql:
        connection.execute(one)
    connection.commit()
    connection.close()


# -- opening


@pytest.mark.parametrize("name", ["a/b/store.db", "新闻 #1.db"])
def test_the_database_and_its_folder_are_made(tmp_path: Path, name: str) -> None:
    store = open_store(address(tmp_path / name))
    put(store, article("a"))
    store.close()
    assert (tmp_path / name).is_file()


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    (tmp_path / "store.db").touch()
    store = open_store(address(tmp_path / "store.db"))
    assert store.check() == []
    store.close()


@pytest.mark.parametrize(
    "url",
    ["", "sqlite://", "sqlite:///:memory:", "mysql://host/name", "no url", "postgresql+nothing://host/name"],
)
def test_an_address_that_cannot_serve_names_what_can(url: str) -> None:
    with pytest.raises(StorageError, match=r"storage\.url|postgresql\+nothing"):
        open_store(url)


def test_the_password_stays_out_of_messages() -> None:
    with pytest.raises(StorageError) as caught:
        open_store("postgresql+nothing://me:secret@host/name")
    assert "secret" not in str(caught.value)


def test_memory_has_nothing_to_read() -> None:
    with pytest.raises(StorageError, match="nothing was polled yet"):
        open_store("memory://", read_only=True)


# -- one writer, many readers


def test_a_second_writer_is_refused_and_told_who_holds_the_database(
    sqlite_store: ArticleStore, database: Path
) -> None:
    with pytest.raises(StoreBusy, match=rf"store\.db: another process \(pid {os.getpid()}\) is writing"):
        open_store(address(database))
    put(sqlite_store, article("a"))


def test_closing_lets_the_next_writer_in(database: Path) -> None:
    for _ in range(2):
        open_store(address(database)).close()


def test_a_store_that_could_not_be_opened_keeps_no_lock(database: Path) -> None:
    execute(database, "UPDATE alembic_version SET version_num = '9999'")
    for _ in range(2):
        with pytest.raises(NewerSchema):
            open_store(address(database))


def test_readers_need_no_lock_and_see_what_is_committed(sqlite_store: ArticleStore, database: Path) -> None:
    reader = open_store(address(database), read_only=True)
    put(sqlite_store, article("a"))
    assert listed(reader) == ["a"]
    assert reader.check() == []
    reader.close()


def test_a_change_by_hand_is_made_beside_a_writer_whose_claims_stay(
    sqlite_store: ArticleStore, database: Path
) -> None:
    put(sqlite_store, article("a", sections=("world",)))
    claimed = claim(sqlite_store, "desk")
    guest = open_store(address(database), beside=True)
    with guest.by_hand() as hand:
        hand.save([article("a", title="by hand", sections=("world",))])
    guest.close()
    assert [one.title for one in sqlite_store.articles(ArticleQuery())] == ["by hand"]
    assert (revisions(sqlite_store), sqlite_store.edits()) == ({"world": 2}, 1)
    with sqlite_store.poll(claimed) as unit:
        unit.finish(claimed.source)
    with pytest.raises(StoreBusy):
        open_store(address(database))


def test_beside_a_writer_nothing_is_created_or_upgraded(tmp_path: Path, database: Path) -> None:
    with pytest.raises(NothingPolled):
        open_store(address(tmp_path / "none.db"), beside=True)
    assert not (tmp_path / "none.db").exists()
    execute(database, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(StorageError, match="has schema 0001"):
        open_store(address(database), beside=True)


def test_a_reader_works_without_any_writer(database: Path) -> None:
    reader = open_store(address(database), read_only=True)
    assert reader.sources() == []
    reader.close()


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store.set_setting("key", "value"),
        lambda store: store.sync_sources([], NOW),
        lambda store: store.claim_due(now=NOW, limit=1, lease=MINUTE, owner="me"),
        lambda store: store.expire(articles_before=NOW, bodies_before=None),
    ],
)
def test_a_reader_cannot_write(database: Path, write: Callable[[ArticleStore], object]) -> None:
    reader = open_store(address(database), read_only=True)
    with pytest.raises(StoreReadOnly, match="for reading only"):
        write(reader)
    reader.close()


def test_reading_where_nothing_was_polled_says_so_and_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nothing was polled.*aggregator run"):
        open_store(address(tmp_path / "var" / "store.db"), read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_reading_an_empty_file_says_that_nothing_was_polled(tmp_path: Path) -> None:
    (tmp_path / "store.db").touch()
    with pytest.raises(StorageError, match="nothing was polled"):
        open_store(address(tmp_path / "store.db"), read_only=True)


def test_a_closed_store_says_so(database: Path) -> None:
    store = open_store(address(database))
    store.close()
    for use in (store.sources, lambda: store.set_setting("key", "value")):
        with pytest.raises(StorageError, match="closed"):
            use()


# -- what is wrong with the file


@pytest.mark.parametrize("read_only", [False, True])
def test_a_garbage_file_is_damaged_and_left_alone(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"<html>not a database</html>" * 400)
    with pytest.raises(StoreDamaged, match=r"store\.db: .*move it aside, or restore the last backup"):
        open_store(address(path), read_only=read_only)
    assert path.read_bytes() == b"<html>not a database</html>" * 400


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_schema_is_refused_naming_both_versions(database: Path, read_only: bool) -> None:
    execute(database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerSchema, match=rf"schema 9999.*up to {schema.HEAD}.*newer version.*backup"):
        open_store(address(database), read_only=read_only)


def test_reading_an_older_schema_names_the_remedy(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "HEAD", "9999")
    with pytest.raises(StorageError, match=rf"schema {PRESENT}, this program reads 9999: `aggregator run`"):
        open_store(address(database), read_only=True)


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    execute(tmp_path / "other.db", "CREATE TABLE bookmark (id INTEGER)")
    with pytest.raises(StorageError, match="another program"):
        open_store(address(tmp_path / "other.db"))


def test_damaged_pages_are_found_by_check(database: Path) -> None:
    store = open_store(address(database))
    put(store, *(article(f"u{number:03}", text="文" * 2000) for number in range(100)))
    store.close()
    content = bytearray(database.read_bytes())
    content[500_000:600_000] = os.urandom(100_000)  # beyond the pages on which the tables begin
    database.write_bytes(content)
    reader = open_store(address(database), read_only=True)
    assert reader.check()
    with pytest.raises(StoreDamaged):
        listed(reader, limit=None)
    reader.close()


def test_a_wrong_count_and_an_orphan_are_found_by_check(database: Path) -> None:
    store = open_store(address(database))
    put(store, article("a"))
    store.close()
    execute(database, "UPDATE source SET articles = 7")
    store = open_store(address(database))
    assert store.check() == ["source desk: counts 7 articles, has 1"]
    store.close()
    execute(database, "INSERT INTO placement (uid, section, date) VALUES ('nobody', 'world', 0)")
    store = open_store(address(database))
    assert store.check() == ["placement: row 1 names a row of article that does not exist"]
    store.close()


def test_a_full_disk_takes_the_whole_unit_back(database: Path) -> None:
    backend = open_backend(address(database), read_only=False)
    store = SqlStore(backend)
    claimed = claim(store, "desk")
    with backend.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 40")
    with pytest.raises(StoreReadOnly, match="disk is full"), store.poll(claimed) as unit:
        unit.save([article(f"u{number}", text="文" * 2000) for number in range(100)])
    assert listed(store) == []
    with store.poll(claimed) as unit:
        unit.finish(claimed.source)
    assert store.check() == []
    store.close()


def test_text_that_no_encoding_can_carry_is_refused_with_all_of_its_unit(sqlite_store: ArticleStore) -> None:
    with pytest.raises(StorageError, match="lone surrogate"):
        put(sqlite_store, article("a"), article("b", guid="\ud800"))
    assert sqlite_store.article("a") is None
    with pytest.raises(StorageError, match="lone surrogate"):
        listed(sqlite_store, search="\udcff")


def test_a_read_only_disk_is_named(database: Path) -> None:
    backend = open_backend(address(database), read_only=False)
    store = SqlStore(backend)
    with backend.write() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(StoreReadOnly, match="permissions"):
        store.set_setting("key", "value")
    store.close()


def test_a_store_on_a_read_only_disk_can_be_read(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(address(database))
    put(store, article("a"))
    store.close()
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_flag=os.ST_RDONLY))
    reader = open_store(address(database), read_only=True)
    assert listed(reader) == ["a"]
    assert [path.name for path in sorted(database.parent.iterdir())] == ["store.db", "store.db.lock"]
    reader.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreReadOnly, match="cannot be made"):
        open_store(address(tmp_path / "file" / "store.db"))


def test_a_folder_in_place_of_the_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreReadOnly, match="cannot be opened"):
        open_store(address(tmp_path))


# -- speed: a big store is read along its indexes

QUERIES: dict[str, Callable[[Any], Select[Any]]] = {
    "all": lambda backend: listing(ArticleQuery(), backend),
    "section": lambda backend: listing(ArticleQuery(section="world"), backend),
    "section, printed, since": lambda backend: listing(
        ArticleQuery(section="world", copies=False, since=NOW), backend
    ),
    "source": lambda backend: listing(ArticleQuery(source="desk"), backend),
    "candidates": lambda _: sharing(["desk"], ["g1", "g2"], ["//u"], ["t"]),
    "due": lambda _: DUE[False, False].params(now=NOW, limit=5, without=["s"], crowded=["h"]),
    "at one address": lambda _: SOURCES_AT.params(url="https://desk.example/"),
    "fence": lambda _: IS_HELD.params(of="desk", fence=1),
    "subscriptions": lambda _: SUBSCRIPTIONS,
    "retention": lambda _: OUTLIVED.params(before=NOW, after=NOW, after_uid=""),
}


def planned(database: Path, query: Callable[[Any], Select[Any]]) -> list[str]:
    """The steps by which SQLite would answer it."""
    backend = open_backend(address(database), read_only=True)
    compiled = query(backend).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with backend.read() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]
    backend.close()
    return plan


@pytest.mark.parametrize("name", QUERIES)
def test_what_is_asked_often_neither_scans_nor_sorts(database: Path, name: str) -> None:
    plan = planned(database, QUERIES[name])
    assert not [step for step in plan if "TEMP B-TREE" in step], plan
    assert not [step for step in plan if step.startswith("SCAN") and " USING " not in step], plan


def test_a_story_is_found_by_indexes_in_which_lone_articles_do_not_stand(database: Path) -> None:
    by_story = planned(database, lambda backend: listing(ArticleQuery(story="a"), backend))
    assert [step for step in by_story if "article_story" in step], by_story
    assert not [step for step in by_story if step.startswith("SCAN")], by_story
    copies = planned(database, lambda _: COPIES.params(uids=["a", "b"]))
    assert [step for step in copies if "article_copy_of" in step], copies


def test_only_changed_sources_are_written_at_a_sync(sqlite_store: ArticleStore) -> None:
    seeds = [seed(f"s{number}") for number in range(50)]
    sqlite_store.sync_sources(seeds, NOW)
    before = sqlite_store.sources()
    sqlite_store.sync_sources(seeds, NOW + timedelta(days=1))
    assert sqlite_store.sources() == before


def test_the_claims_of_a_process_that_died_are_free_at_the_next_start(database: Path) -> None:
    """The lock file proves that nobody else writes: there is no lease to wait for."""
    store = open_store(address(database))
    store.sync_sources([seed("s")], NOW)
    (dead,) = store.claim_due(now=NOW, limit=1, lease=MINUTE, owner="dead")
    store.close()
    store = open_store(address(database))
    (claim,) = store.claim_due(now=NOW, limit=1, lease=MINUTE, owner="alive")
    assert claim.token > dead.token
    with pytest.raises(LeaseLost), store.poll(dead):
        pass
    store.close()
