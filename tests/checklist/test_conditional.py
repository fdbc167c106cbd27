"""Conditional requests: lines 1-12 of the checklist."""

from __future__ import annotations

import asyncio
import gzip
import signal
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.checklist import quick
from tests.checklist.newsroom import Newsroom, config
from tests.support.documents import item, rss
from tests.support.process import Process
from tests.support.threaded import threaded_web
from tests.support.web import NOT_MODIFIED, Asked, Script, chunked, hang_up, head, ok

FEED = rss(item(1), item(2))
DATE, LATER = b"Mon, 02 Mar 2026 07:00:00 GMT", b"Mon, 02 Mar 2026 07:30:00 GMT"
QUICK = """
defaults: {{interval: 20ms, allow_private: 127.0.0.0/8}}
sources:
  - {{id: feed, url: "{web}/feed"}}
server: {{listen: "127.0.0.1:0"}}
"""
PUBLISHED = ("/world.atom", "/world.rss", "/world.json", "/world/", "/")


def if_changed(body: bytes, etag: bytes, last_modified: bytes) -> Script:
    """A server as it should be: 304 to whoever has the document."""

    async def script(asked: Asked, writer: asyncio.StreamWriter) -> None:
        known = asked["if-none-match"]
        unchanged = known == etag if known else asked["if-modified-since"] == last_modified
        writer.write(NOT_MODIFIED if unchanged else ok(body, etag=etag, last_modified=last_modified))

    return script


# -- 1


@pytest.mark.parametrize(
    ("etag", "last_modified"),
    [
        (b'"abc"', b"Mon, 02 Mar 2026 07:00:00 GMT"),
        (b'W/"abc"', b"Monday, 02-Mar-26 07:00:00 GMT"),
        (b'"ab"c"', b"Sunday, 06-Nov-94 08:49:37 GMT"),
        (b"unquoted", b"Sun Nov  6 08:49:37 1994"),
        (b'"caf\xe9"', b"Mon, 02 Mar 2026 07:00:00 +0000"),
        (b'"' + "新闻".encode() + b'"', b"Mon, 2 Mar 2026 7:00:00 GMT"),
        (b'W/"a,b; c=\\"d"', b"mon, 02 mar 2026 07:00:00 gmt"),
        (b"w/'lower'", b"1772434800"),
        (b'"0-gzip"', b"Wed, 31 Dec 2098 23:59:59 GMT"),
        (b'""', b"Thu, 01 Jan 1970 00:00:00 GMT"),
    ],
)
async def test_01_both_validators_come_back_byte_equal(
    newsroom: Newsroom, etag: bytes, last_modified: bytes
) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag=etag, last_modified=last_modified), NOT_MODIFIED)
    await newsroom.start()
    first, second, third = [*newsroom.requests(), *await newsroom.polls(2)]
    assert (first["if-none-match"], first["if-modified-since"]) == (None, None)
    for asked in (second, third):
        assert (asked["if-none-match"], asked["if-modified-since"]) == (etag, last_modified)


async def test_01_validators_outlive_a_restart(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag=b'"caf\xe9"', last_modified=DATE), NOT_MODIFIED)
    await newsroom.start()
    await newsroom.restart()
    asked = await newsroom.next_request()
    assert (asked["if-none-match"], asked["if-modified-since"]) == (b'"caf\xe9"', DATE)


# -- 2


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"etag": b'"1"'}, (b'"1"', None)),
        ({"last_modified": DATE}, (None, DATE)),
        ({}, (None, None)),
        ({"date": DATE, "expires": DATE, "cache_control": "max-age=0"}, (None, None)),
        ({"etag": b"", "last_modified": b""}, (None, None)),
    ],
)
async def test_02_nothing_is_sent_that_was_not_given(
    newsroom: Newsroom, given: dict[str, Any], sent: tuple[bytes | None, bytes | None]
) -> None:
    newsroom.web.answer("/feed", ok(FEED, **given))
    await newsroom.start()
    for asked in await newsroom.polls(3):
        assert (asked["if-none-match"], asked["if-modified-since"]) == sent
        assert {b"if-match", b"if-unmodified-since", b"if-range"}.isdisjoint(dict(asked.headers))


# -- 3


