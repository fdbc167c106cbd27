"""When and how a source is asked: the parts of feeds.yaml about polling."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, model_validator

from aggregator.config.base import Model
from aggregator.config.durations import Duration, format_duration, parse_duration

_SHORTEST, _USUAL, _LONGEST = timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=24)


class Interval(Model):
    """How often a source is polled. What is left out gives way to what is said."""

    min: Duration = _SHORTEST
    """Never more often than this."""
    max: Duration = _LONGEST
    """Never more seldom than this, jitter aside."""
    base: Duration = _USUAL
    """The interval without any other knowledge."""
    adaptive: bool = False
    """Learn each source's rhythm and poll it when news is likely."""
    jitter: float = Field(default=0.1, ge=0, le=1)
    """Up to this share of a wait is added to it, so that sources go apart; 0: exact to the second."""

    @model_validator(mode="before")
    @classmethod
    def _give_way(cls, data: Any) -> Any:
        return {**_bounds(data), **data} if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _in_order(self) -> Interval:
        if not timedelta() < self.min <= self.base <= self.max:
            told = ", ".join(
                f"{name} {format_duration(getattr(self, name))}" for name in ("min", "base", "max")
            )
            raise ValueError(f"an interval needs 0 < min <= base <= max, and this is {told}")
        return self


def _bounds(given: dict[str, Any]) -> dict[str, timedelta]:
    """Defaults that agree with the bounds given. Values that are no durations are left to the validation."""
    low, base, high = (_duration(given.get(name)) for name in ("min", "base", "max"))
    base = base or max(low or timedelta(), min(high or _LONGEST, _USUAL))
    return {"min": min(low or _SHORTEST, base), "base": base, "max": high or max(_LONGEST, base)}


def _duration(value: Any) -> timedelta | None:
    if isinstance(value, timedelta):
        return value
    try:
        return parse_duration(value) if isinstance(value, str) else None
    except ValueError:
        return None


class PerHost(Model):
    """Manners towards one host, whatever the number of its sources."""

    concurrency: int = Field(default=2, ge=1)
    """Requests to one host at the same time."""
    spacing: Duration | None = None
    """Time between the starts of two requests to one host; 1s, and none for hosts inside `allow_private`."""


class FirstFetch(Model):
    """How much of a new source's past is taken in on its first poll; the rest is remembered only."""

    max_items: int = Field(default=100, ge=0)
    """At most this many, the newest first."""
    max_age: Duration | None = None
    """None older than this."""
    archives: int = Field(default=5, ge=0)
    """Older documents of a feed (RFC 5005) read at most, here and after a gap; 0: none."""


Hotlink = Literal["keep", "no-referrer", "proxy", "archive"]


class Images(Model):
    """How pictures of articles are treated."""

    lazy: Literal["resolve", "keep"] = "resolve"
    """`resolve`: put the real address of a lazily loaded picture in its place."""
    hotlink: Hotlink = "keep"
    """Where readers get pictures from: `keep`, from their own place. `no-referrer`: likewise, without telling where
    from, which some hosts insist on. `proxy`: through our server, which fetches what is asked for. `archive`: from
    copies kept beside the feeds. What cannot be had keeps its address."""
    max_size: int = Field(default=5 * 1024 * 1024, ge=1024)
    """Largest picture in bytes that is fetched for `proxy` or `archive`."""
