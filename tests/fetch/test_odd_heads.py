"""Lines in the head of an answer that are no fields: passed over, unless they might tell where the body ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch import Fetcher
from aggregator.fetch.oddheads import mended
from aggregator.fetch.plain import not_modified
from storage.model import Validators
from tests.fetch.conftest import fault, get, request
from tests.support.web import Web, chunked, hang_up

BODY = b"<rss/>"
ODD = [
    b"Bad Header: x",
    "X-Náme: ü".encode(),
    b"X-\xe9: y",
    b": novalue",
    b"a line without a colon",
    b"PHP Warning:  in line 3\r\n on and on: x",
    b"X-Bell: a\x0bb",
    b"Set-Cookie : a=b",
]


def answered(
    line: bytes, *, status: bytes = b"HTTP/1.1 200 OK", length: bytes = b"Content-Length: 6"
) -> bytes:
    return b"\r\n".join((status, b"ETag: W/\xe9", line, length, b"", BODY))


@pytest.mark.parametrize("line", ODD)
async def test_a_line_that_is_no_field_is_passed_over(fetcher: Fetcher, web: Web, line: bytes) -> None:
    got = await get(fetcher, web.answer("/feed", answered(line)))
    assert (got.status, got.body, got.validators.etag) == (200, BODY, b"W/\xe9")


async def test_after_it_the_connection_is_not_used_again(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/feed", answered(b"Bad Header: x"))
    for _ in range(2):
        await get(fetcher, url)
    assert [asked.connection for asked in web.requests] == [0, 1]


@pytest.mark.parametrize(
    "answer",
    [
        answered(b"Bad Header: x", length=b"X: y") + b"",
        answered(b"Bad Header: x").replace(b"\r\n", b"\n"),
        answered(b"Bad Header: x", length=b"Content-Length:\r\n  6"),
        b"HTTP/1.1 103 Early Hints\r\nBad Link: x\r\n\r\n" + answered(b": y"),
        answered(b": y", length=b"Transfer-Encoding: chunked").removesuffix(BODY) + chunked(BODY),
    ],
    ids=["to the end", "bare line feeds", "folded", "after an interim one", "in chunks"],
)
async def test_the_body_is_that_which_the_sound_lines_tell(fetcher: Fetcher, web: Web, answer: bytes) -> None:
    assert (await get(fetcher, web.answer("/feed", hang_up(answer)))).body == BODY


async def test_a_304_with_an_odd_line_says_that_nothing_has_changed(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/feed", b"HTTP/1.1 304 Not Modified\r\nBad Header: x\r\n\r\n")
    assert (await fetcher.fetch(request(url, validators=Validators(etag=b'"1"')))).not_modified


@pytest.mark.parametrize(
    "line",
    [
        b"Content-Length : 3",
        b"Content Length: 3",
        b"Transfer-Encoding : chunked",
        b"Transfer-\xe9Encoding: chunked",
        b"Connection : close",
        b"X Note: a\rContent-Length: 3",
        b"X Note: a\r\n transfer-encoding: chunked",
        b"Bad Header: x\0y",
        b"Bad Header: x\ry",
        b"X: y\0",
        b"Content-Length: abc",
        b"Content-Length: 3",
        b"Transfer-Encoding: gzip",
    ],
)
async def test_what_might_tell_where_the_body_ends_stays_a_fault(
    fetcher: Fetcher, web: Web, line: bytes
) -> None:
    error = await fault(fetcher, request(web.answer("/feed", answered(line))))
    assert error.kind == "protocol"


@pytest.mark.parametrize(
    "status", [b"HTTP/2 200", b"HTTP/2.0 200 OK", b"HTTP/1.0 200", b"HTTP/1.1 200 \xc3\xbc"]
)
async def test_http_2_in_plain_text_is_a_slip_of_the_pen(fetcher: Fetcher, web: Web, status: bytes) -> None:
    got = await get(fetcher, web.answer("/feed", hang_up(answered(b"X: y", status=status))))
    assert (got.status, got.body) == (200, BODY)


@pytest.mark.parametrize(
    "status", [b"ICY 200 OK", b"HTTP/3 200", b"HTTP/1 200", b"HTTP/1.1 20 OK", b"HTTP/2 abc"]
)
async def test_no_other_status_line_is_guessed_at(fetcher: Fetcher, web: Web, status: bytes) -> None:
    error = await fault(fetcher, request(web.answer("/feed", hang_up(answered(b"X y", status=status)))))
    assert error.kind == "protocol"


async def test_a_line_at_fault_is_quoted_as_text_and_not_for_long(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/feed", answered(b"Content-Length : 3" + b"x" * 1000))
    reason = (await fault(fetcher, request(url))).reason
    assert 'illegal header line: "Content-Length : 3xxx' in reason
    assert "bytearray" not in reason
    assert len(reason) < 200


@given(st.binary(max_size=200))
def test_no_bytes_break_the_mending_and_a_304_that_is_plain_is_left_to_itself(noise: bytes) -> None:
    for start in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 304 x\r\n"):
        put_right = mended(start + noise)
        assert put_right is None or put_right.startswith(b"HTTP/1.0 ")
        assert put_right is None or mended(put_right) == put_right
        assert put_right is None or not_modified(put_right) is None
