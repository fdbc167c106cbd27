"""Redirects, and where a connection may go: lines 30 to 38 of the checklist."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import feedparser
import pytest

from tests.checklist.answers import tagged
from tests.checklist.newsroom import Newsroom, config
from tests.support.certificates import Authority
from tests.support.documents import item, listing, rss
from tests.support.process import aggregator
from tests.support.sockets import dials
from tests.support.web import NOT_MODIFIED, Web, ok, redirect

FEED = rss(item(1), item(2))
LOGIN = b"<html><head><title>Sign in</title></head><body><form><input name=password></form></body></html>"


@pytest.fixture
async def other() -> AsyncIterator[Web]:
    """A second site: another port is another origin."""
    async with Web() as web:
        yield web


def feed(url: str, **more: str) -> str:
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return f"{{id: feed, url: '{url}'{extra}}}"


# -- 30


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_30_a_temporary_redirect_is_asked_anew_each_time(
    newsroom: Newsroom, other: Web, status: int
) -> None:
    newsroom.web.answer("/feed", redirect(status, other.answer("/b", ok(FEED))))
    await newsroom.start(config(interval="6h"))
    await newsroom.forward(days=2)  # beyond the day after which a permanent one is believed
    assert len(newsroom.requests()) == len(other.requests) >= 5
    assert newsroom.row()["url"] == newsroom.web.url("/feed")
    assert sorted(newsroom.titles()) == ["新闻1", "新闻2"]


# -- 31


@pytest.mark.parametrize("status", [301, 308])
async def test_31_a_permanent_redirect_is_adopted_after_three_polls_and_a_day(
    newsroom: Newsroom, other: Web, status: int
) -> None:
    newsroom.web.answer("/feed", redirect(status, other.answer("/b", ok(FEED, etag='"1"'))))
    await newsroom.start(config(interval="6h"))
    before = newsroom.published()
    await newsroom.until(lambda: newsroom.row()["url"] == other.url("/b"))
    assert len(newsroom.requests()) >= 3
    asked_a, asked_b = len(newsroom.requests()), len(other.requests)
    other.answer("/b", ok(rss(item(1), item(2), item(3)), etag='"2"'), NOT_MODIFIED)
    await newsroom.forward(hours=20)
    assert len(newsroom.requests()) == asked_a
    assert len(other.requests) == asked_b + 3
    assert newsroom.row()["configured_url"] == newsroom.web.url("/feed")
    assert sorted(newsroom.titles()) == ["新闻1", "新闻2", "新闻3"]
    assert entry_ids(before) <= entry_ids(newsroom.published())
    assert len(entry_ids(newsroom.published())) == 3


def entry_ids(document: bytes) -> set[str]:
    return {entry.id for entry in feedparser.parse(document).entries}


async def test_31_two_polls_or_less_than_a_day_are_not_enough(newsroom: Newsroom, other: Web) -> None:
    newsroom.web.answer("/feed", redirect(301, other.answer("/b", ok(FEED))))
    await newsroom.start()  # every two seconds
    await newsroom.polls(20)
    assert newsroom.row()["url"] == newsroom.web.url("/feed")


async def test_31_an_adopted_address_outlives_a_restart(newsroom: Newsroom, other: Web) -> None:
    newsroom.web.answer("/feed", redirect(301, other.answer("/b", ok(FEED))))
    await newsroom.start(config(interval="6h"))
    await newsroom.until(lambda: newsroom.row()["url"] == other.url("/b"))
    asked_a = len(newsroom.requests())
    await newsroom.restart()
    await newsroom.forward(hours=13)
    assert len(newsroom.requests()) == asked_a
    assert sorted(newsroom.titles()) == ["新闻1", "新闻2"]


# -- 32


async def test_32_a_captive_portal_for_a_moment_moves_nothing_and_loses_nothing(
    newsroom: Newsroom, other: Web
) -> None:
    portal = redirect(301, other.answer("/login", ok(LOGIN, content_type="text/html")))
    newsroom.web.answer("/feed", ok(FEED, etag='"1"'), portal, ok(rss(item(1), item(2), item(3))))
    await newsroom.start()
    before = newsroom.published()
    await newsroom.next_request()
    assert newsroom.row()["last_error"]
    assert newsroom.published() == before
    asked = await newsroom.next_request()
    assert asked["if-none-match"] == b'"1"'
    assert newsroom.row()["url"] == newsroom.web.url("/feed")
    assert len(newsroom.titles()) == 3


async def test_32_a_captive_portal_for_days_moves_nothing_either(newsroom: Newsroom, other: Web) -> None:
    portal = redirect(301, other.answer("/login", ok(LOGIN, content_type="text/html")))
    newsroom.web.answer("/feed", ok(FEED), portal)
    await newsroom.start(config(interval="6h"))
    await newsroom.forward(days=3)
    row = newsroom.row()
    assert (row["url"], row["state"]) == (newsroom.web.url("/feed"), "failing")
    newsroom.web.answer("/feed", ok(FEED))
    await newsroom.next_request()
    assert (newsroom.row()["state"], len(newsroom.titles())) == ("ok", 2)


# -- 33


@pytest.mark.parametrize(
    ("statuses", "kept"), [([301, 302], 1), ([308, 301, 307], 2), ([302, 301], 0), ([301, 302, 301], 1)]
)
async def test_33_only_the_permanent_steps_at_the_beginning_are_kept(
    newsroom: Newsroom, statuses: list[int], kept: int
) -> None:
    paths = ["/feed", "/1", "/2", "/3"][: len(statuses)]
    for number, (path, status) in enumerate(zip(paths, statuses, strict=True), start=1):
        newsroom.web.answer(path, redirect(status, f"/{number}"))
    newsroom.web.answer(f"/{len(statuses)}", ok(FEED))
    await newsroom.start(config(interval="6h"))
    await newsroom.forward(days=2)
    expected = ["/feed", "/1", "/2"][kept]
    assert newsroom.row()["url"] == newsroom.web.url(expected)
    assert len(newsroom.titles()) == 2


# -- 34


def loop(web: Web) -> None:
    web.answer("/feed", redirect(302, "/b"))
    web.answer("/b", redirect(301, "/feed"))


def endless(web: Web) -> None:
    web.answer("/feed", redirect(302, "/0"))
    for n in range(50):
        web.answer(f"/{n}", redirect(302, f"/{n + 1}"))


def itself(web: Web) -> None:
    web.answer("/feed", redirect(301, "/feed"))


@pytest.mark.parametrize("script", [loop, endless, itself])
async def test_34_redirects_that_do_not_end_are_an_error_after_at_most_six_requests(
    newsroom: Newsroom, script: Callable[[Web], None]
) -> None:
    script(newsroom.web)
    await newsroom.start()
    assert len(newsroom.web.requests) <= 6
    assert "redirect" in newsroom.row()["last_error"]
    assert newsroom.row()["next_poll_reason"].startswith("back-off")
    assert newsroom.row()["url"] == newsroom.web.url("/feed")


async def test_34_five_redirects_are_followed(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", redirect(302, "/1"))
    for n in range(1, 5):
        newsroom.web.answer(f"/{n}", redirect(302, f"/{n + 1}"))
    newsroom.web.answer("/5", ok(FEED))
    await newsroom.start()
    assert len(newsroom.titles()) == 2


# -- 35


@pytest.mark.parametrize("status", [301, 302])
async def test_35_a_redirect_to_another_source_brings_no_article_twice(
    newsroom: Newsroom, status: int
) -> None:
    newsroom.web.answer("/feed", redirect(status, "/b"))
    newsroom.web.answer("/b", tagged(FEED))
    await newsroom.start(config(feed("{web}/feed"), "{id: other, url: '{web}/b'}", interval="6h"))
    await newsroom.forward(days=3)
    assert sorted(newsroom.titles()) == ["新闻1", "新闻2"]
    assert newsroom.row("other")["state"] == "ok"


async def test_35_once_a_source_has_moved_to_another_one_request_serves_both(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", redirect(301, "/b"))
    newsroom.web.answer("/b", tagged(FEED))
    await newsroom.start(config(feed("{web}/feed"), "{id: other, url: '{web}/b'}", interval="6h"))
    await newsroom.until(lambda: newsroom.row()["url"] == newsroom.web.url("/b"))
    await newsroom.forward(hours=12)
    before = len(newsroom.requests("/b"))
    await newsroom.forward(days=2)
    assert len(newsroom.requests("/b")) - before <= 2 * 4 + 1
    assert {newsroom.row(source)["state"] for source in ("feed", "other")} == {"ok"}
    assert len(newsroom.titles()) == 2


# -- 36


async def test_36_validators_go_only_to_the_address_that_gave_them(newsroom: Newsroom, other: Web) -> None:
    newsroom.web.answer("/feed", ok(FEED, etag='"of-a"'), redirect(302, other.url("/b")))
    other.answer("/b", ok(rss(item(1), item(3)), etag='"of-b"'), NOT_MODIFIED)
    await newsroom.start()
    await newsroom.polls(2)
    assert [asked["if-none-match"] for asked in newsroom.requests()] == [None, b'"of-a"', None]
    assert [asked["if-none-match"] for asked in other.requests] == [None, b'"of-b"']
    assert len(newsroom.titles()) == 3


async def test_36_a_target_that_changes_gets_no_validators_of_the_old_one(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", redirect(302, "/b"), redirect(302, "/c"))
    for path in ("/b", "/c"):
        newsroom.web.answer(path, ok(FEED, etag=f'"{path}"', last_modified="Mon, 02 Mar 2026 07:00:00 GMT"))
    await newsroom.start()
    await newsroom.polls(2)
    asked = {(one.path, one["if-none-match"]) for one in newsroom.web.requests}
    assert ("/c", b'"/b"') not in asked
    assert newsroom.requests("/c")[0]["if-modified-since"] is None
    assert newsroom.requests("/c")[1]["if-none-match"] == b'"/c"'


# -- 37


async def test_37_no_password_and_no_cookie_goes_to_another_origin(newsroom: Newsroom, other: Web) -> None:
    moved = redirect(302, other.answer("/b", ok(FEED))).replace(
        b"Location", b"Set-Cookie: session=1\r\nLocation"
    )
    newsroom.web.answer("/feed", moved)
    await newsroom.start(config(feed(newsroom.web.url("/feed").replace("://", "://reader:secret@"))))
    await newsroom.next_request()
    assert {asked["authorization"] for asked in newsroom.requests()} == {b"Basic cmVhZGVyOnNlY3JldA=="}
    assert [asked["authorization"] for asked in other.requests] == [None, None]
    assert {asked["cookie"] for asked in [*newsroom.requests(), *other.requests]} == {None}
    assert {asked["referer"] for asked in other.requests} == {None}
    assert "secret" not in str(newsroom.rows())


async def test_37_a_password_is_not_published(newsroom: Newsroom) -> None:
    newsroom.web.answer("/feed", ok(FEED))
    await newsroom.start(config(feed(newsroom.web.url("/feed").replace("://", "://reader:secret@"))))
    files = [path for path in (newsroom.folder / "var" / "public").rglob("*") if path.is_file()]
    assert files
    assert not [path.name for path in files if b"secret" in path.read_bytes()]


@pytest.mark.parametrize("status", [301, 302])
async def test_37_from_https_to_http_is_refused(newsroom: Newsroom, tmp_path: Path, status: int) -> None:
    newsroom.web.answer("/plain", ok(FEED))
    async with Web(tls=Authority(tmp_path).server("IP:127.0.0.1")) as secure:
        secure.answer("/feed", redirect(status, newsroom.web.url("/plain")))
        await newsroom.start(config(feed(secure.url("/feed"), verify="no")))
        await newsroom.stop()
        assert len(secure.requests) == 1
    assert newsroom.web.requests == []


async def test_37_status_says_why_a_redirect_to_http_is_refused(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.web.answer("/plain", ok(FEED))
    async with Web(tls=Authority(tmp_path).server("IP:127.0.0.1")) as secure:
        secure.answer("/feed", redirect(301, newsroom.web.url("/plain")))
        await newsroom.start(config(feed(secure.url("/feed"), verify="no")))
        assert "https to http" in newsroom.row()["last_error"]
        assert newsroom.row()["url"] == secure.url("/feed")


# -- 38

PRIVATE = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "localhost",
    "example.com@127.0.0.1",
]
NO_WEB = ["file:///etc/passwd", "gopher://127.0.0.1:6379/_x", "ftp://127.0.0.1/feed", "data:text/xml,<rss/>"]
#: Only this host is one's own; everything else that is not public stays forbidden.
OWN = "allow_private: 127.0.0.77/32"


@pytest.fixture
async def own(newsroom: Newsroom) -> AsyncIterator[Web]:
    """A server at the one private address that the configuration names."""
    async with Web(host="127.0.0.77") as web:
        yield web


def guarded(*sources: str) -> str:
    return config(*sources).replace("allow_private: 127.0.0.0/8", OWN)


@pytest.mark.parametrize("host", PRIVATE)
async def test_38_a_source_at_a_private_address_is_never_dialled(newsroom: Newsroom, host: str) -> None:
    address = f"http://{host}:{newsroom.web.port}/feed"
    with dials() as dialled:
        await newsroom.start(guarded(feed(address)))
    assert internet(dialled) == []
    assert newsroom.web.requests == []
    assert newsroom.row()["state"] == "failing"
    assert newsroom.row()["last_error"]


@pytest.mark.parametrize("status", [301, 302, 307])
@pytest.mark.parametrize("target", [*(f"http://{host}/" for host in PRIVATE), *NO_WEB])
async def test_38_a_redirect_to_a_private_address_is_not_dialled(
    newsroom: Newsroom, own: Web, status: int, target: str
) -> None:
    own.answer("/feed", redirect(status, target.encode()))
    with dials() as dialled:
        await newsroom.start(guarded(feed(own.url("/feed"))))
    assert internet(dialled) == [("127.0.0.77", own.port)]
    assert newsroom.row()["last_error"]
    assert newsroom.row()["url"] == own.url("/feed")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """What the operating system's resolver says: by name the answers, each a list of addresses, the last for ever."""
    scripted: dict[str, list[list[str]]] = {}
    genuine = socket.getaddrinfo

    def getaddrinfo(host: str, port: object, *rest: object, **more: object) -> list[object]:
        if host not in scripted:
            return list(genuine(host, port, *rest, **more))  # type: ignore[arg-type]  # passed on
        answers = scripted[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port or 0),
            )
            for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return scripted


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["::1"], ["::ffff:127.0.0.1"], ["0.0.0.0"]],
    ids=str,
)
async def test_38_a_name_that_stands_for_a_private_address_is_not_dialled(
    newsroom: Newsroom, names: dict[str, list[list[str]]], addresses: list[str]
) -> None:
    names["evil.example"] = [addresses]
    with dials() as dialled:
        await newsroom.start(guarded(feed(f"http://evil.example:{newsroom.web.port}/feed")))
    assert internet(dialled) == []
    assert "evil.example" in newsroom.row()["url"]
    assert newsroom.row()["last_error"]


