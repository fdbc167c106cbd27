"""Entries that are known are left out, and the others come out of the document as if they were not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.item import ParsedFeed
from aggregator.sources import parse_feed
from aggregator.sources.slices import MOST_ENTRIES
from tests.sources.conftest import NOW, SHANGHAI, URL, Read, atom, rss

#: What may stand in an item of RSS; {n} is its number.
RSS_PARTS = (
    "<title>Bridge {n}</title>",
    "<title>A &amp; B &#26032; {n}</title>",
    "<title><![CDATA[</item><item> {n}]]></title>",
    '<guid isPermaLink="false">g{n}</guid>',
    "<guid>https://paper.example/{n}</guid>",
    "<link>https://paper.example/a{n}</link>",
    "<link>/relative/{n}</link>",
    "<pubDate>Thu, 24 Oct 2024 09:00:0{n} +0800</pubDate>",
    "<description><![CDATA[<p>one ]]&gt; </item> two {n}</p>]]></description>",
    "<description>&lt;p&gt;escaped {n}&lt;/p&gt;</description>",
    "<content:encoded><![CDATA[<p>body <b>{n}</b></p><!-- </item> -->]]></content:encoded>",
    "<!-- </item><item><title>no</title></item> -->",
    "<?pause </item> ?>",
    "<dc:creator>Ann {n}</dc:creator>",
    "<author>ann@paper.example (Ann {n})</author>",
    "<category>city</category>",
    '<source url="https://other.example/">Other {n}</source>',
    '<enclosure url="https://paper.example/{n}.mp3" length="10" type="audio/mpeg"/>',
    '<media:content url="https://paper.example/{n}.jpg"><media:title>x{n}</media:title></media:content>',
    '<media:thumbnail xmlns:media="http://search.yahoo.com/mrss/" url="https://paper.example/t{n}.jpg"/>',
    '<thr:total xmlns:thr="http://purl.org/syndication/thread/1.0">{n}</thr:total>',
    '<x:item xmlns:x="urn:x">nested {n}</x:item>',
    '<y:note xmlns:y="urn:y{n}">{n}</y:note>',
    "<item><title>inner {n}</title></item>",
    "<image><url>https://paper.example/{n}.png</url><title>i</title></image>",
    '<description xml:lang="en">an English one {n}</description>',
    '<description xml:base="https://base.example/{n}/">&lt;a href="x"&gt;x&lt;/a&gt;</description>',
    "<description>one <title>in the other {n}</title> after</description>",
)
ATOM_PARTS = (
    "<title>Bridge {n}</title>",
    '<title type="html">&lt;b&gt;Bridge&lt;/b&gt; {n}</title>',
    "<id>tag:paper.example,2024:{n}</id>",
    '<link href="https://paper.example/{n}"/>',
    '<link rel="enclosure" href="https://paper.example/{n}>.mp3"/>',
    "<updated>2024-10-24T09:00:0{n}Z</updated>",
    '<content type="html">&lt;p&gt;body {n}&lt;/p&gt;</content>',
    '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>body {n}</p></div></content>',
    '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><title>odd</title>{n}</div></content>',
    '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><svg xmlns="http://www.w3.org/2000/svg">'
    "<title>drawing {n}</title></svg></div></content>",
    '<content type="html" xml:base="https://base.example/{n}/">&lt;a href="x"&gt;x&lt;/a&gt;</content>',
    '<summary xml:lang="de">kurz {n}</summary>',
    "<author><name>Ann {n}</name></author>",
    "<source><title>Other {n}</title><id>o</id><author><name>Bob</name></author></source>",
    "<summary><![CDATA[</entry><entry>{n}]]></summary>",
    "<!-- <entry> -->",
    "<entry><title>inner {n}</title></entry>",
    '<dc:subject xmlns:dc="urn:not-dublin-core">{n}</dc:subject>',
    '<category term="city" label="City"/>',
)
#: What may stand between entries, before and after them.
BETWEEN = ("", "\n  ", "<!-- <item> -->", "<?x y?>", "<ttl>30</ttl>", "<language>zh-cn</language>")

items = st.lists(st.lists(st.sampled_from(RSS_PARTS), max_size=5), max_size=7)
entries = st.lists(st.lists(st.sampled_from(ATOM_PARTS), max_size=5), max_size=7)
between = st.lists(st.sampled_from(BETWEEN), min_size=8, max_size=8)
known_ones = st.sets(st.integers(0, 6))


def parse(document: str | bytes, known: frozenset[bytes] = frozenset()) -> ParsedFeed:
    body = document.encode() if isinstance(document, str) else document
    return parse_feed(body, url=URL, zone=SHANGHAI, now=NOW, known=known)


def written(tag: str, parts: list[list[str]], gaps: list[str]) -> str:
    pieces = [f"<{tag}>{''.join(one).format(n=n)}</{tag}>" for n, one in enumerate(parts)]
    return "".join(gap + piece for gap, piece in zip(gaps, (*pieces, ""), strict=False))


def agree(document: str, places: set[int]) -> None:
    """The law: what is left out changes nothing about what is read."""
    full = parse(document)
    known = frozenset(digest for place, digest in enumerate(full.digests) if place in places)
    part = parse(document, known)
    assert part == replace(full, items=tuple(item for item in full.items if item.digest not in known))


@given(items, between, known_ones)
def test_items_of_rss_are_the_same_whatever_is_known(
    parts: list[list[str]], gaps: list[str], known: set[int]
) -> None:
    agree(rss(written("item", parts, gaps)), known)


@given(
    entries, between, known_ones, st.sampled_from(("", 'xml:base="https://root.example/"', 'xml:lang="zh"'))
)
def test_entries_of_atom_are_the_same_whatever_is_known(
    parts: list[list[str]], gaps: list[str], known: set[int], attributes: str
) -> None:
    agree(atom(written("entry", parts, gaps), attributes=attributes), known)


@given(items, known_ones)
def test_items_of_rdf_are_the_same_whatever_is_known(parts: list[list[str]], known: set[int]) -> None:
    document = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://paper.example/"><title>P</title>'
        f"<items/></channel>{written('item', parts, [''] * 8)}</rdf:RDF>"
    )
    agree(document, known)


@given(items, known_ones, st.integers(0, 400))
def test_items_of_a_document_that_breaks_off_are_the_same(
    parts: list[list[str]], known: set[int], missing: int
) -> None:
    document = rss("<item><title>whole</title></item>" + written("item", parts, [""] * 8))
    cut_short = document[: max(len(document) - missing, document.index("</item>") + 7)]
    agree(cut_short, known)


def numbered(*numbers: int, body: str = "x") -> str:
    return "".join(
        f"<item><title>T{n}</title><guid>{n}</guid><description>{body}</description></item>" for n in numbers
    )


@pytest.mark.parametrize(
    "document",
    [
        rss(numbered(1, 2, 3)),
        rss(
            "<item><title><![CDATA[</item>]]></title></item><item><!-- </item> --><title>b</title></item><item/>"
        ),
        atom("<entry><id>1</id></entry><entry/><entry ><id a='>'>3</id></entry >"),
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom">'
        + "<a:entry><a:id>1</a:id></a:entry>" * 3
        + "</a:feed>",
        '<!DOCTYPE rss [<!ENTITY x "y">]>' + rss(numbered(1, 2, 3)).partition("?>")[2],
        rss("<item><title>a & b</title></item>" * 3),  # mended before it is cut
        '<rss version="0.91"><channel><title>P</title></channel>'
        + "<item><title>a</title></item>" * 3
        + "</rss>",
    ],
)
def test_entries_are_told_apart(document: str) -> None:
    assert len(parse(document).digests) == 3


@pytest.mark.parametrize(
    "document",
    [
        rss("<item><title>a</title><item><title>b</title></item></item>"),
        rss('<item><x:item xmlns:x="urn:x"/></item>'),
        rss('<item><dc:title xmlns:dc="urn:another">a</dc:title></item>'),
        rss('<item><own:thing xmlns:own="urn:own">a</own:thing></item>'),
        rss('<item><description xml:base="https://b.example/">a</description></item><item/>'),
        atom('<entry><content type="xhtml"><div xmlns="urn:x">a</div></content></entry>'),
        atom('<entry><content type="xhtml"><p><title>a</title></p></content></entry>'),
        '<channel><item href="https://a.example/"/></channel>',
    ],
)
def test_a_document_whose_entries_bear_on_each_other_is_one_piece(document: str) -> None:
    assert parse(document).digests == ()


def test_known_entries_are_left_out_and_counted(read: Read) -> None:
    before = read(rss(numbered(1, 2, 3)))
    after = read(rss(numbered(9, 1, 2, 3)), known=frozenset(before.digests))
    assert [item.title for item in after.items] == ["T9"]
    assert after.length == 4
    assert after.digests[1:] == before.digests


@pytest.mark.parametrize(
    ("channel", "read_again"),
    [
        ("<title>Renamed</title>", False),
        ("<lastBuildDate>Thu, 24 Oct 2024 09:00:00 GMT</lastBuildDate>", False),
        ("<ttl>5</ttl><generator>g</generator>", False),
        ("<language>en</language>", True),
        ("<link>https://elsewhere.example/</link>", True),
        ("<managingEditor>Ann</managingEditor>", True),
    ],
)
def test_only_what_bears_on_entries_makes_them_new(read: Read, channel: str, read_again: bool) -> None:
    before = read(rss(numbered(1, 2)))
    after = read(rss(numbered(1, 2), channel=channel), known=frozenset(before.digests))
    # Without its title and link the channel is another one to begin with: compare with that.
    plain = read(rss(numbered(1, 2), channel=""))
    known_as_plain = read(rss(numbered(1, 2), channel=channel), known=frozenset(plain.digests))
    assert bool(known_as_plain.items) is read_again
    assert after.length == 2


def test_an_entry_that_was_edited_is_read_again(read: Read) -> None:
    before = read(rss(numbered(1, 2)))
    after = read(rss(numbered(1) + numbered(2, body="edited")), known=frozenset(before.digests))
    assert [item.title for item in after.items] == ["T2"]


def test_another_address_of_the_document_makes_all_entries_new(read: Read) -> None:
    before = read(rss(numbered(1)))
    again = read(rss(numbered(1)), url="https://other.example/feed", known=frozenset(before.digests))
    assert len(again.items) == 1


def test_hints_are_those_of_the_whole_document(read: Read) -> None:
    document = rss(numbered(1), channel="<skipHours><hour>3</hour></skipHours>").replace(
        "</channel>", "<skipHours><hour>5</hour></skipHours></channel>"
    )
    full = read(document)
    assert read(document, known=frozenset(full.digests)).hints == full.hints


def test_entries_beyond_the_most_that_are_read_are_cut_off(read: Read) -> None:
    feed = read(rss(numbered(*range(MOST_ENTRIES + 5))))
    assert (len(feed.items), len(feed.digests), feed.length) == (MOST_ENTRIES, MOST_ENTRIES, MOST_ENTRIES + 5)
    assert feed.faults == (
        f"{MOST_ENTRIES + 5} entries in one document: only the first {MOST_ENTRIES} are read",
    )
    again = read(rss(numbered(*range(MOST_ENTRIES + 5))), known=frozenset(feed.digests))
    assert again.items == ()


def dated(number: int) -> str:
    """Of a later number a later date."""
    return (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=number)).isoformat()


def log_of(*numbers: int) -> str:
    return rss("".join(f"<item><guid>{n}</guid><pubDate>{dated(n)}</pubDate></item>" for n in numbers))


def log_in_pieces_of(*numbers: int) -> str:
    """The same in a form whose entries cannot be read without each other."""
    return log_of(*numbers).replace("<item>", "<item xmlns:dc='urn:another'>", 1)


def log_in_json(*numbers: int) -> str:
    return json_feed(*({"id": str(n), "date_published": dated(n)} for n in numbers))


@pytest.mark.parametrize("log", [log_of, log_in_pieces_of, log_in_json])
def test_of_a_long_document_that_grows_at_its_end_the_end_is_read(
    read: Read, log: Callable[..., str]
) -> None:
    length = MOST_ENTRIES + 5
    feed = read(log(*range(length)))
    assert [int(item.guid) for item in feed.items] == list(range(5, length))
    assert feed.faults == (f"{length} entries in one document: only the last {MOST_ENTRIES} are read",)
    grown = read(log(*range(length + 1)), known=frozenset(feed.digests))
    assert int(grown.items[-1].guid) == length
    assert len(grown.items) == (1 if feed.digests else MOST_ENTRIES)


@pytest.mark.parametrize("log", [log_of, log_in_pieces_of, log_in_json])
def test_of_a_long_document_that_grows_at_its_beginning_the_beginning_is_read(
    read: Read, log: Callable[..., str]
) -> None:
    feed = read(log(*reversed(range(MOST_ENTRIES + 5))))
    assert [int(item.guid) for item in feed.items] == list(reversed(range(5, MOST_ENTRIES + 5)))


# -- JSON Feed


def json_feed(*items: object, **more: object) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "P", "items": items, **more})


@given(st.lists(st.integers(0, 9), max_size=6), known_ones)
def test_items_of_a_json_feed_are_the_same_whatever_is_known(numbers: list[int], known: set[int]) -> None:
    agree(json_feed(*({"id": n, "title": f"T{n}", "content_text": "x"} for n in numbers)), known)


def test_an_item_that_is_none_is_named_each_time(read: Read) -> None:
    document = json_feed("no object", {"id": 1})
    first = read(document)
    again = read(document, known=frozenset(first.digests))
    assert (len(first.digests), again.items, again.faults) == (1, (), first.faults)


def test_another_language_of_a_json_feed_makes_its_items_new(read: Read) -> None:
    before = read(json_feed({"id": 1}))
    assert len(read(json_feed({"id": 1}, language="zh"), known=frozenset(before.digests)).items) == 1
