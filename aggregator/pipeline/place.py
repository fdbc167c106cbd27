"""Places decided articles in sections: each by its own rules, and the printed one wherever any copy of it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from aggregator.curate import Router
from aggregator.dedup import Resolution
from storage.model import Article


class Stored(Protocol):
    """Where the printed articles of arriving copies are looked up."""

    def article(self, uid: str) -> Article | None: ...


def place(
    router: Router, resolutions: Sequence[Resolution], before: Mapping[str, Article], stored: Stored
) -> list[Article]:
    """The articles to save, with their sections; printed articles whose copies widen them are among them.

    ``before`` holds, by uid, what is stored of the articles that change.
    """
    placed: dict[str, Article] = {}
    for resolution in resolutions:
        if resolution.article is not None:
            article = resolution.article
            placed[article.uid] = _routed(router, article, before.get(article.uid))
    for copy in [article for article in placed.values() if article.copy_of and not article.expired]:
        assert copy.copy_of is not None
        printed = placed.get(copy.copy_of) or stored.article(copy.copy_of)
        if printed is not None and not printed.expired:
            # Both stand in the union: the printed one to be shown there, the copy so that these sections, which
            # name it under the printed one, count as changed.
            sections = united(router, (printed.sections, copy.sections))
            placed[copy.uid] = copy.placed(sections)
            if sections != printed.sections:
                placed[printed.uid] = printed.placed(sections)
    return list(placed.values())


def _routed(router: Router, article: Article, before: Article | None) -> Article:
    """Sections by what the article says now; what its copies brought to it before stays with it."""
    if article.expired:
        return article.placed(())
    own = router.sections(article)
    brought = set(before.sections) - set(router.sections(before)) if before else set()
    return article.placed(united(router, (own, tuple(brought))) if brought else own)


def united(router: Router, placements: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The union, in the order of the configuration."""
    wanted = {section for placement in placements for section in placement}
    return tuple(section for section in router.order if section in wanted)


def placements(router: Router, articles: Iterable[Article]) -> Mapping[str, tuple[str, ...]]:
    """Sections of stored articles anew, copies worked in; every copy must be among them beside its printed one."""
    sections: dict[str, tuple[str, ...]] = {}
    copies: list[tuple[str, str]] = []
    for article in articles:
        sections[article.uid] = router.sections(article)
        if article.copy_of is not None:
            copies.append((article.uid, article.copy_of))
    for copy, printed in copies:
        if printed in sections:
            sections[printed] = united(router, (sections[printed], sections[copy]))
    for copy, printed in copies:
        sections[copy] = sections.get(printed, sections[copy])
    return sections
