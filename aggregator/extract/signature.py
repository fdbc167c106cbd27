"""Names that stand in the text itself: reporters in brackets, who signs at the end, who posted it, whose page it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from aggregator.extract.names import is_chinese_person, is_outlet, may_be_chinese, split_names

_BRACKETED = re.compile(
    r"[（(【]\s*(?:[^（()）]{0,12}?(?:记者|作者|通讯员)\s*[:：]?\s*)(?P<names>[^（()）]{2,40}?)\s*(?:[）)】]|"
    r"\s(?:文|摄|报道|整合|综合))"
)
_SIGNED = re.compile(r"[（(]\s*(?P<names>[\u3400-\u9fff·、\s]{2,24}?)(?:\s+\S{2,4}报道|\s*文)?\s*[）)]\s*$")
_REPORTERS = re.compile(
    r"^[□■◎●▲\s]*(?:\S{2,12}\s)?(?:\S{0,8}(?:记者|实习生|"
    r"通讯员))\s*[:：]?\s*(?P<names>[\u3400-\u9fff·、\s]{2,40}?)\s*(?:发自.{0,8}|报道|文|文/图|摄影报道|"
    r"综合报道)?[\s。]*$"
)
_BY = re.compile(
    r"^\s*(?:[Ww]ritten\s+|[Pp]osted\s+)?[Bb][Yy][:\s]+"
    r"(?P<names>[A-Z][\w.'’-]*(?:\s[A-Z][\w.'’-]*){0,3}(?:\s?(?:,|and|&)\s+[A-Z][\w.'’-]*(?:\s[A-Z][\w.'’-]*){1,3})*)"
)
#: 由海姑娘张贴 @ 2005-06-14, 本贴由大卫于2005年8月12日发表, 2005/03/15 22:36:13 by duscha
_POSTED = re.compile(
    r"由\s*\[?(?P<who>[^\s\d，。：:\[\]]{2,12}?)\]?\s*(?:(?:张贴|发表|发布|贴出|上传)(?=\s|[@于在（(]|$)|于\s*(?:19|20)\d\d)"
    r"|\d{1,2}:\d\d(?::\d\d)?\s+by\s+(?P<by>\w{2,20})\b"
)
_OWNER = re.compile(
    r"(?:copyright|©|版权所有)[\s©\d:：-]{0,20}(?P<name>[\u3400-\u9fff]{2,4})\s*$", re.IGNORECASE
)
_TRADE = re.compile(r"(?:特约|实习|见习)?(?:记者|通讯员|实习生|作者)[:：]?")
_LONGEST = 80  # characters of a line that is nothing but a signature


def signed(lead: Sequence[str]) -> Iterator[str]:
    """（记者 张三）, 本报记者 张三, and names in brackets at the very end."""
    for line in lead:
        bracketed = _BRACKETED.search(line)
        match = bracketed or (_REPORTERS.match(line) or _BY.match(line) if len(line) < _LONGEST else None)
        names = split_names(_TRADE.sub("、", match["names"]).strip()) if match else []
        told = may_be_chinese if bracketed else is_chinese_person
        found = [name for name in names if told(name) or name.isascii()]
        if found:
            yield from found
            return
    match = _SIGNED.search(lead[-1]) if lead else None
    names = split_names(match["names"].strip()) if match else []
    if names and all(map(is_chinese_person, names)):
        yield from names


def by_line(line: str) -> list[str]:
    """By Jane Doe and John Roe"""
    match = _BY.match(line)
    return split_names(match["names"].strip()) if match else []


def posted(lines: Iterable[str]) -> Iterator[str]:
    """Who put a post on a forum or a blog."""
    for line in lines:
        match = _POSTED.search(line) if len(line) < _LONGEST else None
        name = (match["who"] or match["by"]) if match else ""
        if name and (name.isascii() or not is_outlet(name)):
            yield name


def owner(lines: Iterable[str]) -> Iterator[str]:
    """The person to whom the foot of the page says that the pages belong: the author of a blog."""
    for line in lines:
        match = _OWNER.search(line) if len(line) < _LONGEST else None
        if match and is_chinese_person(match["name"]):
            yield match["name"]
