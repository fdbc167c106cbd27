"""The outlets' feeds, each in the format, the encoding and the dress of a kind that is met in the wild."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape
from zoneinfo import ZoneInfo

from aggregator.demo.stories import Story

CHINA = ZoneInfo("Asia/Shanghai")


def body_html(story: Story, root: str) -> str:
    """The whole story, its picture first."""
    picture = f'<p><img src="{root}/pictures/{story.picture}.svg" alt=""></p>' if story.picture else ""
    return picture + "".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in story.paragraphs)


def rss(title: str, link: str, stories: Sequence[Story], root: str, *, outlet: str) -> bytes:
    """RSS 2.0 with whole bodies in content:encoded and dates as RFC 822 has them."""
    items = "".join(
        f"<item><title>{escape(story.title)}</title><link>{root}/{outlet}/{story.id}.html</link>"
        f'<guid isPermaLink="false">{outlet}-{story.id}</guid>'
        f"<pubDate>{format_datetime(story.published)}</pubDate><dc:creator>{escape(story.author)}</dc:creator>"
        f"{_categories(story)}<description>{escape(story.paragraphs[0])}</description>"
        f"<content:encoded><![CDATA[{body_html(story, root)}]]></content:encoded></item>"
        for story in stories
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>{escape(title)}</title><link>{link}</link><description>{escape(title)}</description>"
        f"<language>zh-cn</language>{items}</channel></rss>"
    ).encode()


def _categories(story: Story) -> str:
    return "".join(f"<category>{escape(tag)}</category>" for tag in (story.section, *story.tags))


def rss_gb(title: str, link: str, stories: Sequence[Story], root: str, *, outlet: str) -> bytes:
    """An old portal's RSS: GB18030 bytes that call themselves gb2312, dates without a zone, summaries only."""
    items = "".join(
        f"<item><title><![CDATA[{story.title}]]></title><link>{root}/{outlet}/{story.id}.html</link>"
        f"<pubDate>{story.published.astimezone(CHINA):%Y-%m-%d %H:%M:%S}</pubDate><author>{story.author}</author>"
        f"<category>{story.section}</category>"
        f"<description><![CDATA[{story.paragraphs[0]}]]></description></item>"
        for story in stories
    )
    return (
        '<?xml version="1.0" encoding="gb2312"?><rss version="2.0"><channel>'
        f"<title>{title}</title><link>{link}</link><description>{title}</description>{items}</channel></rss>"
    ).encode("gb18030")


def atom(title: str, link: str, stories: Sequence[Story], root: str, *, outlet: str, language: str) -> bytes:
    """Atom 1.0 with HTML content and relative addresses under xml:base."""
    entries = "".join(
        f"<entry><id>urn:{outlet}:{story.id}</id><title>{escape(story.title)}</title>"
        f'<link rel="alternate" type="text/html" href="{story.id}.html"/>'
        f"<published>{story.published.isoformat()}</published><updated>{story.published.isoformat()}</updated>"
        f"<author><name>{escape(story.author)}</name></author>"
        + "".join(f'<category term="{escape(tag)}"/>' for tag in (story.section, *story.tags))
        + f"<summary>{escape(story.paragraphs[0])}</summary>"
        f'<content type="html">{escape(body_html(story, root))}</content></entry>'
        for story in stories
    )
    newest = max(story.published for story in stories).isoformat()
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}"'
        f' xml:base="{root}/{outlet}/"><id>urn:{outlet}</id><title>{escape(title)}</title><link href="{link}"/>'
        f"<updated>{newest}</updated>{entries}</feed>"
    ).encode()


def json_feed(title: str, link: str, stories: Sequence[Story], root: str, *, outlet: str) -> bytes:
    """JSON Feed 1.1."""
    items = [
        {
            "id": f"{outlet}/{story.id}",
            "url": f"{root}/{outlet}/{story.id}.html",
            "title": story.title,
            "content_html": body_html(story, root),
            "date_published": story.published.isoformat(),
            "authors": [{"name": story.author}],
            "tags": [story.section, *story.tags],
            **({"image": f"{root}/pictures/{story.picture}.svg"} if story.picture else {}),
        }
        for story in stories
    ]
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": link,
        "language": "en",
        "items": items,
    }
    return json.dumps(document, ensure_ascii=False).encode()


def wire(title: str, link: str, lines: Iterable[tuple[int, datetime, str]], root: str) -> bytes:
    """RSS of one-line items, titles only; ``lines`` are (number, time, text), the newest first."""
    items = "".join(
        f"<item><title>{escape(text)}</title><link>{root}/wire/{number}.html</link>"
        f'<guid isPermaLink="false">wire-{number}</guid><pubDate>{format_datetime(at)}</pubDate>'
        f"<category>滚动</category></item>"
        for number, at, text in lines
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{escape(title)}</title><link>{link}</link><description>{escape(title)}</description>{items}"
        "</channel></rss>"
    ).encode()
