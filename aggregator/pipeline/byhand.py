"""What a person decides about stories: an article taken out of one, or put into one. It is remembered for good."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from aggregator.dedup import is_material
from aggregator.pipeline.nearcopies import find_by_text
from aggregator.pipeline.nearlibrary import habits_of
from aggregator.pipeline.place import united
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.stories import Bylines, shown_of
from storage.interface import ArticleStore, Hand
from storage.model import Article, Decision, Separation

SPLIT = "taken out of the story by hand"
JOINED = "joined by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Regrouped:
    """What a change by hand came to."""

    article: Article  #: as it is now
    #: The first article of the story that it left or joined; None where it is in none.
    story: Article | None = None
    changed: bool = True
    moved: tuple[
        Article, ...
    ] = ()  #: the copies that moved with it, or that it left behind without their first
    fault: str | None = None  #: why it cannot be done; nothing is changed then


class Stories:
    """The stories of one store, to be changed by hand."""

    def __init__(self, store: ArticleStore, plan: Plan, now: datetime) -> None:
        self._store = store
        self._plan = plan
        self._now = now
        self._bylines = Bylines(plan, store, store.sources())

    def split(self, uid: str) -> Regrouped | None:
        """Let an article be one of its own; None when there is none of this uid.

        Of the first article of a story the others go away together, and the earliest of them is their first.
        """
        with self._store.by_hand() as hand:
            article = hand.article(uid)
            if article is None or article.expired:
                return _gone(article)
            if article.copy_of is not None:
                return self._take_out(hand, article, article.copy_of)
            copies = _present(hand.copies(uid))
            if not copies:
                return Regrouped(article=article, changed=False)
            return self._leave_alone(hand, article, copies)

    def _take_out(self, hand: Hand, article: Article, of: str) -> Regrouped:
        first = hand.article(of)
        alone = self._placed([replace(article, copy_of=None, story=article.uid)])
        staying = [copy for copy in _present(hand.copies(of)) if copy.uid != article.uid]
        left: list[Article] = []
        if first is not None and not first.expired:
            before = [*staying, article]
            left = self._placed([self._told_anew(first, before, staying), *staying])
        hand.save([*alone, *left], self._both_ways(article, first, "split", SPLIT))
        hand.keep_apart([self._apart(article, article.story)])
        self._find_by_text(hand, alone[0])
        return Regrouped(article=alone[0], story=left[0] if left else first)

    def _leave_alone(self, hand: Hand, article: Article, copies: Sequence[Article]) -> Regrouped:
        leader, *others = sorted(copies, key=lambda copy: (copy.first_seen, copy.uid))
        group = [
            replace(leader, copy_of=None, story=leader.uid),
            *(replace(copy, copy_of=leader.uid, story=leader.uid) for copy in others),
        ]
        alone = self._placed([self._told_anew(article, copies, ())])
        group = self._placed(group)
        hand.save([*alone, *group], self._both_ways(leader, article, "split", SPLIT))
        hand.keep_apart(
            [self._apart(article, leader.uid), *(self._apart(copy, article.story) for copy in copies)]
        )
        self._find_by_text(hand, group[0])
        return Regrouped(article=alone[0], story=group[0], moved=tuple(group[1:]))

    def join(self, uid: str, other: str) -> Regrouped | None:
        """Let an article, with its copies, be a copy in the story of the other; None when there is no such article.

        The entry of the story is the one that the other's story had; that of the article is printed no more.
        """
        with self._store.by_hand() as hand:
            article, there = hand.article(uid), hand.article(other)
            if article is None or article.expired:
                return _gone(article)
            if there is None or there.expired:
                return _gone(there)
            first = hand.article(there.copy_of) if there.copy_of else there
            if first is None or first.expired:
                return _gone(first)
            if article.uid == first.uid or article.copy_of == first.uid:
                return Regrouped(article=article, story=first, changed=False)
            return self._put_into(hand, article, first)

    def _put_into(self, hand: Hand, article: Article, first: Article) -> Regrouped:
        theirs = hand.copies(article.uid) if article.copy_of is None else []
        coming = [replace(one, copy_of=first.uid, story=first.story) for one in (article, *theirs)]
        there = _present(hand.copies(first.uid))
        group = self._placed([self._told_anew(first, there, [*there, *_present(coming)]), *there, *coming])
        saved = {one.uid: one for one in group}
        if article.copy_of is not None:
            self._leave(hand, article, article.copy_of)
        hand.save(saved.values(), self._both_ways(article, first, "join", JOINED))
        for one in coming:
            hand.let_join(one.source, first.story)
        hand.let_join(first.source, article.story)
        return Regrouped(
            article=saved[article.uid], story=group[0], moved=tuple(saved[one.uid] for one in theirs)
        )

    def _leave(self, hand: Hand, article: Article, of: str) -> None:
        first = hand.article(of)
        if first is not None and not first.expired:
            before = _present(hand.copies(of))
            staying = [copy for copy in before if copy.uid != article.uid]
            hand.save(self._placed([self._told_anew(first, before, staying), *staying]))

    # -- what changes with it

    def _told_anew(self, first: Article, before: Sequence[Article], now: Sequence[Article]) -> Article:
        """The first article; its entry is dated now where other words are printed than before."""
        was, is_ = (shown_of(self._plan, self._bylines, first, copies).article for copies in (before, now))
        return replace(first, updated=self._now) if is_material(was, is_) else first

    def _placed(self, story: Sequence[Article]) -> list[Article]:
        """One story, its first article before the others: all of them stand wherever one of them belongs."""
        routed = (self._plan.router.sections(one) for one in story if not one.expired)
        sections = united(self._plan.router, routed)
        return [one if one.expired else replace(one, sections=sections) for one in story]

    def _both_ways(
        self, one: Article, other: Article | None, verdict: Literal["split", "join"], clause: str
    ) -> Iterable[Decision]:
        """Told of both: the pages of both are to be made again."""
        for article, of in ((one, other), (other, one)):
            if article is not None:
                yield Decision(
                    at=self._now,
                    uid=article.uid,
                    source=article.source,
                    verdict=verdict,
                    of=of.uid if of else None,
                    clause=clause,
                )

    def _find_by_text(self, hand: Hand, article: Article) -> None:
        find_by_text(self._plan, hand.sketches, article, habits_of(self._store, article.source), self._now)

    def _apart(self, article: Article, story: str) -> Separation:
        return Separation(at=self._now, source=article.source, story=story, uid=article.uid)


def _gone(article: Article | None) -> Regrouped | None:
    if article is None:
        return None
    fault = f"{article.uid} is past its retention: only its identity is left"
    return Regrouped(article=article, changed=False, fault=fault)


def _present(copies: Iterable[Article]) -> list[Article]:
    return [copy for copy in copies if not copy.expired]
