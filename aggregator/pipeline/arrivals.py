"""What arrived last, behind the end of the sections that it stands in: a late article has its turn in the feed, too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from aggregator.config.model import Section
from aggregator.curate import PLACES
from storage.interface import ArticleStore
from storage.model import Article

#: So many articles, the latest of all sections, are looked through at a printing.
MOST = 400


class Arrivals:
    """Looked up once a printing, and only where a section is full."""

    def __init__(self, store: ArticleStore) -> None:
        self._store = store
        self._latest: dict[str, list[str]] | None = None

    def begin(self) -> None:
        """A printing begins."""
        self._latest = None

    def late(self, section: Section, candidates: Sequence[Article]) -> list[Article]:
        """The latest of the section that are not among the candidates, which are its newest by date."""
        if len(candidates) <= section.limit:
            return []
        known = {article.uid for article in candidates}
        # Twice as many as there are places: not all of them may be fit to be printed.
        late = [uid for uid in self._of(section) if uid not in known][: 2 * (section.limit // PLACES)]
        return [article for article in map(self._store.article, late) if article is not None]

    def _of(self, section: Section) -> Sequence[str]:
        if self._latest is None:
            found: defaultdict[str, list[str]] = defaultdict(list)
            for name, uid in self._store.latest(MOST):
                found[name].append(uid)
            self._latest = dict(found)
        return self._latest.get(section.id, ())
