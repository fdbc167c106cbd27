"""What publishers ask about the next visit: lines 13-20 of the checklist."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tests.checklist.newsroom import Newsroom, config
from tests.support.documents import item, rss
from tests.support.room import MORNING
from tests.support.web import NOT_MODIFIED, head, ok

FEED = rss(item(1), item(2))
HOUR, DAY = 3600, 86_400
USUAL = None  #: the interval of the configuration, no hint in force
ADAPTIVE = "{base: 2s, min: 1s, max: 1h, adaptive: true}"


def http_date(*, at: datetime = MORNING, **later: float) -> str:
    return format_datetime((at + timedelta(**later)).astimezone(UTC), usegmt=True)


def heeds(newsroom: Newsroom, seconds: float | None, *, within: float = 1) -> bool:
    """Whether the next poll is so far off, or as far as the interval says."""
    wait = newsroom.wait().total_seconds()
    return 0 < wait < 10 if seconds is None else abs(wait - seconds) <= within


# -- 13

CACHE_CONTROL: list[tuple[Any, int | None]] = [
    ({"cache_control": "max-age=3600"}, HOUR),
    ({"cache_control": "MAX-AGE=3600"}, HOUR),
    ({"cache_control": 'max-age="3600"'}, HOUR),
    ({"cache_control": "  max-age=3600  "}, HOUR),
    ({"cache_control": "public,max-age=3600,stale-while-revalidate=60"}, HOUR),
    ({"cache_control": "private, max-age=3600, must-revalidate"}, HOUR),
    ({"cache_control": "max-age=3600, immutable"}, HOUR),
    ({"cache_control": 'no-cache="set-cookie", max-age=3600'}, HOUR),
    ({"cache_control": 'community="max-age=99, no-cache", max-age=3600'}, HOUR),
    ({"cache_control": "max-age=0003600"}, HOUR),
    ({"cache_control": "max-age=3600, max-age=7200"}, HOUR),
    ({"cache_control": "max-age=3600\r\nCache-Control: max-age=7200"}, HOUR),
    ({"cache_control": "public\r\nCache-Control: max-age=3600"}, HOUR),
    ({"cache_control": "s-maxage=7200, max-age=3600"}, HOUR),
    ({"cache_control": "max-age=3600", "age": "600"}, 3000),
    ({"cache_control": "max-age=3600", "age": "0"}, HOUR),
    ({"cache_control": "max-age=3600", "age": "-600"}, HOUR),
    ({"cache_control": "max-age=3600", "age": "soon"}, HOUR),
    ({"cache_control": "max-age=3600", "age": "600, 600"}, 3000),
    ({"cache_control": "max-age=3600", "age": "3600"}, USUAL),
    ({"cache_control": "max-age=3600", "age": "9" * 40}, USUAL),
    ({"cache_control": "max-age=abc"}, USUAL),
    ({"cache_control": "max-age=-3600"}, USUAL),
    ({"cache_control": "max-age="}, USUAL),
    ({"cache_control": "max-age"}, USUAL),
    ({"cache_control": "max-age=1e30"}, USUAL),
    ({"cache_control": "max-age=٣٦٠٠".encode()}, USUAL),
    ({"cache_control": "s-maxage=3600"}, USUAL),
    ({"cache_control": "x-max-age=3600"}, USUAL),
    ({"cache_control": b'\xff\xfe,,;=,=,="'}, USUAL),
    ({"cache_control": "," * 20_000}, USUAL),
    ({"cache_control": "max-age=1" + "0" * 30}, 7 * DAY),
    ({"cache_control": "max-age=" + "9" * 5000}, 7 * DAY),
]


@pytest.mark.parametrize(("fields", "seconds"), CACHE_CONTROL)
async def test_13_max_age_less_age_is_waited_for(
    newsroom: Newsroom, fields: dict[str, Any], seconds: int | None
) -> None:
    newsroom.web.answer("/feed", ok(FEED, **fields))
    await newsroom.start()
    assert newsroom.row()["failures"] == 0
    assert heeds(newsroom, seconds)


@pytest.mark.parametrize("interval", ["15m", "{base: 2s, min: 1s, max: 1h}", ADAPTIVE])
async def test_13_nothing_is_asked_before_max_age_is_over(newsroom: Newsroom, interval: str) -> None:
    newsroom.web.answer("/feed", ok(FEED, cache_control="max-age=10800"))
    await newsroom.start(config(interval=interval))
    assert "max-age" in newsroom.row()["next_poll_reason"]
    await newsroom.forward(seconds=3 * HOUR - 1)
    assert len(newsroom.requests()) == 1
    await newsroom.forward(seconds=HOUR)
    assert len(newsroom.requests()) == 2


# -- 14


@pytest.mark.parametrize(("fields", "seconds"), CACHE_CONTROL)
async def test_14_the_same_holds_on_a_304(
    newsroom: Newsroom, fields: dict[str, Any], seconds: int | None
) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag='"1"'), head("304 Not Modified", **fields))
    await newsroom.start()
    for _ in range(2):
        await newsroom.next_request()
        assert newsroom.row()["last_status"] == 304
        assert heeds(newsroom, seconds)


async def test_14_a_304_changes_how_long_the_document_stays_fresh(newsroom: Newsroom) -> None:
    newsroom.web.answer(
        "/feed",
        ok(FEED, etag='"1"', cache_control="max-age=3600"),
        head("304 Not Modified", cache_control="max-age=600"),
        head("304 Not Modified", cache_control="max-age=7200"),
        head("304 Not Modified", cache_control="no-cache"),
    )
    await newsroom.start()
    for seconds in (HOUR, 600, 2 * HOUR, USUAL):
        assert heeds(newsroom, seconds)
        await newsroom.next_request()


async def test_14_a_304_that_says_nothing_leaves_it(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag='"1"', cache_control="max-age=3600"), NOT_MODIFIED)
    await newsroom.start()
    for _ in range(3):
        await newsroom.next_request()
        assert heeds(newsroom, HOUR)


async def test_14_an_identical_200_is_heeded_like_a_304(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED), ok(FEED, cache_control="max-age=3600"), ok(FEED))
    await newsroom.start()
    for seconds in (USUAL, HOUR, USUAL):
        assert heeds(newsroom, seconds)
        await newsroom.next_request()


# -- 15

IN_2_HOURS = http_date(hours=2)
EXPIRES: list[tuple[Any, int | None]] = [
    ({"cache_control": "max-age=3600", "expires": http_date(days=3)}, HOUR),
    ({"cache_control": "max-age=7200", "expires": http_date(minutes=20)}, 2 * HOUR),
    ({"cache_control": "max-age=7200", "expires": "0"}, 2 * HOUR),
    ({"cache_control": "public", "expires": IN_2_HOURS, "date": http_date()}, 2 * HOUR),
    ({"expires": IN_2_HOURS, "date": http_date()}, 2 * HOUR),
    ({"expires": IN_2_HOURS}, 2 * HOUR),
    ({"expires": IN_2_HOURS, "date": "now"}, 2 * HOUR),
    ({"expires": http_date(days=1, hours=2), "date": http_date(days=1)}, 2 * HOUR),
    ({"expires": http_date(days=-1, hours=2), "date": http_date(days=-1)}, 2 * HOUR),
    ({"expires": http_date(days=-400, hours=2), "date": http_date(days=-400)}, 2 * HOUR),
    ({"expires": "Monday, 02-Mar-26 10:00:00 GMT", "date": "Mon Mar  2 08:00:00 2026"}, 2 * HOUR),
    ({"expires": "Mon Mar  2 10:00:00 2026", "date": "Monday, 02-Mar-26 08:00:00 GMT"}, 2 * HOUR),
    ({"expires": http_date(), "date": http_date()}, USUAL),
    ({"expires": http_date(), "date": http_date(days=1)}, USUAL),
    ({"expires": http_date(days=-1)}, USUAL),
    ({"expires": "0"}, USUAL),
    ({"expires": "-1"}, USUAL),
    ({"expires": "never"}, USUAL),
    ({"expires": "Mon, 99 Foo 2026 25:61:61 GMT"}, USUAL),
    ({"expires": "3600"}, USUAL),
    ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT", "pragma": "no-cache"}, USUAL),
    ({"expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, 7 * DAY),
    ({"expires": "Fri, 31 Dec 99999 23:59:59 GMT"}, USUAL),
]


@pytest.mark.parametrize("status", ["200 OK", "304 Not Modified"])
@pytest.mark.parametrize(("fields", "seconds"), EXPIRES)
async def test_15_expires_counts_from_date_where_there_is_no_max_age(
    newsroom: Newsroom, fields: dict[str, Any], seconds: int | None, status: str
) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag='"1"'), head(status, **fields))
    if status.startswith("200"):
        newsroom.web.answer("/feed", ok(FEED, etag='"1"', **fields))
    await newsroom.start()
    while newsroom.row()["last_status"] != int(status[:3]):
        await newsroom.next_request()
    assert heeds(newsroom, seconds, within=5)


@pytest.mark.parametrize("expires", ["0", "-1", http_date(days=-30)])
async def test_15_a_document_that_is_stale_at_once_is_asked_for_with_its_validators(
    newsroom: Newsroom, expires: str
) -> None:
    newsroom.web.answer(
        "/feed", ok(FEED, etag='"1"', last_modified=http_date(), expires=expires), NOT_MODIFIED
    )
    await newsroom.start()
    asked = await newsroom.next_request()
    assert (asked["if-none-match"], asked["if-modified-since"]) == (b'"1"', http_date().encode())


# -- 16

NOT_FRESH = [
    "no-cache",
    "no-store",
    "max-age=0",
    "NO-CACHE",
    "no-cache, max-age=3600",
    "max-age=3600, no-store",
    "private, no-cache, no-store, must-revalidate, max-age=0, s-maxage=86400",
]


@pytest.mark.parametrize("value", NOT_FRESH)
async def test_16_what_must_not_be_cached_is_polled_as_usual_and_conditionally(
    newsroom: Newsroom, value: str
) -> None:
    expires = http_date(days=1)
    newsroom.web.answer(
        "/feed",
        ok(FEED, etag='"1"', last_modified=http_date(), cache_control=value, expires=expires),
        head("304 Not Modified", cache_control=value, expires=expires),
    )
    await newsroom.start()
    for _ in range(3):
        assert heeds(newsroom, USUAL)
        asked = await newsroom.next_request()
        assert (asked["if-none-match"], asked["if-modified-since"]) == (b'"1"', http_date().encode())


# -- 17


@pytest.mark.parametrize("status", ["200 OK", "304 Not Modified"])
@pytest.mark.parametrize("seconds", [315_360_000, 8 * DAY, 2**31, 2**64])
async def test_17_no_hint_holds_longer_than_the_cap_and_status_says_so(
    newsroom: Newsroom, status: str, seconds: int
) -> None:
    said = f"max-age={seconds}"
    newsroom.web.answer("/feed", ok(FEED, etag='"1"', cache_control=said))
    await newsroom.start()
    if status.startswith("304"):
        newsroom.web.answer("/feed", head(status, cache_control=said))
        await newsroom.next_request()
    assert heeds(newsroom, 7 * DAY)
    assert "max-age" in newsroom.row()["next_poll_reason"]
    assert "capped at 7d" in newsroom.row()["next_poll_reason"]


async def test_17_a_hint_past_a_day_is_heeded_to_the_end(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED, cache_control=f"max-age={3 * DAY}"))
    await newsroom.start()
    assert heeds(newsroom, 3 * DAY)
    assert "capped" not in newsroom.row()["next_poll_reason"]
    await newsroom.forward(seconds=3 * DAY - 5)
    assert len(newsroom.requests()) == 1


# -- 18

SY = "http://purl.org/rss/1.0/modules/syndication/"


def channel(said: str) -> bytes:
    head_ = f'<rss xmlns:sy="{SY}" version="2.0">'
    return FEED.replace(b'<rss version="2.0">', head_.encode()).replace(
        b"</link>", f"</link>{said}".encode(), 1
    )


def rdf(said: str) -> bytes:
    return (
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:sy="{SY}">'
        f'<channel rdf:about="http://paper.example/"><title>t</title><link>http://paper.example/</link>{said}</channel>'
        '<item rdf:about="http://paper.example/1"><title>a</title><link>http://paper.example/1</link></item></rdf:RDF>'
    ).encode()


DAILY_TWICE = "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"
TTL: list[tuple[bytes, int | None]] = [
    (channel("<ttl>30</ttl>"), 1800),
    (channel("<ttl> 30\n</ttl>"), 1800),
    (channel("<ttl>1440</ttl>"), DAY),
    (channel("<ttl>1</ttl>"), 60),
    (channel("<ttl>0</ttl>"), USUAL),
    (channel("<ttl>-30</ttl>"), USUAL),
    (channel("<ttl>half an hour</ttl>"), USUAL),
    (channel("<ttl></ttl>"), USUAL),
    (channel("<ttl/>"), USUAL),
    (channel("<ttl>1e9</ttl>"), USUAL),
    (channel("<ttl>NaN</ttl>"), USUAL),
    (channel("<ttl>20160</ttl>"), 7 * DAY),
    (channel(DAILY_TWICE), DAY // 2),
    (rdf(DAILY_TWICE), DAY // 2),
    (channel("<sy:updatePeriod>daily</sy:updatePeriod>"), DAY),
    (channel("<sy:updatePeriod> Hourly </sy:updatePeriod>"), HOUR),
    (channel("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>6</sy:updateFrequency>"), 600),
    (channel("<sy:updatePeriod>weekly</sy:updatePeriod>"), 7 * DAY),
    (channel("<sy:updatePeriod>monthly</sy:updatePeriod>"), 7 * DAY),
    (channel("<sy:updatePeriod>now and then</sy:updatePeriod>"), USUAL),
    (channel("<ttl>30</ttl>" + DAILY_TWICE), DAY // 2),
    (channel("<ttl>1440</ttl>" + DAILY_TWICE), DAY),
]


@pytest.mark.parametrize(("body", "seconds"), TTL)
async def test_18_ttl_and_update_period_are_waited_for(
    newsroom: Newsroom, body: bytes, seconds: int | None
) -> None:
    newsroom.web.answer("/feed", ok(body))
    await newsroom.start()
    assert newsroom.row()["failures"] == 0
    assert heeds(newsroom, seconds)


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"cache_control": "max-age=600"}, 1800),
        ({"cache_control": "max-age=7200"}, 2 * HOUR),
        ({"cache_control": "no-cache"}, 1800),
    ],
)
async def test_18_the_longest_hint_holds(newsroom: Newsroom, fields: dict[str, Any], seconds: int) -> None:
    newsroom.web.answer("/feed", ok(channel("<ttl>30</ttl>"), **fields))
    await newsroom.start()
    assert heeds(newsroom, seconds)


async def test_18_a_ttl_is_remembered_over_304s_and_restarts(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(channel("<ttl>30</ttl>"), etag='"1"'), NOT_MODIFIED)
    await newsroom.start()
    await newsroom.polls(2)
    await newsroom.restart()
    await newsroom.next_request()
    assert heeds(newsroom, 1800)
    assert "ttl" in newsroom.row()["next_poll_reason"]


async def test_18_a_ttl_that_is_taken_out_holds_no_longer(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(channel("<ttl>30</ttl>")), ok(FEED))
    await newsroom.start()
    await newsroom.next_request()
    assert heeds(newsroom, USUAL)


# -- 19: it is Monday, 08:00 GMT

ALL_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def skipping(hours: tuple[Any, ...] = (), days: tuple[str, ...] = ()) -> bytes:
    said = "".join(f"<hour>{hour}</hour>" for hour in hours)
    also = "".join(f"<day>{day}</day>" for day in days)
    return channel(f"<skipHours>{said}</skipHours><skipDays>{also}</skipDays>")


SKIPPED = [
    (skipping(hours=(8,)), MORNING.replace(hour=9)),
    (skipping(hours=(8, 9, 10)), MORNING.replace(hour=11)),
    (skipping(hours=(" 08 ", 9)), MORNING.replace(hour=10)),
    (skipping(hours=tuple(range(8, 24))), MORNING.replace(day=3, hour=0)),
    (skipping(hours=(*range(8, 24), 0, 1)), MORNING.replace(day=3, hour=2)),
    (skipping(hours=(*range(8, 25),)), MORNING.replace(day=3, hour=1)),  # 24 is midnight, in early RSS
    (skipping(days=("Monday",)), MORNING.replace(day=3, hour=0)),
    (skipping(days=("monday", "TUESDAY")), MORNING.replace(day=4, hour=0)),
    (skipping(days=tuple(ALL_DAYS[:6])), MORNING.replace(day=8, hour=0)),
    (skipping(hours=(0, 1), days=("Monday",)), MORNING.replace(day=3, hour=2)),
]


@pytest.mark.parametrize(("body", "first"), SKIPPED)
async def test_19_the_next_poll_is_in_the_first_hour_that_is_not_skipped(
    newsroom: Newsroom, body: bytes, first: datetime
) -> None:
    newsroom.web.answer("/feed", ok(body, etag='"1"'), NOT_MODIFIED)
    await newsroom.start()
    assert first <= newsroom.next_poll() < first + timedelta(hours=1)
    assert "skip" in newsroom.row()["next_poll_reason"]
    await newsroom.run_until(first - timedelta(seconds=1))
    assert len(newsroom.requests()) == 1
    await newsroom.next_request()
    assert first <= newsroom.clock() < first + timedelta(hours=1)


@pytest.mark.parametrize(
    "body",
    [
        skipping(hours=tuple(range(24))),
        skipping(hours=tuple(range(1, 25))),
        skipping(days=tuple(ALL_DAYS)),
        skipping(hours=(7, 9)),
        skipping(hours=("eight", -1, 99, "", "8.5")),
        skipping(days=("Tuesday", "Someday")),
        skipping(),
    ],
    ids=["all hours", "all hours from 1", "all days", "other hours", "no hours", "other days", "none"],
)
async def test_19_what_skips_everything_or_nothing_of_now_is_without_effect(
    newsroom: Newsroom, body: bytes
) -> None:
    newsroom.web.answer("/feed", ok(body))
    await newsroom.start()
    assert newsroom.row()["failures"] == 0
    assert heeds(newsroom, USUAL)


async def test_19_an_hour_to_skip_moves_what_another_hint_put_there(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(skipping(hours=(9, 10)), cache_control="max-age=5400"))
    await newsroom.start()
    assert MORNING.replace(hour=11) <= newsroom.next_poll() < MORNING.replace(hour=12)


# -- 20

OWN = '{id: feed, url: "{web}/feed", interval: {base: 1s, jitter: 0}%s}'
HINTS: list[tuple[bytes, Any]] = [
    (FEED, {"cache_control": "max-age=3600"}),
    (FEED, {"expires": http_date(hours=1)}),
    (channel("<ttl>60</ttl>"), {}),
    (channel("<sy:updatePeriod>hourly</sy:updatePeriod>"), {}),
]


@pytest.mark.parametrize(("body", "fields"), HINTS, ids=["max-age", "Expires", "ttl", "sy:updatePeriod"])
async def test_20_a_hint_is_stronger_than_a_sources_own_interval_unless_told_otherwise(
    newsroom: Newsroom, body: bytes, fields: dict[str, Any]
) -> None:
    newsroom.web.answer("/feed", ok(body, **fields))
    await newsroom.start(config(OWN % ""))
    assert heeds(newsroom, HOUR)
    await newsroom.reload(config(OWN % ", ignore_cache_hints: true"))
    await newsroom.next_request()
    assert heeds(newsroom, USUAL)


async def test_20_who_ignores_hints_ignores_hours_to_skip_too(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(skipping(hours=(8,), days=("Monday",))))
    await newsroom.start(config(OWN % ", ignore_cache_hints: true"))
    assert heeds(newsroom, USUAL)


async def test_20_an_interval_longer_than_the_hint_stands(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED, cache_control="max-age=60"), ok(FEED, cache_control="max-age=60"))
    await newsroom.start(config(interval="6h"))
    await newsroom.next_request()
    assert newsroom.wait() >= timedelta(hours=6)


async def test_20_who_ignores_hints_still_heeds_a_rate_limit(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(b"", status="429 Slow down", retry_after="7200"))
    await newsroom.start(config(OWN % ", ignore_cache_hints: true"))
    assert newsroom.wait() >= timedelta(seconds=7200 - 1)
