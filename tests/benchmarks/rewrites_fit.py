"""Fits the weights of the semantic stage: ``python -m tests.benchmarks.rewrites_fit --corpus DIR``.

Prints what cross-validation by story says of them, what one half of the registers says of the other, and the table
for ``aggregator/dedup/semantic/weights.py``. Besides whole rewrites there are milder and shorter ones among the
positives, and other outlets' reports with a quotation in common among the look-alikes, so that the weights hold
between the extremes too.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aggregator.dedup.features import Features, features_of
from aggregator.dedup.frequencies import Frequencies
from aggregator.dedup.habits import sentences_of
from aggregator.dedup.likeness import Likeness, copied
from aggregator.dedup.semantic.encoder import load
from aggregator.dedup.semantic.judge import NAMES, considered
from aggregator.dedup.semantic.likeness import Evidence, evidence
from aggregator.dedup.semantic.vectors import Matrix, Vectors, encoded, unpacked
from tests.benchmarks.dedup import pairs
from tests.dedup.rewriting import stories

#: Look-alikes are also any two articles of the corpus that are so near as wholes, though no copies.
NEIGHBOURS = 0.70
#: How strongly weights are drawn to nothing, and how much more a false merge counts than a missed rewrite.
RIDGE, DEARER = 1.0, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A text, ready to be held against others."""

    uid: str
    lang: str
    sentences: tuple[str, ...]
    features: Features
    vectors: Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    story: str
    kind: str
    register: str
    copy: bool
    evidence: Evidence
    stopped: bool  #: by guards, before any evidence is looked at
    lexical: bool


class Desk:
    """Reads each text once."""

    def __init__(self) -> None:
        self._encoder = _Cached()

    def read(self, uid: str, lang: str, sentences: Sequence[str]) -> Read:
        features = features_of("\n".join(sentences))
        vectors = encoded(self._encoder, sentences, features.unspaced)
        vectors = encoded(self._encoder, sentences, features.unspaced, vectors)
        kept = unpacked(vectors.packed(), sentences, features.unspaced)
        assert kept is not None
        return Read(uid=uid, lang=lang, sentences=tuple(sentences), features=features, vectors=kept)


class _Cached:
    """Sentences that stand in several texts are encoded once."""

    name = "cached"

    def __init__(self) -> None:
        self._encoder = load()
        self._rows: dict[str, Matrix] = {}

    def encode(self, sentences: Sequence[str]) -> Matrix:
        new = [sentence for sentence in dict.fromkeys(sentences) if sentence not in self._rows]
        if new:
            self._rows.update(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._rows[sentence] for sentence in sentences])


def examples(corpus: Path) -> list[Example]:
    desk = Desk()
    told = list(_told(corpus, desk))
    around = _corpus(corpus, desk)
    fresh, read = Frequencies(), Frequencies()
    for text in around.values():
        read.add(text.features.terms, text.features.unspaced)
    found = []
    for weights in (fresh, read):
        for story, register, hands in told:
            found += [
                _example(weights, story, register, kind, one, other)
                for kind, one, other in _within_story(desk, hands)
            ]
        found += [
            _example(weights, one.uid, one.lang, kind, one, other)
            for kind, one, other in _look_alikes(corpus, around)
        ]
    return found


