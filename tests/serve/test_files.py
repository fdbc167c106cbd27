from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import brotli
import httpx
import pytest

from aggregator.config.model import Server
from aggregator.serve import make_app, shelf
from tests.serve.making import FEED, FakeFacts, a_paper, client, publish

GZIP = {"accept-encoding": "gzip"}


async def get(root: Path, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    async with client(root) as asking:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await asking.request(method, path, headers=named)


# -- what comes


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.rss", "application/rss+xml; charset=utf-8"),
        ("a.atom", "application/atom+xml; charset=utf-8"),
        ("a.json", "application/feed+json; charset=utf-8"),
        ("feeds.opml", "text/x-opml; charset=utf-8"),
        ("a.html", "text/html; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.png", "image/png"),
        ("a.unheard-of", "application/octet-stream"),
    ],
)
async def test_each_kind_of_file_has_its_type(tmp_path: Path, name: str, media_type: str) -> None:
    publish(tmp_path, name, b"x")
    response = await get(tmp_path, f"/{name}")

    assert (response.status_code, response.headers["content-type"]) == (200, media_type)
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_feed_comes_whole_with_validators(tmp_path: Path) -> None:
    response = await get(a_paper(tmp_path), "/world.atom")

    assert response.content == FEED
    assert response.headers["etag"].startswith('"')
    assert response.headers["last-modified"].endswith("GMT")
    assert response.headers["cache-control"] == "max-age=300"
    assert response.headers["content-length"] == str(len(FEED))
    assert "set-cookie" not in response.headers


async def test_assets_are_kept_longer_than_feeds(tmp_path: Path) -> None:
    assert (await get(a_paper(tmp_path), "/assets/style.css")).headers["cache-control"] == "max-age=86400"


async def test_a_page_may_run_only_what_is_the_papers_own(tmp_path: Path) -> None:
    policy = (await get(a_paper(tmp_path), "/world/")).headers["content-security-policy"]

    assert policy.startswith("default-src 'none'")
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["a.atom", "a.svg", "a.xml", "a.unheard-of"])
async def test_a_document_that_a_browser_renders_is_put_in_a_sandbox(tmp_path: Path, name: str) -> None:
    publish(tmp_path, name, b"x")

    assert "sandbox" in (await get(tmp_path, f"/{name}")).headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "title"), [("/", b"front"), ("/world/", b"world"), ("/world/index.html", b"world")]
)
async def test_a_folder_shows_its_page(tmp_path: Path, path: str, title: bytes) -> None:
    assert title in (await get(a_paper(tmp_path), path)).content


async def test_a_folder_without_its_slash_leads_to_it(tmp_path: Path) -> None:
    response = await get(a_paper(tmp_path), "/world?x=1")

    assert response.status_code == 308
    assert response.headers["location"] == "./world/"


async def test_head_is_get_without_the_body(tmp_path: Path) -> None:
    root = a_paper(tmp_path)
    head, whole = await get(root, "/world.atom", "HEAD"), await get(root, "/world.atom")

    assert head.content == b""
    assert {k: v for k, v in head.headers.items() if k != "date"} == dict(whole.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND", "TRACE"])
async def test_nothing_can_be_done_but_reading(tmp_path: Path, method: str) -> None:
    response = await get(a_paper(tmp_path), "/world.atom", method)

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"


# -- what the client has already


async def test_who_has_it_gets_304(tmp_path: Path) -> None:
    root = a_paper(tmp_path)
    first = await get(root, "/world.atom")
    again = await get(root, "/world.atom", if_none_match=first.headers["etag"])

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == "max-age=300"
    assert "content-length" not in again.headers


async def test_the_date_alone_is_enough(tmp_path: Path) -> None:
    root = a_paper(tmp_path)
    first = await get(root, "/world.atom")

    assert (
        await get(root, "/world.atom", if_modified_since=first.headers["last-modified"])
    ).status_code == 304


async def test_a_stale_etag_beats_a_matching_date(tmp_path: Path) -> None:
    root = a_paper(tmp_path)
    date = (await get(root, "/world.atom")).headers["last-modified"]
    response = await get(root, "/world.atom", if_none_match='"old"', if_modified_since=date)

    assert response.status_code == 200


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}'])
async def test_the_etag_of_either_coding_is_known_again(tmp_path: Path, form: str) -> None:
    root = a_paper(tmp_path)
    async with client(root) as asking:
        plain = await asking.get("/world.atom")
        packed = await asking.get("/world.atom", headers=GZIP)
        tags = [plain.headers["etag"], packed.headers["etag"]]
        statuses = {
            (
                await asking.get("/world.atom", headers={"if-none-match": form.format(tag), **coding})
            ).status_code
            for tag in tags
            for coding in (GZIP, {"accept-encoding": "identity"})
        }

    assert tags[0] != tags[1]
    assert statuses == {304}


