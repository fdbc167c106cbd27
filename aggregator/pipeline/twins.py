"""One fetch for all sources that would ask the very same.

Sources share an address when it is configured twice, or when one has moved for good to where another is. What the
server answers to the first of them is the answer to its twins too: to those that are polled at this moment, and to
those whose own time is still to come. Each reads it, commits it and is put off by rules of its own. A twin that would
ask something else (another user agent, other validators) asks for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from aggregator.clock import Clock
from aggregator.fetch import HostManners, Request
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.staff import Staff
from aggregator.pipeline.visit import Answer, Visitor
from storage.errors import StorageError
from storage.interface import ArticleStore
from storage.model import Claim, SourceRecord

log = structlog.get_logger("aggregator.poll")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What came, and who shares it with the source that asked."""

    answer: Answer
    twins: tuple[Claim, ...] = ()  #: claimed for it, to be polled with it or released


class Twins:
    """Asks on behalf of sources, and knows what is being asked at this moment."""

    def __init__(self, store: ArticleStore, visitor: Visitor, clock: Clock, staff: Staff) -> None:
        self._store = store
        self._visitor = visitor
        self._clock = clock
        self._staff = staff
        self._asked: dict[Request, asyncio.Future[Answer | None]] = {}

    async def ask(self, plan: Plan, claim: Claim, polled: Iterable[str]) -> Shared:
        """Fetch the source's document, unless a twin is about to, and claim the twins that it will do for.

        ``polled`` are the sources that this process is polling already: they come by themselves.
        """
        request = self._request(plan, claim.source)
        if not claim.shared:
            return Shared(answer=await self._visitor.ask(request))
        same = _as_seen(request, plan)
        while (asked := self._asked.get(same)) is not None:
            if (answer := await asyncio.shield(asked)) is not None:
                return Shared(answer=answer)
        answers = self._asked[same] = asyncio.get_running_loop().create_future()
        try:
            answer = await self._visitor.ask(request)
            answers.set_result(answer)
            # Whoever comes to ask the same while the others are claimed gets this answer as well.
            return Shared(answer=answer, twins=await self._claimed(plan, claim, same, polled))
        finally:
            if not answers.done():  # cut off: those who waited for it ask for themselves
                answers.set_result(None)
            del self._asked[same]

    async def release(self, claims: Iterable[Claim]) -> None:
        """Give back what was cut off; a finished claim is left alone."""
        for claim in claims:
            await self._staff.store.run(self._store.release, claim)

    async def _claimed(
        self, plan: Plan, claim: Claim, same: Request, polled: Iterable[str]
    ) -> tuple[Claim, ...]:
        claims: list[Claim] = []
        try:
            for record in await self._staff.store.run(self._store.sources_at, claim.source.url):
                if record.id in plan.sources and record.id not in polled:
                    claims += await self._claim(plan, record, claim.owner, same)
        except StorageError as error:
            log.warning(
                "twins not claimed: they ask for themselves", source=claim.source.id, error=str(error)
            )
        except asyncio.CancelledError:
            await self.release(claims)
            raise
        return tuple(claims)

    async def _claim(self, plan: Plan, record: SourceRecord, owner: str, same: Request) -> list[Claim]:
        """The twin's claim, if it is free and would ask the same."""
        if _as_seen(self._request(plan, record), plan) != same:
            return []
        lease = plan.lease(plan.sources[record.id])
        now = self._clock()
        claim = await self._staff.store.run(self._store.claim, record.id, now=now, lease=lease, owner=owner)
        return [claim] if claim is not None else []

    def _request(self, plan: Plan, record: SourceRecord) -> Request:
        return self._visitor.request(plan, plan.sources[record.id], record)


def _as_seen(request: Request, plan: Plan) -> Request:
    """The request as far as the server, or the size of what we take, can tell it from another.

    Of the name by which we ask only what is configured counts: the one of our own tells of each source its id.
    """
    named = plan.sources[request.on_behalf].user_agent
    return replace(request, timeout=timedelta(), per_host=HostManners(), user_agent=named, on_behalf="")