def _told(corpus: Path, desk: Desk) -> Iterator[tuple[str, str, dict[str, Read]]]:
    with (corpus / "dedup" / "rewrites.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        hands = {hand: "\n".join(row[hand]["paras"]) for hand in ("original", "rewrite", "other")}
        yield row["id"], row["id"].split("-")[0], _read(desk, row["id"], row["lang"], hands)
    for story in stories():
        hands = {hand: "\n".join(told.paragraphs) for hand, told in story.hands.items()}
        yield f"own {story.id}", f"own-{story.lang}", _read(desk, story.id, story.lang, hands)


def _read(desk: Desk, uid: str, lang: str, hands: dict[str, str]) -> dict[str, Read]:
    return {hand: desk.read(f"{uid} {hand}", lang, sentences_of(text)) for hand, text in hands.items()}


def _within_story(desk: Desk, hands: dict[str, Read]) -> Iterator[tuple[str, Read, Read]]:
    original, rewrite = hands["original"], hands["rewrite"]
    yield "rewrite", original, rewrite
    yield "milder", original, _with_verbatim(desk, original, rewrite)
    short = rewrite.sentences[: max(3, round(0.7 * len(rewrite.sentences)))]
    yield "shorter", original, desk.read(f"{rewrite.uid} short", rewrite.lang, short)
    for hand in hands.keys() - {"original", "rewrite"}:
        yield hand, original, hands[hand]
        yield hand, rewrite, hands[hand]
        yield "quoting", original, _quoting(desk, original, hands[hand])
    if "second" in hands:
        yield "second", hands["other"], hands["second"]


def _with_verbatim(desk: Desk, original: Read, rewrite: Read) -> Read:
    """Every fourth sentence is left as it was."""
    count = min(len(rewrite.vectors.lengths), len(rewrite.sentences))
    best = (rewrite.vectors.rows @ original.vectors.rows.T).argmax(axis=1)
    mixed = [
        original.sentences[best[at]] if at < count and at % 4 == 1 else sentence
        for at, sentence in enumerate(rewrite.sentences)
    ]
    return desk.read(f"{rewrite.uid} milder", rewrite.lang, mixed)


def _quoting(desk: Desk, original: Read, other: Read) -> Read:
    """Two sentences that both outlets had from an agency."""
    longest = sorted(original.sentences, key=len)[-2:]
    return desk.read(
        f"{other.uid} quoting", other.lang, [*other.sentences[:2], *longest, *other.sentences[2:]]
    )


def _corpus(corpus: Path, desk: Desk) -> dict[str, Read]:
    found: dict[str, Read] = {}
    for pair in pairs(corpus):
        for piece in (pair.one, *(() if pair.copy else (pair.other,))):
            if piece.uid not in found:
                found[piece.uid] = desk.read(piece.uid, pair.lang, sentences_of(piece.text))
    return found


def _look_alikes(corpus: Path, around: dict[str, Read]) -> Iterator[tuple[str, Read, Read]]:
    done = set()
    for pair in pairs(corpus):
        if not pair.copy:
            one, other = around[pair.one.uid], around[pair.other.uid]
            done |= {(one.uid, other.uid), (other.uid, one.uid)}
            yield pair.kind, one, other
    for lang in ("zh", "en"):
        texts = [text for text in around.values() if text.lang == lang and text.vectors.lengths]
        documents = np.stack([text.vectors.document for text in texts])
        for at, near in np.argwhere(np.triu(documents @ documents.T, k=1) >= NEIGHBOURS):
            one, other = texts[at], texts[near]
            if (one.uid, other.uid) not in done:
                yield "neighbour", one, other


def _example(weights: Frequencies, story: str, register: str, kind: str, one: Read, other: Read) -> Example:
    like = Likeness(one.features, other.features, weights)
    return Example(
        story=story,
        kind=kind,
        register=register,
        copy=kind in ("rewrite", "milder", "shorter"),
        evidence=evidence((one.vectors, other.vectors), (one.features, other.features), like, weights),
        stopped=not considered(like),
        lexical=copied(like) is not None,
    )


@dataclass(frozen=True, slots=True)
class Fitted:
    weights: Matrix
    bias: float

    def scores(self, given: Sequence[Example]) -> Matrix:
        return np.asarray(_matrix(given) @ self.weights + self.bias)


def _matrix(given: Sequence[Example]) -> Matrix:
    return np.array([[example.evidence[name] for name in NAMES] for example in given])


def fit(given: Sequence[Example]) -> Fitted:
    """Logistic regression with a ridge, by Newton's steps, on standardised evidence; given back for plain evidence."""
    x, y = _matrix(given), np.array([float(example.copy) for example in given])
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    z = np.column_stack([(x - mean) / scale, np.ones(len(x))])
    # Both classes count alike, but for what a false merge costs more.
    share = np.where(y == 1, 0.5 / y.mean(), DEARER * 0.5 / (1 - y.mean()))
    ridge = RIDGE * np.diag([1.0] * (z.shape[1] - 1) + [1e-6])
    w = np.zeros(z.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(z @ w, -30, 30)))
        step = np.linalg.solve(
            (z * (share * p * (1 - p))[:, None]).T @ z + ridge, z.T @ (share * (p - y)) + ridge @ w
        )
        w -= step
        if np.abs(step).max() < 1e-7:
            break
    weights = w[:-1] / scale
    return Fitted(weights, float(w[-1] - weights @ mean))


