"""Our own hub: takes subscriptions, asks back, and brings each subscriber the feed as it now is (WebSub §5, §7).

What is owed is not kept anywhere: a subscription remembers the tag of the document that it took last, and whatever
stands in the published folder instead is owed. So nothing is lost when the process is killed, and a subscriber that
failed for an hour gets one document, the present one.

Everybody may ask a hub to send something somewhere. What that can be used for is bounded: one question for each
request, so many for each host and in all within an hour; one document at a time for each subscription, ever more seldom
where none is taken; connections to checked addresses only.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

import structlog

from aggregator.clock import Clock
from aggregator.config.model import Network
from aggregator.fetch import Fetcher, FetchError, Request, check_url, forbidden
from aggregator.pipeline.editions import Address, Edition, Editions, feed_names, name_of
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.quota import Quota
from aggregator.pipeline.receivers import OnSent, Receivers, unheard
from aggregator.pipeline.staff import Staff
from aggregator.websub import hub as pure
from aggregator.websub.hub import HubRequest, Unfit
from storage.errors import StorageError
from storage.interface import ArticleStore
from storage.model import HubSubscription

log = structlog.get_logger("aggregator.hub")

PATH = "/hub"

#: Subscriptions, in all and for callbacks at one host.
MOST, MOST_AT_HOST = 10_000, 500
#: Questions under way; and within an hour, for one host and in all.
_MOST_ASKED, _ASKED_AT_HOST, _ASKED_IN_ALL = 200, 100, 3000
#: Documents on their way, in all, to one host, and to subscribers that failed before.
_AT_ONCE, _TO_HOST, _TO_FAILING = 64, 4, 16
_PATIENCE = timedelta(seconds=10)
#: So often the files are looked at although nothing was printed here.
_LOOK = timedelta(minutes=1)
_MOST_ANSWERED = 64 * 1024
_GONE_TOPIC = "this feed is no longer published here"

Key = tuple[str, str]  #: callback and topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """To a request at the hub."""

    status: int
    text: str = ""
    wait: int | None = None  #: seconds after which it may be tried again


class Hub:
    """One per process. All its methods belong to the event loop."""

    def __init__(
        self,
        *,
        store: ArticleStore,
        fetcher: Fetcher,
        clock: Clock,
        staff: Staff,
        editions: Editions,
        address: Address,
        on_sent: OnSent = unheard,
    ) -> None:
        self._store, self._fetcher, self._clock, self._staff = store, fetcher, clock, staff
        self._editions, self._address = editions, address
        self._on_sent = on_sent
        self._plan: Plan | None = None
        self._names: frozenset[str] = frozenset()  #: of the feeds that may be subscribed to; empty: no hub
        self._known: dict[Key, HubSubscription] = {}
        self._asking: dict[Key, asyncio.Task[None]] = {}
        self._sending: dict[Key, asyncio.Task[None]] = {}
        self._denying: set[asyncio.Task[None]] = set()
        self._unwritten: set[Key] = set()
        self._wake: datetime | None = None  #: when there is something to do; None: now
        self._quota = Quota(of_one=_ASKED_AT_HOST, in_all=_ASKED_IN_ALL, within=timedelta(hours=1))
        self._begun = False

    @property
    def is_open(self) -> bool:
        return bool(self._names)

    @property
    def under_way(self) -> int:
        return len(self._asking) + len(self._sending) + len(self._denying)

    @property
    def subscriptions(self) -> list[HubSubscription]:
        return list(self._known.values())

    @property
    def receivers(self) -> Receivers:
        failing = sum(one.attempts > 0 for one in self._known.values())
        return Receivers(channel="subscriber", well=len(self._known) - failing, failing=failing)

    async def take(self, plan: Plan) -> None:
        """Take a plan in, at the start and at a reload. Raises StorageError."""
        if not self._begun:
            found = await self._staff.store.run(self._store.hub_subscriptions)
            self._known = {(one.callback, one.topic): one for one in found}
            self._begun = True
        self._plan, self._wake = plan, None
        self._names = feed_names(plan.config) if plan.config.output.websub.hub == "self" else frozenset()

    # -- what is asked of us

    async def ask(self, form: Mapping[str, str]) -> Reply:
        """Take a request; what becomes of it, the subscriber learns from our question."""
        try:
            request = pure.hub_request(form)
            self._check(request)
        except Unfit as error:
            return Reply(status=400, text=str(error))
        key = (request.callback, request.topic)
        if request.mode == "unsubscribe" and key not in self._known:
            return Reply(status=404, text="there is no such subscription")
        if (refusal := self._no_room(key)) is not None:
            return refusal
        if (before := self._asking.pop(key, None)) is not None:
            before.cancel()
        task = asyncio.create_task(self._verify(key, request))
        self._asking[key] = task
        task.add_done_callback(lambda done: self._asked(key, done))
        return Reply(status=202)

    def _check(self, request: HubRequest) -> None:
        """Raises Unfit. An address that only a look-up can tell is checked when it is dialled."""
        if name_of(self._address(), request.topic) not in self._names:
            raise Unfit("hub.topic is none of the feeds that are published here")
        try:
            target = check_url(request.callback)
        except FetchError as error:
            raise Unfit(f"hub.callback cannot be reached: {error.reason}") from error
        reason = forbidden(target.ip, self._allowed) if target.ip else None
        if reason is not None:
            raise Unfit("hub.callback has to be an address that the whole net can reach")

    def _no_room(self, key: Key) -> Reply | None:
        host = _host(key)
        if key not in self._known:
            if len(self._known) + len(self._asking) >= MOST:
                return Reply(status=503, text="this hub has all the subscribers that it can serve", wait=3600)
            if sum(_host(known) == host for known in (*self._known, *self._asking)) >= MOST_AT_HOST:
                return Reply(status=429, text="there are too many subscriptions for this host", wait=3600)
        if len(self._asking) >= _MOST_ASKED:
            return Reply(status=503, text="too many requests at this moment", wait=60)
        if not self._quota.take(host, self._clock()):
            return Reply(status=429, text="too many requests for this host", wait=3600)
        return None

    async def _verify(self, key: Key, request: HubRequest) -> None:
        challenge = secrets.token_urlsafe(32)
        try:
            answer = await self._fetcher.fetch(self._request(pure.question(request, challenge)))
        except FetchError as error:
            log.info("not confirmed", callback=_host(key), mode=request.mode, reason=error.reason)
            return
        if not pure.is_confirmed(answer.status, answer.body, challenge):
            log.info("not confirmed", callback=_host(key), mode=request.mode, status=answer.status)
            return
        if request.mode == "unsubscribe":
            await self._forget([key])
        else:
            await self._agree(key, request)
        log.info("confirmed", callback=_host(key), mode=request.mode, topic=request.topic)

    async def _agree(self, key: Key, request: HubRequest) -> None:
        """Begin it, or renew it; what is owed to a subscriber that renews is still owed."""
        before = self._known.get(key)
        name = name_of(self._address(), request.topic) or ""
        there = await asyncio.to_thread(self._editions.tag, name)
        begun = before or HubSubscription(
            callback=request.callback, topic=request.topic, delivered=there, lease_until=self._clock()
        )
        until = self._clock() + request.lease
        self._note(key, replace(begun, secret=request.secret, lease_until=until))
        await self._write()

    def _asked(self, key: Key, task: asyncio.Task[None]) -> None:
        if self._asking.get(key) is task:
            del self._asking[key]
        self._wake = None
        _heed(task)

    # -- what we bring

    def printed(self) -> None:
        """Files may have changed."""
        self._wake = None

    def due(self, now: datetime) -> bool:
        """Whether ``tend`` has something to do; true also where the clock was set back."""
        return self._wake is None or not now < self._wake <= now + 2 * _LOOK

    async def tend(self) -> None:
        """Begin what is due: whatever was printed since, and what failed before. Raises StorageError."""
        now = self._clock()
        self._wake = now + _LOOK
        try:
            await self._tend(now)
        except BaseException:
            self._wake = None
            raise

    async def _tend(self, now: datetime) -> None:
        await self._write()
        await self._end(now)
        topics = {topic: name for _, topic in self._known if (name := self._named(topic)) is not None}
        editions = await asyncio.to_thread(self._editions.look, set(topics.values())) if topics else {}
        due: list[tuple[int, Key, Edition]] = []
        for key, one in self._known.items():
            edition = editions.get(topics.get(one.topic, ""))
            at = pure.due_at(one, edition.tag, now) if edition else None
            if edition is None or at is None:
                continue
            if at <= now or at > now + 2 * pure.LAST_WAIT:  # the latter by a clock that was set back since
                due.append((one.attempts, key, edition))
            elif self._wake is not None:
                self._wake = min(self._wake, at)
        self._begin(sorted(due, key=lambda one: one[:2]))

    def _begin(self, due: list[tuple[int, Key, Edition]]) -> None:
        """As many as there are places for; those that never failed first."""
        hosts = Counter(_host(key) for key in self._sending)
        failing = sum(self._known[key].attempts > 0 for key in self._sending if key in self._known)
        for attempts, key, edition in due:
            if len(self._sending) >= _AT_ONCE or (attempts and failing >= _TO_FAILING):
                break
            if key in self._sending or hosts[host := _host(key)] >= _TO_HOST:
                continue
            hosts[host] += 1
            failing += attempts > 0
            task = asyncio.create_task(self._deliver(key, edition))
            self._sending[key] = task
            task.add_done_callback(lambda done, key=key: self._sent(key, done))  # type: ignore[misc]  # of a default

    def _sent(self, key: Key, task: asyncio.Task[None]) -> None:
        del self._sending[key]
        self._wake = None
        _heed(task)

    async def _deliver(self, key: Key, edition: Edition) -> None:
        one = self._known[key]
        body = await asyncio.to_thread(self._editions.body, edition)
        if body is None:
            return  # printed again meanwhile: what stands there now is due at the next look
        try:
            answer = await self._fetcher.fetch(self._document(one, edition, body))
            status, fault = answer.status, f"HTTP {answer.status}"
        except FetchError as error:
            status, fault = None, error.reason
        taken = status is not None and 200 <= status < 300
        self._on_sent("subscriber", taken)
        if key not in self._known:
            return
        if taken:
            well = replace(self._known[key], delivered=edition.tag, attempts=0, error=None)
            self._note(key, replace(well, next_try=None, failing_since=None))
        else:
            await self._failed(key, status, fault)

    async def _failed(self, key: Key, status: int | None, fault: str) -> None:
        one, now = self._known[key], self._clock()
        attempts, since = one.attempts + 1, one.failing_since or now
        wait = pure.wait_after(attempts)
        one = replace(one, attempts=attempts, failing_since=since, next_try=now + wait, error=fault)
        self._note(key, one)
        log.info("not taken", callback=_host(key), topic=one.topic, fault=fault, again=str(wait))
        if pure.ends_after(one, status, now):
            log.info("subscription ended", callback=_host(key), topic=one.topic, fault=fault)
            await self._forget([key])

    def _document(self, one: HubSubscription, edition: Edition, body: bytes) -> Request:
        fields = [("Link", f'<{self._address()}{PATH}>; rel="hub", <{one.topic}>; rel="self"')]
        if one.secret:
            fields.append(("X-Hub-Signature", pure.signature(one.secret, body)))
        request = self._request(one.callback)
        return replace(request, form=body, form_type=edition.type, fields=tuple(fields))

    # -- what ends

    async def _end(self, now: datetime) -> None:
        """Leases that have run out, and topics that are ours no more; of these the subscriber is told."""
        ended = [key for key, one in self._known.items() if one.lease_until <= now]
        without = [key for key in self._known if self._named(key[1]) is None and key not in ended]
        for key in without:
            task = asyncio.create_task(self._deny(self._known[key]))
            self._denying.add(task)
            task.add_done_callback(self._denying.discard)
            task.add_done_callback(_heed)
        await self._forget([*ended, *without])

    async def _deny(self, one: HubSubscription) -> None:
        try:
            await self._fetcher.fetch(self._request(pure.denial(one, _GONE_TOPIC)))
        except FetchError as error:
            log.info("not told of the end", callback=_host((one.callback, one.topic)), reason=error.reason)

    def _named(self, topic: str) -> str | None:
        name = name_of(self._address(), topic)
        return name if name in self._names else None

    # -- what is kept

    def _note(self, key: Key, one: HubSubscription) -> None:
        self._known[key] = one
        self._unwritten.add(key)

    async def _forget(self, keys: Collection[Key]) -> None:
        for key in keys:
            self._known.pop(key, None)
            self._unwritten.discard(key)
        if keys:
            await self._staff.store.run(self._store.drop_hub_subscriptions, keys)

    async def _write(self) -> None:
        """All that changed since, in one transaction."""
        keys, self._unwritten = self._unwritten, set()
        changed = [self._known[key] for key in keys if key in self._known]
        try:
            if changed:
                await self._staff.store.run(self._store.keep_hub_subscriptions, changed)
        except BaseException:
            self._unwritten |= keys & self._known.keys()
            raise

    async def drain(self, seconds: float) -> None:
        """Let what is on its way arrive, for so long; what does not is owed at the next start."""
        for asked in (*self._asking.values(), *self._denying):
            asked.cancel()
        sending = list(self._sending.values())
        if sending:
            await asyncio.wait(sending, timeout=seconds)
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, *self._asking.values(), *self._denying, return_exceptions=True)
        try:
            await self._write()
        except StorageError as error:
            log.error("what subscribers have taken was not stored; they get it once more", error=str(error))

    # -- requests

    @property
    def _allowed(self) -> tuple[Network, ...]:
        return self._plan.config.defaults.allow_private if self._plan else ()

    def _request(self, url: str) -> Request:
        assert self._plan is not None, "a plan is taken before anything is asked"
        return Request(
            url=url,
            kind="other",
            timeout=_PATIENCE,
            max_size=_MOST_ANSWERED,
            allow_private=self._allowed,
            user_agent=self._plan.user_agent,
            follow=False,
        )


@lru_cache(maxsize=MOST)
def _host(key: Key) -> str:
    return check_url(key[0]).host


def _heed(task: asyncio.Task[None]) -> None:
    """A fault of our own is seen, and ends nothing else."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("the hub stumbled", error=str(error), exc_info=error)
