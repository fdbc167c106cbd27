"""robots.txt in the newsroom: who heeds it, how often it is asked for, and what happens when it does not come."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta

import pytest

from aggregator.daemon import poll_round
from tests.support.documents import item, listing, page, rss
from tests.support.room import Room
from tests.support.web import Web, hang_up, ok, redirect

PORTAL = """
sources:
  - {id: portal, url: "{web}/guoji/"}
"""
FEED = """
sources:
  - {id: paper, url: "{web}/feed"}
"""
LINKS = [f"/guoji/{n}.html" for n in range(101, 104)]
ROBOTS = "/robots.txt"
NOBODY = "User-agent: *\nDisallow: /"


def portal(room: Room, robots: str | None = None, *, folder: str = "/guoji/") -> None:
    room.web.answer(folder, ok(listing(*LINKS), content_type="text/html"))
    for link in LINKS:
        room.web.answer(link, ok(page(f"第{link[-8:-5]}号渔港的故事"), content_type="text/html"))
    if robots is not None:
        room.web.answer(ROBOTS, ok(robots.encode(), content_type="text/plain"))


def with_key(yaml: str, key: str) -> str:
    return yaml.replace('"}', f'", {key}}}')


# -- who heeds it


async def test_a_listing_that_robots_txt_forbids_is_not_asked_for(room: Room) -> None:
    portal(room, "User-agent: *\nDisallow: /guoji/")
    result = (await room.poll(PORTAL))["portal"]
    assert room.web.paths() == [ROBOTS]
    assert "asks programs not to read /guoji/" in (result.error or "")
    assert "robots: ignore" in (result.error or "")
    assert room.source("portal").last_error == result.error


async def test_what_robots_txt_allows_is_read(room: Room) -> None:
    portal(room, "User-agent: *\nDisallow: /admin/")
    await room.poll(PORTAL)
    assert room.web.paths()[:2] == [ROBOTS, "/guoji/"]
    assert len(room.articles()) == 3


async def test_an_article_that_robots_txt_forbids_is_named_and_never_asked_for(room: Room) -> None:
    portal(room, f"User-agent: *\nDisallow: {LINKS[1]}")
    result = (await room.poll(PORTAL))["portal"]
    assert [fault for fault in result.faults if LINKS[1] in fault and "asks programs not to read" in fault]
    for _ in range(3):
        room.clock.forward(hours=1)
        await room.poll(PORTAL)
    assert LINKS[1] not in room.web.paths()
    assert len(room.articles()) == 2


async def test_a_group_for_our_name_is_ours(room: Room) -> None:
    portal(room, "User-agent: feed-aggregator\nDisallow: /\n\nUser-agent: *\nAllow: /")
    await room.poll(PORTAL)
    assert room.web.paths() == [ROBOTS]


async def test_a_source_with_a_user_agent_of_its_own_goes_by_that_name(room: Room) -> None:
    portal(room, "User-agent: RiverPaper\nDisallow: /\n\nUser-agent: *\nAllow: /")
    await room.poll(with_key(PORTAL, "user_agent: riverpaper/2"))
    assert room.web.paths() == [ROBOTS]
    assert room.web.requests[0]["user-agent"] == b"riverpaper/2"


async def test_a_configured_feed_is_polled_whatever_robots_txt_says(room: Room) -> None:
    room.web.answer(ROBOTS, ok(NOBODY.encode()))
    room.web.answer("/feed", ok(rss(item(1))))
    await room.poll(FEED)
    assert room.web.paths() == ["/feed"]
    assert len(room.articles()) == 1


async def test_a_feed_that_is_to_obey_obeys(room: Room) -> None:
    room.web.answer(ROBOTS, ok(NOBODY.encode()))
    room.web.answer("/feed", ok(rss(item(1))))
    result = await room.poll(with_key(FEED, "robots: obey"))
    assert room.web.paths() == [ROBOTS]
    assert not result["paper"].ok


async def test_one_s_own_site_is_read_without_asking(room: Room) -> None:
    portal(room, NOBODY)
    await room.poll(with_key(PORTAL, "robots: ignore"))
    assert ROBOTS not in room.web.paths()
    assert len(room.articles()) == 3


async def test_the_key_may_stand_in_defaults(room: Room) -> None:
    portal(room, NOBODY)
    await room.poll("defaults: {allow_private: 127.0.0.0/8, robots: ignore}\n" + PORTAL)
    assert len(room.articles()) == 3


async def test_what_turns_out_to_be_a_page_is_not_read_and_not_asked_for_again(room: Room) -> None:
    portal(room, NOBODY, folder="/list")
    yaml = PORTAL.replace("/guoji/", "/list")
    for _ in range(3):
        result = (await room.poll(yaml))["portal"]
        assert "asks programs not to read /list" in (result.error or "")
    assert room.web.paths() == ["/list", ROBOTS]
    assert room.articles() == []


async def test_a_sitemap_is_of_the_pages(room: Room) -> None:
    room.web.answer(ROBOTS, ok(b"User-agent: *\nDisallow: /sitemap"))
    await room.poll(with_key(PORTAL.replace("/guoji/", "/sitemap.xml"), "type: sitemap"))
    assert room.web.paths() == [ROBOTS]


async def test_permission_withdrawn_becomes_known_after_a_day(room: Room) -> None:
    portal(room, "")
    await room.poll(PORTAL)
    room.web.answer(ROBOTS, ok(NOBODY.encode()))
    room.web.requests.clear()
    room.clock.forward(hours=23)
    await room.poll(PORTAL)
    room.clock.forward(hours=2)
    await room.poll(PORTAL)
    assert room.web.paths() == ["/guoji/", ROBOTS]


async def test_taking_the_prohibition_back_has_its_effect(room: Room) -> None:
    portal(room, f"User-agent: *\nDisallow: {LINKS[1]}")
    await room.poll(PORTAL)
    await room.poll(with_key(PORTAL, "robots: ignore"))
    assert len(room.articles()) == 3


# -- how often it is asked for


async def test_it_is_asked_for_once_a_day_and_not_at_every_start(room: Room) -> None:
    portal(room, "")
    for _ in range(24):
        await room.poll(PORTAL)  # a desk of its own each time, as after a restart
        room.clock.forward(minutes=59)
    assert room.web.paths().count(ROBOTS) == 1
    room.clock.forward(hours=1)
    await room.poll(PORTAL)
    assert room.web.paths().count(ROBOTS) == 2


async def test_sources_of_one_site_ask_for_it_once_although_at_the_same_time(room: Room) -> None:
    yaml = "sources:\n"
    for n in range(20):
        room.web.answer(f"/{n}/", ok(listing(), content_type="text/html"))
        yaml += f'  - {{id: s{n}, url: "{{web}}/{n}/"}}\n'

    async def slowly(asked: object, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.write(ok(NOBODY.encode()))

    room.web.answer(ROBOTS, slowly)
    results = await room.poll(yaml)
    assert room.web.paths() == [ROBOTS]
    assert len(results) == 20


async def test_each_site_of_a_page_s_links_is_asked_by_itself(room: Room) -> None:
    async with Web() as other:
        other.answer(ROBOTS, ok(NOBODY.encode()))
        there = other.answer("/guoji/104.html", ok(page("别处的一篇"), content_type="text/html"))
        portal(room, "")
        room.web.answer("/guoji/", ok(listing(*LINKS, there), content_type="text/html"))
        result = (await room.poll(with_key(PORTAL, 'page: {link: "li a"}')))["portal"]
        assert other.paths() == [ROBOTS]
    assert any(there in fault for fault in result.faults)
    assert len(room.articles()) == 3


# -- redirects


async def test_a_page_that_leads_to_a_forbidden_one_is_not_followed(room: Room) -> None:
    portal(room, "User-agent: *\nDisallow: /members/")
    room.web.answer(LINKS[0], redirect(302, "/members/1"))
    room.web.answer("/members/1", ok(page("会员专享"), content_type="text/html"))
    result = (await room.poll(PORTAL))["portal"]
    assert "/members/1" not in room.web.paths()
    assert any("/members/1" in fault for fault in result.faults)
    assert len(room.articles()) == 2


async def test_the_file_may_have_moved(room: Room) -> None:
    portal(room)
    room.web.answer(ROBOTS, redirect(301, "/static/robots.txt"))
    room.web.answer("/static/robots.txt", ok(NOBODY.encode()))
    await room.poll(PORTAL)
    assert room.web.paths() == [ROBOTS, "/static/robots.txt"]


async def test_a_file_that_is_always_somewhere_else_forbids_nothing(room: Room) -> None:
    portal(room)
    room.web.answer(ROBOTS, redirect(301, "/r1"))
    for n in range(1, 8):
        room.web.answer(f"/r{n}", redirect(301, f"/r{n + 1}"))
    await room.poll(PORTAL)
    assert room.web.paths()[:7] == [ROBOTS, "/r1", "/r2", "/r3", "/r4", "/r5", "/guoji/"]


async def test_a_file_that_leads_inside_is_not_followed(room: Room) -> None:
    portal(room)
    room.web.answer(ROBOTS, redirect(302, "http://169.254.169.254/latest"))
    result = (await room.poll(PORTAL))["portal"]
    assert room.web.paths() == [ROBOTS]
    assert not result.ok


# -- what the answer means


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "404 Not Found", "410 Gone"])
async def test_a_file_that_is_not_there_or_not_shown_forbids_nothing(room: Room, status: str) -> None:
    portal(room)
    room.web.answer(ROBOTS, ok(NOBODY.encode(), status=status))
    await room.poll(PORTAL)
    assert len(room.articles()) == 3
    room.clock.forward(hours=20)
    await room.poll(PORTAL)
    assert room.web.paths().count(ROBOTS) == 1


@pytest.mark.parametrize("answer", [ok(b"", status="503 Busy"), ok(b"", status="500 Broken"), hang_up()])
async def test_a_file_that_does_not_come_holds_the_source(room: Room, answer: bytes) -> None:
    portal(room)
    room.web.answer(ROBOTS, answer)
    result = (await room.poll(PORTAL))["portal"]
    assert room.web.paths() == [ROBOTS]
    assert "cannot be read" in (result.error or "")
    assert result.next_poll == room.clock() + timedelta(hours=1)
    assert "robots.txt" in result.next_poll_reason
    await room.poll(PORTAL)
    assert room.web.paths() == [ROBOTS]


async def test_a_hold_ends_with_the_first_good_answer(room: Room) -> None:
    portal(room)
    room.web.answer(ROBOTS, ok(b"", status="503 Busy"), ok(b""))
    await room.poll(PORTAL)
    room.clock.forward(hours=1)
    result = (await room.poll(PORTAL))["portal"]
    assert result.ok
    assert len(room.articles()) == 3


async def test_a_hold_of_a_clock_that_was_set_back_ends_within_the_process_too(room: Room) -> None:
    portal(room)
    room.web.answer(ROBOTS, ok(b"", status="503 Busy"), ok(b""))
    room.clock.forward(days=365)
    async with room.desk(PORTAL) as desk:
        await poll_round(desk, early=True)
        assert room.web.paths() == [ROBOTS]
        room.clock.forward(days=-365)
        await poll_round(desk, early=True)
    assert room.web.paths()[:3] == [ROBOTS, ROBOTS, "/guoji/"]


async def test_a_file_that_does_not_come_for_long_is_asked_for_ever_more_seldom(room: Room) -> None:
    portal(room)
    room.web.answer(ROBOTS, ok(b"", status="502 Bad Gateway"))
    asked = []
    for _hour in range(24 * 5):
        await room.poll(PORTAL)
        asked.append(room.web.paths().count(ROBOTS))
        room.clock.forward(hours=1)
    assert asked[0] == 1
    assert asked[23] == 5  # after 0, 1, 3, 7 and 15 hours
    assert asked[-1] - asked[24 * 2] <= 3
    assert set(room.web.paths()) == {ROBOTS}


async def test_a_site_that_is_asked_too_often_says_when_to_come_again(room: Room) -> None:
    portal(room)
    room.web.answer(ROBOTS, ok(b"", status="429 Slow Down", retry_after="7200"), ok(b""))
    result = (await room.poll(PORTAL))["portal"]
    assert result.next_poll == room.clock() + timedelta(hours=2)
    assert room.web.paths() == [ROBOTS]


async def test_a_429_for_the_file_itself_holds_the_feeds_of_the_site_too(room: Room) -> None:
    portal(room)
    room.web.answer(ROBOTS, ok(b"", status="429 Slow Down", retry_after="7200"), ok(b""))
    room.web.answer("/feed", ok(rss(item(1))))
    await room.poll(PORTAL)
    both = PORTAL + FEED.replace("sources:", "").strip("\n")
    room.clock.forward(minutes=119)
    assert await room.poll(both) == {}
    assert room.web.paths() == [ROBOTS]
    assert "429" in room.source("paper").next_poll_reason
    room.clock.forward(minutes=1)
    assert {one: result.ok for one, result in (await room.poll(both)).items()} == {
        "portal": True,
        "paper": True,
    }


async def test_an_article_whose_site_does_not_tell_is_owed(room: Room) -> None:
    async with Web() as other:
        other.answer(ROBOTS, ok(b"", status="503 Busy"), ok(b""))
        there = other.answer("/guoji/104.html", ok(page("别处的一篇"), content_type="text/html"))
        portal(room, "")
        room.web.answer("/guoji/", ok(listing(*LINKS, there), content_type="text/html"))
        yaml = with_key(PORTAL, 'page: {link: "li a"}')
        await room.poll(yaml)
        assert len(room.articles()) == 3
        room.clock.forward(hours=1)
        await room.poll(yaml)
    assert "别处的一篇" in room.titles()


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>",
        b"\x00\xff\xfe garbage \x00",
        b"\xef\xbb\xbf",
        b"Disallow: /\n" * 100_000,
    ],
)
async def test_a_file_that_is_none_forbids_nothing(room: Room, body: bytes) -> None:
    portal(room)
    room.web.answer(ROBOTS, ok(body, content_type="text/html"))
    await room.poll(PORTAL)
    assert len(room.articles()) == 3


async def test_of_a_huge_file_the_beginning_counts(room: Room) -> None:
    portal(room)
    body = NOBODY.encode() + b"\n" + b"# filler\n" * 500_000
    room.web.answer(ROBOTS, ok(body))
    result = (await room.poll(PORTAL))["portal"]
    assert room.web.paths() == [ROBOTS]
    assert "asks programs not to read" in (result.error or "")


# -- pauses


async def test_the_pause_that_a_site_wants_is_kept(room: Room) -> None:
    portal(room, "User-agent: *\nCrawl-delay: 0.2")
    await room.poll(PORTAL)
    starts = [asked.at for asked in room.web.requests]
    assert len(starts) == 5
    assert min(later - earlier for earlier, later in itertools.pairwise(starts)) >= 0.19


async def test_a_site_that_wants_long_pauses_gets_short_polls(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.pipeline.articlepages.LONGEST_SHARE", timedelta(seconds=0.2))
    portal(room, "User-agent: *\nCrawl-delay: 0.1")
    for expected in (2, 3):
        await room.poll(PORTAL)
        assert len(room.articles()) == expected