def crossed(given: Sequence[Example], seed: int, folds: int = 5) -> dict[int, float]:
    """Every example's score by weights that have seen nothing of its story."""
    names = sorted({example.story for example in given})
    random.Random(seed).shuffle(names)
    fold = {name: at % folds for at, name in enumerate(names)}
    scores: dict[int, float] = {}
    for at in range(folds):
        seen = [example for example in given if fold[example.story] != at]
        unseen = [example for example in given if fold[example.story] == at]
        scores |= dict(zip(map(id, unseen), fit(seen).scores(unseen), strict=True))
    return scores


def report(
    given: Sequence[Example], score: Callable[[Example], float], thresholds: Sequence[float]
) -> Iterator[str]:
    """Recall and false merges by kind at each threshold."""
    for kind in sorted({(not example.copy, example.kind) for example in given}):
        mine = [example for example in given if example.kind == kind[1]]
        merged = [
            sum(score(example) >= limit and not example.stopped for example in mine) for limit in thresholds
        ]
        yield f"  {kind[1]:14}{len(mine):6} " + " ".join(
            f"{count:4} {count / len(mine):5.3f}" for count in merged
        )


THRESHOLDS = (0.0, 1.0, 2.0, 3.0, 4.0)
HALVES = (
    (("z1",), ("z2",)),
    (("z2",), ("z1",)),
    (("z1", "z2"), ("own-zh",)),
    (("own-zh", "own-en"), ("z1", "z2", "e1")),
    (("z1", "z2", "e1"), ("own-zh", "own-en")),
    (("z1", "z2", "own-zh"), ("e1", "own-en")),
    (("e1", "own-en"), ("z1", "z2", "own-zh")),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    options = parser.parse_args()
    found = examples(options.corpus)
    open_ = [example for example in found if not example.stopped and not example.lexical]
    print(Counter((example.kind, "stopped" if example.stopped else "") for example in found))
    print("thresholds", THRESHOLDS)
    for seed in range(3):
        scores = crossed(open_, seed)
        print(f"five folds by story, seed {seed}")
        print("\n".join(report(open_, lambda example, known=scores: known[id(example)], THRESHOLDS)))  # type: ignore[misc]
    worst = sorted((e for e in open_ if not e.copy), key=lambda e: -scores[id(e)])[:12]
    print([(e.kind, e.story, round(float(scores[id(e)]), 1)) for e in worst])
    worst = sorted((e for e in open_ if e.copy), key=lambda e: scores[id(e)])[:12]
    print([(e.kind, e.story, round(float(scores[id(e)]), 1)) for e in worst])
    for seen, unseen in HALVES:
        others = {"z1", "z2", "own-zh", "own-en", "e1"}
        train = [e for e in open_ if e.register in seen or e.register not in others]
        test = [e for e in open_ if e.register in unseen]
        fitted = fit(train)
        scores = dict(zip(map(id, test), fitted.scores(test), strict=True))
        print(f"{'+'.join(seen)} -> {'+'.join(unseen)}")
        print("\n".join(report(test, lambda example, known=scores: known[id(example)], THRESHOLDS)))  # type: ignore[misc]
    fitted = fit(open_)
    print(f"BIAS = {fitted.bias:.2f}")
    print("\n".join(f"{name}: {weight:.2f}" for name, weight in zip(NAMES, fitted.weights, strict=True)))


if __name__ == "__main__":
    main()
