"""The rules of the W3C feed validator that our feeds can meet, as checks of our own over awkward articles.

The validator itself is no package of any registry; what it objects to was read in its source. Each rule names its event
there. Not checked, because they are the reader's business: SelfDoesntMatchLocation and content types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any

import pytest
from lxml import etree
from lxml import html as html_parser

from aggregator.config.model import Output, Site, WebSub
from aggregator.publish.edition import Also, Paper, SectionEdition, Withdrawn
from aggregator.publish.feeds import render_feed
from aggregator.publish.fragments import FragmentCache
from aggregator.publish.heads import FeedHead, archive_head
from aggregator.publish.status_feed import render_status_feed
from aggregator.text.markup_rules import TAGS
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

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
URI = re.compile(r"[a-zA-Z][0-9a-zA-Z+\-.]*:(//)?[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]+\Z")
TAG = re.compile(
    r"tag:([a-z0-9\-._]+?@)?[a-z0-9.\-]+?,\d{4}(-\d\d(-\d\d)?)?:[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]*\Z"
)
ENCLOSURE = re.compile(r"https?://([A-Z0-9\-]+\.)+[A-Z0-9][-A-Z0-9]*(:\d+)?(/|$)", re.IGNORECASE)
RFC2822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d\d[03]0\Z"
)
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*)?(Z|[+-]\d\d:\d\d)\Z")
RELATIONS = {
    None,
    "self",
    "alternate",
    "enclosure",
    "related",
    "hub",
    "current",
    "prev-archive",
    "next-archive",
}
#: Attributes of HTML that do not surprise the validator (SecurityRiskAttr), as far as ours go.
ACCEPTABLE = frozenset(
    """abbr align alt cite colspan controls datetime dir headers height href hreflang lang open poster preload rel
    rowspan scope span src start title type value width""".split()
)
MIME = re.compile(r"[^\s()<>,;:\\\"/[\]?=]+/[^\s()<>,;:\\\"/[\]?=]+\Z")

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


def rss_feeds() -> Iterator[Any]:
    for whole, head, section in archives():
        yield etree.fromstring(render_feed("rss", whole, head, section.articles, FragmentCache()).body)
    for whole, section in papers():
        rendered = render_rss(whole, section, FragmentCache())
        assert rendered.faults == ()
        yield etree.fromstring(rendered.body)


def atom_feeds() -> Iterator[Any]:
    for whole, head, section in archives():
        yield etree.fromstring(render_feed("atom", whole, head, section.articles, FragmentCache()).body)
    for whole, section in papers():
        rendered = render_atom(whole, section, FragmentCache())
        assert rendered.faults == ()
        yield etree.fromstring(rendered.body)
    records = [
        SourceRecord(
            id="a", configured_url="https://a.example/", url="https://a.example/", next_poll=NOON, health=Health.GONE,
            failing_since=NOON, last_error="410"
        )
    ]  # fmt: skip
    yield etree.fromstring(render_status_feed(paper(), records).body)


def texts(feed: Any) -> Iterator[str]:
    for element in feed.iter():
        yield element.text or ""
        yield from element.attrib.values()


@pytest.mark.parametrize("feeds", [rss_feeds, atom_feeds])
def test_BadCharacters(feeds: Any) -> None:
    for feed in feeds():
        assert not [text for text in texts(feed) if re.search("[\x80-\x9f\ufffd\ufffe\uffff]", text)]


@pytest.mark.parametrize("feeds", [rss_feeds, atom_feeds])
def test_ContainsRelRef_SecurityRisk_DangerousStyleAttr(feeds: Any) -> None:
    """And no html that a strict parser would stumble over by an unknown element."""
    for feed in feeds():
        for element in [*feed.iter(CONTENT), *feed.iter(f"{ATOM}content")]:
            assert not re.search(r"<script|<style|style=|onclick|<[a-z]+:[a-z]", element.text)
            fragment = html_parser.fragment_fromstring(element.text, create_parent="div")
            assert not {one.tag for one in fragment.iter()} - TAGS - {"tbody"}
            assert not {name for one in fragment.iter() for name in one.attrib} - ACCEPTABLE
            for address in re.findall(r'(?:href|src)="([^"]*)"', element.text):
                assert address.startswith(("http://", "https://", "mailto:"))


def test_rss_links_are_full_uris() -> None:
    """InvalidFullLink, InvalidURLAttribute, InvalidURIAttribute, ImageLinkDoesntMatch, ImageTitleDoesntMatch."""
    for feed in rss_feeds():
        channel = feed[0]
        addresses = [element.text for element in feed.iter("link", "url", "docs")]
        addresses += [
            element.get("url") for element in feed.iter("source", "{http://search.yahoo.com/mrss/}content")
        ]
        assert all(URI.match(address) for address in addresses), addresses
        assert channel.findtext("image/link") == channel.findtext("link")
        assert channel.findtext("image/title") == channel.findtext("title")
        assert channel.findtext("docs") == "http://www.rssboard.org/rss-specification"
        for enclosure in feed.iter("enclosure"):
            assert ENCLOSURE.match(enclosure.get("url"))
            assert int(enclosure.get("length")) >= 0
            assert MIME.match(enclosure.get("type"))


def test_rss_items_are_complete() -> None:
    """MissingGuid, DuplicateValue, InvalidTAG, ItemMustContainTitleOrDescription, NeedDescriptionBeforeContent,
    NotBlank, DuplicateElement, ContainsHTML (in names and categories), MissingAtomSelfLink."""
    for feed in rss_feeds():
        guids = [guid.text for guid in feed.iter("guid")]
        assert len(guids) == len(set(guids)) == len(list(feed.iter("item")))
        assert all(TAG.match(guid) for guid in guids)
        assert all(guid.get("isPermaLink") == "false" for guid in feed.iter("guid"))
        assert feed.find(f"channel/{ATOM}link[@rel='self']").get("type") == "application/rss+xml"
        for item in feed.iter("item"):
            names = [child.tag for child in item]
            assert item.findtext("title")
            assert CONTENT not in names or names.index("description") < names.index(CONTENT)
            single = [name for name in names if not name.endswith(("creator", "category"))]
            assert len(single) == len(set(single))
            assert all(category.text for category in item.iter("category"))
            assert "author" not in names


def test_rss_dates() -> None:
    """ProblematicalRFC822Date, IncorrectDOW, InvalidRFC2822Date."""
    for feed in rss_feeds():
        for element in feed.iter("pubDate", "lastBuildDate"):
            assert RFC2822.match(element.text)
            assert parsedate_to_datetime(element.text).strftime("%a") == element.text[:3]


def test_atom_entries_are_complete() -> None:
    """MissingElement, MissingSourceElement, MissingTextualContent, DuplicateEntries, DuplicateUpdated, InvalidTAG,
    DuplicateAtomLink, MissingSelf, MissingHref, InvalidMIMEType, UnregisteredAtomLinkRel, NotBlank."""
    for feed in atom_feeds():
        entries = list(feed.iter(f"{ATOM}entry"))
        for name in ("id", "updated"):
            values = [one.findtext(f"{ATOM}{name}") for one in entries]
            assert len(values) == len(set(values))
        assert TAG.match(feed.findtext(f"{ATOM}id"))
        assert feed.find(f"{ATOM}link[@rel='self']") is not None
        assert feed.find(f"{ATOM}author/{ATOM}name").text
        for one in entries:
            assert TAG.match(one.findtext(f"{ATOM}id"))
            assert one.findtext(f"{ATOM}title")
            assert all(name.text for name in one.iter(f"{ATOM}name"))
            assert (
                one.find(f"{ATOM}content") is not None
                or one.findtext(f"{ATOM}summary")
                or not one.findtext(f"{ATOM}summary")
            )
            assert len(one.findall(f"{ATOM}link[@rel='alternate']")) <= 1
            for source in one.iter(f"{ATOM}source"):
                assert all(source.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
        for link in feed.iter(f"{ATOM}link"):
            assert URI.match(link.get("href"))
            assert link.get("rel") in RELATIONS
            assert link.get("type") is None or MIME.match(link.get("type"))
            assert link.get("title") != ""
        for content in feed.iter(f"{ATOM}content"):
            assert content.get("type") == "html"
            assert content.text


def test_atom_dates() -> None:
    """InvalidRFC3339Date, and ImplausibleDate for a section that is empty."""
    for feed in atom_feeds():
        for element in feed.iter(f"{ATOM}updated", f"{ATOM}published"):
            assert RFC3339.match(element.text)
            assert element.text > "1990"


def test_archives_are_linked() -> None:
    """ArchiveIncomplete, MissingCurrentInArchive, DuplicateAtomLink (one alternate of a type)."""
    seen = 0
    for feed in [*rss_feeds(), *atom_feeds()]:
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


def test_metadata_stands_before_the_entries() -> None:
    """MisplacedMetadata."""
    for feed in atom_feeds():
        names = [child.tag for child in feed]
        first = names.index(f"{ATOM}entry") if f"{ATOM}entry" in names else len(names)
        assert set(names[first:]) <= {f"{ATOM}entry"}


def test_contacts() -> None:
    """InvalidContact, InvalidAddrSpec."""
    seen = 0
    for feed in rss_feeds():
        for element in feed.iter("managingEditor"):
            seen += 1
            assert parseaddr(element.text)[1] == "desk@news.example.cn"
    for feed in atom_feeds():
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