async def test_a_rewritten_file_is_a_new_one_even_in_the_same_second(tmp_path: Path) -> None:
    root = a_paper(tmp_path)
    async with client(root) as asking:
        first = await asking.get("/world.atom")
        before = (root / "world.atom").stat()
        replacement = publish(root, "next", FEED.replace(b"word", b"ward"))
        os.utime(replacement, ns=(before.st_atime_ns, before.st_mtime_ns))
        replacement.rename(root / "world.atom")
        second = await asking.get("/world.atom", headers={"if-none-match": first.headers["etag"]})

    assert second.status_code == 200
    assert b"ward" in second.content


async def test_the_same_content_written_again_keeps_its_etag(tmp_path: Path) -> None:
    root = a_paper(tmp_path)
    first = (await get(root, "/world.atom")).headers["etag"]
    os.utime(publish(root, "world.atom", FEED), (1, 1))

    assert (await get(root, "/world.atom")).headers["etag"] == first


# -- compression


async def test_a_feed_is_compressed_for_who_accepts_it(tmp_path: Path) -> None:
    async with client(a_paper(tmp_path)) as asking:
        packed = await asking.get("/world.atom", headers=GZIP)
        plain = await asking.get("/world.atom")

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content == FEED
    assert int(packed.headers["content-length"]) < len(FEED)
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in plain.headers


async def test_the_precompressed_file_is_sent_as_it_is(tmp_path: Path) -> None:
    root = a_paper(tmp_path)
    made = gzip.compress(FEED, 9, mtime=12345)
    publish(root, "world.atom.gz", made)
    async with client(root) as asking, asking.stream("GET", "/world.atom", headers=GZIP) as response:
        sent = b"".join([chunk async for chunk in response.aiter_raw()])

    assert sent == made


@pytest.mark.parametrize("stale", [gzip.compress(b"old" * 1000), b"\x1f\x8b", b"", b"no gzip"])
async def test_a_precompressed_file_of_other_content_is_not_sent(tmp_path: Path, stale: bytes) -> None:
    root = a_paper(tmp_path)
    publish(root, "world.atom.gz", stale)

    assert (await get(root, "/world.atom", accept_encoding="gzip")).content == FEED


async def test_what_is_small_or_packed_already_is_sent_plain(tmp_path: Path) -> None:
    publish(tmp_path, "a.html", b"short")
    publish(tmp_path, "a.png", bytes(5000))
    async with client(tmp_path) as asking:
        for path in ("/a.html", "/a.png"):
            assert "content-encoding" not in (await asking.get(path, headers=GZIP)).headers


async def test_brotli_that_stands_beside_the_file_goes_first(tmp_path: Path) -> None:
    root = a_paper(tmp_path)
    publish(root, "world.atom.br", made := brotli.compress(FEED))
    async with client(root) as asking:
        headers = {"accept-encoding": "gzip, deflate, br, zstd"}
        async with asking.stream("GET", "/world.atom", headers=headers) as response:
            sent = b"".join([chunk async for chunk in response.aiter_raw()])
        etag = response.headers["etag"]
        again = await asking.get("/world.atom", headers={**headers, "if-none-match": etag})
        plain = await asking.get("/world.atom", headers={"if-none-match": etag})

    assert (response.headers["content-encoding"], sent) == ("br", made)
    assert etag.endswith('-br"')
    assert (again.status_code, again.headers["etag"]) == (304, etag)
    assert plain.status_code == 304


