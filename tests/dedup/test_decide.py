from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedup import Resolution, decide
from aggregator.dedup.lonely import lonely
from aggregator.text.fold import hash_text
from storage.model import Article, Decision

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
EXACT = ("id", "canonical_url", "content")
BRIDGE = "上游的老桥昨夜在雨后关闭，工程师说桥墩下的河床被冲深了两米，修复要到夏天才能完成，渡船今天起恢复。"
RIVER = (
    "The river rose by two metres overnight and the old bridge was closed until the summer, engineers said."
)


def minted(source: str, identity: str) -> str:
    return blake2b(f"{source} {identity}".encode(), digest_size=6).hexdigest()


def article(source: str = "a", guid: str = "", address: str = "", text: str = "", **more: Any) -> Article:
    title = more.pop("title", "题")
    uid = more.pop("uid", None) or minted(source, guid or address or title + text)
    return Article(
        **{
            "uid": uid,
            "source": source,
            "guid": guid,
            "url": f"https://{address}" if address else "",
            "canonical_url": address,
            "title": title,
            "html": f"<p>{text}</p>",
            "text": text,
            "first_seen": NOW,
            "content_hash": blake2b(f"{title}\0{text}\0{address}".encode()).hexdigest()[:16],
            "text_hash": hash_text(text),
            "story": uid,
            **more,
        }
    )


def decided(incoming: Sequence[Article], stored: Sequence[Article] = (), **more: Any) -> list[Resolution]:
    settings: dict[str, Any] = {
        "exact": EXACT,
        "mode_of": lambda source: "near",
        "updates": "bump",
        "mint": minted,
        "now": NOW,
    }
    return decide(incoming, stored, **{**settings, **more})


def kinds(resolutions: Sequence[Resolution]) -> list[str]:
    return [resolution.kind for resolution in resolutions]


OLD = article(
    guid="g1",
    address="a.example/n/1",
    text=BRIDGE,
    first_seen=NOW - 2 * DAY,
    published=NOW - 2 * DAY,
    sections=("world",),
)
SEEN = replace(OLD, first_seen=NOW, sections=())
EDITED = article(guid="g1", address="a.example/n/1", text=BRIDGE + "另有消息。", published=NOW - DAY)


# -- what is new


def test_an_article_like_no_other_is_new() -> None:
    [resolution] = decided([SEEN])
    assert resolution == Resolution(
        kind="new",
        article=SEEN,
        decision=Decision(at=NOW, uid=OLD.uid, source="a", verdict="new", clause="nothing like it is known"),
    )


def test_an_unchanged_article_is_not_saved_and_nothing_is_recorded() -> None:
    assert decided([SEEN], [OLD]) == [Resolution(kind="unchanged")]


def test_dates_alone_change_nothing() -> None:
    assert kinds(decided([replace(SEEN, published=NOW, updated=NOW)], [OLD])) == ["unchanged"]


def test_a_date_that_was_missing_is_taken_over_silently() -> None:
    undated = replace(OLD, published=None)
    [resolution] = decided([SEEN], [undated])
    assert (resolution.kind, resolution.article, resolution.decision) == ("silent", OLD, None)


# -- updates


def test_a_bump_is_another_revision_of_the_same_article() -> None:
    [resolution] = decided([EDITED], [OLD])
    assert resolution.kind == "update"
    assert resolution.article == replace(
        EDITED,
        uid=OLD.uid,
        first_seen=OLD.first_seen,
        published=OLD.published,
        updated=NOW,
        sections=("world",),
        revision=2,
    )
    assert resolution.decision is not None
    assert resolution.decision.verdict == "update"
    assert resolution.decision.of == OLD.uid
    assert resolution.decision.clause == "same guid, changed"


