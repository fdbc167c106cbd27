"""Feeds: every field of every dialect, as the document has it."""

from __future__ import annotations

import gc
import gzip
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.item import Item
from aggregator.sources import NotAFeed
from storage.model import Enclosure
from tests.sources.conftest import URL, Read, atom, rss


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def only(items: tuple[Item, ...]) -> Item:
    (item,) = items
    return item


# -- the feed


def test_an_rss_feed_names_its_title_site_and_language(read: Read) -> None:
    feed = read(
        rss(
            "",
            "<title>The &amp;amp; Paper</title><link>https://paper.example/</link><language>zh-CN</language>",
        )
    )
    assert (feed.format, feed.title, feed.link, feed.language) == (
        "rss",
        "The & Paper",
        "https://paper.example/",
        "zh-CN",
    )
    assert (feed.items, feed.faults) == ((), ())


def test_an_atom_feed_names_its_hub_and_itself(read: Read) -> None:
    feed = read(
        atom(
            "",
            '<title>P</title><link href="/"/><link rel="self" href="feed.xml"/><link rel="hub" href="//hub.example/"/>',
            'xml:lang="en"',
        )
    )
    assert (feed.format, feed.link, feed.language) == ("atom", "https://feeds.example/", "en")
    assert (feed.self_url, feed.hubs) == (URL, ("https://hub.example/",))


def test_an_rss_feed_may_carry_atom_links(read: Read) -> None:
    channel = (
        '<title>P</title><atom:link rel="self" href="https://paper.example/rss"/>'
        '<atom:link rel="hub" href="https://hub.example/"/><link>https://paper.example/</link>'
    )
    feed = read(rss("", channel))
    assert (feed.link, feed.self_url, feed.hubs) == (
        "https://paper.example/",
        "https://paper.example/rss",
        ("https://hub.example/",),
    )


def test_the_picture_of_a_channel_is_not_the_channel(read: Read) -> None:
    channel = (
        "<image><title>Logo</title><link>https://logo.example/</link><url>https://logo.example/l.png</url></image>"
        "<title>Paper</title><link>https://paper.example/</link>"
    )
    feed = read(rss("", channel))
    assert (feed.title, feed.link) == ("Paper", "https://paper.example/")


def test_hints_about_the_next_visit_are_read(read: Read) -> None:
    channel = (
        "<title>P</title><ttl>90</ttl><skipHours><hour>0</hour><hour>24</hour><hour>13</hour></skipHours>"
        "<skipDays><day>Saturday</day><day>sunday</day><day>Nosuchday</day></skipDays>"
        "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
    )
    hints = read(rss("<item><title>x</title></item>", channel)).hints
    assert hints.ttl == timedelta(minutes=90)
    assert hints.update_period == timedelta(hours=6)
    assert hints.skip_hours == {0, 13}
    assert hints.skip_days == {5, 6}


@pytest.mark.parametrize("ttl", ["", "soon", "-5", "0", "1.5", "99999999"])
def test_a_hint_that_is_nonsense_is_none(read: Read, ttl: str) -> None:
    assert read(rss("", f"<title>P</title><ttl>{ttl}</ttl>")).hints.ttl is None


