"""The date of publication: declared, else the visible date nearest after the title, else the address. In doubt none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from zoneinfo import ZoneInfo

from aggregator.extract import classes
from aggregator.extract.outline import Outline
from aggregator.extract.tree import Page
from aggregator.text.dates import find_date, parse_date

#: A text in which looking for a date is worth the while.
_DATED = re.compile(
    r"(?:19|20)\d\d\s*[-/.年_]\s*\d{1,2}|\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*(?:19|20)\d\d|\d\s*(?:分钟|小时|"
    r"天|分鐘|小時)前|昨天|前天|今天\s*\d|"
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|januar|mär|mai|okt|dez|janv|févr|avr|juin|juil|août|"
    r"enero|abril|agosto)"
    r"[a-zéû]*\.?\b.{0,9}(?:19|20)\d\d|\d{1,2}\.?\s+\w{3,10}\.?,?\s+(?:19|20)\d\d|\b(?:hours?|minutes?|"
    r"days?)\s+ago\b|\b(?:19|20)\d{6}\b|时间\s*[:：]\s*\d\d-\d\d-\d\d",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d{1,2}:\d\d")
_LABEL = re.compile(
    r"发布|發布|发表|時間|时间|日期|来源|來源|published|posted|release|date|veröffentlicht|publié|publicado",
    re.IGNORECASE,
)
_UPDATED = re.compile(r"更新|修改|updated|modified|last edited|aktualisiert|mis à jour", re.IGNORECASE)
_NOT_OF_PAGE = re.compile(
    r"今天是|现在是|版权|copyright|©|ICP|截至|截止|注册|©|all rights|joined|expires|有效期|上映|开播",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"T\d\d:?\d\d.*?([+-])(\d\d):?(\d\d)$")
_IN_URL = re.compile(r"/((?:19|20)\d\d)[-/_]?(0[1-9]|1[0-2])[-/_]?(0[1-9]|[12]\d|3[01])(?!\d)")
_SPLIT = re.compile(r"((?:19|20)\d\d)\s+(\d{1,2})\s*[/.-]\s*(\d{1,2})\b")
#: 发布时间：18-03-0823:16, as Baidu's pages have it: a year of two digits, which only the label makes one.
_SHORT_YEAR = re.compile(
    r"(?P<label>(?:发布|发表|更新)?(?:时间|日期)?\s*[:：]\s*)(?P<date>[0-4]\d-\d\d-\d\d)\s*(?P<time>\d\d:\d\d)"
)
#: From one day to another: when something happens, not when it was told.
_SPAN = re.compile(
    r"\b\d{1,2}\.?\s?[–-]\s?\d{1,2}\.\s?(?:\d{1,2}\.|[A-Za-zä]{3,10})\s?(?:19|20)\d\d|日\s*[-—–~至到]\s*(?:\d{1,2}月)?\d{1,2}日"
)
#: A declared moment in UTC, which says nothing of the day that it was where it was written.
_IN_UTC = re.compile(r"\d(?:Z|[+-]00:?00)$")
_RESTAMPED = timedelta(days=2)
_DROPPED = 4.0  # a date in what is not of the article
_FRAGMENT = 12  # characters up to which a block may be a part of a date
_FAR = 60  # blocks from the title beyond which a date is not looked for
# Blocks after the title within which a date is the page's, whatever the box of both is called.
_BESIDE_TITLE = 3
_DATELINES = frozenset(("meta", "info", "date", "time"))
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """``rest`` is what stands beside the date on its line, as 国际 in "2024-10-24国际"."""

    published: datetime | None = None
    at: int | None = None  #: the block that shows it
    rest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What a date is read with."""

    zone: ZoneInfo
    now: datetime | None = None
    chinese: bool | None = None

    def read(self, text: str) -> datetime | None:
        """A date that is all of the text; in the offset it names itself, else in the zone."""
        found = parse_date(text, zone=self.zone, now=self.now, chinese=self.chinese)
        return self._local(found, text) if found else None

    def find(self, text: str) -> datetime | None:
        text = _SHORT_YEAR.sub(r"\g<label>20\g<date> \g<time>", text)
        found = find_date(text, zone=self.zone, now=self.now, chinese=self.chinese)
        return self._local(found, text) if found else None

    def _local(self, found: datetime, text: str) -> datetime | None:
        if found < _EARLIEST or (self.now and found > self.now + timedelta(days=2)):
            return None
        match = _OFFSET.search(text.strip())
        if not match:
            return found.astimezone(self.zone)
        minutes = int(match[2]) * 60 + int(match[3])
        return found.astimezone(
            timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes)) if minutes < 1440 else UTC
        )


def find_dateline(
    page: Page,
    published: Sequence[str],
    outline: Outline,
    anchor: int | None,
    clock: Clock,
    dropped: frozenset[int] = frozenset(),
) -> Dateline:
    """``published``: declared dates, best first; ``anchor``: the block of the title, or where the body begins.

    ``dropped``: nodes that are not of the article, as the posts after the first.
    """
    visible = _visible(page, outline, anchor, clock, dropped)
    for claim in published:
        found = clock.read(claim)
        if found:
            return replace(visible, published=_agreed(found, claim, visible.published))
    return visible if visible.published else Dateline(published=_from_url(page.url, clock))


def _agreed(declared: datetime, claim: str, visible: datetime | None) -> datetime:
    """What a declared date gains from the visible one.

    A visible time of day completes a date that has none. A moment in UTC is shown on the day that the page prints.
    Systems declare anew what they publish anew: a page that shows an older date has not hidden a newer one.
    """
    if visible is None or visible.date() > declared.date():
        return declared
    if visible.date() == declared.date():
        midnight = (declared.hour, declared.minute, declared.second) == (0, 0, 0)
        return visible if midnight else declared
    if visible < declared - _RESTAMPED:
        return visible
    return _as_printed(declared, visible) if _IN_UTC.search(claim) else declared