@pytest.mark.parametrize(
    ("on_304", "sent"),
    [
        ({"etag": b'"2"'}, (b'"2"', DATE)),
        ({"last_modified": LATER}, (b'"1"', LATER)),
        ({"etag": b'W/"2"', "last_modified": LATER}, (b'W/"2"', LATER)),
        ({}, (b'"1"', DATE)),
        ({"etag": b"", "last_modified": b""}, (b'"1"', DATE)),
    ],
)
async def test_03_a_304_changes_the_validators_that_it_names(
    newsroom: Newsroom, on_304: dict[str, Any], sent: tuple[bytes, bytes]
) -> None:
    newsroom.web.answer(
        "/feed",
        ok(FEED, etag=b'"1"', last_modified=DATE),
        head("304 Not Modified", **on_304),
        NOT_MODIFIED,
    )
    await newsroom.start()
    first, second, third = await newsroom.polls(3)
    assert (first["if-none-match"], first["if-modified-since"]) == (b'"1"', DATE)
    for asked in (second, third):
        assert (asked["if-none-match"], asked["if-modified-since"]) == sent


# -- 4


@pytest.mark.parametrize("body", [FEED, rss(item(1), item(3))], ids=["the same body", "another body"])
@pytest.mark.parametrize(("left", "sent"), [({"last_modified": LATER}, (None, LATER)), ({}, (None, None))])
async def test_04_a_validator_that_a_200_leaves_out_is_forgotten(
    newsroom: Newsroom, body: bytes, left: dict[str, Any], sent: tuple[bytes | None, bytes | None]
) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag=b'"1"', last_modified=DATE), ok(body, **left))
    await newsroom.start()
    await newsroom.next_request()
    for asked in await newsroom.polls(2):
        assert (asked["if-none-match"], asked["if-modified-since"]) == sent


# -- 5


async def test_05_after_a_restart_the_first_request_is_conditional_and_comes_when_it_was_planned(
    newsroom: Newsroom,
) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag=b'"1"', cache_control="max-age=3600"), NOT_MODIFIED)
    await newsroom.start()
    planned = newsroom.next_poll()
    for _ in range(3):
        newsroom.clock.forward(minutes=10)
        await newsroom.restart()
    assert len(newsroom.requests()) == 1
    assert newsroom.next_poll() == planned
    asked = await newsroom.next_request()
    assert asked["if-none-match"] == b'"1"'
    assert newsroom.clock() >= planned


async def test_05_what_fell_due_while_it_was_down_is_asked_once_and_conditionally(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag=b'"1"'), NOT_MODIFIED)
    await newsroom.start()
    await newsroom.stop()
    newsroom.clock.forward(days=2)
    await newsroom.start()
    assert [asked["if-none-match"] for asked in newsroom.requests()] == [None, b'"1"']


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_05_of_100_polls_and_5_kills_exactly_one_request_is_unconditional(tmp_path: Path) -> None:
    with threaded_web() as web:
        web.answer("/feed", if_changed(FEED, b'"1"', DATE))
        (tmp_path / "feeds.yaml").write_text(QUICK.format(web=web.url("")), encoding="utf-8")
        for life in range(6):
            with Process(folder=tmp_path, program=[quick.__file__]) as daemon:
                daemon.said("polled", times=17)
                if life < 5:
                    daemon.signal(signal.SIGKILL)
                else:
                    daemon.signal(signal.SIGTERM)
                    assert daemon.end() == 0
                daemon.end()
        requests = list(web.requests)
    assert len(requests) >= 100
    unconditional = [
        asked for asked in requests if not (asked["if-none-match"] or asked["if-modified-since"])
    ]
    assert len(unconditional) == 1
    assert {(asked["if-none-match"], asked["if-modified-since"]) for asked in requests[1:]} == {
        (b'"1"', DATE)
    }


