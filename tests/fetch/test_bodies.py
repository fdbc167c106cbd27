"""Bodies: whole or not at all, packed or not, and never larger than allowed."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch import Fetcher, FetchError
from aggregator.fetch.decode import BodyDecoder
from tests.fetch.conftest import fault, get, request
from tests.support.web import Web, chunked, endless, hang_up, head, ok

TEXT = b"<rss>" + b"some words of a feed, " * 100 + b"</rss>"
PACKED = gzip.compress(TEXT)
MIB = 1024 * 1024


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (TEXT, ""),
        (PACKED, "gzip"),
        (PACKED, "x-gzip"),
        (PACKED, "GZIP"),
        (PACKED, "gzip, identity"),
        (TEXT, "identity"),
        (TEXT, "gzip"),
        (PACKED, ""),
        (gzip.compress(TEXT[:50]) + gzip.compress(TEXT[50:]), "gzip"),
        (PACKED + b"\0" * 512, "gzip"),
        (zlib.compress(TEXT), "deflate"),
        (raw_deflate(TEXT), "deflate"),
        (PACKED, "gzip;q=1.0"),
        (PACKED, "aws-chunked,gzip"),
        (PACKED, "utf-8"),
    ],
)
async def test_a_body_is_unpacked_by_what_it_is_not_by_its_label(
    fetcher: Fetcher, web: Web, body: bytes, encoding: str
) -> None:
    url = web.answer("/feed", ok(body, content_encoding=encoding) if encoding else ok(body))
    assert (await get(fetcher, url)).body == TEXT
    assert web.requests[0]["accept-encoding"] == b"gzip"


@pytest.mark.parametrize(
    "encoding",
    "none utf-8 8bit binary aws-chunked gzip;q=1.0 br zstd deflate compress iso-8859-1 a-name-of-tomorrow".split(),
)
@pytest.mark.parametrize(
    "document",
    [
        TEXT,
        b"\xef\xbb\xbf\r\n\t" + TEXT,
        "<?xml version='1.0' encoding='UTF-16'?><rss>新闻</rss>".encode("utf-16"),
        "<rss><title>江畔新闻，每天早上六点</title></rss>".encode(),
        b'{"version": "https://jsonfeed.org/version/1.1"}',
        b"User-agent: *\nDisallow: /private/ and more",
        b"",
    ],
)
async def test_what_is_plainly_not_packed_is_taken_as_it_is_whatever_its_label(
    fetcher: Fetcher, web: Web, document: bytes, encoding: str
) -> None:
    got = await get(fetcher, web.answer("/feed", ok(document, content_encoding=encoding)))
    assert got.body == document


@pytest.mark.parametrize("length", [3, 31, 34, 35, 100])
@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (brotli.compress(TEXT), "br"),
        (brotli.compress(TEXT, quality=0), "br"),
        (b"\x28\xb5\x2f\xfd\x60\xbd\x07\x7d\x02\x00" + TEXT, "zstd"),
        (b"\x1f\x9d\x90<rss>" + TEXT, "compress"),
        (b"\0" * 200, "br"),
    ],
)
async def test_what_is_packed_in_another_codec_is_never_taken_for_text(
    fetcher: Fetcher, web: Web, packed: bytes, encoding: str, length: int
) -> None:
    error = await fault(fetcher, request(web.answer("/feed", ok(packed[:length], content_encoding=encoding))))
    assert error.kind == "encoding"


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "gzip,br", "x" * 1000])
async def test_a_codec_that_was_not_asked_for_is_refused(fetcher: Fetcher, web: Web, encoding: str) -> None:
    error = await fault(fetcher, request(web.answer("/feed", ok(PACKED, content_encoding=encoding))))
    assert error.kind == "encoding"
    assert len(error.reason) < 200


@pytest.mark.parametrize(
    "answer",
    [
        head(content_length=str(len(TEXT) + 1)) + TEXT,
        head(transfer_encoding="chunked") + chunked(TEXT)[:-5],
        head(transfer_encoding="chunked") + b"ffff\r\n" + TEXT,
        ok(PACKED[:-1], content_encoding="gzip"),
        ok(PACKED[: len(PACKED) // 2], content_encoding="gzip"),
        ok(PACKED[:10], content_encoding="gzip"),
        ok(PACKED[:-9]),
        ok(zlib.compress(TEXT)[:-3], content_encoding="deflate"),
        b"HTTP/1.1 200 OK\r\nContent-Type: te",
    ],
)
async def test_a_body_that_was_cut_is_an_error(fetcher: Fetcher, web: Web, answer: bytes) -> None:
    error = await fault(fetcher, request(web.answer("/feed", hang_up(answer))))
    assert error.kind == "truncated"


async def test_a_body_without_a_length_ends_with_the_connection(fetcher: Fetcher, web: Web) -> None:
    assert (await get(fetcher, web.answer("/feed", hang_up(head() + TEXT)))).body == TEXT


async def test_a_chunked_body_is_put_together(fetcher: Fetcher, web: Web) -> None:
    answer = head(transfer_encoding="chunked") + b"5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n"
    assert (await get(fetcher, web.answer("/feed", answer))).body == b"hello world"


async def test_a_damaged_gzip_body_is_an_error(fetcher: Fetcher, web: Web) -> None:
    damaged = PACKED[:20] + bytes(byte ^ 0xFF for byte in PACKED[20:30]) + PACKED[30:]
    error = await fault(fetcher, request(web.answer("/feed", ok(damaged, content_encoding="gzip"))))
    assert error.kind in ("encoding", "truncated")


@pytest.mark.parametrize("status", ["204 No Content", "200 OK"])
async def test_an_empty_body_is_empty(fetcher: Fetcher, web: Web, status: str) -> None:
    assert (await get(fetcher, web.answer("/feed", ok(status=status, content_encoding="gzip")))).body == b""


async def test_a_length_over_the_limit_is_refused_before_reading(fetcher: Fetcher, web: Web) -> None:
    error = await fault(fetcher, request(web.answer("/feed", head(content_length="5000000000"))))
    assert (error.kind, "10485760" in error.reason) == ("too-large", True)


@pytest.mark.parametrize("start", [head(), head(content_encoding="gzip"), head(transfer_encoding="chunked")])
async def test_an_endless_body_is_cut_at_the_limit(fetcher: Fetcher, web: Web, start: bytes) -> None:
    piece = b"10000\r\n%s\r\n" % (b"x" * 65536) if b"chunked" in start else b"x" * 65536
    error = await fault(fetcher, request(web.answer("/feed", endless(start, piece)), max_size=MIB))
    assert error.kind == "too-large"


@pytest.mark.parametrize(
    ("start", "nothing", "kind"),
    [
        (b"", gzip.compress(b""), "encoding"),  # empty members
        (PACKED[:10], b"\0\0\0\xff\xff", "too-large"),  # a gzip header and empty blocks
    ],
)
async def test_endless_nothing_in_gzip_is_cut(
    fetcher: Fetcher, web: Web, start: bytes, nothing: bytes, kind: str
) -> None:
    script = endless(head(content_encoding="gzip") + start, nothing * 1000)
    assert (await fault(fetcher, request(web.answer("/feed", script), max_size=MIB))).kind == kind


def bomb(size: int) -> bytes:
    """Zeros without an end; after a full flush each mebibyte packs to the same bytes, which saves the packing."""
    packer = zlib.compressobj(9, wbits=31)
    first, another = (packer.compress(b"\0" * MIB) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + another * (size // MIB - 1)


async def test_a_gzip_bomb_is_cut_at_the_limit(fetcher: Fetcher, web: Web) -> None:
    packed = bomb(64 * MIB)
    error = await fault(fetcher, request(web.answer("/feed", ok(packed, content_encoding="gzip"))))
    assert error.kind == "too-large"


@pytest.mark.parametrize(("size", "fits"), [(MIB, True), (MIB + 1, False)])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
async def test_the_limit_is_exact(
    fetcher: Fetcher, web: Web, size: int, fits: bool, pack: type[bytes]
) -> None:
    asked = request(web.answer("/feed", ok(pack(b"\0" * size))), max_size=MIB)
    if fits:
        assert len((await fetcher.fetch(asked)).body) == size
    else:
        assert (await fault(fetcher, asked)).kind == "too-large"


@pytest.mark.parametrize(
    "answer",
    [
        ok(b"x" * 200_000, status="500 Broken"),
        ok(PACKED[:-9], status="500 Broken", content_encoding="gzip"),
        ok(PACKED, status="500 Broken", content_encoding="br"),
        hang_up(head("500 Broken", content_length="100") + b"cut"),
        endless(head("500 Broken"), b"x" * 1000),
    ],
)
async def test_a_faulty_error_page_does_not_hide_its_status(
    fetcher: Fetcher, web: Web, answer: bytes
) -> None:
    got = await get(fetcher, web.answer("/feed", answer))
    assert got.status == 500
    assert len(got.body) <= 65536


@given(st.binary(max_size=3000), st.integers(0, 3000), st.sampled_from([31, 15, -15]))
def test_a_packed_body_comes_out_as_it_went_in_and_any_beginning_of_it_is_told_from_it(
    document: bytes, cut: int, form: int
) -> None:
    packer = zlib.compressobj(wbits=form)
    packed = packer.compress(document) + packer.flush()
    whole, part = (
        BodyDecoder("http://news.example/", "gzip" if form == 31 else "deflate", 3000) for _ in range(2)
    )
    whole.feed(packed)
    assert whole.finish() == document
    if 2 <= cut < len(packed):
        part.feed(packed[:cut])
        with pytest.raises(FetchError):
            part.finish()


@pytest.mark.parametrize("form", [31, 15, -15])
@pytest.mark.parametrize("size", [256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, MIB])
def test_a_body_of_just_the_unpacking_step_is_whole(form: int, size: int) -> None:
    packer = zlib.compressobj(wbits=form)
    decoder = BodyDecoder("http://news.example/", "gzip" if form == 31 else "deflate", MIB)
    decoder.feed(packer.compress(b"\0" * size) + packer.flush())
    assert decoder.finish() == b"\0" * size


@given(st.data())
def test_however_the_pieces_fall_the_body_is_the_same(data: st.DataObject) -> None:
    packed = data.draw(st.sampled_from([TEXT, PACKED, PACKED * 2, PACKED + b"\0\0", b"\x1f", b""]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(packed)), max_size=8)))
    label = "deflate" if packed == TEXT and data.draw(st.booleans()) else "gzip"
    decoder = BodyDecoder("http://news.example/", label, 100_000)
    for start, end in zip([0, *cuts], [*cuts, len(packed)], strict=True):
        decoder.feed(packed[start:end])
    whole = {PACKED: TEXT, PACKED * 2: TEXT * 2, PACKED + b"\0\0": TEXT}.get(packed, packed)
    assert decoder.finish() == whole


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", ""]))
def test_no_bytes_raise_anything_but_a_fetch_error(packed: bytes, encoding: str) -> None:
    decoder = BodyDecoder("http://news.example/", encoding, 1000)
    with suppress(FetchError):
        decoder.feed(packed)
        assert len(decoder.finish()) <= 1000
