"""Damage in one entry stays in it: no other is lost or changed, and it keeps what is its own."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aggregator.item import Item, ParsedFeed
from aggregator.sources import parse_feed
from tests.sources.conftest import NOW, SHANGHAI, URL, Read, atom, rss

ITEM = (
    "<item><title>第{n}条</title><link>https://paper.example/{n}</link>"
    '<guid isPermaLink="false">g{n}</guid><dc:creator>Nora</dc:creator>'
    "<description>{body}</description><pubDate>Thu, 24 Oct 2024 09:00:0{n} +0800</pubDate></item>\n"
)
ENTRY = (
    '<entry><title>第{n}条</title><link href="https://paper.example/{n}"/><id>g{n}</id><author><name>Nora</name></author>'
    '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{body}</div></content>'
    "<updated>2024-10-24T09:00:0{n}Z</updated></entry>\n"
)


def bodies(second: str) -> tuple[str, ...]:
    return ("First.", second, "Third.", "<![CDATA[<p>Fourth.</p>]]>")


def of_rss(second: str) -> str:
    return rss("".join(ITEM.format(n=n, body=body) for n, body in enumerate(bodies(second), start=1)))


def of_atom(second: str) -> str:
    return atom("".join(ENTRY.format(n=n, body=body) for n, body in enumerate(bodies(second), start=1)))


def parse(document: str) -> ParsedFeed:
    return parse_feed(document.encode(), url=URL, zone=SHANGHAI, now=NOW)


def read_alone(item: Item) -> Item:
    return replace(item, digest=b"")


#: What is wrong in a text, and what is made of it.
TEXTS = [
    ("one<br>two<br>three", "one<br>two<br>three"),
    ("<p>a<br>b", "<p>a<br>b"),
    ("<ul><li>a<li>b</ul>", "<ul><li>a<li>b</ul>"),
    ("a &amp; b<br>c<hr>d", "a &amp; b<br>c<hr>d"),
    ("a<b>b<br>c", "a<b>b<br>c</b>"),
    ("line</p></div> more", "line more"),
    ("line</p> more", "line more"),
    ("<b>a</b></b>", "<b>a</b>"),
    ("<b><i>a</b></i>", "<b><i>a</b>"),
    ("a<img src=/p.png alt=x><br>", "a<img src=/p.png alt=x><br>"),
    ("a<br><!-- a -- b -->", "a<br>"),
    ("&lt;p&gt;a &amp;amp; b&lt;/p&gt;</p>", "<p>a &amp; b</p>"),
    ("<![CDATA[<p>a</p>]]></p>", "<p>a</p>"),
    ("a ]]> b", "a ]]&gt; b"),
    ("1 < 2<br>3<br>", "1 &lt; 2<br>3<br>"),
]


@pytest.mark.parametrize(("written", "html"), TEXTS)
def test_a_text_whose_tags_do_not_nest_is_read_as_html(read: Read, written: str, html: str) -> None:
    feed = read(of_rss(written))
    assert feed.items[1].summary.replace("]]>", "]]&gt;") == html
    assert feed.faults


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("one<br><br>two", "<div>one<br><br>two</div>"),
        ("line</p> more", "<div>line more</div>"),
        ("line</div> more", "<div>line</div> more"),
        ("a &amp; b<p>", "<div>a &amp; b<p></div>"),
    ],
)
def test_xhtml_that_is_none_is_html(read: Read, written: str, html: str) -> None:
    content = read(of_atom(written)).items[1].content
    assert content.replace(' xmlns="http://www.w3.org/1999/xhtml"', "") == html


#: The second item, told from its neighbours by its number, with something wrong: (what stands there, what comes instead).
DAMAGE = [
    *((">{body}<", f">{written}<") for written, _ in TEXTS),
    ("<title>", ""),
    ("</title>", ""),
    ("</title>", "</title></title>"),
    ("</title>", "<br>x<br></title>"),
    ("<link>", ""),
    ("</link>", ""),
    ("</link>", "</p></link>"),
    ("</guid>", ""),
    ("</guid>", "</guid></guid>"),
    ("</dc:creator>", ""),
    ("</dc:creator>", "</item-of-nothing>"),
    ("<description>", ""),
    ("</description>", ""),
    ("</description>", "</description></description></b>"),
    ("<description>", "<description><![CDATA["),
    ("<description>", "<description kind=short kind=long>"),
    ("<item>", ""),
    ("</item>", ""),
    ("</item>", "</item></item>"),
    ("</description>", "<!ELEMENT x></description>"),
    ("<title>", "</channel></rss><title>"),
]


@pytest.mark.parametrize(("there", "instead"), DAMAGE)
def test_what_is_wrong_with_one_item_leaves_all_others_as_they_are(there: str, instead: str) -> None:
    def document(second: str) -> str:
        numbered = [ITEM.replace("{n}", str(n)).replace("{body}", f"Text {n}.") for n in (1, 2, 3, 4)]
        return rss("".join((numbered[0], second, *numbered[2:])))

    sound = ITEM.replace("{n}", "2")
    whole = parse(document(sound.replace("{body}", "Text 2.")))
    damaged = parse(document(sound.replace(there, instead, 1).replace("{body}", "Text 2.")))
    assert len(damaged.items) == 4
    assert damaged.faults
    assert not damaged.torn
    assert [one for n, one in enumerate(damaged.items) if n != 1] == [
        one for n, one in enumerate(whole.items) if n != 1
    ]
    own, was = damaged.items[1], whole.items[1]
    assert was.title in own.title
    assert own.url.startswith(was.url)
    assert was.guid in own.guid
    assert "{body}" in there or "Text 2." in own.summary
    assert not any(f"{n}" in own.summary for n in (1, 3, 4) if "{body}" not in there)


TAG = re.compile(r"</?[A-Za-z:]+[^<>]*>")
WRONG = (
    "",
    "{tag}{tag}",
    "<br>x<br>{tag}",
    "</p>{tag}",
    "{tag}</div></b>",
    "<p>{tag}",
    " & < {tag}",
    "<b a=1 a=2>{tag}",
)


@pytest.mark.parametrize("written", [ITEM, ENTRY])
@given(data=st.data())
def test_damage_at_any_tag_of_an_entry_stays_in_it(written: str, data: st.DataObject) -> None:
    dialect = rss if written is ITEM else atom
    number = data.draw(st.integers(1, 4), "the entry")
    entries = [written.format(n=n, body=body) for n, body in enumerate(bodies("<p>Second.</p>"), start=1)]
    whole = parse(dialect("".join(entries)))
    tags = list(TAG.finditer(entries[number - 1]))[1:-1]
    tag = data.draw(st.sampled_from(tags), "the tag")
    instead = data.draw(st.sampled_from(WRONG), "what is there instead").format(tag=tag[0])
    assume(instead != tag[0] and not (tag[0].endswith("/>") and not instead))
    entries[number - 1] = tag.string[: tag.start()] + instead + tag.string[tag.end() :]
    damaged = parse(dialect("".join(entries)))
    assert len(damaged.items) == 4
    for n, (was, now) in enumerate(zip(whole.items, damaged.items, strict=True), start=1):
        assert n == number or read_alone(now) == read_alone(was)


@pytest.mark.parametrize(
    "sound",
    [
        "<!-- a - b <i> & --><title>a</title>",
        "<?xml-stylesheet href='x'?><?pause ? > ?><title>a</title>",
        """<title>a</title><media:y a='">' b="it's>"/>""",
        "<title >a</title\n><guid\nisPermaLink = 'false' >1</guid >",
        "<title><![CDATA[</item> ]] > <br> ]]]]><![CDATA[>]]></title>",
        "<title>a</title><description>raw <b title='x > y'>b</b><br/></description>",
    ],
)
def test_what_xml_allows_beside_a_damaged_entry_stays_to_the_byte(read: Read, sound: str) -> None:
    whole = read(rss(f"<item>{sound}</item><item><title>x</title></item>"))
    damaged = read(rss(f"<item>{sound}</item><item><title>x<br><br></title></item>"))
    assert whole.digests[0] == damaged.digests[0]
    assert whole.items[0] == damaged.items[0]


def test_a_damaged_head_leaves_the_entries_as_they_are(read: Read) -> None:
    whole = read(of_rss("Second."))
    channel = "<title>Paper</title><link>https://paper.example/</link>"
    damaged = read(
        of_rss("Second.").replace(channel, f"{channel}<description>a<br>b</p><image><url>/x</url>", 1)
    )
    assert [read_alone(item) for item in damaged.items] == [read_alone(item) for item in whole.items]
    assert damaged.title == "Paper"


def test_an_entry_that_holds_another_is_one_beside_a_damaged_one(read: Read) -> None:
    inner = "<x:list xmlns:x='urn:x'><entry><title>inner</title></entry><entry/></x:list>"
    document = atom(f"<entry><title>a</title>{inner}</entry><entry><title>b<br><br></title></entry>")
    assert [item.title for item in read(document).items] == ["a", "b<br><br>"]


def test_a_damaged_document_that_breaks_off_loses_its_torn_entry(read: Read) -> None:
    whole = of_rss("one<br>two<br>three")
    feed = read(whole[: whole.index("Fourth.")])
    assert [item.title for item in feed.items] == ["第1条", "第2条", "第3条"]
    assert feed.torn


def test_a_section_of_raw_text_that_is_never_closed_ends_with_its_element(read: Read) -> None:
    feed = read(
        rss("".join(ITEM.format(n=n, body="<![CDATA[open <b>x</b>" if n == 2 else "y") for n in (1, 2, 3)))
    )
    assert [item.summary for item in feed.items] == ["y", "open <b>x</b>", "y"]
    assert not feed.torn


@pytest.mark.parametrize("names", [("item", "channel", "rss"), ("rss:item", "rss:channel", "rdf:RDF")])
def test_entries_are_those_of_the_feeds_own_namespace(read: Read, names: tuple[str, ...]) -> None:
    item, channel, root = names
    bound = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rss="http://purl.org/rss/1.0/"'
    title = item.replace("item", "title")
    one = f"<{item}><{title}>{{0}}</{title}><x:item xmlns:x='urn:x'/></{item}>"
    entries = one.format("a") + one.format("b<br><br>") + one.format("c")
    feed = read(f"<{root} {bound}><{channel}>{entries}</{channel}></{root}>")
    assert [item.title for item in feed.items] == ["a", "b<br><br>", "c"]
