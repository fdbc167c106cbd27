"""/search: a reader's question, answered from the store as a page."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from aggregator.publish import FeedQuery, Hits, Paper, PublishError, render_search
from aggregator.publish.heads import LONGEST_ASKED
from aggregator.publish.results import PER_PAGE
from aggregator.serve.kinds import COMMON_HEADERS, PAGE_POLICY
from storage.errors import StorageError

log = structlog.get_logger("aggregator.serve")

#: What a question holds at most; what is longer was not written by a person.
MOST_WORDS = 8
#: Questions answered at a time, and seconds that others wait for their turn: polls need the store as well.
_AT_A_TIME, _PATIENCE = 2, 5.0

_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")


class Shelves(Protocol):
    """Where answers are found. ``paper`` and ``find`` may block on the disk."""

    def paper(self) -> Paper: ...

    def find(self, query: FeedQuery, *, offset: int, limit: int) -> Hits: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    query: FeedQuery
    page: int  #: counted from 1


def question_of(parameters: Mapping[str, str]) -> Question:
    """The question that an address asks, cut to what a person asks; what makes no sense is left out."""
    page = parameters.get("page", "")
    words = _text(parameters.get("q", "")).split()[:MOST_WORDS]
    return Question(
        query=FeedQuery(
            words=" ".join(words),
            section=_id(parameters.get("section", "")),
            source=_id(parameters.get("source", "")),
            tag=_text(parameters.get("tag", "")),
            author=_text(parameters.get("author", "")),
        ),
        page=int(page) if re.fullmatch(r"[1-9]|10", page) else 1,
    )


def _text(said: str) -> str:
    return (
        _BLANK.sub(" ", said[: 4 * LONGEST_ASKED].encode("utf-8", "ignore").decode())
        .strip()[:LONGEST_ASKED]
        .strip()
    )


def _id(said: str) -> str:
    return said if _ID.match(said) else ""


class SearchPage:
    """The endpoint. Bounded: few questions at a time, and each looks at so much and no more."""

    def __init__(self, shelves: Shelves, missing: Callable[[Request], Response]) -> None:
        self._shelves = shelves
        self._missing = missing
        self._turns = asyncio.Semaphore(_AT_A_TIME)

    async def answer(self, request: Request) -> Response:
        question = question_of(request.query_params)
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._turns.acquire()
        except TimeoutError:
            return _unable("Too many questions at once; ask again in a moment.", {"Retry-After": "5"})
        try:
            page = await asyncio.to_thread(self._answer, question)
        except (StorageError, PublishError) as error:
            log.error("a search could not be answered", error=str(error))
            return _unable("The search cannot be answered at present.", {"Retry-After": "60"})
        finally:
            self._turns.release()
        if page is None:
            return self._missing(request)
        headers = {**COMMON_HEADERS, "Content-Security-Policy": PAGE_POLICY, "Cache-Control": "max-age=60"}
        return Response(page, headers=headers, media_type="text/html")

    def _answer(self, question: Question) -> str | None:
        """None where the paper has no search."""
        paper = self._shelves.paper()
        if not paper.output.search or "html" not in paper.output.formats:
            return None
        hits = Hits()
        if question.query.parameters():
            offset = (question.page - 1) * PER_PAGE
            hits = self._shelves.find(question.query, offset=offset, limit=PER_PAGE)
        return render_search(paper, question.query, question.page, hits)


def _unable(why: str, headers: Mapping[str, str]) -> Response:
    return PlainTextResponse(f"{why}\n", 503, {**COMMON_HEADERS, "Cache-Control": "no-store", **headers})
