"""Carries all articles from one store to another as lines of JSON, so that subscribers notice nothing of the move.

The first line is the label: the authority of the entry ids, the sources with their addresses, what was withdrawn and
where archives end. Each other line is an article with all that the store knows of it, identities of expired ones
included.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from pydantic import TypeAdapter, ValidationError

from aggregator.pipeline.authority import AUTHORITY
from aggregator.pipeline.backissues import archive_key
from aggregator.pipeline.nearcopies import find_by_text
from aggregator.pipeline.nearlibrary import habits_of
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.withdrawn import WITHDRAWN
from storage.interface import ArticleStore
from storage.model import Article

KIND = "aggregator articles"
_BATCH = 500
_ARTICLES = TypeAdapter(Article)


class NotCarried(Exception):
    """The lines cannot be read; the message says which and why. What stands before it was taken in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of taking articles in."""

    new: int
    known: int  #: were there already, and stay as they are
    authority: str | None = None  #: of the entry ids where these came from, when it is another here


def carry_out(store: ArticleStore, section_ids: Iterable[str]) -> Iterator[str]:
    """All lines, without their ends."""
    keys = [AUTHORITY, WITHDRAWN, *map(archive_key, section_ids)]
    settings = {key: value for key in keys if (value := store.setting(key)) is not None}
    sources = {record.id: record.configured_url for record in store.sources()}
    yield json.dumps(
        {"kind": KIND, "version": 1, "settings": settings, "sources": sources}, ensure_ascii=False
    )
    after = ""
    while batch := store.everything(after, _BATCH):
        yield from (_ARTICLES.dump_json(article).decode() for article in batch)
        after = batch[-1].uid


def carry_in(store: ArticleStore, lines: Iterable[str], plan: Plan, now: datetime) -> Taken:
    """Take the articles in that are not there yet, so that copies of them are found as they were. Raises NotCarried.

    An article of a source that is called otherwise here goes to the one at its address.
    """
    numbered = iter((number, line) for number, line in enumerate(lines, 1) if line.strip())
    label = _label(next(numbered, (1, "")))
    names = _names(label["sources"], {id: source.url for id, source in plan.sources.items()})
    since = now - plan.config.dedup.window
    new = known = 0
    while batch := list(islice(numbered, _BATCH)):
        articles = [_article(number, line) for number, line in batch]
        with store.by_hand() as hand:
            fresh = [one for one in articles if hand.article(one.uid) is None]
            saved = [replace(one, source=names.get(one.source, one.source)) for one in fresh]
            hand.save(saved)
            for one in saved:
                if one.copy_of is None and not one.expired and one.date >= since:
                    find_by_text(plan, hand.sketches, one, habits_of(store, one.source), now)
        new, known = new + len(fresh), known + len(articles) - len(fresh)
    ours = store.setting(AUTHORITY)
    for key, value in label["settings"].items():
        if store.setting(key) is None:
            store.set_setting(key, value)
    theirs = label["settings"].get(AUTHORITY)
    return Taken(new=new, known=known, authority=theirs if ours not in (None, theirs) else None)


def _label(first: tuple[int, str]) -> dict[str, Any]:
    try:
        label = json.loads(first[1])
        if label["kind"] == KIND and label["version"] == 1:
            return {"sources": dict(label["sources"]), "settings": dict(label["settings"])}
    except (ValueError, KeyError, TypeError):
        pass
    raise NotCarried("these are no articles of `aggregator export --articles`, or of a newer version of it")


def _names(theirs: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    at = {url: id for id, url in ours.items()}
    return {id: at[url] for id, url in theirs.items() if id not in ours and url in at}


def _article(number: int, line: str) -> Article:
    try:
        return _ARTICLES.validate_json(line)
    except ValidationError as error:
        fault: Sequence[Any] = error.errors()
        raise NotCarried(f"line {number} is no article: {fault[0]['loc']} {fault[0]['msg']}") from error
