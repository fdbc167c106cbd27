"""What is plain in RSS, head and entries, is read without feedparser: into the same feed, to the character."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.item import ParsedFeed
from aggregator.sources import NotAFeed, parse_feed
from aggregator.sources.plainrss import read_plainly

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:wfw="http://wellformedweb.org/CommentAPI/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
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


USUAL = (
    "title link language ttl description lastBuildDate pubDate generator copyright managingEditor webMaster docs "
    "category atom:link atom:link image sy:updatePeriod sy:updateFrequency".split()
)
UNUSUAL = "itunes:author textInput cloud skipHours dc:language atom:title url updatePeriod".split()
links = st.fixed_dictionaries(
    {"href": st.sampled_from(("http://paper.example/feed", "/2", "a?b&c=d;", ""))},
    optional={
        "rel": st.sampled_from(("self", "Next", "HUB", "alternate", "prev-archive", "")),
        "type": st.sampled_from(("text/html", "application/rss+xml")),
        "title": st.just("T"),
    },
)
odd_attributes = st.dictionaries(
    st.sampled_from("href rel url domain xml:lang uri base".split()),
    st.sampled_from(("self", "http:////paper.example/", "de", "")),
    max_size=2,
)


def rarely(draw: st.DrawFn) -> bool:
    return draw(st.integers(0, 39)) == 0


@st.composite
def head_elements(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(UNUSUAL if rarely(draw) else USUAL))
    given_ = draw(odd_attributes) if rarely(draw) else draw(links) if name == "atom:link" else {}
    attributes = "".join(f" {key}={quoteattr(value)}" for key, value in given_.items())
    if name == "atom:link" and not rarely(draw):
        return f"<{name}{attributes}/>"
    if name in ("image", "textInput", "skipHours") or rarely(draw):
        parts = draw(st.lists(st.sampled_from("title link url width height description".split()), max_size=3))
        parts += ["hour"] if rarely(draw) else []
        return (
            f"<{name}{attributes}>{''.join(f'<{part}>{draw(written())}</{part}>' for part in parts)}</{name}>"
        )
    told = st.sampled_from(("daily", "weekly", "2", "60", "zh-cn", "http://paper.example/"))
    return f"<{name}{attributes}>{draw(told | written())}</{name}>"


def its_name(element: str) -> str:
    return (
        element
        if element.startswith(("<atom:link", "<category"))
        else element.partition(">")[0].partition(" ")[0]
    )


heads = st.lists(head_elements(), max_size=6, unique_by=its_name).map("".join)
#: A second title after the entries is another one to feedparser than one before them.
tails = st.just("") | head_elements().filter(lambda element: "title>" not in element)
roots = st.sampled_from(
    (
        'rss version="2.0"',
        'rss version="2.0"',
        "rss",
        'rss version="0.91"',
        'rss version="2.0" xml:lang="zh"',
        'rss xml:base="/b/"',
    )
)


def by_feedparser(document: str, known: Collection[bytes] = ()) -> ParsedFeed | str:
    with patch("aggregator.sources.feed.read_plainly", lambda _: None):
        return read(document, known)


def read(document: str, known: Collection[bytes] = ()) -> ParsedFeed | str:
    """The feed, or why it is none."""
    try:
        return parse_feed(
            document.encode(), url="http://paper.example/feed", zone=ZoneInfo("UTC"), now=NOW, known=known
        )
    except NotAFeed as error:
        return str(error)


def rss(inside: str, root: str = 'rss version="2.0"') -> str:
    return f"<{root} {NAMESPACES}><channel>{inside}</channel></rss>"


PLAIN = (
    "<item><title>T</title><link>http://paper.example/1</link><guid>1</guid><pubDate>2026-02-02</pubDate>"
    "<dc:creator>A</dc:creator><category>C</category><description>D</description>"
    "<content:encoded><![CDATA[<p>B</p>]]></content:encoded><enclosure url='http://paper.example/a.mp3'/></item>"
)


@given(roots, heads, st.lists(st.just(PLAIN) | entries, max_size=3), tails)
def test_feeds_are_those_that_feedparser_gives(root: str, head: str, inside: list[str], tail: str) -> None:
    document = rss(head + "".join(inside) + tail, root)
    assert read(document) == by_feedparser(document)


@given(heads)
def test_so_are_those_of_whose_entries_none_is_left_to_read(head: str) -> None:
    document = rss(head + PLAIN)
    feed = read(document)
    known = feed.digests if isinstance(feed, ParsedFeed) else ()
    assert read(document, known) == by_feedparser(document, known)


def test_what_most_entries_hold_is_plain() -> None:
    document = read_plainly(rss(PLAIN).encode())
    assert document is not None
    (entry,) = document.entries
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
    plainly = read_plainly(document.encode())
    assert plainly is not None
    assert [entry is None for entry in plainly.entries] == [True, False]
    feed = read(document)
    assert isinstance(feed, ParsedFeed)
    assert len(feed.items) == 2


@pytest.mark.parametrize(
    "document", ["<feed/>", "<rss", "<rss/>", rss(PLAIN, 'rss xml:lang="de"'), rss(PLAIN, 'rss base="/b"')]
)
def test_a_document_that_is_no_plain_rss_is_left_to_feedparser(document: str) -> None:
    assert read_plainly(document.encode()) is None


HEAD = (
    "<title>P</title><atom:link href='http://paper.example/feed' rel='self'/><link>http://paper.example/</link>"
    "<description>News</description><lastBuildDate>Mon, 02 Feb 2026 10:00:00 +0100</lastBuildDate>"
    "<language>de</language><sy:updatePeriod>hourly</sy:updatePeriod><generator>G</generator><ttl>60</ttl>"
    "<image><url>http://paper.example/i.png</url><title>I</title><link>http://paper.example/</link></image>"
)


def test_a_document_that_is_plain_throughout_needs_no_feedparser() -> None:
    with patch("aggregator.sources.feed.by_feedparser", side_effect=AssertionError):
        feed = read(rss(HEAD + PLAIN))
    assert isinstance(feed, ParsedFeed)
    assert (feed.title, feed.language, feed.self_url) == ("P", "de", "http://paper.example/feed")
    assert (feed.hints.ttl, feed.hints.update_period) == (timedelta(hours=1), timedelta(hours=1))


@pytest.mark.parametrize(
    "unusual",
    [
        "<itunes:author>A</itunes:author>",
        "<title>T</title>",
        "<link>http://paper.example/2</link>",
        "<description>a <b>bold</b> word</description>",
        "<generator uri='http://paper.example/'>G</generator>",
        "<atom:link rel='hub'/>",
        "<atom:link href='http:////paper.example/'/>",
        "<image><name>I</name></image>",
    ],
)
def test_one_whose_head_is_unusual_is_left_to_it(unusual: str) -> None:
    document = read_plainly(rss(HEAD + unusual + PLAIN).encode())
    assert document is not None
    assert document.head is None
