"""A page source whose yield drops at HTTP 200, and the place of its list, which is remembered."""

from itertools import count

from storage.model import Health
from tests.support.documents import WORDS, listing, page
from tests.support.room import Room
from tests.support.web import ok

PORTAL = """
sources:
  - {id: portal, url: "{web}/guoji/"}
sections:
  - {id: world, title: 国际}
"""
LINKS = [f"/guoji/{n}.html" for n in range(101, 131)]
_changes = count()


def html(body: bytes) -> bytes:
    return ok(body, content_type="text/html")


def shown(room: Room, *links: str, body: bytes | None = None) -> None:
    """The listing, another at every poll, and its articles."""
    room.web.answer("/guoji/", html((body or listing(*links)) + f"<!-- {next(_changes)} -->".encode()))
    for link in links:
        room.web.answer(link, html(page(f"第{link[-8:-5]}号渔港的故事")))


def empty(room: Room, *links: str) -> None:
    for link in links:
        room.web.answer(link, html(b"<html><body><div id=app></div></body></html>"))


async def seen(room: Room, *links: str, body: bytes | None = None) -> str | None:
    shown(room, *links, body=body)
    return (await room.poll(PORTAL))["portal"].error


async def test_a_list_that_shrinks_for_several_polls_is_a_fault_until_it_is_back(room: Room) -> None:
    for many in (12, 13):
        assert await seen(room, *LINKS[:many]) is None
    for _ in range(2):
        assert await seen(room, *LINKS[:2]) is None
    error = await seen(room, *LINKS[:2])
    assert "2 articles and nothing new, 3 polls in a row, where it used to name 13" in (error or "")
    assert room.source("portal").health is Health.FAILING
    assert await seen(room, *LINKS[:13]) is None
    assert room.source("portal").health is Health.OK


async def test_the_same_few_links_count_although_the_page_does_not_change(room: Room) -> None:
    for many in (12, 13):
        await seen(room, *LINKS[:many])
    shown(room, *LINKS[:2])
    errors = [(await room.poll(PORTAL))["portal"].error for _ in range(3)]
    assert [bool(error) for error in errors] == [False, False, True]


async def test_a_short_list_that_names_something_new_is_no_fault(room: Room) -> None:
    for many in (12, 13):
        await seen(room, *LINKS[:many])
    for n in range(20, 26):
        assert await seen(room, LINKS[0], LINKS[n]) is None


async def test_a_list_that_is_gone_says_how_long_it_was(room: Room) -> None:
    for many in (12, 13):
        await seen(room, *LINKS[:many])
    error = await seen(room, body=b"<html><body><p>Welcome.</p></body></html>")
    assert "no article links were found on it, where 13 were" in (error or "")


async def test_article_pages_that_all_of_a_sudden_hold_nothing_are_a_fault_until_one_does(room: Room) -> None:
    await seen(room, *LINKS[:6])
    shown(room, *LINKS[:11])
    empty(room, *LINKS[6:11])
    error = (await room.poll(PORTAL))["portal"].error
    assert "the last 5 article pages hold no text" in (error or "")
    record = room.source("portal")
    assert (record.health, record.last_status) == (Health.FAILING, 200)
    # The site is repaired: what was given up for nothing comes too.
    assert await seen(room, *LINKS[:11]) is None
    assert len(room.articles()) == 11
    assert room.source("portal").health is Health.OK


async def test_an_unchanged_page_does_not_hide_that_its_articles_hold_nothing(room: Room) -> None:
    await seen(room, *LINKS[:6])
    shown(room, *LINKS[:11])
    empty(room, *LINKS[6:11])
    for _ in range(4):
        result = await room.poll(PORTAL)
        assert result["portal"].error


def rebuilt(*links: str, box: str) -> bytes:
    """A page with two lists, the one in ``box`` the longer."""
    rows = [
        f'<a href="{link}">潮汐闸启用之后的第一个渔季要闻第{n}号，{WORDS}</a>' for n, link in enumerate(links)
    ]
    side = "".join(
        f'<li class="hot"><a href="/hot/{n}0001.html">热门的旧闻排行第{n}位仍在这里</a></li>'
        for n in range(3)
    )
    return (
        '<html lang="zh-CN"><head><meta charset="utf-8"><title>国际_江边网</title></head><body>'
        f'<div class="{box}">{"".join(f"<h3>{row}</h3>" for row in rows)}</div><ul>{side}</ul></body></html>'
    ).encode()


async def test_a_list_that_moved_on_its_page_is_learnt_anew_and_reported_once(room: Room) -> None:
    shown(room, *LINKS[:8], body=rebuilt(*LINKS[:8], box="list"))
    assert (await room.poll(PORTAL))["portal"].faults == ()
    shown(room, *LINKS[:9], body=rebuilt(*LINKS[:9], box="stream"))
    result = await room.poll(PORTAL)
    assert "is not where it was on the page" in " ".join(result["portal"].faults)
    assert len(room.articles()) == 9
    shown(room, *LINKS[:10], body=rebuilt(*LINKS[:10], box="stream"))
    assert (await room.poll(PORTAL))["portal"].faults == ()


async def test_the_list_stays_where_it_was_though_another_is_longer_for_once(room: Room) -> None:
    shown(room, *LINKS[:8], body=listing(*LINKS[:8]))
    await room.poll(PORTAL)
    longer = "".join(
        f'<p class="ad"><a href="/promo/{n}0001.html">推广：今夏最值得去的十处海滨浴场及其住宿第{n}篇</a></p>'
        for n in range(12)
    )
    shown(room, *LINKS[:9], body=listing(*LINKS[:9]).replace(b"</body>", longer.encode() + b"</body>"))
    result = await room.poll(PORTAL)
    assert "portal" in result
    assert not [path for path in room.web.paths() if path.startswith("/promo/")]
    assert len(room.articles()) == 9


async def test_a_paragraph_that_the_source_repeats_is_left_out_of_what_is_printed(room: Room) -> None:
    follow = "欢迎收听江边网每天清晨的渔港广播节目。"
    shown(room, *LINKS[:4])
    for number, link in enumerate(LINKS[:4]):
        story = page(f"第{number}号渔港的故事", f"开头{number}。{WORDS}", f"结尾{number}。{WORDS}", follow)
        room.web.answer(link, html(story))
    sparing = PORTAL.replace('url: "{web}/guoji/"', 'url: "{web}/guoji/", max_articles: 2')
    for _ in range(2):
        await room.poll(sparing)
    assert [follow in article.text for article in room.articles()].count(True) == 2  # those of the first poll
    assert room.store.note("portal", "repeated")
