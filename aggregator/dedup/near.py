"""Near copies: the article that an incoming one was made from, though neither name nor text is the same.

An article is compared with printed articles only, one text for each story, never with the copies of these: else a
text that drifts from copy to copy would join what has nothing in common. The steps:

1. Sentences that the source prints everywhere are set aside (``habits.py``), the rest is folded (``features.py``).
2. Articles that share hashes with it, of its time, are the candidates (``index.py``), likely ones first.
3. The guards and clauses of ``likeness.py`` decide on each; the first that is copied ends the search.
4. What has hardly any text is compared by its title, carefully (``_titled``).
5. What is left may tell of the same happening: the most like one is named as related, and nothing is merged.

To be wired over a store:

- ``Index``: a table of two columns and the day, (hash, article) its primary key; a hash with more than
  ``MOST_BEARERS`` rows is passed over, rows older than the window are deleted. 30 rows an article on average.
- ``Shelf``: the table of articles; of a candidate's stored title and text ``Near.read`` makes a ``Text`` again, in half
  a millisecond: keep the last few hundred of them. ``filled`` needs no column where the printed article takes over
  the fuller text.
- ``Habits`` are kept as a note of their source (10 kB at most), ``Frequencies`` as one of the whole (400 kB a script);
  both are inexact by nature, need not be written at every poll, and are learnt again when they are lost.

In a batch every article that nothing identifies is read and counted first, then found or kept in one fixed order
(``deduplicator.py`` shows how); a printed article whose text changes is kept again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from aggregator.dedup.features import LEAST, Features, features_of, hash_of, squeezed
from aggregator.dedup.frequencies import Frequencies
from aggregator.dedup.habits import LEAST_SENTENCE, Habits, sentences_of
from aggregator.dedup.index import Index
from aggregator.dedup.likeness import SAME_STORY, Likeness, copied, guarded
from aggregator.dedup.titles import bare_title, is_serial, is_telling

#: Titles are compared of articles so close in time; of two without any text, closer still.
TITLE_WINDOW, TITLE_ONLY_WINDOW = timedelta(days=3), timedelta(days=1)
#: Under one title so much of the shorter text must stand in the other.
TITLED = 0.3
#: What is left of two texts without their common sentences, when it is as unlike as this, makes them two.
UNLIKE = 0.35
#: So much of a part stands in the whole, which is longer by more than this; a shorter part is its beginning.
PART, MUCH_SHORTER, TEASER = 0.9, 0.9, 0.4
#: So often the text that stands for a story is filled out.
MOST_FILLED = 2
#: So many candidates are looked at for a related story.
MOST_RELATED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One article ready to be compared."""

    uid: str
    source: str
    title: str  #: as given
    date: datetime
    bare: str  #: title without site; "" where it tells nothing
    sentences: tuple[str, ...]  #: the story's own, ``plain``
    features: Features
    filled: int = 0  #: how often a fuller text took the place of that it was printed with


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A printed article, and how the incoming one is like it."""

    of: str  #: uid
    similarity: float
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """A printed article about the same, of which this is no copy."""

    uid: str
    similarity: float


class Shelf(Protocol):
    """The texts of printed articles by uid."""

    def get(self, uid: str, /) -> Text | None: ...
    def __setitem__(self, uid: str, text: Text, /) -> None: ...


class Near:
    """Finds near copies; what it keeps is in what it is given."""

    def __init__(
        self,
        index: Index,
        shelf: Shelf,
        habits: Callable[[str], Habits],
        frequencies: Frequencies,
        window: timedelta,
    ) -> None:
        self._index = index
        self._shelf = shelf
        self._habits = habits
        self._frequencies = frequencies
        self._window = window

    def read(self, uid: str, source: str, title: str, text: str, date: datetime) -> Text:
        """The article as it is compared, by what is known of its source by now."""
        habits = self._habits(source)
        sentences = tuple(habits.story_of(sentences_of(text)))
        bare = bare_title(title)
        return Text(
            uid=uid,
            source=source,
            title=title,
            date=date,
            bare=bare if is_telling(bare) and not habits.is_usual_title(bare) else "",
            sentences=sentences,
            features=features_of("\n".join(sentences)),
        )

    def again(self, text: Text) -> Text:
        """The same after others of the source were kept, which may have shown more of its habits."""
        habits = self._habits(text.source)
        sentences = tuple(habits.story_of(text.sentences))
        return replace(
            text,
            bare="" if habits.is_usual_title(text.bare) else text.bare,
            sentences=sentences,
            features=text.features if sentences == text.sentences else features_of("\n".join(sentences)),
        )

    def count(self, text: Text) -> None:
        """Its words are of those that articles have. All of a batch first, for their order must not matter."""
        if text.features.length >= LEAST:
            self._frequencies.add(text.features.terms, text.features.unspaced)

    def keep(self, text: Text, *, anew: bool = True) -> None:
        """It is printed from now on, ``anew`` unless it only has another text than before."""
        self._shelf[text.uid] = text
        self._index.add(text.uid, _hashes(text), text.date)
        if anew:
            self._habits(text.source).learn(text.bare, text.sentences)

    def find(self, text: Text) -> tuple[Finding | None, Kin | None]:
        """What it is a copy of; or else what is about the same."""
        kin: list[Kin] = []
        for at, known in enumerate(self._candidates(text)):
            like = Likeness(text.features, known.features, self._frequencies)
            if found := _same(text, known, like):
                self._fill_out(known, text)
                return Finding(of=known.uid, similarity=found[0], clause=found[1]), None
            if at < MOST_RELATED and not guarded(like) and like.cosine >= SAME_STORY:
                kin.append(Kin(uid=known.uid, similarity=like.cosine))
        return None, max(kin, key=lambda one: (one.similarity, one.uid), default=None)

    def _candidates(self, text: Text) -> Iterable[Text]:
        uids = self._index.query(_hashes(text), text.date - self._window)
        found = (self._shelf.get(uid) for uid in uids if uid != text.uid)
        return (known for known in found if known and abs(known.date - text.date) <= self._window)

    def _fill_out(self, known: Text, copy: Text) -> None:
        """A story that was known from a part of its text is known by the whole from now on.

        All of the part must stand in the whole: a text that only resembles it never stands for it. And this
        happens a few times at most, lest a digest of many stories be reached step by step.
        """
        few, many = known.features, copy.features
        if known.filled >= MOST_FILLED or few.length > MUCH_SHORTER * many.length:
            return
        if few.length < LEAST or self._is_part(few, copy):
            filled = replace(known, sentences=copy.sentences, features=many, filled=known.filled + 1)
            self.keep(filled, anew=False)

    def _is_part(self, few: Features, copy: Text) -> bool:
        """Whether the one is most of the other, or a teaser: its beginning."""
        whole = copy.features
        if few.length < TEASER * whole.length:
            whole = features_of("\n".join(copy.sentences)[: int(1.5 * few.length) + 100])
        return Likeness(few, whole, self._frequencies).contained >= PART


def _same(text: Text, known: Text, like: Likeness) -> tuple[float, str] | None:
    """By which clause they are one, and how alike."""
    if is_serial(text.title, known.title) and like.contained < 0.95:
        return None
    if found := copied(like):
        return None if _only_furniture_is_common(text, known) else found
    return _titled(text, known, like)


def _titled(text: Text, known: Text, like: Likeness) -> tuple[float, str] | None:
    """One title: more must agree, and where there is no more to agree, they come from two sources in one day."""
    apart = abs(text.date - known.date)
    if not text.bare or text.bare != known.bare or apart > TITLE_WINDOW:
        return None
    if like.shorter >= LEAST:
        if guarded(like) or like.contained < TITLED:
            return None
        return like.contained, f"same title, contains {like.contained:.2f} of the shorter text"
    if text.source == known.source or not _fits(text, known):
        return None
    if text.features.length < LEAST and known.features.length < LEAST and apart > TITLE_ONLY_WINDOW:
        return None
    return 1.0, "same title in another source, no text that says otherwise"


def _fits(text: Text, known: Text) -> bool:
    """The few words that stand there instead of a text are none, the title again, or in the other text."""
    few, many = sorted((squeezed("".join(one.sentences)) for one in (text, known)), key=len)
    return few in many or few in (text.bare, known.bare)


def _only_furniture_is_common(one: Text, other: Text) -> bool:
    """In one source: a footer. Before it each of them says something, and not the same."""
    if one.source != other.source:
        return False
    common = set(one.sentences) & set(other.sentences)
    if not common or not (_begins_on_its_own(one, common) and _begins_on_its_own(other, common)):
        return False
    few, many = sorted((_without(text, common) for text in (one, other)), key=lambda rest: len(rest.runs))
    return few.length >= LEAST_SENTENCE and len(few.runs & many.runs) < UNLIKE * len(few.runs)


def _begins_on_its_own(text: Text, common: set[str]) -> bool:
    """Whether all that is not common stands at the beginning."""
    own = [at for at, sentence in enumerate(text.sentences) if sentence not in common]
    return bool(own) and own[-1] + 1 == len(own)


def _without(text: Text, common: set[str]) -> Features:
    return features_of("\n".join(sentence for sentence in text.sentences if sentence not in common))


def _hashes(text: Text) -> Sequence[int]:
    """Two of the title, so that it alone makes a candidate."""
    titled = (hash_of(f"1={text.bare}"), hash_of(f"2={text.bare}")) if text.bare else ()
    return *(text.features.hashes if text.features.length >= LEAST else ()), *titled
