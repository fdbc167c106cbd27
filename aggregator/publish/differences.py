"""What one text has that another has not, sentence by sentence and word by word. Pure, and its cost is bounded.

Sentences find each other wherever they stand, so that other paragraphs or another order are no difference. Within two
that belong together words are compared (of Chinese, characters). What is only written otherwise (widths, punctuation,
traditional characters) is the same.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from typing import Literal

from aggregator.text.fold import fold

Kind = Literal["same", "only", "missing"]

#: Characters of a text that are compared; what is beyond is left out on both sides.
LONGEST = 20_000
#: So much of the shorter sentence stands in the other one, when the two belong together.
KINDRED = 0.4
#: Parts of sentences that more of them have than this bring none together.
MOST_SHARING = 30
#: Cells of all the tables in which words are compared; beyond it, sentences are taken as a whole.
MOST_CELLS = 400_000
#: An island of equal words between two changes is worth keeping from so many on.
LEAST_ISLAND = 2

_SENTENCE = re.compile(r"[^。！？!?…\n]*?(?:[。！？!?…]+|\.(?=\s)|\n|\Z)[”」』）\"')\]]*\s*")
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]|[^\W_]+(?:['’.,-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Run:
    """Words that are the same in both texts, that only this one has, or that it lacks."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """A text beside another one."""

    paragraphs: tuple[tuple[Run, ...], ...]  #: of this text; what it lacks stands where it would have been
    common: float  #: share of this text's words that stand in the other, 0..1
    cut: bool = False  #: the texts go on

    @property
    def none(self) -> bool:
        return all(run.kind == "same" for paragraph in self.paragraphs for run in paragraph)


def differences(this: str, other: str) -> Differences:
    """``this`` text as it differs from the ``other``."""
    mine, theirs = _sentences(this[:LONGEST]), _sentences(other[:LONGEST])
    pairs = _paired(mine, theirs)
    missing = _missing_after(pairs, theirs)
    budget = _Budget(MOST_CELLS)
    paragraphs: list[list[Run]] = []
    same = 0
    for at, sentence in enumerate(mine):
        if at == 0 or sentence.paragraph != mine[at - 1].paragraph:
            if at == 0:
                paragraphs += _lacking(missing.get(None, ()))
            paragraphs.append([])
        partner = pairs.get(at)
        runs = (
            [Run("only", sentence.text)] if partner is None else _compared(theirs[partner], sentence, budget)
        )
        same += sum(len(_TOKEN.findall(run.text)) for run in runs if run.kind == "same")
        paragraphs[-1] += runs
        if partner is not None:
            inline, apart = _by_paragraph(missing.get(partner, ()), theirs[partner].paragraph)
            paragraphs[-1] += [Run("missing", one.text) for one in inline]
            if apart:
                paragraphs += [*_lacking(apart), []]
    if not mine:
        paragraphs += _lacking(missing.get(None, ()))
    words = sum(len(sentence.keys) for sentence in mine)
    return Differences(
        paragraphs=tuple(filter(None, (tuple(_merged(runs)) for runs in paragraphs))),
        common=same / words if words else float(not theirs),
        cut=max(len(this), len(other)) > LONGEST,
    )


# -- sentences that belong together


@dataclass(frozen=True)
class _Sentence:
    text: str  #: with the space behind it
    paragraph: int

    @cached_property
    def tokens(self) -> list[str]:
        """Its words, each with all that stands between it and the next; the first also with what is before it."""
        starts = [found.start() for found in _TOKEN.finditer(self.text)]
        if not starts:
            return []
        edges = [0, *starts[1:], len(self.text)]
        return [self.text[start:end] for start, end in pairwise(edges)]

    @cached_property
    def keys(self) -> list[str]:
        return [fold(token) for token in self.tokens]

    @cached_property
    def parts(self) -> frozenset[tuple[str, ...]]:
        """What brings it together with another: its pairs of words, and words of more than a character."""
        words = ((key,) for key in self.keys if len(key) > 1)
        return frozenset({*pairwise(self.keys), *words}) or frozenset({tuple(self.keys)})


def _sentences(text: str) -> list[_Sentence]:
    return [
        _Sentence(found, number)
        for number, paragraph in enumerate(text.splitlines())
        for found in _SENTENCE.findall(paragraph.strip())
        if _TOKEN.search(found)
    ]


def _paired(mine: Sequence[_Sentence], theirs: Sequence[_Sentence]) -> dict[int, int]:
    """Each sentence of mine that belongs to one of theirs; none is taken twice."""
    pairs = _equal(mine, theirs)
    free = set(range(len(theirs))) - set(pairs.values())
    bearers: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for at in sorted(free):
        for part in theirs[at].parts:
            bearers[part].append(at)
    for at, sentence in enumerate(mine):
        if at in pairs:
            continue
        shared = Counter(
            other
            for part in sentence.parts
            for other in bearers.get(part, ())[:MOST_SHARING]
            if other in free
        )
        found = max(
            ((_share(sentence, theirs[other], common), -other) for other, common in shared.items()),
            default=(0.0, 0),
        )
        if found[0] >= KINDRED:
            pairs[at] = -found[1]
            free.discard(-found[1])
    return pairs


def _equal(mine: Sequence[_Sentence], theirs: Sequence[_Sentence]) -> dict[int, int]:
    places: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for at in reversed(range(len(theirs))):
        places[tuple(theirs[at].keys)].append(at)
    return {at: left.pop() for at, sentence in enumerate(mine) if (left := places.get(tuple(sentence.keys)))}


def _share(one: _Sentence, other: _Sentence, common: int) -> float:
    return common / min(len(one.parts), len(other.parts))


def _missing_after(pairs: dict[int, int], theirs: Sequence[_Sentence]) -> dict[int | None, list[_Sentence]]:
    """Their sentences that nobody took, by the last one before them that was taken; None: by none."""
    taken, missing = set(pairs.values()), defaultdict[int | None, list[_Sentence]](list)
    last: int | None = None
    for at, sentence in enumerate(theirs):
        if at in taken:
            last = at
        else:
            missing[last].append(sentence)
    return missing


def _by_paragraph(missing: Sequence[_Sentence], paragraph: int) -> tuple[list[_Sentence], list[_Sentence]]:
    """Those that end the paragraph, and those of later ones."""
    return (
        [one for one in missing if one.paragraph == paragraph],
        [one for one in missing if one.paragraph != paragraph],
    )


def _lacking(missing: Iterable[_Sentence]) -> list[list[Run]]:
    """Paragraphs of nothing but what is missing."""
    return [
        [Run("missing", one.text) for one in sentences]
        for _, sentences in groupby(missing, key=lambda one: one.paragraph)
    ]


# -- words


@dataclass(slots=True)
class _Budget:
    left: int

    def takes(self, cells: int) -> bool:
        self.left -= cells
        return self.left >= 0


def _compared(theirs: _Sentence, mine: _Sentence, budget: _Budget) -> list[Run]:
    """Mine, with what it lacks of theirs."""
    old, new = theirs.keys, mine.keys
    start = _common_length(old, new)
    end = _common_length(old[start:][::-1], new[start:][::-1])
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    steps: list[tuple[Kind, str]] = [("same", token) for token in mine.tokens[:start]]
    left, right = theirs.tokens[start:], mine.tokens[start:]
    if budget.takes(len(middle_old) * len(middle_new)):
        steps += _aligned(middle_old, middle_new, left, right)
    else:
        steps += [("missing", token) for token in left[: len(middle_old)]]
        steps += [("only", token) for token in right[: len(middle_new)]]
    steps += [("same", token) for token in mine.tokens[len(new) - end :]]
    return list(_without_islands(steps))


def _common_length(one: Sequence[str], other: Sequence[str]) -> int:
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _aligned(
    old: Sequence[str], new: Sequence[str], old_tokens: Sequence[str], new_tokens: Sequence[str]
) -> Iterator[tuple[Kind, str]]:
    """The longest common subsequence; of two ways the one that names what is missing first."""
    lengths = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        row, below = lengths[i], lengths[i + 1]
        for j in range(len(new) - 1, -1, -1):
            row[j] = below[j + 1] + 1 if old[i] == new[j] else max(below[j], row[j + 1])
    i = j = 0
    while i < len(old) or j < len(new):
        if i < len(old) and j < len(new) and old[i] == new[j]:
            yield "same", new_tokens[j]
            i, j = i + 1, j + 1
        elif j == len(new) or (i < len(old) and lengths[i + 1][j] >= lengths[i][j + 1]):
            yield "missing", old_tokens[i]
            i += 1
        else:
            yield "only", new_tokens[j]
            j += 1


def _without_islands(steps: Sequence[tuple[Kind, str]]) -> Iterator[Run]:
    """One equal character between two changes tells nobody anything: it counts as changed."""
    groups = [
        (kind, [token for _, token in found]) for kind, found in groupby(steps, key=lambda step: step[0])
    ]
    for at, (kind, tokens) in enumerate(groups):
        if kind == "same" and len(tokens) < LEAST_ISLAND and 0 < at < len(groups) - 1:
            yield from (Run("missing", tokens[0]), Run("only", tokens[0]))
        else:
            yield Run(kind, "".join(tokens))


def _merged(runs: Sequence[Run]) -> Iterator[Run]:
    """Between two runs that are the same: first all that is missing, then all that only this text has."""
    for same, found in groupby(runs, key=lambda run: run.kind == "same"):
        group = list(found)
        kinds: tuple[Kind, ...] = ("same",) if same else ("missing", "only")
        for kind in kinds:
            if text := "".join(run.text for run in group if run.kind == kind):
                yield Run(kind, text)
