"""The published directory, read safely: no path leads out of it, and what was read is held."""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from threading import Lock

from aggregator.serve.kinds import kind_of

LARGE = 16 << 20  #: bytes; larger files are not held in memory
HELD = 64 << 20  #: bytes of documents held in all
MOST_HELD = 4096  #: documents, however small
SMALLEST_COMPRESSED = 512  #: bytes; less is not worth a coding
LARGEST_COMPRESSED = 4 << 20  #: bytes; larger ones are compressed by who publishes, or not at all
CHUNK = 256 << 10

_Stamp = tuple[int, int, int]


class NotPublished(Exception):
    """There is no such file, or it is nobody's business."""


class IsFolder(Exception):
    """The path names a folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One published file."""

    tag: str  #: of its content, unquoted: the ETag of the plain form
    length: int
    modified: datetime
    body: bytes | None  #: None: too large to be held, read it from the shelf
    gzipped: bytes | None = None  #: None: not worth it, or too large

    @property
    def held(self) -> int:
        return len(self.body or b"") + len(self.gzipped or b"")


class Shelf:
    """Documents by path. Used from several threads; blocks on the disk."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._held: OrderedDict[tuple[str, ...], tuple[_Stamp, Document]] = OrderedDict()
        self._size = 0  # bytes held
        self._lock = Lock()

    def document(self, parts: tuple[str, ...]) -> Document:
        """The file as it is now. Raises NotPublished or IsFolder."""
        with self._opened(parts) as file:
            stamp = _stamp(file)
            with self._lock:
                known = self._held.get(parts)
                if known is not None and known[0] == stamp:
                    self._held.move_to_end(parts)
                    return known[1]
            document = self._read(parts, file)
        self._keep(parts, stamp, document)
        return document

    def chunks(self, parts: tuple[str, ...], start: int, stop: int) -> Iterator[bytes]:
        """The bytes of a file that is too large to be held."""
        with self._opened(parts) as file:
            os.lseek(file, start, os.SEEK_SET)
            while start < stop and (chunk := os.read(file, min(CHUNK, stop - start))):
                start += len(chunk)
                yield chunk

    def _read(self, parts: tuple[str, ...], file: int) -> Document:
        status = os.fstat(file)
        body = _whole(file) if status.st_size <= LARGE else None
        digest, checksum, length = blake2b(digest_size=16), 0, 0
        for chunk in (body,) if body is not None else _pieces(file):
            digest.update(chunk)
            checksum, length = zlib.crc32(chunk, checksum), length + len(chunk)
        return Document(
            tag=digest.hexdigest(),
            length=length,
            modified=datetime.fromtimestamp(status.st_mtime_ns // 10**9, UTC),
            body=body,
            gzipped=self._gzipped(parts, body, checksum),
        )

    def _gzipped(self, parts: tuple[str, ...], body: bytes | None, checksum: int) -> bytes | None:
        if body is None or len(body) < SMALLEST_COMPRESSED or not kind_of(parts[-1]).compressible:
            return None
        made = self._precompressed(parts, body, checksum)
        if made is None and len(body) <= LARGEST_COMPRESSED:
            made = gzip.compress(body, 6, mtime=0)
        return made if made is not None and len(made) < len(body) else None

    def _precompressed(self, parts: tuple[str, ...], body: bytes, checksum: int) -> bytes | None:
        """The ``.gz`` beside the file, if it is of this very content: its trailer tells (RFC 1952 §2.3.1)."""
        try:
            with self._opened((*parts[:-1], parts[-1] + ".gz")) as file:
                made = _whole(file)
        except (NotPublished, IsFolder):
            return None
        trailer = checksum.to_bytes(4, "little") + (len(body) & 0xFFFFFFFF).to_bytes(4, "little")
        return made if made.startswith(b"\x1f\x8b") and made.endswith(trailer) else None

    def _keep(self, parts: tuple[str, ...], stamp: _Stamp, document: Document) -> None:
        with self._lock:
            replaced = self._held.pop(parts, None)
            self._held[parts] = stamp, document
            self._size += document.held - (replaced[1].held if replaced else 0)
            while self._size > HELD or len(self._held) > MOST_HELD:
                _, (_, dropped) = self._held.popitem(last=False)
                self._size -= dropped.held

    @contextmanager
    def _opened(self, parts: tuple[str, ...]) -> Iterator[int]:
        """A descriptor of the regular file, reached step by step: no symbolic link is followed on the way."""
        if not parts or not all(_speakable(part) for part in parts):
            raise NotPublished
        with ExitStack() as stack:
            try:
                at = _open(stack, self._root, os.O_DIRECTORY, None)
                for folder in parts[:-1]:
                    at = _open(stack, folder, os.O_DIRECTORY | os.O_NOFOLLOW, at)
                file = _open(stack, parts[-1], os.O_NOFOLLOW | os.O_NONBLOCK, at)
                mode = os.fstat(file).st_mode
            except (OSError, ValueError) as error:
                raise NotPublished from error
            if stat.S_ISDIR(mode):
                raise IsFolder
            if not stat.S_ISREG(mode):
                raise NotPublished
            yield file


def _speakable(part: str) -> bool:
    """A plain file name: not hidden, no way up, no separator, no control character."""
    return bool(part) and part[0] != "." and part.isprintable() and not set(part) & set("/\\")


def _open(stack: ExitStack, name: str | Path, flags: int, at: int | None) -> int:
    descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | flags, dir_fd=at)
    stack.callback(os.close, descriptor)
    return descriptor


def _stamp(file: int) -> _Stamp:
    status = os.fstat(file)
    return status.st_mtime_ns, status.st_size, status.st_ino


def _whole(file: int) -> bytes:
    return b"".join(_pieces(file))


def _pieces(file: int) -> Iterator[bytes]:
    while chunk := os.read(file, CHUNK):
        yield chunk
