"""Which of the articles that came a source's rules let in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from aggregator.config.model import Source
from aggregator.curate import admits
from aggregator.entry import Entry
from aggregator.normalise import Dropped
from aggregator.pipeline.storable import storable_article
from storage.model import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """What became of the entries of one visit."""

    taken: list[Article] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)  #: the others, with the reason
    faults: list[str] = field(default_factory=list)  #: what was wrong with those that were taken
    later: set[str] = field(default_factory=set)  #: addresses among these that may be taken another time
    again: set[bytes] = field(default_factory=set)  #: digests of entries of which the same is true


def admitted(source: Source, entries: Sequence[Entry]) -> Admitted:
    """The articles that the source's rules let in, and what became of the others."""
    result = Admitted()
    for entry in entries:
        became = entry.became
        if isinstance(became, Dropped):
            result.dropped.append(became.reason)
            if became.later:
                result.later.add(entry.url)
                result.again.add(entry.digest)
        elif refusal := admits(source, became):
            result.dropped.append(f"{became.title!r}: {refusal}")
        else:
            result.taken.append(storable_article(became))
            if entry.cut:
                result.faults.append(cut_short(source, became))
    return result


def cut_short(source: Source, article: Article) -> str:
    """The fault of an article that was longer than one may be."""
    return f"{article.title[:80]!r} is longer than {source.max_length:,} characters (max_length); the rest is not kept"
