"""Plain entries of RSS are read without feedparser: into the same items, to the character."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import patch
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.item import ParsedFeed
from aggregator.sources import parse_feed
from aggregator.sources.plainrss import read_plainly

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:wfw="http://wellformedweb.org/CommentAPI/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"'
)

PIECES = (
    "new item",
    "<p>A &amp; B</p>",
    "&lt;b&gt;",
    "&amp;amp;",
    "&nbsp;",
    "caf\u00e9",
    "cafÃ©",
    "Ã¤",
    "a\x85b",
    "\u00a0",
    "新闻，第一条。",
    "  ",
    "\n",
    "]]>",
    "http://paper.example/a?x=1&y=2;z=3",
    "http:////paper.example/",
    "https://paper.example/b&amp;c",
    "/relative",
    "urn:x:1",
    "mail@paper.example (A. Writer)",
    "A. Writer",
    "Mon, 02 Feb 2026 10:00:00 +0100",
    "2026-02-02",
    "YWJj",
    "<svg>",
    "<div>deep</div>",
    "😀",
)
texts = st.lists(st.sampled_from(PIECES), max_size=3).map("".join) | st.text(
    st.characters(exclude_categories=("Cs", "Cc")), max_size=8
)


@st.composite
def written(draw: st.DrawFn) -> str:
    """A text in XML: escaped, or in CDATA, perhaps with a comment in the middle."""
    text = draw(texts)
    if draw(st.booleans()) and "]]>" not in text:
        return f"<![CDATA[{text}]]>"
    comment = draw(st.sampled_from(("", "", "<!-- a -->", "<?a b?>")))
    return escape(text) + comment + escape(draw(texts))


@st.composite
def elements(draw: st.DrawFn) -> str:
    name = draw(
        st.sampled_from(
            "title link guid pubDate description content:encoded author dc:creator category enclosure comments "
            "slash:comments wfw:commentRss dc:date media:thumbnail atom:link source summary".split()
        )
    )
    given_ = draw(
        st.dictionaries(
            st.sampled_from("isPermaLink url length type domain xml:lang href rel".split()),
            st.sampled_from(
                ("true", "false", "audio/MPEG", "12", "http://paper.example/a.mp3", "self", "en")
            ),
            max_size=2,
        )
        if name in ("guid", "enclosure", "category", "atom:link", "source") or draw(st.integers(0, 9)) == 0
        else st.just({})
    )
    attributes = "".join(f" {key}={quoteattr(value)}" for key, value in given_.items())
    inner = draw(written()) if draw(st.integers(0, 19)) else "<b>bold</b>"
    return f"<{name}{attributes}>{inner}</{name}>"


entries = st.lists(elements(), max_size=8).map(lambda inside: f"<item>{''.join(inside)}</item>")
channels = st.sampled_from(
    (
        "<title>P</title><link>http://paper.example/</link>",
        "<language>de</language><managingEditor>M. E.</managingEditor>",
        "<image><url>/i.png</url><title>I</title></image>",
        "<atom:link rel='next' href='/2'/><itunes:author xmlns:itunes='urn:i'>I</itunes:author>",
        "",
    )
)
roots = st.sampled_from(
    (
        'rss version="2.0"',
        "rss",
        'rss version="0.91"',
        'rss version="2.0" xml:lang="zh"',
        'rss xml:base="/b/"',
    )
)


def by_feedparser(document: str) -> ParsedFeed:
    with patch("aggregator.sources.feed.read_plainly", lambda _: None):
        return read(document)


def read(document: str) -> ParsedFeed:
    return parse_feed(document.encode(), url="http://paper.example/feed", zone=ZoneInfo("UTC"), now=NOW)


def rss(inside: str, root: str = 'rss version="2.0"') -> str:
    return f"<{root} {NAMESPACES}><channel>{inside}</channel></rss>"


@given(roots, channels, st.lists(entries, min_size=1, max_size=4))
def test_items_are_those_that_feedparser_gives(root: str, channel: str, inside: list[str]) -> None:
    document = rss(channel + "".join(inside), root)
    assert read(document) == by_feedparser(document)


PLAIN = (
    "<item><title>T</title><link>http://paper.example/1</link><guid>1</guid><pubDate>2026-02-02</pubDate>"
    "<dc:creator>A</dc:creator><category>C</category><description>D</description>"
    "<content:encoded><![CDATA[<p>B</p>]]></content:encoded><enclosure url='http://paper.example/a.mp3'/></item>"
)


def test_what_most_entries_hold_is_plain() -> None:
    (entry,) = read_plainly(rss(PLAIN).encode()) or [None]
    assert entry is not None
    assert (entry.title, entry.author, entry.published) == ("T", "A", "2026-02-02")


@pytest.mark.parametrize(
    "unusual",
    [
        "<media:thumbnail url='http://paper.example/t.png'/>",
        "<title>T</title><title>U</title>",
        "<title type='html'>T</title>",
        "<description>a <b>bold</b> word</description>",
        "<link/>",
        "<link>http:////paper.example/</link>",
        "<author>mail@paper.example (A. Writer)</author>",
        "<title>cafÃ©</title>",
        "<title>a\x92b</title>",
    ],
)
def test_the_unusual_is_left_to_feedparser(unusual: str) -> None:
    document = rss(f"<item>{unusual}</item>{PLAIN}")
    assert [entry is None for entry in read_plainly(document.encode()) or []] == [True, False]
    assert len(read(document).items) == 2


@pytest.mark.parametrize(
    "document", ["<feed/>", "<rss", "<rss/>", rss(PLAIN, 'rss xml:lang="de"'), rss(PLAIN, 'rss base="/b"')]
)
def test_a_document_that_is_no_plain_rss_is_left_to_feedparser(document: str) -> None:
    assert read_plainly(document.encode()) is None