# -- 6


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   \n",
        b"\x00\x01\x02\xff\xfe garbage",
        b"<html><body><h1>Down for maintenance</h1></body></html>",
        b"<?xml version='1.0'?><catalog><book/></catalog>",
        b'{"error": "try again later"}',
        b"Fatal error: out of memory in feed.php on line 3",
    ],
)
async def test_06_validators_of_a_body_that_cannot_be_read_are_not_kept(
    newsroom: Newsroom, body: bytes
) -> None:
    newsroom.web.answer(
        "/feed",
        ok(FEED, etag=b'"1"', last_modified=DATE),
        ok(body, etag=b'"2"', last_modified=LATER),
        NOT_MODIFIED,
    )
    await newsroom.start()
    published = newsroom.published()
    await newsroom.next_request()
    assert newsroom.row()["failures"] == 1
    assert newsroom.row()["last_error"]
    assert newsroom.published() == published
    asked = await newsroom.next_request()
    assert (asked["if-none-match"], asked["if-modified-since"]) == (b'"1"', DATE)
    assert newsroom.row()["failures"] == 0


async def test_06_a_first_body_that_cannot_be_read_is_asked_for_again_without_conditions(
    newsroom: Newsroom,
) -> None:
    newsroom.web.answer("/feed", ok(b"oops", etag=b'"1"', last_modified=DATE), ok(FEED))
    await newsroom.start()
    asked = await newsroom.next_request()
    assert (asked["if-none-match"], asked["if-modified-since"]) == (None, None)
    assert newsroom.row()["articles"] == 2


@pytest.mark.parametrize("missing", [8, 30, 200], ids=["its last tag", "its last tags", "half an entry"])
async def test_06_validators_of_a_document_that_breaks_off_are_not_kept_but_its_entries_are(
    newsroom: Newsroom, missing: int
) -> None:
    longer = rss(item(3), item(4), item(5))
    newsroom.web.answer(
        "/feed",
        ok(FEED, etag=b'"1"'),
        ok(longer[:-missing], etag=b'"2"'),
        ok(longer, etag=b'"2"'),
        NOT_MODIFIED,
    )
    await newsroom.start()
    await newsroom.next_request()
    assert newsroom.row()["articles"] in (4, 5)
    assert newsroom.row()["faults"]
    assert (await newsroom.next_request())["if-none-match"] == b'"1"'
    assert newsroom.row()["articles"] == 5
    assert (await newsroom.next_request())["if-none-match"] == b'"2"'


async def test_06_a_document_that_always_breaks_off_is_asked_for_conditionally_all_the_same(
    newsroom: Newsroom,
) -> None:
    newsroom.web.answer("/feed", if_changed(FEED[:-8], b'"1"', DATE))
    await newsroom.start()
    await newsroom.polls(5)
    assert [asked["if-none-match"] for asked in newsroom.requests()] == [None, None, *[b'"1"'] * 4]
    assert newsroom.row()["not_modified"] == 4


async def test_06_a_document_that_breaks_off_before_its_first_entry_is_an_error(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag=b'"1"'), ok(FEED[:120], etag=b'"2"'), NOT_MODIFIED)
    await newsroom.start()
    await newsroom.next_request()
    assert newsroom.row()["failures"] == 1
    assert (await newsroom.next_request())["if-none-match"] == b'"1"'


@pytest.mark.parametrize(
    "status", ["404 Not Found", "500 Oops", "403 Forbidden", "503 Busy", "429 Slow down"]
)
async def test_06_validators_of_an_error_page_are_not_kept(newsroom: Newsroom, status: str) -> None:
    newsroom.web.answer(
        "/feed", ok(FEED, etag=b'"1"'), ok(b"<p>no</p>", status=status, etag=b'"error"'), NOT_MODIFIED
    )
    await newsroom.start()
    await newsroom.next_request()
    assert (await newsroom.next_request())["if-none-match"] == b'"1"'


# -- 7

