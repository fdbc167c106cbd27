"""Serving the published directory: validators, compression, ranges, negotiation, CORS.

Feed readers ask for the same few files again and again, nearly always conditionally. Such a request is answered from
what is held, on the event loop and without Starlette's own objects, after one look at the file's inode; whatever has to
be read is read in a thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from aggregator.serve.giving import Exchange, give
from aggregator.serve.kinds import COMMON_HEADERS, FileKind, kind_of
from aggregator.serve.negotiation import forms
from aggregator.serve.shelf import Document, IsFolder, NotPublished, Shelf

METHODS = ("GET", "HEAD", "OPTIONS")
INDEX = "index.html"

_ALLOW = ", ".join(METHODS)
_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since, If-Range, Range, Cache-Control",
    "Access-Control-Max-Age": "86400",
}
#: The address of a section without the form in which it is wanted.
_SECTION = re.compile(r"/([a-z0-9][a-z0-9-]*)(/?)")
#: Whatever lies below the name of a section; its feeds may be in another script.
_OF_SECTION = re.compile(r"/([a-z0-9][a-z0-9-]*)(?:/.*|(?:\.[a-z-]+)?\.(?:atom|rss|json))?")


class Beyond(Protocol):
    """What is known beside the files."""

    async def removed_sections(self) -> frozenset[str]:
        """Ids of sections that were published once and are no more."""
        ...

    def links(self, name: str) -> bytes:
        """The Link field of the feed of this name (RFC 8288); empty for none."""
        ...


class Files:
    """An ASGI application over one folder."""

    def __init__(
        self,
        shelf: Shelf,
        *,
        missing: Callable[[Request], Response],
        gone: Callable[[Request], Response],
        beyond: Beyond,
    ) -> None:
        self._shelf = shelf
        self._missing, self._gone = missing, gone
        self._beyond = beyond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if scope["method"] not in METHODS:
            headers = {**COMMON_HEADERS, "Allow": _ALLOW}
            await Response("This server only gives out files.\n", 405, headers)(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await _preflight(kind_of(_file_at(path)))(scope, receive, send)
            return
        asked, section = Exchange.of(scope, receive, send), _SECTION.fullmatch(path)
        answered = section is not None and await self._section(asked, section[1], below=bool(section[2]))
        if not answered and not await self._file(asked, _file_at(path)):
            await self._nothing(asked, path)

    # -- which file

    async def _section(self, asked: Exchange, name: str, *, below: bool) -> bool:
        """The form that the client likes best of those that are published (RFC 9110 §12.1).

        Where it likes none of them it gets the first one all the same: that is of more use than a 406.
        """
        wanted = forms(asked.field(b"accept"))
        endings = (*wanted, *(one for one in forms("") if one not in wanted))
        found = await self._first([name + ending for ending in endings])
        if found is None:
            return False
        file, document = found
        if file.endswith("/" + INDEX):
            if not below:
                # To where the links of the page lead right. Relative, so that it holds behind a proxy that serves
                # us below a path of its own.
                headers = {"Location": f"./{name}/", "Vary": "Accept"}
                await asked.respond(Response(status_code=308, headers=headers))
                return True
            at = f"./{INDEX}"
        else:
            at = f"../{file}" if below else f"./{file}"
        extra = [(b"vary", b"Accept"), (b"content-location", at.encode("ascii"))]
        await self._give(asked, file, document, extra)
        return True

    async def _first(self, names: Sequence[str]) -> tuple[str, Document] | None:
        if document := self._shelf.at_hand(names[0]):
            return names[0], document
        return await run_in_threadpool(self._first_read, names)

    def _first_read(self, names: Sequence[str]) -> tuple[str, Document] | None:
        for name in names:
            try:
                return name, self._shelf.document(name)
            except (NotPublished, IsFolder):
                continue
        return None

    async def _file(self, asked: Exchange, name: str) -> bool:
        try:
            # A disk may take its time. Feeds are read in threads of their own (pipeline/threads.py), so that a
            # reader does not wait for them here.
            document = self._shelf.at_hand(name)
            if document is None:
                document = await run_in_threadpool(self._shelf.document, name)
        except NotPublished:
            return False
        except IsFolder:
            location = f"./{quote(name.rpartition('/')[2])}/"
            await asked.respond(Response(status_code=308, headers={"Location": location}))
            return True
        await self._give(asked, name, document)
        return True

    async def _nothing(self, asked: Exchange, path: str) -> None:
        known = _OF_SECTION.fullmatch(path)
        gone = known is not None and known[1] in await self._beyond.removed_sections()
        await asked.respond((self._gone if gone else self._missing)(Request(asked.scope, asked.receive)))

    async def _give(
        self, asked: Exchange, name: str, document: Document, extra: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        if document.kind.shared and (links := self._beyond.links(name)):
            extra = (*extra, (b"link", links))
        await give(asked, document, extra, chunks=partial(self._shelf.chunks, name))


def _file_at(path: str) -> str:
    name = path.removeprefix("/")
    return f"{name}{INDEX}" if not name or name.endswith("/") else name


def _preflight(kind: FileKind) -> Response:
    return Response(status_code=204, headers={"Allow": _ALLOW, **(_PREFLIGHT if kind.shared else {})})
