"""The queue of a round gives sources out by site."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.daemon.sites import SiteQueue
from storage.model import SourceRecord

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def record(name: str, minutes: int = 0) -> SourceRecord:
    """``a3`` is a source of the site a.example."""
    url = f"https://{name[0]}.example/{name}"
    return SourceRecord(id=name, configured_url=url, url=url, next_poll=NOW - timedelta(minutes=minutes))


def queue(*records: SourceRecord, room: int = 2) -> SiteQueue:
    return SiteQueue(records, lambda _: room)


def test_the_longest_overdue_comes_first() -> None:
    waiting = queue(record("a1", 1), record("b1", 3), record("c1", 2))
    assert [waiting.take() for _ in range(4)] == ["b1", "c1", "a1", None]


def test_a_site_without_room_lets_the_others_pass() -> None:
    waiting = queue(*(record(f"a{n}", 9) for n in range(5)), record("b1", 1))
    assert [waiting.take() for _ in range(4)] == ["a0", "a1", "b1", None]
    waiting.done("a1")
    assert [waiting.take() for _ in range(2)] == ["a2", None]


@given(st.lists(st.sampled_from("abc"), max_size=30), st.integers(1, 4), st.integers(1, 6))
def test_every_source_is_given_out_once_and_no_site_has_more_than_its_room(
    sites: list[str], room: int, workers: int
) -> None:
    waiting = queue(*(record(f"{site}{n}") for n, site in enumerate(sites)), room=room)
    out: list[str] = []
    given_out: list[str] = []
    idle = workers
    while True:
        while idle and (name := waiting.take()) is not None:
            out.append(name)
            given_out.append(name)
            idle -= 1
        assert all(sum(name[0] == site for name in out) <= room for site in "abc")
        if not out:
            break
        waiting.done(out.pop(0))
        idle += 1
    assert sorted(given_out) == sorted(f"{site}{n}" for n, site in enumerate(sites))
