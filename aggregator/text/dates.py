"""Dates as newspapers write them, in any language they come in, to UTC. A doubtful date is none.

Doubtful is: a year or a month without a day; 04/05/2024, which is two days; a day that the calendar lacks; a year
before 1990 or far ahead; a number left over that no part of the date explains. A date without a zone is in the
source's zone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from aggregator.text import dateforms as forms
from aggregator.text import datewords as words

FIRST_YEAR = 1990
#: Years ahead of now that a date may lie, and the last year where the time is not known.
YEARS_AHEAD = 2
LAST_YEAR = 2100
#: A longer text is no date; ``find_date`` looks no further than its own limit.
LONGEST_DATE = 120
LONGEST_TEXT = 20_000
#: Characters of a line in which a relative date is the line's date.
SHORT_TEXT = 60
#: Characters before a date in which its label stands.
LABEL_REACH = 16
#: Minutes from UTC: Kiribati, UTC+14.
LARGEST_OFFSET = 14 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    zone: ZoneInfo
    now: datetime | None
    chinese: bool

    def last_year(self) -> int:
        return self.now.year + YEARS_AHEAD if self.now else LAST_YEAR

    def today(self) -> date:
        assert self.now is not None
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What a stretch of text says; ``moment`` is None where it is a date that cannot be, or can be two."""

    start: int
    end: int
    moment: datetime | None
    timed: bool = False
    relative: bool = False  #: to the present: without a year, "yesterday", "2 hours ago"


def parse_date(
    text: str | None, *, zone: ZoneInfo, now: datetime | None = None, chinese: bool | None = None
) -> datetime | None:
    """A text that is a date and perhaps words around it, as UTC; None where it is doubtful or no date at all.

    Relative dates and dates without a year need ``now``. ``chinese`` says what CST and 10-24 mean; left out,
    ``zone`` does.
    """
    context = _context(zone, now, chinese)
    if text and (quick := _read_standard_form(text, context)):
        return quick
    plain = _plain(text or "")
    if not plain or len(plain) > LONGEST_DATE:
        return None
    if forms.EPOCH.fullmatch(plain):
        return _from_epoch(plain, context)
    if quick := _read_standard_form(plain, context):
        return quick
    reading = next(_readings(plain, context), None)
    if reading is None or forms.DIGIT.search(plain[: reading.start] + plain[reading.end :]):
        return None
    return reading.moment


def find_date(
    text: str | None, *, zone: ZoneInfo, now: datetime | None = None, chinese: bool | None = None
) -> datetime | None:
    """The date in a longer text.

    One that a label introduces, else one with a time of day, else the first of all.
    """
    plain = _plain((text or "")[:LONGEST_TEXT])
    readings = _readings(plain, _context(zone, now, chinese))
    # In a longer text "today" and "on 24 October" are parts of what it tells, unless a label says otherwise.
    plausible = [
        r
        for r in readings
        if r.moment and (not r.relative or len(plain) <= SHORT_TEXT or _is_labelled(plain, r))
    ]
    # Of equals, max takes the first.
    best = max(plausible, key=lambda reading: _weight(plain, reading), default=None)
    return best.moment if best else None


def is_chinese_zone(zone: ZoneInfo) -> bool:
    return zone.key in words.CHINESE_ZONES


def _context(zone: ZoneInfo, now: datetime | None, chinese: bool | None) -> _Context:
    return _Context(zone=zone, now=now, chinese=is_chinese_zone(zone) if chinese is None else chinese)


def _weight(text: str, reading: _Reading) -> int:
    stranger = forms.STRANGER.search(_before(text, reading))
    return 2 * _is_labelled(text, reading) + reading.timed - (4 if stranger else 0)


def _is_labelled(text: str, reading: _Reading) -> bool:
    return forms.LABEL.search(_before(text, reading)) is not None


def _before(text: str, reading: _Reading) -> str:
    """What stands before a date and belongs to no other number."""
    reach = text[max(0, reading.start - LABEL_REACH) : reading.start]
    return forms.TO_LAST_DIGIT.sub("", reach)


def _plain(text: str) -> str:
    """One spelling: widths, minus signs, spaces, and figures for dates that are written out."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u200b", "")
    plain = " ".join(plain.split())
    return (
        forms.WRITTEN_OUT.sub(lambda found: "{}年{}月{}日".format(*_figures(found)), plain)
        if "年" in plain
        else plain
    )


def _figures(found: re.Match[str]) -> tuple[str, int, int]:
    year = "".join(str(words.CHINESE_DIGITS[digit]) for digit in found["y"])
    return year, _chinese_number(found["m"]), _chinese_number(found["d"])


def _chinese_number(text: str) -> int:
    """Up to 39: 三, 十, 十二, 二十, 二十四, 廿四, 卅一."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    tens, ten, units = text.rpartition("十")
    count = words.CHINESE_DIGITS.get(tens, 1) if ten else 0
    return 10 * count + words.CHINESE_DIGITS.get(units, 0)


