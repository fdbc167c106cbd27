"""The rules of the W3C feed validator (``validator.py``) over awkward articles, and what is not among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any

import pytest
from lxml import etree

from aggregator.config.model import Output, Site, WebSub
from aggregator.publish.edition import Also, Paper, SectionEdition, Withdrawn
from aggregator.publish.feeds import render_feed
from aggregator.publish.fragments import FragmentCache
from aggregator.publish.heads import FeedHead, archive_head
from aggregator.publish.status_feed import render_status_feed
from storage.model import Enclosure, Health, SourceRecord
from tests.publish.samples import (
    NOON,
    article,
    edition,
    paper,
    printed,
    render_atom,
    render_rss,
    sample_paper,
)
from tests.publish.validator import ATOM, complaints

LATER = NOON + timedelta(hours=1)

AWKWARD: list[dict[str, Any]] = [
    {"title": "两岸渡轮恢复夜航，末班船延至零点三十分"},
    {"title": "emoji 🛳️👩‍👩‍👧 and 𠀀"},
    {"title": "the end ]]> of it", "html": "<p>]]></p>", "summary": "]]>"},
    {"title": "control \x00\x0b\x1f\x85\ufffe\ufffd \ud800", "html": "<p>\x07\x9f\ufffd</p>"},
    {"title": "relative", "html": '<p><a href="/x">x</a><img src="p.jpg"><a href="//h.example/y">y</a></p>'},
    {"title": "no date", "published": None},
    {"title": "", "summary": "", "text": "", "html": ""},
    {"title": "", "html": '<img src="https://a.example/only.png">', "summary": "", "text": ""},
    {"title": "huge", "html": "<p>" + "很长。" * 60_000 + "</p>"},
    {"title": "طلاب يصنعون محطة أرصاد", "language": "ar", "html": '<p dir="rtl">مرحبا</p>'},
    {"title": "recording", "enclosures": (Enclosure(url="https://a.example?x=1"), Enclosure(url="javascript:1"))},
    {"title": "addresses", "url": "https://例子.example/新 闻".replace(" ", "%20") + "?a=[1]|{2}^`\"", "image": "https://a.example/图.jpg"},
    {"title": "style", "html": '<p style="position:fixed" onclick="x()" class=y>z<style>p{}</style></p>'},
    {"title": "quotes \" ' &amp; &lt;b&gt;", "authors": ('<a href="x">', ""), "tags": ("", " ", "a,b")},
    {"title": "updated before it was published", "updated": datetime(2026, 1, 1, tzinfo=UTC)},
    {"title": "一"},
    {"title": "A <b> that is not closed, 5 < 6 > 4 & more"},
    {"title": "frames", "html": '<iframe src="https://a.example/"></iframe><object data="x"></object><embed src="y"><form><input></form>'},
    {"title": "attributes", "html": '<img src="https://a.example/p.jpg" loading="lazy" decoding="async" srcset="x 2x" onerror="x()"><ol reversed><li>x</li></ol>'},
    {"title": "no such address", "url": "mailto:desk@a.example", "image": "data:image/png;base64,AAAA"},
    {"title": "another protocol", "url": "ftp://a.example/x", "image": "javascript:alert(1)"},
    {"title": "links", "html": '<a href="javascript:x">j</a><a href="mailto:a@b.example">m</a><a href="tel:1">t</a><a name="x">n</a><a href="#x">f</a>'},
    {"title": "many categories", "tags": tuple(f"标签{n}" for n in range(100))},
    {"title": "long ago", "published": datetime(1990, 1, 1, tzinfo=UTC)},
    {"title": "of unknown elements", "html": "<o:p>office</o:p><custom-tag>x</custom-tag><svg><script>1</script></svg><math><mi>x</mi></math>"},
    {"title": "unclosed", "html": "<div><p>one<p>two<table><tr><td>x<blockquote>"},
    {"title": "comments", "html": "<!-- a --><p>x</p><![CDATA[y]]><?import z?>"},
    *({"title": f"dated alike {n}"} for n in range(12)),
]  # fmt: skip


def awkward_section() -> SectionEdition:
    articles = [
        printed(
            article(**({"uid": f"awkward{n:02}"} | fields)),
            also=(Also(source_name="Globe", url="https://globe.example/2"), Also(source_name="", url="bad")),
        )
        for n, fields in enumerate(AWKWARD)
    ]
    return edition(*articles, title="国际", description="a & b", language="zh-CN")


def papers() -> Iterator[tuple[Paper, SectionEdition]]:
    output = Output(websub=WebSub(hub="self"), attribution="{source} {link}")
    section = awkward_section()
    yield paper(section, output=output), section
    site = Site(
        title="临江 & Co <b>",
        editor="desk@news.example.cn (The <desk> & all)",
        copyright="© <i>all</i> & none",
    )
    gone = Withdrawn(uid="gone", at=NOON, sections=("world",))
    section = replace(section, archives=3, title="A & <b>")
    per_section = output.model_copy(update={"entry_ids": "per_section"})
    yield paper(section, output=per_section, site=site, withdrawn=(gone,)), section
    yield paper(edition()), edition()
    sample = sample_paper(base_url="https://news.example.cn")
    for one in sample.sections:
        yield sample, one


def archives() -> Iterator[tuple[Paper, FeedHead, SectionEdition]]:
    whole, section = paper(), awkward_section()
    for number in (1, 2):
        yield whole, archive_head(whole, section, number), section


def rss_feeds() -> Iterator[bytes]:
    for whole, head, section in archives():
        yield render_feed("rss", whole, head, section.articles, FragmentCache()).body
    for whole, section in papers():
        rendered = render_rss(whole, section, FragmentCache())
        assert rendered.faults == ()
        yield rendered.body


def atom_feeds() -> Iterator[bytes]:
    for whole, head, section in archives():
        yield render_feed("atom", whole, head, section.articles, FragmentCache()).body
    for whole, section in papers():
        rendered = render_atom(whole, section, FragmentCache())
        assert rendered.faults == ()
        yield rendered.body
    records = [
        SourceRecord(
            id="a", configured_url="https://a.example/", url="https://a.example/", next_poll=NOON, health=Health.GONE,
            failing_since=NOON, last_error="410"
        )
    ]  # fmt: skip
    yield render_status_feed(paper(), records).body


@pytest.mark.parametrize("feeds", [rss_feeds, atom_feeds])
def test_the_validator_has_nothing_to_say(feeds: Any) -> None:
    for feed in feeds():
        assert complaints(feed, LATER) == []


RSS_FAULTS = {
    "BadCharacters": ("<title>", "<title>\x85"),
    "ContainsHTML": ("<item><title>", "<item><title>&lt;/b&gt;"),
    "CharacterData": ("<item><title>", "<item><title>&lt;b&gt;"),
    "SecurityRisk": ("&lt;p&gt;", "&lt;script&gt;&lt;/script&gt;"),
    "SecurityRiskAttr": ("&lt;p&gt;", '&lt;p onclick="x"&gt;'),
    "ContainsRelRef": ("&lt;p&gt;", '&lt;img src="p.jpg"&gt;'),
    "InvalidFullLink": ("<link>https:", "<link>//"),
    "InvalidRFC2822Date": ("<pubDate>Fri, 20", "<pubDate>Friday, 20"),
    "IncorrectDOW": ("<pubDate>Fri, 20", "<pubDate>Mon, 20"),
    "ImplausibleDate": ("<pubDate>Fri, 20 Nov 2026", "<pubDate>Wed, 20 Nov 2030"),
    "InvalidLanguage": ("<language>en", "<language>xx"),
    "DuplicateElement": ("<guid ", "<pubDate>Fri, 20 Nov 2026 04:00:00 +0000</pubDate><guid "),
    "MissingAtomSelfLink": ('rel="self"', 'rel="related"'),
    "ImageTitleDoesntMatch": ("<image><url>", "<image><title>x</title><url>"),
    "ImageUrlFormat": ("favicon.png</url>", "favicon.svg</url>"),
    "InvalidPositiveInteger": ("<ttl>15", "<ttl>0"),
    "EmailFormat": ("<ttl>", "<managingEditor>desk@a.example</managingEditor><ttl>"),
    "InvalidHttpGUID": ('isPermaLink="false"', 'isPermaLink="true"'),
    "MissingAttribute": ('length="12"', 'length="-1"'),
    "InvalidURLAttribute": ('url="https://a.example/t.mp3"', 'url="https://here/t.mp3"'),
    "NotBlank": ("<item><title>", "<item><category/><title>"),
}
ATOM_FAULTS = {
    "ContainsHTML": ("<entry><id>", "<entry><title>&lt;/b&gt;</title><id>"),
    "InvalidMIMEType": ('<content type="html"', '<content type="CDATA"'),
    "InvalidRFC3339Date": ("<published>2026-11-20T", "<published>2026-11-20 "),
    "ImplausibleDate": ("<published>2026", "<published>1926"),
    "InvalidLanguage": ('xml:lang="en"', 'xml:lang="xx"'),
    "MissingElement": ("<updated>2026-11-20T04:00:00+00:00</updated></source>", "</source>"),
    "NotBlank": ("<name>Harbour Post</name>", "<name/>"),
    "MissingSelf": ('rel="self"', 'rel="related"'),
    "UnregisteredAtomLinkRel": ('rel="enclosure"', 'rel="file"'),
    "AttrNotBlank": ('rel="enclosure"', 'rel="enclosure" title=""'),
    "FeedHistoryRelInEntry": ('rel="enclosure"', 'rel="prev-archive"'),
    "InvalidTAG": ("<entry><id>tag:", "<entry><id>tag"),
    "published after": ("<published>2026-11-20T04", "<published>2026-11-20T05"),
}


@pytest.mark.parametrize(
    ("render", "event", "right", "wrong"),
    [
        *((render_rss, event, *change) for event, change in RSS_FAULTS.items()),
        *((render_atom, event, *change) for event, change in ATOM_FAULTS.items()),
    ],
)
def test_the_rules_find_what_is_wrong(render: Any, event: str, right: str, wrong: str) -> None:
    recording = Enclosure(url="https://a.example/t.mp3", length=12)
    section = edition(printed(article(enclosures=(recording,))))
    body = render(paper(), section, FragmentCache()).body.decode()
    assert complaints(body.encode(), LATER) == []
    assert right in body
    found = complaints(body.replace(right, wrong, 1).encode(), LATER)
    assert [one for one in found if one.startswith(event)], found


def parsed(*feeds: bytes) -> Iterator[Any]:
    yield from map(etree.fromstring, feeds)


def test_archives_are_linked() -> None:
    """ArchiveIncomplete, MissingCurrentInArchive, DuplicateAtomLink (one alternate of a type)."""
    seen = 0
    for feed in parsed(*rss_feeds(), *atom_feeds()):
        links = [
            link for link in feed.iter(f"{ATOM}link") if link.getparent().tag in ("channel", f"{ATOM}feed")
        ]
        relations = [link.get("rel") for link in links]
        assert relations.count("alternate") <= 1
        assert relations.count("self") == 1
        if any(True for _ in feed.iter("{http://purl.org/syndication/history/1.0}archive")):
            seen += 1
            assert "current" in relations
            assert {"prev-archive", "next-archive"} & set(relations)
    assert seen == 4


def test_contacts() -> None:
    """InvalidContact, InvalidAddrSpec."""
    seen = 0
    for feed in parsed(*rss_feeds()):
        for element in feed.iter("managingEditor"):
            seen += 1
            assert parseaddr(element.text)[1] == "desk@news.example.cn"
    for feed in parsed(*atom_feeds()):
        for element in feed.iter(f"{ATOM}email"):
            seen += 1
            assert element.text == "desk@news.example.cn"
    assert seen == 2


def test_AvoidNamespacePrefix() -> None:
    for whole, section in papers():
        body = render_atom(whole, section, FragmentCache()).body
        assert b"<atom:" not in body
        assert b"xmlns:atom" not in body
        assert b"ns0:" not in body


def test_names_have_their_usual_prefixes_in_rss() -> None:
    """Readers that match names by their letters (sfeed) rely on it."""
    whole, section = next(papers())
    body = render_rss(whole, section, FragmentCache()).body
    assert b"ns0:" not in body
    assert body.count(b"xmlns") == 6
    assert all(
        name in body for name in (b"<content:encoded>", b"<dc:creator>", b"<media:content ", b"<atom:link ")
    )


def test_what_was_updated_before_it_was_published_is_as_old_as_it_is_printed() -> None:
    late = printed(article(updated=NOON - timedelta(days=300)))
    feed = etree.fromstring(render_atom(paper(), edition(late), FragmentCache()).body)
    assert feed.findtext(f"{ATOM}updated") == "2026-11-20T04:00:00+00:00"
