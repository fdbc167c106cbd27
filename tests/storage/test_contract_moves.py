"""What every store promises when sources are renamed, articles taken in from elsewhere, and gone through in order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage import ArticleStore, LeaseLost, SourceSeed, Subscription
from storage.model import Separation
from tests.storage.making import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    article,
    claim,
    decision,
    put,
    seed,
    uids,
)

ADDRESS = "https://desk.example/feed"


def polled(store: ArticleStore) -> None:
    """A source that was polled, has an article with its history, a note and a hub."""
    claimed = claim(store, "desk")
    with store.poll(claimed) as unit:
        unit.save([article("a", guid="g", sections=("world",))], [decision("a")])
        unit.keep_note("entries", b"seen")
        unit.finish(replace(claimed.source, title="The Desk", polls=7, last_poll=NOW))
    with store.by_hand() as hand:
        hand.keep_apart([Separation(at=NOW, source="desk", story="s", uid="a")])
    store.keep_subscription(
        Subscription(source="desk", token="t", topic="x", hub="h", secret="s", state="active", asked_at=NOW)
    )


def test_a_renamed_source_keeps_everything(store: ArticleStore) -> None:
    polled(store)
    store.sync_sources([seed("other"), seed("bureau", url=ADDRESS)], NOW + HOUR)
    (record,) = [one for one in store.sources() if one.id == "bureau"]
    assert (record.title, record.polls, record.articles) == ("The Desk", 7, 1)
    assert store.source("desk") is None
    kept = store.article("a")
    assert kept is not None
    assert (kept.source, kept.guid) == ("bureau", "g")
    assert [one.source for one in store.decisions("a")] == ["bureau"]
    assert store.note("bureau", "entries") == b"seen"
    assert [one.source for one in store.subscriptions()] == ["bureau"]
    with store.poll(claim(store, "bureau", now=NOW + DAY)) as unit:
        assert uids(unit.candidates("bureau", guids=["g"])) == ["a"]
        assert [one.source for one in unit.apart(["s"])] == ["bureau"]
    assert store.check() == []


def test_a_source_may_be_renamed_long_after_it_was_taken_out(store: ArticleStore) -> None:
    polled(store)
    store.sync_sources([], NOW)
    store.sync_sources([seed("bureau", url=ADDRESS)], NOW + DAY)
    assert [(one.id, one.polls) for one in store.sources()] == [("bureau", 7)]


def test_a_poll_under_the_old_name_writes_nothing(store: ArticleStore) -> None:
    claimed = claim(store, "desk")
    store.sync_sources([seed("bureau", url=ADDRESS)], NOW)
    with pytest.raises(LeaseLost), store.poll(claimed):
        pass
    assert claim(store, "bureau").source.id == "bureau"


@pytest.mark.parametrize(
    "seeds",
    [
        pytest.param([seed("desk"), seed("bureau", url=ADDRESS)], id="the old one is still there"),
        pytest.param([seed("bureau", url="https://elsewhere.example/")], id="another address"),
    ],
)
def test_what_is_no_renaming_begins_anew(store: ArticleStore, seeds: list[SourceSeed]) -> None:
    polled(store)
    store.sync_sources(seeds, NOW)
    record = store.source("bureau")
    assert record is not None
    assert record.polls == 0
    kept = store.article("a")
    assert kept is not None
    assert kept.source == "desk"


def test_a_known_name_keeps_its_own_record(store: ArticleStore) -> None:
    polled(store)
    store.sync_sources([seed("desk"), seed("bureau", url="https://elsewhere.example/")], NOW)
    store.sync_sources([seed("bureau", url=ADDRESS)], NOW)
    assert [(one.id, one.polls) for one in store.sources()] == [("bureau", 0)]


def test_of_two_sources_at_one_address_the_one_in_use_is_renamed(store: ArticleStore) -> None:
    polled(store)
    store.sync_sources([seed("old", url=ADDRESS), seed("desk")], NOW)
    store.sync_sources([seed("desk")], NOW)
    store.sync_sources([seed("bureau", url=ADDRESS), seed("agency", url=ADDRESS)], NOW)
    assert [(one.id, one.polls) for one in store.sources()] == [("bureau", 7), ("agency", 0)]


# -- in the order of arrival


def test_what_arrived_last_is_told_with_its_sections(store: ArticleStore) -> None:
    put(
        store,
        article("a", first_seen=NOW, sections=("world", "city")),
        article("b", first_seen=NOW - MINUTE, published=NOW + HOUR, sections=("world",)),
        article("c", first_seen=NOW + MINUTE, published=NOW - HOUR, sections=("city",)),
        article("copy", first_seen=NOW + HOUR, copy_of="a", sections=("city",)),
        article("gone", first_seen=NOW + HOUR, expired=True),
        article("nowhere", first_seen=NOW - HOUR),
    )
    assert store.latest(10) == [("city", "c"), ("city", "a"), ("world", "a"), ("world", "b")]
    assert store.latest(2) == [("city", "c"), ("city", "a"), ("world", "a")]


def test_what_arrived_in_a_section_is_told_in_order_and_portions(store: ArticleStore) -> None:
    placed = {"sections": ("world",)}
    put(
        store,
        article("b", first_seen=NOW, published=NOW - DAY, **placed),
        article("a", first_seen=NOW, **placed),
        article("later", first_seen=NOW + MINUTE, published=NOW - 2 * DAY, **placed),
        article("copy", first_seen=NOW, copy_of="a", **placed),
        article("gone", first_seen=NOW, expired=True),
        article("elsewhere", first_seen=NOW, sections=("city",)),
        article("too late", first_seen=NOW + HOUR, **placed),
    )
    assert uids(store.arrived("world", None, NOW + HOUR, 10)) == ["a", "b", "later"]
    assert uids(store.arrived("world", None, NOW + HOUR, 2)) == ["a", "b"]
    assert uids(store.arrived("world", (NOW, "a"), NOW + HOUR, 10)) == ["b", "later"]
    assert uids(store.arrived("world", (NOW, "b"), NOW + MINUTE, 10)) == []


# -- in and out


def test_everything_is_told_in_portions_expired_ones_and_copies_included(store: ArticleStore) -> None:
    kept = [article("a"), article("b", expired=True), article("c", copy_of="a"), article("d")]
    put(store, *reversed(kept))
    assert store.everything("", 3) == kept[:3]
    assert store.everything("c", 3) == kept[3:]
    assert store.everything("d", 3) == []
