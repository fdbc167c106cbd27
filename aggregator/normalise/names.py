"""Names a source gives: authors, tags, breadcrumb, and the labels by which an article finds its section."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aggregator.item import Item
from aggregator.normalise.plain import line, unique

MAX_AUTHORS = 20
MAX_TAGS = 50
MAX_CRUMBS = 12

#: "mail (name)" as RSS 2.0 wants its <author>, and "name <mail>" as mail has it (RFC 5322 §3.4), or "name (mail)".
_MAIL = r"[^\s()<>,;]+@[^\s()<>,;]+"
_MAIL_NAME = re.compile(rf"^\s*(?:mailto:)?{_MAIL}\s*\(\s*(.+?)\s*\)\s*$", re.IGNORECASE)
_NAME_MAIL = re.compile(rf"^\s*\"?([^<>\"]+?)\"?\s*[<(]\s*(?:mailto:)?{_MAIL}\s*[>)]\s*$", re.IGNORECASE)
#: Mailboxes that nobody writes from.
_NOBODY = re.compile(r"^(?:no-?reply|do-?not-?reply|nobody|rss|feeds?|webmaster)@\S+$", re.IGNORECASE)
_BYLINE = re.compile(
    r"^(?:by\s+|(?:作者|撰文|文字|记者|記者|文)\s*[:：/／|｜]\s*|(?:本报|本報)?(?:记者|記者)\s+)",
    re.IGNORECASE,
)
#: Not within brackets, which hold one person's desk.
_SEVERAL = re.compile(r"[、；;]\s*(?![^(（]*[)）])")
#: Names in a breadcrumb that lead nowhere: the front page, and the page one is on.
_NO_SECTION = frozenset(
    """
    home homepage start index article 首页 首頁 主页 主頁 网站首页 網站首頁
    正文 文章 详情 详细 內文 内容 当前位置 您的位置
    """.split()
)


def authors_of(item: Item) -> tuple[str, ...]:
    """Names of people: mail addresses and the words of bylines taken off, several in one field told apart."""
    names = (
        name for author in item.authors[:MAX_AUTHORS] for name in _SEVERAL.split(line(_person(author), 400))
    )
    return unique(_BYLINE.sub("", name).strip(" 　·|/,，") for name in names)[:MAX_AUTHORS]


def tags_of(item: Item) -> tuple[str, ...]:
    return unique(line(tag, 80).lstrip("#＃").strip() for tag in item.tags[: 4 * MAX_TAGS])[:MAX_TAGS]


def breadcrumb_of(item: Item) -> tuple[str, ...]:
    names = (line(name, 80).strip(" >»›/") for name in item.breadcrumb[:MAX_CRUMBS])
    return tuple(name for name in names if name)


def labels_of(
    label: str | None, section: str | None, breadcrumb: Iterable[str], tags: Iterable[str], site: str | None
) -> tuple[str, ...]:
    """Section candidates, the likeliest first: what is configured, else what the page says of itself."""
    if label:
        return (line(label, 80, is_html=False),)
    inward = [name for name in breadcrumb if name.casefold() not in _NO_SECTION and name != site]
    return unique([line(section or "", 80), *reversed(inward), *tags])


def _person(author: str) -> str:
    author = author[:1000]
    if _NOBODY.match(author.strip()):
        return ""
    named = _MAIL_NAME.match(author) or _NAME_MAIL.match(author)
    return named[1] if named else author