@pytest.mark.parametrize(
    ("document", "format_"),
    [
        (rss("<item><title>T</title></item>"), "rss"),
        ('<rss version="0.91"><channel><item><title>T</title></item></channel></rss>', "rss"),
        ("<rss><channel><item><title>T</title></item></channel></rss>", "rss"),
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
            '<channel rdf:about="https://paper.example/"><title>P</title></channel>'
            '<item rdf:about="https://paper.example/1"><title>T</title></item></rdf:RDF>',
            "rdf",
        ),
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
            ' xmlns="http://my.netscape.com/rdf/simple/0.9/"><item><title>T</title></item></rdf:RDF>',
            "rdf",
        ),
        (atom("<entry><title>T</title></entry>"), "atom"),
        (
            '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>T</title></entry></feed>',
            "atom",
        ),
        (
            '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>T</a:title></a:entry></a:feed>',
            "atom",
        ),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "T"}]}', "json"),
    ],
)
def test_every_dialect_is_read(read: Read, document: str, format_: str) -> None:
    feed = read(document)
    assert feed.format == format_
    assert only(feed.items).title == "T"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "empty body"),
        (" \n\t", "empty body"),
        ("<!DOCTYPE html><html><body><p>Not found</p></body></html>", "an HTML page, not a feed"),
        ("<html><head></head></html>", "an HTML page, not a feed"),
        ('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>', "a sitemap, not a feed"),
        ("<catalog><book/></catalog>", "<catalog>"),
        ("just words", "neither XML nor JSON"),
        (gzip.compress(b"<rss/>"), "a packed file"),
        ('{"a": 1}', "no list of items"),
        ('{"items": [', "damaged JSON"),
        ("[]", "no list of items"),
    ],
)
def test_what_is_no_feed_is_refused_with_its_reason(read: Read, document: str | bytes, reason: str) -> None:
    with pytest.raises(NotAFeed, match=reason):
        read(document)


# -- identity


@pytest.mark.parametrize(
    ("guid", "raw"),
    [
        ("<guid>1</guid>", "1"),
        ('<guid isPermaLink="false">tag:paper.example,2024:1</guid>', "tag:paper.example,2024:1"),
        ("<guid> https://Paper.example/A?b=1 </guid>", "https://Paper.example/A?b=1"),
        ("<guid></guid>", ""),
        ("", ""),
    ],
)
def test_the_guid_stays_as_the_document_has_it(read: Read, guid: str, raw: str) -> None:
    item = only(read(rss(f"<item><title>T</title><link>https://paper.example/a</link>{guid}</item>")).items)
    assert item.guid == raw
    assert item.url == "https://paper.example/a"


def test_a_base_does_not_change_the_guid(read: Read) -> None:
    document = rss("<item><guid>1</guid><title>T</title><link>a</link></item><item><guid>2</guid></item>")
    document = document.replace("<channel>", '<channel xml:base="https://base.example/dir/">')
    first, second = read(document).items
    assert (first.guid, first.url, second.guid) == ("1", "https://base.example/dir/a", "2")


def test_a_permanent_guid_is_the_link_of_an_item_without_one(read: Read) -> None:
    item = only(read(rss("<item><title>T</title><guid>https://paper.example/1</guid></item>")).items)
    assert item.url == item.guid == "https://paper.example/1"


@pytest.mark.parametrize(
    "guid", ["<guid>12345</guid>", '<guid isPermaLink="false">https://paper.example/1</guid>']
)
def test_a_guid_that_is_no_address_is_no_link(read: Read, guid: str) -> None:
    assert only(read(rss(f"<item><title>T</title>{guid}</item>")).items).url == ""


def test_the_identity_of_an_rdf_item_is_what_it_is_about(read: Read) -> None:
    document = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        '<item rdf:about="urn:x:1"><title>T</title><link>https://paper.example/1</link></item></rdf:RDF>'
    )
    assert only(read(document).items).guid == "urn:x:1"


ENTRY = (
    "<item><guid>random</guid><title>T</title><link>https://paper.example/a</link>"
    "<pubDate>Thu, 24 Oct 2024 09:00:00 +0800</pubDate><description>&lt;p&gt;圖書館&lt;/p&gt;</description></item>"
)


@pytest.mark.parametrize(
    ("entry_id", "guid"),
    [
        (("guid", "link"), "random"),
        (("guid",), "random"),
        (("link",), "https://paper.example/a"),
        (("link", "date"), "https://paper.example/a 2024-10-24T01:00:00+00:00"),
        (("title",), "T"),
    ],
)
def test_what_identifies_an_entry_can_be_chosen(read: Read, entry_id: tuple[str, ...], guid: str) -> None:
    assert only(read(rss(ENTRY), entry_id=entry_id).items).guid == guid


