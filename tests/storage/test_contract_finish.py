"""What every store promises of polls that leave only a record and are ended many at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from storage import ArticleStore, Claim, Health, SourceRecord, SourceSeed, StorageError, Validators
from tests.storage.making import DAY, HOUR, MINUTE, NOW, claim, seed


def claims(store: ArticleStore, *ids: str) -> list[Claim]:
    """Claims of these sources, in this order."""
    store.sync_sources([seed(source_id) for source_id in ids], NOW)
    return [claim(store, source_id) for source_id in ids]


def ended(claimed: Claim, **fields: Any) -> tuple[Claim, SourceRecord]:
    return claimed, replace(claimed.source, **{"last_poll": NOW, "next_poll": NOW + HOUR, **fields})


def record(store: ArticleStore, source_id: str) -> SourceRecord:
    found = store.source(source_id)
    assert found is not None
    return found


def hold(store: ArticleStore, holder: Claim, site: str) -> None:
    with store.poll(holder) as unit:
        unit.hold_site(site, NOW + DAY, "429")


def test_the_records_are_stored_and_the_claims_end(store: ArticleStore) -> None:
    a, b = claims(store, "a", "b")
    full: dict[str, Any] = {
        "kind": "feed",
        "title": "编辑部 Desk",
        "health": Health.FAILING,
        "validators": Validators(etag=b'W/"\xe9\x00"', last_modified=b"Thu, 24 Oct 2024 09:00:00 GMT"),
        "body_hash": b"\x00\xff",
        "next_poll_reason": "max-age",
        "hold_until": NOW + MINUTE,
        "last_success": NOW - DAY,
        "last_status": 304,
        "last_error": "连接 refused",
        "failures": 3,
        "failing_since": NOW - HOUR,
        "polls": 7,
        "not_modified": 2,
        "memory": {"rates": [0.5, 1], "pattern": {"path": "/新闻"}},
    }
    both = [ended(a, **full), ended(b, polls=1)]
    assert store.finish(both) == set()
    assert [record(store, name) for name in ("a", "b")] == [left for _, left in both]
    again = store.claim_due(now=NOW + HOUR, limit=9, lease=MINUTE, owner="other")
    assert [one.source.id for one in again] == ["a", "b"]


def test_nothing_to_end_is_fine(store: ArticleStore) -> None:
    assert store.finish([]) == set()


def test_a_stale_claim_is_named_and_writes_nothing_while_the_others_are_ended(store: ArticleStore) -> None:
    stale, free, b = claims(store, "a", "free", "b")
    store.release(free)
    fresh = claim(store, "a", now=NOW + HOUR, owner="other")
    gone = replace(b, source=replace(b.source, id="gone"))
    ends = [ended(one, polls=9) for one in (stale, free, gone, b)]
    assert store.finish(ends) == {"a", "free", "gone"}
    assert {name: record(store, name).polls for name in ("a", "free", "b")} == {"a": 0, "free": 0, "b": 9}
    with store.poll(fresh) as unit:
        unit.finish(fresh.source)


def test_a_claim_ended_with_others_is_stale(store: ArticleStore) -> None:
    (a,) = claims(store, "a")
    store.finish([ended(a)])
    assert store.finish([ended(a, polls=9)]) == {"a"}
    assert record(store, "a").polls == 0


def test_a_record_ends_only_its_own_claim_and_all_are_ended_or_none(store: ArticleStore) -> None:
    a, b = claims(store, "a", "b")
    with pytest.raises(StorageError, match="other"):
        store.finish([ended(a, polls=9), ended(b, id="other")])
    assert record(store, "a").polls == 0


def test_one_whose_site_was_held_meanwhile_ends_put_off(store: ArticleStore) -> None:
    a, b, asker = claims(store, "a", "b", "asker")
    hold(store, asker, "a.example")
    store.finish([ended(a), ended(b)])
    assert (record(store, "a").hold_until, record(store, "a").next_poll) == (NOW + DAY, NOW + DAY)
    assert (record(store, "b").hold_until, record(store, "b").next_poll) == (None, NOW + HOUR)


def test_so_does_one_that_moved_to_a_held_site(store: ArticleStore) -> None:
    a, asker = claims(store, "a", "asker")
    hold(store, asker, "new.example")
    store.finish([ended(a, url="https://new.example/")])
    assert record(store, "a").next_poll_reason == "429"
    assert [one.id for one in store.sources_at("https://new.example/")] == ["a"]


def test_more_may_end_than_a_statement_takes(store: ArticleStore) -> None:
    store.sync_sources([SourceSeed(id=f"s{n:04}", url=f"https://{n}.example/") for n in range(1200)], NOW)
    many = store.claim_due(now=NOW, limit=1200, lease=MINUTE, owner="tester")
    assert store.finish([ended(one, polls=1) for one in many]) == set()
    assert {one.polls for one in store.sources()} == {1}
