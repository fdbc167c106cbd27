"""Memory and SQL tell the same story after any sequence of operations."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from storage import (
    Article,
    ArticleQuery,
    ArticleStore,
    Claim,
    Decision,
    Enclosure,
    Health,
    HubSubscription,
    LeaseLost,
    RobotsRecord,
    SourceRecord,
    SourceSeed,
    StorageError,
    Subscription,
    Validators,
    open_store,
)
from tests.storage.making import NOW, claim

T = TypeVar("T")

SOURCES = ["s1", "s2", "s3"]
UIDS = ["u1", "u2", "u3", "u4", "u5"]
WORDS = ["", "a", "A b", "Ａ", "国际 新闻"]
KEYS = ["", "k1", "k2"]
URLS = ["https://a.example/", "https://b.example/", "http://A.example:80/moved"]
SITES = ["a.example", "b.example", "nowhere"]

moments = st.integers(0, 40).map(lambda quarter: NOW + timedelta(minutes=15 * quarter))
maybe_moments = st.none() | moments
sections = st.lists(st.sampled_from(["world", "china", "sport"]), unique=True, max_size=3).map(tuple)
articles = st.builds(
    Article,
    uid=st.sampled_from(UIDS),
    source=st.sampled_from(SOURCES),
    url=st.sampled_from(KEYS),
    canonical_url=st.sampled_from(KEYS),
    guid=st.sampled_from(KEYS),
    title=st.sampled_from(WORDS),
    summary=st.sampled_from(WORDS),
    text=st.sampled_from(WORDS),
    html=st.sampled_from(WORDS),
    published=maybe_moments,
    first_seen=moments,
    sections=sections,
    text_hash=st.sampled_from(KEYS),
    story=st.sampled_from(UIDS),
    copy_of=st.none() | st.sampled_from(UIDS),
)
decisions = st.builds(
    Decision,
    at=moments,
    uid=st.sampled_from(UIDS),
    source=st.sampled_from(SOURCES),
    verdict=st.sampled_from(["new", "near"]),
    similarity=st.floats(0, 1),
)
seeds = st.lists(
    st.builds(
        SourceSeed,
        id=st.sampled_from(SOURCES),
        url=st.sampled_from(URLS[:2]),
        kind=st.sampled_from(["auto", "page"]),
        paused=st.booleans(),
    ),
    max_size=4,
)


def with_fields_of_a_poll(record: SourceRecord) -> st.SearchStrategy[SourceRecord]:
    return st.builds(
        lambda **fields: replace(record, **fields),
        url=st.just(record.url) | st.sampled_from(URLS),
        next_poll=moments,
        last_poll=maybe_moments,
        hold_until=maybe_moments,
        last_status=st.sampled_from([200, 503]),
        health=st.sampled_from([Health.OK, Health.FAILING, Health.GONE]),
        validators=st.builds(Validators, etag=st.none() | st.binary(max_size=3)),
        memory=st.dictionaries(st.sampled_from(WORDS), st.integers(), max_size=2),
    )


@dataclass(frozen=True, kw_only=True)
class Aside:
    """What a poll keeps besides articles."""

    notes: dict[str, bytes | None]
    holds: list[tuple[str, datetime, str]]


asides = st.builds(
    Aside,
    notes=st.dictionaries(st.sampled_from(KEYS), st.none() | st.binary(max_size=3)),
    holds=st.lists(st.tuples(st.sampled_from(SITES), moments, st.sampled_from(["429", "503"])), max_size=2),
)
subscribed = st.builds(
    Subscription,
    source=st.sampled_from([*SOURCES, "nobody"]),
    token=st.sampled_from(KEYS),
    topic=st.sampled_from(WORDS),
    hub=st.just("https://hub.example/"),
    secret=st.just("s"),
    state=st.sampled_from(["asked", "active", "denied", "ending"]),
    asked_at=moments,
    lease_until=maybe_moments,
    last_push=maybe_moments,
    pushes=st.integers(0, 9),
    error=st.none() | st.sampled_from(WORDS),
)
brought = st.builds(
    HubSubscription,
    callback=st.sampled_from(WORDS),
    topic=st.sampled_from(WORDS),
    lease_until=moments,
    attempts=st.integers(0, 9),
    next_try=maybe_moments,
)
robots = st.builds(
    RobotsRecord,
    site=st.sampled_from(SITES),
    at=st.sampled_from([NOW, NOW + timedelta(days=40)]),
    expires=moments,
    status=st.none() | st.just(200),
    body=st.binary(max_size=3),
)


class Stores(RuleBasedStateMachine):
    """One memory store and one SQL store, told the same; ``make`` is set by the test."""

    make: Callable[[], ArticleStore]

    def __init__(self) -> None:
        super().__init__()
        self.stores = [open_store("memory://"), type(self).make()]
        self.claims: list[list[Claim]] = []  # the same claim, of each store

    def teardown(self) -> None:
        for store in self.stores:
            store.close()

    def both(self, ask: Callable[[ArticleStore], T]) -> T:
        memory, sql = (ask(store) for store in self.stores)
        assert memory == sql
        return memory

    @rule(seeds=seeds, now=moments)
    def sync(self, seeds: list[SourceSeed], now: object) -> None:
        for store in self.stores:
            store.sync_sources(seeds, now)  # type: ignore[arg-type]  # Hypothesis gives a datetime

    @rule(
        now=moments,
        limit=st.integers(0, 3),
        early=st.booleans(),
        only=st.none() | st.sets(st.sampled_from(SOURCES)),
        without=st.sets(st.sampled_from(SOURCES), max_size=1),
        crowded=st.booleans(),
    )
    def claim(
        self,
        now: object,
        limit: int,
        early: bool,
        only: set[str] | None,
        without: set[str],
        crowded: bool,
    ) -> None:
        lease = timedelta(minutes=30)
        taken = [
            store.claim_due(
                now=now,  # type: ignore[arg-type]  # Hypothesis gives a datetime
                limit=limit,
                lease=lease,
                owner="me",
                early=early,
                only=only,
                without=without,
                crowded=["a.example"] if crowded else [],
            )
            for store in self.stores
        ]
        assert taken[0] == taken[1]
        self.claims += [list(pair) for pair in zip(*taken, strict=True)]

    @rule(
        data=st.data(),
        saved=st.lists(articles, max_size=4),
        again=st.lists(articles, max_size=2),
        decided=st.lists(decisions, max_size=2),
        aside=asides,
        fails=st.booleans(),
        finishes=st.booleans(),
    )
    def poll(
        self,
        data: st.DataObject,
        saved: list[Article],
        again: list[Article],
        decided: list[Decision],
        aside: Aside,
        fails: bool,
        finishes: bool,
    ) -> None:
        if not self.claims:
            return
        pair = data.draw(st.sampled_from(self.claims))
        record = data.draw(with_fields_of_a_poll(pair[0].source)) if finishes else None
        outcomes = [
            visit(store, claimed, saved, again, decided, aside, record, fails)
            for store, claimed in zip(self.stores, pair, strict=True)
        ]
        assert outcomes[0] == outcomes[1]

    @rule(data=st.data(), now=moments, renews=st.booleans())
    def renew_or_release(self, data: st.DataObject, now: object, renews: bool) -> None:
        if not self.claims:
            return
        pair = data.draw(st.sampled_from(self.claims))
        outcomes = [keep(store, one, now, renews) for store, one in zip(self.stores, pair, strict=True)]
        assert outcomes[0] == outcomes[1]

    @rule(source=st.sampled_from([*SOURCES, "nobody"]), now=moments)
    def claim_one(self, source: str, now: datetime) -> None:
        taken = [
            store.claim(source, now=now, lease=timedelta(minutes=30), owner="me") for store in self.stores
        ]
        assert taken[0] == taken[1]
        self.claims += [[one for one in taken if one]] if taken[0] else []

    @rule(subscription=subscribed)
    def subscribe(self, subscription: Subscription) -> None:
        self.both(lambda store: refused(lambda: store.keep_subscription(subscription)))

    @rule(token=st.sampled_from(KEYS))
    def unsubscribe(self, token: str) -> None:
        self.both(lambda store: store.drop_subscription(token))

    @rule(kept=st.lists(brought, max_size=3), dropped=st.lists(st.tuples(*2 * [st.sampled_from(WORDS)])))
    def change_hub(self, kept: list[HubSubscription], dropped: list[tuple[str, str]]) -> None:
        kept = list({(one.callback, one.topic): one for one in kept}.values())
        self.both(lambda store: store.keep_hub_subscriptions(kept))
        self.both(lambda store: store.drop_hub_subscriptions(dropped))

    @rule(record=robots)
    def keep_robots(self, record: RobotsRecord) -> None:
        self.both(lambda store: store.keep_robots(record))

    @rule(placements=st.dictionaries(st.sampled_from(UIDS), sections))
    def reroute(self, placements: dict[str, tuple[str, ...]]) -> None:
        self.both(lambda store: store.reroute(placements))

    @rule(
        articles_before=maybe_moments,
        bodies_before=maybe_moments,
        keep=st.sets(st.sampled_from([*UIDS, "u9"])),
    )
    def expire(
        self, articles_before: datetime | None, bodies_before: datetime | None, keep: set[str]
    ) -> None:
        self.both(
            lambda store: store.expire(
                articles_before=articles_before, bodies_before=bodies_before, keep=keep
            )
        )

    @rule(now=moments)
    def set_back(self, now: datetime) -> None:
        self.both(lambda store: store.set_back(now))

    @rule(revisions=st.dictionaries(st.sampled_from(["world", "china", "none"]), st.integers(0, 9)))
    def mark_published(self, revisions: dict[str, int]) -> None:
        for store in self.stores:
            store.mark_published(revisions)

    @rule(
        query=st.builds(
            ArticleQuery,
            section=st.none() | st.sampled_from(["world", "china"]),
            source=st.none() | st.sampled_from(SOURCES),
            story=st.none() | st.sampled_from(UIDS),
            since=maybe_moments,
            search=st.none() | st.sampled_from(WORDS),
            copies=st.booleans(),
            limit=st.none() | st.integers(0, 3),
            offset=st.integers(0, 2),
        )
    )
    def query(self, query: ArticleQuery) -> None:
        self.both(lambda store: store.articles(query))

    @invariant()
    def they_agree(self) -> None:
        self.both(lambda store: store.sources())
        self.both(lambda store: [store.source(source) for source in SOURCES])
        self.both(lambda store: [store.sources_at(url) for url in URLS])
        self.both(lambda store: [store.site_hold(site, NOW) for site in SITES])
        self.both(lambda store: store.site_holds(NOW))
        self.both(lambda store: [store.note(source, name) for source in SOURCES for name in KEYS])
        self.both(lambda store: [store.robots(site) for site in SITES])
        self.both(lambda store: store.subscriptions())
        self.both(lambda store: store.hub_subscriptions())
        self.both(lambda store: [store.subscription(token) for token in KEYS])
        self.both(lambda store: [store.article(uid) for uid in UIDS])
        self.both(lambda store: [store.decisions(uid) for uid in UIDS])
        self.both(lambda store: store.copies(UIDS))
        self.both(lambda store: store.placed(UIDS))
        self.both(lambda store: store.section_revisions())
        self.both(lambda store: store.find("k1", "k2"))
        self.both(lambda store: store.known_urls("s1", KEYS))
        assert self.both(lambda store: store.check()) == []


def visit(
    store: ArticleStore,
    claimed: Claim,
    saved: list[Article],
    again: list[Article],
    decided: list[Decision],
    aside: Aside,
    record: SourceRecord | None,
    fails: bool,
) -> object:
    """What a poll saw, or how it ended."""
    try:
        with store.poll(claimed) as unit:
            unit.save(saved, decided)
            seen = unit.candidates("s1", guids=KEYS, canonical_urls=["k1"], text_hashes=["k2"])
            unit.save(again)
            for name, value in aside.notes.items():
                unit.keep_note(name, value)
            for hold in aside.holds:
                unit.hold_site(*hold)
            busy = [unit.busy_sources(site, NOW) for site in SITES]
            if record is not None:
                unit.finish(record)
            if fails:
                raise OSError("mid-poll")
    except (OSError, LeaseLost) as error:
        return type(error)
    return seen, busy


def refused(write: Callable[[], None]) -> bool:
    try:
        write()
    except StorageError:
        return True
    return False


def keep(store: ArticleStore, claimed: Claim, now: object, renews: bool) -> object:
    if not renews:
        store.release(claimed)
        return None
    try:
        return store.renew(claimed, now=now, lease=timedelta(minutes=30))  # type: ignore[arg-type]  # a datetime
    except LeaseLost:
        return LeaseLost


def test_memory_and_sqlite_agree_on_any_sequence(fresh_database: Path, tmp_path: Path) -> None:
    def make() -> ArticleStore:
        return open_store(f"sqlite:///{shutil.copy(fresh_database, tmp_path / 'store.db')}")

    machine = type("SqliteStores", (Stores,), {"make": staticmethod(make)})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=25, stateful_step_count=15, deadline=None)
    )


words = st.text(max_size=20)
any_moment = st.datetimes(timezones=st.just(NOW.tzinfo))
any_article = st.builds(
    Article,
    uid=st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=26, max_size=26),
    source=words,
    url=words,
    guid=words,
    title=words,
    summary=words,
    html=words,
    text=words,
    authors=st.lists(words, max_size=3).map(tuple),
    published=st.none() | any_moment,
    updated=st.none() | any_moment,
    first_seen=any_moment,
    sections=st.lists(words, max_size=3).map(tuple),
    breadcrumb=st.lists(words, max_size=3).map(tuple),
    language=st.none() | words,
    enclosures=st.lists(
        st.builds(Enclosure, url=words, type=st.none() | words, length=st.none() | st.integers(0, 2**63)),
        max_size=2,
    ).map(tuple),
    copy_of=st.none() | words,
    expired=st.booleans(),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=any_article)
def test_any_article_comes_back_from_sqlite_as_it_went_in(sqlite_store: ArticleStore, kept: Article) -> None:
    claimed = claim(sqlite_store, "desk")
    with sqlite_store.poll(claimed) as unit:
        unit.save([kept])
        assert unit.candidates(kept.source, guids=[kept.guid]) == ([kept] if kept.guid else [])
    assert sqlite_store.article(kept.uid) == kept
    with sqlite_store.poll(claimed) as unit:
        unit.save([replace(kept, guid="")])  # the next example may have the same
    sqlite_store.release(claimed)
