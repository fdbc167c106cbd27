"""The budget of the adaptive sources, from the configuration to the next poll."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.app.plan import plan_of
from aggregator.pipeline import Plan, paced
from aggregator.pipeline.pacing import PACE, pace_of
from aggregator.schedule import share_of
from storage.model import Health, SourceRecord
from tests.support.documents import item, rss
from tests.support.room import MORNING, Room
from tests.support.web import ok


def plan(room: Room, *sources: str, defaults: str = "") -> Plan:
    lines = "\n".join(f"  - {{{source}}}" for source in sources)
    return plan_of(room.load(f"defaults: {{allow_private: 127.0.0.0/8{defaults}}}\nsources:\n{lines}\n"))


def learnt(name: str, items_a_day: float, **more: object) -> SourceRecord:
    """Watched for eight weeks."""
    days = 14.0
    rhythm = {
        "at": MORNING.isoformat(),
        "items": items_a_day * days,
        "days": days,
        "hours": [items_a_day * days / 24] * 24,
        "weekend": items_a_day * days * 2 / 7,
        "newest": MORNING.isoformat(),
        "idle": 0,
        "burst": 0.0,
    }
    url = f"http://127.0.0.1/{name}"
    known = SourceRecord(
        id=name, configured_url=url, url=url, next_poll=MORNING, polls=9, memory={"rhythm": rhythm}
    )
    return replace(known, **more)  # type: ignore[arg-type]  # one test, one field


def source(name: str, more: str = "interval: {base: 1h, adaptive: true}") -> str:
    return f'id: {name}, url: "http://127.0.0.1/{name}", {more}'


def polls_a_day(made: Plan, record: SourceRecord) -> float:
    assert made.pace is not None
    return share_of(record, made.policy(made.sources[record.id]), MORNING).polls_a_day(made.pace)


@pytest.mark.parametrize(("defaults", "together"), [("", 48), (", polls_per_day: 12", 24 * 1.05)])
def test_the_sources_share_the_budget(room: Room, defaults: str, together: float) -> None:
    both = plan(room, source("busy"), source("slow"), defaults=defaults)
    records = [learnt("busy", 100), learnt("slow", 1)]
    made = replace(both, pace=pace_of(both, records, MORNING))
    polls = [polls_a_day(made, record) for record in records]
    assert sum(polls) == pytest.approx(together, rel=0.01)
    assert polls[0] > 5 * polls[1]


@pytest.mark.parametrize(
    "other",
    [
        source("other", "interval: 15m"),
        source("other", "freshness: 10m"),
        source("other", "interval: {adaptive: true}, enabled: no"),
    ],
)
def test_who_is_not_of_the_budget_does_not_change_it(room: Room, other: str) -> None:
    alone, two = plan(room, source("one")), plan(room, source("one"), other)
    records = [learnt("one", 3), learnt("other", 99)]
    assert pace_of(two, records, MORNING) == pace_of(alone, records, MORNING)


def test_a_source_that_fails_leaves_its_share_to_nobody(room: Room) -> None:
    both = plan(room, source("one"), source("other"))
    records = [learnt("one", 3), learnt("other", 99, health=Health.FAILING)]
    assert pace_of(both, records, MORNING) == pace_of(plan(room, source("one")), records, MORNING)


def test_without_an_adaptive_source_nothing_is_reckoned(room: Room) -> None:
    assert paced(room.store, plan(room, source("one", "interval: 15m")), MORNING).pace is None
    assert room.store.setting(PACE) is None


def test_the_pace_is_kept_for_an_hour_or_until_the_terms_change(room: Room) -> None:
    both = plan(room, source("one"), source("two"))
    room.store.sync_sources(both.seeds(), MORNING)
    first = paced(room.store, both, MORNING)
    noted = json.loads(room.store.setting(PACE) or "")
    room.store.set_setting(PACE, json.dumps({**noted, "pace": 7.0}))
    assert paced(room.store, both, MORNING + timedelta(minutes=50)).pace == 7.0
    assert paced(room.store, both, MORNING + timedelta(hours=1)).pace == first.pace
    room.store.set_setting(PACE, json.dumps({**noted, "pace": 7.0}))
    assert paced(room.store, plan(room, source("one")), MORNING).pace != 7.0
    room.store.set_setting(PACE, "rubbish")
    assert paced(room.store, both, MORNING).pace == first.pace


def test_ten_thousand_sources_are_paced_in_a_moment(room: Room) -> None:
    names = [f"s{n}" for n in range(10_000)]
    many = plan(room, "id: a, url: 'http://127.0.0.1/', interval: {base: 1h, adaptive: true}")
    template = many.config.sources[0]
    sources = tuple(template.model_copy(update={"id": name}) for name in names)
    many = replace(many, config=many.config.model_copy(update={"sources": sources}))
    records = [learnt(name, 1 + n % 90) for n, name in enumerate(names)]
    began = time.process_time()
    pace_of(many, records, MORNING)
    assert time.process_time() - began < 5  # half a second where it was measured


async def test_run_once_goes_by_the_budget(room: Room) -> None:
    yaml = """
defaults: {allow_private: 127.0.0.0/8, polls_per_day: 2, interval: {base: 15m, adaptive: true, jitter: 0}}
sources:
  - {id: a, url: "{web}/a"}
  - {id: b, url: "{web}/b"}
"""
    for name in ("a", "b"):
        room.web.answer(f"/{name}", ok(rss(item(name, date=""))))
    await room.poll(yaml)
    waits = [room.source(name).next_poll - room.clock() for name in ("a", "b")]
    assert all(wait > timedelta(hours=4) for wait in waits)


async def test_a_wanted_freshness_makes_a_source_adaptive(room: Room) -> None:
    room.web.answer("/a", ok(rss(*(item(n, date=f"Sun, 01 Mar 2026 {n:02}:00:00 GMT") for n in range(24)))))
    yaml = 'sources:\n  - {id: a, url: "{web}/a", freshness: 30m}\n'
    await room.poll(yaml)
    record = room.source("a")
    assert record.next_poll_reason.startswith("adaptive: freshness 30m")
    assert timedelta(minutes=30) < record.next_poll - room.clock() < timedelta(hours=3)
