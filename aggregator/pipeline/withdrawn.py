"""Takes an article out of the paper for good, and remembers it.

Its identity stays, so that it never comes back as new, whoever brings it; title, text and pictures go. A story goes
with the article it is printed under: copies that were not printed do not take its place. Feeds in Atom name it as
deleted (RFC 6721), so that readers that heed it take it away, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from aggregator.publish import Withdrawn
from storage.changes import identity_of
from storage.interface import ArticleStore
from storage.model import Article, Decision

#: Under this setting stand the articles that were withdrawn, the latest last.
WITHDRAWN = "withdrawn"
#: So many are remembered to be named in feeds. What keeps the others from coming back are their identities.
_NAMED = 200


def withdraw(store: ArticleStore, uid: str, now: datetime, reason: str = "") -> list[Article]:
    """Take out the article, with its copies when it is the one that is printed; those that were taken out."""
    article = store.article(uid)
    gone = _story(article, store.copies([uid]).get(uid, ())) if article else []
    if not gone:
        return []
    # First: whoever is interrupted withdraws again, and finds nothing left undone.
    _remember(store, [Withdrawn(uid=one.uid, at=now, sections=one.sections) for one in gone])
    with store.by_hand() as hand:
        article = hand.article(uid)
        gone = _story(article, hand.copies(uid)) if article else []
        clause = f"withdrawn by hand{f': {reason}' if reason else ''}"
        decisions = [
            Decision(at=now, uid=one.uid, source=one.source, verdict="withdrawn", clause=clause)
            for one in gone
        ]
        hand.save([identity_of(one) for one in gone], decisions)
    return gone


def _story(article: Article, copies: Iterable[Article]) -> list[Article]:
    return [one for one in (article, *copies) if not one.expired]


def withdrawn(store: ArticleStore) -> list[Withdrawn]:
    """The articles that were withdrawn last, the latest last."""
    return [
        Withdrawn(uid=uid, at=datetime.fromisoformat(at).astimezone(UTC), sections=tuple(sections))
        for uid, at, sections in json.loads(store.setting(WITHDRAWN) or "[]")
    ]


def _remember(store: ArticleStore, fresh: Sequence[Withdrawn]) -> None:
    uids = {one.uid for one in fresh}
    named = [*(one for one in withdrawn(store) if one.uid not in uids), *fresh]
    rows = [[one.uid, one.at.isoformat(), list(one.sections)] for one in named[-_NAMED:]]
    store.set_setting(WITHDRAWN, json.dumps(rows))
