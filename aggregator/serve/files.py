"""Serving the published directory: validators, compression, ranges, CORS."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from aggregator.serve import conditional
from aggregator.serve.kinds import COMMON_HEADERS, FileKind, kind_of
from aggregator.serve.negotiation import accepts_gzip
from aggregator.serve.shelf import Document, IsFolder, NotPublished, Shelf

METHODS = "GET, HEAD, OPTIONS"
INDEX = "index.html"

_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since, If-Range, Range, Cache-Control",
    "Access-Control-Max-Age": "86400",
}


class Files:
    """An ASGI application over one folder."""

    def __init__(self, shelf: Shelf, missing: Callable[[Request], Response]) -> None:
        self._shelf = shelf
        self._missing = missing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self.answer(Request(scope, receive))
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        if request.method not in METHODS.split(", "):
            return Response("This server only gives out files.\n", 405, {**COMMON_HEADERS, "Allow": METHODS})
        parts = tuple(str(request.scope["path"]).removeprefix("/").split("/"))
        if parts[-1] == "":
            parts = (*parts[:-1], INDEX)
        if request.method == "OPTIONS":
            return _preflight(kind_of(parts[-1]))
        try:
            # A disk may take its time. Feeds are read in threads of their own (pipeline/threads.py), so that a
            # reader does not wait for them here.
            document = await run_in_threadpool(self._shelf.document, parts)
        except NotPublished:
            return self._missing(request)
        except IsFolder:
            # Relative, so that it holds behind a proxy that serves us below a path of its own.
            return Response(status_code=308, headers={"Location": f"./{quote(parts[-1])}/"})
        return self._answer(request, parts, document)

    def _answer(self, request: Request, parts: tuple[str, ...], document: Document) -> Response:
        kind = kind_of(parts[-1])
        ranged = "range" in request.headers and request.method == "GET"
        gzipped = (
            None if ranged or not accepts_gzip(_joined(request, "accept-encoding")) else document.gzipped
        )
        etag = f'"{document.tag}-gzip"' if gzipped else f'"{document.tag}"'
        headers = _headers(kind, document, etag, gzipped is not None)
        if _unchanged(request, document):
            return Response(
                status_code=304, headers={k: v for k, v in headers.items() if k != "Content-Encoding"}
            )
        if ranged and conditional.range_still_holds(
            request.headers.get("if-range", ""), etag, document.modified
        ):
            try:
                part = conditional.requested_range(request.headers["range"], document.length)
            except ValueError:
                return Response(
                    status_code=416, headers={**COMMON_HEADERS, "Content-Range": f"bytes */{document.length}"}
                )
            if part is not None:
                headers["Content-Range"] = f"bytes {part[0]}-{part[1] - 1}/{document.length}"
                return self._body(request, parts, document, headers, kind, part, 206)
        if gzipped is not None:
            return _whole(request, gzipped, headers, kind, 200)
        return self._body(request, parts, document, headers, kind, (0, document.length), 200)

    def _body(
        self,
        request: Request,
        parts: tuple[str, ...],
        document: Document,
        headers: dict[str, str],
        kind: FileKind,
        span: tuple[int, int],
        status: int,
    ) -> Response:
        start, stop = span
        if document.body is not None:
            return _whole(request, document.body[start:stop], headers, kind, status)
        headers["Content-Length"] = str(stop - start)
        if request.method == "HEAD":
            return Response(None, status, headers, kind.type)
        return StreamingResponse(self._shelf.chunks(parts, start, stop), status, headers, kind.type)


def _whole(request: Request, body: bytes, headers: dict[str, str], kind: FileKind, status: int) -> Response:
    headers["Content-Length"] = str(len(body))
    return Response(b"" if request.method == "HEAD" else body, status, headers, kind.type)


def _headers(kind: FileKind, document: Document, etag: str, gzipped: bool) -> dict[str, str]:
    headers = {
        **COMMON_HEADERS,
        "ETag": etag,
        "Last-Modified": conditional.last_modified(document.modified),
        "Cache-Control": kind.cache,
        "Content-Security-Policy": kind.policy,
        "Accept-Ranges": "bytes",
    }
    if kind.compressible:
        headers["Vary"] = "Accept-Encoding"
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    if kind.shared:
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Link"
    return headers


def _unchanged(request: Request, document: Document) -> bool:
    """If-None-Match rules If-Modified-Since out, whether it matches or not (RFC 9110 §13.1.3)."""
    if "if-none-match" in request.headers:
        return conditional.none_match(_joined(request, "if-none-match"), document.tag)
    since = request.headers.get("if-modified-since", "")
    return bool(since) and conditional.unmodified_since(since, document.modified)


def _preflight(kind: FileKind) -> Response:
    return Response(status_code=204, headers={"Allow": METHODS, **(_PREFLIGHT if kind.shared else {})})


def _joined(request: Request, name: str) -> str:
    return ", ".join(request.headers.getlist(name))