@pytest.mark.parametrize(
    "stale",
    [
        brotli.compress(b"old" * 1000),
        brotli.compress(FEED + b"x"),
        brotli.compress(FEED)[:-3],
        b"",
        b"no brotli",
    ],
)
async def test_brotli_of_other_content_is_not_sent(tmp_path: Path, stale: bytes) -> None:
    root = a_paper(tmp_path)
    publish(root, "world.atom.br", stale)
    response = await get(root, "/world.atom", accept_encoding="br")

    assert "content-encoding" not in response.headers
    assert response.content == FEED


# -- forms of a section


def a_section(root: Path) -> Path:
    for ending in ("atom", "rss", "json"):
        publish(root, f"world.{ending}", ending.encode() * 200)
    publish(root, "world/index.html", b"page" * 200)
    return root


@pytest.mark.parametrize("path", ["/world", "/world/"])
@pytest.mark.parametrize(
    ("accept", "body", "file"),
    [
        ("application/atom+xml", b"atom", "world.atom"),
        ("application/rss+xml, */*;q=0.1", b"rss", "world.rss"),
        ("application/feed+json", b"json", "world.json"),
    ],
)
async def test_the_address_of_a_section_is_each_of_its_feeds(
    tmp_path: Path, path: str, accept: str, body: bytes, file: str
) -> None:
    response = await get(a_section(tmp_path), path, accept=accept)

    assert response.status_code == 200
    assert response.content.startswith(body)
    assert response.headers["content-type"].startswith(accept.partition(",")[0])
    assert response.headers["content-location"] == ("../" if path.endswith("/") else "./") + file
    assert response.headers["vary"] == "Accept-Encoding, Accept"


@pytest.mark.parametrize("accept", ["text/html,application/xhtml+xml,*/*;q=0.8", "*/*", "image/png", ""])
async def test_the_address_of_a_section_is_its_page_for_everybody_else(tmp_path: Path, accept: str) -> None:
    root = a_section(tmp_path)
    page, leads = await get(root, "/world/", accept=accept), await get(root, "/world", accept=accept)

    assert page.content.startswith(b"page")
    assert "Accept" in page.headers["vary"]
    assert (leads.status_code, leads.headers["location"]) == (308, "./world/")
    assert leads.headers["vary"] == "Accept"


async def test_a_paper_without_pages_gives_its_feed(tmp_path: Path) -> None:
    publish(tmp_path, "world.rss", b"rss")
    for path in ("/world", "/world/"):
        assert (await get(tmp_path, path, accept="text/html")).content == b"rss"


async def test_a_file_without_an_ending_is_no_section(tmp_path: Path) -> None:
    publish(tmp_path, "notice", b"text")
    assert (await get(tmp_path, "/notice")).content == b"text"


async def test_a_negotiated_feed_is_conditional_too(tmp_path: Path) -> None:
    root = a_section(tmp_path)
    first = await get(root, "/world", accept="application/atom+xml")
    again = await get(root, "/world", accept="application/atom+xml", if_none_match=first.headers["etag"])
    other = await get(root, "/world", accept="application/rss+xml", if_none_match=first.headers["etag"])

    assert (again.status_code, again.headers["content-location"]) == (304, "./world.atom")
    assert again.headers["vary"] == "Accept-Encoding, Accept"
    assert other.status_code == 200


# -- hubs


async def test_a_feed_names_its_hub_and_itself_in_its_head(tmp_path: Path) -> None:
    facts = FakeFacts(hub="https://hub.example/日?a=1&b")
    async with client(a_section(tmp_path), facts=facts) as asking:
        direct = await asking.get("/world.atom")
        negotiated = await asking.head("/world", headers={"accept": "application/atom+xml"})
        page = await asking.get("/world/")

    expected = (
        '<https://hub.example/%E6%97%A5?a=1&b>; rel="hub", <https://paper.example/world.atom>; rel="self"'
    )
    assert direct.headers["link"] == negotiated.headers["link"] == expected
    assert "link" not in page.headers