def test_content_identifies_by_its_letters_alone(read: Read) -> None:
    other = ENTRY.replace("&lt;p&gt;圖書館&lt;/p&gt;", "&lt;div&gt;图书馆。&lt;/div&gt;")
    one, two = read(rss(ENTRY + other), entry_id=("content",)).items
    assert one.guid == two.guid != ""


def test_an_entry_without_any_of_the_chosen_parts_has_no_identity(read: Read) -> None:
    assert only(read(rss("<item><title>T</title></item>"), entry_id=("link", "date")).items).guid == ""


# -- links


@pytest.mark.parametrize(
    ("links", "url"),
    [
        ('<link href="https://p.example/a"/>', "https://p.example/a"),
        ('<link rel="self" href="/self"/><link rel="alternate" href="/a"/>', "https://feeds.example/a"),
        (
            '<link rel="enclosure" href="/a.mp3" type="audio/mpeg"/><link href="/a"/>',
            "https://feeds.example/a",
        ),
        (
            '<link rel="alternate" type="application/json" href="/a.json"/><link rel="alternate" type="text/html" href="/a"/>',
            "https://feeds.example/a",
        ),
        ('<link rel="alternate" type="application/pdf" href="/a.pdf"/>', "https://feeds.example/a.pdf"),
        ('<link rel="replies" href="/c"/><link rel="edit" href="/e"/>', ""),
        ('<link href="a b.html"/>', "https://feeds.example/news/a%20b.html"),
        ('<link href="javascript:alert(1)"/>', ""),
        ('<link href="javascript:alert(1)"/><link href="/b"/>', "https://feeds.example/b"),
        ("<id>https://p.example/id</id>", "https://p.example/id"),
        ("<id>urn:uuid:1</id>", ""),
    ],
)
def test_the_link_of_an_atom_entry_is_the_page_for_people(read: Read, links: str, url: str) -> None:
    assert only(read(atom(f"<entry><title>T</title>{links}</entry>")).items).url == url


def test_a_relative_link_of_rss_is_the_sites_and_one_of_atom_the_documents(read: Read) -> None:
    assert only(read(rss("<item><link>/a</link></item>")).items).url == "https://paper.example/a"
    head = '<title>P</title><link href="https://paper.example/"/>'
    assert only(read(atom('<entry><link href="/a"/></entry>', head)).items).url == "https://feeds.example/a"


def test_a_declared_base_holds_for_links_and_bodies(read: Read) -> None:
    entry = '<entry xml:base="sub/"><title>T</title><link href="a"/><content type="html">x</content></entry>'
    item = only(read(atom(entry, attributes='xml:base="https://base.example/dir/"')).items)
    assert item.url == "https://base.example/dir/sub/a"
    assert item.base_url == "https://base.example/dir/sub/"


def test_without_a_declared_base_a_body_is_relative_to_its_article(read: Read) -> None:
    item = only(read(rss("<item><link>https://paper.example/2024/a.html</link></item>")).items)
    assert item.base_url == "https://paper.example/2024/a.html"


def test_the_original_address_is_taken_before_a_counting_one(read: Read) -> None:
    item = (
        "<item><link>https://feedproxy.example/~r/1</link>"
        "<feedburner:origLink>https://paper.example/1</feedburner:origLink></item>"
    )
    assert only(read(rss(item)).items).url == "https://paper.example/1"


# -- titles and bodies


@pytest.mark.parametrize(
    ("title", "expected", "is_html"),
    [
        ("<title>Plain &amp;amp; &lt;b&gt;</title>", "Plain &amp; <b>", False),
        ('<title type="text">1 &lt; 2</title>', "1 < 2", False),
        ('<title type="html">&lt;b&gt;Bold&lt;/b&gt;</title>', "<b>Bold</b>", True),
        (
            '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <em>b</em></div></title>',
            "A <em>b</em>",
            True,
        ),
    ],
)
def test_an_atom_title_says_what_it_is(read: Read, title: str, expected: str, is_html: bool) -> None:
    item = only(read(atom(f"<entry>{title}</entry>")).items)
    assert (item.title, item.title_is_html) == (expected, is_html)


