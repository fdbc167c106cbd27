"""Changed section rules, applied to what is already stored."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from aggregator.pipeline.place import placements
from aggregator.pipeline.plan import Plan
from storage.interface import ArticleStore
from storage.model import Article, ArticleQuery

#: Under this setting stands the fingerprint of the rules that the stored placements were made by.
SETTING = "routing"
PAGE = 500
MAX_ROUNDS = 5


def reroute(store: ArticleStore, plan: Plan) -> int:
    """Place stored articles by the plan's rules if those have changed; returns how many moved. Blocks on the disk.

    Polls may commit meanwhile if they place by this plan already: what they shift between two pages, or change
    between reading and placing, is put right by a further round.
    """
    fingerprint = plan.router.fingerprint()
    if store.setting(SETTING) == fingerprint:
        return 0
    moved = 0
    for _ in range(MAX_ROUNDS):
        more = store.reroute(placements(plan.router, _all_articles(store)))
        moved += more
        if not more:
            break
    store.set_setting(SETTING, fingerprint)
    return moved


def _all_articles(store: ArticleStore) -> Iterator[Article]:
    """Page by page, so that the bodies of a large store are never in memory together."""
    for offset in count(step=PAGE):
        page = store.articles(ArticleQuery(limit=PAGE, offset=offset))
        yield from page
        if len(page) < PAGE:
            return