@pytest.mark.parametrize(
    ("before", "given_date", "updated"),
    [
        (None, NOW - HOUR, NOW - HOUR),
        (None, NOW - 3 * DAY, NOW),
        (NOW - HOUR, NOW - 2 * HOUR, NOW),
        (NOW - 2 * HOUR, NOW - HOUR, NOW - HOUR),
        (NOW - HOUR, None, NOW),
    ],
)
def test_a_bump_is_dated_by_the_source_where_that_is_later_than_before(
    before: datetime | None, given_date: datetime | None, updated: datetime
) -> None:
    [resolution] = decided([replace(EDITED, updated=given_date)], [replace(OLD, updated=before)])
    assert resolution.article is not None
    assert resolution.article.updated == updated


def test_a_silent_update_replaces_the_content_alone() -> None:
    [resolution] = decided([replace(EDITED, updated=NOW)], [OLD], updates="silent")
    assert resolution.kind == "silent"
    assert resolution.article is not None
    assert (resolution.article.text, resolution.article.revision, resolution.article.updated) == (
        EDITED.text,
        1,
        None,
    )


def test_punctuation_and_markup_are_replaced_silently() -> None:
    reset = article(guid="g1", address="a.example/n/1", text=BRIDGE.replace("，", ", "))
    assert reset.content_hash != OLD.content_hash
    assert kinds(decided([reset], [OLD])) == ["silent"]


def test_updates_may_be_ignored() -> None:
    assert decided([EDITED], [OLD], updates="ignore") == [Resolution(kind="unchanged")]


def test_a_copy_that_is_updated_stays_a_copy() -> None:
    copy = replace(OLD, copy_of="printed", story="printed")
    [resolution] = decided([EDITED], [copy])
    assert resolution.article is not None
    assert (resolution.article.copy_of, resolution.article.story) == ("printed", "printed")
    assert resolution.decision is not None
    assert resolution.decision.of == "printed"


def test_of_two_versions_in_one_batch_the_newest_counts_whatever_the_order() -> None:
    newer = replace(EDITED, updated=NOW)
    assert kinds(decided([SEEN, newer], [OLD])) == ["unchanged", "update"]
    assert kinds(decided([newer, SEEN], [OLD])) == ["update", "unchanged"]
    first, second = decided([SEEN, newer])
    assert (first.kind, second.kind) == ("unchanged", "new")
    assert second.article is not None
    assert (second.article.text, second.article.revision) == (EDITED.text, 1)


def test_an_expired_identity_never_comes_back_as_new() -> None:
    bare = replace(OLD, title="", html="", text="", expired=True)
    assert decided([EDITED], [bare]) == [Resolution(kind="seen")]
    assert kinds(decided([article(guid="g9", address="a.example/n/1")], [bare])) == ["seen"]


def test_what_expired_in_one_source_is_new_in_another() -> None:
    bare = replace(OLD, title="", html="", text="", expired=True)
    assert kinds(decided([article("b", "g1", "a.example/n/1", BRIDGE)], [bare])) == ["new"]


# -- copies


@pytest.mark.parametrize(
    ("copy", "clause"),
    [
        (article("b", "x", "a.example/n/1", RIVER), "same address"),
        (article("b", "x", "b.example/7", BRIDGE), "same text"),
        (article("a", "x", "a.example/n/7", BRIDGE), "same text"),
    ],
)
def test_a_copy_points_to_the_printed_article_and_shares_its_story(copy: Article, clause: str) -> None:
    [resolution] = decided([copy], [OLD])
    assert resolution.kind == "copy"
    assert resolution.article == replace(copy, copy_of=OLD.uid, story=OLD.uid)
    assert resolution.decision == Decision(
        at=NOW, uid=copy.uid, source=copy.source, verdict="exact", of=OLD.uid, similarity=1.0, clause=clause
    )


def test_a_copy_of_a_copy_points_to_the_printed_article() -> None:
    middle = article("b", "x", "b.example/7", RIVER, copy_of="printed", story="tale")
    [resolution] = decided([article("c", "y", "b.example/7")], [middle])
    assert resolution.article is not None
    assert (resolution.article.copy_of, resolution.article.story) == ("printed", "tale")


