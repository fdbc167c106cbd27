"""Inside the transaction of a poll: what its articles are, where they belong, and their way into the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.config.model import Source
from aggregator.dedup import Resolution, Updates, decide, is_rewritten, moved, unknown_names
from aggregator.normalise import mint_uid
from aggregator.pipeline.filling import with_body
from aggregator.pipeline.firstfetch import has_begun, within_first_fetch
from aggregator.pipeline.meaning import Understanding
from aggregator.pipeline.nearcopies import manner_of, near_copies
from aggregator.pipeline.nearlibrary import NearMemory
from aggregator.pipeline.place import place
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.versions import without_returns
from aggregator.pipeline.visit import MANNER
from storage.model import Article, SourceRecord
from storage.transactions import Unit

#: So many articles of a source, the newest, are compared with a document in which every name is new.
RECENT = 200

#: The newest articles of the source, at most so many.
Recent = Callable[[int], Sequence[Article]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The articles of one poll, and the document they came from."""

    source: Source
    record: SourceRecord  #: from before the poll
    articles: Sequence[Article]
    length: int  #: items in the whole document, those known before included; 0 where that is not known
    complete: bool  #: all that the document holds is among the articles, save what was refused
    recent: Recent
    late: Sequence[tuple[str, Article]] = ()  #: pages behind stored articles, by their uids


def take_in(
    unit: Unit, plan: Plan, batch: Batch, memory: NearMemory, understanding: Understanding, now: datetime
) -> list[Resolution]:
    """Decide about the articles, place and save them."""
    stored = candidates(unit, batch.source.id, batch.articles)
    stored += _behind_new_names(batch, stored)
    resolutions = _decided(unit, plan, batch, stored, now)
    # What another rule of the configuration brings in is what its author asks for, however old.
    if not has_begun(batch.record) or batch.record.memory.get(MANNER) == plan.manner(batch.source):
        resolutions = within_first_fetch(resolutions, batch.source.first_fetch, batch.record, now)
    before = {old.uid: old for old in stored}
    resolutions = without_returns(unit, batch.source.id, resolutions, before, now)
    resolutions = _filled(resolutions, batch.late, before, unit)
    resolutions = near_copies(unit, plan, memory, understanding, batch.source.id, resolutions, before, now)
    articles = place(plan.router, resolutions, before, unit)
    unit.save(articles, [r.decision for r in resolutions if r.decision is not None])
    placed = {article.uid: article for article in articles}
    return [
        Resolution(kind=r.kind, article=placed[r.article.uid], decision=r.decision) if r.article else r
        for r in resolutions
    ]


def _filled(
    resolutions: list[Resolution], late: Sequence[tuple[str, Article]], before: dict[str, Article], unit: Unit
) -> list[Resolution]:
    """With the bodies that came later put in place silently: it is not the source that changed its mind."""
    changing = {r.article.uid: at for at, r in enumerate(resolutions) if r.article is not None}
    filled = list(resolutions)
    for uid, page in late:
        at, old = changing.get(uid), before.get(uid) or unit.article(uid)
        base = filled[at].article if at is not None else old
        if base is None or old is None or base.expired:
            continue
        article = with_body(base, page)
        if article == base:
            continue
        before[uid] = old
        if at is not None:
            filled[at] = replace(filled[at], article=article)
        else:
            filled.append(Resolution(kind="silent", article=article))
    return filled


def candidates(unit: Unit, source_id: str, taken: Sequence[Article]) -> list[Article]:
    """What is stored that could be one of these articles, or a copy of one."""
    stored = unit.candidates(
        source_id,
        guids={article.guid for article in taken if article.guid},
        canonical_urls={article.canonical_url for article in taken if article.canonical_url},
        text_hashes={article.text_hash for article in taken if article.text_hash},
    )
    # An article with neither guid nor address is known by its uid alone.
    bare = {article.uid for article in taken if not (article.guid or article.canonical_url)}
    bare -= {article.uid for article in stored}
    return stored + [known for uid in sorted(bare) if (known := unit.article(uid)) is not None]


def _decided(
    unit: Unit, plan: Plan, batch: Batch, stored: Sequence[Article], now: datetime
) -> list[Resolution]:
    """Decided anew for as long as a copy went to a story that its source is kept apart from by hand."""
    apart: set[str] = set()
    while True:
        resolutions = _decided_beside(plan, batch, stored, now, apart)
        stories = {r.article.story for r in resolutions if r.kind == "copy" and r.article} - apart
        barred = (
            {one.story for one in unit.apart(stories) if one.source == batch.source.id} if stories else set()
        )
        if not barred:
            return resolutions
        apart |= barred


def _decided_beside(
    plan: Plan, batch: Batch, stored: Sequence[Article], now: datetime, apart: Collection[str]
) -> list[Resolution]:
    source, dedup = batch.source, plan.config.dedup
    own = [known for known in stored if known.source == source.id]
    manner = manner_of(plan)

    def by(updates: Updates) -> list[Resolution]:
        return decide(
            batch.articles,
            stored,
            exact=dedup.exact,
            mode_of=lambda source_id: plan.sources[source_id].dedup if source_id in plan.sources else "exact",
            updates=updates,
            mint=mint_uid,
            now=now,
            window=dedup.window,
            places=manner.places,
            fold=dedup.fold_variants,
            formerly=moved(batch.articles, own, dedup.window) if _whole(batch) else {},
            apart=apart,
        )

    resolutions = by(source.updates)
    if source.updates == "bump" and is_rewritten(resolutions, batch.length):
        return by("silent")
    return resolutions


def _behind_new_names(batch: Batch, stored: Sequence[Article]) -> list[Article]:
    """Where the names in a document are new for the most part, what of the source may be behind them."""
    if not _whole(batch):
        return []
    own = [known for known in stored if known.source == batch.source.id]
    if 2 * len(unknown_names(batch.articles, own)) < len(batch.articles):
        return []
    found = {article.uid for article in stored}
    limit = max(RECENT, 2 * len(batch.articles))
    return [article for article in batch.recent(limit) if article.uid not in found]


def _whole(batch: Batch) -> bool:
    """Whether all that the document holds is here, and the source has a past to compare it with."""
    return batch.complete and bool(batch.articles) and has_begun(batch.record)
