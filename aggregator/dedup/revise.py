"""What an edit of the source's does to an article that is already printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal

from aggregator.text.fold import fold
from storage.model import Article

Updates = Literal["silent", "bump", "ignore"]


def revised(
    old: Article, seen: Article, *, guid: str, updates: Updates, now: datetime
) -> tuple[Literal["update", "silent", "unchanged"], Article | None]:
    """The stored article as the newly seen one makes it, under the policy; None when nothing is to be saved.

    Uid, story, sections and date of publication stay: a printed article is not printed again. ``bump`` counts a
    revision and dates it, unless only punctuation or markup changed.
    """
    if updates == "ignore" or seen.content_hash == old.content_hash:
        # Nothing a reader sees; yet a new guid must be known, and a date is better late than never.
        kept = replace(old, guid=guid, published=old.published or seen.published)
        return ("unchanged", None) if kept == old else ("silent", kept)
    silent = updates == "silent" or not is_material(old, seen)
    article = replace(
        seen,
        uid=old.uid,
        guid=guid,
        canonical_url=seen.canonical_url or old.canonical_url,
        published=old.published or seen.published,
        updated=old.updated if silent else _bumped(old, seen, now),
        first_seen=old.first_seen,
        sections=old.sections,
        revision=old.revision + (0 if silent else 1),
        story=old.story or old.uid,
        copy_of=old.copy_of,
    )
    return ("silent" if silent else "update"), article


def is_material(old: Article, seen: Article) -> bool:
    """Whether words changed: the hash of the text is blind to punctuation, widths and markup."""
    if seen.text_hash or old.text_hash:
        return seen.title != old.title or seen.text_hash != old.text_hash
    return seen.title != old.title or fold(seen.text) != fold(old.text)


def _bumped(old: Article, seen: Article, now: datetime) -> datetime:
    """The source's own date of the update where it is one, else now."""
    before = old.updated or old.published or old.first_seen
    return seen.updated if seen.updated is not None and seen.updated > before else now
