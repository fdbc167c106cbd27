"""Webhooks: addresses of the operator's that are told of new articles, and of sources that need looking after.

Nothing is queued. Of articles the store knows the order; a mark tells how far an address has been told. Of sources an
address remembers in what state it was told that each is; what differs is news, and of an address that is down what
differed meanwhile. All is noted after the answer, so that a kill tells at most once more what was told last.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from aggregator.config.model import Notify
from aggregator.pipeline.hooks import EVENTS, MOST_MISSED, Hook, Missed, next_step
from aggregator.pipeline.plan import Plan
from aggregator.pipeline.receivers import Receivers
from aggregator.pipeline.subscriptions import Subscriptions
from aggregator.pipeline.telling import Telling, request_to
from aggregator.pipeline.told import article_told, source_told
from aggregator.schedule.trouble import Trouble, stale_since, trouble_of
from aggregator.websub.hub import wait_after
from storage.model import Article, SourceRecord

log = structlog.get_logger("aggregator.webhooks")

#: Articles in one message, and messages in a row for one address.
_MOST_ARTICLES, _IN_A_ROW = 20, 50
#: So often sources are looked at.
_LOOK = timedelta(seconds=15)
_LAST_WAIT = timedelta(hours=1)
#: After failing for so long an address is not told of the articles of that time any more.
_GIVEN_UP = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """What is posted, and what is known to be told once it is taken."""

    body: dict[str, Any]
    mark: int
    told: dict[str, Trouble]
    missed: dict[str, Missed]


class Webhooks:
    """One per process. All its methods belong to the event loop."""

    def __init__(self, telling: Telling, subscriptions: Subscriptions) -> None:
        self._telling, self._subscriptions = telling, subscriptions
        self._plan: Plan | None = None
        self._hooks: list[Hook] = []
        self._wake: datetime | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}  #: by the key of the address

    @property
    def under_way(self) -> int:
        return len(self._tasks)

    @property
    def receivers(self) -> Receivers:
        failing = sum(hook.failures > 0 for hook in self._hooks)
        return Receivers(channel="webhook", well=len(self._hooks) - failing, failing=failing)

    async def take(self, plan: Plan) -> None:
        """Take a plan in, at the start and at a reload. Raises StorageError."""
        known = {hook.key: hook for hook in self._hooks}
        made = [Hook(notify=notify, mark=0) for notify in plan.config.notify]
        for hook in made:
            if (before := known.get(hook.key)) is not None:
                hook.taken_over(before)
            else:
                await self._remember(hook)
        self._plan, self._hooks, self._wake = plan, made, None

    async def _remember(self, hook: Hook) -> None:
        """A new address is told of what comes from now on."""
        if not hook.recall(await self._telling.staff.store.run(self._telling.store.setting, hook.key)):
            _, hook.mark = await self._telling.staff.store.run(self._telling.store.added, 0, 0)
            await self._keep(hook)

    async def _keep(self, hook: Hook) -> None:
        await self._telling.staff.store.run(self._telling.store.set_setting, hook.key, hook.noted())

    def printed(self) -> None:
        self._wake = None

    def due(self, now: datetime) -> bool:
        return bool(self._hooks) and (self._wake is None or not now < self._wake <= now + 2 * _LOOK)

    async def tend(self) -> None:
        assert self._plan is not None, "a plan is taken before anything is due"
        now = self._telling.clock()
        self._wake = now + _LOOK
        troubles = await self._troubles(self._plan, now)
        for hook in self._hooks:
            waits = hook.next_try is not None and now < hook.next_try <= now + 2 * _LAST_WAIT
            if waits:
                await self._remember_missed(self._plan, hook, troubles)
            if hook.key not in self._tasks and not waits:
                task = asyncio.create_task(self._tell(self._plan, hook, troubles))
                self._tasks[hook.key] = task
                task.add_done_callback(lambda done, key=hook.key: self._ended(key, done))  # type: ignore[misc]  # of a default

    def _ended(self, key: str, task: asyncio.Task[None]) -> None:
        del self._tasks[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a webhook stumbled", error=str(error), exc_info=error)

    async def _troubles(self, plan: Plan, now: datetime) -> dict[str, tuple[Trouble, SourceRecord]]:
        if not any(event.startswith("source_") for hook in self._hooks for event in hook.notify.events):
            return {}
        records = await self._telling.staff.store.run(self._telling.store.sources)
        return {record.id: (self._trouble(plan, record, now), record) for record in records}

    def _trouble(self, plan: Plan, record: SourceRecord, now: datetime) -> Trouble:
        return trouble_of(record, *self._bound(plan, record.id), now)

    def _bound(self, plan: Plan, source_id: str) -> tuple[timedelta | None, datetime | None]:
        source, agreed = plan.sources.get(source_id), self._subscriptions.of(source_id)
        return source.stale_after if source else None, agreed.last_push if agreed else None

    async def _remember_missed(
        self, plan: Plan, hook: Hook, troubles: Mapping[str, tuple[Trouble, SourceRecord]]
    ) -> None:
        """Of an address that is down: what it would have been told by now, for it may be over when it is up."""
        before = dict(hook.missed)
        for source_id, (trouble, record) in troubles.items():
            event = EVENTS.get((hook.state_told(source_id), trouble))
            known = hook.missed.get(source_id)
            if event is None or trouble == "ok" or (known is not None and known.trouble == trouble):
                continue
            if known is not None or len(hook.missed) < MOST_MISSED:
                hook.missed[source_id] = Missed(trouble=trouble, body=self._body(plan, event, record))
        if hook.missed != before:
            await self._keep(hook)

    def _body(self, plan: Plan, event: str, record: SourceRecord) -> dict[str, Any]:
        since = stale_since(record, *self._bound(plan, record.id), self._telling.clock())
        return source_told(event, record, plan.source_name(record.id, record.title), since)

    # -- telling

    async def _tell(
        self, plan: Plan, hook: Hook, troubles: Mapping[str, tuple[Trouble, SourceRecord]]
    ) -> None:
        for _ in range(_IN_A_ROW):
            message = self._of_source(plan, hook, troubles) or await self._of_articles(plan, hook)
            if message is None:
                return
            fault = await self._post(plan, hook.notify, message.body)
            self._telling.on_sent("webhook", fault is None)
            if fault is not None:
                await self._remember_missed(plan, hook, troubles)
                await self._failed(hook, fault)
                return
            hook.mark, hook.told, hook.missed = message.mark, message.told, message.missed
            hook.failures, hook.failing_since, hook.next_try = 0, None, None
            await self._keep(hook)

    async def _failed(self, hook: Hook, fault: str) -> None:
        now = self._telling.clock()
        hook.failures += 1
        hook.failing_since = hook.failing_since or now
        wait = min(wait_after(hook.failures), _LAST_WAIT)
        hook.next_try = now + wait
        log.warning("a webhook was told in vain", webhook=hook.host, error=fault, again=str(wait))
        if now - hook.failing_since >= _GIVEN_UP:
            _, hook.mark = await self._telling.staff.store.run(self._telling.store.added, 0, 0)
            await self._keep(hook)

    def _of_source(
        self, plan: Plan, hook: Hook, troubles: Mapping[str, tuple[Trouble, SourceRecord]]
    ) -> _Message | None:
        """The next source whose state is another than was told; what nobody wants to hear counts as told."""
        for source_id, (trouble, record) in troubles.items():
            while step := next_step(hook.state_told(source_id), hook.missed.get(source_id), trouble):
                told = {**hook.told, source_id: step.trouble}
                told = {id: state for id, state in told.items() if state != "ok" and id in troubles}
                missed = {id: one for id, one in hook.missed.items() if id != source_id}
                if step.event in hook.notify.events:
                    body = self._framed(plan, step.body or self._body(plan, step.event, record))
                    return _Message(body=body, mark=hook.mark, told=told, missed=missed)
                hook.told, hook.missed = told, missed
        return None

    async def _of_articles(self, plan: Plan, hook: Hook) -> _Message | None:
        if "new_article" not in hook.notify.events:
            return None
        for _ in range(_IN_A_ROW):
            articles, mark = await self._telling.staff.store.run(self._new, hook.mark)
            if articles:
                told = [article_told(one, plan.source_name(one.source)) for one in articles]
                text = "\n".join(f"{one['title']} — {one['source']['name']} {one['url']}" for one in told)
                body = self._framed(plan, {"event": "new_article", "text": text, "articles": told})
                return _Message(body=body, mark=mark, told=hook.told, missed=hook.missed)
            if mark == hook.mark:
                return None
            hook.mark = mark  # nothing of that is printed
        return None

    def _new(self, mark: int) -> tuple[list[Article], int]:
        """Those that are printed, oldest first."""
        uids, mark = self._telling.store.added(mark, _MOST_ARTICLES)
        found = [self._telling.store.article(uid) for uid in uids]
        return [
            one for one in found if one and one.sections and not one.expired and one.copy_of is None
        ], mark

    def _framed(self, plan: Plan, body: dict[str, Any]) -> dict[str, Any]:
        paper = {"title": plan.config.site.title, "url": self._telling.address()}
        return {**body, "at": self._telling.clock().isoformat(timespec="seconds"), "paper": paper}

    async def _post(self, plan: Plan, notify: Notify, body: Mapping[str, Any]) -> str | None:
        """What went wrong."""
        sent = json.dumps(body, ensure_ascii=False).encode()
        request = request_to(notify.url, plan, allowed=notify.allow_private)
        request = replace(request, form=sent, form_type="application/json; charset=utf-8")
        if notify.secret:
            signature = hmac.new(notify.secret.encode(), sent, "sha256").hexdigest()
            request = replace(request, fields=(("X-Hub-Signature-256", f"sha256={signature}"),))
        return await self._telling.send(request)

    async def drain(self, seconds: float) -> None:
        """What is not told now is told at the next start."""
        telling = list(self._tasks.values())
        if telling:
            await asyncio.wait(telling, timeout=seconds)
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)
