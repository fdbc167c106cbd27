"""Articles that share no name with anything: they are new, and most of what most polls bring is like that.

It takes a glance, where comparing takes everything that an article says of its identity apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Sequence

from storage.model import Article


def lonely(incoming: Sequence[Article], stored: Sequence[Article], known: Collection[int] = ()) -> set[int]:
    """The places of such articles in the batch, but for those ``known`` by something else than a name.

    Whatever is doubted, compared or folded later (``facts.py``, ``clauses.py``), two articles of which one is the
    other, or a copy of it, have one of these names in common.
    """
    names = [_names(article) for article in incoming]
    bearers = Counter(name for own in names for name in own)
    held = {name for article in stored for name in _names(article)}
    return {
        at
        for at, own in enumerate(names)
        if at not in known and all(bearers[name] == 1 and name not in held for name in own)
    }


def _names(article: Article) -> set[Hashable]:
    found: set[Hashable] = {("uid", article.uid)}
    if article.guid:
        found.add(("guid", article.source, article.guid))
    if article.canonical_url:
        found.add(("address", article.canonical_url))
    if article.text_hash:
        found.add(("text", article.text_hash))
    if len(found) == 1:
        found.add(("entry", article.source, article.title, article.text))
    return found
