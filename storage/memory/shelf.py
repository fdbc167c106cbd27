"""What the memory store holds of articles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from storage.changes import Change
from storage.model import Article, Code, Kin, Meaning
from storage.postings import Postings


class Shelf:
    """The committed articles, with an index for each identity."""

    def __init__(self) -> None:
        self.articles: dict[str, Article] = {}
        self.counts: Counter[str] = Counter()
        self.postings = Postings()
        self.kin: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self.learnt: dict[str, bytes] = {}
        self.meanings: dict[str, Meaning] = {}
        self.codes: dict[str, Code] = {}  # in the order of their numbers
        self._numbers = 0
        self._index: defaultdict[tuple[str, ...], dict[str, None]] = defaultdict(dict)

    def relate(self, pairs: Iterable[Kin]) -> None:
        for pair in pairs:
            self.kin[pair.uid][pair.other] = pair.similarity
            self.kin[pair.other][pair.uid] = pair.similarity

    def forget(self, uids: Iterable[str]) -> None:
        """What finds these articles, and what they are about."""
        for uid in uids:
            self.postings.put(uid, None)
            self.drop(uid)
            for other in self.kin.pop(uid, ()):
                self.kin[other].pop(uid, None)

    def apply(self, change: Change) -> None:
        for article in change.articles:
            self._unlist(self.articles.get(article.uid))
            self.articles[article.uid] = article
            for key in keys_of(article):
                self._index[key][article.uid] = None
        self.counts.update(change.counts)

    def keep(self, kept: Meaning) -> None:
        self._numbers += 1
        self.drop(kept.uid)
        self.meanings[kept.uid] = kept
        self.codes[kept.uid] = Code(number=self._numbers, uid=kept.uid, date=kept.date, code=kept.code)

    def drop(self, uid: str) -> None:
        self.meanings.pop(uid, None)
        self.codes.pop(uid, None)

    def at(self, key: tuple[str, ...]) -> list[Article]:
        return [self.articles[uid] for uid in self._index.get(key, ())]

    def _unlist(self, article: Article | None) -> None:
        for key in keys_of(article) if article else ():
            self._index[key].pop(article.uid if article else "", None)


def keys_of(article: Article) -> list[tuple[str, ...]]:
    """Under what an article is found, besides its uid. The empty string identifies nothing."""
    keys: list[tuple[str, ...]] = []
    if article.guid:
        keys.append(("guid", article.source, article.guid))
    if article.canonical_url:
        keys.append(("canonical", article.canonical_url))
    if article.url:
        keys.append(("url", article.url))
    if article.text_hash:
        keys.append(("text", article.text_hash))
    if article.copy_of:
        keys.append(("copy", article.copy_of))
    return keys
