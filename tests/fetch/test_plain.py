"""What is read and written without h11 is what h11 would read and write."""

from __future__ import annotations

import asyncio

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.fetch import Fetcher
from aggregator.fetch.plain import RawHeaders, not_modified, request_head
from storage.model import Validators
from tests.fetch.conftest import get
from tests.support.web import Asked, Web, head

ASKED = [(b"Host", b"news.example"), (b"If-None-Match", b'W/"caf\xe9"')]
PLAIN = (
    b'HTTP/1.1 304 Not Modified\r\nDate: Mon, 30 Nov 2026 11:10:12 GMT\r\nETag:\t W/"caf\xe9" \r\n'
    b"X-Empty:\r\nConnection: keep-alive\r\n\r\n"
)
#: Of these heads are put together: some are proper, most are not.
PIECES = st.sampled_from(
    [
        *(b"HTTP/1.1 304", b"HTTP/1.0 304", b"HTTP/1.1 200", b"HTTP/2 304", b" Not Modified", b" \xff", b" "),
        *(b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\0", b"\x01", b"\x7f", b"\x0b", b"\t", b":", b": "),
        *(b"ETag", b"X-A", b"x a", b"\xe9", b'"1"', b"a  b", b"Connection: ", b"close", b"Keep-Alive", b", "),
        *(b"Content-Length: ", b"0", b"5", b"Transfer-Encoding: ", b"chunked", b"0\r\n\r\n", b"Upgrade: h2c"),
    ]
)


def by_h11(received: bytes) -> RawHeaders | None:
    """The fields, where h11 takes it for a 304 that is whole, with nothing after it, on a connection that stays."""
    http = h11.Connection(h11.CLIENT)
    http.send(h11.Request(method="GET", target="/", headers=ASKED))
    http.send(h11.EndOfMessage())
    http.receive_data(received)
    try:
        answer, end = http.next_event(), http.next_event()
    except h11.RemoteProtocolError:
        return None
    whole = (
        isinstance(answer, h11.Response) and answer.status_code == 304 and isinstance(end, h11.EndOfMessage)
    )
    if not whole or http.their_state is not h11.DONE or http.trailing_data[0]:
        return None
    assert isinstance(answer, h11.Response)
    return list(answer.headers)


@given(st.lists(PIECES, max_size=8).map(b"".join), st.lists(PIECES, max_size=4).map(b"".join))
@example(b"HTTP/1.1 304\r\n", b"\r\n")
def test_what_is_taken_for_plain_h11_reads_alike(beginning: bytes, middle: bytes) -> None:
    for received in (beginning, beginning + b"\r\n\r\n", PLAIN[:27] + middle + PLAIN[25:], PLAIN + middle):
        plain = not_modified(received)
        assert plain is None or plain == by_h11(received)


@given(st.integers(0, len(PLAIN) - 1), st.binary(max_size=2))
def test_nothing_is_plain_that_h11_would_not_take_once_a_byte_is_another(at: int, other: bytes) -> None:
    for received in (PLAIN[:at] + other + PLAIN[at + 1 :], PLAIN[:at] + other + PLAIN[at:], PLAIN[:at]):
        plain = not_modified(received)
        assert plain is None or plain == by_h11(received)


def test_an_ordinary_304_is_plain() -> None:
    fields = not_modified(PLAIN)
    assert fields is not None
    assert fields == by_h11(PLAIN)


@pytest.mark.parametrize(
    "received",
    [
        PLAIN.replace(b"304", b"200"),
        PLAIN.replace(b"/1.1", b"/1.0"),
        PLAIN.replace(b"keep-alive", b"close"),
        PLAIN.replace(b"X-Empty:", b"Content-Length: 10"),
        PLAIN.replace(b"X-Empty:", b"Transfer-Encoding: chunked"),
        PLAIN.replace(b"X-Empty:", b" folded"),
        PLAIN.replace(b"X-Empty:", b"X-Empty :"),
        PLAIN.replace(b"X-Empty:", b"X: \0"),
        PLAIN.replace(b"\r\n", b"\n"),
        PLAIN.replace(b"X-Empty:", b"X: " + b"y" * 10_000),
        PLAIN[:-2],
        PLAIN + b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" + PLAIN,
    ],
)
def test_what_is_out_of_the_ordinary_is_left_to_h11(received: bytes) -> None:
    assert not_modified(received) is None


@given(
    st.lists(st.tuples(st.sampled_from([b"A", b"x-b"]), st.binary(max_size=6).map(bytes.strip)), max_size=3)
)
def test_a_request_is_written_as_h11_writes_it_or_not_at_all(fields: RawHeaders) -> None:
    asked = [(b"Host", b"news.example"), *fields]
    try:
        written = request_head("GET", b"/feed?a=%20", asked)
    except ValueError:
        return
    assert written == h11.Connection(h11.CLIENT).send(
        h11.Request(method="GET", target=b"/feed?a=%20", headers=asked)
    )


@pytest.mark.parametrize(
    ("target", "field"),
    [
        (b"/ HTTP/1.1\r\nX: y", (b"A", b"b")),
        (b"/a b", (b"A", b"b")),
        (b"", (b"A", b"b")),
        (b"/", (b"A", b"b\r\nX: y")),
        (b"/", (b"A", b"b\n")),
        (b"/", (b"A\r\nX", b"y")),
        (b"/", (b"A b", b"y")),
        (b"/", (b"A", b"\0")),
        (b"/", (b"", b"y")),
    ],
)
def test_a_request_that_would_be_read_as_another_is_not_sent(
    target: bytes, field: tuple[bytes, bytes]
) -> None:
    with pytest.raises(ValueError, match="no proper request"):
        request_head("GET", target, [(b"Host", b"news.example"), field])


async def _unchanged(fetcher: Fetcher, url: str) -> tuple[bool, str | None]:
    answer = await get(fetcher, url, validators=Validators(etag=b'"1"'))
    return answer.not_modified, answer.headers.get("x")


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (head("304 Not Modified", x="y"), 1),
        (head("304 Not Modified", x="y", content_length="10"), 1),
        (head("304 Not Modified", x="y", connection="close"), 2),
        (head("304 Not Modified", x="y").replace(b"/1.1", b"/1.0"), 2),
        (head("304 Not Modified", x="y").replace(b"\r\n", b"\n"), 1),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" + head("304 Not Modified", x="y"), 1),
        (head("304 Not Modified", x="y") + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", 2),
    ],
)
async def test_a_304_is_one_however_it_is_written(
    fetcher: Fetcher, web: Web, answer: bytes, connections: int
) -> None:
    url = web.answer("/feed", answer)
    assert [await _unchanged(fetcher, url) for _ in range(2)] == [(True, "y")] * 2
    assert web.connections == connections


async def test_a_304_that_comes_in_pieces_is_one(fetcher: Fetcher, web: Web) -> None:
    async def slowly(asked: Asked, writer: asyncio.StreamWriter) -> None:
        for piece in (b"HTTP/1.1 30", b"4 Not Modified\r\nX: ", b"y\r\n\r", b"\n"):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)

    url = web.answer("/feed", slowly)
    assert [await _unchanged(fetcher, url) for _ in range(2)] == [(True, "y")] * 2
    assert web.connections == 1


async def test_what_follows_a_304_later_ends_the_connection(fetcher: Fetcher, web: Web) -> None:
    async def chatter(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head("304 Not Modified", x="y"))
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(head("304 Not Modified", x="evil"))

    url = web.answer("/feed", chatter, head("304 Not Modified", x="z"))
    assert await _unchanged(fetcher, url) == (True, "y")
    await asyncio.sleep(0.05)
    assert await _unchanged(fetcher, url) == (True, "z")
    assert web.connections == 2
