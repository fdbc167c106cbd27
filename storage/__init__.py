"""The store: articles, the sources' records and due-queue, and what was decided.

It knows nothing of the aggregator.
"""

from __future__ import annotations

from storage.errors import (
    LeaseLost,
    NewerSchema,
    NothingPolled,
    StorageError,
    StoreBusy,
    StoreDamaged,
    StoreReadOnly,
)
from storage.interface import ArticleStore
from storage.model import (
    Article,
    ArticleQuery,
    Claim,
    Code,
    Decision,
    Enclosure,
    Health,
    HubSubscription,
    Kin,
    Meaning,
    RobotsRecord,
    SectionRevision,
    Separation,
    SourceRecord,
    SourceSeed,
    Subscription,
    Validators,
)
from storage.transactions import Hand, Unit

__all__ = [
    "Article",
    "ArticleQuery",
    "ArticleStore",
    "Claim",
    "Code",
    "Decision",
    "Enclosure",
    "Hand",
    "Health",
    "HubSubscription",
    "Kin",
    "LeaseLost",
    "Meaning",
    "NewerSchema",
    "NothingPolled",
    "RobotsRecord",
    "SectionRevision",
    "Separation",
    "SourceRecord",
    "SourceSeed",
    "StorageError",
    "StoreBusy",
    "StoreDamaged",
    "StoreReadOnly",
    "Subscription",
    "Unit",
    "Validators",
    "open_store",
]


def open_store(url: str, *, read_only: bool = False, beside: bool = False) -> ArticleStore:
    """Open the store at ``memory://``, ``sqlite:///path/of.db`` or ``postgresql://user@host/name``.

    For writing, it is created or brought up to the present schema first, and an embedded one is locked
    against every other writing process (StoreBusy). ``read_only`` needs no lock and works beside a writer,
    but creates nothing: NothingPolled where nothing was polled yet. ``beside`` is for a short change by hand beside
    a running writer: it takes no lock, ends nobody's claims and upgrades nothing.
    """
    if url == "memory://":
        from storage.memory import MemoryStore

        if read_only or beside:
            raise NothingPolled(
                "memory:// keeps nothing from run to run, so nothing was polled yet: set another storage.url"
            )
        return MemoryStore()
    # SQLAlchemy takes longer to import than all the rest; whoever only needs the model does not pay for it.
    from storage.opening import open_backend
    from storage.sql import SqlStore

    return SqlStore(open_backend(url, read_only=read_only, beside=beside))
