from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.fetch import Fetcher, FetchError
from aggregator.fetch.redirects import STATUSES, Trail
from tests.fetch.conftest import AGENT, Names, fault, get, request
from tests.support.certificates import Authority
from tests.support.web import Web, chunked, head, ok, redirect


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        ([301], "/1"),
        ([308], "/1"),
        ([302], None),
        ([303], None),
        ([307], None),
        ([301, 308], "/2"),
        ([301, 302], "/1"),
        ([301, 302, 301], "/1"),
        ([302, 301], None),
        ([301, 301, 307, 308, 308], "/2"),
    ],
)
async def test_only_the_permanent_redirects_at_the_beginning_move_a_source(
    fetcher: Fetcher, web: Web, statuses: list[int], moved_to: str | None
) -> None:
    for step, status in enumerate(statuses):
        web.answer(f"/{step}", redirect(status, f"/{step + 1}"))
    web.answer(f"/{len(statuses)}", ok(b"<rss/>"))
    answer = await get(fetcher, web.url("/0"))
    steps = [web.url(f"/{step}") for step in range(len(statuses) + 1)]
    assert answer.moved_to == (moved_to and web.url(moved_to))
    assert (answer.requested, answer.redirects, answer.url) == (steps[0], tuple(steps[1:]), steps[-1])
    assert answer.body == b"<rss/>"


async def test_a_temporary_redirect_is_asked_again_at_its_beginning(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/a", redirect(302, "/b"))
    web.answer("/b", ok())
    for _ in range(2):
        await get(fetcher, url)
    assert web.paths() == ["/a", "/b"] * 2


async def test_a_host_that_cannot_be_reached_is_named_where_it_was_not_configured(
    fetcher: Fetcher, web: Web
) -> None:
    url = web.answer("/a", redirect(302, "http://10.0.0.1/inside?key=k"))
    error = await fault(fetcher, request(url))
    assert error.kind == "refused-address"
    assert error.reason.startswith(
        "redirected to http://10.0.0.1/inside?key=k: 10.0.0.1 is a private address"
    )


@pytest.mark.parametrize("status", [301, 302])
async def test_a_circle_of_redirects_ends(fetcher: Fetcher, web: Web, status: int) -> None:
    url = web.answer("/a", redirect(status, "/b"))
    web.answer("/b", redirect(status, "/a"))
    error = await fault(fetcher, request(url))
    assert (error.kind, "circle" in error.reason) == ("redirect", True)
    assert len(web.requests) == 2


async def test_more_than_five_redirects_are_not_followed(fetcher: Fetcher, web: Web) -> None:
    for step in range(20):
        web.answer(f"/{step}", redirect(302, f"/{step + 1}"))
    assert (await fault(fetcher, request(web.url("/0")))).kind == "redirect"
    assert len(web.requests) == 6


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (b"b?x=1#part", "/dir/b?x=1"),
        (b"/b", "/b"),
        (b"?page=2", "/dir/a?page=2"),
        (b"  /b  ", "/b"),
        (b"/with space", "/with%20space"),
        ("/头条".encode(), "/%E5%A4%B4%E6%9D%A1"),
        (b"/caf\xe9", "/caf%C3%A9"),
        (b"/a%2Fb%7Ec", "/a%2Fb%7Ec"),
    ],
)
async def test_a_location_is_read_as_browsers_read_it(
    fetcher: Fetcher, web: Web, location: bytes, path: str
) -> None:
    url = web.answer("/dir/a", redirect(302, location))
    web.answer(path, ok(b"there"))
    assert (await get(fetcher, url)).body == b"there"


