"""What every store does for near copies: texts found by shared hashes, kin, what is learnt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import ArticleStore, Kin, Unit, open_store
from storage.postings import MOST_BEARERS, MOST_FOUND
from tests.storage.making import DAY, NOW, article, claim, put


@contextmanager
def unit_of(store: ArticleStore, source: str = "desk") -> Iterator[Unit]:
    claimed = claim(store, source)
    try:
        with store.poll(claimed) as unit:
            yield unit
    finally:
        store.release(claimed)


def found(store: ArticleStore, *hashes: int) -> list[str]:
    with unit_of(store) as unit:
        return list(unit.sketches.sharing(hashes))


# -- sketches


def test_texts_that_share_two_hashes_are_found_the_most_alike_first(store: ArticleStore) -> None:
    with unit_of(store) as unit:
        unit.sketches.add("one", [1, 9, 8], at=NOW)
        unit.sketches.add("two", [1, 2, 7], at=NOW)
        unit.sketches.add("three", [1, 2, 3], at=NOW, filled=2)
        assert unit.sketches.sharing([1, 2, 3]) == {"three": 2, "two": 0}
    assert found(store, 1, 2, 3) == ["three", "two"]
    assert found(store, 3) == []
    assert found(store) == []


def test_of_equals_the_latest_comes_first(store: ArticleStore) -> None:
    with unit_of(store) as unit:
        for uid in "bca":
            unit.sketches.add(uid, [1, 2], at=NOW)
        unit.sketches.add("b", [1, 2], at=NOW)
    assert found(store, 1, 2) == ["b", "a", "c"]


def test_a_text_that_is_added_again_has_its_new_hashes_only(store: ArticleStore) -> None:
    for hashes in ([1, 2], [3, 4, 4]):
        with unit_of(store) as unit:
            unit.sketches.add("one", hashes, at=NOW, filled=1)
    assert found(store, 1, 2) == []
    assert found(store, 3, 4) == ["one"]
    with unit_of(store) as unit:
        assert unit.sketches.filled(["one", "two"]) == {"one": 1}
        assert unit.sketches.filled([]) == {}


def test_a_text_without_hashes_is_known_and_not_found(store: ArticleStore) -> None:
    with unit_of(store) as unit:
        unit.sketches.add("one", [], at=NOW)
        assert unit.sketches.filled(["one"]) == {"one": 0}


def test_hashes_have_32_bits_and_there_may_be_many(store: ArticleStore) -> None:
    hashes = [0, 1, 2**31 - 1, 2**31, 2**32 - 1, *range(1000, 1100)]
    with unit_of(store) as unit:
        unit.sketches.add("one", hashes, at=NOW)
        unit.sketches.add("two", hashes[:2], at=NOW)
    assert found(store, *hashes) == ["one", "two"]
    assert found(store, 2**31, 2**32 - 1) == ["one"]


def test_a_hash_of_too_many_texts_finds_none_of_them(store: ArticleStore) -> None:
    with unit_of(store) as unit:
        for at in range(MOST_BEARERS):
            unit.sketches.add(f"{at:03}", [1, 2], at=NOW)
    assert len(found(store, 1, 2)) == MOST_FOUND
    with unit_of(store) as unit:
        unit.sketches.add("one more", [1, 2, 3, 4], at=NOW)
    assert found(store, 1, 2) == []
    assert found(store, 1, 2, 3, 4) == ["one more"]


def test_what_is_added_in_a_unit_that_fails_is_not_found(store: ArticleStore) -> None:
    with unit_of(store) as unit:
        unit.sketches.add("old", [1, 2], at=NOW)
    with suppress(RuntimeError), unit_of(store) as unit:
        unit.sketches.add("new", [1, 2], at=NOW)
        unit.sketches.add("old", [3, 4], at=NOW)
        unit.keep_learnt("words", b"1")
        unit.relate([Kin(uid="a", other="b", similarity=0.5)])
        raise RuntimeError
    assert found(store, 1, 2) == ["old"]
    assert found(store, 3, 4) == []
    assert store.kin(["a"]) == {}
    with unit_of(store) as unit:
        assert unit.learnt("words") is None


def test_texts_are_forgotten_by_the_time_they_were_added(store: ArticleStore) -> None:
    with unit_of(store) as unit:
        for at in range(4):
            unit.sketches.add(str(at), [1, 2, 2**32 - 1], at=NOW + at * DAY)
    assert store.expire_sketches(NOW + 2 * DAY) == 2
    assert found(store, 1, 2) == ["3", "2"]
    assert store.expire_sketches(NOW + 2 * DAY) == 0
    assert store.expire_sketches(NOW + 9 * DAY) == 2
    assert found(store, 1, 2) == []
    with unit_of(store) as unit:
        unit.sketches.add("new", [1, 2], at=NOW)
    assert found(store, 1, 2) == ["new"]


def test_an_article_past_its_retention_is_found_no_more(store: ArticleStore) -> None:
    put(store, article("old"), article("new", first_seen=NOW + DAY))
    with unit_of(store) as unit:
        for uid in ("old", "new"):
            unit.sketches.add(uid, [1, 2], at=NOW)
        unit.relate([Kin(uid="old", other="new", similarity=0.5)])
    store.expire(articles_before=NOW + DAY, bodies_before=None)
    assert found(store, 1, 2) == ["new"]
    assert store.kin(["old", "new"]) == {}


def test_the_index_is_there_when_the_store_is_opened_again(url: str, store: ArticleStore) -> None:
    if url == "memory://":
        pytest.skip("it does not outlive its process")
    with unit_of(store) as unit:
        unit.sketches.add("one", [1, 2], at=NOW)
        unit.keep_learnt("words", b"1")
    store.close()
    again = open_store(url)
    try:
        assert found(again, 1, 2) == ["one"]
        with unit_of(again) as unit:
            assert unit.learnt("words") == b"1"
    finally:
        again.close()


HASHES = st.lists(st.sampled_from([0, 1, 2, 3, 2**31, 2**32 - 1]), max_size=6)
STEPS = st.lists(st.tuples(st.sampled_from("abcd"), HASHES, st.integers(0, 5), st.booleans()), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(STEPS, HASHES, st.integers(0, 5))
def test_every_store_finds_what_the_others_find(
    sqlite_store: ArticleStore,
    steps: list[tuple[str, list[int], int, bool]],
    asked: list[int],
    forgotten: int,
) -> None:
    stores = [sqlite_store, open_store("memory://")]
    for store in stores:
        store.expire_sketches(NOW + 100 * DAY)
        for uid, hashes, day, fails in steps:
            with suppress(RuntimeError), unit_of(store) as unit:
                unit.sketches.add(uid, hashes, at=NOW + day * DAY)
                if fails:
                    raise RuntimeError
    assert found(stores[0], *asked) == found(stores[1], *asked)
    assert len({store.expire_sketches(NOW + forgotten * DAY) for store in stores}) == 1
    assert found(stores[0], *asked) == found(stores[1], *asked)


# -- kin, what is learnt, copies


def test_kin_are_kin_both_ways_round_the_most_alike_first(store: ArticleStore) -> None:
    with unit_of(store) as unit:
        unit.relate([Kin(uid="a", other="b", similarity=0.4), Kin(uid="c", other="a", similarity=0.5)])
        unit.relate([])
    assert store.kin(["a", "b", "d"]) == {
        "a": [Kin(uid="a", other="c", similarity=0.5), Kin(uid="a", other="b", similarity=0.4)],
        "b": [Kin(uid="b", other="a", similarity=0.4)],
    }
    with unit_of(store) as unit:
        unit.relate([Kin(uid="b", other="a", similarity=0.6)])
    assert [one.other for one in store.kin(["a"])["a"]] == ["b", "c"]


def test_what_is_learnt_is_kept_under_its_name(store: ArticleStore) -> None:
    with unit_of(store) as unit:
        assert unit.learnt("words") is None
        unit.keep_learnt("words", b"1")
        unit.keep_learnt("words", b"22")
        assert unit.learnt("words") == b"22"
    with unit_of(store, "other") as unit:
        assert unit.learnt("words") == b"22"
        assert unit.learnt("else") is None


def test_a_unit_reads_the_notes_of_every_source_and_its_own_new_ones(store: ArticleStore) -> None:
    with unit_of(store, "a") as unit:
        unit.keep_note("habits", b"1")
        assert unit.note("a", "habits") == b"1"
    with unit_of(store, "b") as unit:
        assert unit.note("a", "habits") == b"1"
        assert unit.note("b", "habits") is None


def test_a_unit_reads_articles_and_copies_as_it_has_saved_them(store: ArticleStore) -> None:
    put(store, article("1"), article("2", copy_of="1"), article("3"))
    with unit_of(store) as unit:
        assert unit.articles(["1", "3", "9"]).keys() == {"1", "3"}
        assert [one.uid for one in unit.copies("1")] == ["2"]
        unit.save([article("3", copy_of="1"), article("2")])
        assert [one.uid for one in unit.copies("1")] == ["3"]
        assert unit.articles(["2"])["2"].copy_of is None
