"""Where near copies look up what is known. In memory here; over the store in ``pipeline/nearcopies.py``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol

from aggregator.dedup.frequencies import Frequencies
from aggregator.dedup.habits import Habits
from aggregator.dedup.stories import Stories
from aggregator.dedup.texts import Text
from storage.postings import Postings


class Library(Protocol):
    """The texts that stand for stories, found by the hashes they share; and what is learnt of sources and words."""

    @property
    def frequencies(self) -> Frequencies: ...

    def habits(self, source: str) -> Habits: ...

    def get(self, uid: str) -> Text | None:
        """The text of this article, if it stands for a story."""
        ...

    def sharing(self, hashes: Sequence[int]) -> Iterable[Text]:
        """Texts that share some of the hashes, likely ones first."""
        ...

    def keep(self, text: Text, hashes: Sequence[int]) -> None:
        """It can be found from now on, by these hashes alone."""
        ...

    def learn(self, text: Text) -> None:
        """Count it among what its source prints."""
        ...

    def join(self, story: str, into: Text) -> None:
        """All that stood for the one story stands for the other from now on."""
        ...


class MemoryLibrary:
    """Implements ``Library`` for a deduplicator without a store."""

    def __init__(self) -> None:
        self.frequencies = Frequencies()
        self._index = Postings()
        self._texts: dict[str, Text] = {}
        self._habits: defaultdict[str, Habits] = defaultdict(Habits)
        self.stories = Stories()

    def habits(self, source: str) -> Habits:
        return self._habits[source]

    def get(self, uid: str) -> Text | None:
        text = self._texts.get(uid)
        return self.stories.present(text) if text else None

    def sharing(self, hashes: Sequence[int]) -> list[Text]:
        return [self.stories.present(self._texts[uid]) for uid in self._index.query(hashes)]

    def keep(self, text: Text, hashes: Sequence[int]) -> None:
        self._texts[text.uid] = text
        self._index.add(text.uid, hashes)

    def learn(self, text: Text) -> None:
        self._habits[text.source].learn(text.bare, text.sentences)

    def join(self, story: str, into: Text) -> None:
        self.stories.join(story, into)
