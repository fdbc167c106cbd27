"""What a poll came to, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from aggregator.dedup import Resolution
from aggregator.pipeline.readers import ReadingStopped
from storage.errors import StorageError
from storage.model import Claim, SourceRecord

log = structlog.get_logger("aggregator.poll")

#: Kinds of results that were brought, not asked for.
PUSHES = ("pushed", "pinged")
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """What one poll came to, for logs, the progress bar and ``check``."""

    source: str
    url: str
    #: "taken" | "unchanged" | "not_modified" | "failed" | "limited" | "gone" | "held" | "lost"; of a push "pushed" |
    #: "pinged"
    kind: str
    status: int | None = None
    format: str = ""
    error: str | None = None
    faults: tuple[str, ...] = ()
    items: int = 0
    resolutions: tuple[Resolution, ...] = ()
    dropped: tuple[str, ...] = ()  #: items not taken, with the reason
    next_poll: datetime | None = None
    next_poll_reason: str = ""
    elapsed: timedelta = timedelta()
    counts: dict[str, int] = field(default_factory=dict)  #: by kind of resolution
    record: SourceRecord | None = None  #: as it was committed; None where nothing was
    shows: bool = True  #: something that is printed may be another now

    @property
    def ok(self) -> bool:
        return self.error is None


def lost(claim: Claim) -> PollResult:
    return PollResult(
        source=claim.source.id,
        url=claim.source.url,
        kind="lost",
        error="nothing kept: meanwhile the source was changed, paused, removed or taken over by another worker",
    )


def fault_of(error: Exception) -> str:
    """What ``status`` shows of a fault that the visit did not meet."""
    if isinstance(error, ReadingStopped):
        return str(error)
    if isinstance(error, StorageError):
        return f"what came could not be stored: {error}"
    return f"a fault of this program ({type(error).__name__}: {error}); its log has the details, please report it"


def report(result: PollResult) -> None:
    """One line a poll."""
    told: dict[str, object] = {
        "source": result.source,
        "outcome": result.kind,
        "status": result.status,
        "ms": round(result.elapsed / _MILLISECOND),
        **result.counts,
    }
    if result.error is not None:
        log.warning("poll failed", **told, error=result.error, **_next(result))
    elif result.kind == "held":
        log.info("not asked", **told, **_next(result))
    else:
        log.info("pushed" if result.kind in PUSHES else "polled", **told)
    for fault in result.faults:
        log.warning("read despite a fault", **told, fault=fault)


def _next(result: PollResult) -> dict[str, str]:
    if result.next_poll is None:
        return {}
    at = result.next_poll.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"next_poll": at, "reason": result.next_poll_reason}
