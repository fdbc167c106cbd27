"""Whether a claim may still be written by. Said here, for every store alike."""

from __future__ import annotations

from storage.errors import LeaseLost, StorageError
from storage.model import Claim, SourceRecord


def lost(claim: Claim) -> LeaseLost:
    return LeaseLost(f"{claim.source.id}: the claim of {claim.owner} is stale; nothing was written")


def check_ends(claim: Claim, record: SourceRecord) -> None:
    """Raises StorageError where the record is another source's."""
    if record.id != claim.source.id:
        raise StorageError(f"the record of {record.id} cannot end a claim of {claim.source.id}")
