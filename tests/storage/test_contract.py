"""What every store promises of its articles, decisions, sections, settings and upkeep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage import Article, ArticleQuery, ArticleStore, Enclosure, SectionRevision, open_store
from storage.transactions import CROWD
from tests.storage.making import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    article,
    claim,
    decision,
    listed,
    put,
    revisions,
    uids,
)

FULL = Article(
    uid="0123456789abcdefghijklmnop",
    source="desk",
    url="https://desk.example/a?b=c#d",
    canonical_url="//desk.example/a?b=c",
    guid=" tag:desk,2024:甲 ",
    title="标题 “Title” \N{PARTY POPPER}",
    summary="摘要",
    html="<p>正文</p>",
    text="正文\n第二段",
    authors=("张三", "Ann"),
    published=NOW - timedelta(days=1, microseconds=1),
    updated=NOW,
    first_seen=NOW + timedelta(microseconds=7),
    sections=("world", "china"),
    breadcrumb=("首页", "国际"),
    labels=("国际",),
    tags=("a", "b", "a"),
    language="zh-Hans",
    image="https://desk.example/i.png",
    enclosures=(
        Enclosure(url="https://desk.example/a.mp3", type="audio/mpeg", length=5_000_000_000),
        Enclosure(url="x"),
    ),
    site="某站",
    origin="某报",
    content_hash="c",
    text_hash="t",
    revision=3,
    story="story",
    copy_of="another",
)


# -- saving


@pytest.mark.parametrize("kept", [FULL, article("bare"), replace(FULL, expired=True, copy_of=None)])
def test_an_article_comes_back_as_it_was_saved(store: ArticleStore, kept: Article) -> None:
    put(store, kept)
    assert store.article(kept.uid) == kept


def test_an_article_is_replaced_by_uid(store: ArticleStore) -> None:
    put(store, FULL)
    put(store, article(FULL.uid, title="other"))
    assert store.article(FULL.uid) == article(FULL.uid, title="other")


def test_of_two_articles_with_one_uid_the_later_counts(store: ArticleStore) -> None:
    put(store, article("a", title="first"), article("a", title="second"))
    assert [one.title for one in store.articles(ALL)] == ["second"]


def test_an_unknown_article_is_none(store: ArticleStore) -> None:
    assert store.article("nobody") is None


def test_a_unit_sees_what_it_saved(store: ArticleStore) -> None:
    put(store, article("a", guid="g", title="old"))
    with store.poll(claim(store, "desk")) as unit:
        unit.save([article("a", guid="g", title="new"), article("b", guid="g")])
        assert [one.title for one in unit.candidates("desk", guids=["g"])] == ["new", ""]
        assert unit.article("b") == article("b", guid="g")
        unit.save([article("a", guid="other")])
        assert uids(unit.candidates("desk", guids=["g"])) == ["b"]
        assert unit.article("nobody") is None


def test_decisions_are_appended_and_listed_oldest_first(store: ArticleStore) -> None:
    late = decision("a", at=NOW + HOUR, verdict="near", of="b", similarity=0.93, clause="contained 0.93")
    early = decision("a", verdict="new")
    put(store, article("a"), decisions=[late, decision("b")])
    put(store, article("a"), decisions=[early, replace(early, verdict="update")])
    assert store.decisions("a") == [early, replace(early, verdict="update"), late]
    assert store.decisions("nobody") == []


def test_a_decision_needs_no_stored_article(store: ArticleStore) -> None:
    put(store, decisions=[decision("elsewhere")])
    assert store.decisions("elsewhere") == [decision("elsewhere")]


# -- candidates

SHELF = (
    article("a", source="desk", guid="g1", canonical_url="//u1", text_hash="t1", first_seen=NOW + HOUR),
    article("b", source="other", guid="g1", canonical_url="//u2", text_hash="t1"),
    article("c", source="other", guid="g2", canonical_url="//u1", text_hash="t2", expired=True),
    article("d", source="desk"),
)


@pytest.mark.parametrize(
    ("identities", "expected"),
    [
        pytest.param({}, [], id="nothing asked"),
        pytest.param({"guids": ["g1"]}, ["a"], id="a guid within the source only"),
        pytest.param({"guids": ["g2"]}, [], id="a guid of another source"),
        pytest.param({"canonical_urls": ["//u1"]}, ["c", "a"], id="an address anywhere, expired included"),
        pytest.param(
            {"text_hashes": ["t1", "t2"]}, ["b", "c", "a"], id="texts anywhere, by first_seen then uid"
        ),
        pytest.param(
            {"guids": ["g1"], "canonical_urls": ["//u1"], "text_hashes": ["t1"]},
            ["b", "c", "a"],
            id="all, each once",
        ),
        pytest.param(
            {"guids": [""], "canonical_urls": [""], "text_hashes": [""]}, [], id="empty strings match nothing"
        ),
    ],
)
def test_candidates_share_an_identity(
    store: ArticleStore, identities: dict[str, Any], expected: list[str]
) -> None:
    put(store, *SHELF)
    with store.poll(claim(store, "desk")) as unit:
        assert uids(unit.candidates("desk", **identities)) == expected


def test_candidates_may_be_sought_by_thousands_of_identities(store: ArticleStore) -> None:
    put(
        store,
        *(article(f"u{number:04}", guid=f"g{number}", text_hash=f"t{number}") for number in range(1100)),
    )
    with store.poll(claim(store, "desk")) as unit:
        found = unit.candidates(
            "desk",
            guids=[f"g{number}" for number in range(1100)],
            text_hashes=[f"t{number}" for number in range(600)],
        )
    assert uids(found) == [f"u{number:04}" for number in range(1100)]


@pytest.mark.parametrize("shared", [{"text_hash": "t"}, {"canonical_url": "//u"}])
def test_of_a_crowd_the_earliest_and_the_sources_own_are_candidates(
    store: ArticleStore, shared: dict[str, str]
) -> None:
    others = [
        article(f"o{number:03}", source=f"s{number}", first_seen=NOW + number * HOUR, **shared)
        for number in range(CROWD + 5)
    ]
    past = article("past", source="other", expired=True, **shared)
    own = article("own", source="desk", first_seen=NOW + 1000 * HOUR, **shared)
    apart = article("apart", source="desk", guid="g", first_seen=NOW + 1001 * HOUR)
    put(store, past, *others, own, apart)
    names = {f"{name}{'s' if name == 'canonical_url' else 'es'}": [value] for name, value in shared.items()}
    with store.poll(claim(store, "desk")) as unit:
        found = unit.candidates("desk", guids=["g"], **names)
    assert uids(found) == [*uids(others[:CROWD]), "own", "apart"]


# -- section revisions


def test_the_revision_of_a_section_grows_once_a_unit(store: ArticleStore) -> None:
    with store.poll(claim(store, "desk")) as unit:
        unit.save([article("a", sections=("world",)), article("b", sections=("world", "china"))])
        unit.save([article("c", sections=("china",))])
    assert revisions(store) == {"world": 1, "china": 1}


def test_the_revision_grows_of_the_sections_an_article_leaves_and_enters(store: ArticleStore) -> None:
    put(store, article("a", sections=("world", "china")))
    put(store, article("a", sections=("china", "sport")))
    assert revisions(store) == {"world": 2, "china": 2, "sport": 1}


def test_saving_an_unchanged_article_changes_no_section(store: ArticleStore) -> None:
    put(store, FULL)
    put(store, FULL)
    assert revisions(store) == {"world": 1, "china": 1}


def test_sections_start_unpublished(store: ArticleStore) -> None:
    put(store, article("a", sections=("world",)))
    assert store.section_revisions() == {"world": SectionRevision(id="world", revision=1, published=0)}


def test_published_revisions_are_never_lowered(store: ArticleStore) -> None:
    put(store, article("a", sections=("world", "china")))
    store.mark_published({"world": 1, "china": 3, "never had an article": 1})
    store.mark_published({"china": 2})
    store.mark_published({})
    assert {one.id: one.published for one in store.section_revisions().values()} == {"world": 1, "china": 3}


def test_rerouting_moves_stored_articles_and_counts_the_changed(store: ArticleStore) -> None:
    put(store, article("a", sections=("world",)), article("b", sections=("china",)), article("c"))
    placements = {"a": ("sport", "world"), "b": ("china",), "c": (), "nobody": ("world",)}
    assert store.reroute(placements) == 1
    assert store.article("a") == article("a", sections=("sport", "world"))
    assert listed(store, section="sport") == listed(store, section="world") == ["a"]
    assert revisions(store) == {"world": 2, "china": 1, "sport": 1}


def test_rerouting_out_of_every_section_leaves_the_lists(store: ArticleStore) -> None:
    put(store, article("a", sections=("world",)))
    assert store.reroute({"a": ()}) == 1
    assert listed(store, section="world") == []
    assert revisions(store) == {"world": 2}


def test_an_expired_article_is_not_rerouted(store: ArticleStore) -> None:
    put(store, article("a", expired=True))
    assert store.reroute({"a": ("world",)}) == 0


# -- listing

ALL = ArticleQuery(limit=None)

NEWS = (
    article("a", published=NOW - HOUR, sections=("world",), source="desk"),
    article("b", published=NOW, sections=("world", "china"), source="other", story="a", copy_of="a"),
    article("c", first_seen=NOW - 2 * HOUR, sections=("china",), source="desk"),
    article("d", published=NOW, source="desk"),
    article("e", published=NOW + HOUR, sections=("world",), expired=True),
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({}, "bdac", id="newest first, then by uid, no expired ones"),
        pytest.param({"section": "world"}, "ba", id="section"),
        pytest.param({"section": "nowhere"}, "", id="unknown section"),
        pytest.param({"source": "desk"}, "dac", id="source"),
        pytest.param({"story": "a"}, "ba", id="story"),
        pytest.param({"since": NOW - HOUR}, "bda", id="at or after"),
        pytest.param({"section": "china", "since": NOW - HOUR}, "b", id="section and since"),
        pytest.param({"copies": False}, "dac", id="printed only"),
        pytest.param(
            {"section": "world", "source": "other", "copies": True}, "b", id="every field must hold"
        ),
        pytest.param({"limit": 2}, "bd", id="limit"),
        pytest.param({"limit": 2, "offset": 1}, "da", id="limit and offset"),
        pytest.param({"limit": None, "offset": 3}, "c", id="offset without limit"),
        pytest.param({"limit": 0}, "", id="none wanted"),
    ],
)
def test_articles_are_listed_by_query(store: ArticleStore, query: dict[str, Any], expected: str) -> None:
    put(store, *NEWS)
    assert "".join(listed(store, **query)) == expected


def test_an_article_moves_in_the_lists_when_its_date_changes(store: ArticleStore) -> None:
    put(store, *NEWS)
    put(store, replace(NEWS[0], published=NOW + DAY))
    assert listed(store, section="world") == listed(store, section="world", since=NOW) == ["a", "b"]


SEARCHED = (
    article("title", title="Ｆｕｌｌ-width 标题，Straße"),
    article("summary", summary="国际新闻摘要 100% done_"),
    article("text", text="台风“海燕”登陆\nthe Typhoon made landfall"),
)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("full-WIDTH", ["title"]),
        ("标题,strasse", ["title"]),
        ("标题，", ["title"]),
        ("新闻", ["summary"]),
        ("台风 LANDFALL", ["text"]),
        ("台风\u3000登陆", ["text"]),
        ("台风 新闻", []),
        ("landfall the", ["text"]),
        ("0%", ["summary"]),
        ("e_", ["summary"]),
        ("%", ["summary"]),
        ("_ight", []),
        ("fall\nthe", ["text"]),
        ("', '') OR 1=1 --", []),
        ("", ["summary", "text", "title"]),
        (" \t", ["summary", "text", "title"]),
    ],
)
def test_search_finds_every_word_whatever_case_and_width(
    store: ArticleStore, search: str, expected: list[str]
) -> None:
    put(store, *SEARCHED)
    assert listed(store, search=search) == expected


def test_search_follows_an_update(store: ArticleStore) -> None:
    put(store, article("a", title="before", text="old"))
    put(store, article("a", title="after", text="new"))
    assert listed(store, search="before") == listed(store, search="old") == []
    assert listed(store, search="after new") == ["a"]


# -- finding


def test_articles_are_found_at_their_address_printed_ones_first(store: ArticleStore) -> None:
    put(
        store,
        article("copy", url="https://x.example/1", copy_of="printed", first_seen=NOW - DAY),
        article("printed", url="https://x.example/1?utm=1", canonical_url="//x.example/1"),
        article("old", url="https://x.example/1", first_seen=NOW - HOUR, expired=True),
        article("bare"),
    )
    assert uids(store.find("https://x.example/1", "//x.example/1")) == ["old", "printed", "copy"]
    assert uids(store.find("https://x.example/1")) == ["old", "copy"]
    assert uids(store.find("", "//x.example/1")) == ["printed"]
    assert store.find("") == []


def test_copies_are_listed_by_what_they_copy_oldest_first(store: ArticleStore) -> None:
    put(
        store,
        article("a"),
        article("b"),
        article("late", copy_of="a", published=NOW),
        article("early", copy_of="a", published=NOW - DAY, expired=True),
    )
    found = store.copies(["b", "a", "nobody"])
    assert {uid: uids(copies) for uid, copies in found.items()} == {"a": ["early", "late"]}
    assert store.copies([]) == {}


def test_copies_are_counted_by_whose_they_are_and_of_whom(store: ArticleStore) -> None:
    put(
        store,
        article("a"),
        article("b", source="other"),
        article("a1", source="other", copy_of="a"),
        article("a2", source="other", copy_of="a"),
        article("a3", copy_of="a"),
        article("b1", copy_of="b"),
        article("gone", copy_of="b", expired=True),
        article("astray", copy_of="nobody"),
    )
    assert dict(store.copy_counts()) == {("other", "desk"): 2, ("desk", "desk"): 1, ("desk", "other"): 1}


def test_known_urls_are_those_of_the_source_expired_ones_included(store: ArticleStore) -> None:
    put(store, *SHELF)
    assert store.known_urls("other", ["//u1", "//u2", "//u3", ""]) == {"//u1", "//u2"}
    assert store.known_urls("desk", ["//u1", "//u2", ""]) == {"//u1"}
    assert store.known_urls("desk", []) == set()


# -- settings


def test_a_setting_is_none_until_it_is_set_and_then_the_last_value(store: ArticleStore) -> None:
    assert store.setting("key") is None
    store.set_setting("key", "值")
    store.set_setting("key", "")
    assert store.setting("key") == ""


# -- retention


def test_an_outlived_article_is_reduced_to_its_identity(store: ArticleStore) -> None:
    put(store, FULL)
    assert store.expire(articles_before=NOW + MINUTE, bodies_before=None) == 1
    assert store.article(FULL.uid) == Article(
        uid=FULL.uid,
        source="desk",
        url=FULL.url,
        canonical_url=FULL.canonical_url,
        guid=FULL.guid,
        published=FULL.published,
        first_seen=FULL.first_seen,
        content_hash="c",
        text_hash="t",
        revision=3,
        story="story",
        copy_of="another",
        expired=True,
    )
    assert listed(store) == listed(store, section="world") == listed(store, search="正文") == []
    assert revisions(store) == {"world": 2, "china": 2}


def test_an_expired_article_no_longer_counts_for_its_source(store: ArticleStore) -> None:
    put(store, *NEWS)
    store.expire(articles_before=NOW - HOUR, bodies_before=None)
    found = store.source("desk")
    assert found is not None
    assert found.articles == 2


def test_an_older_body_is_emptied_and_the_rest_stays(store: ArticleStore) -> None:
    put(store, FULL)
    assert store.expire(articles_before=None, bodies_before=NOW + MINUTE) == 1
    assert store.article(FULL.uid) == replace(FULL, html="", text="")
    assert listed(store, search="标题 摘要") == [FULL.uid]
    assert listed(store, search="正文") == []
    assert revisions(store) == {"world": 2, "china": 2}


@pytest.mark.parametrize("before", [None, NOW - DAY])
def test_what_is_young_enough_is_kept(store: ArticleStore, before: datetime | None) -> None:
    kept = article("a", published=NOW - 9 * DAY, first_seen=NOW - DAY, text="text", sections=("world",))
    put(store, kept)
    assert store.expire(articles_before=before, bodies_before=before) == 0
    assert store.article("a") == kept
    assert revisions(store) == {"world": 1}


def test_retention_applied_again_changes_nothing(store: ArticleStore) -> None:
    old = article("a", first_seen=NOW - DAY, text="t")
    older = article("b", first_seen=NOW - 3 * DAY, html="h")
    put(store, old, older)
    assert store.expire(articles_before=NOW - 2 * DAY, bodies_before=NOW) == 2
    assert store.expire(articles_before=NOW - 2 * DAY, bodies_before=NOW) == 0


@pytest.mark.parametrize("keep", [["a", "b"], [*(f"other{number}" for number in range(3000)), "a", "b"]])
def test_what_is_printed_is_kept_however_old(store: ArticleStore, keep: list[str]) -> None:
    printed = [article(uid, first_seen=NOW - 99 * DAY, text="t", sections=("world",)) for uid in "ab"]
    put(store, *printed, article("c", first_seen=NOW - 99 * DAY, text="t", sections=("world",)))
    assert store.expire(articles_before=NOW, bodies_before=NOW, keep=keep) == 1
    assert [store.article(uid) for uid in "ab"] == printed
    assert listed(store, section="world") == ["a", "b"]


def test_retention_forgets_what_was_decided_about_reduced_articles_alone(store: ArticleStore) -> None:
    old, emptied = article("a", first_seen=NOW - 3 * DAY), article("b", first_seen=NOW - DAY, text="t")
    put(
        store, old, emptied, decisions=[decision("a"), decision("b", of="a"), decision("a", verdict="update")]
    )
    store.expire(articles_before=NOW - 2 * DAY, bodies_before=NOW)
    assert store.decisions("a") == []
    assert [one.of for one in store.decisions("b")] == ["a"]


@pytest.mark.parametrize("keep", [(), [f"u{number:04}" for number in range(0, 1201, 2)]])
def test_retention_reaches_every_article_of_a_great_many(store: ArticleStore, keep: Sequence[str]) -> None:
    moments = [NOW - (number % 7) * HOUR for number in range(1201)]
    put(
        store,
        *(
            article(f"u{number:04}", first_seen=seen, text="t", sections=("world",))
            for number, seen in enumerate(moments)
        ),
    )
    ageing = sum(seen < NOW - HOUR for number, seen in enumerate(moments) if f"u{number:04}" not in set(keep))
    ageing_bodies = sum(seen < NOW for number, seen in enumerate(moments) if f"u{number:04}" not in set(keep))
    assert store.expire(articles_before=NOW - HOUR, bodies_before=NOW, keep=keep) == ageing_bodies
    assert len(listed(store, limit=None)) == 1201 - ageing
    assert store.check() == []


# -- what changed since, and what stands somewhere


def test_updates_are_told_once_in_their_order_and_in_bounded_portions(store: ArticleStore) -> None:
    put(store, article("a"), article("b"), decisions=[decision("a"), decision("b")])
    found, mark = store.updated(0, 10)
    assert found == []
    updates = [decision(uid, verdict="update") for uid in ("b", "a", "b")]
    put(store, decisions=[*updates, decision("d"), decision("c", verdict="near")])
    found, halfway = store.updated(mark, 2)
    assert found == ["b", "a"]
    found, end = store.updated(halfway, 2)
    assert found == ["b", "c"]
    assert store.updated(end, 2) == ([], end)


def test_a_mark_beyond_the_last_update_comes_back_to_it(store: ArticleStore) -> None:
    put(store, article("a"), decisions=[decision("a", verdict="update")])
    found, mark = store.updated(1000, 10)
    assert found == []
    put(store, decisions=[decision("a", verdict="update")])
    assert store.updated(mark, 10)[0] == ["a"]


def test_what_is_new_is_told_in_the_same_way(store: ArticleStore) -> None:
    assert store.added(0, 0) == ([], 0)
    put(store, article("a"), article("b"), decisions=[decision("a"), decision("b", verdict="exact")])
    found, mark = store.added(0, 10)
    assert found == ["a"]
    assert store.added(0, 0) == ([], mark)
    put(store, decisions=[decision(uid) for uid in ("c", "d", "e")])
    found, halfway = store.added(mark, 2)
    assert found == ["c", "d"]
    found, end = store.added(halfway, 2)
    assert found == ["e"]
    assert store.added(end, 2) == ([], end)


def test_placed_are_those_that_stand_in_a_section_and_are_not_expired(store: ArticleStore) -> None:
    put(store, article("a", sections=("world", "local")), article("b"), article("c", sections=("world",)))
    put(store, article("old", sections=("world",), first_seen=NOW - DAY))
    store.expire(articles_before=NOW, bodies_before=None)
    store.reroute({"c": ()})
    assert store.placed(["a", "b", "c", "old", "unknown", *map(str, range(1000))]) == {"a"}
    assert store.placed([]) == set()


# -- upkeep


def test_a_sound_store_has_no_faults(store: ArticleStore) -> None:
    put(store, *NEWS, FULL)
    put(store, replace(NEWS[0], source="other"))
    store.expire(articles_before=NOW, bodies_before=NOW)
    assert store.check() == []


def test_closing_twice_is_harmless(store: ArticleStore) -> None:
    store.close()
    store.close()


def test_everything_outlives_the_store_object(store: ArticleStore, url: str) -> None:
    if url == "memory://":
        pytest.skip("a memory store lives and dies with its object")
    put(store, FULL, decisions=[decision(FULL.uid)])
    store.set_setting("key", "value")
    before = (store.sources(), store.section_revisions())
    store.close()
    again = open_store(url)
    try:
        assert again.article(FULL.uid) == FULL
        assert again.decisions(FULL.uid) == [decision(FULL.uid)]
        assert again.setting("key") == "value"
        assert (again.sources(), again.section_revisions()) == before
    finally:
        again.close()