async def test_38_public_and_private_answers_together_are_refused(
    newsroom: Newsroom, names: dict[str, list[list[str]]]
) -> None:
    names["evil.example"] = [["93.184.215.14", "127.0.0.1"]]
    with dials() as dialled:
        await newsroom.start(guarded(feed(f"http://evil.example:{newsroom.web.port}/feed")))
    assert internet(dialled) == []


async def test_38_the_address_that_was_checked_is_the_one_that_is_dialled(
    newsroom: Newsroom, own: Web, names: dict[str, list[list[str]]]
) -> None:
    names["rebinding.example"] = [
        ["127.0.0.77"],
        ["127.0.0.1"],
    ]  # allowed at first, forbidden the next moment
    own.answer("/feed", ok(FEED))
    with dials() as dialled:
        await newsroom.start(guarded(feed(f"http://rebinding.example:{own.port}/feed")))
    assert internet(dialled) == [("127.0.0.77", own.port)]
    assert len(newsroom.titles()) == 2


async def test_38_a_name_that_turns_private_is_refused_from_then_on(
    newsroom: Newsroom, own: Web, names: dict[str, list[list[str]]]
) -> None:
    names["rebinding.example"] = [["127.0.0.1"]]
    own.answer("/feed", redirect(302, f"http://rebinding.example:{newsroom.web.port}/inside"))
    with dials() as dialled:
        await newsroom.start(guarded(feed(own.url("/feed"))))
    assert internet(dialled) == [("127.0.0.77", own.port)]
    assert newsroom.web.requests == []


