"""What a great feed says of itself, form by form; and the feeds that are no section's."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import feedparser
import pytest
from lxml import etree

from aggregator.config.model import Output, Section, Site, WebSub
from aggregator.publish import FragmentCache, Paper, SectionEdition, combine, has_combined_feed
from aggregator.publish.links import entry_id
from aggregator.publish.paths import render_combined, render_paper
from storage.model import Article
from tests.publish.samples import (
    AUTHORITY,
    BASE,
    NOON,
    article,
    edition,
    paper,
    printed,
    render_atom,
    render_json,
    render_rss,
)

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = Site(
    title="临江读报",
    base_url=BASE,
    language="zh-CN",
    editor="desk@news.example.cn (The desk)",
    copyright="© 2026 临江读报 & friends",
    logo="https://news.example.cn/logo.png",
)


def whole(*sections: SectionEdition, **output: Any) -> Paper:
    return paper(*sections, site=SITE, output=Output(websub=WebSub(hub="self"), **output))


def test_the_channel_of_rss_in_full() -> None:
    section = edition(printed(), title="国际", description="两岸之外", language="zh-CN")
    channel: Any = etree.fromstring(render_rss(whole(section), section, FragmentCache()).body)[0]
    said = {child.tag: child.text for child in channel if len(child) == 0 and child.tag != f"{ATOM}link"}
    assert said.pop("item", None) is None
    assert said == {
        "title": "国际",
        "link": f"{BASE}/world/",
        "description": "两岸之外",
        "language": "zh-CN",
        "managingEditor": "desk@news.example.cn (The desk)",
        "copyright": "© 2026 临江读报 & friends",
        "docs": "http://www.rssboard.org/rss-specification",
        "generator": "feed-aggregator",
        "lastBuildDate": "Fri, 20 Nov 2026 04:00:00 +0000",
        "category": "国际",
        "ttl": "15",
        "{http://purl.org/rss/1.0/modules/syndication/}updatePeriod": "hourly",
        "{http://purl.org/rss/1.0/modules/syndication/}updateFrequency": "4",
    }
    assert {
        (link.get("rel"), link.get("href"), link.get("type")) for link in channel.iter(f"{ATOM}link")
    } == {
        ("self", f"{BASE}/world.rss", "application/rss+xml"),
        ("hub", f"{BASE}/hub", None),
    }
    assert [child.text for child in channel.find("image")] == [
        "https://news.example.cn/logo.png",
        "国际",
        f"{BASE}/world/",
    ]


def test_the_head_of_atom_in_full() -> None:
    section = edition(printed(), title="国际", description="两岸之外", language="zh-CN")
    root: Any = etree.fromstring(render_atom(whole(section), section, FragmentCache()).body)
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "zh-CN"
    assert {child.tag.removeprefix(ATOM): child.text for child in root if len(child) == 0 and child.text} == {
        "id": f"tag:{AUTHORITY}:section:world",
        "title": "国际",
        "subtitle": "两岸之外",
        "updated": "2026-11-20T04:00:00+00:00",
        "generator": "feed-aggregator",
        "icon": f"{BASE}/favicon.png",
        "logo": "https://news.example.cn/logo.png",
        "rights": "© 2026 临江读报 & friends",
    }
    assert [child.text for child in root.find(f"{ATOM}author")] == [
        "临江读报",
        "desk@news.example.cn",
        f"{BASE}/",
    ]
    assert {(link.get("rel"), link.get("href")) for link in root.findall(f"{ATOM}link")} == {
        ("self", f"{BASE}/world.atom"),
        ("alternate", f"{BASE}/world/"),
        ("hub", f"{BASE}/hub"),
    }


def test_json_shows_the_logo() -> None:
    section = edition(printed())
    top = json.loads(render_json(whole(section), section, FragmentCache()).body)
    assert (top["icon"], top["favicon"]) == ("https://news.example.cn/logo.png", f"{BASE}/favicon.png")


def ids(body: bytes) -> list[str]:
    return [entry.id for entry in feedparser.parse(io.BytesIO(body)).entries]


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_an_article_of_two_sections_has_one_id_or_one_in_each(form: str) -> None:
    one = printed()
    sections = [edition(one, id="world"), edition(one, id="city")]

    def found(entry_ids: str) -> list[str]:
        made = render_paper(whole(*sections, entry_ids=entry_ids), FragmentCache()).files
        bodies = [made[f"{name}.{form}"] for name in ("world", "city")]
        if form == "json":
            return [json.loads(body)["items"][0]["id"] for body in bodies]
        return [id for body in bodies for id in ids(body)]

    plain = entry_id(one.article.uid, AUTHORITY)
    assert found("one") == [plain, plain]
    assert found("per_section") == [f"{plain}:world", f"{plain}:city"]


def dated(uid: str, minutes: int) -> Any:
    return printed(article(uid=uid, published=NOON - timedelta(minutes=minutes)))


def first(articles: Sequence[Article], limit: int) -> Sequence[Article]:
    return articles[:limit]


def test_the_combined_feed_has_the_newest_of_all_sections_once() -> None:
    both = dated("both", 2)
    world = edition(dated("new", 1), both, dated("older", 4), id="world")
    city = edition(both, dated("city", 3), id="city")
    assert [one.article.uid for one in combine([world, city], first)] == ["new", "both", "city", "older"]


def test_it_is_as_long_as_the_largest_section() -> None:
    small = replace(
        edition(*[dated(f"a{n}", n) for n in range(5)]), section=Section(id="a", title="A", limit=2)
    )
    assert len(combine([small], first)) == 2


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_it_is_called_like_the_paper_and_leads_to_the_front_page(form: str) -> None:
    section = edition(printed())
    made = render_combined(replace(whole(section), combined=section.articles), FragmentCache()).files
    assert sorted(made) == ["all.atom", "all.json", "all.rss"]
    read = feedparser.parse(io.BytesIO(made[f"all.{form}"]))
    assert (read.feed.title, read.feed.link) == ("临江读报", f"{BASE}/")
    assert [link.href for link in read.feed.links if link.rel == "self"] == [f"{BASE}/all.{form}"]
    assert len(read.entries) == 1


def test_a_section_called_all_stands_in_its_place() -> None:
    assert has_combined_feed(Output(), ["world"])
    assert not has_combined_feed(Output(), ["world", "all"])
    assert not has_combined_feed(Output(combined=False), ["world"])


def test_the_front_page_leads_a_reader_to_it_first() -> None:
    section = edition(printed())
    made = render_paper(replace(whole(section), combined=section.articles), FragmentCache()).files
    offered = re.findall(r'<link rel="alternate"[^>]*href="([^"]+)"', made["index.html"].decode())
    assert offered[:2] == ["all.atom", "world.atom"]
    assert "all.atom" not in render_paper(whole(section), FragmentCache()).files["index.html"].decode()
