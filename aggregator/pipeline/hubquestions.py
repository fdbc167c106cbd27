"""What is asked of our own hub, and the question back that every request has to stand (WebSub §5).

Everybody may ask a hub to send something somewhere. What that can be used for is bounded: one question for each
request, so many for each host and in all within an hour, and to addresses that the whole net can reach.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from aggregator.fetch import FetchError, check_url, forbidden
from aggregator.pipeline import hubbook
from aggregator.pipeline.editions import name_of
from aggregator.pipeline.hubbook import HubBook, Key, host_of
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.quota import Quota
from aggregator.pipeline.telling import Telling, request_to
from aggregator.websub import hub as pure
from aggregator.websub.hub import HubRequest, Unfit
from storage.model import HubSubscription

log = structlog.get_logger("aggregator.hub")

#: Questions under way; and within an hour, for one host and in all.
_MOST_ASKED, _ASKED_AT_HOST, _ASKED_IN_ALL = 200, 100, 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """To a request at the hub."""

    status: int
    text: str = ""
    wait: int | None = None  #: seconds after which it may be tried again


class HubQuestions:
    """One per hub. All its methods belong to the event loop."""

    def __init__(self, telling: Telling, book: HubBook, ended: Callable[[asyncio.Task[None]], None]) -> None:
        """``ended`` is called whenever one of the questions has come to its end."""
        self._telling, self._book, self._ended = telling, book, ended
        self._asking: dict[Key, asyncio.Task[None]] = {}
        self._quota = Quota(of_one=_ASKED_AT_HOST, in_all=_ASKED_IN_ALL, within=timedelta(hours=1))

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        return list(self._asking.values())

    def take(self, plan: Plan, names: Collection[str], form: Mapping[str, str]) -> Reply:
        """Take a request for one of the feeds; what becomes of it, the subscriber learns from our question."""
        try:
            request = pure.hub_request(form)
            self._check(plan, names, request)
        except Unfit as error:
            return Reply(status=400, text=str(error))
        key = (request.callback, request.topic)
        if request.mode == "unsubscribe" and key not in self._book:
            return Reply(status=404, text="there is no such subscription")
        if (refusal := self._no_room(key)) is not None:
            return refusal
        if (before := self._asking.pop(key, None)) is not None:
            before.cancel()
        task = asyncio.create_task(self._verify(plan, key, request))
        self._asking[key] = task
        task.add_done_callback(lambda done: self._asked(key, done))
        return Reply(status=202)

    def _check(self, plan: Plan, names: Collection[str], request: HubRequest) -> None:
        """Raises Unfit. An address that only a look-up can tell is checked when it is dialled."""
        if name_of(self._telling.address(), request.topic) not in names:
            raise Unfit("hub.topic is none of the feeds that are published here")
        try:
            target = check_url(request.callback)
        except FetchError as error:
            raise Unfit(f"hub.callback cannot be reached: {error.reason}") from error
        if target.ip and forbidden(target.ip, plan.config.defaults.allow_private) is not None:
            raise Unfit("hub.callback has to be an address that the whole net can reach")

    def _no_room(self, key: Key) -> Reply | None:
        host = host_of(key)
        if key not in self._book:
            if len(self._book) + len(self._asking) >= hubbook.MOST:
                return Reply(status=503, text="this hub has all the subscribers that it can serve", wait=3600)
            asked = sum(host_of(other) == host for other in self._asking)
            if self._book.at_host(host) + asked >= hubbook.MOST_AT_HOST:
                return Reply(status=429, text="there are too many subscriptions for this host", wait=3600)
        if len(self._asking) >= _MOST_ASKED:
            return Reply(status=503, text="too many requests at this moment", wait=60)
        if not self._quota.take(host, self._telling.clock()):
            return Reply(status=429, text="too many requests for this host", wait=3600)
        return None

    async def _verify(self, plan: Plan, key: Key, request: HubRequest) -> None:
        challenge = secrets.token_urlsafe(32)
        question = request_to(pure.question(request, challenge), plan)
        try:
            answer = await self._telling.fetcher.fetch(question)
        except FetchError as error:
            log.info("not confirmed", callback=host_of(key), mode=request.mode, reason=error.reason)
            return
        if not pure.is_confirmed(answer.status, answer.body, challenge):
            log.info("not confirmed", callback=host_of(key), mode=request.mode, status=answer.status)
            return
        if request.mode == "unsubscribe":
            await self._book.forget([key])
        else:
            await self._agree(key, request)
        log.info("confirmed", callback=host_of(key), mode=request.mode, topic=request.topic)

    async def _agree(self, key: Key, request: HubRequest) -> None:
        """Begin it, or renew it; what is owed to a subscriber that renews is still owed."""
        before = self._book.get(key)
        name = name_of(self._telling.address(), request.topic) or ""
        there = await asyncio.to_thread(self._telling.editions.tag, name)
        now = self._telling.clock()
        begun = before or HubSubscription(
            callback=request.callback, topic=request.topic, delivered=there, lease_until=now
        )
        self._book.note(replace(begun, secret=request.secret, lease_until=now + request.lease))
        await self._book.write()

    def _asked(self, key: Key, task: asyncio.Task[None]) -> None:
        if self._asking.get(key) is task:
            del self._asking[key]
        self._ended(task)