def _as_printed(declared: datetime, visible: datetime) -> datetime:
    """The declared moment at the offset from UTC that makes it the visible date and time."""
    behind = declared.astimezone(UTC).replace(tzinfo=None) - visible.replace(tzinfo=None)
    quarters = round(behind / timedelta(minutes=15))
    offset = timedelta(minutes=15 * quarters)
    exact = abs(behind - offset) < timedelta(minutes=1) and timedelta() < offset <= timedelta(hours=12)
    return declared.astimezone(timezone(-offset)) if exact else declared


def _visible(
    page: Page, outline: Outline, anchor: int | None, clock: Clock, dropped: frozenset[int]
) -> Dateline:
    best: tuple[float, Dateline] = (0.0, Dateline())
    for at, text, bonus in (*_times(page, outline, anchor), *_lines(outline, anchor)):
        score = _score(at, text, anchor, outline, dropped) + bonus
        if score <= best[0]:
            continue
        found = clock.find(_first_told(text))
        if found:
            best = (score, Dateline(published=found, at=at, rest=_beside(text)))
    return best[1]


def _first_told(text: str) -> str:
    """16 August 2019 - Updated 9 July 2025: what stands before the label, where it holds a date."""
    before = _UPDATED.split(text, maxsplit=1)[0]
    return before if _DATED.search(before) else text


def _lines(outline: Outline, anchor: int | None) -> Iterator[tuple[int, str, float]]:
    first, last = (max(anchor - _FAR, 0), anchor + _FAR) if anchor is not None else (0, 3 * _FAR)
    for at in range(first, min(last, len(outline.blocks))):
        text = outline.blocks[at].text
        if len(text) <= _FRAGMENT and text[:1].isdigit():
            joined = _joined(outline, at)
            if joined != text and _DATED.search(joined):
                yield at, joined, 0.5
        if len(text) <= 400 and _DATED.search(text):
            yield at, text, 0.0


def _joined(outline: Outline, at: int) -> str:
    """A date that stands in several elements: 2019 · 09/07 · 14:20."""
    parts: list[str] = []
    for block in outline.blocks[at : at + 5]:
        if len(block.text) > _FRAGMENT or not re.search(r"\d|^[-/.:年月日]$", block.text):
            break
        parts.append(block.text)
    text = " ".join(parts)
    return _SPLIT.sub(r"\1-\2-\3", re.sub(r"\s*([-/.])\s*", r"\1", text))


def _times(page: Page, outline: Outline, anchor: int | None) -> Iterable[tuple[int, str, float]]:
    """``<time datetime>`` outside comments and lists of other articles."""
    for element in list(page.root.iter("time"))[:40]:
        stamp = element.get("datetime")
        index = next(
            (outline.by_element[up] for up in element.iterancestors() if up in outline.by_element), None
        )
        if stamp and index is not None:
            yield outline.nodes[index].first, stamp, 2.0 if element.get("pubdate") is None else 6.0


def _score(at: int, text: str, anchor: int | None, outline: Outline, dropped: frozenset[int]) -> float:
    """Above 0: believable. A date after the title, short, labelled, with a time of day is the date of the page."""
    block = outline.blocks[at] if at < len(outline.blocks) else None
    distance = at - anchor if anchor is not None else at
    score = 6.0 - 0.25 * distance if distance >= 0 else 3.0 + 0.3 * distance
    score += (
        2.5 * bool(_LABEL.search(text)) + 2.5 * bool(_CLOCK.search(text)) - 2.5 * bool(_UPDATED.search(text))
    )
    score -= 9.0 * bool(_NOT_OF_PAGE.search(text)) + min(len(text), 400) / 60 + 9.0 * bool(_SPAN.search(text))
    if block is not None:
        score -= 3.0 * (block.stops >= 2) + 2.0 * (block.linked > 0.7 * block.chars)
        gone = block.owner in dropped
        headed = anchor is not None and 0 <= distance <= _BESIDE_TITLE
        headed = headed and (not gone or outline.blocks[anchor or 0].owner in dropped)
        score -= max(0.0 if headed else _distrust(outline, block.owner), _DROPPED * gone)
    return score


def _distrust(outline: Outline, index: int) -> float:
    """Comments and other articles have dates of their own; other foreign parts may still hold that of the page."""
    inner = [outline.nodes[up] for up in islice(outline.ancestors(index), 6)]
    if any(node.tag == "blockquote" for node in inner):
        return 20.0  # a post of a network that the article shows
    names = frozenset().union(*(node.names for node in inner if node.tag not in ("body", "html")))
    if not names.isdisjoint(classes.COMMENTS | classes.OTHERS):
        return 20.0
    foreign = any(node.foreign for node in inner if node.tag not in ("body", "html"))
    return 5.0 if foreign and names.isdisjoint(_DATELINES) else 0.0


def _beside(text: str) -> str:
    """What follows the date directly, without white space or a label between."""
    match = re.search(r"(?:\d日?|\d{1,2}:\d\d(?::\d\d)?)([\u3400-\u9fff]{2,6})$", text)
    return match[1] if match and not re.search("年|月|日|时|分|前|阅|点|次|评|字", match[1]) else ""


def _from_url(url: str, clock: Clock) -> datetime | None:
    match = _IN_URL.search(url)
    return clock.read("-".join(match.groups())) if match else None
