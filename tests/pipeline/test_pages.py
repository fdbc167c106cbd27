"""Page sources: a listing, its article pages, and what is owed when they do not all come."""

from datetime import UTC, datetime

from tests.support.documents import WORDS, item, listing, page, rss
from tests.support.room import Room
from tests.support.web import NOT_MODIFIED, ok, redirect

PORTAL = """
site: {timezone: Asia/Shanghai}
sources:
  - {id: portal, url: "{web}/guoji/"}
sections:
  - {id: world, title: 国际}
"""
LINKS = [f"/guoji/{n}.html" for n in range(101, 106)]


def portal(room: Room, *links: str) -> None:
    room.web.answer("/guoji/", ok(listing(*links), content_type="text/html"))
    for link in links:
        room.web.answer(link, ok(page(f"第{link[-8:-5]}号渔港的故事"), content_type="text/html"))


async def test_a_page_like_the_reference_sample_yields_all_its_parts(room: Room) -> None:
    portal(room, *LINKS)
    room.web.answer(
        LINKS[0],
        ok(
            page("潮汐闸启用之后", "绪论之后的第一段。" + WORDS, "第二段。" + WORDS), content_type="text/html"
        ),
    )
    await room.poll(PORTAL)
    article = next(article for article in room.articles() if article.title == "潮汐闸启用之后")
    assert article.site == "江边网"
    assert article.breadcrumb == ("江边网", "国际")
    assert article.sections == ("world",)
    assert article.published == datetime(2026, 3, 1, 16, tzinfo=UTC)  # midnight in Shanghai
    assert article.text == f"绪论之后的第一段。{WORDS}\n第二段。{WORDS}"


async def test_known_articles_are_not_fetched_again(room: Room) -> None:
    portal(room, *LINKS[:3])
    await room.poll(PORTAL)
    portal(room, *LINKS[:4])
    room.web.requests.clear()
    await room.poll(PORTAL)
    assert room.web.paths() == ["/guoji/", LINKS[3]]
    assert len(room.articles()) == 4


async def test_pages_beyond_a_polls_share_come_with_the_next_poll(room: Room) -> None:
    portal(room, *LINKS)
    sparing = PORTAL.replace('url: "{web}/guoji/"', 'url: "{web}/guoji/", max_articles: 2')
    for expected in (2, 4, 5):
        await room.poll(sparing)
        assert len(room.articles()) == expected


async def test_what_a_listing_owes_is_fetched_although_the_listing_is_unchanged(room: Room) -> None:
    portal(room, *LINKS[:3])
    room.web.answer("/guoji/", ok(listing(*LINKS[:3]), content_type="text/html", etag=b'"1"'), NOT_MODIFIED)
    room.web.answer(
        LINKS[1], ok(b"", status="502 Bad Gateway"), ok(page("迟到的一页"), content_type="text/html")
    )
    result = await room.poll(PORTAL)
    assert any("502" in fault for fault in result["portal"].faults)
    await room.poll(PORTAL)
    assert "迟到的一页" in room.titles()


async def test_an_article_page_that_never_comes_is_given_up(room: Room) -> None:
    portal(room, *LINKS[:3])
    room.web.answer(LINKS[1], ok(b"", status="502 Bad Gateway"))
    for _ in range(6):
        await room.poll(PORTAL)
    assert room.web.paths().count(LINKS[1]) == 3


async def test_the_pages_of_one_article_are_joined(room: Room) -> None:
    portal(room, *LINKS[:3])
    first = page("分两页的长文", "第一页。" + WORDS).replace(
        b"</div></body>", '<p><a href="/guoji/101_2.html">下一页</a></p></div></body>'.encode()
    )
    room.web.answer(LINKS[0], ok(first, content_type="text/html"))
    room.web.answer(
        "/guoji/101_2.html", ok(page("分两页的长文", "第二页。" + WORDS), content_type="text/html")
    )
    await room.poll(PORTAL)
    article = next(article for article in room.articles() if article.title == "分两页的长文")
    assert article.text.splitlines() == ["第一页。" + WORDS, "第二页。" + WORDS]


async def test_a_page_without_links_is_named_as_no_source(room: Room) -> None:
    room.web.answer(
        "/guoji/", ok(b"<html><body><p>Please log in.</p></body></html>", content_type="text/html")
    )
    result = await room.poll(PORTAL)
    assert "no article links" in (result["portal"].error or "")


# -- a page where a feed was promised


