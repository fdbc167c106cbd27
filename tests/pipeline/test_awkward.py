"""A feed of everything that goes wrong in feeds, from the request to what subscribers get."""

from __future__ import annotations

import json
from html import escape

import feedparser
import pytest

from tests.publish.validator import complaints
from tests.support.room import Room
from tests.support.web import ok

YAML = """
site: {title: "Tom &amp; <b>Co</b>", base_url: "https://news.example.cn", editor: "desk@news.example.cn (A </b> &amp;)"}
defaults: {allow_private: 127.0.0.0/8, first_fetch: {max_items: 100}}
output: {websub: {hub: self}}
sources:
  - {id: awkward, url: "{web}/feed", section: world}
sections:
  - {id: world, title: "World </b> &amp; all", description: "What &lt; says", limit: 100}
"""

#: Titles as they stand in the document, and as people read them ("": the beginning of the text).
TITLES = {
    "渡轮恢复夜航": "渡轮恢复夜航",
    "emoji 🛳️👩‍👩‍👧": "emoji 🛳️👩‍👩‍👧",
    "]]&gt; in it": "]]> in it",
    "The &amp;lt;/b&amp;gt; tag": "The </b> tag",
    "Use &amp;lt;script&amp;gt; well": "Use <script> well",
    "What &amp;amp;amp; means": "What &amp; means",
    "What &amp;amp;lt; means": "What &lt; means",
    "R&amp;amp;D2 &amp;amp; Q&amp;amp;A": "R&D2 & Q&A",
    "5 &amp;lt; 6": "5 < 6",
    "طلاب يصنعون محطة": "طلاب يصنعون محطة",
    "   ": "",
}

OTHERS = {
    "no title": "<description>words of {n} without a title, {n}{n}</description>",
    "no date": "<title>undated</title>",
    "1968": "<title>old</title><pubDate>Mon, 01 Jan 1968 00:00:00 GMT</pubDate>",
    "2044": "<title>to come</title><pubDate>Fri, 01 Jan 2044 00:00:00 GMT</pubDate>",
    "controls": "<title>C1 &#x85; &#x9f; &#xfffe;</title>",
    "relative": '<title>relative</title><content:encoded>&lt;p>&lt;a href="/x">a&lt;/a>&lt;img src="p.jpg" srcset="a.jpg 1x, /b.jpg 2x">&lt;blockquote cite="q">b&lt;/blockquote>&lt;video src="v.mp4" poster="p.png">&lt;/video></content:encoded>',
    "armed": '<title>armed</title><content:encoded>&lt;p onclick="x()" style="position:fixed">words&lt;/p>&lt;iframe src="https://a.example">&lt;/iframe>&lt;style>p{{}}&lt;/style>&lt;script>1&lt;/script>&lt;a href="javascript:1">j&lt;/a>&lt;form>&lt;input>&lt;/form></content:encoded>',
    "files": '<title>files</title><enclosure url="http://paper.example/a b.mp3" type="audio/mpeg"/><enclosure url="/rel.mp3" length="x" type="nonsense"/>',
    "authors": "<title>authors</title><author>desk@paper.online (The &lt;b&gt;Desk&lt;/b&gt;)</author><dc:creator> </dc:creator><dc:creator>Tom &amp;amp;amp; Co</dc:creator>",
    "mail": "<title>mail</title><author>desk@paper.example</author>",
    "categories": "<title>categories</title><category>a</category><category>a</category><category> </category><category>&amp;lt;i&amp;gt;c&amp;lt;/i&amp;gt;</category>",
    "spaces": "<title>spaces</title><guid>  a guid with spaces  </guid><link>http://paper.example/a b/新闻?q=[x]|{{y}}</link>",
    "scheme": "<title>scheme</title><link>gopher://paper.example/1</link>",
    "no page": "<title>no page</title><link>javascript:alert(1)</link>",
    "same 1": "<title>one of two</title><link>http://paper.example/same</link>",
    "same 2": "<title>two of two</title><link>http://paper.example/same</link>",
    "media": '<title>media</title><media:content url="relative.jpg"/><media:thumbnail url="http://paper.example/t p.jpg"/>',
    "language": "<title>language</title><dc:language>english please</dc:language>",
    "empty": "<link>http://paper.example/empty</link>",
    "long": "<title>" + "A" * 10_000 + "</title>",
    "huge": "<title>huge</title><description>" + "很长的文字。" * 60_000 + "</description>",
    "mixed up": '<title>mixed up</title><description>&lt;a href="http://a.example/1">one &lt;a href="http://a.example/2">two&lt;/a>&lt;/a>&lt;table>&lt;p>x&lt;tr>&lt;td>y&lt;/table>&lt;b>&lt;p>mis&lt;/b>nested</description>',
}  # fmt: skip


