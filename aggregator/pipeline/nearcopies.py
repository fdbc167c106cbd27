"""Near copies among the articles of one poll: the last step of deciding, inside the transaction that stores them.

What identity and exact copies have left as new is compared with the texts that stand for stories. A near copy is
recorded with its similarity and its clause, as every copy is. An article that proves several stories to be one makes
those that were printed later copies of the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from aggregator.curate import Router
from aggregator.dedup import Habits, Near, Outcome, Resolution, Rules, Text
from aggregator.pipeline.meaning import Understanding
from aggregator.pipeline.nearlibrary import Manner, NearMemory, StoredLibrary, read
from aggregator.pipeline.plan import Plan
from storage.model import Article, Decision, Kin
from storage.transactions import Sketches, Unit


def near_copies(
    unit: Unit,
    plan: Plan,
    memory: NearMemory,
    understanding: Understanding,
    source_id: str,
    resolutions: Sequence[Resolution],
    before: dict[str, Article],
    now: datetime,
) -> list[Resolution]:
    """The resolutions with the near copies among them, and with stored articles that they make copies of others.

    ``before`` holds, by uid, what is stored of the articles that change; those that are added here join them.
    """
    dedup, manner = plan.config.dedup, manner_of(plan)
    if not dedup.near.enabled or not manner.near(source_id):
        return list(resolutions)
    library = StoredLibrary(unit, memory, source_id, manner, now)
    rules = Rules.at(dedup.near.threshold, dedup.near.min_chars)
    near = Near(library, dedup.window, rules, understanding.within(unit, plan, library, now))
    found = _revised(near, library, unit, resolutions, before) | _settled(near, library, resolutions)
    library.end()
    _relate(unit, library, found)
    return _Merging(unit, library, found, before, now).merged(resolutions)


def find_by_text(plan: Plan, sketches: Sketches, article: Article, habits: Habits, now: datetime) -> None:
    """Let a stored article stand for a story of its own, so that what is made from it is found."""
    dedup, manner = plan.config.dedup, manner_of(plan)
    if dedup.near.enabled and manner.near(article.source):
        text = read(article, habits, manner, begun=article.first_seen)
        rules = Rules.at(dedup.near.threshold, dedup.near.min_chars)
        sketches.add(article.uid, text.hashes(rules.least), at=now)


def manner_of(plan: Plan) -> Manner:
    """How articles are compared by the plan."""
    dedup = plan.config.dedup

    def near(source_id: str) -> bool:
        source = plan.sources.get(source_id)
        return source is not None and source.dedup == "near"

    return Manner(
        near=near, places=lambda one: places(dedup.scope, plan.router, one), fold=dedup.fold_variants
    )


def places(scope: str, router: Router, article: Article) -> frozenset[str] | None:
    """Where the copies of an article may be, by ``dedup.scope``; None: everywhere."""
    if scope == "source":
        return frozenset((article.source,))
    if scope == "section":
        return frozenset((*article.sections, *router.sections(article)))
    return None


def _revised(
    near: Near,
    library: StoredLibrary,
    unit: Unit,
    resolutions: Sequence[Resolution],
    before: Mapping[str, Article],
) -> dict[str, Outcome]:
    """What stands for a story is found by its newest text, and may be one with others by it."""
    changed = {
        article.uid: article
        for article in (r.article for r in resolutions if r.kind in ("update", "silent"))
        if article is not None and _reads_otherwise(article, before.get(article.uid))
    }
    changes = []
    for uid, filled in sorted(unit.sketches.filled(changed.keys()).items()):
        article = changed[uid]
        printed = before.get(article.copy_of) or unit.article(article.copy_of) if article.copy_of else article
        if printed is not None:
            texts = (
                library.read(one, begun=printed.first_seen, filled=filled) for one in (article, before[uid])
            )
            changes.append((next(texts), next(texts)))
    return {uid: Outcome(joined=joined) for uid, joined in near.revise(changes).items()}


def _reads_otherwise(article: Article, before: Article | None) -> bool:
    return before is not None and (article.title, article.text) != (before.title, before.text)


def _settled(near: Near, library: StoredLibrary, resolutions: Sequence[Resolution]) -> dict[str, Outcome]:
    """What becomes of each new article, by its uid. All are read and counted before the first is compared."""
    new = [r.article for r in resolutions if r.kind == "new" and r.article is not None]
    texts = [library.read(article, begun=article.first_seen) for article in new]
    for text in texts:
        near.count(text)
    return {text.uid: near.settle(text) for text in sorted(texts, key=_rank)}


def _rank(text: Text) -> tuple[datetime, datetime, int, str]:
    """The earliest first, of equals the fullest."""
    return text.begun, text.date, -text.features.length, text.uid


def _relate(unit: Unit, library: StoredLibrary, found: Mapping[str, Outcome]) -> None:
    pairs = (
        Kin(uid=uid, other=library.printed(outcome.kin.uid), similarity=outcome.kin.similarity)
        for uid, outcome in found.items()
        if outcome.kin is not None
    )
    unit.relate([pair for pair in pairs if library.printed(pair.uid) != pair.other])


class _Merging:
    """Makes copies of what was found to be one, new or stored."""

    def __init__(
        self,
        unit: Unit,
        library: StoredLibrary,
        found: Mapping[str, Outcome],
        before: dict[str, Article],
        now: datetime,
    ) -> None:
        self._unit = unit
        self._found = found
        self._before = before
        self._now = now
        self._printed = library.printed
        self._copied = {uid: one.finding for uid, one in found.items() if one.finding is not None}
        self._joined = {one.uid: one for outcome in found.values() for one in outcome.joined}

    def merged(self, resolutions: Sequence[Resolution]) -> list[Resolution]:
        if not self._copied and not self._joined:
            return list(resolutions)
        self._own = {r.article.uid: r.article for r in resolutions if r.article is not None}
        return [*map(self._resolved, resolutions), *self._moved()]

    def _resolved(self, resolution: Resolution) -> Resolution:
        """One of the batch: a copy by itself, by a join, or of one that has become a copy."""
        article = resolution.article
        if article is None or article.expired:
            return resolution
        printed = self._head(article.copy_of or article.uid)
        if printed == (article.copy_of or article.uid):
            return resolution
        moved = self._under(article, printed)
        if resolution.kind == "new":
            return Resolution(kind="copy", article=moved, decision=self._decision(article, printed))
        if article.uid in self._joined:
            return replace(resolution, article=moved, decision=self._decision(article, printed))
        decision = resolution.decision and replace(resolution.decision, of=printed)
        return replace(resolution, article=moved, decision=decision)

    def _moved(self) -> Iterable[Resolution]:
        """Stored articles that were printed by themselves, and their copies."""
        for uid in self._joined:
            if (article := self._unit.article(uid)) is None:
                continue
            printed = self._head(uid)
            for one in (article, *self._unit.copies(uid)):
                if one.uid in self._own:
                    continue
                self._before[one.uid] = one
                decision = self._decision(one, printed) if one.uid == uid else None
                yield Resolution(kind="silent", article=self._under(one, printed), decision=decision)

    def _head(self, uid: str) -> str:
        """The article that is printed for this one in the end."""
        while uid in self._copied or uid in self._joined:
            uid = self._copied[uid].of if uid in self._copied else self._joined[uid].into.of
        return self._printed(uid)

    def _under(self, article: Article, printed: str) -> Article:
        head = self._own.get(printed) or self._unit.article(printed)
        return replace(article, copy_of=printed, story=(head.story if head else "") or printed)

    def _decision(self, article: Article, printed: str) -> Decision:
        why = self._copied.get(article.uid) or self._joined[article.uid].into
        return Decision(
            at=self._now,
            uid=article.uid,
            source=article.source,
            verdict="near",
            of=printed,
            similarity=why.similarity,
            clause=why.clause,
        )
