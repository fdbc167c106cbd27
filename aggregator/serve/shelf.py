"""The published directory, read safely: no path leads out of it, and what was read is held."""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from threading import Lock

import brotli

from aggregator.serve.conditional import last_modified
from aggregator.serve.kinds import FileKind, kind_of

LARGE = 16 << 20  #: bytes; larger files are not held in memory
HELD = 64 << 20  #: bytes of documents held in all
MOST_HELD = 4096  #: documents, however small
SMALLEST_COMPRESSED = 512  #: bytes; less is not worth a coding
LARGEST_COMPRESSED = 4 << 20  #: bytes; larger ones are compressed by who publishes, or not at all
CHUNK = 256 << 10

_Stamp = tuple[int, int, int, int]


class NotPublished(Exception):
    """There is no such file, or it is nobody's business."""


class IsFolder(Exception):
    """The path names a folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One published file."""

    tag: str  #: of its content, unquoted: the ETag of the plain form
    kind: FileKind
    length: int
    modified: datetime
    body: bytes | None  #: None: too large to be held, read it from the shelf
    packed: Mapping[str, bytes] = field(default_factory=dict)  #: by coding; without those that gain nothing
    etags: Mapping[str, bytes] = field(init=False)  #: by coding, "" is the plain form; quoted
    last_modified: bytes = field(init=False)

    def __post_init__(self) -> None:
        etags = {coding: f'"{self.tag}-{coding}"'.encode("ascii") for coding in self.packed}
        object.__setattr__(self, "etags", {"": f'"{self.tag}"'.encode("ascii"), **etags})
        object.__setattr__(self, "last_modified", last_modified(self.modified).encode("ascii"))

    @property
    def held(self) -> int:
        return len(self.body or b"") + sum(map(len, self.packed.values()))


def document_of(body: bytes, kind: FileKind, modified: datetime) -> Document:
    """What was made here, and stands in no file."""
    packed = gzip.compress(body, 6, mtime=0) if len(body) >= SMALLEST_COMPRESSED else body
    return Document(
        tag=blake2b(body, digest_size=16).hexdigest(),
        kind=kind,
        length=len(body),
        modified=modified,
        body=body,
        packed={"gzip": packed} if len(packed) < len(body) else {},
    )


class Shelf:
    """Documents by their path below the folder, without a slash before it. Used from several threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._below = f"{root}/"
        self._held: OrderedDict[str, tuple[_Stamp, Document]] = OrderedDict()
        self._size = 0  # bytes held
        self._lock = Lock()

    def at_hand(self, path: str) -> Document | None:
        """The file as it is now, if it is held and has not changed: one look at its inode, which takes microseconds.

        A path is held only once it was opened step by step; whatever stands there now with the same inode, size and
        time is the file that was read then.
        """
        known = self._held.get(path)
        if known is None:
            return None
        try:
            if _stamp(os.stat(self._below + path)) != known[0]:
                return None
        except OSError:
            return None
        with self._lock:
            if path in self._held:
                self._held.move_to_end(path)
        return known[1]

    def document(self, path: str) -> Document:
        """The file as it is now. Raises NotPublished or IsFolder. Blocks on the disk."""
        with self._opened(path) as file:
            stamp = _stamp(os.fstat(file))
            with self._lock:
                known = self._held.get(path)
                if known is not None and known[0] == stamp:
                    self._held.move_to_end(path)
                    return known[1]
            document = self._read(path, file)
        self._keep(path, stamp, document)
        return document

    def chunks(self, path: str, start: int, stop: int) -> Iterator[bytes]:
        """The bytes of a file that is too large to be held."""
        with self._opened(path) as file:
            os.lseek(file, start, os.SEEK_SET)
            while start < stop and (chunk := os.read(file, min(CHUNK, stop - start))):
                start += len(chunk)
                yield chunk

    def _read(self, path: str, file: int) -> Document:
        status = os.fstat(file)
        body = _whole(file) if status.st_size <= LARGE else None
        digest, length = blake2b(digest_size=16), 0
        for chunk in (body,) if body is not None else _pieces(file):
            digest.update(chunk)
            length += len(chunk)
        kind = kind_of(path)
        return Document(
            tag=digest.hexdigest(),
            kind=kind,
            length=length,
            modified=datetime.fromtimestamp(status.st_mtime_ns // 10**9, UTC),
            body=body,
            packed=self._packed(path, body) if body is not None and kind.compressible else {},
        )

    def _packed(self, path: str, body: bytes) -> Mapping[str, bytes]:
        """In each coding: as it stands beside the file, if that is of this very content, or made here."""
        if len(body) < SMALLEST_COMPRESSED:
            return {}
        gzipped = self._beside(path + ".gz", lambda made: _unzips_to(made, body))
        if gzipped is None and len(body) <= LARGEST_COMPRESSED:
            gzipped = gzip.compress(body, 6, mtime=0)
        made = {"br": self._beside(path + ".br", lambda made: _is_brotli_of(made, body)), "gzip": gzipped}
        return {coding: one for coding, one in made.items() if one is not None and len(one) < len(body)}

    def _beside(self, path: str, is_right: Callable[[bytes], bool]) -> bytes | None:
        try:
            with self._opened(path) as file:
                made = _whole(file)
        except (NotPublished, IsFolder):
            return None
        return made if is_right(made) else None

    def _keep(self, path: str, stamp: _Stamp, document: Document) -> None:
        with self._lock:
            replaced = self._held.pop(path, None)
            self._held[path] = stamp, document
            self._size += document.held - (replaced[1].held if replaced else 0)
            while self._size > HELD or len(self._held) > MOST_HELD:
                _, (_, dropped) = self._held.popitem(last=False)
                self._size -= dropped.held

    @contextmanager
    def _opened(self, path: str) -> Iterator[int]:
        """A descriptor of the regular file, reached step by step: no symbolic link is followed on the way."""
        parts = path.split("/")
        if not all(_speakable(part) for part in parts):
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


def _stamp(status: os.stat_result) -> _Stamp:
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev


def _unzips_to(made: bytes, body: bytes) -> bool:
    """Its trailer tells (RFC 1952 §2.3.1)."""
    trailer = zlib.crc32(body).to_bytes(4, "little") + (len(body) & 0xFFFFFFFF).to_bytes(4, "little")
    return made.startswith(b"\x1f\x8b") and made.endswith(trailer)


def _is_brotli_of(made: bytes, body: bytes) -> bool:
    """Brotli has no checksum: it is unpacked, once, and not much further than the file is long."""
    unpacking = brotli.Decompressor()
    try:
        found = unpacking.process(made, output_buffer_limit=len(body) + 1)
    except brotli.error:
        return False
    return bool(found == body and unpacking.is_finished())


def _whole(file: int) -> bytes:
    return b"".join(_pieces(file))


def _pieces(file: int) -> Iterator[bytes]:
    while chunk := os.read(file, CHUNK):
        yield chunk