def document() -> bytes:
    entries = [
        f"<item><title>{title}</title><link>http://paper.example/t{n}</link><guid>t{n}</guid>"
        f"<description>words of {n}, {n * 37} others {n * n + 11}</description></item>"
        for n, title in enumerate(TITLES)
    ]
    for n, (name, fields) in enumerate(OTHERS.items()):
        body = fields.format(n=n)
        guid = "" if "<guid>" in body else f"<guid>{escape(name)}</guid>"
        text = (
            ""
            if "<description>" in body or name == "empty"
            else f"<description>text {n * 41} of {name} {n * n}</description>"
        )
        entries.append(f"<item>{body}{guid}{text}</item>")
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Awkward &amp;amp;amp; &lt;b&gt;Co&lt;/b&gt;</title>'
        f"<link>http://paper.example/</link><language>xx-qq_1</language>{''.join(entries)}</channel></rss>"
    ).encode()


@pytest.fixture
async def printed(room: Room) -> Room:
    room.web.answer("/feed", ok(document()))
    result = (await room.poll(YAML))["awkward"]
    assert result.error is None
    return room


@pytest.mark.parametrize("name", ["world.rss", "world.atom", "all.rss", "all.atom", "status.atom"])
async def test_the_validator_has_nothing_to_say(printed: Room, name: str) -> None:
    assert complaints(printed.published(name), printed.clock()) == []


@pytest.mark.parametrize("name", ["world.rss", "world.atom"])
async def test_every_article_is_there_for_a_parser(printed: Room, name: str) -> None:
    read = feedparser.parse(printed.published(name))
    assert not read.bozo
    assert len(read.entries) == len(TITLES) + len(OTHERS)


async def test_titles_are_what_their_authors_wrote(printed: Room) -> None:
    items = json.loads(printed.published("world.json"))["items"]
    titles = {item["title"] for item in items}
    assert titles >= set(filter(None, TITLES.values()))
    assert all(titles)


async def test_json_says_what_it_has_to(printed: Room) -> None:
    """JSON Feed 1.1: what is required, and no empty or relative value."""
    feed = json.loads(printed.published("world.json"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert len({item["id"] for item in feed["items"]}) == len(feed["items"])
    for item in feed["items"]:
        assert "content_html" in item or "content_text" in item
        assert all(item.values())
        assert item["url"].startswith(("http://paper.example/", "https://news.example.cn/a/"))
        assert all(author.get("name") for author in item.get("authors", ()))
        assert all(one["mime_type"] and one["url"].startswith("http") for one in item.get("attachments", ()))
        assert len(set(item.get("tags", ()))) == len(item.get("tags", ()))


async def test_who_wrote_it_is_a_name(printed: Room) -> None:
    items = {item["title"]: item for item in json.loads(printed.published("world.json"))["items"]}
    assert [one["name"] for one in items["authors"]["authors"]] == ["The Desk", "Tom & Co"]
    assert "@" not in items["mail"]["authors"][0]["name"]