PACKED = gzip.compress(FEED)
WITH: dict[str, Any] = {"etag": b'"2"', "last_modified": LATER}
TRUNCATED = {
    "short of its Content-Length": head(content_length="5000", **WITH) + FEED,
    "one byte short": head(content_length=str(len(FEED)), **WITH) + FEED[:-1],
    "cut between two chunks": head(transfer_encoding="chunked", **WITH) + chunked(FEED)[:-5],
    "cut inside a chunk": head(transfer_encoding="chunked", **WITH) + chunked(FEED)[:-300],
    "cut in a chunk's size": head(transfer_encoding="chunked", **WITH) + chunked(FEED[:300])[:-5] + b"1f",
    "gzip short of its Content-Length": head(content_encoding="gzip", content_length=str(len(PACKED)), **WITH)
    + PACKED[:-20],
    "gzip cut, the length agrees": ok(PACKED[:-20], content_encoding="gzip", **WITH),
    "gzip without its last byte": ok(PACKED[:-1], content_encoding="gzip", **WITH),
    "gzip cut inside whole chunks": head(content_encoding="gzip", transfer_encoding="chunked", **WITH)
    + chunked(PACKED[:-20]),
    "gzip cut, until the end": head(content_encoding="gzip", **WITH) + PACKED[:-20],
    "gzip cut and not labelled": ok(PACKED[:-20], **WITH),
    "gzip that is its header alone": ok(PACKED[:10], content_encoding="gzip", **WITH),
    "deflate cut": ok(zlib.compress(FEED)[:-10], content_encoding="deflate", **WITH),
    "nothing of a gzip body": ok(b"", content_encoding="gzip", **WITH),
}


@pytest.mark.parametrize("wire", TRUNCATED.values(), ids=TRUNCATED)
async def test_07_of_a_truncated_body_nothing_is_kept(newsroom: Newsroom, wire: bytes) -> None:
    newsroom.web.answer("/feed", hang_up(wire), ok(FEED))
    await newsroom.start()
    row = newsroom.row()
    assert (row["articles"], row["failures"], row["state"]) == (0, 1, "failing")
    assert row["last_status"] == 200
    assert row["last_error"]
    assert newsroom.titles() == []
    asked = await newsroom.next_request()
    assert (asked["if-none-match"], asked["if-modified-since"]) == (None, None)
    assert newsroom.row()["articles"] == 2


@pytest.mark.parametrize("wire", TRUNCATED.values(), ids=TRUNCATED)
async def test_07_a_truncated_body_leaves_the_validators_from_before(newsroom: Newsroom, wire: bytes) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag=b'"1"', last_modified=DATE), hang_up(wire), NOT_MODIFIED)
    await newsroom.start()
    await newsroom.next_request()
    assert newsroom.row()["failures"] == 1
    asked = await newsroom.next_request()
    assert (asked["if-none-match"], asked["if-modified-since"]) == (b'"1"', DATE)


# -- 8


def gzip_suffix(body: bytes) -> Script:
    """Apache before 2.4 with mod_deflate: it does not know its own ETag again, and If-None-Match rules the date out."""

    async def script(asked: Asked, writer: asyncio.StreamWriter) -> None:
        unchanged = asked["if-none-match"] is None and asked["if-modified-since"] == DATE
        whole = ok(body, etag=b'"17-5c-gzip"', last_modified=DATE)
        writer.write(head("304 Not Modified", etag=b'"17-5c"') if unchanged else whole)

    return script


