"""An article ready to be compared with others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.dedup.features import LEAST, Features, features_of, hash_of
from aggregator.dedup.habits import Habits, sentences_of
from aggregator.dedup.titles import bare_title, is_telling


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One article's text, and the story that it stands for."""

    uid: str  #: of the article whose text this is
    story: str  #: uid of the article that is printed; its own where it is printed itself
    source: str
    title: str  #: as given
    date: datetime
    begun: datetime  #: when the printed article was first seen: of two stories that are one the earlier is printed
    bare: str  #: title without site; "" where it tells nothing
    sentences: tuple[str, ...]  #: the story's own, ``plain``
    features: Features
    filled: int = 0  #: how many shorter texts of the story this one was put beside, one after another
    places: frozenset[str] | None = None  #: copies share one of these; None: they may be anywhere
    barred: frozenset[str] = frozenset()  #: sources whose articles are kept out of the story
    named: bool = False  #: its source calls it by a guid or an address of its own

    def hashes(self, least: int = LEAST) -> Sequence[int]:
        """What it is found by; two of the title, so that it alone makes a candidate."""
        titled = (hash_of(f"1={self.bare}"), hash_of(f"2={self.bare}")) if self.bare else ()
        return *(self.features.hashes if self.features.length >= least else ()), *titled

    def meets(self, other: Text) -> bool:
        """Whether the two are to be compared at all."""
        if self.source in other.barred or other.source in self.barred:
            return False
        return self.places is None or other.places is None or not self.places.isdisjoint(other.places)


def text_of(
    habits: Habits,
    *,
    uid: str,
    source: str,
    title: str,
    text: str,
    date: datetime,
    begun: datetime,
    story: str | None = None,
    filled: int = 0,
    places: frozenset[str] | None = None,
    fold: bool = True,
    named: bool = False,
) -> Text:
    """The article as it is compared, by what is known of its source by now; ``fold`` makes the two scripts one."""
    sentences = tuple(habits.story_of(sentences_of(text, fold=fold)))
    bare = bare_title(title)
    return Text(
        uid=uid,
        story=story or uid,
        source=source,
        title=title,
        date=date,
        begun=begun,
        bare=bare if is_telling(bare) and not habits.is_usual_title(bare) else "",
        sentences=sentences,
        features=features_of("\n".join(sentences)),
        filled=filled,
        places=places,
        named=named,
    )


def again(text: Text, habits: Habits) -> Text:
    """The same after others of the source were kept, which may have shown more of its habits."""
    sentences = tuple(habits.story_of(text.sentences))
    usual = bool(text.bare) and habits.is_usual_title(text.bare)
    if sentences == text.sentences and not usual:
        return text
    return replace(
        text,
        bare="" if usual else text.bare,
        sentences=sentences,
        features=text.features if sentences == text.sentences else features_of("\n".join(sentences)),
    )
