"""Near copies: the article that an incoming one was made from, though neither name nor text is the same.

An article is compared with texts that stand for stories: the printed article's, and at times a fuller one that holds
all of it; never with every copy, else a text that drifts from copy to copy would join what has nothing in common.

1. Sentences that the source prints everywhere are set aside (``habits.py``), the rest is folded (``features.py``).
2. Texts that share hashes with it, of its time, are the candidates (``library.py``), likely ones first.
3. The guards and clauses of ``likeness.py`` decide on each.
4. What has hardly any text is compared by its title, carefully (``_titled``).
5. Where it is a copy of several stories, these are one, or it is a digest of them (``joining.py``).
6. What is left may tell of the same happening: the most like one is named as related, and nothing is merged.

In a batch every article that nothing identifies is read and counted first, then found or kept in one fixed order; a
text that stands for a story is kept again when it changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from aggregator.dedup.features import LEAST, Features, features_of, squeezed
from aggregator.dedup.habits import LEAST_SENTENCE
from aggregator.dedup.joining import Settled, Tie, reach_of, settled
from aggregator.dedup.library import Library
from aggregator.dedup.likeness import MEASURED, SAME_STORY, Likeness, Rules, copied, guarded
from aggregator.dedup.notes import is_note, name_two
from aggregator.dedup.texts import Text, again
from aggregator.dedup.titles import is_serial

#: Titles are compared of articles so close in time; of two without any text, closer still.
TITLE_WINDOW, TITLE_ONLY_WINDOW = timedelta(days=3), timedelta(days=1)
#: Under one title so much of the shorter text must stand in the other.
TITLED = 0.3
#: What is left of two texts without their common sentences, when it is as unlike as this, makes them two.
UNLIKE = 0.35
#: So much of a part stands in the whole, which is longer by more than this; a shorter part is its beginning.
PART, MUCH_SHORTER, TEASER = 0.9, 0.9, 0.4
#: A text that is so much of another's length is no flash or teaser of it.
NO_PART = 0.7
#: With less in common two short texts are no note again, but said anew.
SAME_WORDS = 0.8
#: So often a fuller text is put beside that which stands for a story.
MOST_FILLED = 2
#: A text that is so much longer than before, or has less than that share left of it, is another.
GROWN, LEFT = 1.5, 0.5
#: So many candidates are looked at for a related story.
MOST_RELATED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A printed article, and how an article is like it."""

    of: str  #: uid
    similarity: float
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """A printed article about the same, of which this is no copy."""

    uid: str
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """An article that was printed by itself, and is a copy from now on."""

    uid: str
    into: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one article."""

    finding: Finding | None = None  #: what it is a copy of
    kin: Kin | None = None  #: or else what is about the same
    joined: tuple[Joined, ...] = ()  #: what has proved to be one story by it


class Meaning(Protocol):
    """What is asked where no words are the same (``semantic/stage.py``): whether two texts say the same."""

    def find(self, text: Text, /) -> Finding | None:
        """What it is a rewrite of: ``of`` is the story of a text that was kept."""
        ...

    def keep(self, text: Text, /) -> None:
        """It stands for its story, or does so with another text than before."""
        ...


class Near:
    """Finds near copies; what it knows is in the library."""

    def __init__(
        self,
        library: Library,
        window: timedelta,
        rules: Rules = MEASURED,
        meaning: Meaning | None = None,
    ) -> None:
        self._library = library
        self._window = window
        self._rules = rules
        self._meaning = meaning

    def count(self, text: Text) -> None:
        """Its words are of those that articles have. All of a batch first, for their order must not matter."""
        if text.features.length >= LEAST:
            self._library.frequencies.add(text.features.terms, text.features.unspaced)

    def keep(self, text: Text) -> None:
        """It stands for its story, or does so with another text than before."""
        self._library.keep(text, text.hashes(self._rules.least))
        if self._meaning:
            self._meaning.keep(text)

    def settle(self, text: Text) -> Outcome:
        """Find what it is a copy of, or keep it as a story of its own."""
        text = again(text, self._library.habits(text.source))
        ties, kin = self._compared(text)
        if ties:
            found = settled(text, ties, self._library.frequencies)
            if not found.digest:
                return self._joined(text, found)
            kin = Kin(uid=found.tie.known.story, similarity=found.tie.like.cosine)
        if self._meaning and (rewritten := self._meaning.find(text)):
            return Outcome(finding=rewritten)
        self.keep(text)
        self._library.learn(text)
        return Outcome(kin=kin)

    def revise(self, changes: Sequence[tuple[Text, Text]]) -> dict[str, tuple[Joined, ...]]:
        """Keep other texts of stories, each given with the one before it; by uid what has proved to be one story.

        Only by a text that is another than it was, as a flash is that has grown: an edit, another title make no copy.
        All are kept before the first is compared, for a source may change all that it has at once.
        """
        for text, _ in changes:
            self.keep(text)
        return {text.uid: self._rejoined(text) for text, was in changes if _is_another(text, was)}

    def _rejoined(self, text: Text) -> tuple[Joined, ...]:
        ties = [tie for tie in self._compared(text)[0] if tie.known.story != text.story]
        found = settled(text, ties, self._library.frequencies) if ties else None
        if found is None or found.digest:
            return ()
        heads = {tie.known.story: tie for tie in reversed(found.group)}
        first = min((text, *(tie.known for tie in heads.values())), key=_age)
        return self._join(heads | {text.story: found.tie}, first)

    def _compared(self, text: Text) -> tuple[list[Tie], Kin | None]:
        ties: list[Tie] = []
        kin: list[Kin] = []
        for at, known in enumerate(self._candidates(text)):
            like = Likeness(text.features, known.features, self._library.frequencies)
            if found := _same(text, known, like, self._rules):
                ties.append(
                    Tie(
                        known=known,
                        like=like,
                        similarity=found[0],
                        clause=found[1],
                        reach=reach_of(known, text),
                    )
                )
            elif at < MOST_RELATED and not guarded(like, self._rules) and like.cosine >= SAME_STORY:
                kin.append(Kin(uid=known.story, similarity=like.cosine))
        return ties, max(kin, key=lambda one: (one.similarity, one.uid), default=None)

    def _candidates(self, text: Text) -> Iterable[Text]:
        for known in self._library.sharing(text.hashes(self._rules.least)):
            if known.uid != text.uid and abs(known.date - text.date) <= self._window and known.meets(text):
                yield known

    def _joined(self, text: Text, found: Settled) -> Outcome:
        heads = {tie.known.story: tie for tie in reversed(found.group)}
        first = min((tie.known for tie in heads.values()), key=_age)
        joined = self._join(heads, first)
        self._fill_out(replace(text, story=first.story, begun=first.begun), found.group)
        finding = Finding(of=first.story, similarity=found.tie.similarity, clause=found.tie.clause)
        return Outcome(finding=finding, joined=joined)

    def _join(self, heads: Mapping[str, Tie], first: Text) -> tuple[Joined, ...]:
        """Of stories that are one the earliest stays printed."""
        joined = []
        for story, tie in sorted(heads.items()):
            if story != first.story:
                self._library.join(story, first)
                clause = f"one story by another copy: {tie.clause}"
                into = Finding(of=first.story, similarity=tie.similarity, clause=clause)
                joined.append(Joined(uid=story, into=into))
        return tuple(joined)

    def _fill_out(self, copy: Text, group: Iterable[Tie]) -> None:
        """A story that was known from a part of its text is known by the whole, too, from now on.

        All of the part must stand in the whole: a text that only resembles it never stands for it. And this
        happens a few times at most, lest a digest of many stories be reached step by step.
        """
        many = copy.features
        known = [tie.known for tie in group]
        if any(one.features.length > MUCH_SHORTER * many.length for one in known):
            return
        parts = [one for one in known if one.features.length < LEAST or self._is_part(one.features, copy)]
        filled = max((one.filled for one in parts), default=MOST_FILLED)
        if filled < MOST_FILLED:
            self.keep(replace(copy, filled=filled + 1))

    def _is_part(self, few: Features, copy: Text) -> bool:
        """Whether the one is most of the other, or a teaser: its beginning."""
        whole = copy.features
        if few.length < TEASER * whole.length:
            whole = features_of("\n".join(copy.sentences)[: int(1.5 * few.length) + 100])
        return Likeness(few, whole, self._library.frequencies).contained >= PART


def _is_another(text: Text, was: Text) -> bool:
    """Whether there is much more of it, or little of what there was."""
    new, old = text.features, was.features
    return new.length >= GROWN * old.length or len(new.runs & old.runs) < LEFT * len(old.runs)


def _age(text: Text) -> tuple[datetime, datetime, str]:
    return text.begun, text.date, text.story


def _same(text: Text, known: Text, like: Likeness, rules: Rules) -> tuple[float, str] | None:
    """By which clause they are one, and how alike."""
    if is_serial(text.title, known.title) and like.contained < 0.95:
        return None
    if are_two_notes(text, known, like):
        return None
    if found := copied(like, rules):
        return None if _only_furniture_is_common(text, known) else found
    return _titled(text, known, like, rules)


def are_two_notes(one: Text, other: Text, like: Likeness) -> bool:
    """In one source: as few words in both, most of them the same, under titles that say two things (``notes.py``)."""
    return (
        one.source == other.source
        and one.named
        and other.named
        and is_note(like.shorter, unspaced=like.unspaced)
        and like.ratio >= NO_PART
        and like.contained >= SAME_WORDS
        and name_two(one.title, other.title)
    )


def _titled(text: Text, known: Text, like: Likeness, rules: Rules) -> tuple[float, str] | None:
    """One title: more must agree, and where there is no more to agree, they come from two sources in one day."""
    apart = abs(text.date - known.date)
    if not text.bare or text.bare != known.bare or apart > TITLE_WINDOW:
        return None
    if like.shorter >= LEAST:
        if guarded(like, rules) or like.contained < TITLED:
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
