"""Which copy of a story is printed, through the whole newsroom: the words change in place, the entry stays."""

from __future__ import annotations

import json
from typing import Any

import feedparser

from tests.support.documents import WORDS, item, rss
from tests.support.room import Room
from tests.support.web import ok

PAPER = """
site: {language: zh-CN}
DEDUP
sources:
  - {id: portal, name: 门户, url: "{web}/a", section: 国际}
  - {id: agency, name: 江城晚报, url: "{web}/b", section: 财经, priority: 5}
sections:
  - {id: world, title: 国际}
  - {id: business, title: 财经}
"""
LINK, GUID = "http://agency.example/7", "agency-7"
WHOLE = f"<p>{WORDS}</p><p>{WORDS[::-1]}</p><p>闸门由四十二台电机驱动，三分钟之内就能合拢。</p>"


def paper(dedup: str = "") -> str:
    return PAPER.replace("DEDUP", f"dedup: {{{dedup}}}")


async def two_polls(room: Room, yaml: str, *, first: str, then: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What stands in the section after the portal's article came, and after the agency's came an hour later."""
    room.web.answer("/a", ok(rss(item(1, "潮汐闸启用", text=first))))
    room.web.answer("/b", ok(b"", status="500 Not Yet"), ok(rss(agencys(then))))
    await room.poll(yaml)
    before = entry(room)
    room.clock.forward(hours=1)
    await room.poll(yaml)
    return before, entry(room)


def agencys(text: str, title: str = "潮汐闸启用") -> str:
    # One address for both is what makes a summary and a whole text copies here.
    return item(
        7,
        title,
        text=text,
        link="http://paper.example/1.html",
        guid=GUID,
        date="Mon, 02 Mar 2026 07:30:00 GMT",
    )


def entry(room: Room, name: str = "world.atom") -> dict[str, Any]:
    (found,) = feedparser.parse(room.published(name)).entries
    return dict(found)


async def test_a_whole_text_takes_the_place_of_a_summary_under_the_same_id_and_date(room: Room) -> None:
    before, after = await two_polls(room, paper(), first=f"<p>{WORDS}</p>", then=WHOLE)
    assert "四十二台" not in before["content"][0].value
    assert "四十二台" in after["content"][0].value
    assert (after["id"], after["published"]) == (before["id"], before["published"])
    assert after["author"] == "江城晚报"
    assert after["source"].title == "江城晚报"


async def test_updated_is_the_time_at_which_the_better_text_came(room: Room) -> None:
    before, after = await two_polls(room, paper(), first=f"<p>{WORDS}</p>", then=WHOLE)
    assert before["updated"].startswith("2026-03-02T07:00:00")
    assert after["updated"].startswith("2026-03-02T09:00:00")


async def test_the_article_page_stays_where_it_was(room: Room) -> None:
    before, _ = await two_polls(room, paper(), first=f"<p>{WORDS}</p>", then=WHOLE)
    page = room.published(f"a/{before['id'].rpartition(':')[2]}.html").decode()
    assert "四十二台" in page
    assert len(list((room.folder / "var/public/a").glob("*.html"))) == 1


async def test_both_sections_print_it_and_the_store_keeps_both_as_they_came(room: Room) -> None:
    await two_polls(room, paper(), first=f"<p>{WORDS}</p>", then=WHOLE)
    assert entry(room)["id"] == entry(room, "business.atom")["id"]
    first, later = sorted(room.articles(), key=lambda article: article.first_seen)
    assert (first.source, later.source) == ("portal", "agency")
    assert "四十二台" not in first.text


async def test_priority_decides_where_it_is_asked_for(room: Room) -> None:
    _, after = await two_polls(room, paper("prefer: priority"), first=WHOLE, then=f"<p>{WORDS}</p>")
    assert after["author"] == "江城晚报"


async def test_by_default_the_earliest_of_equals_stays_and_nothing_moves(room: Room) -> None:
    before, after = await two_polls(room, paper(), first=WHOLE, then=WHOLE)
    assert after["author"] == "门户"
    assert after["updated"] == before["updated"]


async def test_a_changed_policy_has_its_effect_at_once(room: Room) -> None:
    await two_polls(room, paper(), first=WHOLE, then=f"<p>{WORDS}</p>")
    await room.poll(paper("prefer: priority"), early=False)
    assert entry(room)["author"] == "江城晚报"


async def test_an_edit_of_the_copy_that_is_shown_reaches_the_entry(room: Room) -> None:
    await two_polls(room, paper(), first=f"<p>{WORDS}</p>", then=WHOLE)
    room.clock.forward(hours=2)
    room.web.answer("/b", ok(rss(agencys(WHOLE + "<p>更正：电机是四十三台。</p>"))))
    await room.poll(paper())
    after = entry(room)
    assert "四十三台" in after["content"][0].value
    assert after["updated"].startswith("2026-03-02T11:00:00")


async def named_elsewhere(room: Room, yaml: str) -> None:
    """Two addresses with one text; the portal names the agency."""
    room.web.answer("/a", ok(rss(item(1, text=WHOLE + "<p>来源：江城晚报</p>"))))
    room.web.answer("/b", ok(rss(item(7, text=WHOLE + "<p>来源：江城晚报</p>", link=LINK, guid=GUID))))
    await room.poll(yaml)


async def test_the_others_are_named_in_every_form(room: Room) -> None:
    await named_elsewhere(room, paper())
    atom = entry(room)
    assert atom["link"] == LINK
    assert [(link.rel, link.href) for link in atom["links"][1:]] == [
        ("related", "http://paper.example/1.html")
    ]
    assert "另见：" in atom["content"][0].value
    (rss_entry,) = feedparser.parse(room.published("world.rss")).entries
    assert rss_entry.source.title == "江城晚报"
    assert "另见：" in rss_entry.content[0].value
    (feed_item,) = json.loads(room.published("world.json"))["items"]
    assert feed_item["_alternates"] == [
        {"url": "http://paper.example/1.html", "source": "门户", "title": "新闻1"}
    ]
    assert "另见：" in room.published(f"a/{atom['id'].rpartition(':')[2]}.html").decode()


async def test_the_origin_is_said_where_another_copy_is_printed(room: Room) -> None:
    yaml = paper("prefer: priority").replace("priority: 5", "priority: -5")
    await named_elsewhere(room, yaml)
    atom = entry(room)
    assert atom["link"] == "http://paper.example/1.html"
    assert ("via", LINK) in [(link.rel, link.href) for link in atom["links"]]
    assert ("related", LINK) in [(link.rel, link.href) for link in atom["links"]]


async def test_show_also_no_hides_the_others_in_every_form_and_still_prints_the_better(room: Room) -> None:
    await named_elsewhere(room, paper("show_also: no"))
    atom = entry(room)
    assert atom["link"] == LINK
    assert [link.rel for link in atom["links"]] == ["alternate"]
    for form in ("world.atom", "world.rss", "world.json", "world/index.html", "index.html"):
        assert "http://paper.example/1.html" not in room.published(form).decode(), form
        assert "另见" not in room.published(form).decode(), form


async def test_a_copy_that_leads_to_the_same_page_is_not_named_beside_it(room: Room) -> None:
    await two_polls(room, paper(), first=WHOLE, then=WHOLE)
    assert [link.rel for link in entry(room)["links"]] == ["alternate"]