def _read_standard_form(text: str, context: _Context) -> datetime | None:
    """What the two forms of nearly all feeds say, ten times as fast.

    None for the other forms and doubtful dates.
    """
    if rfc822 := forms.RFC822.fullmatch(text):
        day, month, year, clock, offset = rfc822.groups()
        number = words.MONTHS.get(month.lower(), 0)
        text = f"{year}-{number:02}-{day:0>2}T{clock}{offset if offset[0] in '+-' else 'Z'}"
    elif not forms.ISO.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        offset_seconds = abs((moment.utcoffset() or timedelta()).total_seconds())
        if not FIRST_YEAR <= moment.year <= context.last_year() or offset_seconds > LARGEST_OFFSET * 60:
            return None
        return moment.replace(tzinfo=moment.tzinfo or context.zone, microsecond=0).astimezone(UTC)
    except ValueError:
        return None


def _from_epoch(text: str, context: _Context) -> datetime | None:
    seconds = int(text) / 1000 if len(text) == 13 and text.isdigit() else float(text)
    return _plausible(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(seconds)), context)


def _plausible(moment: datetime, context: _Context) -> datetime | None:
    return moment if FIRST_YEAR <= moment.year <= context.last_year() else None


def _readings(text: str, context: _Context) -> Iterator[_Reading]:
    """All dates in a text from left to right; of those that overlap the longest that begins first."""
    found = sorted(_all_readings(text, context), key=lambda reading: (reading.start, -reading.end))
    reached = 0
    for reading in found:
        if reading.start >= reached:
            reached = reading.end
            yield reading


def _all_readings(text: str, context: _Context) -> Iterator[_Reading]:
    named = forms.NAMED_MONTH.search(text) is not None
    for found in forms.ASCTIME.finditer(text) if named else ():
        yield _read_asctime(found, context)
    for found in _matches(forms.FULL_DATES, text, named):
        yield _with_time(text, found, _day_of(found), context)
    if context.now is not None:
        yield from _relative_readings(text, context.now, context, named)


def _matches(patterns: Iterable[re.Pattern[str]], text: str, named: bool) -> Iterator[re.Match[str]]:
    """The patterns with month names cost most; where no name stands in the text they are passed over."""
    for pattern in patterns:
        if named or "name" not in pattern.groupindex:
            yield from pattern.finditer(text)


def _relative_readings(text: str, now: datetime, context: _Context, named: bool) -> Iterator[_Reading]:
    for found in _matches(forms.YEARLESS, text, named):
        if "chinese" not in found.groupdict() or context.chinese:
            yield replace(_with_time(text, found, _latest(found, context), context), relative=True)
    for found in forms.DAY.finditer(text):
        day = context.today() - timedelta(days=words.DAYS[found["day"].lower()])
        yield replace(_with_time(text, found, day, context), relative=True)
    for found in forms.AGO.finditer(text):
        yield _Reading(
            start=found.start(), end=found.end(), moment=_ago(found, now), timed=True, relative=True
        )
    for found in forms.NOW.finditer(text):
        moment = now.astimezone(UTC)
        yield _Reading(start=found.start(), end=found.end(), moment=moment, timed=True, relative=True)


def _ago(found: re.Match[str], now: datetime) -> datetime:
    count = found["count"].lower()
    number = float(count) if count.isdigit() else words.COUNTS[count]
    return now.astimezone(UTC) - timedelta(seconds=number * words.UNITS[found["unit"].lower()])


def _day_of(found: re.Match[str]) -> date | None:
    parts = found.groupdict()
    year = _year(parts["y"])
    try:
        if "week" in parts:
            return date.fromisocalendar(year, int(parts["week"]), int(parts["weekday"]))
        if "yearday" in parts:
            day = date(year, 1, 1) + timedelta(days=int(parts["yearday"]) - 1)
            return day if day.year == year else None
        month, day_number = _month_and_day(parts)
        return date(year, month, day_number)
    except (ValueError, OverflowError):
        return None


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (2000 if year < 50 else 1900)  # RFC 5322 §4.3


def _month_and_day(parts: dict[str, str | None]) -> tuple[int, int]:
    """Raises ValueError where day and month may be either of two numbers."""
    if name := parts.get("name"):
        return words.MONTHS[name.lower()], int(parts["d"] or 0)
    if parts.get("a"):
        first, second = int(parts["a"] or 0), int(parts["b"] or 0)
        if first != second and max(first, second) <= 12:
            raise ValueError("day and month cannot be told apart")
        return (second, first) if first > 12 else (first, second)
    return int(parts["m"] or 0), int(parts["d"] or 0)


