"""Servers that are hostile or broken: lines 39 to 50 of the checklist."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.checklist.answers import late, mute, tagged
from tests.checklist.newsroom import Newsroom, config, eventually
from tests.checklist.shipped import Shipped, configuration, resident
from tests.support.certificates import Authority
from tests.support.documents import item, listing, rss
from tests.support.process import eventually as in_time
from tests.support.sockets import dials
from tests.support.threaded import threaded_web
from tests.support.web import Asked, Script, Web, chunked, endless, head, ok

MIB = 1024 * 1024
FEED = rss(item(1), item(2))
HASTE = config(defaults="timeout: 500ms")


async def fails(newsroom: Newsroom, *words: str) -> None:
    """The source is shown as failing, with these words for the reason, and put off."""
    row = newsroom.row()
    assert row["state"] == "failing"
    for word in words:
        assert word in row["last_error"].lower()
    assert newsroom.row()["next_poll_reason"].startswith("back-off")


# -- 39, 40, 41: time


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(endless(head(content_length="1000000"), b"x", 0.02), id="39 a byte of body at a time"),
        pytest.param(endless(head(), b"x", 0.02), id="39 without a length"),
        pytest.param(
            endless(head(transfer_encoding="chunked"), b"1\r\nx\r\n", 0.02), id="39 a chunk at a time"
        ),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.02), id="40 a byte of header at a time"),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.02), id="40 a header at a time"),
        pytest.param(
            endless(b"", b"HTTP/1.1 102 Processing\r\n\r\n", 0.1), id="40 asks for patience again and again"
        ),
        pytest.param(mute, id="41 silence"),
    ],
)
async def test_39_40_41_the_connection_of_a_slow_server_is_closed_when_its_time_is_up(
    newsroom: Newsroom, script: Script
) -> None:
    newsroom.web.answer("/feed", ok(FEED), script)
    await newsroom.start(HASTE)
    started = time.monotonic()
    await newsroom.next_request()
    assert time.monotonic() - started < 5
    await eventually(lambda: newsroom.web.open == 0)
    await fails(newsroom, "0.5 s")
    assert len(newsroom.titles()) == 2


async def test_39_the_time_is_for_the_whole_way_of_redirects(newsroom: Newsroom) -> None:
    for n in range(5):
        answer = head("302 Found", location=f"/{n + 1}", content_length="0")
        newsroom.web.answer("/feed" if n == 0 else f"/{n}", late(answer, 0.3))
    await newsroom.start(HASTE)
    assert len(newsroom.web.requests) == 2
    await fails(newsroom, "0.5 s")


@pytest.mark.slow
@pytest.mark.parametrize("hosts", ["one", "many"])
def test_41_a_hundred_silent_sources_do_not_delay_a_hundred_good_ones(tmp_path: Path, hosts: str) -> None:
    shipped = Shipped(tmp_path)
    with threaded_web("0.0.0.0") as web, threaded_web("0.0.0.0") as silent_web:
        for n in range(100):
            silent_web.answer(f"/silent{n}", mute)
            web.answer(f"/good{n}", tagged(rss(item(n, link=f"http://paper.example/{n}"))))
        # The worst order: all that are silent come first.
        silent = [
            silent_web.url(f"/silent{n}", f"127.0.1.{n + 1 if hosts == 'many' else 1}") for n in range(100)
        ]
        good = [web.url(f"/good{n}", f"127.0.2.{n + 1}") for n in range(100)]
        shipped.configure(configuration(*silent, *good, more=", timeout: 4s"))
        with shipped.running():
            in_time(lambda: silent_web.requests)
            started = time.monotonic()
            in_time(lambda: len(set(web.paths())) == 100)
            assert time.monotonic() - started < 2 + 1.5  # the interval, and what a busy machine needs
            in_time(lambda: all(web.paths().count(f"/good{n}") >= 3 for n in range(100)))
        gaps = [gap for n in range(100) for gap in gaps_of(web, f"/good{n}")]
        # Twice the interval after the first poll, its jitter, and one more.
        assert max(gaps) < 2 * 2 * 1.1 + 2


def gaps_of(web: Web, path: str) -> Iterator[float]:
    times = [asked.at for asked in web.requests if asked.path == path]
    return (later - earlier for earlier, later in itertools.pairwise(times))


# -- 42, 43, 44, 45: size


def bomb(size: int) -> bytes:
    """So many zeros; after a full flush each mebibyte packs to the same bytes, which saves the packing."""
    packer = zlib.compressobj(9, wbits=31)
    first, another = (packer.compress(b"\0" * MIB) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + another * (size // MIB - 1)


GIBIBYTE = bomb(1024 * MIB)


@pytest.mark.parametrize(
    ("encoding", "body", "word"),
    [
        ("gzip", GIBIBYTE, "larger than"),
        ("", GIBIBYTE, "larger than"),
        ("gzip", gzip.compress(GIBIBYTE), "no feed"),
        ("gzip, gzip", gzip.compress(GIBIBYTE), "packed"),
        ("gzip," * 9 + "gzip", GIBIBYTE, "packed"),
        ("deflate", zlib.compress(b"\0" * 64 * MIB, 9), "larger than"),
        ("br", b"\xcf\xff\xff\x7f\xf8\x27\x00\xe2\xb1\x40\x20\x11" * 100, "packed as"),
        ("zstd", b"\x28\xb5\x2f\xfd\xa4\x00\x00\x00\x40" + b"\x02\x00\x10\x00" * 1000, "packed as"),
    ],
    ids=["gzip", "gzip unlabelled", "gzip in gzip", "nested", "ten times", "deflate", "br", "zstd"],
)
async def test_42_a_bomb_is_cut_and_what_is_known_stays(
    newsroom: Newsroom, encoding: str, body: bytes, word: str
) -> None:
    fields = {"content_encoding": encoding} if encoding else {}
    newsroom.web.answer("/feed", ok(FEED, etag='"1"'), ok(body, etag='"bomb"', **fields))
    await newsroom.start()
    before = newsroom.published()
    await newsroom.next_request()
    assert newsroom.row()["state"] == "failing"
    assert word in newsroom.row()["last_error"] or "gzip" in newsroom.row()["last_error"]
    assert newsroom.published() == before
    assert (await newsroom.next_request())["if-none-match"] == b'"1"'


@pytest.mark.slow
def test_42_a_bomb_of_a_gibibyte_costs_less_than_50_mebibytes(tmp_path: Path) -> None:
    shipped = Shipped(tmp_path)
    with threaded_web() as web:
        sources = [web.answer("/gzip", ok(GIBIBYTE, content_encoding="gzip"))]
        sources += [web.answer("/plain", ok(GIBIBYTE))]
        sources += [web.answer("/nested", ok(gzip.compress(GIBIBYTE), content_encoding="gzip, gzip"))]
        sources += [web.answer("/twice", ok(gzip.compress(GIBIBYTE), content_encoding="gzip"))]
        sources += [web.answer("/endless", endless(head(transfer_encoding="chunked"), chunk(64 * 1024)))]
        sources += [web.answer("/headers", endless(b"HTTP/1.1 200 OK\r\n", b"X: yyyyyyyyyyyyy\r\n" * 1000))]
        good = web.answer("/good", ok(FEED))
        shipped.configure(configuration(good))
        with shipped.running() as daemon:
            daemon.said("polled")
            before = resident(daemon.pid)
            shipped.configure(configuration(good, *sources))
            daemon.said("poll failed", times=len(sources))
            assert peak(daemon.pid) - before < 50 * MIB
        rows = [row for row in shipped.status().values() if not row["url"].endswith("/good")]
        assert {row["state"] for row in rows} == {"failing"}


def chunk(size: int) -> bytes:
    return chunked(b"x" * size)[: -len(b"0\r\n\r\n")]


def peak(pid: int) -> int:
    """The largest resident size of a process so far, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


