"""How long an answer stays fresh (RFC 9111 §4.2) and when the server asks us back (RFC 9110 §10.2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: Arithmetic stays in range whatever a server writes; the rule has its own, lower caps.
LONGEST = timedelta(days=3650)
LONGEST_FIELD = 4096  #: characters of Cache-Control that are read

# Some servers put ";" between directives, which no other reading makes sense of.
_DIRECTIVE = re.compile(r'\s*([^\s=,;"]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s,;]*))?[^,;]*(?:[,;]|$)')
_SECONDS = re.compile(r"[0-9]+", re.ASCII)
_SECONDS_REPEATED = re.compile(r"\s*([0-9]+)(?:\s*,\s*[0-9]+)*\s*", re.ASCII)


def freshness(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long nothing new can be expected; None when the answer does not say, or says "not at all"."""
    return freshness_by(headers, now)[1]


def freshness_by(headers: Mapping[str, str], now: datetime) -> tuple[str, timedelta | None]:
    """The same, after what it goes by: "max-age" or "expires".

    max-age beats Expires less Date; of either goes off what a cache on the way has kept it for (Age, §4.2.3).
    s-maxage is for shared caches, which we are not. An invalid max-age makes the answer stale (RFC 9111 §4.2.1),
    as does ``no-cache`` or ``no-store``: no floor.
    """
    fields = _lower(headers)
    directives = cache_control(fields.get("cache-control", ""))
    by = "max-age" if "max-age" in directives else "expires"
    # no-cache="field" concerns that field alone (RFC 9111 §5.2.2.4).
    if directives.get("no-cache") == "" or "no-store" in directives:
        return by, None
    if by == "max-age":
        return by, _positive(_seconds(directives["max-age"]), _age(fields))
    # Without a readable Date the end is reckoned from now, and what it was kept for is past already.
    aged = _age(fields) if http_date(fields.get("date", "")) else timedelta()
    return by, _positive(_expires(fields, now), aged)


def says_freshness(headers: Mapping[str, str]) -> bool:
    """Whether the answer speaks of freshness: else a 304 leaves what was said before (RFC 9111 §3.2)."""
    fields = _lower(headers)
    return "cache-control" in fields or "expires" in fields


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The wait that Retry-After asks for: zero when it lies in the past, None when absent or unreadable."""
    fields = _lower(headers)
    value = fields.get("retry-after", "")
    if seconds := _SECONDS_REPEATED.fullmatch(value):
        return _bounded(seconds[1])
    if (date := http_date(value)) is None:
        return None
    return min(max(date - _sent(fields, now), timedelta()), LONGEST)


def http_date(value: str) -> datetime | None:
    """Any of the three forms of RFC 9110 §5.6.7; None for anything else."""
    try:
        date = parsedate_to_datetime(value)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def cache_control(value: str) -> dict[str, str]:
    """The directives by lower-case name, values unquoted; the first of a repeated one (RFC 9111 §4.2.1)."""
    found: dict[str, str] = {}
    for name, argument in _directives(value):
        found.setdefault(name, argument)
    return found


def _directives(value: str) -> Iterator[tuple[str, str]]:
    for match in _DIRECTIVE.finditer(value[:LONGEST_FIELD]):
        yield match[1].lower(), (match[2] or "").strip('"').strip()


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _seconds(text: str) -> timedelta | None:
    return _bounded(text) if _SECONDS.fullmatch(text) else None


def _bounded(digits: str) -> timedelta:
    # A number of a thousand digits is a long time, and int() refuses more than 4300 of them.
    return LONGEST if len(digits.lstrip("0")) > 9 else min(timedelta(seconds=int(digits)), LONGEST)


def _age(fields: Mapping[str, str]) -> timedelta:
    return _seconds(fields.get("age", "").split(",")[0].strip()) or timedelta()


def _expires(fields: Mapping[str, str], now: datetime) -> timedelta | None:
    """By the server's own clock, which may be a day off ours. ``0`` and ``-1`` are no dates: stale."""
    date = http_date(fields.get("expires", ""))
    return None if date is None else min(date - _sent(fields, now), LONGEST)


def _sent(fields: Mapping[str, str], now: datetime) -> datetime:
    return http_date(fields.get("date", "")) or now


def _positive(lifetime: timedelta | None, age: timedelta) -> timedelta | None:
    return None if lifetime is None or lifetime <= age else lifetime - age
