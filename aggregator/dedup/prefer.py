"""Which copy of a story is printed. Pure.

The entry's id, its date and its place are those of the first article for good; the words, the address and the
by-line are those of the copy that is preferred now. This is reckoned anew at each printing from all that is stored:
the order of arrival does not matter, and nothing has to be remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Literal

from aggregator.dedup.origin import Credits, site_of_page
from aggregator.dedup.revise import is_material
from storage.model import Article

Prefer = Literal["first", "longest", "priority"]

#: So many copies of one story are weighed, those that came first: a statement of an agency has thousands.
MOST_WEIGHED = 40
#: A text is whole when it has so much of the longest one's length; the rest of that may be furniture.
WHOLE = 2 / 3
#: A text is as long as the longest when it has so much of its length: a signature more is not a better text.
AS_LONG = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One article of a story, with what is known of its source."""

    article: Article
    names: tuple[str, ...] = ()  #: what people call the source
    address: str = ""  #: where the source is polled
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A story as it is printed."""

    article: Article  #: the preferred copy under the uid, the date and the sections of the first article
    of: str  #: uid of the preferred copy
    reasons: tuple[str, ...] = ()  #: what it has that the others have not; none when there is no other
    origins: frozenset[str] = frozenset()  #: uids of the copies that the others name as their origin

    @property
    def why(self) -> str:
        return ", ".join(self.reasons)


def shown(printed: Member, copies: Sequence[Member], prefer: Prefer = "first") -> Shown:
    """What is printed of the story whose first article is ``printed``.

    ``updated`` moves when another text took the place of the one that was shown, to the time at which it came.
    """
    first = printed.article
    if not copies:
        return Shown(article=first, of=first.uid)
    later = sorted(copies, key=lambda one: (one.article.first_seen, one.article.uid))
    story = _Story((printed, *later[: MOST_WEIGHED - 1]), prefer)
    best, reasons = story.preferred(story.members)
    return Shown(
        article=_printed_as(first, best.article, story.changed()),
        of=best.article.uid,
        reasons=reasons,
        origins=frozenset(one.article.uid for one in story.origins(story.members)),
    )


def _printed_as(first: Article, best: Article, changed: datetime | None) -> Article:
    if best is first and changed is None:
        return first
    edited = best.updated if best.revision > 1 else None
    return replace(
        best,
        uid=first.uid,
        published=first.published,
        first_seen=first.first_seen,
        updated=max(filter(None, (first.updated, changed, edited)), default=None),
        sections=first.sections,
        story=first.story,
        copy_of=None,
    )


#: Narrows the copies down to those that are best in one respect; all of them where that tells none apart.
_Narrow = Callable[["_Story", Sequence[Member]], Sequence[Member]]


@dataclass(frozen=True)
class _Story:
    """The members of one story, and who of them names whom."""

    members: tuple[Member, ...]  #: the first article, then the others in the order of their arrival
    prefer: Prefer

    def preferred(self, present: Sequence[Member]) -> tuple[Member, tuple[str, ...]]:
        """The best of them, and what made it that."""
        left, reasons = present, list[str]()
        for narrow, words in _RULES[self.prefer]:
            best = narrow(self, left)
            if len(best) < len(left):
                reasons.append(words)
            left = best
        return left[0], tuple(reasons)

    def changed(self) -> datetime | None:
        """When the last copy came that made the shown text another."""
        changed = before = None
        for since, present in self._arrivals():
            now, _ = self.preferred(present)
            if before is not None and now is not before and is_material(before.article, now.article):
                changed = since
            before = now
        return changed

    def _arrivals(self) -> Iterator[tuple[datetime, Sequence[Member]]]:
        """Who was there at each time at which one came; what came with the first was never not there."""
        first = self.members[0].article.first_seen
        times = sorted({max(first, member.article.first_seen) for member in self.members})
        for time in times:
            yield time, [one for one in self.members if max(first, one.article.first_seen) <= time]

    # -- origins

    @cached_property
    def _named(self) -> Mapping[str, frozenset[str]]:
        """By uid: the articles whose source this one names as its origin, its own perhaps."""
        credits = [(one, Credits(one.article)) for one in self.members]
        return {
            one.article.uid: frozenset(
                other.article.uid for other in self.members if _credits(said, other) or _leads_to(one, other)
            )
            for one, said in credits
        }

    def origins(self, present: Sequence[Member]) -> list[Member]:
        """Those that most of the others name; where nobody names another, those that name themselves."""
        votes = {
            one.article.uid: sum(
                one.article.uid in self._named[other.article.uid]
                for other in present
                if other.article.source != one.article.source
            )
            for one in present
        }
        most = max(votes.values(), default=0)
        if most:
            return [one for one in present if votes[one.article.uid] == most]
        return [one for one in present if one.article.uid in self._named[one.article.uid]]


def _credits(said: Credits, other: Member) -> bool:
    sites = {site_of_page(url) for url in (other.address, other.article.url)} - {""}
    return said.name([*filter(None, (*other.names, other.article.site))], sites)


def _leads_to(one: Member, other: Member) -> bool:
    """One source gives the address of a page at the other's site, instead of a page of its own."""
    page = site_of_page(one.article.url)
    return bool(page) and page == site_of_page(other.address) != site_of_page(one.address)


# -- the rules


def _with_text(story: _Story, members: Sequence[Member]) -> Sequence[Member]:
    return [one for one in members if _length(one)] or members


def _origin(story: _Story, members: Sequence[Member]) -> Sequence[Member]:
    return story.origins(members) or members


def _whole(story: _Story, members: Sequence[Member]) -> Sequence[Member]:
    return _of_length(members, WHOLE)


def _longest(story: _Story, members: Sequence[Member]) -> Sequence[Member]:
    return _of_length(members, AS_LONG)


def _of_length(members: Sequence[Member], share: float) -> Sequence[Member]:
    least = share * max(map(_length, members))
    return [one for one in members if _length(one) >= least]


def _length(member: Member) -> int:
    return len(member.article.text or member.article.summary)


def _priority(story: _Story, members: Sequence[Member]) -> Sequence[Member]:
    most = max(one.priority for one in members)
    return [one for one in members if one.priority == most]


def _earliest(story: _Story, members: Sequence[Member]) -> Sequence[Member]:
    return [min(members, key=lambda one: (one.article.date, one.article.first_seen, one.article.uid))]


_WITH_TEXT = (_with_text, "has a text")
_ORIGIN = (_origin, "is named as the origin")
_WHOLE = (_whole, "has the whole text")
_LONGEST = (_longest, "has the longest text")
_PRIORITY = (_priority, "its source has the highest priority")
_EARLIEST = (_earliest, "is the earliest")
#: By ``dedup.prefer``: the rules in their order, each with what it says of those that are left.
_RULES: Mapping[Prefer, Sequence[tuple[_Narrow, str]]] = {
    "first": (_WITH_TEXT, _ORIGIN, _WHOLE, _EARLIEST),
    "longest": (_WITH_TEXT, _LONGEST, _ORIGIN, _EARLIEST),
    "priority": (_WITH_TEXT, _PRIORITY, _ORIGIN, _WHOLE, _EARLIEST),
}
