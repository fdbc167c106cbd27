"""Conditional and partial requests (RFC 9110 §13, §14): what the client has, and which part it wants."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from aggregator.schedule.freshness import http_date

_TAG = re.compile(r'(?:W/)?"([^"]*)"|([^\s,"]+)')
#: What compressing servers and proxies between us and the client add to an ETag, inside its quotes.
_CODING_SUFFIX = re.compile(r"(?:--?|;)(?:gzip|br|zstd|deflate|df)$")
_RANGE = re.compile(r"bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.ASCII | re.IGNORECASE)
_LONGEST_DATE = 64  #: characters; the longest form of RFC 9110 has 33
_LONGEST_FIELD = 8192  #: characters of If-None-Match that are read


def none_match(field: str, tag: str) -> bool:
    """Whether If-None-Match names the tag (weak comparison), or anything at all (``*``).

    ``tag`` is the opaque part without quotes and without the suffix of a content coding. The field may carry one,
    ours or a proxy's: the document is the same.
    """
    if field.strip() == "*":
        return True
    names = (quoted or bare for quoted, bare in _TAG.findall(field[:_LONGEST_FIELD]))
    return any(_CODING_SUFFIX.sub("", name) == tag for name in names)


@lru_cache(maxsize=1024)
def _since(field: str) -> datetime | None:
    return http_date(field)


def unmodified_since(field: str, modified: datetime) -> bool:
    """Whether nothing was written after If-Modified-Since; a date that cannot be read says nothing."""
    since = _since(field[:_LONGEST_DATE])
    return since is not None and modified.replace(microsecond=0) <= since


def range_still_holds(field: str, etag: str, modified: datetime) -> bool:
    """Whether the part that the client has is of this very representation (If-Range, strong comparison)."""
    field = field.strip()
    return not field or field in (etag, last_modified(modified))


def requested_range(field: str, length: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None for what is ignored (several ranges, other units, garbage).

    Raises ValueError for a range that lies outside of the document (416).
    """
    match = _RANGE.fullmatch(field.strip())
    if match is None or max(len(match[1]), len(match[2])) > 18 or not (match[1] or match[2]):
        return None
    if not match[1]:
        start, stop = max(length - int(match[2]), 0), length
    else:
        start, stop = int(match[1]), min(int(match[2]) + 1, length) if match[2] else length
        if match[2] and int(match[2]) < start:
            return None
    if start >= stop:
        raise ValueError(f"bytes {field} lie outside of {length}")
    return start, stop


def last_modified(moment: datetime) -> str:
    """As Last-Modified writes it."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)