def test_the_earliest_stored_copy_is_the_one() -> None:
    later = article("b", "x", "b.example/7", BRIDGE, first_seen=NOW - DAY)
    for stored in ([OLD, later], [later, OLD]):
        [resolution] = decided([article("c", "y", "c.example/7", BRIDGE)], stored)
        assert resolution.article is not None
        assert resolution.article.copy_of == OLD.uid


def test_of_copies_in_one_batch_the_earliest_is_printed() -> None:
    one = article("a", "g1", "a.example/n/1", BRIDGE, published=NOW - HOUR)
    other = article("a", "g2", "a.example/n/2", BRIDGE, published=NOW - 2 * HOUR)
    copy, printed = decided([one, other])
    assert (copy.kind, printed.kind) == ("copy", "new")
    assert copy.article is not None
    assert (copy.article.copy_of, copy.article.story) == (other.uid, other.uid)


def test_a_copy_of_an_article_that_is_updated_in_the_same_batch_points_to_it() -> None:
    update, copy = decided([EDITED, article("a", "g5", "a.example/n/5", EDITED.text)], [OLD])
    assert (update.kind, copy.kind) == ("update", "copy")
    assert copy.article is not None
    assert copy.article.copy_of == OLD.uid


@pytest.mark.parametrize("off", ["a", "b"])
def test_a_source_that_is_off_takes_no_part_in_the_search_for_copies(off: str) -> None:
    copy = article("b", "x", "a.example/n/1", BRIDGE)

    def mode_of(source: str) -> str:
        return "off" if source == off else "near"

    assert kinds(decided([copy], [OLD], mode_of=mode_of)) == ["new"]
    assert kinds(decided([SEEN, EDITED], [OLD], mode_of=mode_of)) == ["unchanged", "update"]


def test_the_same_text_comes_round_again_after_the_window() -> None:
    again = article("b", "x", "b.example/7", BRIDGE, published=NOW + 20 * DAY)
    assert kinds(decided([again], [OLD])) == ["new"]
    assert kinds(decided([again], [OLD], window=30 * DAY)) == ["copy"]


@pytest.mark.parametrize(
    ("exact", "expected"),
    [
        (("id", "canonical_url", "content"), ["update", "update", "copy", "copy"]),
        (("canonical_url", "content"), ["new", "update", "copy", "copy"]),
        (("id", "content"), ["update", "new", "new", "copy"]),
        (("id", "canonical_url"), ["update", "update", "copy", "new"]),
    ],
)
def test_only_the_configured_identities_count(exact: tuple[str, ...], expected: list[str]) -> None:
    incoming = [
        article(guid="g1", address="a.example/n/other", text="改了的短文"),
        article(guid="g9", address="a.example/n/1", text="改了的另一篇"),
        article("b", "x", "a.example/n/1", "又一篇"),
        article("c", "y", "c.example/1", BRIDGE),
    ]
    assert [kinds(decided([one], [OLD], exact=exact))[0] for one in incoming] == expected


def test_without_any_identity_to_go_by_an_entry_is_still_itself() -> None:
    assert kinds(decided([SEEN], [OLD], exact=())) == ["unchanged"]
    bare = article(text="短讯", published=NOW)
    assert kinds(decided([bare], [bare])) == ["unchanged"]


# -- identities that cannot be believed


def test_all_guids_of_a_source_may_change_at_once() -> None:
    stored = [article(guid=f"old-{n}", address=f"a.example/{n}", text=f"{RIVER} {n}") for n in range(3)]
    moved = [
        replace(old, guid=f"new-{n}", uid=minted("a", f"new-{n}"), title="另题" if n == 2 else old.title)
        for n, old in enumerate(stored)
    ]
    moved[2] = replace(moved[2], content_hash="other")
    first = decided(moved, stored)
    assert kinds(first) == ["silent", "silent", "update"]
    assert [r.article.guid for r in first if r.article] == ["new-0", "new-1", "new-2"]
    assert [r.article.uid for r in first if r.article] == [old.uid for old in stored]
    after = [r.article for r in first if r.article]
    assert kinds(decided(moved, after)) == ["unchanged"] * 3


