"""What a daemon needs to work with, made and joined by the composition root."""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aggregator.clock import Clock
from aggregator.daemon.notices import Messenger
from aggregator.pipeline import Plan, Poller, PollResult, Staff
from aggregator.pipeline.hub import Hub
from aggregator.pipeline.picturearchive import PictureArchive
from aggregator.pipeline.pictureproxy import PictureProxy
from aggregator.pipeline.subscriber import Subscriber
from aggregator.pipeline.subscriptions import Subscriptions
from storage.interface import ArticleStore

if TYPE_CHECKING:
    from aggregator.pipeline import Press, PressReport

#: Polls of one site that may go on at the same time, at least; most of them wait for its host's turn.
_ROOM = 8


async def _none() -> int:
    return 0


def owner_name() -> str:
    """Names this process in the leases it holds."""
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass(slots=True, kw_only=True)
class Desk:
    """The plan of the moment and the parts that carry it out. ``plan`` is swapped whole at a reload."""

    plan: Plan
    store: ArticleStore
    subscriptions: Subscriptions
    subscriber: Subscriber
    poller: Poller
    open_press: Callable[[], Press]  #: always the same
    hub: Hub
    messengers: Sequence[Messenger]
    clock: Clock
    staff: Staff
    owner: str = field(default_factory=owner_name)
    concurrency: int = 50  #: polls at the same time
    waits: Callable[[str], bool] = lambda _: False  #: whether a source's poll only waits
    on_result: Callable[[PollResult], None] = lambda _: None
    on_push: Callable[[str, Mapping[str, int]], None] = lambda *_: None  #: outcome, and articles by decision
    on_print: Callable[[PressReport], None] = lambda _: None
    #: Those that the last printings wanted; how many came.
    fetch_pictures: Callable[[], Awaitable[int]] = _none
    archive: PictureArchive | None = None  #: of the pictures that are kept
    picture_proxy: PictureProxy | None = None  #: None: no pictures are fetched for readers

    def present(self) -> Plan:
        return self.plan

    @property
    def press(self) -> Press:
        """Set up when it is first wanted: with it come the printers, 6 MB that nobody needs while a round polls."""
        return self.open_press()

    @property
    def places(self) -> int:
        """For polls that are at work: half more than are on the net at once, which the fetcher sees to.

        So none of those is idle while others are stored, which is done for several together.
        """
        return self.concurrency + self.concurrency // 2

    def room(self, source_id: str) -> int:
        """How many polls of its site are worth starting: enough that the host never has to wait for us."""
        source = self.plan.sources.get(source_id)
        return max(2 * source.per_host.concurrency, _ROOM) if source else _ROOM
