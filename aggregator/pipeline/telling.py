"""What everybody has in common who tells others of what was printed: our hub, hubs of others, webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from aggregator.clock import Clock
from aggregator.config.model import Network
from aggregator.fetch import Fetcher, FetchError, Request
from aggregator.pipeline.editions import Address, Editions
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.receivers import OnSent, unheard
from aggregator.pipeline.staff import Staff
from storage.interface import ArticleStore

#: Who is told has so long to answer, and is listened to for so many bytes.
PATIENCE = timedelta(seconds=10)
_MOST_ANSWERED = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """The means, shared by all of them."""

    store: ArticleStore
    fetcher: Fetcher  #: with places of its own
    clock: Clock
    staff: Staff
    editions: Editions
    address: Address
    on_sent: OnSent = unheard

    async def send(self, request: Request) -> str | None:
        """What went wrong; None where it was taken."""
        try:
            answer = await self.fetcher.fetch(request)
        except FetchError as error:
            return error.reason
        return None if is_taken(answer.status) else f"HTTP {answer.status}"


def is_taken(status: int) -> bool:
    return 200 <= status < 300


def request_to(url: str, plan: Plan, *, allowed: tuple[Network, ...] = (), follow: bool = False) -> Request:
    """A request to somebody who is told; ``allowed``: private addresses beside those of the plan."""
    return Request(
        url=url,
        kind="other",
        timeout=PATIENCE,
        max_size=_MOST_ANSWERED,
        allow_private=(*plan.config.defaults.allow_private, *allowed),
        user_agent=plan.user_agent,
        follow=follow,
    )
