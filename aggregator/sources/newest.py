"""Which entries are read of a document that has more than are read of one: those at its newer end.

Most documents begin with their newest entry. A log that grows at its end would never show anything new if only its
beginning were read.
"""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator.sources.slices import MOST_ENTRIES
from aggregator.text.dates import parse_date

_DATE = re.compile(
    r"<(?:[A-Za-z_][\w.-]*:)?(?:pubDate|published|updated|issued|modified|date)(?:\s[^>]*)?>"
    r"(?:\s*<!\[CDATA\[)?([^<\]]{6,60})",
    re.IGNORECASE,
)
#: Characters at the end of a document among which the last entry's date is looked for.
_END = 100_000


def oldest_first(first: str, last: str, *, zone: ZoneInfo, now: datetime) -> bool:
    """By the dates, as they are written, of a document's first and last entry; what cannot be read says nothing."""
    begins, ends = (parse_date(date, zone=zone, now=now) for date in (first, last))
    return begins is not None and ends is not None and begins < ends


def places_read(length: int, *, from_the_end: bool) -> range:
    """The places, counted from 0, of the entries that are read of so many."""
    start = max(length - MOST_ENTRIES, 0) if from_the_end else 0
    return range(start, min(start + MOST_ENTRIES, length))


def said_of(length: int, *, from_the_end: bool) -> str:
    end = "last" if from_the_end else "first"
    return f"{length} entries in one document: only the {end} {MOST_ENTRIES} are read"


def dates_at_its_ends(entries: str) -> tuple[str, str]:
    """The first and the last date in the markup of all entries; "" where there is none."""
    first = _DATE.search(entries, 0, _END)
    last = [found[1] for found in _DATE.finditer(entries, max(len(entries) - _END, 0))]
    return (first[1] if first else ""), (last[-1] if last else "")
