"""What every store promises of polls that share one transaction: each as if it were alone, all of them or none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage import ArticleStore, Claim, LeaseLost
from storage.transactions import Unit
from tests.storage.making import HOUR, NOW, article, claim, decision, revisions, seed


def claims(store: ArticleStore, *ids: str) -> list[Claim]:
    store.sync_sources([seed(source_id) for source_id in ids], NOW)
    return [claim(store, source_id) for source_id in ids]


def bring(unit: Unit, claimed: Claim, uid: str) -> None:
    """One article in the section "world", a note, and the end of the poll."""
    name = claimed.source.id
    unit.save([article(uid, source=name, guid=uid, sections=("world",))], [decision(uid)])
    unit.keep_note("read", name.encode())
    unit.sketches.add(uid, [1, 2, 3, 4, 5, 6, 7, 8], at=NOW)
    unit.finish(replace(claimed.source, polls=1, next_poll=NOW + HOUR))


def bring_together(store: ArticleStore, *claimed: Claim, bad: str = "") -> None:
    """One article each; ``bad`` is the source whose poll breaks down."""
    with store.polls() as polls:
        for one in claimed:
            with polls.poll(one) as unit:
                bring(unit, one, f"{one.source.id}1")
                if one.source.id == bad:
                    raise ValueError("broke down")


def test_each_is_stored_as_if_it_were_alone(store: ArticleStore) -> None:
    bring_together(store, *claims(store, "a", "b"))
    records = [store.source(name) for name in ("a", "b")]
    assert [(one.polls, one.articles) for one in records if one] == [(1, 1), (1, 1)]
    assert [store.note(name, "read") for name in ("a", "b")] == [b"a", b"b"]
    assert [len(store.decisions(uid)) for uid in ("a1", "b1")] == [1, 1]
    assert revisions(store)["world"] == 2, "as many as changes"


def test_a_later_one_sees_what_an_earlier_one_saved_and_nobody_else_does(store: ArticleStore) -> None:
    a, b = claims(store, "a", "b")
    with store.polls() as polls:
        with polls.poll(a) as unit:
            bring(unit, a, "a1")
        assert store.article("a1") is None
        with polls.poll(b) as unit:
            assert unit.article("a1") is not None
            assert [one.uid for one in unit.candidates("a", guids=["a1"])] == ["a1"]
            assert unit.note("a", "read") == b"a"
            assert unit.sketches.sharing([1, 2, 3, 4, 5, 6, 7, 8]) == {"a1": 0}
    assert store.article("a1") is not None


def test_one_that_fails_takes_back_those_before_it(store: ArticleStore) -> None:
    a, b = claims(store, "a", "b")
    with pytest.raises(ValueError, match="broke down"):
        bring_together(store, a, b, bad="b")
    assert store.article("a1") is None
    assert store.note("a", "read") is None
    assert revisions(store) == {}
    with store.poll(a) as unit:
        assert unit.sketches.sharing([1, 2, 3, 4, 5, 6, 7, 8]) == {}
        bring(unit, a, "a1")
    assert store.article("a1") is not None


@pytest.mark.parametrize("again", [True, False], ids=["ended just before", "given back"])
def test_a_stale_claim_is_refused_and_takes_back_those_before_it(store: ArticleStore, again: bool) -> None:
    a, b = claims(store, "a", "b")
    store.release(b)
    with pytest.raises(LeaseLost):
        bring_together(store, a, a if again else b)
    assert store.article("a1") is None