def _latest(found: re.Match[str], context: _Context) -> date | None:
    """The last such day that is not ahead of tomorrow."""
    today = context.today()
    month, day_number = _month_and_day(found.groupdict())
    for year in (today.year + 1, today.year, today.year - 1):
        try:
            day = date(year, month, day_number)
        except ValueError:
            continue
        if day <= today + timedelta(days=1):
            return day
    return None


def _with_time(text: str, found: re.Match[str], day: date | None, context: _Context) -> _Reading:
    start, end = found.span()
    clock = _time_after(text, end)
    before = None if clock else forms.TIME_BEFORE.search(text[max(0, start - 40) : start])
    if clock:
        end = clock.end()
    elif before:
        start -= len(before[0])
        clock = before
    zone_found = None if before else _zone_after(text, end, clock)
    if zone_found:
        end = zone_found.end()
    zone = _zone_of((zone_found or before or found).groupdict(), context)
    if not zone_found and text[:start].rstrip(" :,").endswith("北京时间"):
        zone = _offset(words.CHINA_MINUTES)
    return _Reading(start=start, end=end, moment=_moment(day, clock, zone, context), timed=clock is not None)


def _time_after(text: str, end: int) -> re.Match[str] | None:
    after = text[end : end + 1]
    glued = after in ("T", "t") or (after.isdigit() and text[end - 1].isdigit())
    if glued and (basic := forms.BASIC_TIME.match(text, end)):
        return basic
    between = None if glued else forms.BETWEEN.match(text, end)
    return forms.TIME.match(text, between.end() if between else end)


def _zone_after(text: str, end: int, clock: re.Match[str] | None) -> re.Match[str] | None:
    zone = forms.ZONE.match(text, end)
    if zone is None or not zone[0].strip(" ("):
        return None
    # 09:00-10:30 is from nine to half past ten, unless the form is ISO's.
    is_range = (
        zone["sign"] == "-"
        and zone["om"]
        and not zone["zone"]
        and clock
        and not (clock["s"] or clock[0][:1] in "Tt")
    )
    # After a date alone only a zone that is glued to it is one: 2024-10-24Z, 2024-10-24+08:00 (XML Schema).
    loose = clock is None and not re.match(r"[Zz](?![A-Za-z])|\+", zone[0])
    return None if is_range or loose else zone


def _zone_of(parts: dict[str, str | None], context: _Context) -> tzinfo | None:
    """The zone that is named, the source's where none is; None where the offset is none on earth."""
    if parts.get("china"):
        return _offset(words.CHINA_MINUTES)
    if sign := parts.get("sign"):
        minutes = 60 * int(parts["oh"] or 0) + int(parts["om"] or 0)
        return _offset(-minutes if sign == "-" else minutes) if minutes <= LARGEST_OFFSET else None
    name = (parts.get("zone") or "").lower()
    if name == "cst":
        return _offset(words.CHINA_MINUTES if context.chinese else words.CENTRAL_MINUTES)
    # A name nobody knows says no more than none.
    return _offset(words.ZONES[name]) if name in words.ZONES else context.zone


def _offset(minutes: int) -> tzinfo:
    return timezone(timedelta(minutes=minutes))


def _read_asctime(found: re.Match[str], context: _Context) -> _Reading:
    zone = _zone_of(found.groupdict(), context)
    moment = _moment(_day_of(found), found, zone, context)
    return _Reading(start=found.start(), end=found.end(), moment=moment, timed=True)


def _moment(
    day: date | None, clock: re.Match[str] | None, zone: tzinfo | None, context: _Context
) -> datetime | None:
    if day is None or zone is None or not FIRST_YEAR <= day.year <= context.last_year():
        return None
    since_midnight = _since_midnight(clock.groupdict()) if clock else timedelta()
    if since_midnight is None:
        return None
    # Added to the day before the zone is set: 24:00 is the next day's beginning, and days of 23 hours stay
    # right.
    local = datetime.combine(day, time()) + since_midnight
    return local.replace(tzinfo=zone).astimezone(UTC)


def _since_midnight(parts: dict[str, str | None]) -> timedelta | None:
    hour = int(parts["h"] or 0)
    minute = int(
        parts.get("mi") or parts.get("mi_h") or parts.get("mi_dot") or (30 if parts.get("half") else 0)
    )
    second = int(parts.get("s") or 0)
    second = 59 if second == 60 else second  # a leap second
    if ampm := parts.get("ampm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if ampm.lower() == "p" else 0)
    elif words.PERIODS.get(parts.get("period") or "") and 1 <= hour < 12:
        hour += 12
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        return None
    return timedelta(hours=hour, minutes=minute, seconds=second)
