"""Whether rewrites are looked for by meaning at present; what needs the extra stands behind it in ``rewriting.py``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from aggregator.config.model import Source
from aggregator.dedup import Habits, Meaning
from aggregator.dedup.library import Library
from aggregator.dedup.semantic.encoder import encoder_for
from aggregator.pipeline.nearlibrary import HABITS, Manner, read
from aggregator.pipeline.plan import Plan
from storage.interface import ArticleStore
from storage.model import Article
from storage.transactions import Unit

if TYPE_CHECKING:
    from aggregator.pipeline.rewriting import Meanings

log = structlog.get_logger("aggregator.meaning")

#: So many articles of one poll are encoded ahead, the newest: 25 ms each at most.
MOST_AHEAD = 64


class Understanding:
    """The semantic stage of one store: on where the plan wants it and the extra is there."""

    def __init__(self, store: ArticleStore) -> None:
        self._store = store
        self._meanings: Meanings | None = None  # loaded, and has worked once
        self._failed = False

    def wanted(self, plan: Plan, source: Source) -> bool:
        dedup = plan.config.dedup
        if self._failed or source.dedup != "near" or not dedup.near.enabled:
            return False
        return encoder_for(dedup.semantic) is not None

    def prepare(self, plan: Plan, manner: Manner, source: Source, articles: Sequence[Article]) -> None:
        """Encode what seems to be new, before the transaction. Takes its time: belongs in a thread of its own.

        A stage that breaks is left out until the next start: articles go on without it.
        """
        known = self._store.known_urls(source.id, {one.canonical_url for one in articles})
        new = [one for one in articles if one.canonical_url not in known]
        new = sorted(new, key=lambda one: one.date, reverse=True)[:MOST_AHEAD]
        if not new:
            return
        kept = self._store.note(source.id, HABITS)
        habits = Habits.unpacked(kept) if kept else Habits()
        texts = [read(article, habits, manner, begun=article.first_seen) for article in new]
        try:
            meanings = self._meanings or self._made(plan)
            meanings.prepare(texts)
            self._meanings = meanings
        except Exception as error:
            log.exception("rewrites are looked for no more until the next start", error=str(error))
            self._meanings, self._failed = None, True

    def _made(self, plan: Plan) -> Meanings:
        # Here, for it needs the packages of the extra.
        from aggregator.pipeline.rewriting import Meanings

        encoder = encoder_for(plan.config.dedup.semantic)
        assert encoder is not None  # it was wanted
        meanings = Meanings(self._store, encoder)
        meanings.follow()
        return meanings

    def within(self, unit: Unit, plan: Plan, library: Library, now: datetime) -> Meaning | None:
        """For one transaction; None while nothing is loaded: that is not done while writers wait."""
        if self._meanings is None or encoder_for(plan.config.dedup.semantic) is None:
            return None
        window: timedelta = plan.config.dedup.window
        return self._meanings.rewrites(unit, library, window, now)
