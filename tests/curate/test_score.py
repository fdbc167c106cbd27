"""What an article weighs, and that a section may ask for a weight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aggregator.config.model import Section
from aggregator.curate import next_change, score, select
from storage.model import Article

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def article(uid: str = "a", **fields: Any) -> Article:
    return Article(uid=uid, source="desk", first_seen=NOW, **fields)


@pytest.mark.parametrize(
    ("fields", "carriers", "priority", "told"),
    [
        ({}, [], 0, "0: nothing counts for it"),
        ({}, ["desk"], 0, "0: nothing counts for it"),
        ({}, ["wire"], 0, "1: 1 further source +1"),
        ({}, ["wire", "wire", "post", "desk"], 0, "2: 2 further sources +2"),
        ({}, [f"s{n}" for n in range(40)], 0, "5: 5 further sources +5"),
        ({"image": "https://a.example/p.jpg"}, [], 0, "1: a picture +1"),
        ({"text": "字" * 399}, [], 0, "0: nothing counts for it"),
        ({"text": "字" * 400}, [], 0, "1: 400 characters +1"),
        ({"text": "字" * 1500}, [], 0, "2: 400 characters +1, 1500 characters +1"),
        ({}, [], 3, "3: the priority of its source +3"),
        ({"text": "字" * 400}, ["wire"], -1, "1: 1 further source +1, the priority of its source -1, 400 characters +1"),
    ],
)  # fmt: skip
def test_points_and_what_they_are_for(
    fields: dict[str, Any], carriers: list[str], priority: int, told: str
) -> None:
    assert str(score(article(**fields), carriers=carriers, priority=priority)) == told


def section(**fields: Any) -> Section:
    return Section(id="world", title="World", **fields)


def test_a_section_prints_what_weighs_enough() -> None:
    articles = [article("a"), article("b"), article("c")]
    points = {"a": 2, "b": 1, "c": 3}
    assert [one.uid for one in select(articles, section(min_score=2), now=NOW, points=points)] == ["a", "c"]
    assert len(select(articles, section(), now=NOW, points=points)) == 3


def test_what_nobody_weighed_weighs_nothing() -> None:
    assert select([article()], section(min_score=1), now=NOW) == []
    assert select([article()], section(min_score=0), now=NOW) != []


def test_it_is_weighed_before_the_list_is_cut() -> None:
    articles = [article(f"a{n}") for n in range(5)]
    points = {"a3": 9, "a4": 9}
    chosen = select(articles, section(min_score=9, limit=2), now=NOW, points=points)
    assert [one.uid for one in chosen] == ["a3", "a4"]


def test_what_is_too_light_changes_nothing_by_its_age() -> None:
    light, week = article("a"), timedelta(days=7)
    kept = section(min_score=1, max_age=week)
    assert next_change([light], kept, NOW) is None
    assert next_change([light], kept, NOW, {"a": 1}) == NOW + week
