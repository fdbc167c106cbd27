"""Stories set right by hand, and near copies that come afterwards; over both stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.app.plan import plan_of
from aggregator.pipeline import Regrouped, Stories
from storage import Article, Kin, open_store
from tests.dedup.texts import copy_of, originals, sentences
from tests.pipeline.test_near import entry, stories
from tests.support.documents import rss
from tests.support.room import Room
from tests.support.web import ok

THREE = """
sources:
  - {id: first, name: 甲报, url: "{web}/a", section: 国际}
  - {id: second, name: 乙报, url: "{web}/b", section: 财经}
  - {id: third, name: 丙报, url: "{web}/c", section: 国际}
sections:
  - {id: world, title: 国际}
  - {id: business, title: 财经}
"""
BRIDGE, SCHOOL, _ = originals("zh")
FIRST, COPY, OTHER = "甲的题目", "乙的题目", "丙的题目"


@pytest.fixture(params=["memory", "sqlite"])
def newsroom(request: pytest.FixtureRequest, room: Room, tmp_path: Path) -> Room:
    if request.param == "sqlite":
        room.store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    return room


def hand(room: Room) -> Stories:
    return Stories(room.store, plan_of(room.load(THREE)), room.clock())


def titled(room: Room, title: str) -> Article:
    (found,) = (one for one in room.articles() if one.title == title)
    return found


def split(room: Room, title: str) -> Regrouped:
    done = hand(room).split(titled(room, title).uid)
    assert done is not None
    assert done.changed
    return done


async def two_near_copies(room: Room) -> None:
    """The second source has what the first had before, shortened and in the other script."""
    copy = copy_of(BRIDGE, "wrapped, traditional, dropped", "zh")
    room.web.answer("/a", ok(rss(entry(BRIDGE, 1, title=FIRST))))
    room.web.answer("/b", ok(rss()), ok(rss(entry(copy, 2, title=COPY))))
    room.web.answer("/c", ok(rss()))
    await room.poll(THREE)
    await room.poll(THREE)
    assert stories(room.store, room) == {frozenset((FIRST, COPY))}


async def test_what_its_source_prints_again_is_no_near_copy_in_that_story(newsroom: Room) -> None:
    await two_near_copies(newsroom)
    split(newsroom, COPY)
    again = copy_of(BRIDGE, "a fifth dropped", "zh")
    newsroom.web.answer("/b", ok(rss(entry(again, 3, title="乙再刊一次"))))
    await newsroom.poll(THREE)
    assert stories(newsroom.store, newsroom) == {frozenset((FIRST,)), frozenset((COPY, "乙再刊一次"))}


async def test_what_is_made_from_an_article_that_was_split_off_is_found(newsroom: Room) -> None:
    """Its source may make no copies of the first one, so that the copy alone is there to be found."""
    await two_near_copies(newsroom)
    split(newsroom, COPY)
    newsroom.web.answer("/b", ok(rss(entry(copy_of(BRIDGE, "wrapped", "zh"), 5, title="乙又一次"))))
    await newsroom.poll(THREE)
    assert titled(newsroom, "乙又一次").copy_of == titled(newsroom, COPY).uid


async def test_a_third_article_that_is_like_both_joins_one_and_not_the_two(newsroom: Room) -> None:
    await two_near_copies(newsroom)
    split(newsroom, COPY)
    newsroom.web.answer("/c", ok(rss(entry(copy_of(BRIDGE, "wrapped", "zh"), 6, title=OTHER))))
    await newsroom.poll(THREE)
    assert titled(newsroom, OTHER).copy_of in (titled(newsroom, FIRST).uid, titled(newsroom, COPY).uid)
    assert titled(newsroom, FIRST).copy_of is titled(newsroom, COPY).copy_of is None


async def test_two_parts_that_were_split_are_not_one_when_the_whole_arrives(newsroom: Room) -> None:
    """Joined by hand, split again, and then proved to be one by a text that holds both."""
    found = sentences(BRIDGE.text)
    one, other = (replace(BRIDGE, text="".join(part)) for part in (found[:3], found[2:]))
    newsroom.web.answer("/a", ok(rss(entry(one, 1, title=FIRST))))
    newsroom.web.answer("/b", ok(rss()), ok(rss(entry(other, 2, title=COPY))))
    newsroom.web.answer("/c", ok(rss()))
    await newsroom.poll(THREE)
    await newsroom.poll(THREE)
    done = hand(newsroom).join(titled(newsroom, COPY).uid, titled(newsroom, FIRST).uid)
    assert done is not None
    split(newsroom, COPY)
    newsroom.web.answer("/c", ok(rss(entry(BRIDGE, 3, title=OTHER))))
    await newsroom.poll(THREE)
    assert titled(newsroom, COPY).copy_of is None
    assert titled(newsroom, FIRST).copy_of is None
    assert titled(newsroom, OTHER).copy_of is not None


async def test_a_story_joined_by_hand_has_one_entry_and_near_copies_of_either_go_there(
    newsroom: Room,
) -> None:
    newsroom.web.answer("/a", ok(rss(entry(BRIDGE, 1, title=FIRST))))
    newsroom.web.answer("/b", ok(rss(entry(SCHOOL, 2, title=COPY))))
    newsroom.web.answer("/c", ok(rss()))
    await newsroom.poll(THREE)
    done = hand(newsroom).join(titled(newsroom, COPY).uid, titled(newsroom, FIRST).uid)
    assert done is not None
    assert set(titled(newsroom, FIRST).sections) == {"world", "business"}
    newsroom.web.answer("/c", ok(rss(entry(copy_of(SCHOOL, "a fifth dropped", "zh"), 3, title=OTHER))))
    await newsroom.poll(THREE)
    assert stories(newsroom.store, newsroom) == {frozenset((FIRST, COPY, OTHER))}


async def test_an_article_that_is_past_its_retention_cannot_be_moved(newsroom: Room) -> None:
    await two_near_copies(newsroom)
    uid, first = titled(newsroom, COPY).uid, titled(newsroom, FIRST).uid
    newsroom.clock.forward(days=400)
    newsroom.store.expire(articles_before=newsroom.clock(), bodies_before=None)
    for done in (hand(newsroom).split(uid), hand(newsroom).join(uid, first)):
        assert done is not None
        assert (done.changed, "past its retention" in (done.fault or "")) == (False, True)
    assert hand(newsroom).split("nobody") is None


async def test_the_page_of_a_story_names_what_is_about_the_same(newsroom: Room) -> None:
    """What is kin to a copy is kin to the story, as it stands by now."""
    await two_near_copies(newsroom)
    newsroom.web.answer("/c", ok(rss(entry(SCHOOL, 3, title=OTHER))))
    await newsroom.poll(THREE)
    first, copy, other = (titled(newsroom, title) for title in (FIRST, COPY, OTHER))
    claim = newsroom.store.claim("third", now=newsroom.clock(), lease=timedelta(minutes=1), owner="test")
    assert claim is not None
    with newsroom.store.poll(claim) as unit:
        unit.relate([Kin(uid=other.uid, other=copy.uid, similarity=0.42)])
    newsroom.store.release(claim)
    async with newsroom.desk(THREE) as desk:
        desk.press.publish(everything=True)
    page = newsroom.published(f"story/{first.uid}.html").decode()
    assert f'href="../a/{other.uid}.html"' in page
    assert "丙报 42 %" in page
