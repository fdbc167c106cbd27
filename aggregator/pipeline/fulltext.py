"""The pages behind the entries of a feed that only summarises (``full_text``).

An entry is taken as it is, at once; its page is asked for in the same poll where the share of the poll allows, and owed
where it does not come. What comes later is put in place silently. What the feed says of an entry (title, guid, dates,
authors) stays; the body, its pictures and the breadcrumb are the page's, unless the page says less than the entry did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from aggregator.clock import Clock
from aggregator.config.model import Source
from aggregator.item import Item
from aggregator.jobs import entries_of
from aggregator.pipeline.admission import Admitted, cut_short
from aggregator.pipeline.articlepages import Owed, PageReader
from aggregator.pipeline.filling import with_body
from aggregator.pipeline.firstfetch import has_begun, oldest_taken
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.readers import ReadingStopped
from aggregator.pipeline.repeats import cleared
from aggregator.pipeline.staff import Staff
from aggregator.pipeline.storable import storable_article
from aggregator.pipeline.thin import thin_entries
from aggregator.pipeline.visit import Visit
from storage.model import Article, Claim, SourceRecord

#: Under this key a record remembers the pages that are owed, and what the entries with pages said.
BEHIND = "behind"
#: So many entries are remembered, the latest; of pages, so many are owed at most.
MAX_SAID, MAX_OWED = 1000, 500
#: Documents that are made of pages already.
_PAGES = ("page", "sitemap")

#: Stored articles of the claimed source that could be these.
KnownAs = Callable[[Claim, Sequence[Article]], list[Article]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What one poll asks for."""

    articles: list[Article] = field(default_factory=list)  #: as they are taken for now
    uids: list[str] = field(default_factory=list)  #: of these, the stored ones where they are stored
    fresh: set[str] = field(default_factory=set)  #: uids of entries that are new or really changed
    todo: dict[str, Owed] = field(default_factory=dict)  #: by uid
    said: dict[str, str] = field(default_factory=dict)  #: by uid, what an entry said, as a hash