async def test_08_a_server_that_does_not_know_its_own_etag_is_asked_by_date(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", gzip_suffix(FEED))
    await newsroom.start()
    await newsroom.polls(4)
    assert newsroom.row()["last_status"] == 304
    assert newsroom.row()["polls"] == 5
    await newsroom.polls(5)
    assert newsroom.row()["not_modified"] == 6
    assert {asked["if-none-match"] for asked in newsroom.requests()[1:5]} == {b'"17-5c-gzip"', None}
    assert {asked["if-modified-since"] for asked in newsroom.requests()[1:]} == {DATE}


async def test_08_the_etag_is_tried_again_after_a_week(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", gzip_suffix(FEED))
    await newsroom.start(config(interval="{base: 12h, min: 12h, max: 24h}"))
    await newsroom.polls(20)
    sent = [asked["if-none-match"] for asked in newsroom.requests()]
    assert sent[4] is None
    assert any(sent[5:])
    assert {etag for etag in sent if etag} <= {b'"17-5c-gzip"', b'"17-5c"'}


async def test_08_an_etag_without_a_date_is_never_given_up(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag=b'"1-gzip"'))
    await newsroom.start()
    assert {asked["if-none-match"] for asked in await newsroom.polls(8)} == {b'"1-gzip"'}


# -- 9


def channel(*items: str, extra: str = "") -> bytes:
    return rss(*items).replace(b"<description>d", f"{extra}<description>d".encode(), 1)


def commented(number: int, comments: int) -> str:
    said = f"<slash:comments xmlns:slash='http://purl.org/rss/1.0/modules/slash/'>{comments}</slash:comments>"
    return item(number).replace("</item>", f"{said}</item>")


def atom(updated: str) -> bytes:
    entry = (
        "<entry><id>urn:1</id><title>t</title><link href='http://paper.example/1'/>"
        "<updated>2026-03-01T00:00:00Z</updated><content>words</content></entry>"
    )
    return (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><id>urn:f</id><title>f</title><updated>{updated}</updated>"
        f"{entry}</feed>"
    ).encode()


ALIKE = {
    "the same bytes": (FEED, FEED),
    "lastBuildDate": (
        channel(item(1), extra="<lastBuildDate>Mon, 02 Mar 2026 08:00:00 GMT</lastBuildDate>"),
        channel(item(1), extra="<lastBuildDate>Mon, 02 Mar 2026 09:00:00 GMT</lastBuildDate>"),
    ),
    "the channel's pubDate": (
        channel(item(1), extra="<pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate>"),
        channel(item(1), extra="<pubDate>Mon, 02 Mar 2026 09:00:00 GMT</pubDate>"),
    ),
    "comment counters": (rss(commented(1, 3), commented(2, 0)), rss(commented(1, 4), commented(2, 17))),
    "an XML comment": (FEED, FEED + b"<!-- generated in 0.17 s -->"),
    "white space": (FEED, FEED.replace(b"<item>", b"\n  <item>")),
    "the order of the entries": (rss(item(1), item(2)), rss(item(2), item(1))),
    "updated of an Atom feed": (atom("2026-03-02T08:00:00Z"), atom("2026-03-02T09:00:00Z")),
}


@pytest.mark.parametrize(("before", "after"), ALIKE.values(), ids=ALIKE)
async def test_09_a_body_that_says_nothing_new_writes_no_article_and_no_file(
    newsroom: Newsroom, before: bytes, after: bytes
) -> None:
    newsroom.web.answer("/feed", ok(before), ok(after))
    await newsroom.start(serve=True)
    first = {path: (await newsroom.get(path)).headers["etag"] for path in PUBLISHED}
    files = newsroom.stamps()
    with newsroom.writes("article", "decision", "placement") as written:
        newsroom.clock.forward(hours=1)
        await newsroom.next_request()
        await newsroom.next_request()
    assert newsroom.row()["last_status"] == 200
    assert newsroom.row()["failures"] == 0
    assert written == []
    assert newsroom.stamps() == files
    assert {path: (await newsroom.get(path)).headers["etag"] for path in PUBLISHED} == first


# -- 10


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (item(1, text="<p>Draft of the report.</p>"), item(1, text="<p>The corrected report.</p>")),
        (item(1, "Draft"), item(1, "The corrected title")),
    ],
    ids=["its body", "its title"],
)
async def test_10_an_older_entry_that_is_edited_is_taken_though_the_newest_date_stands(
    newsroom: Newsroom, before: str, after: str
) -> None:
    newest = item(2, date="Mon, 02 Mar 2026 07:30:00 GMT")
    newsroom.web.answer("/feed", ok(rss(newest, before)), ok(rss(newest, after)))
    await newsroom.start()
    assert b"Draft" in newsroom.published()
    await newsroom.next_request()
    assert b"corrected" in newsroom.published()
    assert b"Draft" not in newsroom.published()
    assert newsroom.row()["articles"] == 2


# -- 11


@pytest.mark.parametrize(
    "answer",
    [
        head("304 Not Modified", content_length="9", etag=b'"1"') + b"oh no body",
        head("304 Not Modified", content_length="5000"),
        head("304 Not Modified", transfer_encoding="chunked") + chunked(b"a body"),
        head("304 Not Modified", content_encoding="gzip", content_type="text/xml"),
        head("304 Not Modified") + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
    ],
    ids=["with a body", "with a length", "with chunks", "with an encoding", "with a second answer"],
)
async def test_11_a_304_with_a_body_is_a_304(newsroom: Newsroom, answer: bytes) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag=b'"1"'), answer, answer, ok(rss(item(3)), etag=b'"2"'))
    await newsroom.start()
    for asked in await newsroom.polls(2):
        assert asked["if-none-match"] == b'"1"'
        assert (newsroom.row()["last_status"], newsroom.row()["failures"]) == (304, 0)
    await newsroom.next_request()
    assert newsroom.row()["articles"] == 3


