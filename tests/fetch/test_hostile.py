"""Servers that are slow, silent, chatty or broken: bounded in time and in memory."""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from datetime import timedelta

import pytest

from aggregator.fetch import Fetcher
from tests.fetch.conftest import fault, get, request
from tests.fetch.test_bodies import MIB, bomb
from tests.support.web import Script, Web, endless, hang_up, head, ok, silence

SOON = timedelta(seconds=0.3)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (endless(head(content_length="1000000"), b"x", 0.01), "the answer was not complete within 0.3 s"),
        (endless(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.01), "no answer within 0.3 s"),
        (endless(b"", b"HTTP/1.1 102 Processing\r\n\r\n", 0.1), "no answer within 0.3 s"),
        (silence, "no answer within 0.3 s"),
    ],
    ids=["a byte of body at a time", "a byte of header at a time", "patience asked for", "silence"],
)
async def test_the_deadline_is_for_the_whole_answer(
    fetcher: Fetcher, web: Web, script: Script, reason: str
) -> None:
    started = asyncio.get_running_loop().time()
    error = await fault(fetcher, request(web.answer("/feed", script), timeout=SOON))
    assert (error.kind, error.reason.partition(";")[0]) == ("timeout", reason)
    assert asyncio.get_running_loop().time() - started < 2


async def test_the_deadline_is_for_all_redirects_together(fetcher: Fetcher, web: Web) -> None:
    async def slowly(asked: object, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(head("302 Found", location=f"/{len(web.requests)}", content_length="0"))

    for step in range(5):
        web.answer(f"/{step}", slowly)
    error = await fault(fetcher, request(web.url("/0"), timeout=SOON))
    assert (error.kind, len(web.requests)) == ("timeout", 2)


async def test_a_connection_is_closed_when_the_time_is_up(fetcher: Fetcher, web: Web) -> None:
    left = asyncio.Event()

    async def watch(asked: object, writer: asyncio.StreamWriter) -> None:
        try:
            await endless(head(), b"x", 0.01)(web.requests[0], writer)
        except (OSError, RuntimeError):  # by libuv's loop it is the latter
            left.set()

    await fault(fetcher, request(web.answer("/feed", watch), timeout=SOON))
    await asyncio.wait_for(left.wait(), 5)


async def test_silent_sources_hold_up_no_good_one(fetcher: Fetcher, web: Web) -> None:
    silent, good = web.answer("/silent", silence), web.answer("/good", ok(b"<rss/>"))
    patience = request(silent, timeout=SOON)
    async with Web(host="127.0.0.2") as other:
        waiting = [asyncio.create_task(fault(fetcher, patience)) for _ in range(40)]
        answer = await get(fetcher, other.answer("/good", ok(b"<rss/>")))
        await asyncio.gather(*waiting)
    assert answer.elapsed < SOON
    assert (await get(fetcher, good)).status == 200


async def test_chunks_of_one_byte_do_not_hold_up_everybody_else(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/feed", endless(head(transfer_encoding="chunked"), b"1\r\nx\r\n" * 40_000))
    longest = 0.0
    fetching = asyncio.create_task(fault(fetcher, request(url, timeout=SOON)))
    while not fetching.done():
        before = time.thread_time()
        await asyncio.sleep(0)
        longest = max(longest, time.thread_time() - before)
    assert (await fetching).kind == "timeout"
    assert longest < 0.05  # seconds of CPU; 0.2 when the chunks of one read are taken in one go


@pytest.mark.parametrize(
    "answer",
    [
        head(x="x" * MIB) + b"<rss/>",
        head(**{f"x{n}": "y" for n in range(20_000)}) + b"<rss/>",
        endless(b"HTTP/1.1 200 OK\r\n", b"X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" * 1000),
        endless(b"", b"x" * 10_000),
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        ok().replace(b"200 OK", b"OK"),
        ok().replace(b"Content-Length: 0", b"Content-Length: -1"),
        ok().replace(b"Content-Length: 0", b"Content-Length: 1\r\nContent-Length: 2"),
        ok().replace(b"Content-Length: 0", b"Transfer-Encoding: chunked") + b"zz\r\n",
        b"220 mail.example ESMTP ready\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\0" * 100_000,
        head("101 Switching Protocols", upgrade="websocket"),
    ],
    ids=lambda script: script if isinstance(script, bytes) else script.__qualname__,
)
async def test_what_is_no_proper_answer_is_an_error(fetcher: Fetcher, web: Web, answer: bytes) -> None:
    error = await fault(fetcher, request(web.answer("/feed", answer), timeout=SOON))
    assert error.kind in ("protocol", "timeout")
    assert len(error.reason) < 300


async def test_an_answer_of_nothing_is_an_error(fetcher: Fetcher, web: Web) -> None:
    error = await fault(fetcher, request(web.answer("/feed", hang_up())))
    assert (error.kind, error.reason) == ("protocol", "the server closed the connection without an answer")
    assert len(web.requests) == 1


async def test_headers_are_given_as_harmless_text(fetcher: Fetcher, web: Web) -> None:
    answer = ok(b"", x=b"\x1b[2J caf\xe9", y="头条".encode(), cache_control="a").replace(
        b"Cache-Control: a", b"Cache-Control: a\r\nCACHE-control: b\r\nAge: 1\r\nAge: 2\r\nSet-Cookie: c=d"
    )
    headers = (await get(fetcher, web.answer("/feed", answer))).headers
    assert headers["y"] == "头条"
    assert (headers["cache-control"], headers["age"]) == ("a, b", "2")
    assert "set-cookie" not in headers


async def test_a_gzip_bomb_of_a_gibibyte_costs_less_than_50_mib(fetcher: Fetcher, web: Web) -> None:
    packed = bomb(1024 * MIB)
    url = web.answer("/feed", ok(packed, content_encoding="gzip"))
    await fault(fetcher, request(url, max_size=1024))
    before = _peak()
    error = await fault(fetcher, request(url))
    assert error.kind == "too-large"
    assert _peak() - before < 50 * MIB


def _peak() -> int:
    """The largest resident size of this process so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
