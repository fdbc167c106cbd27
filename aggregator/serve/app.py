"""The ASGI application: the published files and, beside them, health, status and metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.config.model import Server, Site
from aggregator.serve.callbacks import CallbackDoor, Callbacks
from aggregator.serve.facts import Facts
from aggregator.serve.files import Files
from aggregator.serve.guard import admitted, refused
from aggregator.serve.guessed import guessed_routes
from aggregator.serve.hub import HubDoor, OwnHub
from aggregator.serve.images import PictureDoor, Pictures
from aggregator.serve.kinds import COMMON_HEADERS
from aggregator.serve.links import hub_links
from aggregator.serve.metrics import Metrics
from aggregator.serve.negotiation import prefers
from aggregator.serve.pages import Pages
from aggregator.serve.queryfeeds import FeedShelves, QueryFeeds
from aggregator.serve.searching import SearchPage, Shelves
from aggregator.serve.shelf import Shelf
from aggregator.serve.status import status_rows
from aggregator.serve.statuspage import Asked, status_page

Endpoint = Callable[[Request], Awaitable[Response]]

_UNSTORED = {**COMMON_HEADERS, "Cache-Control": "no-store"}


def make_app(
    public: Path,
    *,
    facts: Facts,
    server: Server,
    site: Site | None = None,
    metrics: Metrics | None = None,
    callbacks: Callbacks | None = None,
    hub: OwnHub | None = None,
    shelves: Shelves | None = None,
    feeds: FeedShelves | None = None,
    pictures: Pictures | None = None,
) -> ASGIApp:
    """Join the parts. ``public`` need not exist yet: until something is published, everything is a 404.

    ``callbacks`` answer hubs; without them nobody subscribes, and hubs get a 404.
    ``shelves`` are searched; without them there is no /search. ``feeds`` are asked for /search.atom and the others.
    ``pictures`` are fetched for readers; without them there is no /image.
    """
    site = site or Site()
    pages = Pages(site.title, site.language)
    own = OwnPages(facts=facts, token=server.token, pages=pages, metrics=metrics or Metrics())
    files = Files(Shelf(public), missing=pages.missing, gone=pages.gone, beyond=_Beyond(facts))
    routes = own_routes(
        own,
        files,
        server=server,
        callbacks=callbacks,
        hub=hub,
        shelves=shelves,
        feeds=feeds,
        pictures=pictures,
    )
    app = Starlette(routes=[*routes, Route("/{path:path}", files)])
    app.router.redirect_slashes = False  # folders and their slashes are the files' business
    # What no route of our own can match goes straight to the files: Starlette's way there costs more than the answer.
    return _Front(app, files, tuple(route.path.partition("{")[0] for route in routes))


def own_routes(
    own: OwnPages,
    files: ASGIApp,
    *,
    server: Server,
    callbacks: Callbacks | None = None,
    hub: OwnHub | None = None,
    shelves: Shelves | None = None,
    feeds: FeedShelves | None = None,
    pictures: Pictures | None = None,
) -> list[Route]:
    """What is no file. The first part of each path is a name that no section has (``config.reserved``)."""
    return [
        Route("/healthz", own.health),
        Route("/readyz", own.readiness),
        Route("/status", own.guarded(own.status)),
        *([Route("/metrics", own.guarded(own.scrape))] if server.metrics else []),
        Route("/hub", HubDoor(hub, files)),
        *([Route("/search.{form}", QueryFeeds(feeds, files))] if feeds else []),
        *([Route("/search", SearchPage(shelves, own.pages.missing).answer)] if shelves else []),
        *(guessed_routes(own.pages.missing) if shelves or feeds else []),
        *([Route("/image/{signature}/{source}/{coded}", PictureDoor(pictures).answer)] if pictures else []),
        Route("/websub/{token}", CallbackDoor(callbacks, files)),
    ]


class _Front:
    def __init__(self, app: ASGIApp, files: ASGIApp, own: tuple[str, ...]) -> None:
        self._app, self._files, self._own = app, files, own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        plain = scope["type"] == "http" and not scope["path"].startswith(self._own)
        await (self._files if plain else self._app)(scope, receive, send)


class _Beyond:
    """What the files want to know beside themselves."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    async def removed_sections(self) -> frozenset[str]:
        return await self._facts.removed_sections()

    def links(self, name: str) -> bytes:
        return hub_links(*self._facts.address(), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPages:
    """Health, status and metrics."""

    facts: Facts
    token: str
    pages: Pages
    metrics: Metrics

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        async def asked(request: Request) -> Response:
            return await endpoint(request) if admitted(request, self.token) else refused()

        return asked

    async def health(self, _request: Request) -> Response:
        """200 while the loop turns: a supervisor restarts what does not answer so."""
        return _line("ok", 200) if self.facts.alive() else _line("the scheduler stands still", 503)

    async def readiness(self, request: Request) -> Response:
        reason = await self.facts.ready()
        if reason is None:
            return _line("ready", 200)
        # The reason may name files and servers: where there is a token, it is for those who have it.
        return _line(reason if admitted(request, self.token) else "not ready", 503)

    async def status(self, request: Request) -> Response:
        records, agreed = await self.facts.sources(), await self.facts.subscriptions()
        copies, bounds = await self.facts.copies(), self.facts.stale_after()
        if _wants_json(request):
            rows = status_rows(records, self._now(), agreed, copies=copies, stale_after=bounds)
            return JSONResponse(rows, headers={**_UNSTORED, "Vary": "Accept"})
        asked = Asked.of(request.query_params)
        shown = status_page(
            records, self._now(), agreed, copies, asked, self.pages.tongue, stale_after=bounds
        )
        response = self.pages.page("status.html", **shown)
        response.headers["Vary"] = "Accept"
        return response

    async def scrape(self, request: Request) -> Response:
        records = await self.facts.sources()
        text, content_type = self.metrics.exposition(records, self._now(), request.headers.get("accept", ""))
        return Response(text, headers={**_UNSTORED, "Content-Type": content_type})

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.facts.now(), UTC)


def _wants_json(request: Request) -> bool:
    if asked := request.query_params.get("format"):
        return asked == "json"
    return prefers(request.headers.get("accept", ""), "application/json", "text/html")


def _line(text: str, status: int) -> Response:
    return PlainTextResponse(f"{text}\n", status, _UNSTORED)
