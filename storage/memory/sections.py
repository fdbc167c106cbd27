"""Sections, as they are read and placed anew outside polls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from storage.memory.part import MemoryPart
from storage.model import Article, SectionRevision


class MemorySections(MemoryPart):
    """How often sections changed, and what is placed by other rules."""

    def section_revisions(self) -> dict[str, SectionRevision]:
        with self._lock:
            return dict(self._revisions)

    def mark_published(self, revisions: Mapping[str, int]) -> None:
        with self._change():
            for section, revision in revisions.items():
                known = self._revisions.get(section)
                if known is not None and known.published < revision:
                    self._revisions[section] = replace(known, published=revision)

    def reroute(self, placements: Mapping[str, tuple[str, ...]]) -> int:
        def placed(article: Article) -> Article:
            if article.expired or article.uid not in placements:
                return article
            return replace(article, sections=placements[article.uid])

        with self._change():
            return len(self._rewrite(placed))
