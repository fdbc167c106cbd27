"""Each of feedgen 1.0's defects, by its number in the project's list, and that what we publish does not have it."""

from __future__ import annotations

import locale
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from lxml import etree

from aggregator.config.model import Output, WebSub
from aggregator.publish.edition import SectionEdition
from aggregator.publish.fragments import FragmentCache
from storage.model import Enclosure
from tests.publish.samples import (
    BASE,
    NOON,
    article,
    edition,
    paper,
    printed,
    render_atom,
    render_rss,
)

NS = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}


def rss(one: SectionEdition, **fields: Any) -> Any:
    return etree.fromstring(render_rss(paper(one, **fields), one, FragmentCache()).body)


def atom(one: SectionEdition, **fields: Any) -> Any:
    return etree.fromstring(render_atom(paper(one, **fields), one, FragmentCache()).body)


def one_with(**fields: Any) -> SectionEdition:
    return edition(printed(article(**fields)))


HUB = Output(websub=WebSub(hub="https://hub.example/"))


def test_1_an_atom_enclosure_keeps_relation_type_and_length() -> None:
    feed = atom(
        one_with(enclosures=(Enclosure(url="https://a.example/talk.mp3", type="audio/mpeg", length=7),))
    )
    link = feed.find(".//atom:entry/atom:link[@rel='enclosure']", NS)
    assert dict(link.attrib) == {
        "href": "https://a.example/talk.mp3",
        "rel": "enclosure",
        "type": "audio/mpeg",
        "length": "7",
    }
    assert len(feed.findall(".//atom:entry/atom:link[@rel='alternate']", NS)) == 1


def test_2_the_channel_link_is_the_html_page() -> None:
    assert rss(one_with(), output=HUB).findtext("channel/link") == f"{BASE}/world/"


def test_3_the_channel_names_itself_and_its_hub() -> None:
    links = rss(one_with(), output=HUB).findall("channel/atom:link", NS)
    assert {(link.get("rel"), link.get("href")) for link in links} == {
        ("self", f"{BASE}/world.rss"),
        ("hub", "https://hub.example/"),
    }


def test_4_dates_come_from_the_entries_and_never_from_the_clock() -> None:
    section = one_with(published=NOON, updated=NOON + timedelta(hours=2))
    assert rss(section).findtext("channel/lastBuildDate") == "Fri, 20 Nov 2026 06:00:00 +0000"
    assert atom(section).findtext("atom:updated", namespaces=NS) == "2026-11-20T06:00:00+00:00"
    assert rss(edition()).find("channel/lastBuildDate") is None
    assert atom(edition()).findtext("atom:updated", namespaces=NS) == "2000-01-01T00:00:00+00:00"


def test_4_an_empty_section_takes_the_date_it_is_given() -> None:
    opened = datetime(2025, 5, 1, tzinfo=UTC)
    assert atom(edition(opened=opened)).findtext("atom:updated", namespaces=NS) == "2025-05-01T00:00:00+00:00"


def test_5_atom_content_is_of_type_html() -> None:
    content = atom(one_with()).find(".//atom:content", NS)
    assert content.get("type") == "html"
    assert content.text == "<p>The bridge opened on Friday.</p><p>People walked across.</p>"


def test_6_the_update_period_is_spelt_as_the_module_wants() -> None:
    channel = rss(one_with()).find("channel")
    assert channel.findtext("sy:updatePeriod", namespaces=NS) == "hourly"
    assert channel.findtext("sy:updateFrequency", namespaces=NS) == "4"
    assert channel.findtext("ttl") == "15"


@pytest.mark.parametrize("render", [rss, atom])
def test_7_media_stands_outside_a_group(render: Any) -> None:
    feed = render(one_with(image="https://a.example/p.jpg"))
    assert feed.find(".//media:group", NS) is None
    assert dict(feed.find(".//media:content", NS).attrib) == {
        "url": "https://a.example/p.jpg",
        "medium": "image",
        "type": "image/jpeg",
    }
    assert feed.find(".//media:thumbnail", NS).get("url") == "https://a.example/p.jpg"