def test_an_article_listed_twice_under_two_guids_does_not_flap() -> None:
    twins = [SEEN, replace(SEEN, guid="g2", uid=minted("a", "g2"))]
    first = decided(twins)
    assert sorted(kinds(first)) == ["new", "unchanged"]
    stored = [r.article for r in first if r.article]
    assert kinds(decided(twins, stored)) == ["unchanged", "unchanged"]


def test_a_guid_for_everything_is_not_believed() -> None:
    batch = [article(guid="same", address=f"a.example/{n}", text=f"{RIVER} {n}") for n in range(3)]
    resolutions = decided(batch)
    assert kinds(resolutions) == ["new"] * 3
    stored = [r.article for r in resolutions if r.article]
    assert len({old.uid for old in stored}) == 3
    assert kinds(decided(batch, stored)) == ["unchanged"] * 3
    another = article(guid="same", address="a.example/9", text=f"{RIVER} 9")
    [resolution] = decided([another], stored)
    assert resolution.kind == "new"
    assert resolution.article is not None
    assert resolution.article.uid not in {old.uid for old in stored}


@pytest.mark.parametrize(
    "guid", ["https://a.example", "http://www.a.example/", "https://a.example/index.html"]
)
def test_a_guid_that_is_the_front_page_is_not_believed(guid: str) -> None:
    known = article(guid=guid, address="a.example/1", text=f"{RIVER} 1")
    [resolution] = decided([article(guid=guid, address="a.example/2", text=f"{RIVER} 2")], [known])
    assert resolution.kind == "new"
    assert resolution.article is not None
    assert resolution.article.uid != known.uid


def test_an_address_for_everything_is_not_believed() -> None:
    batch = [
        article(guid=f"g{n}", address="a.example/live", text=f"{RIVER} {n}", title=f"第{n}条")
        for n in range(3)
    ]
    resolutions = decided(batch)
    assert kinds(resolutions) == ["new"] * 3
    stored = [r.article for r in resolutions if r.article]
    assert kinds(decided(batch, stored)) == ["unchanged"] * 3
    fresh = article(guid="g9", address="a.example/live", text=f"{RIVER} 9", title="第9条")
    assert kinds(decided([fresh], stored)) == ["new"]


def test_a_front_page_as_address_identifies_nothing() -> None:
    batch = [article(address="a.example", text=f"{RIVER} {n}", title=f"第{n}条") for n in range(3)]
    resolutions = decided(batch)
    assert kinds(resolutions) == ["new"] * 3
    stored = [r.article for r in resolutions if r.article]
    assert len({old.uid for old in stored}) == 3
    assert kinds(decided(batch, stored)) == ["unchanged"] * 3


def test_a_uid_that_another_article_has_is_minted_again() -> None:
    taken = article("a", "other", "a.example/other", RIVER, uid=SEEN.uid)
    [resolution] = decided([SEEN], [taken])
    assert resolution.kind == "new"
    assert resolution.article is not None
    assert resolution.article.uid != taken.uid
    assert resolution.article.story == resolution.article.uid
    assert kinds(decided([SEEN], [taken, resolution.article])) == ["unchanged"]


def test_a_guid_that_comes_later_is_taken_on_though_another_entry_has_none() -> None:
    stored = article(address="a.example/1", title="题")
    bare = article(title="另题")
    resolutions = decided([article("a", "g1", "a.example/1", title="题"), bare, bare], [stored])
    assert [r.article.guid for r in resolutions if r.article] == ["g1", ""]


def test_of_two_equal_versions_the_dated_one_counts_whatever_their_order() -> None:
    undated = replace(SEEN, published=None)
    dated = replace(undated, published=NOW)
    for batch in ([undated, dated], [dated, undated]):
        [found] = [
            r.article
            for r in decided(batch, [replace(OLD, published=None, first_seen=NOW - DAY)])
            if r.article
        ]
        assert found.published == NOW


