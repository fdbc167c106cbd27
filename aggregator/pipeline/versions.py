"""Versions that a source's articles had before: to go back to one is no news.

Servers that share the load of a site may hold documents of different age. Asked in turns, they would have an edited
article dated anew at each poll, for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

from aggregator.dedup import Resolution
from storage.model import Article
from storage.transactions import Unit

#: The note's name; it holds the digests one after the other, the latest first.
VERSIONS = "versions"
#: So many of a source are remembered.
MOST = 256
_SIZE = 8


def without_returns(
    unit: Unit,
    source_id: str,
    resolutions: Sequence[Resolution],
    before: Mapping[str, Article],
    now: datetime,
) -> list[Resolution]:
    """Updates that only bring back an earlier version are silent, unless the source itself dates them anew."""
    updates = {r.article.uid: r.article for r in resolutions if r.kind == "update" and r.article is not None}
    if not updates:
        return list(resolutions)
    note = unit.note(source_id, VERSIONS) or b""
    known = [note[at : at + _SIZE] for at in range(0, len(note), _SIZE)]
    left = [_digest(before[uid]) for uid in updates]
    unit.keep_note(VERSIONS, b"".join(dict.fromkeys((*left, *known)))[: MOST * _SIZE])
    returned = {
        uid for uid, article in updates.items() if article.updated == now and _digest(article) in known
    }
    return [_silenced(r, before) if r.article and r.article.uid in returned else r for r in resolutions]


def _digest(article: Article) -> bytes:
    return blake2b(f"{article.uid} {article.content_hash}".encode(), digest_size=_SIZE).digest()


def _silenced(resolution: Resolution, before: Mapping[str, Article]) -> Resolution:
    assert resolution.article is not None
    old = before[resolution.article.uid]
    article = replace(resolution.article, updated=old.updated, revision=old.revision)
    return replace(resolution, kind="silent", article=article)
