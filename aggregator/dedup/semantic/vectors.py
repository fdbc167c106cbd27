"""The sentences of an article as vectors: what is encoded, how it is kept, and the one vector of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from aggregator.dedup.semantic.encoder import Encoder

Matrix = npt.NDArray[np.float32]

DIMENSIONS = 512
#: Characters that are encoded of every article, and of one that has a candidate: of scripts without spaces, and with.
LEAD, WHOLE = {True: 600, False: 1500}, {True: 1000, False: 2400}
#: Of a single sentence: a list without a full stop is one.
LONGEST = {True: 160, False: 400}
#: A component of a vector of length 1 in 512 dimensions is 0.044 in the mean; few are beyond seven of these steps.
_STEP, _STEPS = 0.02, 7


@dataclass(frozen=True)
class Vectors:
    """The beginning of an article, sentence by sentence."""

    lengths: tuple[int, ...]  #: characters of each sentence
    lead: int  #: so many of them make the vector of the whole
    rows: Matrix  #: a sentence a row, each of length 1

    @cached_property
    def document(self) -> Matrix:
        """The article in one vector; a sentence counts by the square root of its length."""
        weights = np.sqrt(np.array(self.lengths[: self.lead], dtype=np.float32))
        return unit(weights @ self.rows[: self.lead])

    @property
    def code(self) -> bytes:
        """The signs of ``document``: 64 bytes by which its like are found."""
        return bytes(np.packbits(self.document > 0))

    def packed(self) -> bytes:
        """Four bits a component: 256 bytes a sentence. What is lost is less than 0.01 of a cosine."""
        steps = np.clip(np.rint(self.rows / _STEP), -_STEPS, _STEPS).astype(np.int8) + _STEPS
        nibbles = steps.astype(np.uint8)
        return bytes(nibbles[:, ::2] << 4 | nibbles[:, 1::2])


def encoded(
    encoder: Encoder, sentences: Sequence[str], unspaced: bool, known: Vectors | None = None
) -> Vectors:
    """The lead of an article; given that as ``known``, as much as is compared."""
    lead = portion(sentences, LEAD[unspaced])
    count = portion(sentences, WHOLE[unspaced]) if known else lead
    done = len(known.lengths) if known else 0
    chosen = [sentence[: LONGEST[unspaced]] for sentence in sentences[:count]]
    rows = known.rows if known else np.zeros((0, DIMENSIONS), dtype=np.float32)
    if count > done:
        rows = np.concatenate([rows, encoder.encode(chosen[done:])])
    return Vectors(tuple(map(len, chosen)), lead, rows)


def unpacked(kept: bytes, sentences: Sequence[str], unspaced: bool) -> Vectors | None:
    """What ``packed`` made of these sentences; None where they are no longer the same."""
    rows = np.frombuffer(kept, dtype=np.uint8).reshape(-1, DIMENSIONS // 2)
    lead, whole = (portion(sentences, limit[unspaced]) for limit in (LEAD, WHOLE))
    if not len(rows) or len(rows) not in (lead, whole):
        return None
    steps = np.stack([rows >> 4, rows & 15], axis=2).reshape(len(rows), DIMENSIONS).astype(np.float32)
    lengths = tuple(min(len(sentence), LONGEST[unspaced]) for sentence in sentences[: len(rows)])
    return Vectors(lengths, lead, unit(steps - _STEPS))


def portion(sentences: Sequence[str], characters: int) -> int:
    """How many sentences begin within so many characters."""
    begins = accumulate(map(len, sentences), initial=0)
    return sum(begin < characters for begin, _ in zip(begins, sentences, strict=False))


def unit(rows: Matrix) -> Matrix:
    """Each of length 1; what is nothing stays nothing."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)