@pytest.mark.parametrize(
    "location", [b"", b"http://", b"http://[::1", b"/\\evil", b"http://a b/", b"mailto:x@y.example"]
)
async def test_a_location_that_is_no_address_is_an_error(fetcher: Fetcher, web: Web, location: bytes) -> None:
    error = await fault(fetcher, request(web.answer("/a", redirect(302, location))))
    assert error.kind in ("redirect", "url")
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("ftp://b.example/feed", "redirected to ftp://b.example/feed: only http and https"),
        ("http://me:pw@b.example:99999/", "redirected to http://b.example:99999/: its port"),
        ("http://10.0.0.1/feed", "redirected to http://10.0.0.1/feed: 10.0.0.1 is a private address"),
        (
            "http://missing.example/feed",
            "redirected to http://missing.example/feed: the name missing.example",
        ),
        (f"/{'x' * 9000}", "redirected to http://127.0.0.1"),
    ],
)
async def test_a_fault_on_the_way_names_the_address_that_was_not_configured(
    fetcher: Fetcher, web: Web, location: str, told: str
) -> None:
    error = await fault(fetcher, request(web.answer("/a", redirect(302, location))))
    assert error.reason.startswith(told)
    assert len(error.reason) < 300


async def test_a_redirect_without_a_location_is_an_error(fetcher: Fetcher, web: Web) -> None:
    assert (await fault(fetcher, request(web.answer("/a", ok(status="301 Moved"))))).kind == "redirect"


@pytest.mark.parametrize("status", [300, 304, 305, 306])
def test_other_statuses_of_their_kind_are_none_to_follow(status: int) -> None:
    assert status not in STATUSES


async def test_credentials_go_to_their_origin_only(fetcher: Fetcher, web: Web) -> None:
    async with Web() as other:
        url = web.answer("/a", redirect(302, "/b")).replace("://", "://user:s%3Acret@")
        web.answer("/b", redirect(302, other.url("/c")))
        other.answer("/c", ok())
        answer = await get(fetcher, url)
    assert [asked["authorization"] for asked in web.requests] == [b"Basic dXNlcjpzOmNyZXQ="] * 2
    assert other.requests[0]["authorization"] is None
    assert "cret" not in repr(answer)


async def test_credentials_in_a_location_are_not_taken(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/a", redirect(301, web.url("/b").replace("://", "://evil:one@")))
    web.answer("/b", ok())
    answer = await get(fetcher, url)
    assert web.requests[1]["authorization"] is None
    assert answer.moved_to == web.url("/b")


async def test_a_feed_that_moves_within_its_origin_keeps_its_password(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/a", redirect(301, "/b"))
    web.answer("/b", ok())
    answer = await get(fetcher, url.replace("://", "://user:s%3Acret@"))
    assert answer.moved_to == web.url("/b").replace("://", "://user:s%3Acret@")
    assert answer.url == web.url("/b")


async def test_the_body_of_a_redirect_is_read_so_that_its_connection_serves_again(
    fetcher: Fetcher, web: Web
) -> None:
    url = web.answer(
        "/a", head("302 Found", location="/b", transfer_encoding="chunked") + chunked(b"x" * 1000)
    )
    web.answer("/b", ok())
    await get(fetcher, url)
    assert web.connections == 1


async def test_the_long_body_of_a_redirect_is_not_read(fetcher: Fetcher, web: Web) -> None:
    url = web.answer("/a", head("302 Found", location="/b", content_length="5000000000") + b"x" * 200_000)
    web.answer("/b", ok(b"there"))
    assert (await get(fetcher, url)).body == b"there"


def test_from_https_to_http_is_not_followed() -> None:
    with pytest.raises(FetchError) as caught:
        Trail.begin("https://news.example/").follow(301, b"http://news.example/feed")
    assert caught.value.kind == "redirect"


async def test_from_http_to_https_is_followed(tmp_path: Path, web: Web, names: Names) -> None:
    authority = Authority(tmp_path)
    async with (
        Web(tls=authority.server("DNS:localhost")) as secure,
        Fetcher(user_agent=AGENT, resolver=names) as fetcher,
    ):
        secure.answer("/b", ok(b"<rss/>"))
        start = web.answer("/a", redirect(301, secure.url("/b", "localhost")))
        answer = await get(fetcher, start, ca_file=authority.certificate)
    assert answer.moved_to == answer.url == secure.url("/b", "localhost")