@pytest.mark.parametrize("given", [{}, {"etag": b'"1"'}])
async def test_11_a_304_that_nobody_asked_for_is_an_error_and_everything_is_asked_for_again(
    newsroom: Newsroom, given: dict[str, Any]
) -> None:
    newsroom.web.answer("/feed", head("304 Not Modified", **given), ok(FEED))
    await newsroom.start()
    row = newsroom.row()
    assert (row["failures"], row["last_status"], row["articles"]) == (1, 304, 0)
    assert "304" in row["last_error"]
    asked = await newsroom.next_request()
    assert (asked["if-none-match"], asked["if-modified-since"]) == (None, None)
    assert newsroom.row()["articles"] == 2


# -- 12

PART: dict[str, Any] = {"status": "226 IM Used", "im": "feed", "etag": b'"2"'}


async def test_12_only_new_entries_are_asked_for_by_whoever_has_a_validator(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED), ok(FEED, etag=b'"1"'), NOT_MODIFIED)
    await newsroom.start()
    first, second, third = [*newsroom.requests(), *await newsroom.polls(2)]
    assert (first["a-im"], second["a-im"]) == (None, None)
    assert (third["a-im"], third["if-none-match"]) == (b"feed", b'"1"')


async def test_12_a_part_adds_its_entry_and_takes_none_away(newsroom: Newsroom) -> None:
    newsroom.web.answer(
        "/feed",
        ok(FEED, etag=b'"1"'),
        ok(rss(item(3)), **PART),
        NOT_MODIFIED,
        ok(rss(item(3), item(1), item(2))),
    )
    await newsroom.start()
    for _ in range(3):
        await newsroom.next_request()
        row = newsroom.row()
        assert (row["articles"], row["failures"], row["state"]) == (3, 0, "ok")
        assert sorted(newsroom.titles()) == ["新闻1", "新闻2", "新闻3"]
    assert [asked["if-none-match"] for asked in newsroom.requests()] == [None, b'"1"', b'"2"', b'"2"']


async def test_12_the_whole_document_after_a_part_brings_nothing_new(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag=b'"1"'), ok(rss(item(3)), **PART), ok(FEED, etag=b'"1"'))
    await newsroom.start()
    await newsroom.next_request()
    files = newsroom.stamps()
    await newsroom.next_request()
    assert newsroom.row()["articles"] == 3
    assert {name: files[name] for name in files if name.startswith("world")} == {
        name: stamp for name, stamp in newsroom.stamps().items() if name.startswith("world")
    }


@pytest.mark.parametrize(
    "wire",
    [
        ok(b"oops", **PART),
        ok(b"", **PART),
        head("226 IM Used", im="feed", etag=b'"2"', content_length="5000") + rss(item(3)),
    ],
    ids=["garbage", "nothing", "cut"],
)
async def test_12_a_part_that_cannot_be_read_is_an_error_and_leaves_the_validators(
    newsroom: Newsroom, wire: bytes
) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag=b'"1"'), hang_up(wire), ok(rss(item(3)), **PART))
    await newsroom.start()
    await newsroom.next_request()
    assert (newsroom.row()["failures"], newsroom.row()["articles"]) == (1, 2)
    assert (await newsroom.next_request())["if-none-match"] == b'"1"'
    assert (newsroom.row()["failures"], newsroom.row()["articles"]) == (0, 3)


async def test_12_a_part_without_a_validator_is_counted_from_the_same_state_again(newsroom: Newsroom) -> None:
    part = {**PART, "im": "feed"}
    part.pop("etag")
    newsroom.web.answer("/feed", ok(FEED, etag=b'"1"'), ok(rss(item(3)), **part), ok(rss(item(4)), **part))
    await newsroom.start()
    for number in (3, 4):
        assert (await newsroom.next_request())["if-none-match"] == b'"1"'
        assert newsroom.row()["articles"] == number