async def test_43_a_length_beyond_the_limit_is_refused_before_the_body_is_read(newsroom: Newsroom) -> None:
    written = 0

    async def huge(asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(head(content_length="5000000000"))
        await writer.drain()
        while True:
            await asyncio.sleep(0.05)
            writer.write(b"x" * 64 * 1024)
            await writer.drain()
            written += 64 * 1024

    newsroom.web.answer("/feed", huge)
    await newsroom.start()
    await eventually(lambda: newsroom.web.open == 0)
    assert written <= MIB
    await fails(newsroom, "larger than")


@pytest.mark.parametrize(
    "start", [head(), head(transfer_encoding="chunked"), head(content_encoding="gzip")], ids=str
)
async def test_44_a_body_without_an_end_is_cut_at_the_limit(newsroom: Newsroom, start: bytes) -> None:
    sent = 0
    piece = chunk(64 * 1024) if b"hunked" in start else b"x" * 64 * 1024

    async def script(asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()
            sent += len(piece)

    newsroom.web.answer("/feed", script)
    await newsroom.start()
    await fails(newsroom, "larger than 10485760 bytes")
    await eventually(lambda: newsroom.web.open == 0)
    assert sent < 20 * MIB  # what the kernel's buffers hold comes on top of the limit


async def test_44_the_limit_is_the_configured_one(newsroom: Newsroom) -> None:
    body = rss(item(1), item(2, text="<p>long</p>" * 1000))
    newsroom.web.answer("/feed", ok(body))
    await newsroom.start(config(defaults=f"max_size: {len(body) - 1}"))
    await fails(newsroom, "larger than")
    await newsroom.reload(config(defaults=f"max_size: {len(body)}"))
    await newsroom.next_request()
    assert newsroom.row()["state"] == "ok"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(head(x="x" * MIB) + FEED, id="one of a mebibyte"),
        pytest.param(head(**{f"x{n}": "y" for n in range(20_000)}) + FEED, id="twenty thousand"),
        pytest.param(
            endless(b"HTTP/1.1 200 OK\r\n", b"X: yyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" * 1000), id="without end"
        ),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 10_000), id="one without end"),
    ],
)
async def test_45_headers_without_measure_are_an_error(newsroom: Newsroom, answer: bytes | Script) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag='"1"'), answer)
    await newsroom.start()
    await newsroom.next_request()
    await eventually(lambda: newsroom.web.open == 0)
    assert newsroom.row()["state"] == "failing"
    assert len(newsroom.titles()) == 2
    assert (await newsroom.next_request())["if-none-match"] == b'"1"'


