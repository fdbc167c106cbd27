"""The newsstand as an ASGI application: what stands at which address, and what changes while one watches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.clock import Clock
from aggregator.demo import feeds, portal
from aggregator.demo.pictures import draw
from aggregator.demo.stories import Story, read_stories, read_wire

Document = tuple[bytes, str]  #: body and media type

#: The agency's copies are that much younger than the originals.
_COPYING_TAKES = timedelta(minutes=6)

#: What the evening paper prints; the morning paper has the others.
_NORTH = ("peace-talks", "grain-port", "seed-vault", "quiet-turbine", "mapmakers")

#: So long after the opening the agency brings them, so that one sees a story gain a copy.
_COPIES_AFTER = timedelta(seconds=6)

XML = "application/xml"
HTML = "text/html"


class Newsstand:
    """Invented outlets. ``wire_pace`` is the time between two items of the news wire."""

    def __init__(self, clock: Clock, *, wire_pace: timedelta = timedelta(seconds=15)) -> None:
        self._clock = clock
        self._opened = clock()
        self._wire_pace = wire_pace
        self._stories = read_stories("stories.yaml", self._opened)
        self._english = read_stories("english.yaml", self._opened)
        known = {story.id: story for story in self._stories}
        self._north = [known[id] for id in _NORTH]
        self._harbour = [story for story in self._stories if story.id not in _NORTH]
        self._portal = read_stories("portal.yaml", self._opened, known)
        self._traditional = read_stories("traditional.yaml", self._opened + _COPYING_TAKES)
        self._wire = read_wire()

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "HEAD"])])

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        if path.startswith("/radio/"):
            return Response("the transmitter is being repaired", status_code=500, media_type="text/plain")
        root = f"{request.url.scheme}://{request.url.netloc}"
        document = self._document(path, root)
        if document is None:
            return Response("no such page", status_code=404, media_type="text/plain")
        return _conditional(request, document)

    def _document(self, path: str, root: str) -> Document | None:
        outlets: dict[str, Callable[[], Document]] = {
            "/harbour/rss.xml": lambda: (
                feeds.rss("海湾日报", f"{root}/harbour/", self._harbour, root, outlet="harbour"), XML),
            "/north/rss.xml": lambda: (
                feeds.rss_gb("北岸晚报", f"{root}/north/", self._north, root, outlet="north"), XML),
            "/nanping/atom.xml": lambda: (
                feeds.atom("南屏通訊社", f"{root}/nanping/", self._agency(), root, outlet="nanping", language="zh-TW"),
                "application/atom+xml"),
            "/meridian/atom.xml": lambda: (
                feeds.atom("The Meridian Post", f"{root}/meridian/", self._english[:2], root, outlet="meridian", language="en"),
                "application/atom+xml"),
            "/fieldnotes/feed.json": lambda: (
                feeds.json_feed("Field Notes", f"{root}/fieldnotes/", self._english[1:], root, outlet="fieldnotes"),
                "application/feed+json"),
            "/wire/rss.xml": lambda: (feeds.wire("云港快讯", f"{root}/wire/", self._released(), root), XML),
        }  # fmt: skip
        if path in outlets:
            return outlets[path]()
        if path.startswith("/pictures/"):
            picture = draw(path.removeprefix("/pictures/").removesuffix(".svg"))
            return (picture, "image/svg+xml") if picture else None
        if path.startswith("/portal/"):
            return self._portal_page(path.removeprefix("/portal/").strip("/"))
        return self._story_page(path, root)

    def _agency(self) -> list[Story]:
        """The agency's own story; its copies of others' come when those have been read."""
        copied = self._clock() - self._opened >= _COPIES_AFTER
        return self._traditional if copied else self._traditional[-1:]

    def _released(self) -> list[tuple[int, datetime, str]]:
        """The wire's items that are out by now, the newest first."""
        out = 7 + int((self._clock() - self._opened) / self._wire_pace)
        lines = self._wire[: min(out, len(self._wire))]
        start = self._opened - 6 * self._wire_pace
        return [(n, start + n * self._wire_pace, text) for n, text in reversed(list(enumerate(lines)))]

    def _portal_page(self, path: str) -> Document | None:
        folders = {folder: name for name, folder in portal.SECTIONS.items()}
        folder, _, name = path.partition("/")
        stories = [story for story in self._portal if portal.SECTIONS.get(story.section) == folder]
        if folder not in folders:
            return None
        if not name:
            return portal.listing(folders[folder], stories), HTML
        number, _, page = name.removesuffix(".html").partition("_")
        for story in stories:
            if story.id == number and (page or "1").isdigit() and 1 <= int(page or 1) <= len(story.pages):
                return portal.article(story, int(page or 1), _others(self._portal, story)), HTML
        return None

    def _story_page(self, path: str, root: str) -> Document | None:
        """The page behind a feed's entry, for whoever follows its link."""
        name = path.rsplit("/", 1)[-1].removesuffix(".html")
        for story in (*self._stories, *self._english):
            if story.id == name:
                body = f"<h1>{escape(story.title)}</h1>{feeds.body_html(story, root)}"
                return (
                    f'<!DOCTYPE html><meta charset="utf-8"><title>{escape(story.title)}</title>{body}'.encode(),
                    HTML,
                )
        return None


def _others(stories: Sequence[Story], story: Story) -> list[Story]:
    return [other for other in stories if other.id != story.id][:4]


def _conditional(request: Request, document: Document) -> Response:
    """Outlets with manners: an ETag, and 304 to whoever has the document already."""
    body, media_type = document
    etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    # No charset parameter: the documents say themselves, rightly or wrongly, what they are.
    return Response(body, headers={**headers, "Content-Type": media_type})
