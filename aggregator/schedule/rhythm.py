"""A source's rhythm, learnt from its dates, and the wait that follows from it.

The mean delay of all items under a budget of polls is least when a source of λ items a day is asked every
k/√λ days, and over a day of changing rate whenever ∫√λ(t) dt = k (Sia & Cho, TKDE 2007, lead to the same).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import Any

from aggregator.config.durations import format_duration
from aggregator.schedule.outcome import Outcome, Policy

PRIOR_ITEMS, PRIOR_DAYS = 0.3, 0.6  #: half an item a day, believed for as long as it takes to see otherwise
MEMORY = timedelta(days=14)  #: what is older weighs 1/e
#: The hours of the day change more slowly, and need more items to be seen.
PROFILE_MEMORY = timedelta(days=56)
PROFILE_PRIOR = 20.0  #: items' worth of belief in a flat day
HORIZON = 6 * MEMORY  #: older dates weigh nothing worth counting
WINDOW_SHARE = 0.5  #: of a feed's length that may fill up between two polls
DORMANT_AFTER = timedelta(days=30)  #: without a new item
DORMANT_GROWTH, DORMANT_DOUBLINGS = 3.0, 12
TELLING = 1.5  #: times the mean rate, from which, or from whose inverse, a time of the week is named
HEAVY_BODY = 64 * 1024  #: bytes: without validators such a body is asked for hourly at most
HEAVY_INTERVAL = timedelta(hours=1)

#: Paces between which the one for a budget is looked for, to a thousandth.
_SLOWEST, _FASTEST, _HALVINGS = 1e-7, 1e4, 16

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_UNDATED = timedelta(seconds=1)
_WEEKEND_SHARE = 2 / 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Sums over the past, the more recent weighing more. Hours and weekdays are UTC."""

    at: datetime | None = None  #: when the sums were last brought up to date; None: nothing learnt yet
    items: float = 0.0  #: decayed count
    days: float = 0.0  #: decayed time under observation
    hours: tuple[float, ...] = (0.0,) * 24  #: decayed items by hour of day
    weekend: float = 0.0  #: decayed items on Saturdays and Sundays
    newest: datetime | None = None  #: date of the newest item, or when the observation began
    idle: int = 0  #: polls in a row that brought nothing
    burst: float = 0.0  #: items a day between the last two polls, or over the first document
    woken: bool = False  #: the last poll ended a long silence

    @property
    def rate(self) -> float:
        """Items a day: the Bayesian mean under the prior."""
        return (self.items + PRIOR_ITEMS) / (self.days + PRIOR_DAYS)

    def rate_at(self, moment: datetime) -> float:
        """Items a day at that hour of that day of the week."""
        utc = moment.astimezone(UTC)
        return self.rate * _profile(self.hours)[utc.hour] * self._day_factor(utc.weekday() >= 5)

    @property
    def speeds(self) -> tuple[list[float], list[float]]:
        """√(items a day) on weekdays and at weekends, and by what each hour of the day multiplies it."""
        week = [math.sqrt(self.rate * self._day_factor(weekend)) for weekend in (False, True)]
        return week, [math.sqrt(share) for share in _profile(self.hours)]

    @property
    def speed(self) -> float:
        """√(items a day) on the average of a week: divided by the pace, the polls a day."""
        return _mean(*self.speeds)

    def is_dormant(self, now: datetime) -> bool:
        return self.newest is not None and now - self.newest >= DORMANT_AFTER and self.idle > 0

    def _day_factor(self, weekend: bool) -> float:
        total = sum(self.hours) + PROFILE_PRIOR
        at_weekend = (self.weekend + PROFILE_PRIOR * _WEEKEND_SHARE) / total
        return at_weekend / _WEEKEND_SHARE if weekend else (1 - at_weekend) / (1 - _WEEKEND_SHARE)

    def learnt(self, outcome: Outcome, now: datetime) -> Rhythm:
        """With one more poll. A failed one shows nothing, not even that nothing was published."""
        if not outcome.succeeded:
            return self
        first = self.at is None
        moments = _moments(outcome, self.at, now)
        observed = _observed(outcome, now) if first else max(now - (self.at or now), timedelta())
        aged = self._aged(observed)
        # The oldest of a window only says where the window begins.
        counted = moments[1:] if first else moments
        return replace(
            aged._with(counted, now),
            at=now,
            newest=max([*moments, *(_past(outcome, now) if first else [self.newest or now])], default=now),
            idle=0 if moments or first else self.idle + 1,
            burst=len(counted) / max(observed / _DAY, 1e-6),
            woken=bool(moments) and self.newest is not None and moments[-1] - self.newest >= DORMANT_AFTER,
        )

    def _aged(self, passed: timedelta) -> Rhythm:
        fade = math.exp(-passed / MEMORY)
        slow = math.exp(-passed / PROFILE_MEMORY)
        return replace(
            self,
            items=self.items * fade,
            days=self.days * fade + MEMORY / _DAY * (1 - fade),
            hours=tuple(count * slow for count in self.hours),
            weekend=self.weekend * slow,
        )

    def _with(self, moments: Sequence[datetime], now: datetime) -> Rhythm:
        if not moments:
            return self
        items, weekend, hours = self.items, self.weekend, list(self.hours)
        for moment in moments:
            weight = math.exp(-(now - moment) / PROFILE_MEMORY)
            items += math.exp(-(now - moment) / MEMORY)
            hours[moment.hour] += weight
            weekend += weight if moment.weekday() >= 5 else 0.0
        return replace(self, items=items, weekend=weekend, hours=tuple(hours))