def test_an_rss_title_is_taken_for_html(read: Read) -> None:
    item = only(read(rss("<item><title><![CDATA[I <3 you & 5 < 6]]></title></item>")).items)
    assert (item.title, item.title_is_html) == ("I <3 you & 5 < 6", True)


def test_a_description_alone_is_a_summary(read: Read) -> None:
    item = only(read(rss("<item><description>&lt;p&gt;Short&lt;/p&gt;</description></item>")).items)
    assert (item.summary, item.content) == ("<p>Short</p>", "")


@pytest.mark.parametrize(
    "fields",
    [
        "<description>Short</description><content:encoded>&lt;p&gt;The whole body&lt;/p&gt;</content:encoded>",
        "<content:encoded>&lt;p&gt;The whole body&lt;/p&gt;</content:encoded><description>Short</description>",
        "<description>&lt;p&gt;The whole body&lt;/p&gt;</description><content:encoded>Short</content:encoded>",
    ],
)
def test_the_body_is_the_body_whatever_the_order(read: Read, fields: str) -> None:
    item = only(read(rss(f"<item>{fields}</item>")).items)
    assert (item.summary, item.content) == ("Short", "<p>The whole body</p>")


def test_a_body_alone_is_not_its_own_summary(read: Read) -> None:
    item = only(read(rss("<item><content:encoded>Body</content:encoded></item>")).items)
    assert (item.summary, item.content) == ("", "Body")


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ('<content type="html">&lt;p&gt;A&lt;/p&gt;</content>', "<p>A</p>"),
        ('<content type="text">1 &lt; 2\nnext</content>', "<p>1 &lt; 2</p><p>next</p>"),
        ("<content>plain &amp;amp; simple</content>", "<p>plain &amp;amp; simple</p>"),
        (
            '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>A &amp; b</p></div></content>',
            "<p>A &amp; b</p>",
        ),
    ],
)
def test_atom_content_of_any_type_comes_as_html(read: Read, content: str, html: str) -> None:
    assert only(read(atom(f"<entry>{content}</entry>")).items).content == html


BINARY = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"
INNER = '<entry xmlns="http://www.w3.org/2005/Atom"><title>Phantom</title><id>urn:p</id><summary>no</summary></entry>'


@pytest.mark.parametrize(
    "content",
    [
        f'<content type="image/png">{BINARY}</content>',
        f'<content type="application/octet-stream">\n{BINARY}\n</content>',
        f'<content type="application/atom+xml">{INNER}</content>',
        f'<content type="application/atom+xml"><feed xmlns="http://www.w3.org/2005/Atom">{INNER}{INNER}</feed></content>',
        '<content type="application/xml"><doc xmlns=""><title>Phantom</title></doc></content>',
        f'<x:wrapped xmlns:x="urn:x">{INNER}</x:wrapped>',
    ],
)
def test_content_that_is_no_text_is_none_and_the_summary_stands_for_it(read: Read, content: str) -> None:
    entry = f"<entry><title>a</title><id>1</id>{content}<summary>A picture.</summary></entry>"
    first, second = read(atom(f"{entry}<entry><title>b</title><id>2</id></entry>")).items
    assert (first.title, first.guid, first.summary or first.content) == ("a", "1", "<p>A picture.</p>")
    assert (second.title, second.guid) == ("b", "2")


@pytest.mark.parametrize(
    "media_type", ["text/html", "TEXT/HTML; charset=utf-8", "html", "text/plain", "text"]
)
def test_content_of_any_type_of_text_is_the_body(read: Read, media_type: str) -> None:
    entry = f'<entry><title>a</title><content type="{media_type}">words</content></entry>'
    assert "words" in only(read(atom(entry)).items).content


