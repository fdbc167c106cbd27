"""The store that lives and dies with the process: for tests, and for `run --demo`."""

from __future__ import annotations

from storage.memory.articles import MemoryArticles
from storage.memory.claims import MemoryClaims
from storage.memory.hubs import MemoryHubs
from storage.memory.sections import MemorySections
from storage.memory.settings import MemorySettings
from storage.memory.sites import MemorySites
from storage.memory.sources import MemorySources
from storage.memory.stories import MemoryStories
from storage.memory.upkeep import MemoryUpkeep

__all__ = ["MemoryStore"]


class MemoryStore(
    MemorySources,
    MemoryClaims,
    MemorySites,
    MemoryHubs,
    MemoryArticles,
    MemoryStories,
    MemorySections,
    MemorySettings,
    MemoryUpkeep,
):
    """Implements ``ArticleStore``. Readers see committed state only."""