def adaptive_wait(
    rhythm: Rhythm, outcome: Outcome, policy: Policy, now: datetime, *, has_validators: bool
) -> tuple[timedelta, str]:
    """The wait until news is likely, within the bounds of the configuration, and its reason."""
    pace = _pace(rhythm, policy)
    week, shape = rhythm.speeds
    wait = _until(week, shape, pace, now, policy.longest)
    reason = f"adaptive: {_spoken(rhythm.rate)}"
    # A few items show no habit, and change the wait but little.
    if timedelta() < wait < policy.longest and sum(rhythm.hours) >= PROFILE_PRIOR:
        reason += _at_this_time(pace / (wait / _DAY) / _mean(week, shape))
    if policy.freshness is not None:
        reason += f", freshness {format_duration(policy.freshness)}"
    if wait >= policy.longest:
        reason += f", but at least every {format_duration(policy.longest)}"
    if rhythm.newest is not None and rhythm.is_dormant(now):
        grown = policy.base * DORMANT_GROWTH ** min(rhythm.idle, DORMANT_DOUBLINGS)
        wait, reason = max(wait, grown), f"adaptive: silent for {(now - rhythm.newest).days} days"
    if rhythm.woken and policy.base < wait:
        wait, reason = policy.base, "adaptive: new again after a long silence"
    if (window := _window(rhythm, outcome, now)) < min(wait, policy.longest):
        wait, reason = window, f"adaptive: the feed holds {outcome.feed_length} items only"
    if wait < policy.interval.min:
        wait = policy.interval.min
        reason += f", but not within {format_duration(wait)}"
    if wait < HEAVY_INTERVAL and not has_validators and (outcome.body_size or 0) > HEAVY_BODY:
        wait, reason = HEAVY_INTERVAL, "adaptive: a large document without validators, asked hourly at most"
    return min(wait, policy.longest), reason


