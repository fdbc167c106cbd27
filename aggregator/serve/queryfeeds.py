"""/search.atom, .rss, .json: a question to the store as a feed, to be subscribed to.

What was found is kept for a while and as long as the store's sections stand where they stood: readers who poll one
question every few minutes, conditionally, cost no search.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, get_args

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.publish import FeedQuery, Paper, PublishError
from aggregator.publish.heads import FeedForm
from aggregator.serve.giving import Exchange, give
from aggregator.serve.kinds import COMMON_HEADERS, kind_of
from aggregator.serve.searching import question_of
from aggregator.serve.shelf import Document, document_of
from storage.errors import StorageError

log = structlog.get_logger("aggregator.serve")

#: Searches at a time, and seconds that others wait for their turn: polls need the store as well.
_AT_A_TIME, _PATIENCE = 2, 5.0
#: Feeds that are kept, the bytes they may come to, and for how many seconds: articles come due by time alone, too.
_KEPT, _KEPT_BYTES, BELIEVED = 256, 16 << 20, 60.0
_FORMS: tuple[FeedForm, ...] = get_args(FeedForm)
_NOTHING = "Ask for something: q (words), section, source, tag or author.\n"


@dataclass(frozen=True, slots=True)
class FoundFeed:
    body: bytes
    modified: datetime  #: of the newest article; of none, when the feed may have begun


class FeedShelves(Protocol):
    """Where answers are found. All may block on the disk."""

    def paper(self) -> Paper: ...

    def revision(self) -> object:
        """Another one whenever a section has changed."""
        ...

    def feed(self, form: FeedForm, query: FeedQuery) -> FoundFeed: ...


_Key = tuple[FeedForm, FeedQuery]


class QueryFeeds:
    """An ASGI application over ``/search.{form}``; what is no feed of the paper's goes to the files."""

    def __init__(
        self, shelves: FeedShelves, files: ASGIApp, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._shelves, self._files, self._monotonic = shelves, files, monotonic
        self._turns = asyncio.Semaphore(_AT_A_TIME)
        self._kept: OrderedDict[_Key, tuple[float, object, Document]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        form = next((form for form in _FORMS if form == request.path_params["form"]), None)
        if form is None or request.method not in ("GET", "HEAD"):
            await self._files(scope, receive, send)  # which knows what to say of other methods
            return
        query = question_of(request.query_params).query
        if not query.parameters():
            await _line(400, _NOTHING)(scope, receive, send)
            return
        found = await self._found(form, query)
        if isinstance(found, Document):
            await give(Exchange.of(scope, receive, send), found)
        elif found is None:
            await self._files(scope, receive, send)
        else:
            await found(scope, receive, send)

    async def _found(self, form: FeedForm, query: FeedQuery) -> Document | Response | None:
        """None where the paper has no such feeds; a response where none can be had."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._turns.acquire()
        except TimeoutError:
            return _line(503, "Too many questions at once; ask again in a moment.\n", {"Retry-After": "5"})
        try:
            return await asyncio.to_thread(self._read, form, query)
        except (StorageError, PublishError) as error:
            log.error("a feed could not be answered", error=str(error))
            return _line(503, "The question cannot be answered at present.\n", {"Retry-After": "60"})
        finally:
            self._turns.release()

    def _read(self, form: FeedForm, query: FeedQuery) -> Document | None:
        output = self._shelves.paper().output
        if not output.search or form not in output.formats:
            return None
        key, now, revision = (form, query), self._monotonic(), self._shelves.revision()
        until, as_of, document = self._kept.get(key) or (0.0, None, None)
        if document is not None and as_of == revision and now < until:
            return document
        found = self._shelves.feed(form, query)
        document = document_of(found.body, kind_of(f"search.{form}"), found.modified)
        self._keep(key, (now + BELIEVED, revision, document))
        return document

    def _keep(self, key: _Key, found: tuple[float, object, Document]) -> None:
        """Called by the few threads that search, each at a time of its own for one key."""
        self._kept.pop(key, None)
        self._kept[key] = found
        while len(self._kept) > _KEPT or sum(one.held for _, _, one in self._kept.values()) > _KEPT_BYTES:
            self._kept.popitem(last=False)


def _line(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    return PlainTextResponse(text, status, {**COMMON_HEADERS, "Cache-Control": "no-store", **(headers or {})})
