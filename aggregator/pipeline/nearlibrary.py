"""The library of near copies over the store: texts, what they are found by, habits of sources, frequencies of words.

What is learnt is inexact by nature. It is kept in memory from poll to poll and in the store, so that nothing is rebuilt
after a start; what a poll that fails had learnt stays learnt.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from aggregator.dedup import Frequencies, Habits, Stories, Text, text_of
from storage.model import Article
from storage.transactions import Unit

#: Names of what is learnt of all, and of a source.
WORDS, HABITS = "words", "habits"
#: So many texts that were looked at last are kept ready to be compared, a tenth of a megabyte each.
MOST_READY = 64
#: So many stored articles are at hand in one poll, some ten kilobytes each.
MOST_STORED = 200
#: Usual sentences of so many sources are kept, some kilobytes each at most.
MOST_SOURCES = 256
#: Words are kept in the store when so many texts were counted since, or this share of all of them.
FEWEST_COUNTED, SHARE_COUNTED = 16, 64


class NearMemory:
    """What is at hand from poll to poll, for one store."""

    def __init__(self) -> None:
        self._frequencies: Frequencies | None = None
        self._kept = 0
        self._ready: OrderedDict[tuple[object, ...], Text] = OrderedDict()
        self._usual: OrderedDict[str, Habits] = OrderedDict()

    def frequencies(self, unit: Unit) -> Frequencies:
        if self._frequencies is None:
            kept = unit.learnt(WORDS)
            self._frequencies = Frequencies.unpacked(kept) if kept else Frequencies()
            self._kept = self._frequencies.counted
        return self._frequencies

    def keep_frequencies(self, unit: Unit) -> None:
        """Into the store, when enough was counted that it is worth it."""
        if (found := self._frequencies) is None:
            return
        if found.counted - self._kept >= max(FEWEST_COUNTED, found.texts // SHARE_COUNTED):
            unit.keep_learnt(WORDS, found.packed())
            self._kept = found.counted

    def usual(self, unit: Unit, source_id: str) -> Habits:
        """The habits of another source, as far as they are needed to read its texts."""
        if source_id not in self._usual:
            self.learn_usual(source_id, habits_of(unit, source_id))
        self._usual.move_to_end(source_id)
        return self._usual[source_id]

    def learn_usual(self, source_id: str, habits: Habits) -> None:
        self._usual[source_id] = habits.usual()
        self._usual.move_to_end(source_id)
        if len(self._usual) > MOST_SOURCES:
            self._usual.popitem(last=False)

    def text(self, key: tuple[object, ...], read: Callable[[], Text]) -> Text:
        """Read once, as long as it is asked for."""
        text = self._ready.pop(key, None) or read()
        self._ready[key] = text
        if len(self._ready) > MOST_READY:
            self._ready.popitem(last=False)
        return text


class Noted(Protocol):
    """What is remembered of sources: by a store, or within a unit."""

    def note(self, source_id: str, name: str) -> bytes | None: ...


def habits_of(noted: Noted, source_id: str) -> Habits:
    kept = noted.note(source_id, HABITS)
    return Habits.unpacked(kept) if kept else Habits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the configuration has articles compared."""

    near: Callable[[str], bool]  #: whether a source's articles are compared at all
    places: Callable[[Article], frozenset[str] | None]  #: where the copies of an article may be
    fold: bool  #: the two scripts as one


def read(article: Article, habits: Habits, manner: Manner, *, begun: datetime, filled: int = 0) -> Text:
    """The article as it is compared."""
    return text_of(
        habits,
        uid=article.uid,
        story=article.copy_of,
        source=article.source,
        title=article.title,
        text=article.text,
        date=article.date,
        begun=begun,
        filled=filled,
        places=manner.places(article),
        fold=manner.fold,
        named=bool(article.guid or article.canonical_url),
    )


