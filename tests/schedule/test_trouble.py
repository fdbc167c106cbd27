from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aggregator.schedule.rhythm import Rhythm, to_memory
from aggregator.schedule.trouble import Trouble, stale_since, trouble_of
from storage.model import Health, SourceRecord

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def record(newest: datetime | None = None, **fields: Any) -> SourceRecord:
    memory = {"rhythm": to_memory(Rhythm(newest=newest))} if newest else {}
    url = "https://desk.example/feed"
    return SourceRecord(id="desk", configured_url=url, url=url, next_poll=NOW, memory=memory, **fields)


@pytest.mark.parametrize(
    ("newest", "after", "push", "since"),
    [
        (NOW - 2 * DAY, DAY, None, NOW - DAY),
        (NOW - DAY, DAY, None, NOW),
        (NOW - DAY + HOUR, DAY, None, None),
        (NOW - 2 * DAY, None, None, None),
        (None, DAY, None, None),
        (NOW - 2 * DAY, DAY, NOW - HOUR, None),
        (NOW - 2 * DAY, DAY, NOW - 3 * DAY, NOW - DAY),
    ],
)
def test_a_source_is_stale_once_nothing_new_came_for_so_long(
    newest: datetime | None, after: timedelta | None, push: datetime | None, since: datetime | None
) -> None:
    assert stale_since(record(newest), after, push, NOW) == since


@pytest.mark.parametrize("health", [Health.GONE, Health.PAUSED])
def test_what_is_polled_no_more_is_not_stale(health: Health) -> None:
    assert stale_since(record(NOW - 2 * DAY, health=health), DAY, None, NOW) is None


@pytest.mark.parametrize(
    ("health", "failures", "newest", "trouble"),
    [
        (Health.OK, 0, NOW, "ok"),
        (Health.OK, 0, NOW - 2 * DAY, "stale"),
        (Health.FAILING, 1, NOW, "ok"),
        (Health.FAILING, 2, NOW - 2 * DAY, "stale"),
        (Health.FAILING, 3, NOW - 2 * DAY, "broken"),
        (Health.DEAD, 30, NOW, "broken"),
        (Health.GONE, 2, NOW, "broken"),
        (Health.PAUSED, 9, NOW - 2 * DAY, "ok"),
    ],
)
def test_trouble_is_what_lasts(health: Health, failures: int, newest: datetime, trouble: Trouble) -> None:
    assert trouble_of(record(newest, health=health, failures=failures), DAY, None, NOW) == trouble
