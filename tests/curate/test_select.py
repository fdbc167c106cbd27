from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.model import Section
from aggregator.curate import next_change, select
from storage.model import Article
from tests.curate.build import NOW, article, section

HOUR = timedelta(hours=1)


def dated(uid: str, hours_ago: float, **more: Any) -> Article:
    moment = NOW - hours_ago * HOUR
    return article(**{"uid": uid, "published": moment, "first_seen": moment, **more})


def uids(articles: list[Article]) -> str:
    return "".join(each.uid for each in articles)


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({}, "abcdef"),
        ({"limit": 3}, "abc"),
        ({"max_age": 3 * HOUR}, "abc"),
        ({"max_per_source": 1}, "ac"),
        ({"max_per_source": 2}, "abcd"),
        ({"max_per_source": 2, "limit": 3}, "abc"),
        ({"delay": 2 * HOUR}, "cdef"),
        ({"delay": 2 * HOUR, "max_per_source": 1}, "ce"),
        ({"delay": 2 * HOUR, "max_age": 4 * HOUR, "limit": 1}, "c"),
    ],
)
def test_the_newest_are_chosen_before_anything_is_cut(settings: dict[str, Any], shown: str) -> None:
    articles = [dated(uid, n, source="b" if uid in "cd" else "a") for n, uid in enumerate("abcdef")]
    for order in (articles, articles[::-1]):
        assert uids(select(order, section("s", **settings), now=NOW)) == shown


def late(uid: str, hours_ago: float, *, came: float) -> Article:
    return dated(uid, hours_ago, first_seen=NOW - came * HOUR)


def test_a_late_article_has_a_place_though_newer_ones_would_fill_the_feed() -> None:
    articles = [*(dated(uid, n) for n, uid in enumerate("abcdefghijk")), late("z", 20, came=0)]
    for order in (articles, articles[::-1]):
        assert uids(select(order, section("s", limit=10), now=NOW)) == "abcdefghiz"


def test_of_many_late_articles_the_last_to_arrive_have_the_places() -> None:
    prompt = [dated(f"{n:02}", n / 60) for n in range(40)]
    latecomers = [late(f"z{n}", 10 + n, came=n / 60) for n in range(1, 9)]
    shown = select([*prompt, *latecomers], section("s", limit=20), now=NOW)
    assert [one.uid for one in shown] == [*(f"{n:02}" for n in range(16)), "z1", "z2", "z3", "z4"]


def test_the_past_of_a_new_source_does_not_come_late() -> None:
    prompt = [dated(f"{n:02}", n) for n in range(12)]
    past = [late(f"z{n}", 24 * 40 + n, came=0) for n in range(9)]
    assert select([*prompt, *past], section("s", limit=10), now=NOW) == prompt[:10]


def test_of_what_came_in_one_minute_the_newest_are_chosen() -> None:
    start = NOW.replace(second=0)
    articles = [
        article(
            uid=f"{n:02}", published=start - (n + 1) * HOUR, first_seen=start + timedelta(seconds=7 * n % 60)
        )
        for n in range(20)
    ]
    assert select(articles, section("s", limit=10), now=NOW + HOUR) == articles[:10]


def test_of_one_moment_the_order_is_that_of_the_uids() -> None:
    assert uids(select([dated(uid, 1) for uid in "cab"], section("s"), now=NOW)) == "abc"


def test_copies_and_expired_articles_are_passed_over() -> None:
    articles = [dated("a", 1, copy_of="b"), dated("b", 2), dated("c", 3, expired=True)]
    assert uids(select(articles, section("s"), now=NOW)) == "b"


def test_an_undated_article_is_as_old_as_it_has_been_seen() -> None:
    articles = [dated("a", 2), article(uid="b", first_seen=NOW - HOUR)]
    assert uids(select(articles, section("s", max_age=2 * HOUR), now=NOW)) == "b"


@pytest.mark.parametrize(
    ("settings", "moment"),
    [
        ({}, None),
        ({"max_age": 5 * HOUR}, NOW + 2 * HOUR),
        ({"max_age": 2 * HOUR}, NOW + HOUR),
        ({"delay": 2 * HOUR}, NOW + HOUR),
        ({"delay": 2 * HOUR, "max_age": 4 * HOUR}, NOW + HOUR),
        ({"delay": 4 * HOUR, "max_age": 2 * HOUR}, None),
        ({"max_age": 5 * HOUR, "limit": 1}, NOW + 4 * HOUR),
        ({"delay": 1 * HOUR, "limit": 1}, None),
    ],
)
def test_the_next_change_is_the_first_that_time_alone_brings(
    settings: dict[str, Any], moment: datetime | None
) -> None:
    articles = [dated("a", 1), dated("b", 3), dated("c", 9, copy_of="a")]
    assert next_change(articles, section("s", **settings), NOW) == moment


def test_a_date_at_the_end_of_the_calendar_never_ages() -> None:
    last = article(published=datetime.max.replace(tzinfo=UTC), first_seen=datetime.max.replace(tzinfo=UTC))
    assert next_change([last], section("s", max_age=HOUR, delay=HOUR), NOW) is None


SECTIONS = st.builds(
    Section,
    id=st.just("s"),
    title=st.just("S"),
    limit=st.integers(1, 4),
    max_age=st.one_of(st.none(), st.integers(1, 6).map(lambda hours: hours * HOUR)),
    max_per_source=st.one_of(st.none(), st.integers(1, 3)),
    delay=st.integers(0, 4).map(lambda hours: hours * HOUR),
)
ARTICLES = st.lists(
    st.builds(
        article,
        source=st.sampled_from("ab"),
        first_seen=st.integers(-6, 0).map(lambda hours: NOW + hours * HOUR),
        published=st.one_of(st.none(), st.integers(-8, 1).map(lambda hours: NOW + hours * HOUR)),
        copy_of=st.one_of(st.none(), st.none(), st.just("x")),
    ),
    max_size=8,
).map(lambda found: [_named(each, number) for number, each in enumerate(found)])


def _named(each: Article, number: int) -> Article:
    return replace(each, uid=f"u{number}")


@given(ARTICLES, SECTIONS)
def test_a_selection_keeps_its_limits_and_its_order(articles: list[Article], rules: Section) -> None:
    chosen = select(articles, rules, now=NOW)
    assert len(chosen) <= rules.limit
    assert chosen == sorted(sorted(chosen, key=lambda a: a.uid), key=lambda a: a.date, reverse=True)
    assert all(a.copy_of is None and a.first_seen + rules.delay <= NOW for a in chosen)
    assert rules.max_age is None or all(NOW - a.date < rules.max_age for a in chosen)
    if rules.max_per_source:
        for name in "ab":
            assert sum(a.source == name for a in chosen) <= rules.max_per_source
    assert select(articles[::-1], rules, now=NOW) == chosen


@given(ARTICLES, SECTIONS)
def test_nothing_changes_before_the_next_change_and_something_does_then(
    articles: list[Article], rules: Section
) -> None:
    chosen = select(articles, rules, now=NOW)
    moment = next_change(articles, rules, NOW)
    horizon = moment or NOW + 30 * HOUR
    quarter = NOW
    while quarter < horizon:
        assert select(articles, rules, now=quarter) == chosen
        quarter += HOUR / 4
    if moment is not None:
        assert select(articles, rules, now=moment) != chosen