def test_an_item_inside_an_element_of_another_namespace_is_no_article(read: Read) -> None:
    inner = "<x:list xmlns:x='urn:x'><item><title>Phantom</title><link>/p</link></item><item/></x:list>"
    first, second = read(
        rss(f"<item><title>a</title>{inner}<link>/a</link></item><item><title>b</title></item>")
    ).items
    assert (first.title, first.url, second.title) == ("a", "https://paper.example/a", "b")


@pytest.mark.parametrize(
    "void", ["<br/>", "<br />", "<hr/>", '<img src="/a.png" alt="x &gt; y"/>', '<br clear="all"></br>']
)
def test_what_has_no_end_in_html_has_none_when_it_was_markup(read: Read, void: str) -> None:
    html = void.replace("</br>", "").replace(" />", ">").replace("/>", ">")
    xhtml = f'<div xmlns="http://www.w3.org/1999/xhtml">one{void}two<i></i></div>'
    entry = f'<entry><title type="xhtml">{xhtml}</title><content type="xhtml">{xhtml}</content></entry>'
    item = only(read(atom(entry)).items)
    assert item.title == item.content == f"one{html}two<i></i>"
    assert (
        only(read(rss(f"<item><description>one{void}two</description></item>")).items).summary
        == f"one{html}two"
    )


def test_html_is_left_as_it_is(read: Read) -> None:
    body = '<p onclick="x()">A</p><script>b()</script><img src="/c.png">'
    assert (
        only(read(rss(f"<item><description><![CDATA[{body}]]></description></item>")).items).summary == body
    )


# -- dates


@pytest.mark.parametrize(
    ("fields", "published"),
    [
        ("<pubDate>Thu, 24 Oct 2024 09:00:00 +0800</pubDate>", "2024-10-24 01:00"),
        ("<pubDate>2024-10-24 09:00:00</pubDate>", "2024-10-24 01:00"),
        ("<pubDate>2024年10月24日 09:00</pubDate>", "2024-10-24 01:00"),
        ("<pubDate>2024/10/24 09:00</pubDate>", "2024-10-24 01:00"),
        ("<pubDate>1729731600</pubDate>", "2024-10-24 01:00"),
        ("<pubDate>Thu, 24 Oct 2024 09:00:00 CST</pubDate>", "2024-10-24 01:00"),
        ("<pubDate>Thu, 24 Oct 2024 09:00:00 GMT+8</pubDate>", "2024-10-24 01:00"),
        ("<dc:date>2024-10-24T09:00:00+08:00</dc:date>", "2024-10-24 01:00"),
        ("<pubDate></pubDate><dc:date>2024-10-24T09:00:00+08:00</dc:date>", "2024-10-24 01:00"),
    ],
)
def test_the_date_of_an_item_is_read_from_its_own_words(read: Read, fields: str, published: str) -> None:
    item = only(read(rss(f"<item><title>T</title>{fields}</item>")).items)
    assert item.published == at(published)
    assert item.updated is None


@pytest.mark.parametrize("date", ["", "2024", "soon", "04/05/2024", "2024-02-30", "1970-01-01T00:00:00Z"])
def test_a_doubtful_date_of_an_item_is_none(read: Read, date: str) -> None:
    assert only(read(rss(f"<item><title>T</title><pubDate>{date}</pubDate></item>")).items).published is None


def test_atom_dates_are_told_apart(read: Read) -> None:
    both = "<published>2024-10-23T00:00:00Z</published><updated>2024-10-24T00:00:00Z</updated>"
    item = only(read(atom(f"<entry>{both}</entry>")).items)
    assert (item.published, item.updated) == (at("2024-10-23"), at("2024-10-24"))


def test_an_atom_entry_with_an_update_alone_was_published_then(read: Read) -> None:
    item = only(read(atom("<entry><updated>2024-10-24T00:00:00Z</updated></entry>")).items)
    assert (item.published, item.updated) == (at("2024-10-24"), at("2024-10-24"))


