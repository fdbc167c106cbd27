"""What every store promises of changes that a person makes."""

from __future__ import annotations

import pytest

from storage import ArticleStore, Separation, StorageError, open_store
from tests.storage.making import HOUR, NOW, article, claim, decision, listed, put, revisions, uids


def apart(uid: str, story: str, source: str = "desk") -> Separation:
    return Separation(at=NOW, source=source, story=story, uid=uid)


def apart_from(store: ArticleStore, *stories: str) -> list[tuple[str, str, str]]:
    """Story, uid and source of what was taken out of these stories."""
    claimed = claim(store, "desk")
    with store.poll(claimed) as unit:
        found = unit.apart(stories)
    store.release(claimed)
    assert all(one.at == NOW for one in found)
    return [(one.story, one.uid, one.source) for one in found]


def test_a_change_by_hand_is_stored_with_what_was_decided(store: ArticleStore) -> None:
    put(store, article("a", sections=("world",)), article("b", copy_of="a", story="a"))
    with store.by_hand() as hand:
        hand.save(
            [article("b", sections=("local",))], [decision("b", verdict="split", of="a", clause="by hand")]
        )
    kept = store.article("b")
    assert kept is not None
    assert (kept.copy_of, kept.story) == (None, "b")
    assert store.copies(["a"]) == {}
    assert revisions(store) == {"world": 1, "local": 1}
    assert [one.verdict for one in store.decisions("b")] == ["split"]
    assert listed(store, section="local") == ["b"]


def test_a_change_by_hand_reads_what_it_has_saved(store: ArticleStore) -> None:
    put(store, article("a"), article("b", copy_of="a"), article("c", copy_of="a", first_seen=NOW - HOUR))
    with store.by_hand() as hand:
        assert uids(hand.copies("a")) == ["c", "b"]
        hand.save([article("b"), article("d", copy_of="a", first_seen=NOW + HOUR)])
        assert uids(hand.copies("a")) == ["c", "d"]
        kept = hand.article("b")
        assert kept is not None
        assert kept.copy_of is None
        assert hand.article("none") is None


def test_a_change_by_hand_that_fails_leaves_no_trace(store: ArticleStore) -> None:
    put(store, article("a", sections=("world",)))

    def half() -> None:
        with store.by_hand() as hand:
            hand.save([article("a", title="half", sections=("world",))], [decision("a")])
            hand.keep_apart([apart("a", "x")])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert revisions(store) == {"world": 1}
    assert (store.decisions("a"), store.edits(), apart_from(store, "x")) == ([], 0, [])


def test_a_change_that_is_over_takes_nothing_more(store: ArticleStore) -> None:
    with store.by_hand() as hand:
        pass
    with pytest.raises(StorageError, match="closed"):
        hand.save([article("a")])


def test_what_was_taken_out_of_stories_is_told(store: ArticleStore) -> None:
    assert apart_from(store, "x") == []
    with store.by_hand() as hand:
        hand.keep_apart([apart("b", "y"), apart("b", "x"), apart("a", "x"), apart("c", "z", source="other")])
    assert apart_from(store, "z", "x", "none") == [
        ("x", "a", "desk"),
        ("x", "b", "desk"),
        ("z", "c", "other"),
    ]
    assert apart_from(store) == []


def test_what_is_kept_apart_twice_is_kept_apart_once(store: ArticleStore) -> None:
    for _ in range(2):
        with store.by_hand() as hand:
            hand.keep_apart([apart("a", "x"), apart("a", "x")])
    assert apart_from(store, "x") == [("x", "a", "desk")]


def test_who_may_join_again_is_kept_apart_no_more(store: ArticleStore) -> None:
    with store.by_hand() as hand:
        hand.keep_apart([apart("a", "x"), apart("b", "x"), apart("a", "y"), apart("c", "x", source="other")])
    with store.by_hand() as hand:
        hand.keep_apart([apart("d", "x")])
        hand.let_join("desk", "x")
    assert apart_from(store, "x", "y") == [("x", "c", "other"), ("y", "a", "desk")]
    with store.by_hand() as hand:
        hand.let_join("desk", "y")
        hand.keep_apart([apart("a", "y")])
    assert apart_from(store, "y") == [("y", "a", "desk")]


def test_it_is_remembered_when_the_article_has_expired(store: ArticleStore) -> None:
    put(store, article("a", first_seen=NOW - HOUR))
    with store.by_hand() as hand:
        hand.keep_apart([apart("a", "x")])
    store.expire(articles_before=NOW, bodies_before=None)
    assert apart_from(store, "x") == [("x", "a", "desk")]


def test_it_is_remembered_over_a_restart(url: str, store: ArticleStore) -> None:
    with store.by_hand() as hand:
        hand.keep_apart([apart("a", "x")])
    if url == "memory://":
        return  # keeps nothing by design
    store.close()
    again = open_store(url)
    assert (apart_from(again, "x"), again.edits()) == ([("x", "a", "desk")], 1)
    again.close()


def test_changes_by_hand_are_counted(store: ArticleStore) -> None:
    assert store.edits() == 0
    put(store, article("a"))
    assert store.edits() == 0
    for _ in range(2):
        with store.by_hand() as hand:
            hand.save([article("a", title="other")])
    assert store.edits() == 2


def test_decisions_are_told_of_many_at_once(store: ArticleStore) -> None:
    put(
        store,
        decisions=[
            decision("a"),
            decision("b"),
            decision("a", verdict="update", at=NOW + HOUR),
            decision("c"),
        ],
    )
    found = store.decided(["a", "b", "a", "none"])
    assert {uid: [one.verdict for one in decisions] for uid, decisions in found.items()} == {
        "a": ["new", "update"],
        "b": ["new"],
    }
    assert store.decided([]) == {}
