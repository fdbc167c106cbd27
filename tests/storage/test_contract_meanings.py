"""What every store promises of what articles mean."""

from __future__ import annotations

from datetime import datetime

import pytest

from storage import ArticleStore, Meaning, open_store
from tests.storage.making import DAY, NOW, article, claim, put


def meaning(uid: str, *, encoder: str = "use 1", date: datetime = NOW, code: bytes = b"c") -> Meaning:
    return Meaning(
        uid=uid, encoder=encoder, date=date, check=4_000_000_000, code=code, packed=b"\x00\xff" * 900
    )


def keep(store: ArticleStore, *meanings: Meaning) -> None:
    claimed = claim(store, "desk")
    with store.poll(claimed) as unit:
        for one in meanings:
            unit.meanings.keep(one)
    store.release(claimed)


def kept(store: ArticleStore, *uids: str) -> dict[str, Meaning]:
    claimed = claim(store, "desk")
    with store.poll(claimed) as unit:
        found = unit.meanings.get(uids)
    store.release(claimed)
    return found


def codes(store: ArticleStore, after: int = 0, encoder: str = "use 1") -> list[str]:
    return [code.uid for code in store.codes(encoder, after)]


def test_a_meaning_comes_back_as_it_was_kept(store: ArticleStore) -> None:
    keep(store, meaning("a"), meaning("b", code=bytes(range(64))))
    assert kept(store, "b", "none") == {"b": meaning("b", code=bytes(range(64)))}
    assert kept(store) == {}
    [a, b] = store.codes("use 1", 0)
    assert (a.uid, b.uid, b.date, b.code) == ("a", "b", NOW, bytes(range(64)))
    assert a.number < b.number


def test_codes_are_followed_from_a_mark(store: ArticleStore) -> None:
    keep(store, meaning("a"), meaning("b"), meaning("x", encoder="another"))
    mark = store.codes("use 1", 0)[-1].number
    assert codes(store, mark) == []
    keep(store, meaning("c"), meaning("a", code=b"d"))  # replaced: seen again
    assert codes(store, mark) == ["c", "a"]
    assert codes(store) == ["b", "c", "a"]
    assert codes(store, encoder="another") == ["x"]


def test_a_unit_sees_what_it_has_kept_and_others_do_not(store: ArticleStore) -> None:
    claimed = claim(store, "desk")
    with store.poll(claimed) as unit:
        unit.meanings.keep(meaning("a"))
        assert unit.meanings.get(["a"]) == {"a": meaning("a")}
        assert codes(store) == []
    assert codes(store) == ["a"]


def test_a_unit_that_fails_keeps_nothing(store: ArticleStore) -> None:
    claimed = claim(store, "desk")

    def broken_off() -> None:
        with store.poll(claimed) as unit:
            unit.meanings.keep(meaning("a"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()
    store.release(claimed)
    assert kept(store, "a") == {}
    assert codes(store) == []


def test_what_is_older_than_the_window_is_forgotten(store: ArticleStore) -> None:
    keep(store, *(meaning(f"old{at}", date=NOW - 20 * DAY) for at in range(600)), meaning("new"))
    assert store.expire_meanings(NOW - 14 * DAY) == 600
    assert codes(store) == ["new"]
    mark = store.codes("use 1", 0)[-1].number
    assert store.expire_meanings(NOW + DAY) == 1
    keep(store, meaning("later"))
    assert [code.number > mark for code in store.codes("use 1", 0)] == [True]  # no number twice


def test_an_article_reduced_to_its_identity_means_nothing(store: ArticleStore) -> None:
    put(store, article("a", first_seen=NOW - 90 * DAY), article("b"))
    keep(store, meaning("a"), meaning("b"))
    store.expire(articles_before=NOW - 30 * DAY, bodies_before=None)
    assert codes(store) == ["b"]
    assert kept(store, "a", "b").keys() == {"b"}


def test_meanings_survive_the_process(url: str) -> None:
    if url == "memory://":
        pytest.skip("it lives and dies with the process")
    store = open_store(url)
    keep(store, meaning("a"))
    store.close()
    again = open_store(url)
    assert codes(again) == ["a"]
    again.close()
