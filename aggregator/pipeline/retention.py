"""Retention: what is kept how long, in the store and of article pages. What is printed now is left alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from aggregator.pipeline.plan import Plan
from aggregator.publish.errors import PublishError
from storage.interface import ArticleStore

if TYPE_CHECKING:
    from aggregator.pipeline.press import Press

log = structlog.get_logger("aggregator.retention")


def retain(store: ArticleStore, plan: Plan, press: Press, now: datetime) -> int | None:
    """Apply the plan's retention; returns how many articles changed. Blocks on the disk.

    None: not done, since the press has not printed every section and does not know yet what it prints.
    """
    printed = press.printed()
    if printed is None:
        return None
    kept = plan.config.retention
    changed = store.expire(
        articles_before=_before(now, kept.articles), bodies_before=_before(now, kept.bodies), keep=printed
    )
    store.expire_meanings(now - plan.config.dedup.window)
    store.expire_sketches(_day(now - plan.config.dedup.window))
    if changed:
        log.info("retention applied", articles=changed)
    try:
        press.prune()
    except PublishError as error:  # the store is done; the pages are taken away the next time
        log.warning("pages left standing", error=str(error))
    return changed


def _day(moment: datetime) -> datetime:
    """Its beginning: so that a pass over the whole index is made once a day, however often this is called."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _before(now: datetime, kept: timedelta | None) -> datetime | None:
    return None if kept is None else now - kept