async def test_a_page_at_an_address_that_promises_a_feed_is_not_read_however_often_it_comes(
    room: Room,
) -> None:
    portal(room, *LINKS)
    room.web.answer("/feed.xml", *[ok(listing(*LINKS), content_type="text/html")] * 3, ok(rss(item(1))))
    promising = PORTAL.replace("{web}/guoji/", "{web}/feed.xml")
    for _ in range(3):
        result = (await room.poll(promising))["portal"]
        assert "not a feed" in (result.error or "")
        assert "type page" in (result.error or "")
    await room.poll(promising)
    assert [article.title for article in room.articles()] == ["新闻1"]
    assert room.web.paths() == ["/feed.xml"] * 4


async def test_a_feed_that_has_moved_to_the_front_page_does_not_become_that_page(room: Room) -> None:
    portal(room, *LINKS)
    room.web.answer("/feed/", redirect(301, "/guoji/"))
    for _ in range(8):
        result = (await room.poll(PORTAL.replace("{web}/guoji/", "{web}/feed/")))["portal"]
        assert "not a feed" in (result.error or "")
    assert room.articles() == []


async def test_an_address_that_promises_a_feed_is_a_page_where_the_configuration_says_so(room: Room) -> None:
    portal(room, *LINKS)
    room.web.answer("/feed.xml", ok(listing(*LINKS), content_type="text/html"))
    await room.poll(PORTAL.replace('"{web}/guoji/"', '"{web}/feed.xml", type: page'))
    assert len(room.articles()) == 5


# -- sitemaps

SITEMAP = """
sources:
  - {id: map, url: "{web}/sitemap.xml", section: 国际}
sections:
  - {id: world, title: 国际}
"""


def sitemap(*locs: str, root: str = "urlset", child: str = "url") -> bytes:
    entries = "".join(
        f"<{child}><loc>{loc}</loc><lastmod>2026-03-0{n}</lastmod></{child}>" for n, loc in enumerate(locs, 1)
    )
    return f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{root}>'.encode()


async def test_a_sitemap_leads_to_its_pages(room: Room) -> None:
    portal(room, *LINKS[:3])
    room.web.answer("/sitemap.xml", ok(sitemap(*LINKS[:3])))
    result = await room.poll(SITEMAP)
    assert result["map"].format == "sitemap"
    assert len(room.articles(section="world")) == 3
    assert room.source("map").kind == "sitemap"


async def test_an_index_leads_to_its_newest_sitemaps(room: Room) -> None:
    portal(room, *LINKS[:2])
    room.web.answer("/sitemap.xml", ok(sitemap("/a.xml", "/b.xml", root="sitemapindex", child="sitemap")))
    room.web.answer("/a.xml", ok(sitemap(*LINKS[:2])))
    room.web.answer("/b.xml", ok(b"", status="500 Broken"))
    result = await room.poll(SITEMAP)
    assert len(room.articles()) == 2
    assert any("/b.xml" in fault for fault in result["map"].faults)


async def test_of_a_new_sitemap_only_the_newest_pages_are_asked_for(room: Room) -> None:
    portal(room, *LINKS)
    room.web.answer("/sitemap.xml", ok(sitemap(*LINKS)), ok(sitemap(*LINKS) + b" "))
    limited = SITEMAP.replace("section: 国际}", "section: 国际, first_fetch: {max_items: 2}}")
    await room.poll(limited)
    await room.poll(limited)
    assert [path for path in room.web.paths() if "guoji" in path] == [LINKS[4], LINKS[3]]


async def test_the_date_of_the_listing_stands_in_where_the_page_has_none_also_a_poll_later(
    room: Room,
) -> None:
    portal(room, *LINKS[:3])
    undated = page("没有日期的一页").replace("2026-03-02国际".encode(), "国际".encode())
    room.web.answer(LINKS[2], ok(b"", status="502 Bad Gateway"), ok(undated, content_type="text/html"))
    for _ in range(2):
        await room.poll(PORTAL)
    article = next(article for article in room.articles() if article.title == "没有日期的一页")
    assert article.published == datetime(2026, 2, 12, 16, tzinfo=UTC)


async def test_a_part_that_is_gone_ends_an_article_and_does_not_lose_it(room: Room) -> None:
    portal(room, *LINKS[:3])
    first = page("分两页的长文", "第一页。" + WORDS).replace(
        b"</div></body>", '<p><a href="/guoji/101_2.html">下一页</a></p></div></body>'.encode()
    )
    room.web.answer(LINKS[0], ok(first, content_type="text/html"))
    await room.poll(PORTAL)
    assert "分两页的长文" in room.titles()