class StoredLibrary:
    """Implements ``Library`` for one batch of one source, inside the transaction that stores it."""

    def __init__(self, unit: Unit, memory: NearMemory, source_id: str, manner: Manner, now: datetime) -> None:
        self.frequencies = memory.frequencies(unit)
        self._unit = unit
        self._memory = memory
        self._source = source_id
        self._manner = manner
        self._now = now
        self._own: Habits | None = None
        self._learnt = False
        self._barred: dict[str, frozenset[str]] = {}  # sources by the story that they are kept out of
        self._kept: dict[str, Text] = {}  # in this batch: not saved yet, or with another text than is saved
        self._stored: dict[str, Article] = {}  # nothing is saved meanwhile
        self._stories = Stories()

    def read(self, article: Article, *, begun: datetime, filled: int = 0) -> Text:
        return read(article, self.habits(article.source), self._manner, begun=begun, filled=filled)

    def habits(self, source: str) -> Habits:
        if source != self._source:
            return self._memory.usual(self._unit, source)
        if self._own is None:
            self._own = habits_of(self._unit, source)
        return self._own

    def get(self, uid: str) -> Text | None:
        if (text := self._kept.get(uid)) is None:
            filled = self._unit.sketches.filled([uid])
            stored = self._articles(filled.keys())
            printed = self._articles({one.copy_of for one in stored.values() if one.copy_of})
            self._bar({one.story for one in stored.values()})
            text = self._text(stored.get(uid), stored | printed, filled.get(uid, 0))
        return self._stories.present(text) if text else None

    def sharing(self, hashes: Sequence[int]) -> list[Text]:
        found = self._unit.sketches.sharing(hashes)
        stored = self._articles([uid for uid in found if uid not in self._kept])
        printed = self._articles({one.copy_of for one in stored.values() if one.copy_of} - stored.keys())
        self._bar({one.story for one in stored.values()})
        texts = (
            self._kept.get(uid) or self._text(stored.get(uid), stored | printed, filled)
            for uid, filled in found.items()
        )
        return [self._stories.present(text) for text in texts if text is not None]

    def _articles(self, uids: Iterable[str]) -> dict[str, Article]:
        """Those that are stored. Looked up once, mostly: the articles of a source have some candidates in common."""
        wanted = list(uids)
        if len(self._stored) > MOST_STORED:
            self._stored.clear()
        self._stored |= self._unit.articles([uid for uid in wanted if uid not in self._stored])
        return {uid: self._stored[uid] for uid in wanted if uid in self._stored}

    def _bar(self, stories: set[str]) -> None:
        """Look up which sources' articles were taken out of these stories by hand."""
        if asked := stories - self._barred.keys():
            separations = self._unit.apart(asked)
            for story in asked:
                self._barred[story] = frozenset(one.source for one in separations if one.story == story)

    def _text(self, article: Article | None, stored: dict[str, Article], filled: int) -> Text | None:
        """Of a story that is printed still, by a source whose articles are compared."""
        if article is None or article.expired or not self._manner.near(article.source):
            return None
        story = stored.get(article.copy_of) if article.copy_of else article
        if story is None or story.expired:
            return None
        key = article.uid, article.content_hash, article.title, self._manner.fold
        text = self._memory.text(key, lambda: self.read(article, begun=story.first_seen))
        return replace(
            text,
            story=story.uid,
            begun=story.first_seen,
            date=article.date,
            filled=filled,
            places=self._manner.places(article),
            barred=self._barred.get(article.story, frozenset()),
        )

    def keep(self, text: Text, hashes: Sequence[int]) -> None:
        self._kept[text.uid] = text
        self._unit.sketches.add(text.uid, hashes, at=self._now, filled=text.filled)

    def learn(self, text: Text) -> None:
        self.habits(text.source).learn(text.bare, text.sentences)
        self._learnt = True

    def join(self, story: str, into: Text) -> None:
        self._stories.join(story, into)

    def printed(self, story: str) -> str:
        """Where a story that was joined to another in this batch stands by now."""
        return self._stories.printed(story)

    def end(self) -> None:
        """Keep what was learnt."""
        if self._learnt and self._own is not None:
            self._unit.keep_note(HABITS, self._own.packed())
            self._memory.learn_usual(self._source, self._own)
        self._memory.keep_frequencies(self._unit)
