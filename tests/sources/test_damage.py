"""Damaged and hostile documents: what can be read is read, and nothing else happens."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.sources import NotAFeed, parse_feed, sniff
from aggregator.text.html import plain_title
from tests.sources.conftest import NOW, SHANGHAI, URL, Read, atom, rss

NEWS = "市图书馆今天宣布，从下个月起延长开放时间，周末也对读者开放。馆长说，这个决定是在听取了两千多名读者的意见之后作出的。"
CHINESE = rss(f"<item><title>图书馆延长开放</title><link>/1</link><description>{NEWS}</description></item>")
THREE = rss("".join(f"<item><title>第{n}条</title><guid>{n}</guid></item>" for n in (1, 2, 3)))


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "big5", "utf-16", "utf-8"])
@pytest.mark.parametrize("declared", ["right", "utf-8", None])
def test_a_feed_may_say_its_encoding_wrong(read: Read, encoding: str, declared: str | None) -> None:
    text = (
        CHINESE
        if encoding != "big5"
        else CHINESE.translate(str.maketrans("图书馆时间这个", "圖書館時間這個"))
    )
    text = (
        text.translate(str.maketrans("从长说决听两读见开对后", "從長說決聽兩讀見開對後"))
        if encoding == "big5"
        else text
    )
    label = {"right": f' encoding="{encoding}"', None: ""}.get(declared, f' encoding="{declared}"')
    document = text.replace(' encoding="utf-8"', label)
    (item,) = read(document.encode(encoding, "ignore")).items
    assert item.title in document
    assert len(item.title) == 7
    assert item.url == "https://paper.example/1"


def test_one_damaged_byte_costs_one_character_and_is_named(read: Read) -> None:
    body = bytearray(CHINESE.encode())
    body[body.index("图书馆今天".encode())] = 0xFF
    feed = read(bytes(body))
    assert feed.items[0].title == "图书馆延长开放"
    assert "今天宣布" in feed.items[0].summary
    assert "utf-8" in feed.faults[0]


def test_a_charset_given_by_the_user_wins(read: Read) -> None:
    body = rss("<item><title>é</title></item>").encode("iso-8859-2")
    assert read(body, encoding="iso-8859-2").items[0].title == "é"


@pytest.mark.parametrize(
    ("damage", "title"),
    [
        ("<title>Q & A</title>", "Q & A"),
        ("<title>a&nbsp;b&hellip;</title>", "a\u00a0b…"),
        ("<title>a &unknown; b</title>", "a &unknown; b"),
        ("<title>a &#0; b &#x1F; c</title>", "a  b  c"),
        ("<title>1 < 2</title>", "1 < 2"),
        ("<title>a\x00\x08b</title>", "ab"),
        ("<title>x</title><media:title>y</media:title><g:id>1</g:id>", "x"),
        ("<title>x</title><nowhere:thing a='b'>y</nowhere:thing>", "x"),
        ("<title><b>x</title>", "<b>x</b>"),
        ("<title>x</title><link>https://paper.example/?a=1&b=2</link>", "x"),
    ],
)
def test_a_fault_in_one_item_is_mended_named_and_leaves_the_others(
    read: Read, damage: str, title: str
) -> None:
    feed = read(
        rss(f"<item><title>before</title></item><item>{damage}</item><item><title>after</title></item>")
    )
    assert feed.items[0].title == "before"
    assert title in (feed.items[1].title, feed.items[1].title.replace("\u00a0", " "))
    assert feed.items[2].title == "after"


@pytest.mark.parametrize("forbidden", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff"])
@pytest.mark.parametrize(
    "item",
    [
        "<item><title>a|b</title></item>",
        "<item><title><![CDATA[a|b]]></title></item>",
        "<item><!--|--><title>ab</title></item>",
        "<item><title>ab</title><enclosure url='/a|.mp3'/></item>",
        "<item|><title>ab</title></item>",
        "|<item><title>ab</title></item>|",
    ],
)
def test_what_xml_forbids_is_taken_out_wherever_it_stands(read: Read, item: str, forbidden: str) -> None:
    assert read(rss(item.replace("|", forbidden))) == read(rss(item.replace("|", "")))


def test_a_mended_link_keeps_its_query(read: Read) -> None:
    (item,) = read(rss("<item><link>https://paper.example/?a=1&b=2&copy=3</link></item>")).items
    assert item.url == "https://paper.example/?a=1&b=2&copy=3"


@pytest.mark.parametrize(
    "before",
    ["\n\n", "\ufeff", "\x00 ", "<br />\n<b>Warning</b>: something on line 3<br />\n", "  <!-- cached -->\n"],
)
def test_what_stands_before_the_document_does_no_harm(read: Read, before: str) -> None:
    assert len(read(before + THREE).items) == 3


ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>Paper</title><id>urn:p</id>'
    "<entry><id>urn:1</id><title>One</title><content type='html'>&lt;p&gt;&lt;/feed&gt;x</content></entry></feed>"
)
XHTML = '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "x">\n<html xmlns="http://www.w3.org/1999/xhtml">'


@pytest.mark.parametrize(
    "page",
    [
        f"{XHTML}\n<body>\n{ATOM}\n</body>\n</html>\n",
        f"<html><head></head><body class='x'>{ATOM}</body></html>",
        f"<html><body>{THREE[THREE.index('<rss') :]}</body></html>",
    ],
)
def test_a_feed_that_is_all_there_is_of_a_page_is_read(read: Read, page: str) -> None:
    for content_type in (None, "text/html", "application/atom+xml"):
        feed = read(page, content_type=content_type)
        assert feed.title == "Paper"
        assert feed.items
        assert feed.faults == ("the HTML around the feed was dropped",)
        assert sniff(page.encode(), content_type) == "feed"


@pytest.mark.parametrize(
    "page",
    [
        f"{XHTML}<body><pre>{escape(ATOM)}</pre></body></html>",
        f"{XHTML}<body>{escape(ATOM)}</body></html>",
        f"<html><body><h1>How a feed looks</h1>{ATOM}</body></html>",
        f"<html><body>{ATOM}<p>That was one.</p></body></html>",
        f"<html><body>{ATOM}",
        f"<html><head><title>A feed</title></head><body>{ATOM}</body></html>",
        "<html><body><feed><entry>an element of the page's own</entry></feed></body></html>",
        f"<html><body><!-- {ATOM} --></body></html>",
        f"<html><body><script>{ATOM}</script></body></html>",
        f"<html><body><textarea>{ATOM}</textarea></body></html>",
    ],
)
def test_a_page_that_shows_a_feed_is_none(read: Read, page: str) -> None:
    assert sniff(page.encode(), "text/html") == "page"
    with pytest.raises(NotAFeed, match="an HTML page"):
        read(page)


def test_what_stands_after_the_document_is_cut_off_and_named(read: Read) -> None:
    feed = read(THREE + "<script>track()</script><!-- 0.03 s -->")
    assert len(feed.items) == 3
    assert "junk" in feed.faults[0]


@pytest.mark.parametrize("cut", ["第3条", "<guid>3", "</item></channel>", "</channel>", "</rss>"])
def test_a_document_that_breaks_off_gives_its_whole_entries_and_a_fault(read: Read, cut: str) -> None:
    feed = read(THREE[: THREE.index(cut)])
    assert [item.guid for item in feed.items] == (
        ["1", "2", "3"] if cut in ("</channel>", "</rss>") else ["1", "2"]
    )
    assert feed.faults


def test_a_document_that_breaks_off_before_its_first_entry_ends_has_none(read: Read) -> None:
    feed = read(THREE[: THREE.index("第1条") + 1])
    assert feed.title == "Paper"
    assert feed.faults


@pytest.mark.parametrize(
    "version", ["version=2.0", "version=”2.0″", "version='2.0", "version=2.0 version=2.0", "version"]
)
def test_attributes_that_are_badly_written_cost_no_entry(read: Read, version: str) -> None:
    feed = read(THREE.replace('version="2.0"', version))
    assert [item.guid for item in feed.items] == ["1", "2", "3"]
    assert feed.faults


def test_the_values_of_attributes_that_are_badly_written_are_read(read: Read) -> None:
    file = "<enclosure url=https://paper.example/a.mp3?a=1&b=2 length=5 type=audio/mpeg/>"
    (item,) = read(rss(f"<item><title>x</title>{file}</item>")).items
    (found,) = item.enclosures
    assert (found.url, found.length, found.type) == ("https://paper.example/a.mp3?a=1&b=2", 5, "audio/mpeg")


def test_a_feed_of_which_damage_leaves_no_entry_is_none(read: Read) -> None:
    with pytest.raises(NotAFeed, match="no entry is left"):
        read(rss("<![CDATA[<item><title>a</title></item>]]></item>"))


def test_a_damaged_feed_that_has_no_entry_is_a_feed(read: Read) -> None:
    feed = read(rss("", "<title>Q & A</title><description>a<br></description>"))
    assert (feed.title, feed.items) == ("Q & A", ())


def test_names_in_wrong_letter_case_are_understood(read: Read) -> None:
    document = '<RSS version="2.0"><Channel><Item><Title>x</Title></Item></Channel></RSS>'
    assert read(document).items[0].title == "x"


def test_a_bomb_of_entities_stays_inert(read: Read) -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    document = (
        f'<!DOCTYPE rss [<!ENTITY e0 "ha">{levels}]>'
        + rss("<item><title>&e9;</title></item>").partition("?>")[2]
    )
    start = time.process_time()
    (item,) = read(document).items
    assert item.title in ("&e9;", "")
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "{uri}">]>',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "{uri}"> %p;]>',
        '<!DOCTYPE rss SYSTEM "{uri}">',
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "{uri}">',
    ],
)
def test_no_document_reads_a_file(read: Read, tmp_path: Path, doctype: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    document = (
        doctype.format(uri=secret.as_uri())
        + rss(
            '<item><title>T &x;</title><description><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
            f'parse="text" href="{secret.as_uri()}"/></description></item>'
        ).partition("?>")[2]
    )
    assert "s3cret" not in repr(read(document))


@pytest.mark.parametrize("body", [b"/etc/passwd", b"http://127.0.0.1:1/", b"file:///etc/passwd"])
def test_a_body_is_never_taken_for_an_address(read: Read, body: bytes) -> None:
    with pytest.raises(NotAFeed):
        read(body)


def test_a_deep_document_is_survived(read: Read) -> None:
    document = rss(f"<item><title>T</title><description>{'<a>' * 5000}x{'</a>' * 5000}</description></item>")
    assert read(document).items[0].title == "T"


def swarm(piece: str, count: int) -> str:
    return rss(f"<item><title>{piece * count}</title></item>")


@pytest.mark.parametrize(
    "document",
    [
        swarm("<!--", 50_000),
        swarm("<![CDATA[", 50_000),
        swarm("<![CDATA[", 50_000) + "& <",
        swarm("&lt;script&gt;", 50_000),
        swarm("&lt;!--", 50_000),
        swarm("& < ", 50_000),
        swarm("<b>", 50_000),
        swarm("<b></i>", 50_000),
        swarm("<?a ", 50_000) + "</b>",
        rss("<item>" * 50_000 + "</item>" * 50_000 + "</b>"),
        rss("<item>" + "<title>" * 50_000 + "</title>" * 50_000 + "</b></item>"),
        rss("</item></title>" * 50_000),
        "<!DOCTYPE " * 100 + "<!DOCTYPE [" * 50_000 + THREE,
        rss("<item " + " ".join(f'a{n}="1"' for n in range(50_000)) + "><title>x</title></item>"),
        rss(f"<item><title>x</title><author>{'a' * 200_000}</author></item>"),
        rss("".join(f"<item><p{n}:a>x</p{n}:a></item>" for n in range(2000))),
        rss(f"<ttl>{'1' * 500_000}</ttl><item><pubDate>{'1' * 500_000}</pubDate></item>"),
    ],
    ids=range(17),
)
def test_no_document_takes_time_out_of_proportion(read: Read, document: str) -> None:
    start = time.process_time()
    with suppress(NotAFeed):
        for item in read(document).items:
            plain_title(item.title, item.title_is_html)
    assert time.process_time() - start < 15  # a quadratic step would take minutes


def test_many_faults_are_counted_not_listed(read: Read) -> None:
    items = ", ".join("1" for _ in range(100))
    assert len(read(f'{{"items": [{items}]}}').faults) <= 21


SEEDS = [
    CHINESE,
    THREE,
    atom(
        '<entry xml:base="/x"><id>1</id><title type="html">&lt;b&gt;T</title><link href="a"/><updated>2024-10-24</updated>'
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div></content></entry>'
    ),
    rss(
        '<item><title><![CDATA[a]]></title><media:content url="/a" type="image/png"/><media:rating>x</media:rating>'
        '<media:license href="x"/><enclosure url="/b"/><source url="/c">s</source><itunes:explicit/></item>'
    ),
    '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "tags": ["a"], "authors": [{"name": "x"}]}]}',
]
PIECES = [
    b"<",
    b">",
    b"&",
    b"</item>",
    b"<item>",
    b'"',
    b"]]>",
    b"<![CDATA[",
    b"\xff",
    b"\x00",
    b"<!--",
    b"<entry a=",
    b":",
]


def mutated(seed: str, state: int) -> bytes:
    """A document with a few pieces cut out, doubled, or put in at random."""
    chance = random.Random(state)
    body = bytearray(seed.encode())
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(body) + 1)
        end = min(len(body), start + chance.randint(0, 30))
        choice = chance.randrange(4)
        if choice == 0:
            del body[start:end]
        elif choice == 1:
            body[start:start] = body[start:end]
        elif choice == 2:
            body[start:start] = chance.choice(PIECES)
        else:
            body[start:end] = bytes(chance.randrange(256) for _ in range(end - start))
    return bytes(body)


@given(st.sampled_from(SEEDS), st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_no_mutation_raises_anything_but_not_a_feed(seed: str, state: int) -> None:
    with suppress(NotAFeed):
        feed = parse_feed(mutated(seed, state), url=URL, zone=SHANGHAI, now=NOW)
        assert all(item.url == "" or item.url.startswith(("http://", "https://")) for item in feed.items)


@given(st.binary(max_size=200), st.text(max_size=20))
@settings(deadline=None)
def test_no_bytes_raise_anything_but_not_a_feed(body: bytes, content_type: str) -> None:
    with pytest.raises(NotAFeed):
        parse_feed(body, url=URL, content_type=content_type, zone=SHANGHAI, now=NOW)


SEARCH = "<textInput><title>搜索</title><name>q</name><link>https://paper.example/s</link></textInput>"


@pytest.mark.parametrize("form", [SEARCH, "<textinput/>", f"<description>见 &lt;b&gt;</description>{SEARCH}"])
def test_a_search_form_inside_an_entry_costs_nothing(read: Read, form: str) -> None:
    feed = read(THREE.replace("<guid>2</guid>", f"<guid>2</guid>{form}"))
    assert [item.title for item in feed.items] == ["第1条", "第2条", "第3条"]
    assert not feed.faults


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """feedparser breaks down at what holds a certain word."""
    parse = feedparser.parse

    def breaks(stream: BytesIO, **options: Any) -> Any:
        if b"poison" in stream.getvalue():
            raise KeyError("poison")
        return parse(stream, **options)

    monkeypatch.setattr(feedparser, "parse", breaks)


NINE = [f"<item><title>第{n}条</title><guid>{n}</guid></item>" for n in range(1, 10)]


@pytest.mark.usefixtures("breaking")
@pytest.mark.parametrize("beside", ["", "<item/>", "<description><title>x</title></description>"])
@pytest.mark.parametrize("at", [{1}, {9}, {2, 3, 8}, set(range(1, 10))])
def test_entries_that_break_the_reader_are_skipped_and_named_and_are_not_known(
    read: Read, at: set[int], beside: str
) -> None:
    entries = [
        entry.replace("</item>", f"{beside}<x>poison</x></item>") if n in at else entry
        for n, entry in enumerate(NINE, start=1)
    ]
    feed = read(rss("".join(entries)))
    assert [item.title for item in feed.items] == [f"第{n}条" for n in range(1, 10) if n not in at]
    assert [fault.split(":")[0] for fault in feed.faults] == [f"entry {n} was skipped" for n in sorted(at)]
    assert feed.length == 9
    again = read(rss("".join(entries)), known=feed.digests)
    assert len(again.items) == (0 if feed.digests else 9 - len(at))
    assert len(again.faults) == len(at)


@pytest.mark.usefixtures("breaking")
def test_a_feed_that_breaks_the_reader_outside_its_entries_is_none(read: Read) -> None:
    with pytest.raises(NotAFeed, match="damaged beyond reading: KeyError"):
        read(rss("<x>poison</x>" + NINE[0]))