async def test_without_a_hub_there_is_no_link(tmp_path: Path) -> None:
    assert "link" not in (await get(a_section(tmp_path), "/world.atom")).headers


# -- what was given up


@pytest.mark.parametrize(
    "path",
    [
        "/old.atom",
        "/old.rss",
        "/old.json",
        "/old.hant-tw.atom",
        "/old/",
        "/old",
        "/old/hant/",
        "/old/index.html",
    ],
)
async def test_a_section_that_was_given_up_is_gone(tmp_path: Path, path: str) -> None:
    async with client(a_paper(tmp_path), facts=FakeFacts(removed=frozenset({"old"}))) as asking:
        line = await asking.get(path)
        page = await asking.get(path, headers={"accept": "text/html"})

    assert line.status_code == page.status_code == 410
    assert "take it off your subscriptions" in line.text
    assert "No longer here" in page.text


@pytest.mark.parametrize("path", ["/older.atom", "/old.css", "/a/old.atom", "/old.atom/x"])
async def test_what_never_was_a_section_is_not_found(tmp_path: Path, path: str) -> None:
    async with client(a_paper(tmp_path), facts=FakeFacts(removed=frozenset({"old"}))) as asking:
        assert (await asking.get(path)).status_code == 404


# -- parts


async def test_a_part_can_be_asked_for(tmp_path: Path) -> None:
    response = await get(a_paper(tmp_path), "/world.atom", range="bytes=0-5", accept_encoding="gzip")

    assert (response.status_code, response.content) == (206, b"<feed>")
    assert response.headers["content-range"] == f"bytes 0-5/{len(FEED)}"
    assert "content-encoding" not in response.headers


@pytest.mark.parametrize("wanted", ["bytes=0-5, 10-15", "lines=0-5", "bytes=5-0", "bytes=x"])
async def test_several_parts_and_parts_that_are_none_are_the_whole(tmp_path: Path, wanted: str) -> None:
    response = await get(a_paper(tmp_path), "/world.atom", range=wanted)

    assert (response.status_code, response.content) == (200, FEED)


async def test_a_part_goes_on_with_the_same_document(tmp_path: Path) -> None:
    root = a_paper(tmp_path)
    first = await get(root, "/world.atom", range="bytes=0-99")
    for holds in (first.headers["etag"], first.headers["last-modified"]):
        rest = await get(root, "/world.atom", range="bytes=100-", if_range=holds)
        assert first.content + rest.content == FEED


async def test_a_part_of_what_is_known_is_304(tmp_path: Path) -> None:
    root = a_paper(tmp_path)
    etag = (await get(root, "/world.atom")).headers["etag"]

    assert (await get(root, "/world.atom", range="bytes=0-5", if_none_match=etag)).status_code == 304


async def test_head_takes_no_notice_of_parts(tmp_path: Path) -> None:
    response = await get(a_paper(tmp_path), "/world.atom", "HEAD", range="bytes=0-5")

    assert (response.status_code, response.headers["content-length"]) == (200, str(len(FEED)))


async def test_a_part_of_a_document_that_has_changed_is_the_whole(tmp_path: Path) -> None:
    response = await get(a_paper(tmp_path), "/world.atom", range="bytes=0-5", if_range='"old"')

    assert (response.status_code, response.content) == (200, FEED)


async def test_a_part_beyond_the_end_is_416(tmp_path: Path) -> None:
    response = await get(a_paper(tmp_path), "/world.atom", range="bytes=99999-")

    assert response.status_code == 416
    assert response.headers["content-range"] == f"bytes */{len(FEED)}"


async def test_a_large_file_is_streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "LARGE", 1000)
    monkeypatch.setattr(shelf, "CHUNK", 300)
    root = a_paper(tmp_path)
    async with client(root) as asking:
        whole = await asking.get("/world.atom")
        part = await asking.get("/world.atom", headers={"range": "bytes=500-1499"})
        head = await asking.head("/world.atom")
        again = await asking.get("/world.atom", headers={"if-none-match": whole.headers["etag"]})

    assert (whole.content, part.content, head.content) == (FEED, FEED[500:1500], b"")
    assert head.headers["content-length"] == str(len(FEED))
    assert again.status_code == 304


