"""Page sources: a listing, its article pages, and what is owed when they do not all come."""

from datetime import UTC, datetime

from tests.support.documents import WORDS, listing, page
from tests.support.room import Room
from tests.support.web import NOT_MODIFIED, ok

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