def test_8_an_atom_source_is_complete() -> None:
    source = atom(one_with()).find(".//atom:source", NS)
    assert [(etree.QName(child).localname, child.text or child.get("href")) for child in source] == [
        ("title", "Harbour Post"),
        ("link", "https://harbour.example/feed.xml"),
        ("id", "https://harbour.example/feed.xml"),
        ("updated", "2026-11-20T04:00:00+00:00"),
    ]


def test_9_authors_without_an_address_are_named() -> None:
    creators = rss(one_with(authors=("白露", "Nora"))).findall(".//dc:creator", NS)
    assert [creator.text for creator in creators] == ["白露", "Nora"]


def test_10_the_one_enclosure_of_rss_is_the_recording() -> None:
    files = (
        Enclosure(url="https://a.example/p.jpg", type="image/jpeg", length=3),
        Enclosure(url="https://a.example/talk.mp3", type="audio/mpeg", length=7),
        Enclosure(url="https://a.example/notes.pdf", type="application/pdf", length=9),
    )
    enclosures = rss(one_with(enclosures=files)).findall(".//enclosure")
    assert [dict(one.attrib) for one in enclosures] == [
        {"url": "https://a.example/talk.mp3", "length": "7", "type": "audio/mpeg"}
    ]


def test_11_a_title_is_plain_text_and_stays_what_it_is() -> None:
    title = "I <3 you & 5 < 6 <b>"
    assert rss(one_with(title=title)).findtext(".//item/title") == title
    assert atom(one_with(title=title)).findtext(".//atom:entry/atom:title", namespaces=NS) == title


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff", "\udc00", "\x85"])
@pytest.mark.parametrize("field", ["title", "summary", "html", "text"])
def test_12_characters_that_xml_forbids_cost_no_article(bad: str, field: str) -> None:
    section = one_with(**{"html": "", "summary": "", field: f"be{bad}fore"})
    for render in (render_rss, render_atom):
        rendered = render(paper(section), section, FragmentCache())
        assert rendered.faults == ()
        assert b"before" in rendered.body


@pytest.mark.parametrize("field", ["authors", "tags"])
def test_12_nor_do_they_in_names(field: str) -> None:
    section = one_with(**{field: ("a\x00b",)})
    for render in (render_rss, render_atom):
        assert render(paper(section), section, FragmentCache()).faults == ()


def test_13_broken_html_is_published_as_html() -> None:
    content = atom(one_with(html="<p>one<br>two<p>three")).find(".//atom:content", NS)
    assert content.get("type") == "html"
    assert content.text == "<p>one<br>two</p><p>three</p>"


def test_14_the_order_of_the_articles_is_kept() -> None:
    section = edition(*(printed(article(title=title)) for title in ("third", "first", "second")))
    assert [item.findtext("title") for item in rss(section).iter("item")] == ["third", "first", "second"]


def test_15_the_locale_of_the_process_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("setlocale is for the whole process")

    monkeypatch.setattr(locale, "setlocale", refuse)
    section = one_with(updated=NOON + timedelta(days=1))
    for render in (render_rss, render_atom):
        assert render(paper(section), section, FragmentCache()).faults == ()


def test_16_an_article_with_a_naive_date_is_left_out_and_named() -> None:
    good, bad = printed(article(title="good")), printed(article(title="bad"))
    bad = replace(bad, article=replace(bad.article, published=datetime(2026, 1, 1)))  # noqa: DTZ001
    section = edition(good, bad)
    for render in (render_rss, render_atom):
        rendered = render(paper(section), section, FragmentCache())
        assert [entry.title for entry in feedparser.parse(rendered.body).entries] == ["good"]
        assert len(rendered.faults) == 1
        assert bad.article.uid in rendered.faults[0]