def test_the_shelf_holds_no_more_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "HELD", 5000)
    held = shelf.Shelf(tmp_path)
    for n in range(20):
        publish(tmp_path, f"{n}.png", bytes(1000))
        held.document(f"{n}.png")

    assert len(held._held) == 5
    assert held.document("19.png") is held.at_hand("19.png")
    assert held.at_hand("0.png") is None
    assert held.document("0.png").length == 1000


# -- other sites


@pytest.mark.parametrize("name", ["world.atom", "world.rss", "world.json", "feeds.opml"])
async def test_other_sites_may_read_feeds(tmp_path: Path, name: str) -> None:
    publish(tmp_path, name, b"x")
    asked = await get(tmp_path, f"/{name}", "OPTIONS", origin="https://reader.example")
    response = await get(tmp_path, f"/{name}", origin="https://reader.example")

    assert asked.status_code == 204
    assert "If-None-Match" in asked.headers["access-control-allow-headers"]
    assert (
        asked.headers["access-control-allow-origin"] == response.headers["access-control-allow-origin"] == "*"
    )
    assert "ETag" in response.headers["access-control-expose-headers"]


async def test_other_sites_may_not_read_pages(tmp_path: Path) -> None:
    root = a_paper(tmp_path)

    assert "access-control-allow-origin" not in (await get(root, "/")).headers
    assert "access-control-allow-origin" not in (await get(root, "/", "OPTIONS")).headers


# -- what is not published


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/world/nothing.html",
        "/world.atom/",
        "/world.atom/x",
        "//world.atom",
        "/world//index.html",
        "/./world.atom",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/world/..%2f..%2fsecret.txt",
        "/world/%2e%2e/%2e%2e/secret.txt",
        "/%2fetc/passwd",
        "//etc/passwd",
        "/..%5csecret.txt",
        "/world.atom%00",
        "/world.atom%0a",
        "/%00",
        "/.hidden",
        "/.git/config",
        "/world/.hidden.atom",
        "/.manifest.json",
        "/" + "x" * 5000,
        "/" + "a/" * 500,
        "/%ff%fe",
        "/link.txt",
        "/linked/secret.txt",
        "/inner.atom",
        "/pipe",
    ],
)
async def test_nothing_else_is_given_out(tmp_path: Path, path: str) -> None:
    root = tmp_path / "public"
    a_paper(root)
    publish(tmp_path, "secret.txt", b"secret")
    for hidden in (".hidden", ".git/config", "world/.hidden.atom", ".manifest.json"):
        publish(root, hidden, b"secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "linked").symlink_to(tmp_path)
    (root / "inner.atom").symlink_to(root / "world.atom")
    os.mkfifo(root / "pipe")
    status, body = await answer_to(root, path)

    assert status == 404
    assert b"secret" not in body


async def answer_to(root: Path, path: str) -> tuple[int, bytes]:
    """What the application says to this very path; a client would straighten it out first."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    app = make_app(root, facts=FakeFacts(), server=Server())
    scope = {"type": "http", "method": "GET", "path": unquote(path), "query_string": b"", "headers": []}
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


async def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    a_paper(tmp_path / "edition-7")
    (tmp_path / "public").symlink_to(tmp_path / "edition-7")

    assert (await get(tmp_path / "public", "/world.atom")).content == FEED


async def test_a_folder_that_is_not_there_yet_is_an_empty_one(tmp_path: Path) -> None:
    assert (await get(tmp_path / "later", "/")).status_code == 404


async def test_people_get_a_page_and_programs_a_line(tmp_path: Path) -> None:
    page = await get(tmp_path, "/<b>", accept="text/html,*/*;q=0.8")
    line = await get(tmp_path, "/nothing", accept="*/*")

    assert page.status_code == line.status_code == 404
    assert "There is nothing at this address" in page.text
    assert "<b>" not in page.text
    assert line.headers["content-type"].startswith("text/plain")