# -- laws

ARTICLES = st.builds(
    article,
    source=st.sampled_from("ab"),
    guid=st.sampled_from(["", "g1", "g2", "https://a.example/"]),
    address=st.sampled_from(["", "a.example/1", "a.example/2", "a.example"]),
    text=st.sampled_from(["", "短", BRIDGE, BRIDGE + "。", RIVER]),
    title=st.sampled_from(["题", "另题"]),
    published=st.one_of(st.none(), st.integers(-40, 0).map(lambda days: NOW + days * DAY)),
)
BATCHES = st.lists(ARTICLES, max_size=6)


def saved(resolutions: Sequence[Resolution], stored: Sequence[Article] = ()) -> list[Article]:
    kept = {old.uid: old for old in stored}
    kept.update({r.article.uid: r.article for r in resolutions if r.article})
    return list(kept.values())


@given(BATCHES)
def test_each_article_gets_one_resolution_and_no_uid_is_given_twice(batch: list[Article]) -> None:
    resolutions = decided(batch)
    assert len(resolutions) == len(batch)
    added = [r.article for r in resolutions if r.article]
    assert len({one.uid for one in added}) == len(added)
    printed = {one.uid for one in added if one.copy_of is None}
    assert all(one.copy_of in printed and one.story == one.copy_of for one in added if one.copy_of)
    assert all(one.story == one.uid for one in added if not one.copy_of)
    assert all((r.article is None) == (r.kind == "unchanged") for r in resolutions)


@given(BATCHES)
def test_the_same_batch_again_changes_nothing(batch: list[Article]) -> None:
    stored = saved(decided(batch))
    assert set(kinds(decided(batch, stored))) <= {"unchanged"}


@given(BATCHES, BATCHES)
def test_a_second_batch_never_moves_what_is_stored(first: list[Article], second: list[Article]) -> None:
    stored = saved(decided(first))
    before = {old.uid: old for old in stored}
    resolutions = decided(second, stored)
    for resolution in resolutions:
        if resolution.article is None:
            continue
        old = before.get(resolution.article.uid)
        if resolution.kind in ("new", "copy"):
            assert old is None
        else:
            assert old is not None
            assert (resolution.article.story, resolution.article.copy_of) == (old.story, old.copy_of)
            assert resolution.article.first_seen == old.first_seen
            assert old.published in (None, resolution.article.published)


@given(BATCHES, BATCHES, st.randoms(use_true_random=False))
def test_the_order_of_a_batch_does_not_change_what_is_saved(
    first: list[Article], batch: list[Article], random: object
) -> None:
    stored = saved(decided(first))
    shuffled = list(batch)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    def stories(resolutions: Sequence[Resolution]) -> set[tuple[str, str, str | None, str]]:
        return {(a.uid, a.story, a.copy_of, a.content_hash) for r in resolutions if (a := r.article)}

    assert stories(decided(batch, stored)) == stories(decided(shuffled, stored))


@given(BATCHES, BATCHES)
def test_what_shares_no_name_is_resolved_as_if_it_were_compared(
    first: list[Article], batch: list[Article]
) -> None:
    stored = saved(decided(first))
    at_a_glance = decided(batch, stored)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("aggregator.dedup.decide"), "lonely", lambda *_, **__: set())
        assert decided(batch, stored) == at_a_glance


def test_articles_are_lonely_that_share_no_name_with_the_batch_or_the_store() -> None:
    stored = article("a", "g1", "a.example/1", BRIDGE)
    batch = [
        article("a", "g2", "a.example/2", RIVER),
        article("b", "g3", "b.example/3", BRIDGE),  # its text is known
        article("b", "g1", "b.example/1", "短"),  # a guid is one within its source
        article("b", title="题"),
        article("b", title="题", uid="other"),  # nothing but the same title and text
        article("b", "g4", "b.example/4"),
    ]
    assert lonely(batch, [stored]) == {0, 2, 5}
    assert lonely(batch, [stored], known={0: "was"}) == {2, 5}