def _at_this_time(to_mean: float) -> str:
    """How the hours until then are unlike most: else people would wonder at a wait that the mean does not give."""
    if to_mean * to_mean >= TELLING:
        return ", many at this time of the week"
    return ", few at this time of the week" if to_mean * to_mean <= 1 / TELLING else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One source that takes part in a budget."""

    speed: float  #: √(items a day), on average
    shortest: timedelta  #: bounds of its wait, whatever the pace
    longest: timedelta

    def polls_a_day(self, pace: float) -> float:
        wait = pace / self.speed
        return 1 / min(max(wait, self.shortest / _DAY), self.longest / _DAY)


def share(rhythm: Rhythm, policy: Policy, feed_length: int | None, now: datetime) -> Share:
    """What the source will take of a budget; its bounds are those of ``adaptive_wait``."""
    shortest, longest = policy.interval.min, policy.longest
    if rhythm.is_dormant(now):
        return Share(speed=rhythm.speed, shortest=longest, longest=longest)
    if feed_length:
        longest = min(longest, _DAY * (WINDOW_SHARE * feed_length / rhythm.rate))
    return Share(speed=rhythm.speed, shortest=shortest, longest=max(longest, shortest))


def pace_for_budget(shares: Sequence[Share], polls_a_day: float) -> float:
    """The pace at which these sources take so many polls a day together, as nearly as their bounds allow."""
    low, high = _SLOWEST, _FASTEST
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        taken = sum(share.polls_a_day(middle) for share in shares)
        low, high = (middle, high) if taken > polls_a_day else (low, middle)
    return math.sqrt(low * high)


def to_memory(rhythm: Rhythm) -> dict[str, Any]:
    """As JSON, short: four digits tell a rhythm."""
    return {
        "at": rhythm.at and rhythm.at.isoformat(),
        "items": round(rhythm.items, 4),
        "days": round(rhythm.days, 4),
        "hours": [round(count, 3) for count in rhythm.hours],
        "weekend": round(rhythm.weekend, 3),
        "newest": rhythm.newest and rhythm.newest.isoformat(),
        "idle": rhythm.idle,
        "burst": round(rhythm.burst, 3),
        **({"woken": True} if rhythm.woken else {}),
    }


def from_memory(memory: Mapping[str, Any]) -> Rhythm:
    """What ``to_memory`` wrote; anything else is nothing learnt."""
    try:
        noted = memory["rhythm"]
        hours = tuple(float(count) for count in noted["hours"])
        return Rhythm(
            at=_moment(noted["at"]),
            items=float(noted["items"]),
            days=float(noted["days"]),
            hours=hours if len(hours) == 24 else Rhythm().hours,
            weekend=float(noted["weekend"]),
            newest=_moment(noted["newest"]),
            idle=int(noted["idle"]),
            burst=float(noted["burst"]),
            woken=bool(noted.get("woken")),
        )
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        return Rhythm()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _moments(outcome: Outcome, since: datetime | None, now: datetime) -> list[datetime]:
    """When the new items came, oldest first: their dates, kept between the last poll and now."""
    earliest = since or now - HORIZON
    if since is None:  # of the undated nothing is known but that they were there
        return [date for date in _past(outcome, now) if date >= earliest]
    dates = (min(date, now).astimezone(UTC) for date in outcome.dates)
    undated = repeat(now.astimezone(UTC), max(outcome.new - len(outcome.dates), 0))
    return sorted([*(max(date, min(earliest, now).astimezone(UTC)) for date in dates), *undated])


def _past(outcome: Outcome, now: datetime) -> list[datetime]:
    """The dates that a first document gives; one that fills them in writes "now", which says nothing."""
    return sorted(date.astimezone(UTC) for date in outcome.dates if date < now - _UNDATED)


def _observed(outcome: Outcome, now: datetime) -> timedelta:
    """A first document shows the past back to its oldest date."""
    past = _past(outcome, now)
    return min(now - past[0], HORIZON) if past else timedelta()


def _profile(hours: tuple[float, ...]) -> list[float]:
    """Share of the day's items by hour against a flat day: mean 1."""
    smoothed = [hours[h - 1] / 4 + hours[h] / 2 + hours[(h + 1) % 24] / 4 for h in range(24)]
    total = sum(hours) + PROFILE_PRIOR
    return [(count + PROFILE_PRIOR / 24) * 24 / total for count in smoothed]


def _pace(rhythm: Rhythm, policy: Policy) -> float:
    """k, that is ∫√λ dt between two polls. By default an unknown source is asked every ``base``."""
    if policy.freshness is not None:  # an item waits half an interval on average
        return 2 * (policy.freshness / _DAY) * math.sqrt(rhythm.rate)
    if policy.pace is not None:
        return policy.pace
    return (policy.base / _DAY) * math.sqrt(PRIOR_ITEMS / PRIOR_DAYS)


def _mean(week: Sequence[float], shape: Sequence[float]) -> float:
    """Over a week, of what ``Rhythm.speeds`` gives."""
    return sum(shape) / 24 * (week[0] * (1 - _WEEKEND_SHARE) + week[1] * _WEEKEND_SHARE)


def _until(
    week: Sequence[float], shape: Sequence[float], pace: float, now: datetime, longest: timedelta
) -> timedelta:
    """The time until ∫√λ dt reaches the pace, hour by hour, at most ``longest``."""
    moment, end, left = now, now + longest, pace
    while moment < end:
        utc = moment.astimezone(UTC)
        speed = week[utc.weekday() >= 5] * shape[utc.hour]
        next_hour = utc.replace(minute=0, second=0, microsecond=0) + _HOUR
        gained = speed * ((next_hour - utc) / _DAY)
        if gained >= left:
            return min(moment + _DAY * (left / speed) - now, longest)
        left -= gained
        moment = next_hour
    return longest


def _window(rhythm: Rhythm, outcome: Outcome, now: datetime) -> timedelta:
    """How long until half of the feed's length may have gone by: items that scroll out unseen are lost."""
    if not outcome.feed_length:
        return timedelta.max
    fastest = max(rhythm.rate, rhythm.rate_at(now))
    # It has just happened, or nearly: the mean lags behind.
    if outcome.new >= outcome.feed_length * WINDOW_SHARE:
        fastest = max(fastest, rhythm.burst)
    return _DAY * (WINDOW_SHARE * outcome.feed_length / fastest)


def _spoken(rate: float) -> str:
    for unit, days in (("day", 1), ("week", 7), ("month", 30)):
        if rate * days >= 0.95 or unit == "month":
            return f"about {_count(rate * days)} {unit}"
    raise AssertionError


def _count(number: float) -> str:
    count = max(round(number), 1)
    return "1 item a" if count == 1 else f"{count} items a"
