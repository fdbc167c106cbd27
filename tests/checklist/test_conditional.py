"""Conditional requests: lines 1-12 of the checklist."""

from __future__ import annotations

import pytest

from tests.checklist.newsroom import Newsroom
from tests.support.documents import item, rss
from tests.support.web import NOT_MODIFIED, ok

FEED = rss(item(1), item(2))

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
