"""``/image/…`` as a reader's browser meets it."""

from __future__ import annotations

from pathlib import Path

from aggregator.serve.images import Served
from tests.serve.making import client

PNG = b"\x89PNG\r\n\x1a\npixels"


class Shelf:
    async def serve(self, signature: str, source: str, coded: str) -> Served | None:
        known = {
            ("s", "wire", "good"): Served(body=PNG, type="image/png"),
            ("s", "wire", "gone"): Served(elsewhere="https://a.example/p.svg"),
        }
        return known.get((signature, source, coded))


async def test_a_picture_comes_with_headers_that_let_nothing_run(tmp_path: Path) -> None:
    async with client(tmp_path, pictures=Shelf()) as browser:
        answer = await browser.get("/image/s/wire/good")
        assert answer.status_code == 200
        assert answer.content == PNG
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["cache-control"] == "public, max-age=86400"
        again = await browser.get("/image/s/wire/good", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        assert not again.content
        head = await browser.head("/image/s/wire/good")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(PNG))


async def test_one_that_cannot_be_had_leads_to_its_own_address_without_telling_where_from(
    tmp_path: Path,
) -> None:
    async with client(tmp_path, pictures=Shelf()) as browser:
        answer = await browser.get("/image/s/wire/gone", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (302, "https://a.example/p.svg")
        assert answer.headers["referrer-policy"] == "no-referrer"


async def test_what_nobody_printed_is_missing(tmp_path: Path) -> None:
    for pictures in (Shelf(), None):
        async with client(tmp_path, pictures=pictures) as browser:
            for path in ("/image/s/wire/other", "/image/s/wire/" + "x" * 5000, "/image/s", "/image/"):
                assert (await browser.get(path)).status_code == 404
            assert (await browser.post("/image/s/wire/good")).status_code in (404, 405)