def test_atom_0_3_dates_are_read(read: Read) -> None:
    document = (
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><issued>2024-10-23T00:00:00Z</issued>'
        "<modified>2024-10-24T00:00:00Z</modified></entry></feed>"
    )
    item = only(read(document).items)
    assert (item.published, item.updated) == (at("2024-10-23"), at("2024-10-24"))


# -- people, tags, files


@pytest.mark.parametrize(
    ("fields", "authors"),
    [
        ("<author>li@paper.example (李记者)</author>", ("李记者",)),
        ("<author>李记者 &lt;li@paper.example&gt;</author>", ("李记者",)),
        ("<author>li@paper.example</author>", ()),
        ("<dc:creator>李记者</dc:creator><dc:creator>王记者</dc:creator>", ("李记者", "王记者")),
        ("<dc:creator>李记者</dc:creator><author>李记者</author>", ("李记者",)),
        ("<itunes:author>李记者</itunes:author>", ("李记者",)),
        ("<dc:creator>&lt;img src=x onerror=alert(1)&gt;Li</dc:creator>", ("Li",)),
        ("", ()),
    ],
)
def test_authors_are_names(read: Read, fields: str, authors: tuple[str, ...]) -> None:
    assert only(read(rss(f"<item><title>T</title>{fields}</item>")).items).authors == authors


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Jane Roe (AFP)", "Jane Roe (AFP)"),
        ("Jane Roe [AFP]", "Jane Roe [AFP]"),
        ("jane@paper.example (Jane Roe (AFP))", "Jane Roe (AFP)"),
        ("Jane Roe (AFP) (jane@paper.example)", "Jane Roe (AFP)"),
        ("(AFP) Jane Roe (Paris)", "(AFP) Jane Roe (Paris)"),
        ("(Jane Roe)", "Jane Roe"),
        ("Jane Roe)", "Jane Roe"),
        ("Jane Roe ()", "Jane Roe"),
        ("((", None),
        ("jane@paper (Jane Roe)", "Jane Roe"),
        ("Jane Roe (jane@paper)", "Jane Roe"),
        ("Jane Roe &lt;jane@paper&gt;", "Jane Roe"),
        ("M@tt", "M@tt"),
    ],
)
@pytest.mark.parametrize("element", ["author", "dc:creator"])
def test_brackets_that_belong_to_a_name_stay_and_a_mail_address_in_them_goes(
    read: Read, element: str, said: str, name: str | None
) -> None:
    (item,) = read(rss(f"<item><title>T</title><{element}>{said}</{element}></item>")).items
    assert item.authors == ((name,) if name else ())


@pytest.mark.parametrize(
    "mail", ["jane@paper.example", "jane@paper", "jane@paper.info", "jane@paper.photography"]
)
@pytest.mark.parametrize(
    "others", ["", "<author><name>Wang</name><email>wang@paper.example</email></author>"]
)
def test_the_mail_address_beside_a_name_costs_it_nothing(read: Read, mail: str, others: str) -> None:
    jane = f"<author><name>Jane Roe (AFP)</name><email>{mail}</email></author>"
    (item,) = read(atom(f"<entry><title>1</title>{jane}{others}</entry>")).items
    assert item.authors[0] == "Jane Roe (AFP)"


def test_an_atom_entry_without_author_has_the_feeds(read: Read) -> None:
    head = "<title>P</title><author><name>Desk</name></author>"
    one = "<entry><title>1</title><author><name>Li</name></author><author><name>Wang</name></author></entry>"
    first, second = read(atom(one + "<entry><title>2</title></entry>", head)).items
    assert (first.authors, second.authors) == (("Li", "Wang"), ("Desk",))


def test_categories_are_tags(read: Read) -> None:
    item = only(
        read(rss("<item><category>国际</category><category> 国际 </category><category/></item>")).items
    )
    assert item.tags == ("国际",)
    entry = '<entry><category term="intl" label="国际"/><category term="sport"/></entry>'
    assert only(read(atom(entry)).items).tags == ("国际", "sport")