@pytest.mark.parametrize("url", NO_WEB)
def test_38_an_address_that_is_not_of_the_web_is_refused_in_the_configuration(
    tmp_path: Path, url: str
) -> None:
    (tmp_path / "feeds.yaml").write_text(f"sources: ['{url}']\n", encoding="utf-8")
    done = aggregator("check", folder=tmp_path)
    assert done.returncode == 2
    assert "no web address" in done.stderr + done.stdout


async def test_38_a_proxy_in_the_environment_is_no_way_round(
    newsroom: Newsroom, own: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, newsroom.web.url(""))
    own.answer("/feed", ok(FEED))
    with dials() as dialled:
        await newsroom.start(guarded(feed(own.url("/feed"))))
    assert internet(dialled) == [("127.0.0.77", own.port)]
    assert newsroom.web.requests == []


async def test_38_the_pages_behind_a_listing_are_guarded_as_well(newsroom: Newsroom, own: Web) -> None:
    inside = [f"http://{host}:{newsroom.web.port}/guoji/{n}.html" for n, host in enumerate(PRIVATE[:10])]
    own.answer("/list", ok(listing(*inside), content_type="text/html"))
    with dials() as dialled:
        await newsroom.start(guarded(feed(own.url("/list"), type="page")))
    assert set(internet(dialled)) <= {("127.0.0.77", own.port)}
    assert newsroom.web.requests == []


def internet(dialled: list[object]) -> list[object]:
    """Without what is no connection to anywhere: the event loop's own pairs of sockets."""
    return [address for address in dialled if isinstance(address, tuple)]
