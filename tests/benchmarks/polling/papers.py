"""Feeds as papers publish them: whole articles in HTML, every other one in Chinese, about 110 KB for forty entries.

Everything follows from the number of the feed and of the entry, so that two programs are given the same bytes.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

ENTRIES = 40
#: So many entries an edition has that the one before it had not.
FRESH = 3

_WORDS = (
    "council harbour minister budget railway winter market teachers river court report engine island summer players "
    "forest price energy museum bridge hospital signal garden letter coast village budgets science voters border "
    "theatre satellite harvest drought orchestra factory union clinic airport journal library mountain glacier "
    "the of and to in that was for with on by from after before against under between about across during"
).split()
_CHARACTERS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形"
)
_CATEGORIES = ("Politics", "Economy", "Science", "Culture", "Sport", "国际", "财经", "科技", "文化", "体育")
_BEGIN = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)


def feed(number: int, edition: int, site: str) -> bytes:
    """The document at ``site`` (an address without a slash at its end), newest entry first."""
    newest = edition * FRESH + ENTRIES - 1
    items = "\n".join(_item(number, at, site) for at in range(newest, newest - ENTRIES, -1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"\n'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"<title>Paper {number} 报</title>\n<link>{site}/</link>\n<description>News</description>\n"
        f'<atom:link href="{site}/feed/{number}" rel="self" type="application/rss+xml"/>\n'
        f"<lastBuildDate>{_date(number, newest)}</lastBuildDate>\n{items}\n</channel>\n</rss>\n"
    ).encode()


def _item(number: int, at: int, site: str) -> str:
    rng = random.Random(f"{number}/{at}")
    write = _chinese if at % 2 else _english
    title = write(rng, 12)
    paragraphs = [write(rng, 46) for _ in range(5)]
    link = f"{site}/{number}/2026/{at}.html"
    return (
        f"<item>\n<title>{escape(title)}</title>\n<link>{link}?utm_source=rss&amp;utm_medium=feed</link>\n"
        f'<guid isPermaLink="false">paper{number}-{at}</guid>\n<pubDate>{_date(number, at)}</pubDate>\n'
        f"<dc:creator>{escape(title[:6])}</dc:creator>\n<category>{rng.choice(_CATEGORIES)}</category>\n"
        f"<description>{escape(paragraphs[0][:160])}</description>\n"
        f"<content:encoded><![CDATA[{_body(paragraphs, rng, link, site)}]]></content:encoded>\n</item>"
    )


def _body(paragraphs: list[str], rng: random.Random, link: str, site: str) -> str:
    first, second, third, *rest = paragraphs
    photograph = f"{site}/pictures/{rng.randrange(10**9)}.jpg"
    return (
        f'<p><img class="wp-image" src="{photograph}" srcset="{photograph} 640w" alt="{first[:20]}" width="640" height="360"'
        f' loading="lazy"/></p>\n<p style="margin:0">{first} <a href="/{rng.randrange(10**6)}.html" target="_blank">'
        f"{second[:30]}</a></p>\n<h2>{second[:24]}</h2>\n<p>{second} <strong>{third[:20]}</strong></p>\n"
        f"<blockquote><p>{third} &#8220;{third[:12]}&#8221;</p></blockquote>\n<ul><li>{third[:40]}</li>"
        f"<li><em>{third[40:70]}</em></li></ul>\n"
        + "\n".join(f"<p>{paragraph}</p>" for paragraph in rest)
        + f'\n<p>The post <a rel="nofollow" href="{link}">{first[:20]}</a> appeared first on <a href="{site}">Paper</a>.</p>'
    )


def _english(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(_WORDS, k=words)).capitalize() + "."


def _chinese(rng: random.Random, words: int) -> str:
    clauses = ("".join(rng.choices(_CHARACTERS, k=12)) for _ in range(max(1, words // 6)))
    return "，".join(clauses) + "。"


def _date(number: int, at: int) -> str:
    return format_datetime(_BEGIN + timedelta(minutes=37 * at, seconds=number))