# -- 46, 47: labels


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (FEED, "gzip"),
        (gzip.compress(FEED), ""),
        (gzip.compress(FEED), "identity"),
        (gzip.compress(FEED), "x-gzip"),
        (zlib.compress(FEED), "deflate"),
        (gzip.compress(FEED[:99]) + gzip.compress(FEED[99:]), "gzip"),
        (gzip.compress(FEED) + b"\0" * 100, "gzip"),
    ],
    ids=["plain as gzip", "unlabelled", "identity", "x-gzip", "deflate", "two", "padded"],
)
async def test_46_a_body_is_unpacked_by_what_it_is_not_by_its_label(
    newsroom: Newsroom, body: bytes, encoding: str
) -> None:
    newsroom.web.answer("/feed", ok(body, content_encoding=encoding) if encoding else ok(body))
    await newsroom.start()
    assert newsroom.row()["state"] == "ok"
    assert len(newsroom.titles()) == 2


PAGES = {
    "an error page": b"<!DOCTYPE html><html><head><title>500</title></head><body><h1>Oops</h1></body></html>",
    "a page full of links": listing(*(f"/guoji/{n}.html" for n in range(9))),
    "text": b"Service temporarily unavailable",
    "JSON that is no feed": b'{"error": "quota exceeded"}',
    "XML that is no feed": b"<?xml version='1.0'?><error>quota</error>",
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("type_", ["text/html; charset=utf-8", "application/rss+xml"])
async def test_47_another_document_with_200_is_an_error_and_changes_nothing(
    newsroom: Newsroom, name: str, type_: str
) -> None:
    page = ok(PAGES[name], etag='"page"', content_type=type_)
    newsroom.web.answer("/feed", ok(FEED, etag='"1"'), page, tagged(FEED))
    await newsroom.start()
    before = newsroom.published()
    await newsroom.next_request()
    await fails(newsroom, "feed")
    assert newsroom.published() == before
    assert [asked.path for asked in newsroom.web.requests] == ["/feed"] * 2
    assert (await newsroom.next_request())["if-none-match"] == b'"1"'
    assert (newsroom.row()["state"], newsroom.row()["last_status"]) == ("ok", 304)


@pytest.mark.parametrize(
    "type_", ["text/html", "text/plain", "application/octet-stream", "image/png", "nonsense", "", None]
)
async def test_47_a_feed_is_a_feed_whatever_its_type_says(newsroom: Newsroom, type_: str | None) -> None:
    newsroom.web.answer("/feed", ok(FEED) if type_ is None else ok(FEED, content_type=type_))
    await newsroom.start()
    assert (newsroom.row()["state"], newsroom.row()["kind"]) == ("ok", "feed")
    assert len(newsroom.titles()) == 2


# -- 48: nothing where there was something


@pytest.mark.parametrize("empty", [b"", b" \n", b"\xef\xbb\xbf"], ids=["nothing", "blank", "a mark"])
async def test_48_an_empty_body_deletes_nothing(newsroom: Newsroom, empty: bytes) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag='"1"'), ok(empty, etag='"empty"'), tagged(FEED))
    await newsroom.start()
    before = newsroom.published()
    await newsroom.next_request()
    await fails(newsroom, "empty")
    assert newsroom.published() == before
    assert (await newsroom.next_request())["if-none-match"] == b'"1"'


