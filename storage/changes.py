"""What storing an article changes: decided here, for every store alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from storage.model import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The difference that a set of incoming articles makes."""

    articles: tuple[Article, ...]  #: those that are new or differ from what is stored, in order
    moved: tuple[
        Article, ...
    ]  #: those of them that stand elsewhere than before: other sections, or another date
    left: tuple[str, ...]  #: uids of those of them that stood somewhere before
    sections: frozenset[str]  #: sections whose content changes
    counts: Mapping[str, int]  #: by source: how many more unexpired articles it has (or fewer)


def compare(stored: Mapping[str, Article], incoming: Iterable[Article]) -> Change:
    """Compare by uid; of two incoming articles with one uid the later counts."""
    changed: list[Article] = []
    moved: list[Article] = []
    left: list[str] = []
    sections: set[str] = set()
    counts: Counter[str] = Counter()
    for article in {article.uid: article for article in incoming}.values():
        before = stored.get(article.uid)
        if before == article:
            continue
        changed.append(article)
        if before is None or _place(before) != _place(article):
            moved.append(article)
            left += [article.uid] if before else []
        sections.update(article.sections, before.sections if before else ())
        counts[article.source] += not article.expired
        if before:
            counts[before.source] -= not before.expired
    return Change(
        articles=tuple(changed),
        moved=tuple(moved),
        left=tuple(left),
        sections=frozenset(sections),
        counts=_nonzero(counts),
    )


def _place(article: Article) -> tuple[object, ...]:
    return article.sections, article.date, article.expired


def without_body(article: Article) -> Article:
    return replace(article, html="", text="")


def identity_of(article: Article) -> Article:
    """All that is left past retention: what recognises the article, and where it stands among its copies."""
    return Article(
        uid=article.uid,
        source=article.source,
        url=article.url,
        canonical_url=article.canonical_url,
        guid=article.guid,
        published=article.published,
        first_seen=article.first_seen,
        content_hash=article.content_hash,
        text_hash=article.text_hash,
        revision=article.revision,
        story=article.story,
        copy_of=article.copy_of,
        expired=True,
    )


def _nonzero(counts: Counter[str]) -> dict[str, int]:
    return {source: count for source, count in counts.items() if count}
