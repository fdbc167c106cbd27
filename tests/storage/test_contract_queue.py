"""What every store promises of its sources: the records, the due-queue, claims and their fencing."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage import ArticleStore, Health, LeaseLost, SourceRecord, SourceSeed, StorageError, Validators
from tests.storage.making import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    article,
    claim,
    decision,
    listed,
    put,
    revisions,
    seed,
)


def due(store: ArticleStore, now: datetime = NOW, *, limit: int = 10, early: bool = False) -> list[str]:
    claims = store.claim_due(now=now, limit=limit, lease=MINUTE, owner="tester", early=early)
    return [claimed.source.id for claimed in claims]


def finish(store: ArticleStore, source_id: str, **fields: object) -> SourceRecord:
    """End a poll of the source with a record of which these fields are set."""
    claimed = claim(store, source_id)
    with store.poll(claimed) as unit:
        unit.finish(replace(claimed.source, **fields))  # type: ignore[arg-type]  # field names are the test's business
    return record(store, source_id)


def record(store: ArticleStore, source_id: str) -> SourceRecord:
    found = store.source(source_id)
    assert found is not None
    return found


FULL = {
    "url": "https://desk.example/moved",
    "kind": "feed",
    "title": "编辑部 Desk",
    "health": Health.FAILING,
    "validators": Validators(etag=b'W/"\xe9\x00"', last_modified=b"Thu, 24 Oct 2024 09:00:00 GMT"),
    "body_hash": b"\x00\xff",
    "next_poll": NOW + HOUR,
    "next_poll_reason": "max-age",
    "hold_until": NOW + MINUTE,
    "last_poll": NOW - timedelta(microseconds=1),
    "last_success": NOW - DAY,
    "last_status": 503,
    "last_error": "连接 refused",
    "failures": 3,
    "failing_since": NOW - HOUR,
    "polls": 7,
    "not_modified": 2,
    "memory": {"rates": [0.5, 1], "pattern": {"path": "/新闻"}},
}


# -- sync_sources


def test_a_new_source_is_due_now(store: ArticleStore) -> None:
    store.sync_sources([seed("desk", kind="page")], NOW)
    assert record(store, "desk") == SourceRecord(
        id="desk",
        configured_url="https://desk.example/feed",
        url="https://desk.example/feed",
        kind="page",
        next_poll=NOW,
    )


def test_a_known_source_keeps_its_record_and_next_poll(store: ArticleStore) -> None:
    before = finish(store, "desk", **FULL)
    store.sync_sources([seed("desk")], NOW + DAY)
    assert record(store, "desk") == before


@pytest.mark.parametrize(("held", "at"), [({}, NOW), ({"hold_until": NOW + HOUR}, NOW + HOUR)])
def test_a_source_that_is_to_be_due_is_so_when_its_hold_ends(
    store: ArticleStore, held: dict[str, Any], at: datetime
) -> None:
    before = finish(store, "desk", **{**FULL, "hold_until": None, "next_poll": NOW + DAY, **held})
    store.sync_sources([seed("desk", due=True)], NOW)
    after = record(store, "desk")
    assert (after.next_poll, after.next_poll_reason) == (at, "its rules were changed")
    assert replace(after, next_poll=before.next_poll, next_poll_reason=before.next_poll_reason) == before


def test_a_kind_named_in_the_configuration_overrules_the_one_found(store: ArticleStore) -> None:
    finish(store, "desk", kind="feed")
    store.sync_sources([seed("desk", kind="page")], NOW)
    assert record(store, "desk").kind == "page"


def test_a_source_whose_url_changed_forgets_what_the_old_address_taught(store: ArticleStore) -> None:
    finish(store, "desk", **FULL)
    store.sync_sources([seed("desk", url="https://new.example/")], NOW + DAY)
    moved = record(store, "desk")
    assert (moved.url, moved.configured_url) == ("https://new.example/", "https://new.example/")
    assert (moved.kind, moved.health, moved.validators) == ("auto", Health.OK, Validators())
    assert (moved.body_hash, moved.hold_until, moved.memory) == (None, None, {})
    assert (moved.failures, moved.failing_since, moved.last_error) == (0, None, None)
    assert (moved.next_poll, moved.polls) == (NOW + DAY, 7)


def test_a_source_whose_url_changed_keeps_its_articles(store: ArticleStore) -> None:
    put(store, article("a"))
    store.sync_sources([seed("desk", url="https://new.example/")], NOW)
    assert listed(store, source="desk") == ["a"]
    assert record(store, "desk").articles == 1


def test_a_source_no_longer_named_stays_on_record_but_is_neither_listed_nor_claimed(
    store: ArticleStore,
) -> None:
    before = finish(store, "desk", title="Desk")
    store.sync_sources([seed("other")], NOW)
    assert [one.id for one in store.sources()] == ["other"]
    assert record(store, "desk") == before
    assert due(store, NOW + DAY, early=True) == ["other"]


def test_a_source_that_comes_back_goes_on_where_it_was(store: ArticleStore) -> None:
    before = finish(store, "desk", **FULL)
    store.sync_sources([], NOW)
    store.sync_sources([seed("desk")], NOW + DAY)
    assert store.sources() == [before]


def test_pausing_and_resuming_set_the_health(store: ArticleStore) -> None:
    store.sync_sources([seed("desk", paused=True)], NOW)
    assert record(store, "desk").health is Health.PAUSED
    store.sync_sources([seed("desk")], NOW)
    assert record(store, "desk").health is Health.OK


def test_resuming_leaves_the_health_of_a_source_that_was_not_paused(store: ArticleStore) -> None:
    finish(store, "desk", health=Health.DEAD)
    store.sync_sources([seed("desk")], NOW)
    assert record(store, "desk").health is Health.DEAD


@pytest.mark.parametrize(
    "seeds",
    [
        pytest.param([seed("desk", url="https://new.example/")], id="address changed"),
        pytest.param([seed("desk", paused=True)], id="paused"),
        pytest.param([], id="removed"),
    ],
)
def test_a_poll_under_way_cannot_undo_a_change_of_configuration(
    store: ArticleStore, seeds: list[object]
) -> None:
    store.sync_sources([seed("desk")], NOW)
    claimed = claim(store, "desk")
    store.sync_sources(seeds, NOW)  # type: ignore[arg-type]  # the table holds seeds
    with pytest.raises(LeaseLost), store.poll(claimed):
        pytest.fail("the claim should be stale")


def test_sources_are_listed_in_the_order_last_given(store: ArticleStore) -> None:
    store.sync_sources([seed("a"), seed("b"), seed("c")], NOW)
    store.sync_sources([seed("c"), seed("a"), seed("d")], NOW)
    assert [one.id for one in store.sources()] == ["c", "a", "d"]


def test_an_unknown_source_has_no_record(store: ArticleStore) -> None:
    assert store.source("nobody") is None


def test_the_store_counts_the_articles_of_a_source(store: ArticleStore) -> None:
    put(store, article("a"), article("b"), article("c", source="other"))
    claimed = claim(store, "desk")
    with store.poll(claimed) as unit:
        unit.save([article("b", title="changed"), article("d")])
        unit.finish(replace(claimed.source, articles=99))
    assert record(store, "desk").articles == 3
    store.sync_sources([seed("desk"), seed("other")], NOW)
    assert [one.articles for one in store.sources()] == [3, 1]


# -- claim_due


def test_the_longest_overdue_comes_first_and_the_limit_holds(store: ArticleStore) -> None:
    for source_id, minutes in (("a", 1), ("b", 3), ("c", 2)):
        finish(store, source_id, next_poll=NOW - minutes * MINUTE)
    assert due(store, limit=2) == ["b", "c"]
    assert due(store, limit=0) == []
    assert due(store, limit=2) == ["a"]


@pytest.mark.parametrize(
    ("next_poll", "expected"),
    [(NOW - HOUR, ["desk"]), (NOW, ["desk"]), (NOW + timedelta(microseconds=1), [])],
)
def test_a_source_is_due_from_its_next_poll_on(
    store: ArticleStore, next_poll: datetime, expected: list[str]
) -> None:
    finish(store, "desk", next_poll=next_poll)
    assert due(store) == expected


def test_early_claims_what_is_not_due_yet_but_nothing_on_hold(store: ArticleStore) -> None:
    finish(store, "later", next_poll=NOW + HOUR)
    finish(store, "held", next_poll=NOW + HOUR, hold_until=NOW + MINUTE)
    assert due(store, early=True) == ["later"]
    assert due(store, NOW + MINUTE, early=True) == ["held", "later"]


def test_nothing_on_hold_is_claimed_even_when_it_is_due(store: ArticleStore) -> None:
    finish(store, "held", next_poll=NOW, hold_until=NOW + MINUTE)
    assert due(store) == []


@pytest.mark.parametrize("health", [Health.GONE, Health.PAUSED])
def test_gone_and_paused_sources_are_never_due(store: ArticleStore, health: Health) -> None:
    finish(store, "desk", health=health)
    assert due(store, NOW + DAY, early=True) == []


@pytest.mark.parametrize("health", [Health.OK, Health.FAILING, Health.DEAD])
def test_failing_and_dead_sources_are_still_polled(store: ArticleStore, health: Health) -> None:
    finish(store, "desk", health=health)
    assert due(store) == ["desk"]


@pytest.mark.parametrize(("only", "expected"), [([], []), (["b", "nobody"], ["b"]), (["c", "a"], ["a", "c"])])
def test_only_narrows_the_claim(store: ArticleStore, only: list[str], expected: list[str]) -> None:
    store.sync_sources([seed("a"), seed("b"), seed("c")], NOW)
    claims = store.claim_due(now=NOW, limit=5, lease=MINUTE, owner="tester", only=only)
    assert [claimed.source.id for claimed in claims] == expected


def test_only_may_name_more_sources_than_a_statement_takes(store: ArticleStore) -> None:
    ids = [f"s{number:04}" for number in range(1201)]
    store.sync_sources([seed(source_id) for source_id in ids], NOW)
    claims = store.claim_due(now=NOW, limit=1100, lease=MINUTE, owner="tester", only=ids[::-1])
    assert [claimed.source.id for claimed in claims] == ids[:1100]


def test_a_claim_tells_its_owner_its_lease_and_the_record(store: ArticleStore) -> None:
    before = finish(store, "desk", next_poll=NOW, title="Desk")
    (claimed,) = store.claim_due(now=NOW, limit=1, lease=HOUR, owner="worker-1")
    assert (claimed.source, claimed.owner, claimed.lease_until) == (before, "worker-1", NOW + HOUR)


def test_a_claimed_source_is_free_again_when_the_lease_ends(store: ArticleStore) -> None:
    store.sync_sources([seed("desk")], NOW)
    assert due(store) == ["desk"]
    assert due(store, NOW + MINUTE - timedelta(microseconds=1)) == []
    assert due(store, NOW + MINUTE) == ["desk"]


def test_the_token_grows_by_one_at_every_claim(store: ArticleStore) -> None:
    first = claim(store, "desk")
    store.release(first)
    assert claim(store, "desk").token == first.token + 1


# -- renew, release


def test_renewing_extends_the_lease(store: ArticleStore) -> None:
    renewed = store.renew(claim(store, "desk"), now=NOW, lease=HOUR)
    assert renewed.lease_until == NOW + HOUR
    assert due(store, NOW + 30 * MINUTE) == []
    assert due(store, NOW + HOUR) == ["desk"]


def test_renewing_after_the_lease_ended_is_fine_while_nobody_else_took_the_source(
    store: ArticleStore,
) -> None:
    renewed = store.renew(claim(store, "desk"), now=NOW + DAY, lease=MINUTE)
    assert renewed.lease_until == NOW + DAY + MINUTE


def test_renewing_what_another_owner_has_raises_lease_lost(store: ArticleStore) -> None:
    stale = claim(store, "desk")
    claim(store, "desk", now=NOW + HOUR, owner="other")
    with pytest.raises(LeaseLost, match="desk"):
        store.renew(stale, now=NOW + HOUR, lease=MINUTE)


def test_a_released_source_is_due_as_before(store: ArticleStore) -> None:
    claimed = claim(store, "desk")
    store.release(claimed)
    assert record(store, "desk") == claimed.source
    assert due(store) == ["desk"]


def test_releasing_a_stale_claim_is_ignored(store: ArticleStore) -> None:
    stale = claim(store, "desk")
    claim(store, "desk", now=NOW + HOUR)
    store.release(stale)
    assert due(store, NOW + HOUR) == []


# -- the unit and its fence


def test_finishing_stores_the_record_and_ends_the_claim(store: ArticleStore) -> None:
    after = finish(store, "desk", **FULL)
    assert after == SourceRecord(id="desk", configured_url="https://desk.example/feed", **FULL)  # type: ignore[arg-type]
    assert due(store, NOW + HOUR) == ["desk"]


def test_a_unit_that_does_not_finish_keeps_the_claim_and_the_old_record(store: ArticleStore) -> None:
    claimed = claim(store, "desk")
    with store.poll(claimed) as unit:
        unit.save([article("a")])
    assert record(store, "desk") == replace(claimed.source, articles=1)
    assert due(store) == []
    with store.poll(claimed) as unit:
        unit.finish(claimed.source)


def test_a_finished_claim_is_stale(store: ArticleStore) -> None:
    claimed = claim(store, "desk")
    with store.poll(claimed) as unit:
        unit.finish(claimed.source)
    with pytest.raises(LeaseLost), store.poll(claimed):
        pytest.fail("the claim should be stale")


def test_a_claim_that_was_fenced_off_raises_lease_lost_and_writes_nothing(store: ArticleStore) -> None:
    stale = claim(store, "desk")
    fresh = claim(store, "desk", now=NOW + HOUR, owner="other")
    with pytest.raises(LeaseLost, match="desk"), store.poll(stale) as unit:
        unit.save([article("a")])
    assert store.article("a") is None
    with store.poll(fresh) as unit:
        unit.finish(fresh.source)


def test_an_exception_inside_a_poll_leaves_nothing(store: ArticleStore) -> None:
    claimed = claim(store, "desk")
    with pytest.raises(OSError, match="mid-poll"), store.poll(claimed) as unit:  # noqa: PT012 - what comes before it counts
        unit.save([article("a", sections=("world",))], [decision("a")])
        unit.finish(replace(claimed.source, title="never"))
        raise OSError("mid-poll")
    assert store.article("a") is None
    assert revisions(store) == {}
    assert store.decisions("a") == []
    assert record(store, "desk") == claimed.source
    with store.poll(claimed) as unit:
        assert unit.article("a") is None


def test_a_record_ends_only_its_own_claim(store: ArticleStore) -> None:
    claimed = claim(store, "desk")
    with pytest.raises(StorageError, match="other"), store.poll(claimed) as unit:
        unit.finish(replace(claimed.source, id="other"))


def test_a_unit_is_of_no_use_after_its_block(store: ArticleStore) -> None:
    with store.poll(claim(store, "desk")) as unit:
        pass
    with pytest.raises(StorageError, match="closed"):
        unit.save([article("a")])


def test_what_a_unit_writes_is_not_seen_before_it_commits(store: ArticleStore) -> None:
    with store.poll(claim(store, "desk")) as unit:
        unit.save([article("a", sections=("world",))])
        assert store.article("a") is None
        assert store.section_revisions() == {}
    assert store.article("a") is not None


def test_writing_past_an_open_unit_is_refused_rather_than_hanging(store: ArticleStore) -> None:
    with store.poll(claim(store, "desk")), pytest.raises(StorageError, match="inside an open poll"):
        store.set_setting("key", "value")


# -- threads


def test_two_threads_claim_disjoint_sources(store: ArticleStore) -> None:
    store.sync_sources([seed(f"s{number:03}") for number in range(200)], NOW)
    start = threading.Barrier(2)
    taken: dict[str, list[str]] = {"one": [], "two": []}

    def work(owner: str) -> None:
        start.wait()
        while claims := store.claim_due(now=NOW, limit=3, lease=MINUTE, owner=owner):
            taken[owner] += [claimed.source.id for claimed in claims]

    in_threads(lambda: work("one"), lambda: work("two"))
    assert sorted(taken["one"] + taken["two"]) == [f"s{number:03}" for number in range(200)]


def test_of_two_units_that_bring_one_story_the_second_sees_the_first(store: ArticleStore) -> None:
    claims = [claim(store, "one"), claim(store, "two")]
    start = threading.Barrier(2)
    seen: list[int] = []

    def work(number: int) -> None:
        start.wait()
        with store.poll(claims[number]) as unit:
            known = unit.candidates("any", canonical_urls=["//story.example/"])
            seen.append(len(known))
            unit.save([article(f"uid{number}", source="any", canonical_url="//story.example/")])

    in_threads(lambda: work(0), lambda: work(1))
    assert seen == [0, 1]


def test_reading_goes_on_while_a_unit_is_open(store: ArticleStore) -> None:
    put(store, article("a"))
    found: list[list[str]] = []
    with store.poll(claim(store, "desk")) as unit:
        unit.save([article("b")])
        in_threads(lambda: found.append(listed(store)))
    assert found == [["a"]]


# -- clocks that were set back


@pytest.mark.parametrize(
    ("last_poll", "moves"),
    [(NOW + DAY, DAY), (NOW + 2 * MINUTE, 2 * MINUTE), (NOW + MINUTE, 0 * DAY), (NOW - DAY, 0 * DAY)],
)
def test_what_a_clock_put_off_that_was_set_back_since_comes_nearer(
    store: ArticleStore, last_poll: datetime, moves: timedelta
) -> None:
    before = finish(
        store, "desk", last_poll=last_poll, next_poll=NOW + 2 * DAY, hold_until=NOW + 3 * DAY, polls=1
    )
    assert store.set_back(NOW) == bool(moves)
    assert record(store, "desk") == replace(
        before,
        last_poll=last_poll - moves,
        next_poll=NOW + 2 * DAY - moves,
        hold_until=NOW + 3 * DAY - moves,
    )
    assert store.set_back(NOW) == 0


def test_where_it_is_known_how_far_a_clock_was_set_back_the_sources_keep_their_order(
    store: ArticleStore,
) -> None:
    finish(store, "soon", last_poll=NOW + DAY - HOUR, next_poll=NOW + DAY + MINUTE, polls=1)
    finish(store, "later", last_poll=NOW + DAY, next_poll=NOW + DAY + HOUR, polls=1)
    assert store.set_back(NOW, by=DAY) == 2
    assert [record(store, name).next_poll - NOW for name in ("soon", "later")] == [MINUTE, HOUR]


def test_a_first_poll_is_due_whatever_the_clock_was_when_the_source_was_added(store: ArticleStore) -> None:
    store.sync_sources([seed("desk"), seed("other")], NOW + DAY)
    assert due(store) == []
    assert store.set_back(NOW) == 2
    assert due(store) == ["desk", "other"]


def test_a_new_source_may_wait_for_its_first_poll_and_a_known_one_does_not(store: ArticleStore) -> None:
    store.sync_sources([seed("desk"), replace(seed("later"), wait=20 * MINUTE / 60)], NOW)
    assert due(store) == ["desk"]
    store.set_back(NOW)
    assert due(store, NOW + 19 * MINUTE / 60) == []
    store.sync_sources([seed("desk"), replace(seed("later"), wait=DAY)], NOW)
    assert due(store, NOW + 20 * MINUTE / 60) == ["later"]


@pytest.mark.parametrize(
    ("next_poll", "hold", "poll_after", "hold_after"),
    [
        (NOW + HOUR, None, NOW + DAY + HOUR / 2, None),
        (NOW + HOUR, NOW + HOUR, NOW + DAY + HOUR, NOW + DAY + HOUR),
        (NOW - HOUR, None, NOW - HOUR, None),  # overdue by either clock
        (NOW + 2 * DAY, NOW + HOUR, NOW + 2 * DAY, NOW + HOUR),  # due by neither
    ],
)
def test_what_is_due_because_the_clock_was_set_forward_is_carried_on(
    store: ArticleStore,
    next_poll: datetime,
    hold: datetime | None,
    poll_after: datetime,
    hold_after: datetime | None,
) -> None:
    finish(store, "desk", last_poll=NOW - HOUR, next_poll=next_poll, hold_until=hold, polls=1)
    assert store.set_forward(NOW, NOW + DAY) == (poll_after != next_poll)
    after = record(store, "desk")
    assert (after.next_poll, after.hold_until) == (poll_after, hold_after)


def test_a_lease_of_such_a_clock_ends_as_soon_as_it_would_have(store: ArticleStore) -> None:
    finish(store, "desk", last_poll=NOW + DAY, next_poll=NOW + DAY)
    store.claim_due(now=NOW + DAY, limit=1, lease=HOUR, owner="killed")
    store.set_back(NOW)
    assert due(store, NOW + MINUTE) == []
    assert due(store, NOW + HOUR) == ["desk"]


def test_sources_can_be_left_out_of_a_claim(store: ArticleStore) -> None:
    store.sync_sources([seed("a"), seed("b"), seed("c")], NOW)
    claims = store.claim_due(now=NOW, limit=2, lease=MINUTE, owner="me", without={"a", "nobody"})
    assert [one.source.id for one in claims] == ["b", "c"]
    assert store.claim_due(now=NOW, limit=2, lease=MINUTE, owner="me", only=["a"], without=["a"]) == []


def test_sources_of_crowded_sites_can_be_left_out_of_a_claim(store: ArticleStore) -> None:
    urls = {"a": "https://One.example/a", "b": "http://two.example:8080/b", "c": "http://one.example/c"}
    store.sync_sources([SourceSeed(id=name, url=url) for name, url in urls.items()], NOW)
    claims = store.claim_due(
        now=NOW, limit=9, lease=MINUTE, owner="me", crowded=["one.example", "two.example"]
    )
    assert [one.source.id for one in claims] == ["b"]
    assert [one.source.id for one in store.claim_due(now=NOW, limit=9, lease=MINUTE, owner="me")] == [
        "a",
        "c",
    ]


def in_threads(*work: object) -> None:
    threads = [threading.Thread(target=one) for one in work]  # type: ignore[arg-type]  # callables without arguments
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_claim_tells_whether_another_source_asks_the_same_address(store: ArticleStore) -> None:
    shared = "https://shared.example/"
    store.sync_sources(
        [seed("a", url=shared), seed("b", url=shared), seed("c"), seed("gone", url=shared)], NOW
    )
    claims = store.claim_due(now=NOW, limit=9, lease=MINUTE, owner="me")
    assert {one.source.id: one.shared for one in claims} == {"a": True, "b": True, "c": False, "gone": True}
    store.sync_sources([seed("a", url=shared), seed("c")], NOW)
    alone = store.claim("a", now=NOW + HOUR, lease=MINUTE, owner="me")
    assert alone is not None
    assert not alone.shared