async def test_48_a_feed_that_lost_all_its_entries_loses_us_none(newsroom: Newsroom) -> None:
    many = rss(*(item(n) for n in range(20)))
    newsroom.web.answer("/feed", ok(many), ok(rss(), etag='"none"'), ok(many))
    await newsroom.start()
    before = newsroom.published()
    assert len(newsroom.titles()) == 20
    await newsroom.next_request()
    row = newsroom.row()
    assert row["faults"] or row["last_error"], "nobody is told"
    assert newsroom.published() == before
    await newsroom.next_request()
    assert newsroom.published() == before
    assert newsroom.row()["articles"] == 20
    assert not newsroom.row()["faults"]


async def test_48_a_feed_may_be_empty_from_the_beginning(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(rss()), ok(FEED))
    await newsroom.start()
    assert (newsroom.row()["state"], newsroom.row()["last_error"]) == ("ok", None)
    await newsroom.next_request()
    assert len(newsroom.titles()) == 2


# -- 49: XML


def with_doctype(doctype: str, body: str) -> bytes:
    return (
        f'<?xml version="1.0"?>{doctype}<rss version="2.0"><channel><title>t</title>'
        f"<item><title>{body}</title><guid>1</guid><link>http://paper.example/1</link></item></channel></rss>"
    ).encode()


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return with_doctype(f'<!DOCTYPE rss [<!ENTITY l0 "lol">{entities}]>', "&l9;")


def quadratic() -> bytes:
    return with_doctype(f'<!DOCTYPE rss [<!ENTITY a "{"a" * 100_000}">]>', "&a;" * 20_000)


def external(kind: str) -> str:
    return {
        "a file": '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        "an address": '<!DOCTYPE rss [<!ENTITY x SYSTEM "{web}/evil">]>',
        "a parameter": '<!DOCTYPE rss [<!ENTITY % p SYSTEM "{web}/evil.dtd"> %p; <!ENTITY x "y">]>',
        "a DTD": '<!DOCTYPE rss SYSTEM "{web}/evil.dtd">',
        "a public DTD": '<!DOCTYPE rss PUBLIC "-//N//DTD RSS 0.91//EN" "{web}/rss-0.91.dtd">',
    }[kind]


