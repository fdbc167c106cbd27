"""Rate limits, errors and the end of a source: lines 21-29 of the checklist."""

from __future__ import annotations

import asyncio
import socket
import struct
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import pytest

from tests.checklist.newsroom import Newsroom, config
from tests.support.documents import item, rss
from tests.support.room import MORNING
from tests.support.web import NOT_MODIFIED, Answer, Asked, hang_up, head, ok

FEED = rss(item(1), item(2))
HOUR, DAY = 3600, 86_400
HOURS = timedelta(hours=1)
TWO_PATHS = ('{id: feed, url: "{web}/feed"}', '{id: other, url: "{web}/other"}')


def http_date(*, at: datetime = MORNING, **later: float) -> str:
    return format_datetime(at + timedelta(**later), usegmt=True)


def limited(status: int, **fields: Any) -> bytes:
    return ok(b"slow down", status=f"{status} Slow down", **fields)


def waits(newsroom: Newsroom, seconds: float, *, within: float = 1) -> bool:
    """Whether the next poll is so far off, and never earlier."""
    wait = newsroom.wait().total_seconds()
    return abs(wait - seconds) <= within


# -- 21


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("answers", [[], [ok(FEED, etag='"1"')]], ids=["at first", "later"])
async def test_21_nothing_is_asked_before_retry_after_is_over(
    newsroom: Newsroom, status: int, answers: list[Answer]
) -> None:
    newsroom.web.answer("/feed", *answers, limited(status, retry_after="7200"), ok(FEED))
    await newsroom.start()
    await newsroom.until(lambda: newsroom.row()["last_status"] == status)
    asked = len(newsroom.requests())
    assert waits(newsroom, 7200)
    assert newsroom.row()["hold_until"] is not None
    assert "retry-after" in newsroom.row()["next_poll_reason"]
    assert str(status) in newsroom.row()["last_error"]
    await newsroom.forward(seconds=7199)
    assert len(newsroom.requests()) == asked
    await newsroom.next_request()
    assert newsroom.row()["state"] == "ok"


