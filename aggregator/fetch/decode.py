"""A body, from what came over the wire to the document: bounded at every step, and known to be whole.

``zlib`` is asked for at most as many bytes as are still allowed, so that a bomb costs one piece of output,
not its size. Only gzip and deflate are read: these can be bounded. Gzip is all that we ask for.

What is plain text is taken as it is, whatever the label says it is packed as.
"""

from __future__ import annotations

import zlib
from codecs import getincrementaldecoder
from typing import Any

from aggregator.fetch.errors import FaultKind, FetchError

_GZIP_MAGIC = b"\x1f\x8b"
_PIECE = 256 * 1024  #: bytes unpacked at a time
#: Window bits: gzip or zlib by their header; deflate without a header (RFC 9110 §8.4.1.2).
_AUTO, _RAW_DEFLATE = 47, -15
#: Gzip members; each costs a copy of what follows it, so that many empty ones would stall us.
_MOST_MEMBERS = 1000
_ALIASES = {"x-gzip": "gzip", "x-deflate": "deflate"}
#: What servers write where nothing is packed: encodings of texts, of mail, of a transfer.
_NOTHING = frozenset(
    ("", "identity", "none", "plain", "utf-8", "utf8", "7bit", "8bit", "binary", "chunked", "aws-chunked")
)
_TELLING = 32  #: bytes after a mark of their order; packed ones are text for so long once in many billions
_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


class BodyDecoder:
    """Takes the raw pieces of one body in, gives the document out. Raises FetchError at the first fault."""

    def __init__(self, url: str, content_encoding: str | None, limit: int) -> None:
        self._url, self._limit = url, limit
        self._codec = self._known(content_encoding or "")
        self._head: bytearray | None = bytearray()  # until there is enough of it to tell what it is
        self._enough = _TELLING + 3 if self._codec not in ("", "gzip") else len(_GZIP_MAGIC)
        self._unpack: Any = None
        self._members = 1
        self._after = b""  # the first two bytes after the end of the packed data
        self._received = 0
        self._body = bytearray()

    @property
    def received(self) -> int:
        """Bytes that came over the wire."""
        return self._received

    def feed(self, piece: bytes) -> None:
        self._received += len(piece)
        if self._received > self._limit:
            raise self._too_large()
        if self._head is None:
            self._take(piece)
            return
        self._head += piece
        if len(self._head) >= self._enough:
            self._start()

    def finish(self) -> bytes:
        """The whole document. Raises FetchError("truncated") where the packed data stops short of its end."""
        if self._head:
            self._start()
        if self._unpack is not None and not self._unpack.eof:
            raise self._fault("the packed body ends in its middle; it will be asked for again", "truncated")
        return bytes(self._body)

    def so_far(self) -> bytes:
        """What could be read up to now, for error pages, where the beginning is enough."""
        return bytes(self._body)

    def _known(self, content_encoding: str) -> str:
        """What the label names, be it one that we can read or not; "" where it says that nothing is packed."""
        codecs = [name.partition(";")[0].strip().lower() for name in content_encoding.split(",")]
        codecs = [_ALIASES.get(name, name) for name in codecs if name not in _NOTHING]
        if len(codecs) > 1:
            raise self._fault(
                f"the body is packed {len(codecs)} times over, which only attacks do", "encoding"
            )
        return codecs[0] if codecs else ""

    def _start(self) -> None:
        """Choose by the first bytes: the label is wrong often enough, in both directions."""
        head, self._head = bytes(self._head or b""), None
        if self._codec in ("", "gzip", "deflate") and head.startswith(_GZIP_MAGIC):
            self._unpack = zlib.decompressobj(_AUTO)
        elif self._codec not in ("", "gzip") and head and not _is_text(head):
            self._unpack = self._unpacker(head)
        self._take(head)

    def _unpacker(self, head: bytes) -> Any:
        if self._codec != "deflate":
            raise self._fault(
                f"the body came packed as {self._codec[:20]!r}, although only gzip was asked for", "encoding"
            )
        zlib_header = len(head) >= 2 and head[0] & 0x0F == 8 and (head[0] << 8 | head[1]) % 31 == 0
        return zlib.decompressobj(_AUTO if zlib_header else _RAW_DEFLATE)

    def _take(self, piece: bytes) -> None:
        if self._unpack is None:
            self._keep(piece)
            return
        while piece:
            if self._unpack.eof:
                piece = self._next_member(piece)
            if piece:
                piece = self._inflate(piece)

    def _inflate(self, piece: bytes) -> bytes:
        """Unpack to the end of the piece or of the packed data; returns what follows that."""
        full = True
        while (piece or full) and not self._unpack.eof:
            # One byte more than is allowed tells a body that just fits from one that does not.
            room = min(_PIECE, self._limit - len(self._body) + 1)
            unpacked = self._unpacked(piece, room)
            self._keep(unpacked)
            # All input may be taken in while output is still to come.
            piece, full = self._unpack.unconsumed_tail, len(unpacked) == room
        rest: bytes = self._unpack.unused_data
        return rest

    def _unpacked(self, piece: bytes, room: int) -> bytes:
        try:
            unpacked: bytes = self._unpack.decompress(piece, room)
        except zlib.error as error:
            raise self._fault("the packed body is damaged; it will be asked for again", "encoding") from error
        return unpacked

    def _next_member(self, piece: bytes) -> bytes:
        """A gzip file may be several in a row (RFC 1952 §2.2); whatever else follows the end is padding."""
        if len(self._after) == 2:
            return b""
        after = self._after + piece
        if after.startswith(_GZIP_MAGIC):
            self._members += 1
            if self._members > _MOST_MEMBERS:
                raise self._fault(f"the body is packed in more than {_MOST_MEMBERS} parts", "encoding")
            self._after, self._unpack = b"", zlib.decompressobj(_AUTO)
            return after
        self._after = after[:2]
        return b""

    def _keep(self, document: bytes) -> None:
        self._body += document
        if len(self._body) > self._limit:
            raise self._too_large()

    def _too_large(self) -> FetchError:
        return too_large(self._url, self._limit)

    def _fault(self, reason: str, kind: FaultKind) -> FetchError:
        return FetchError(self._url, reason, kind)


def _is_text(head: bytes) -> bool:
    """Whether it begins as a document does: in UTF-8, or in what UTF-16 makes of ASCII. Too little never tells."""
    for bom in _BOMS:
        head = head.removeprefix(bom)
    try:
        # The last character may be cut.
        words = getincrementaldecoder("utf-8")().decode(head[:_TELLING].replace(b"\0", b"")).split()
    except UnicodeDecodeError:
        return False
    return len(head) >= _TELLING and bool(words) and all(map(str.isprintable, words))


def unpacked(url: str, content_encoding: str | None, body: bytes, limit: int) -> bytes:
    """A body that came whole by another way than a fetch. Raises FetchError; ``url`` names it there."""
    decoder = BodyDecoder(url, content_encoding, limit)
    decoder.feed(body)
    return decoder.finish()


def too_large(url: str, limit: int) -> FetchError:
    return FetchError(
        url, f"the body is larger than {limit} bytes; raise max_size if this is right", "too-large"
    )
