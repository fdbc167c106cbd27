"""What readers get: the three forms read back by a reader's parser, and complete."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import feedparser
import pytest
from lxml import etree

from aggregator.config.model import Output, Site, WebSub
from aggregator.publish.edition import Also, PrintedArticle, SectionEdition
from aggregator.publish.fragments import FragmentCache
from aggregator.publish.links import entry_id
from storage.model import Enclosure
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
    sample_paper,
)

XML = [render_rss, render_atom]
ALL = [*XML, render_json]


def parsed(render: Any, section: SectionEdition, **fields: Any) -> Any:
    body = render(paper(section, **fields), section, FragmentCache()).body
    return feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)


def entry(render: Any, one: PrintedArticle, **fields: Any) -> Any:
    (found,) = parsed(render, edition(one), **fields).entries
    return found


def item(one: PrintedArticle, **fields: Any) -> Any:
    section = edition(one)
    return json.loads(render_json(paper(section, **fields), section, FragmentCache()).body)["items"][0]


@pytest.mark.parametrize("render", XML)
def test_an_article_is_read_back_whole(render: Any) -> None:
    one = printed(
        article(
            title="渡轮恢复夜航 🛳",
            url="https://a.example/新闻/1?x=1&y=二",
            authors=("沈一鸣",),
            tags=("夜航",),
            image="https://a.example/p.webp",
            updated=NOON + timedelta(hours=1),
        )
    )
    read = entry(render, one)
    assert read.title == "渡轮恢复夜航 🛳"
    assert read.link == "https://a.example/%E6%96%B0%E9%97%BB/1?x=1&y=%E4%BA%8C"
    assert read.id == f"tag:{AUTHORITY}:{one.article.uid}"
    assert read.author == "沈一鸣"
    assert read.summary == "The bridge opened on Friday."
    assert read.content[0].value == one.article.html
    assert [tag.term for tag in read.tags][-1] == "夜航"
    assert tuple(read.published_parsed)[:6] == (2026, 11, 20, 4, 0, 0)
    assert tuple(read.updated_parsed)[:6] == (2026, 11, 20, 5, 0, 0)
    assert read.media_thumbnail == [{"url": "https://a.example/p.webp"}]
    assert read.source.title == "Harbour Post"


def test_a_json_item_is_complete() -> None:
    one = printed(
        article(
            authors=("沈一鸣",),
            tags=("夜航", "World"),
            image="https://a.example/p.webp",
            language="zh-CN",
            updated=NOON + timedelta(hours=1),
            enclosures=(Enclosure(url="https://a.example/t.mp3", length=12),),
        ),
        also=(Also(source_name="Globe", url="https://globe.example/2", title="Night boats"),),
    )
    read = item(one)
    assert read.pop("content_html").startswith(one.article.html)
    assert read == {
        "id": entry_id(one.article.uid, AUTHORITY),
        "url": "https://harbour.example/news/1",
        "title": "A bridge opens",
        "summary": "The bridge opened on Friday.",
        "image": "https://a.example/p.webp",
        "date_published": "2026-11-20T04:00:00Z",
        "date_modified": "2026-11-20T05:00:00Z",
        "authors": [{"name": "沈一鸣"}],
        "tags": ["World", "夜航"],
        "language": "zh-CN",
        "attachments": [{"url": "https://a.example/t.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 12}],
        "_source": {"name": "Harbour Post", "url": "https://harbour.example/feed.xml"},
        "_alternates": [{"url": "https://globe.example/2", "source": "Globe", "title": "Night boats"}],
    }


def test_json_keeps_chinese_as_it_is() -> None:
    section = edition(printed(article(title="渡轮")))
    assert "渡轮".encode() in render_json(paper(section), section, FragmentCache()).body


@pytest.mark.parametrize("render", XML)
def test_a_channel_is_complete(render: Any) -> None:
    section = edition(printed(), title="国际", description="两岸之外", language="zh-CN")
    feed = parsed(render, section, output=Output(websub=WebSub(hub="self"))).feed
    assert (feed.title, feed.subtitle, feed.link) == ("国际", "两岸之外", f"{BASE}/world/")
    assert feed.language == "zh-CN"
    assert feed.generator.startswith("feed-aggregator")
    assert {(link.rel, link.href) for link in feed.links} >= {
        ("self", f"{BASE}/world.{'rss' if render is render_rss else 'atom'}"),
        ("alternate", f"{BASE}/world/"),
        ("hub", f"{BASE}/hub"),
    }
    assert tuple(feed.updated_parsed)[:6] == (2026, 11, 20, 4, 0, 0)


def test_a_json_head_is_complete() -> None:
    section = edition(title="国际", description="两岸之外", language="zh-CN")
    output = Output(websub=WebSub(hub="https://hub.example/"))
    assert json.loads(render_json(paper(section, output=output), section, FragmentCache()).body) == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "国际",
        "home_page_url": f"{BASE}/world/",
        "feed_url": f"{BASE}/world.json",
        "description": "两岸之外",
        "language": "zh-CN",
        "icon": f"{BASE}/favicon.png",
        "favicon": f"{BASE}/favicon.png",
        "authors": [{"name": "The Harbour Reader", "url": f"{BASE}/"}],
        "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
        "items": [],
    }


@pytest.mark.parametrize("render", ALL)
def test_the_same_paper_gives_the_same_bytes(render: Any) -> None:
    whole = sample_paper()
    for section in whole.sections:
        first = render(whole, section, FragmentCache()).body
        assert render(sample_paper(), section, FragmentCache()).body == first


@pytest.mark.parametrize("render", ALL)
def test_cached_fragments_give_the_bytes_of_fresh_ones(render: Any) -> None:
    cache = FragmentCache()
    whole = sample_paper()
    for section in whole.sections:
        warm = render(whole, section, cache).body
        assert render(whole, section, cache).body == warm == render(whole, section, FragmentCache()).body


@pytest.mark.parametrize("render", ALL)
def test_an_id_knows_neither_address_nor_section_nor_source(render: Any) -> None:
    one = printed()
    moved = printed(
        replace(one.article, source="other", url="https://else.example/9", sections=("culture",)),
        source_name="Else",
    )
    there = paper(edition(moved, id="culture"), base_url="https://moved.example", site=Site(title="Renamed"))
    id = entry_id(one.article.uid, AUTHORITY).encode()
    assert id in render(paper(), edition(one), FragmentCache()).body
    assert id in render(there, there.sections[0], FragmentCache()).body


@pytest.mark.parametrize("render", ALL)
def test_one_bad_article_never_kills_a_section(render: Any) -> None:
    good = printed(article(title="good"))
    bad = replace(good, article=replace(good.article, uid="bad", title=None))  # type: ignore[arg-type]
    rendered = render(paper(), edition(good, bad), FragmentCache())
    assert b"good" in rendered.body
    assert len(rendered.faults) == 1
    assert "article bad (https://harbour.example/news/1) left out of world." in rendered.faults[0]


@pytest.mark.parametrize("render", XML)
@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"title": "", "summary": "", "text": "", "html": ""}, "(untitled)"),
        ({"title": " \n ", "summary": "Said in short."}, "Said in short."),
        ({"title": "two\nlines\tof it"}, "two lines of it"),
    ],
)
def test_the_untitled_get_a_title(render: Any, fields: dict[str, str], title: str) -> None:
    assert entry(render, printed(article(**fields))).title == title


@pytest.mark.parametrize("render", XML)
def test_without_a_date_the_article_has_the_one_it_was_first_seen_at(render: Any) -> None:
    read = entry(render, printed(article(published=None)))
    assert tuple(read.published_parsed)[:6] == (2026, 11, 20, 4, 0, 0)


@pytest.mark.parametrize("render", ALL)
@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "", "//evil.example/x", "http://", "https://a b/"]
)
def test_an_address_that_is_none_leads_to_our_own_page(render: Any, url: str) -> None:
    one = printed(article(url=url))
    body = render(paper(), edition(one), FragmentCache()).body.decode()
    assert f"{BASE}/a/{one.article.uid}.html" in body
    assert url in ("", "http://") or url not in body


@pytest.mark.parametrize("render", ALL)
@pytest.mark.parametrize(
    "url",
    [
        "https://me:secret@a.example/feed",
        "https://secret@a.example/feed",
        "https://a.example/feed?key=secret",
        "https://a.example/feed?key=secret#top",
    ],
)
def test_what_opens_a_source_is_not_printed(render: Any, url: str) -> None:
    one = printed(source_url=url)
    body = render(paper(), edition(one), FragmentCache()).body
    assert b"secret" not in body
    assert b"https://a.example/feed" in body


def test_sources_that_differ_in_their_query_alone_have_ids_of_their_own() -> None:
    sources = [("a", "https://a.example/feed?of=1"), ("b", "https://a.example/feed?of=2")]
    many = [printed(article(source=source), source_url=url) for source, url in sources]
    root = etree.fromstring(render_atom(paper(), edition(*many), FragmentCache()).body)
    assert len({found.text for found in root.iterfind(".//{*}source/{*}id")}) == 2


@pytest.mark.parametrize("render", ALL)
def test_script_is_published_in_no_form(render: Any) -> None:
    html = '<p onclick=a()>x<script>alert(1)</script><a href="javascript:alert(1)">y</a><img src=/r.png></p>'
    body = render(paper(), edition(printed(article(html=html))), FragmentCache()).body.decode()
    assert not re.search("alert|onclick|javascript|r[.]png", body)


def test_an_enclosure_without_length_says_zero_in_rss_and_nothing_in_atom() -> None:
    one = printed(article(enclosures=(Enclosure(url="https://a.example/t.unknown"),)))
    assert entry(render_rss, one).enclosures == [
        {
            "href": "https://a.example/t.unknown",
            "length": "0",
            "type": "application/octet-stream",
        }
    ]
    assert "length" not in entry(render_atom, one).enclosures[0]


def test_a_source_is_named_once_among_the_copies_and_not_beside_itself() -> None:
    names = ("Globe", "Harbour Post", "Globe", "Mirror")
    copies = tuple(Also(source_name=name, url=f"https://{n}.example/") for n, name in enumerate(names))
    html = item(printed(also=copies))["content_html"]
    assert re.findall(r'href="https://(\d)\.example/', html) == ["0", "3"]
    assert len(item(printed(also=copies))["_alternates"]) == 4


@pytest.mark.parametrize(
    ("language", "line"), [("en", "Also at: "), ("zh-CN", "另见："), ("zh-TW", "另見：")]
)
def test_copies_are_named_at_the_end_in_the_language_of_the_section(language: str, line: str) -> None:
    also = (
        Also(source_name="<Globe>", url="https://globe.example/2"),
        Also(source_name="x", url="javascript:1"),
    )
    section = edition(printed(also=also), language=language)
    (read,) = parsed(render_atom, section).entries
    expected = f'<p>{line}<a href="https://globe.example/2" rel="noopener noreferrer">&lt;Globe&gt;</a></p>'
    assert read.content[0].value.endswith(expected)
    assert [link.href for link in read.links if link.rel == "related"] == ["https://globe.example/2"]


def test_the_attribution_is_filled_in_once_and_escaped() -> None:
    output = Output(attribution="<来源>：{source} {link} {author} {site}")
    one = printed(article(authors=("{link}",), site="S&S"), source_name="<i>{author}</i>")
    html = entry(render_rss, one, output=output).content[0].value
    assert html.endswith(
        "<p>&lt;来源&gt;：&lt;i&gt;{author}&lt;/i&gt; "
        '<a href="https://harbour.example/news/1" rel="noopener noreferrer">https://harbour.example/news/1</a> '
        "{link} S&amp;S</p>"
    )


def test_summaries_alone_are_published_when_the_paper_says_so() -> None:
    output = Output(content="summary")
    read = entry(render_rss, printed(), output=output)
    assert read.summary == "The bridge opened on Friday."
    assert "content" not in read
    assert item(printed(), output=output)["content_text"] == "The bridge opened on Friday."
    also = (Also(source_name="Globe", url="https://globe.example/2"),)
    assert (
        entry(render_atom, printed(also=also), output=output)
        .content[0]
        .value.startswith("<p>The bridge opened")
    )


def test_a_summary_is_plain_text_to_every_reader() -> None:
    one = printed(article(summary="5 < 6 & 7 > 2"))
    rss = etree.fromstring(render_rss(paper(), edition(one), FragmentCache()).body)
    # HTML, by what readers make of it.
    assert rss.findtext(".//item/description") == "5 &lt; 6 &amp; 7 &gt; 2"
    assert entry(render_atom, one).summary_detail.type == "text/plain"
    assert entry(render_atom, one).summary == "5 < 6 & 7 > 2"


def test_a_body_without_html_is_its_text_in_paragraphs() -> None:
    one = printed(article(html="", text="1 < 2\n\n二"))
    assert entry(render_atom, one).content[0].value == "<p>1 &lt; 2</p><p>二</p>"


def test_entries_of_one_moment_have_dates_of_their_own_in_atom() -> None:
    section = edition(*(printed(article(title=f"n {n}")) for n in range(50)))
    feed = etree.fromstring(render_atom(paper(), section, FragmentCache()).body)
    updated = [
        one.text for one in feed.iter("{http://www.w3.org/2005/Atom}updated") if "." in (one.text or "")
    ]
    assert len(set(updated)) == 50
    assert {text[:19] for text in updated if text} == {"2026-11-20T04:00:00"}


def test_a_foreign_language_is_marked_on_the_entry() -> None:
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    feed = etree.fromstring(
        render_atom(paper(), edition(printed(article(language="ar")), language="zh-CN"), FragmentCache()).body
    )
    assert feed.get(lang) == "zh-CN"
    assert feed[-1].get(lang) == "ar"


@pytest.mark.parametrize("render", XML)
def test_the_section_at_the_source_is_a_category_unless_ours_is_called_the_same(render: Any) -> None:
    one = printed(article(labels=("航运", "江城"), tags=("夜航",)))
    ours = [title for _, title in one.sections]
    assert [tag.term for tag in entry(render, one).tags][len(ours) :] == ["航运", "夜航"]
    same = replace(one, article=replace(one.article, labels=(ours[0],)))
    assert [tag.term for tag in entry(render, same).tags][len(ours) :] == ["夜航"]