def test_files_come_with_type_and_length(read: Read) -> None:
    item = only(
        read(
            rss(
                '<item><enclosure url="/a.mp3" type="audio/mpeg" length="123"/>'
                '<enclosure url="javascript:x" type="audio/mpeg" length="1"/>'
                '<media:content url="https://paper.example/b.jpg" medium="image" fileSize="7"/>'
                '<media:thumbnail url="https://paper.example/t.jpg"/></item>'
            )
        ).items
    )
    assert item.enclosures == (
        Enclosure(url="https://paper.example/a.mp3", type="audio/mpeg", length=123),
        Enclosure(url="https://paper.example/b.jpg", type="image/*", length=7),
    )
    assert item.image == "https://paper.example/b.jpg"


@pytest.mark.parametrize(
    ("fields", "image"),
    [
        ('<media:thumbnail url="/t.jpg"/>', "https://paper.example/t.jpg"),
        (
            '<media:group><media:content url="/g.jpg" type="image/jpeg"/></media:group>',
            "https://paper.example/g.jpg",
        ),
        ('<itunes:image href="/i.jpg"/>', "https://paper.example/i.jpg"),
        ('<enclosure url="/e.png" type="image/png" length="0"/>', "https://paper.example/e.png"),
        ('<media:thumbnail url="javascript:x"/>', None),
        ("", None),
    ],
)
def test_the_picture_of_an_item_is_found(read: Read, fields: str, image: str | None) -> None:
    assert only(read(rss(f"<item><title>T</title>{fields}</item>")).items).image == image


def test_the_origin_of_an_item_is_its_source(read: Read) -> None:
    item = only(
        read(rss('<item><title>T</title><source url="https://o.example/rss">原报</source></item>')).items
    )
    assert (item.title, item.origin) == ("T", "原报")
    entry = "<entry><title>T</title><source><title>Other</title><id>x</id></source><id>mine</id></entry>"
    item = only(read(atom(entry)).items)
    assert (item.title, item.origin, item.guid) == ("T", "Other", "mine")


def test_the_language_of_an_entry_is_its_own_or_the_feeds(read: Read) -> None:
    entries = '<entry xml:lang="de"><title>Eins</title></entry><entry><title>一</title></entry>'
    first, second = read(atom(entries, attributes='xml:lang="zh-CN"')).items
    assert (first.language, second.language) == ("de", "zh-CN")


def test_items_keep_the_order_of_the_document(read: Read) -> None:
    feed = read(rss("".join(f"<item><title>{number}</title></item>" for number in range(30))))
    assert [item.title for item in feed.items] == [str(number) for number in range(30)]


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("desk@paper.online (The Desk)", "The Desk"),
        ("The Desk &lt;desk@paper.online&gt;", "The Desk"),
        ("desk@paper.com (The Desk)", "The Desk"),
        ("desk@paper.com The Desk (Paris)", "The Desk (Paris)"),
    ],
)
def test_a_name_beside_others_keeps_nothing_of_its_mail_address(read: Read, author: str, name: str) -> None:
    people = f"<author>{author}</author><dc:creator>Nora</dc:creator>"
    (item,) = read(rss(f"<item><title>x</title><guid>1</guid>{people}</item>")).items
    assert item.authors == (name, "Nora")


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    tracemalloc.start()
    yield
    tracemalloc.stop()
    gc.enable()


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize(
    "document",
    [
        rss(f"<item><title>plain</title><description>{'long ' * 50_000}</description></item>"),
        atom(f"<entry><title>for feedparser</title><summary>{'long ' * 50_000}</summary></entry>"),
        rss(f"<item><title>damaged<description>{'long ' * 50_000}</description></item>"),
    ],
    ids=["plain", "feedparser", "damaged"],
)
def test_a_document_that_was_read_is_gone_from_memory_at_once(read: Read, document: str) -> None:
    read(atom("<entry/>"))  # what is imported then stays
    before, _ = tracemalloc.get_traced_memory()
    read(document)
    after, _ = tracemalloc.get_traced_memory()
    assert after - before < len(document) / 2
