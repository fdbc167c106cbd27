"""How long an item waits to be found, by the rule that times the polls, at an equal number of polls.

``python -m tests.benchmarks.polling_simulation [--feeds N] [--days N] [--polls N] [--seeds A,B]``

Synthetic sources publish for weeks: rates are log-normal, most follow the hours of a day and the days of a week, some
come in bursts, some strictly by the clock, some have ceased. Ours goes through what the daemon goes through: a
configuration with a budget of polls, the pace that is reckoned from it every hour by what is learnt, and the record of
each source from poll to poll, jitter included. The other rules are scaled until they take as many polls a day as it
took; the last third of the time is scored. The sources are made up: the shape of the result is to be trusted, its
decimals are not.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from aggregator.config.model import Config, Source
from aggregator.pipeline import Plan
from aggregator.pipeline.pacing import pace_of
from aggregator.schedule import Outcome, after_poll
from storage.model import SourceRecord, Validators

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
SHORTEST, LONGEST = 5 / 1440, 1.0  #: days
WINDOW = 20  #: items a document holds
HISTORY = 14.0  #: days published before the first poll
_VALIDATORS = Validators(etag=b'"1"')
GOAL = 0.55  #: of the mean delay of fixed polling and of Miniflux's rule


# -- the sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    items: tuple[float, ...]  #: days since START, in order; history has negative ones
    phase: float  #: 0..1, when it is first polled


def make_feeds(count: int, days: float, seed: int) -> list[Feed]:
    rng = random.Random(seed)
    makers = rng.choices((_human, _bursty, _periodic, _ceased), weights=(65, 15, 10, 10), k=count)
    return [Feed(items=tuple(sorted(make(rng, days))), phase=rng.random()) for make in makers]


def _rate(rng: random.Random) -> float:
    """Items a day."""
    return min(rng.lognormvariate(math.log(3), 1.7), 300.0)


def _human(rng: random.Random, days: float) -> list[float]:
    """Poisson, thinned by the hours of somebody's day and their week."""
    zone, sharpness, weekend = rng.random(), rng.uniform(0.5, 3.0), rng.choice((0.15, 0.5, 1.0))
    peak = math.exp(sharpness)

    def share(moment: float) -> float:
        hour = math.exp(sharpness * math.cos(2 * math.pi * (moment + zone - 0.6))) / peak
        return hour * (weekend if int(moment + zone + 7000) % 7 >= 5 else 1.0)

    mean = sum(share(n / 24) for n in range(168)) / 168
    drawn = _poisson(rng, _rate(rng) / mean, days)
    return [moment for moment in drawn if rng.random() < share(moment)]


def _bursty(rng: random.Random, days: float) -> list[float]:
    """A few items within minutes, then a pause."""
    size = rng.randint(2, 12)
    starts = _poisson(rng, _rate(rng) / size, days)
    return [start + rng.random() / 96 for start in starts for _ in range(rng.randint(1, 2 * size - 1))]


def _periodic(rng: random.Random, days: float) -> list[float]:
    """By the clock, give or take a minute."""
    gap, offset = rng.choice((1 / 48, 1 / 24, 1 / 8, 1 / 4, 1.0, 7.0)), rng.random()
    return [
        n * gap + offset * gap + rng.gauss(0, 1 / 1440) for n in range(int(-HISTORY / gap), int(days / gap))
    ]


def _ceased(rng: random.Random, days: float) -> list[float]:
    """Lively once, silent since about the first poll."""
    return [moment for moment in _poisson(rng, _rate(rng), days) if moment < -2]


def _poisson(rng: random.Random, rate: float, days: float) -> list[float]:
    found, moment = [], -HISTORY
    while (moment := moment + rng.expovariate(rate)) < days:
        found.append(moment)
    return found


# -- the rules


class Rule(Protocol):
    """Times the polls of one source; the scale stretches its intervals."""

    def __call__(self, now: float, new: Sequence[float], first: bool) -> float:
        """The wait in days after a poll that found these items."""
        ...


def fixed(scale: float) -> Rule:
    return lambda now, new, first: scale


class Miniflux:
    """entry_frequency: a week over what a week brings at the mean gap of the last seven days, clamped."""

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._seen: list[float] = []

    def __call__(self, now: float, new: Sequence[float], first: bool) -> float:
        self._seen = [moment for moment in [*self._seen, *new] if moment > now - 7]
        weekly = len(self._seen)
        if weekly >= 2 and (span := self._seen[-1] - self._seen[0]) > 0:
            weekly = max(weekly, round(7 / (span / (weekly - 1))))
        wait = 7 / (weekly * 24) if weekly else LONGEST
        return min(max(wait * 24 * self._scale, SHORTEST), LONGEST)


# -- the run


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    polls: float  #: a feed and day
    mean: float  #: delay an item, minutes
    p95: float
    by_feed: float  #: mean of the feeds' means, minutes
    wasted: float  #: share of polls that found nothing
    lost: float  #: share of items that scrolled out of the document unseen


@dataclass(slots=True)
class _Log:
    """The polls of one source, and what each found."""

    polls: list[tuple[float, Sequence[float]]] = field(default_factory=list)

    def note(self, now: float, new: Sequence[float]) -> None:
        self.polls.append((now, new))


def run(feeds: Sequence[Feed], days: float, make: Callable[[float], Rule], scale: float) -> Score:
    """Each source for itself, under one rule at one scale."""
    logs = []
    for feed in feeds:
        rule, now, seen, first, log = make(scale), feed.phase / 24, 0, True, _Log()
        while now < days:
            found = bisect_right(feed.items, now)
            new, seen = feed.items[seen:found], found
            log.note(now, new)
            now += rule(now, new, first)
            first = False
        logs.append(log)
    return _scored(logs, days)


