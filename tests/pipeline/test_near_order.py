"""Near copies over every store: the same stories whatever comes first, in one poll or in many, from one source or more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from aggregator.config.load import parse_config
from aggregator.normalise import mint_uid
from aggregator.pipeline.meaning import Understanding
from aggregator.pipeline.nearlibrary import NearMemory, habits_of
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.takein import Batch, take_in
from aggregator.text.fold import hash_text
from storage import Article, ArticleQuery, ArticleStore, Claim, Unit, open_store
from tests.dedup.test_joining import crowd, expected
from tests.dedup.texts import NOW, Story

SOURCES = "abc"
CONFIG = "sections: [{id: all, title: All, include: ['*']}]\nsources:\n" + "".join(
    f"  - {{id: {id}, url: 'https://{id}.example/', first_fetch: {{max_items: 1000, max_age: 9999d}}}}\n"
    for id in SOURCES
)
PLAN = Plan.of(parse_config(CONFIG, path=Path("feeds.yaml")).config, "test", Path())


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ArticleStore]:
    opened = open_store("memory://" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}")
    opened.sync_sources(PLAN.seeds(), NOW)
    yield opened
    opened.close()


@contextmanager
def poll(store: ArticleStore, source: str, now: datetime) -> Iterator[tuple[Unit, Batch]]:
    claim = store.claim(source, now=now, lease=timedelta(minutes=1), owner="test")
    assert claim is not None
    try:
        yield from _poll(store, claim)
    finally:
        store.release(claim)


def _poll(store: ArticleStore, claim: Claim) -> Iterator[tuple[Unit, Batch]]:
    with store.poll(claim) as unit:
        batch = Batch(
            source=PLAN.sources[claim.source.id],
            record=claim.source,
            articles=(),
            length=0,
            complete=False,
            recent=lambda _: (),
        )
        yield unit, batch


def article(story: Story, source: str, now: datetime) -> Article:
    return Article(
        uid=mint_uid(source, story.uid),
        source=source,
        guid=story.uid,
        title=story.title,
        text=story.text,
        text_hash=hash_text(story.text),
        content_hash=story.uid,
        published=NOW,
        first_seen=now,
    )


def take(
    store: ArticleStore, memory: NearMemory, stories: Sequence[Story], source: str, now: datetime
) -> None:
    with poll(store, source, now) as (unit, batch):
        articles = [article(story, source, now) for story in stories]
        take_in(
            unit,
            PLAN,
            replace(batch, articles=articles, length=len(articles)),
            memory,
            Understanding(store),
            now,
        )


def stories_in(store: ArticleStore) -> set[frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one in store.articles(ArticleQuery(limit=None)):
        found[one.copy_of or one.uid].add(one.guid)
    return {frozenset(guids) for guids in found.values()}


@pytest.mark.parametrize("batch", [1, 5, 36])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_whatever_the_order_of_arrival_the_same_articles_are_one_story(
    store: ArticleStore, lang: str, batch: int
) -> None:
    dice, stories, memory = Random(f"{lang}{batch}"), crowd(lang), NearMemory()
    shuffled = dice.sample(stories, len(stories))
    for at in range(0, len(shuffled), batch):
        take(store, memory, shuffled[at : at + batch], dice.choice(SOURCES), NOW + timedelta(minutes=at))
    assert stories_in(store) == expected(lang)
    check_that_copies_lead_to_what_is_printed(store)


def check_that_copies_lead_to_what_is_printed(store: ArticleStore) -> None:
    found = {one.uid: one for one in store.articles(ArticleQuery(limit=None))}
    for one in found.values():
        if one.copy_of is not None:
            printed = found[one.copy_of]
            assert printed.copy_of is None
            assert one.story == printed.story
            assert one.sections == printed.sections == ("all",)
            last = store.decisions(one.uid)[-1]
            assert last.verdict in ("exact", "near")


def test_what_was_learnt_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    first = open_store(f"sqlite:///{path}")
    first.sync_sources(PLAN.seeds(), NOW)
    originals = [story for story in crowd("zh") if " " not in story.uid]
    footer = "本站刊登的文章版权归作者所有，未经书面许可不得转载。"
    for at, story in enumerate(originals):
        told = Story(uid=story.uid, title=story.title, text=f"{story.text}\n{footer}")
        take(first, NearMemory(), [told], "a", NOW + timedelta(minutes=at))
    first.close()
    again = open_store(f"sqlite:///{path}")
    with poll(again, "a", NOW + timedelta(hours=1)) as (unit, _):
        assert habits_of(unit, "a").story_of([footer]) == []
    again.close()


def test_a_poll_that_fails_leaves_nothing_to_be_found(store: ArticleStore) -> None:
    memory = NearMemory()
    first, copy = (one for one in crowd("zh") if one.uid in ("zh0", "zh0 wrapped"))
    with pytest.raises(ZeroDivisionError):
        take_and_fail(store, memory, first)
    take(store, memory, [copy], "b", NOW)
    assert stories_in(store) == {frozenset(["zh0 wrapped"])}
    take(store, memory, [first], "a", NOW)
    assert stories_in(store) == {frozenset(["zh0 wrapped", "zh0"])}


def take_and_fail(store: ArticleStore, memory: NearMemory, story: Story) -> None:
    with poll(store, "a", NOW) as (unit, batch):
        take_in(
            unit, PLAN, replace(batch, articles=[article(story, "a", NOW)]), memory, Understanding(store), NOW
        )
        raise ZeroDivisionError