@pytest.mark.parametrize("document", [laughs(), quadratic()], ids=["billion laughs", "quadratic"])
async def test_49_entities_do_not_multiply(newsroom: Newsroom, document: bytes) -> None:
    newsroom.web.answer("/feed", ok(document))
    started = time.process_time()
    await newsroom.start()
    assert time.process_time() - started < 15
    assert sum(len(path.read_bytes()) for path in public(newsroom)) < MIB
    row = newsroom.row()
    assert row["last_error"] or row["faults"] or row["state"] == "ok"


@pytest.mark.parametrize("kind", ["a file", "an address", "a parameter", "a DTD", "a public DTD"])
async def test_49_external_entities_are_not_fetched(newsroom: Newsroom, kind: str) -> None:
    doctype = external(kind).replace("{web}", newsroom.web.url(""))
    body = "before &x; after" if "x" in doctype.replace("xml", "") and "ENTITY" in doctype else "title"
    newsroom.web.answer("/feed", ok(with_doctype(doctype, body)))
    newsroom.web.answer("/evil", ok(b"STOLEN"))
    newsroom.web.answer("/evil.dtd", ok(b'<!ENTITY x "STOLEN">'))
    with dials() as dialled:
        await newsroom.start()
    assert newsroom.web.paths() == ["/feed"]
    assert {address[1] for address in dialled if isinstance(address, tuple)} == {newsroom.web.port}
    printed = b"".join(path.read_bytes() for path in public(newsroom))
    assert b"STOLEN" not in printed
    assert b"root:x:" not in printed


async def test_49_a_stylesheet_or_an_inclusion_is_not_fetched(newsroom: Newsroom) -> None:
    sheet = f'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="{newsroom.web.url("/evil.xsl")}"?>'
    include = (
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    )
    newsroom.web.answer(
        "/feed",
        ok(sheet.encode() + FEED.partition(b"?>")[2].replace(b"</item>", include.encode() + b"</item>")),
    )
    await newsroom.start()
    assert newsroom.web.paths() == ["/feed"]
    assert len(newsroom.titles()) == 2


def public(newsroom: Newsroom) -> list[Path]:
    return [path for path in (newsroom.folder / "var" / "public").rglob("*") if path.is_file()]


# -- 50: TLS


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    (tmp_path / "tls").mkdir()
    return Authority(tmp_path / "tls")


FAULTS: dict[str, Callable[[Authority], ssl.SSLContext]] = {
    "expired": lambda authority: authority.server("IP:127.0.0.1", expired=True),
    "self-signed": lambda authority: authority.self_signed("IP:127.0.0.1"),
    "of a private authority": lambda authority: authority.server("IP:127.0.0.1"),
    "of another host": lambda authority: authority.server("DNS:other.example"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_50_a_certificate_that_does_not_hold_is_an_error_unless_the_source_does_without(
    newsroom: Newsroom, authority: Authority, fault: str
) -> None:
    async with Web(tls=FAULTS[fault](authority)) as secure:
        secure.answer("/feed", ok(FEED))
        secure.answer("/careless", ok(rss(item(3))))
        careful = f"{{id: feed, url: '{secure.url('/feed')}'}}"
        careless = f"{{id: careless, url: '{secure.url('/careless')}', verify: false}}"
        await newsroom.start(config(careful, careless))
        assert "certificate" in newsroom.row()["last_error"]
        assert newsroom.row("careless")["state"] == "ok"
        assert secure.paths() == ["/careless"]
        await newsroom.stop()


async def test_50_no_fault_of_tls_is_a_reason_for_plain_http(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED))
    address = newsroom.web.url("/feed").replace("http:", "https:")
    await newsroom.start(config(f"{{id: feed, url: '{address}'}}", defaults="timeout: 500ms"))
    assert newsroom.row()["state"] == "failing"
    assert newsroom.web.requests == []
