"""Tables of words, written as people read them."""

from __future__ import annotations


def lexicon(text: str) -> frozenset[str]:
    """The words of a text, which white space separates."""
    return frozenset(text.split())