async def test_21_a_hold_outlives_restarts_and_reloads(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", limited(429, retry_after="7200"), ok(FEED))
    await newsroom.start()
    end = newsroom.clock() + 2 * HOURS
    for _ in range(3):
        newsroom.clock.forward(minutes=30)
        await newsroom.restart()
        await newsroom.reload(config(interval="1m"))
        assert newsroom.next_poll() >= end
    assert len(newsroom.requests()) == 1
    await newsroom.next_request()
    assert newsroom.clock() >= end


async def test_21_a_rate_limit_is_heeded_by_every_source_of_the_host_over_a_restart_too(
    newsroom: Newsroom,
) -> None:
    newsroom.web.answer("/feed", ok(FEED), limited(429, retry_after="7200"), ok(FEED))
    newsroom.web.answer("/other", ok(rss(item(3))))
    await newsroom.start(config(*TWO_PATHS))
    await newsroom.until(lambda: newsroom.row()["last_status"] == 429)
    end, asked = newsroom.clock() + 2 * HOURS, len(newsroom.web.requests)
    await newsroom.restart()
    await newsroom.run_until(end - timedelta(seconds=1))
    assert len(newsroom.web.requests) == asked
    await newsroom.next_request("/feed")
    await newsroom.next_request("/other")


# -- 22

RETRY_AFTER: list[tuple[str | bytes, int | None]] = [
    ("7200", 2 * HOUR),
    (" 7200 ", 2 * HOUR),
    (http_date(hours=2), 2 * HOUR),
    ("Monday, 02-Mar-26 10:00:00 GMT", 2 * HOUR),
    ("Mon Mar  2 10:00:00 2026", 2 * HOUR),
    ("7200, 7200", 2 * HOUR),
    ("0", None),
    ("-7200", None),
    (http_date(hours=-2), None),
    ("Thu, 01 Jan 1970 00:00:00 GMT", None),
    ("soon", None),
    ("", None),
    ("1e4", None),
    ("2 hours", None),
    ("\u0667\u0662\u0660\u0660".encode(), None),
    (b"\xff\xfe", None),
    ("Mon, 99 Foo 2026 25:61:61 GMT", None),
]


@pytest.mark.parametrize(("value", "seconds"), RETRY_AFTER)
async def test_22_retry_after_may_be_a_date_and_nonsense_gives_way_to_the_usual_back_off(
    newsroom: Newsroom, value: str | bytes, seconds: int | None
) -> None:
    newsroom.web.answer("/feed", limited(429, retry_after=value), limited(429, retry_after=value), ok(FEED))
    await newsroom.start()
    assert waits(newsroom, seconds or HOUR)
    if seconds is None:  # an hour, two hours …
        await newsroom.next_request()
        assert waits(newsroom, 2 * HOUR)


@pytest.mark.parametrize("off", [-1, 1, 400])
async def test_22_a_date_counts_from_the_servers_own_clock(newsroom: Newsroom, off: int) -> None:
    date, until = http_date(days=off), http_date(days=off, hours=2)
    newsroom.web.answer("/feed", limited(429, retry_after=until, date=date), ok(FEED))
    await newsroom.start()
    assert waits(newsroom, 2 * HOUR)


# -- 23


@pytest.mark.parametrize("status", [429, 503])
async def test_23_a_wait_of_two_days_is_heeded_to_the_end(newsroom: Newsroom, status: int) -> None:
    newsroom.web.answer("/feed", limited(status, retry_after="172800"), ok(FEED))
    await newsroom.start()
    assert waits(newsroom, 2 * DAY)
    await newsroom.forward(seconds=2 * DAY - 1)
    assert len(newsroom.requests()) == 1
    await newsroom.next_request()
    assert newsroom.row()["state"] == "ok"


@pytest.mark.parametrize("value", [str(31 * DAY), "9" * 40, "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_23_no_wait_is_longer_than_a_month(newsroom: Newsroom, value: str) -> None:
    newsroom.web.answer("/feed", limited(429, retry_after=value), ok(FEED))
    await newsroom.start()
    assert newsroom.wait() <= timedelta(days=30)
    assert newsroom.wait() > timedelta(days=29)


async def test_23_a_shorter_wait_never_shortens_the_longer_one_before(newsroom: Newsroom) -> None:
    newsroom.web.answer(
        "/feed", limited(429, retry_after="172800"), limited(429, retry_after="60"), limited(429)
    )
    await newsroom.start()
    before = newsroom.wait()
    await newsroom.next_request()
    assert newsroom.wait() >= timedelta(seconds=60)
    assert before >= timedelta(days=2) - timedelta(seconds=1)


# -- 24


async def test_24_a_503_concerns_its_address_alone(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", limited(503, retry_after="7200"), ok(FEED))
    newsroom.web.answer("/other", ok(rss(item(3))))
    await newsroom.start(config(*TWO_PATHS, interval="10m"))
    await newsroom.forward(seconds=7199)
    assert len(newsroom.requests("/feed")) == 1
    assert len(newsroom.requests("/other")) >= 9
    assert newsroom.row("other")["hold_until"] is None


async def test_24_a_503_without_retry_after_is_an_error_like_others(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", limited(503), ok(FEED))
    await newsroom.start()
    assert newsroom.row()["hold_until"] is None
    assert "back-off" in newsroom.row()["next_poll_reason"]
    await newsroom.next_request()
    assert newsroom.row()["state"] == "ok"


async def test_24_a_429_holds_the_whole_host(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED), limited(429, retry_after="7200"), ok(FEED))
    newsroom.web.answer("/other", ok(rss(item(3))))
    await newsroom.start(config(*TWO_PATHS, interval="10m"))
    await newsroom.until(lambda: newsroom.row()["last_status"] == 429)
    end, asked = newsroom.clock() + 2 * HOURS, len(newsroom.web.requests)
    assert newsroom.next_poll("other") >= end - timedelta(seconds=1)
    assert newsroom.row("other")["state"] == "ok"
    await newsroom.run_until(end - timedelta(seconds=2))
    assert len(newsroom.web.requests) == asked


async def test_24_a_source_that_comes_to_a_held_host_waits_with_the_others(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", limited(429, retry_after="7200"), ok(FEED))
    newsroom.web.answer("/other", ok(rss(item(3))))
    await newsroom.start(config(TWO_PATHS[0]))
    end = newsroom.clock() + 2 * HOURS
    await newsroom.reload(config(*TWO_PATHS))
    await newsroom.run_until(end - timedelta(seconds=1))
    assert newsroom.web.paths() == ["/feed"]
    await newsroom.next_request("/other")


# -- 25


async def reset(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Breaks the connection off, as a firewall does."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def status_line(number: int) -> bytes:
    return ok(b"<p>oops</p>", status=f"{number} Oops", etag='"error"')


FAILING: dict[str, Answer] = {
    "500": status_line(500),
    "502": status_line(502),
    "503": status_line(503),
    "504": status_line(504),
    "520": status_line(520),
    "reset": reset,
    "closed without a word": hang_up(),
    "no HTTP": hang_up(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "not a feed": ok(b"<html><body>Down for maintenance</body></html>"),
}


async def backs_off(newsroom: Newsroom, source: str = "feed") -> list[timedelta]:
    """The waits after one to eight failures, the first of which has been."""
    gaps = [newsroom.wait(source)]
    while len(gaps) < 8:
        await newsroom.at(newsroom.next_poll(source) + timedelta(milliseconds=1))
        assert newsroom.row(source)["failures"] == len(gaps) + 1
        gaps.append(newsroom.wait(source))
    for shorter, longer in pairwise(gaps):
        if longer < timedelta(hours=18):  # the cap, less its scatter
            assert 1.2 <= longer / shorter <= 3.34
        assert longer <= timedelta(hours=24)
    return gaps


@pytest.mark.parametrize("answer", FAILING.values(), ids=FAILING)
async def test_25_the_gaps_grow_twofold_and_one_success_ends_it(newsroom: Newsroom, answer: Answer) -> None:
    newsroom.web.answer("/feed", ok(FEED), answer)
    await newsroom.start()
    await newsroom.next_request()
    gaps = await backs_off(newsroom)
    assert gaps[-1] >= 16 * gaps[0]
    assert newsroom.row()["state"] == "failing"
    assert newsroom.row()["last_error"]
    newsroom.web.answer("/feed", ok(rss(item(3))))
    await newsroom.next_request()
    row = newsroom.row()
    assert (row["state"], row["failures"], row["failing_since"], row["last_error"]) == ("ok", 0, None, None)
    assert newsroom.wait() < timedelta(seconds=5)
    assert len(newsroom.titles()) == 3


async def test_25_a_refused_connection_backs_off(newsroom: Newsroom) -> None:
    await newsroom.start(config(f'{{id: feed, url: "http://127.0.0.1:{closed_port()}/feed"}}'))
    assert newsroom.row()["last_status"] is None
    await backs_off(newsroom)


async def test_25_a_name_that_cannot_be_found_backs_off_and_comes_back(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[str] = []
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, *more: Any, **options: Any) -> Any:
        if host == "paper.example" and not known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real("127.0.0.1" if host == "paper.example" else host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    newsroom.web.answer("/feed", ok(FEED))
    await newsroom.start(config(f'{{id: feed, url: "http://paper.example:{newsroom.web.port}/feed"}}'))
    await backs_off(newsroom)
    known.append("paper.example")
    await newsroom.next_request()
    assert newsroom.row()["state"] == "ok"


async def test_25_the_back_off_outlives_a_restart(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", status_line(500))
    await newsroom.start()
    await newsroom.polls(3)
    planned = newsroom.next_poll()
    await newsroom.restart()
    assert newsroom.next_poll() == planned
    assert newsroom.row()["failures"] == 4


# -- 26


async def lives_through(newsroom: Newsroom, **time: float) -> list[datetime]:
    """When it asked meanwhile."""
    end, moments = newsroom.clock() + timedelta(**time), []
    while (due := newsroom.next_due()) is not None and due <= end:
        before = len(newsroom.web.requests)
        await newsroom.at(due)
        moments += [newsroom.clock()] * (len(newsroom.web.requests) - before)
    await newsroom.at(end)
    return moments


def longest_gap(moments: list[datetime]) -> timedelta:
    return max(later - earlier for earlier, later in pairwise(moments))


@pytest.mark.parametrize("status", [500, 404, 403])
async def test_26_a_source_that_fails_for_months_is_asked_daily_then_weekly_and_comes_back_by_itself(
    newsroom: Newsroom, status: int
) -> None:
    newsroom.web.answer("/feed", ok(FEED), status_line(status))
    await newsroom.start()
    first_month = await lives_through(newsroom, days=30)
    assert longest_gap([*first_month, newsroom.clock()]) <= timedelta(days=1, minutes=1)
    assert newsroom.row()["state"] in ("failing", "dead")
    later = await lives_through(newsroom, days=180)
    assert 20 <= len(later) <= 35
    assert longest_gap([first_month[-1], *later]) <= timedelta(days=7, minutes=1)
    row = newsroom.row()
    assert row["failures"] > 50
    assert row["state"] == "dead"
    assert str(status) in row["last_error"]
    assert len(newsroom.titles()) == 2
    newsroom.web.answer("/feed", ok(rss(item(3))))
    await newsroom.next_request()
    assert newsroom.row()["state"] == "ok"
    assert newsroom.wait() < timedelta(seconds=5)
    assert len(newsroom.titles()) == 3


# -- 27

ONCE: dict[str, Answer] = {
    **FAILING,
    "429": limited(429),
    "404": status_line(404),
    "410": status_line(410),
    "401": ok(b"", status="401 Who", www_authenticate='Basic realm="x"'),
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "206": ok(FEED[:100], status="206 Partial Content"),
    "300": ok(b"", status="300 Choices"),
    "nothing": ok(b""),
    "half a head": hang_up(b"HTTP/1.1 200 OK\r\nConte"),
    "half a body": hang_up(head(content_length="1000") + b"<rss>"),
    "an unknown packing": ok(b"\x1b" + bytes(range(128, 256)), content_encoding="br"),
    "304 to nobody's question": NOT_MODIFIED,
}


@pytest.mark.parametrize("answer", ONCE.values(), ids=ONCE)
async def test_27_whatever_a_server_answers_it_is_asked_once_a_poll(
    newsroom: Newsroom, answer: Answer
) -> None:
    newsroom.web.answer("/feed", answer)
    await newsroom.start()
    assert len(newsroom.requests()) == 1
    assert newsroom.row()["failures"] == 1
    assert newsroom.wait() > timedelta(seconds=2.5)
    await newsroom.next_request()
    assert len(newsroom.requests()) == 2


async def test_27_a_server_that_never_answers_is_asked_once_a_poll(newsroom: Newsroom) -> None:
    async def silent(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    newsroom.web.answer("/feed", silent)
    await newsroom.start(config(defaults="timeout: 200ms"))
    assert len(newsroom.web.requests) == 1


@pytest.mark.parametrize("end", [hang_up(), reset], ids=["closed", "reset"])
async def test_27_a_kept_connection_that_had_died_is_made_anew_once(newsroom: Newsroom, end: Answer) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag='"1"'), end, NOT_MODIFIED, end)
    await newsroom.start()
    await newsroom.at(newsroom.next_poll() + timedelta(milliseconds=1))
    assert newsroom.row()["failures"] == 0
    assert [asked["if-none-match"] for asked in newsroom.requests()] == [None, b'"1"', b'"1"']
    await newsroom.at(newsroom.next_poll() + timedelta(milliseconds=1))
    assert newsroom.row()["failures"] == 1
    assert len(newsroom.requests()) == 5


async def test_27_a_kept_connection_that_dies_in_its_answer_is_not_asked_again(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED), hang_up(b"HTTP/1.1 2"), ok(FEED))
    await newsroom.start()
    await newsroom.at(newsroom.next_poll() + timedelta(milliseconds=1))
    assert newsroom.row()["failures"] == 1
    assert len(newsroom.requests()) == 2


# -- 28

GONE = status_line(410)


async def test_28_a_source_that_is_gone_twice_a_day_apart_is_asked_no_more(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED), GONE)
    await newsroom.start()
    published = newsroom.titles()
    await newsroom.next_request()
    assert newsroom.row()["state"] == "failing"
    first = newsroom.clock()
    await newsroom.next_request()
    assert newsroom.clock() - first >= timedelta(hours=24)
    row = newsroom.row()
    assert (row["state"], row["next_poll"]) == ("gone", None)
    assert "410" in row["last_error"]
    await newsroom.forward(days=400)
    await newsroom.restart()
    await newsroom.reload(config())
    await newsroom.forward(days=400)
    assert len(newsroom.requests()) == 3
    assert newsroom.row()["state"] == "gone"
    assert newsroom.titles() == published


async def test_28_a_source_that_is_gone_from_the_first_poll_on(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", GONE)
    await newsroom.start()
    await newsroom.forward(days=60)
    assert len(newsroom.requests()) == 2
    assert newsroom.row()["state"] == "gone"
    assert newsroom.titles() == []


@pytest.mark.parametrize("between", [ok(FEED), status_line(404), status_line(500)], ids=["200", "404", "500"])
async def test_28_one_410_is_not_believed(newsroom: Newsroom, between: Answer) -> None:
    newsroom.web.answer("/feed", ok(FEED), GONE, between, GONE, ok(rss(item(3))))
    await newsroom.start()
    await newsroom.polls(4)
    row = newsroom.row()
    assert (row["state"], row["failures"], row["last_error"]) == ("ok", 0, None)
    assert len(newsroom.titles()) == 3
    assert newsroom.wait() < timedelta(seconds=5)


async def test_28_a_new_address_brings_a_source_back(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", GONE)
    newsroom.web.answer("/new", ok(FEED))
    await newsroom.start()
    await newsroom.until(lambda: newsroom.row()["state"] == "gone")
    await newsroom.reload(config('{id: feed, url: "{web}/new"}'))
    await newsroom.settle()
    assert newsroom.row()["state"] == "ok"
    assert len(newsroom.titles()) == 2


# -- 29


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 406, 418, 451, 999])
async def test_29_a_refusal_backs_off_and_is_never_the_end(newsroom: Newsroom, status: int) -> None:
    newsroom.web.answer("/feed", status_line(status))
    await newsroom.start()
    await backs_off(newsroom)
    row = newsroom.row()
    assert (row["state"], row["last_status"]) == ("failing", status)
    assert str(status) in row["last_error"]
    await newsroom.forward(days=3)
    newsroom.web.answer("/feed", ok(FEED))
    await newsroom.next_request()
    assert newsroom.row()["state"] == "ok"


@pytest.mark.parametrize(
    ("status", "fields", "labelled"),
    [
        (403, {"cf_mitigated": "challenge"}, True),
        (403, {"cf_mitigated": " Challenge"}, True),
        (503, {"cf_mitigated": "challenge"}, True),
        (403, {}, False),
    ],
)
async def test_29_a_challenge_of_bot_protection_is_called_one(
    newsroom: Newsroom, status: int, fields: dict[str, Any], labelled: bool
) -> None:
    page = b"<html>Just a moment...</html>"
    newsroom.web.answer("/feed", ok(page, status=f"{status} Forbidden", **fields))
    await newsroom.start()
    row = newsroom.row()
    assert (row["state"], row["last_status"]) == ("failing", status)
    assert ("challenge" in row["last_error"]) is labelled
    assert newsroom.wait() > timedelta(seconds=2.5)
