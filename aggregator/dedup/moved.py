"""A source whose names all change at once: which of its new names stand for which stored articles.

A new address scheme, another program behind the site: every guid and every address of the document is one never seen,
and not one article is. What else tells articles apart is compared then, the surest first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import timedelta

from aggregator.text.fold import fold
from storage.model import Article

#: So many that are known by other traits show that the source has moved: a column that comes round again is one.
SOURCE_MOVED = 3

_Key = Callable[[Article], Hashable | None]


def unknown_names(incoming: Sequence[Article], stored: Sequence[Article]) -> list[int]:
    """The places of the incoming articles whose guid and address are new to their source."""
    guids = {(known.source, known.guid) for known in stored if known.guid}
    addresses = {(known.source, known.canonical_url) for known in stored if known.canonical_url}
    return [
        at
        for at, article in enumerate(incoming)
        if (article.source, article.guid) not in guids
        and (article.source, article.canonical_url) not in addresses
        and (article.guid or article.canonical_url)
    ]


def moved(incoming: Sequence[Article], stored: Sequence[Article], window: timedelta) -> dict[int, str]:
    """By place in ``incoming``: the uid of the stored article of its source that it is under new names.

    Only names that stand for one article on either side count. A few of them are believed within ``window`` alone,
    for a text may come round again.
    """
    unknown = {at: incoming[at] for at in unknown_names(incoming, stored)}
    free = {known.uid: known for known in _left_behind(incoming, stored)}
    found: dict[int, str] = {}
    for key in _KEYS:
        pairs = _paired(unknown, free, key)
        found |= pairs
        for at, uid in pairs.items():
            del unknown[at], free[uid]
    if len(found) >= SOURCE_MOVED:
        return found
    known = {article.uid: article for article in stored}
    return {at: uid for at, uid in found.items() if abs(incoming[at].date - known[uid].date) <= window}


def _left_behind(incoming: Sequence[Article], stored: Sequence[Article]) -> list[Article]:
    """Stored articles of the source that do not stand in the document under their own names."""
    sources = {article.source for article in incoming}
    guids = {article.guid for article in incoming if article.guid}
    addresses = {article.canonical_url for article in incoming if article.canonical_url}
    return [
        known
        for known in stored
        if known.source in sources and known.guid not in guids and known.canonical_url not in addresses
    ]


def _paired(unknown: Mapping[int, Article], free: Mapping[str, Article], key: _Key) -> dict[int, str]:
    places: defaultdict[Hashable, list[int]] = defaultdict(list)
    uids: defaultdict[Hashable, list[str]] = defaultdict(list)
    for at, article in unknown.items():
        if (name := key(article)) is not None:
            places[name].append(at)
    for uid, known in free.items():
        if (name := key(known)) is not None:
            uids[name].append(uid)
    return {
        at: uids[name][0]
        for name, [at, *others] in places.items()
        if not others and len(uids.get(name, ())) == 1
    }


def _title_text_and_date(article: Article) -> Hashable | None:
    text = article.text_hash or fold(article.text)
    return (fold(article.title), text, article.published) if text and article.published else None


def _title_and_text(article: Article) -> Hashable | None:
    text = article.text_hash or fold(article.text)
    return (fold(article.title), text) if text and article.title else None


def _title_and_date(article: Article) -> Hashable | None:
    return (fold(article.title), article.published) if article.title and article.published else None


def _text(article: Article) -> Hashable | None:
    """All that is left of an article past its retention."""
    return article.text_hash or None


_KEYS: tuple[_Key, ...] = (_title_text_and_date, _title_and_text, _title_and_date, _text)