def _scored(logs: Sequence[_Log], days: float) -> Score:
    """Of the last third of the time."""
    begin = days * 2 / 3
    kept = [[(now, new) for now, new in log.polls if now >= begin] for log in logs]
    delays = [[now - m for now, new in polls for m in new if m >= begin] for polls in kept]
    every = sorted(delay for own in delays for delay in own)
    found = [len(new) for polls in kept for _, new in polls]
    lost = sum(max(count - WINDOW, 0) for count in found)
    means = [sum(own) / len(own) for own in delays if own]
    return Score(
        polls=len(found) / len(logs) / (days - begin),
        mean=1440 * sum(every) / len(every),
        p95=1440 * every[int(len(every) * 0.95)],
        by_feed=1440 * sum(means) / len(means),
        wasted=found.count(0) / len(found),
        lost=lost / (len(every) + lost),
    )


def at_budget(feeds: Sequence[Feed], days: float, make: Callable[[float], Rule], polls: float) -> Score:
    """The rule's score at the scale at which it takes so many polls a feed and day, to one percent."""
    low, high = 1e-4, 1e3
    score = run(feeds, days, make, scale := 1 / polls)
    for _ in range(14):
        if abs(score.polls / polls - 1) < 0.01:
            break
        low, high = (scale, high) if score.polls > polls else (low, scale)
        guess = scale * score.polls / polls
        scale = guess if low < guess < high else math.sqrt(low * high)
        score = run(feeds, days, make, scale)
    return score


def run_ours(feeds: Sequence[Feed], days: float, polls: float) -> Score:
    """All sources in the order of time, as the daemon polls them under ``polls_per_day``."""
    plan = _plan(len(feeds), polls)
    rng = random.Random(0)
    desks = [_Source(feed, source) for feed, source in zip(feeds, plan.config.sources, strict=True)]
    queue = [(feed.phase / 24, at) for at, feed in enumerate(feeds)]
    heapq.heapify(queue)
    paced_at = 0.0
    while queue[0][0] < days:
        now, at = queue[0]
        if now >= paced_at:
            records = [desk.record for desk in desks]
            plan = replace(plan, pace=pace_of(plan, records, START + timedelta(days=now)))
            paced_at = now + 1 / 24
        heapq.heapreplace(queue, (desks[at].poll(plan, now, rng), at))
    return _scored([desk.log for desk in desks], days)


def _plan(count: int, polls: float) -> Plan:
    keys = {"interval": {"base": "1h", "adaptive": True}}
    sources = [{"id": f"s{n}", "url": f"https://s{n}.example/feed", **keys} for n in range(count)]
    config = Config.model_validate({"defaults": {"polls_per_day": polls}, "sources": sources})
    return Plan.of(config, "simulation", Path())


class _Source:
    """One source as the daemon keeps it."""

    def __init__(self, feed: Feed, source: Source) -> None:
        self.log = _Log()
        self._feed = feed
        self._source = source
        self._seen = 0
        self.record = SourceRecord(
            id=source.id, configured_url=source.url, url=source.url, next_poll=START, validators=_VALIDATORS
        )

    def poll(self, plan: Plan, now: float, rng: random.Random) -> float:
        """When it is to be polled next, in days."""
        found = bisect_right(self._feed.items, now)
        new, self._seen = self._feed.items[self._seen : found], found
        self.log.note(now, new)
        dates = tuple(START + timedelta(days=moment) for moment in new[-WINDOW:])
        outcome = Outcome(
            kind="taken" if new else "not_modified",
            status=200,
            new=len(dates),
            dates=dates,
            feed_length=WINDOW if new else None,
            validators=_VALIDATORS,
        )
        at = START + timedelta(days=now)
        self.record = after_poll(self.record, outcome, plan.policy(self._source), at, rng)
        return (self.record.next_poll - START) / timedelta(days=1)


RULES: dict[str, Callable[[float], Rule]] = {"fixed": fixed, "Miniflux entry_frequency": Miniflux}


def compare(feeds: int, days: float, polls: float, seed: int) -> dict[str, Score]:
    """Ours under a budget; the others at as many polls as it took."""
    made = make_feeds(feeds, days, seed)
    ours = run_ours(made, days, polls)
    return {**{name: at_budget(made, days, make, ours.polls) for name, make in RULES.items()}, "ours": ours}


def report(scores: dict[str, Score]) -> list[str]:
    lines = [
        f"{'rule':26}{'polls/day':>10}{'mean min':>10}{'p95 min':>10}{'by feed':>10}{'wasted':>9}{'lost':>8}{'ratio':>8}"
    ]
    for name, score in scores.items():
        ratio = score.mean / scores["fixed"].mean
        lines.append(
            f"{name:26}{score.polls:10.1f}{score.mean:10.1f}{score.p95:10.0f}{score.by_feed:10.0f}"
            f"{score.wasted:9.0%}{score.lost:8.2%}{ratio:8.2f}"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--feeds", type=int, default=150)
    parser.add_argument("--days", type=float, default=42)
    parser.add_argument("--polls", type=float, default=24, help="a feed and day, the budget")
    parser.add_argument("--seeds", default="101,202,303")
    given = parser.parse_args()
    for seed in map(int, given.seeds.split(",")):
        scores = compare(given.feeds, given.days, given.polls, seed)
        print(
            f"\nseed {seed}: {given.feeds} feeds, {given.days:.0f} days, {given.polls:.0f} polls a feed and day"
        )
        print("\n".join(report(scores)))
        worst = max(scores["ours"].mean / scores[name].mean for name in ("fixed", "Miniflux entry_frequency"))
        print(f"goal: at most {GOAL:.2f} of both; reached: {worst:.2f}")


if __name__ == "__main__":
    main()
