"""Giving out a document: what the client has of it already, in which coding, which part."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from aggregator.serve import conditional
from aggregator.serve.kinds import COMMON_HEADERS
from aggregator.serve.negotiation import codings
from aggregator.serve.shelf import Document

#: The fields of a request that matter here.
_READ = frozenset(
    (
        b"accept",
        b"accept-encoding",
        b"if-none-match",
        b"if-modified-since",
        b"if-range",
        b"range",
    )
)
#: Bytes of an answer that are written at a time.
PIECE = 256 << 10
_Heads = list[tuple[bytes, bytes]]
#: Reads a part of a document that is too large to be held.
Chunks = Callable[[int, int], Iterator[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request, as far as it matters here, and the way back."""

    scope: Scope
    receive: Receive
    send: Send
    fields: dict[bytes, str]  #: as they came, lists joined

    @classmethod
    def of(cls, scope: Scope, receive: Receive, send: Send) -> Exchange:
        fields: dict[bytes, str] = {}
        for name, value in scope["headers"]:
            if name in _READ:
                text = value.decode("latin-1")
                fields[name] = f"{fields[name]}, {text}" if name in fields else text
        return cls(scope=scope, receive=receive, send=send, fields=fields)

    @property
    def is_head(self) -> bool:
        return bool(self.scope["method"] == "HEAD")

    @property
    def range(self) -> str | None:
        return None if self.is_head else self.fields.get(b"range")

    def field(self, name: bytes) -> str:
        return self.fields.get(name, "")

    async def answer(self, status: int, headers: _Heads, body: bytes = b"") -> None:
        """A long body goes in pieces, each when the last is taken: a slow reader keeps no copy of the whole."""
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        body = b"" if self.is_head else body
        at = 0
        while len(body) - at > PIECE:
            piece = body[at : at + PIECE]
            await self.send({"type": "http.response.body", "body": piece, "more_body": True})
            at += PIECE
            await asyncio.sleep(0)  # others have their turn, and that a reader has left is heard
        await self.send({"type": "http.response.body", "body": body[at:] if at else body})

    async def respond(self, response: Response) -> None:
        await response(self.scope, self.receive, self.send)


async def give(
    asked: Exchange,
    document: Document,
    extra: Iterable[tuple[bytes, bytes]] = (),
    *,
    chunks: Chunks | None = None,
) -> None:
    coding = "" if asked.range is not None else _coding(asked.field(b"accept-encoding"), document)
    etag = document.etags[coding]
    headers = [
        *document.kind.fields,
        (b"etag", etag),
        (b"last-modified", document.last_modified),
        *extra,
    ]
    if _unchanged(asked, document, etag):
        await asked.answer(304, headers)
    elif asked.range is not None:
        await _part(asked, document, headers, chunks)
    elif coding:
        packed = document.packed[coding]
        headers += [(b"content-encoding", coding.encode("ascii")), *_described(document, len(packed))]
        await asked.answer(200, headers, packed)
    else:
        await _bytes(asked, document, 200, headers, (0, document.length), chunks)


async def _part(asked: Exchange, document: Document, headers: _Heads, chunks: Chunks | None) -> None:
    part, etag = None, document.etags[""].decode("ascii")
    if conditional.range_still_holds(asked.field(b"if-range"), etag, document.modified):
        try:
            part = conditional.requested_range(asked.field(b"range"), document.length)
        except ValueError:
            beyond = {**COMMON_HEADERS, "Content-Range": f"bytes */{document.length}"}
            await asked.respond(Response(status_code=416, headers=beyond))
            return
    if part is None:
        await _bytes(asked, document, 200, headers, (0, document.length), chunks)
        return
    shown = f"bytes {part[0]}-{part[1] - 1}/{document.length}"
    headers.append((b"content-range", shown.encode("ascii")))
    await _bytes(asked, document, 206, headers, part, chunks)


async def _bytes(
    asked: Exchange,
    document: Document,
    status: int,
    headers: _Heads,
    span: tuple[int, int],
    chunks: Chunks | None,
) -> None:
    start, stop = span
    headers += [*_described(document, stop - start), (b"accept-ranges", b"bytes")]
    if document.body is not None:
        await asked.answer(status, headers, document.body[start:stop])
    elif asked.is_head or chunks is None:
        await asked.answer(status, headers)
    else:
        stream = StreamingResponse(chunks(start, stop), status)
        stream.raw_headers = headers
        await asked.respond(stream)


def _coding(field: str, document: Document) -> str:
    """Empty where it is sent plain."""
    if not field or not document.packed:
        return ""
    return next((coding for coding in codings(field) if coding in document.packed), "")


def _described(document: Document, length: int) -> _Heads:
    return [
        (b"content-type", document.kind.type.encode("ascii")),
        (b"content-length", str(length).encode("ascii")),
    ]


def _unchanged(asked: Exchange, document: Document, etag: bytes) -> bool:
    """If-None-Match rules If-Modified-Since out, whether it matches or not (RFC 9110 §13.1.3)."""
    if (field := asked.fields.get(b"if-none-match")) is not None:
        return field.encode("latin-1") == etag or conditional.none_match(field, document.tag)
    since = asked.field(b"if-modified-since")
    return bool(since) and conditional.unmodified_since(since, document.modified)