class FullTexts:
    """Reads the pages behind entries on behalf of ``Poller``."""

    def __init__(
        self,
        pages: PageReader,
        known_as: KnownAs,
        note: Callable[[str, str], bytes | None],
        clock: Clock,
        staff: Staff,
    ) -> None:
        self._pages = pages
        self._note = note
        self._known_as = known_as
        self._clock = clock
        self._staff = staff

    async def added(
        self, plan: Plan, source: Source, claim: Claim, visit: Visit, read: Admitted
    ) -> tuple[Visit, Admitted]:
        """The visit and its articles with the bodies that came; ``visit.late`` has those of earlier entries."""
        memory = claim.source.memory.get(BEHIND)
        if not visit.outcome.succeeded or visit.format in _PAGES:
            return visit, read
        if source.full_text == "never":
            return (_with_behind(visit, None) if memory else visit), read
        wanted = await self._wanted(source, claim, visit, read)
        if not wanted.todo:
            return _with_memory(visit, memory, wanted, ()), replace(read, taken=wanted.articles)
        pages = await self._pages.read(plan, source, list(wanted.todo.values()))
        items, notes = await cleared(self._staff, self._note, source.id, pages.items)
        bodies, faults = await self._bodies(plan, source, claim.source, items)
        bodies = {uid: page for uid, page in bodies.items() if len(page.text) > wanted.todo[uid].least}
        visit = replace(
            visit,
            notes=notes,
            faults=(*visit.faults, *pages.faults, *faults),
            late=tuple((uid, page) for uid, page in bodies.items() if uid not in wanted.fresh),
        )
        articles = [
            with_body(article, bodies[uid]) if uid in wanted.fresh and uid in bodies else article
            for uid, article in zip(wanted.uids, wanted.articles, strict=True)
        ]
        return _with_memory(visit, memory, wanted, pages.owed), replace(read, taken=articles)

    async def _wanted(self, source: Source, claim: Claim, visit: Visit, read: Admitted) -> _Wanted:
        thin = {id(one) for one in thin_entries(source.full_text, read.taken)}
        known: list[Article] = []
        if thin:
            asked = [one for one in read.taken if id(one) in thin]
            known = await self._staff.store.run(self._known_as, claim, asked)
        past = set() if has_begun(claim.source) else _beyond(source, read.taken, self._clock())
        owed, said = _remembered(claim.source)
        wanted = _Wanted(todo=owed, said=said)
        fresh: dict[str, Owed] = {}
        for article in read.taken:
            old = _same(article, known) if id(article) in thin else None
            uid = old.uid if old else article.uid
            if id(article) in thin and uid not in past and not (old and old.expired):
                article = self._asked_for(article, old, uid, wanted, fresh)
            wanted.uids.append(uid)
            wanted.articles.append(article)
        # What is new first; an entry that says everything by now owes nothing.
        full = {one.uid for one in read.taken if id(one) not in thin}
        rest = {uid: one for uid, one in wanted.todo.items() if uid not in full and uid not in fresh}
        return replace(wanted, todo={**fresh, **rest}, fresh=set(fresh))

    def _asked_for(
        self, article: Article, old: Article | None, uid: str, wanted: _Wanted, fresh: dict[str, Owed]
    ) -> Article:
        """The entry as it is taken for now; noted where its page is to be asked for."""
        says = article.content_hash[:8]
        if old is not None and old.content_hash == article.content_hash and uid not in wanted.said:
            return article  # known from before pages were asked for
        if old is None or wanted.said.get(uid) != says:
            wanted.said.pop(uid, None)
            wanted.said[uid] = says
            fresh[uid] = Owed(
                url=article.url,
                title=article.title,
                since=self._clock().isoformat(),
                entry=uid,
                least=len(article.text),
            )
        return with_body(article, old) if old and len(old.text) > len(article.text) else article

    async def _bodies(
        self, plan: Plan, source: Source, record: SourceRecord, items: Sequence[Item]
    ) -> tuple[dict[str, Article], list[str]]:
        """What the pages hold, by the uids of their entries; and what is wrong with them."""
        try:
            context = plan.context(source, record)
            entries = await self._staff.reading.run(entries_of, items, context, now=self._clock())
        except ReadingStopped as error:
            return {}, [f"the pages behind entries: {error}"]
        articles = [storable_article(one.became) for one in entries if isinstance(one.became, Article)]
        bodies = {article.guid: article for article in articles}
        cut = [
            cut_short(source, one.became) for one in entries if one.cut and isinstance(one.became, Article)
        ]
        texts = [article.text for article in bodies.values()]
        # A wall (consent, log-in, "moved") has one text for all that stands behind it.
        walls = {uid for uid, article in bodies.items() if texts.count(article.text) > 1}
        faults = [f"{bodies[uid].url}: says the same as the page behind another entry" for uid in walls]
        return {uid: article for uid, article in bodies.items() if uid not in walls}, [*cut, *sorted(faults)]


def _with_memory(visit: Visit, before: Any, wanted: _Wanted, owed: Sequence[Owed]) -> Visit:
    kept = {
        "said": dict(list(wanted.said.items())[-MAX_SAID:]),
        "owed": [asdict(one) for one in owed[:MAX_OWED]],
    }
    return _with_behind(visit, kept) if before or wanted.said else visit


def _with_behind(visit: Visit, kept: Mapping[str, Any] | None) -> Visit:
    return replace(visit, memory=visit.memory_with(BEHIND, kept))


def _remembered(record: SourceRecord) -> tuple[dict[str, Owed], dict[str, str]]:
    kept = record.memory.get(BEHIND) or {}
    owed = [Owed(**one) for one in kept.get("owed", ())]
    return {one.entry: one for one in owed}, dict(kept.get("said", {}))


def _same(article: Article, known: Sequence[Article]) -> Article | None:
    """What is stored of an entry."""
    by_guid = (old for old in known if article.guid and old.guid == article.guid)
    by_address = (
        old for old in known if article.canonical_url and old.canonical_url == article.canonical_url
    )
    return next(by_guid, None) or next(by_address, None) or _by_uid(article, known)


def _by_uid(article: Article, known: Sequence[Article]) -> Article | None:
    return next((old for old in known if old.uid == article.uid), None)


def _beyond(source: Source, taken: Sequence[Article], now: datetime) -> set[str]:
    """Of a new source's past, what will not be printed: its pages are not asked for."""
    limits, oldest = source.first_fetch, oldest_taken(now, source.first_fetch.max_age)
    newest = sorted(taken, key=lambda article: article.date, reverse=True)[: limits.max_items]
    printed = {article.uid for article in newest if article.date >= oldest}
    return {article.uid for article in taken} - printed
