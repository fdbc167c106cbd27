"""Pushes in the daemon: hubs' questions and documents come in by HTTP, and go the way of any poll.

A document that arrives while its source is being polled waits and is taken in after; one that finds no room, and one
that is no feed, makes the source be polled soon instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import structlog

from aggregator.config.model import Source
from aggregator.daemon.desk import Desk
from aggregator.daemon.round import FIRST_LEASE
from aggregator.fetch import FetchError, Response, unpacked
from aggregator.pipeline import PollResult
from aggregator.pipeline.inbox import Inbox
from aggregator.pipeline.subscriber import Answer
from aggregator.websub import is_signed
from storage.errors import StorageError
from storage.model import Claim, Health, Subscription

log = structlog.get_logger("aggregator.push")

#: Documents taken in at a time.
_AT_ONCE = 8
#: Seconds after which a source that was being polled is tried again, unless its poll ends before.
_SOON = 0.5


class Pushes:
    """What the server's callbacks are answered by (the ``Callbacks`` of aggregator.serve)."""

    def __init__(
        self,
        desk: Desk,
        *,
        to_press: Callable[[], None],
        tick: Callable[[], Awaitable[None]],
        stopping: Callable[[], bool],
    ) -> None:
        self._desk = desk
        self._to_press, self._tick, self._stopping = to_press, tick, stopping
        self._inbox = Inbox()
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._tending: asyncio.Task[None] | None = None
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._polled = asyncio.Event()

    # -- what hubs bring

    async def verify(self, token: str, query: Mapping[str, str]) -> Answer:
        """Answer a question. Raises StorageError."""
        return await self._desk.subscriber.answer(self._desk.plan, token, query)

    def limit(self, token: str) -> int | None:
        """How long a document may be that comes to this token; None where none may."""
        known = self._known(token)
        source = self._desk.plan.sources.get(known.source) if known else None
        return source.max_size if source else None

    def receive(self, token: str, headers: Mapping[str, str], body: bytes) -> int:
        """Take a document from a hub; returns the status to answer with. Waits for nothing."""
        known = self._known(token)
        if known is None:
            return 404
        if self._stopping():
            return 503
        if not is_signed(known.secret, headers.get("x-hub-signature"), body):
            # The hub is not told: whoever tries signatures learns nothing (WebSub §7.1).
            log.warning("push discarded: its signature is missing or wrong", source=known.source)
            self._desk.on_push("unsigned", {})
            return 202
        self._desk.subscriptions.change(token, last_push=self._desk.clock(), pushes=known.pushes + 1)
        self._put(known, self._document(known, headers, body))
        return 202

    def overlong(self, token: str) -> None:
        """A document was longer than ``limit`` and was not read: the source is polled instead."""
        if known := self._known(token):
            log.warning("push refused: too long", source=known.source)
            self._put(known, Response(url=known.topic, requested=known.topic, status=200))

    def _known(self, token: str) -> Subscription | None:
        known = self._desk.subscriptions.named(token)
        return known if known is not None and known.state in ("asked", "active") else None

    @staticmethod
    def _document(known: Subscription, headers: Mapping[str, str], body: bytes) -> Response:
        """As if it had been fetched: a part of the topic's document, still packed."""
        return Response(
            url=known.topic,
            requested=known.topic,
            status=200,
            headers=dict(headers),
            body=body,
            content_type=headers.get("content-type"),
            partial=True,
        )

    def _put(self, known: Subscription, document: Response) -> None:
        if not self._inbox.put(known.source, document):
            log.warning("pushes come faster than they are taken in; polling instead", source=known.source)
            self._desk.on_push("overflow", {})
        if known.source not in self._workers:
            self._workers[known.source] = asyncio.create_task(self._take_in(known))

    # -- taking in

    async def _take_in(self, known: Subscription) -> None:
        """All that waits for one source."""
        try:
            while (document := self._inbox.first(known.source)) is not None:
                await self._take_next(known, document)
        finally:
            # Nothing may be put between the last look and this: whoever comes after starts another worker.
            del self._workers[known.source]

    async def _take_next(self, known: Subscription, document: Response) -> None:
        source_id = known.source
        try:
            await self._desk.subscriptions.write(known.token)
            if await self._taken(source_id, document):
                self._inbox.done(source_id)
            elif not await self._worth_waiting(source_id):
                log.warning("pushes dropped", source=source_id, documents=self._inbox.drop(source_id))
        except StorageError as error:
            log.error("push not taken in yet: the store does not answer", source=source_id, error=str(error))
            await asyncio.sleep(_SOON)
        except Exception:
            log.exception("a push could not be taken in", source=source_id)
            self._inbox.done(source_id)

    async def _taken(self, source_id: str, document: Response) -> bool:
        """False when it is to be tried again: the source was not free, or was taken over."""
        desk = self._desk
        async with self._turns:
            claim = await desk.staff.store.run(
                desk.store.claim, source_id, now=desk.clock(), lease=FIRST_LEASE, owner=desk.owner
            )
            if claim is None:
                return False
            result = await self._committed(claim, document)
        if result is None or result.kind == "lost":
            return False
        desk.on_push(result.kind, result.counts)
        if result.kind == "pinged":
            await self._tick()
        else:
            self._to_press()
        return True

    async def _committed(self, claim: Claim, document: Response) -> PollResult | None:
        """None where the source is configured no more."""
        desk = self._desk
        try:
            if (source := desk.plan.sources.get(claim.source.id)) is not None:
                document = await self._unpacked(source, document)
            if claim.source.id in desk.plan.sources:
                return await desk.poller.take_pushed(desk.present, claim, document)
        except asyncio.CancelledError:
            await desk.staff.store.run(desk.store.release, claim)
            raise
        await desk.staff.store.run(desk.store.release, claim)
        return None

    async def _unpacked(self, source: Source, document: Response) -> Response:
        """What cannot be unpacked is as good as a ping."""
        packed = document.headers.get("content-encoding")
        try:
            body = await asyncio.to_thread(unpacked, document.url, packed, document.body, source.max_size)
        except FetchError as error:
            log.warning("push could not be unpacked", source=source.id, error=error.reason)
            body = b""
        return replace(document, body=body)

    async def _worth_waiting(self, source_id: str) -> bool:
        """Whether the source may be free soon; if so, when it may be."""
        record = await self._desk.staff.store.run(self._desk.store.source, source_id)
        if record is None or record.health in (Health.GONE, Health.PAUSED):
            return False
        if source_id not in self._desk.plan.sources:
            return False
        self._polled.clear()
        try:
            async with asyncio.timeout(_SOON):
                await self._polled.wait()
        except TimeoutError:
            pass
        return True

    # -- what the daemon calls

    def polled(self, result: PollResult) -> None:
        """A poll has ended: whoever waits for its source may go on."""
        self._polled.set()
        if result.record is not None:
            self._desk.subscriber.noticed(result.record)

    def tend(self) -> None:
        """Ask hubs what is due to be asked, beside everything else."""
        if self._tending is None and self._desk.subscriber.due(self._desk.clock()):
            self._tending = asyncio.create_task(self._tend())

    async def _tend(self) -> None:
        try:
            await self._desk.subscriber.tend(self._desk.plan)
        except StorageError as error:
            log.error("hubs are asked later: the store does not answer", error=str(error))
        except Exception:
            log.exception("asking hubs broke off")
        finally:
            self._tending = None

    @property
    def under_way(self) -> int:
        return len(self._workers) + (self._tending is not None)

    async def drain(self, seconds: float) -> None:
        """Let what has come be taken in, for so long; no hub is asked any more."""
        if self._tending is not None:
            self._tending.cancel()
        workers = list(self._workers.values())
        if workers:
            await asyncio.wait(workers, timeout=seconds)
        left = [task for task in (*workers, self._tending) if task is not None and not task.done()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if waiting := self._inbox.sources():
            log.warning(
                "pushes not taken in at the stop; the next polls find what they brought", sources=waiting
            )
