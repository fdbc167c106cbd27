"""Counters and gauges for Prometheus, in a registry of their own."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.exposition import choose_encoder

from aggregator.pipeline.receivers import Channel, Receivers
from storage.model import Health, SourceRecord

_POLLABLE = (Health.OK, Health.FAILING, Health.DEAD)
#: Shown from the start, so that a rate can be taken of the first one too.
_PUSHES = ("pushed", "pinged", "unsigned", "overflow")
_SENT = {True: "taken", False: "failed"}
_OUTCOMES = ("taken", "unchanged", "not_modified", "failed", "limited", "gone", "held", "lost")


class Metrics:
    """What the daemon counts as it goes; the rest is read off the records at each scrape.

    ``tick_age`` may be set to a function that gives the seconds since the last tick, ``receivers`` to one that tells to
    whom things are sent.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.tick_age: Callable[[], float] | None = None
        self.receivers: Callable[[], Iterable[Receivers]] = tuple
        self._polls = self._counter("polls", "Polls since the start, by outcome.", ["outcome"])
        self._articles_seen = self._counter(
            "articles_decided", "Articles since the start, by what was decided about them.", ["decision"]
        )
        self._editions = self._counter("publish_runs", "Times anything was written to the published folder.")
        self._files = self._counter("publish_files", "Published files written since the start.")
        self._publish_errors = self._counter("publish_errors", "Times publishing failed.")
        self.config_reload_ok = self._gauge(
            "config_reload_ok", "1: the configuration on disk is the one in use."
        )
        self.config_reload_ok.set(1)
        self._sources = self._gauge("sources", "Sources by state.", ["state"])
        self._kept = self._gauge("articles", "Articles kept.")
        self._due = self._gauge("due_sources", "Sources whose poll is overdue.")
        self._lag = self._gauge("due_lag_seconds", "How long the longest overdue source has waited.")
        self._tick = self._gauge("last_tick_age_seconds", "Time since the scheduler's last tick.")
        self._pushes = self._counter("pushes", "Documents that hubs brought, by outcome.", ["outcome"])
        self._sent = self._counter(
            "sent",
            "Documents, pings and messages sent, by whom they are for and outcome.",
            ["channel", "outcome"],
        )
        self._receivers = self._gauge(
            "receivers",
            "Subscribers, hubs and webhooks, by whether they took what was sent last.",
            ["channel", "state"],
        )
        for channel in get_args(Channel):
            for taken in (True, False):
                self._sent.labels(channel, _SENT[taken])
        for outcome in _PUSHES:
            self._pushes.labels(outcome)
        for outcome in _OUTCOMES:
            self._polls.labels(outcome)

    def polled(self, kind: str, counts: Mapping[str, int]) -> None:
        """One poll: its outcome, and how many of its articles were decided which way."""
        self._polls.labels(kind).inc()
        for decision, number in counts.items():
            self._articles_seen.labels(decision).inc(number)

    def pushed(self, outcome: str, counts: Mapping[str, int]) -> None:
        """One document that a hub brought, and how many of its articles were decided which way."""
        self._pushes.labels(outcome).inc()
        for decision, number in counts.items():
            self._articles_seen.labels(decision).inc(number)

    def sent(self, channel: Channel, taken: bool) -> None:
        """A document for a subscriber of our hub, a ping to a hub of others, a message for a webhook."""
        self._sent.labels(channel, _SENT[taken]).inc()

    def published(self, files: int, *, failed: bool = False) -> None:
        """One run of the press: files written, and whether it failed."""
        self._editions.inc(1 if files else 0)
        self._files.inc(files)
        self._publish_errors.inc(1 if failed else 0)

    def exposition(self, records: Sequence[SourceRecord], now: datetime, accept: str) -> tuple[bytes, str]:
        """The text of a scrape and its content type, in the form that the scraper asks for."""
        self._read_off(records, now)
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    def _read_off(self, records: Sequence[SourceRecord], now: datetime) -> None:
        states = Tally(record.health for record in records)
        for state in Health:
            self._sources.labels(state.value).set(states[state])
        overdue = [now - r.next_poll for r in records if r.health in _POLLABLE and r.next_poll <= now]
        self._due.set(len(overdue))
        self._lag.set(max((late.total_seconds() for late in overdue), default=0.0))
        self._kept.set(sum(record.articles for record in records))
        for one in self.receivers():
            self._receivers.labels(one.channel, "well").set(one.well)
            self._receivers.labels(one.channel, "failing").set(one.failing)
        if self.tick_age is not None:
            self._tick.set(self.tick_age())

    def _counter(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
        return Counter(f"aggregator_{name}", help_text, labels, registry=self.registry)

    def _gauge(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
        return Gauge(f"aggregator_{name}", help_text, labels, registry=self.registry)
