"""A document that is rewritten as a whole: another template of the site, no news."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

#: Fewer articles may well be edited between two polls.
FEWEST = 5
#: Of the articles known before, so many are changed.
SHARE = 0.8


class Resolved(Protocol):
    @property
    def kind(self) -> str: ...


def is_rewritten(resolutions: Sequence[Resolved], length: int) -> bool:
    """Whether nearly all that the document held before has changed at once; ``length`` counts all it holds."""
    kinds = [resolution.kind for resolution in resolutions]
    edited = kinds.count("update")
    before = max(length, len(kinds)) - kinds.count("new") - kinds.count("copy")
    return edited >= FEWEST and edited >= SHARE * before
