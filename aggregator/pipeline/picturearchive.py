"""Pictures that are kept beside the feeds (``images: archive``): fetched once, after their article was first printed.

News does not wait for its pictures: an article is printed with the addresses of its source, and once more when the
pictures are there. One that cannot be had keeps its address. A file is kept as long as something published names it.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Protocol

import structlog

from aggregator.clock import Clock
from aggregator.publish.pictures import ARCHIVE, picture_name
from aggregator.text.pictures import PictureType

log = structlog.get_logger("aggregator.pictures")

#: So many are fetched at the same time, and remembered as wanted or lost.
AT_ONCE, MOST = 8, 5000
#: One that could not be had is tried again after such waits, then given up until a restart.
WAITS = (timedelta(minutes=10), timedelta(hours=2))
_WRITING = 3600.0  # seconds; what is half written for longer was left by a process that was killed
_NAMED = re.compile(rb"/" + ARCHIVE.encode() + rb"/([0-9a-f]{32}\.[a-z]{3,4})")
_FILE = re.compile(r"[0-9a-f]{32}\.[a-z]{3,4}")
_PUBLISHED = (".html", ".atom", ".rss", ".json")


class Had(Protocol):
    """A picture that was fetched."""

    @property
    def body(self) -> bytes: ...

    @property
    def type(self) -> PictureType: ...


#: Fetches the picture of a source; raises what is given as ``lost``.
FetchOne = Callable[[str, str], Awaitable[Had]]


@dataclass(slots=True)
class _Lost:
    times: int
    again: datetime


class PictureArchive:
    """The folder of kept pictures below the published one. Used from the press's thread and from the loop."""

    def __init__(
        self, public: Path, clock: Clock, *, bound: Callable[[], int], is_guest: bool = False
    ) -> None:
        """``is_guest``: of a process beside the daemon, which alone knows what it is about to print."""
        self._is_guest = is_guest
        self._public = public
        self._folder = public / ARCHIVE
        self._clock = clock
        self._bound = bound
        self._lock = Lock()
        self._files: dict[str, str] | None = None  #: by name without ending
        self._size = 0  #: of what lies in the folder
        self._coming = 0  #: bytes that have their room and are being written
        self._wanted: dict[str, tuple[str, str]] = {}  #: source and address, by name without ending
        self._lost: dict[str, _Lost] = {}
        self._unprinted: set[str] = set()
        self._full = False

    def name_of(self, source: str, address: str) -> str | None:
        """The file that is printed in the place of the address; without one the picture is wanted."""
        stem = picture_name(address)
        with self._lock:
            name = self._known().get(stem)
            if name is None:
                self._want(stem, source, address)
            else:
                self._unprinted.discard(name)
            return name

    def known(self, source: str, address: str) -> str | None:
        """The same, wanting nothing."""
        with self._lock:
            return self._known().get(picture_name(address))

    def _want(self, stem: str, source: str, address: str) -> None:
        lost = self._lost.get(stem)
        if lost and (lost.times > len(WAITS) or self._clock() < lost.again):
            return
        if address.startswith(("http://", "https://")) and len(self._wanted) < MOST:
            self._wanted[stem] = source, address

    async def fetch_wanted(self, fetch: FetchOne, lost: type[Exception]) -> int:
        """Fetch what was wanted at the last printings; how many came."""
        with self._lock:
            wanted, self._wanted = self._wanted, {}
        if not wanted:
            return 0
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(stem: str, source: str, address: str) -> bool:
            async with turn:
                if self._is_full():
                    return False
                try:
                    picture = await fetch(source, address)
                except lost as reason:
                    self._note_lost(stem, str(reason), address)
                    return False
                if not self._reserve(len(picture.body)):
                    self._note_lost(stem, "no room: raise output.picture_archive", address)
                    return False
                return await asyncio.to_thread(self._save, stem, picture)

        came = await asyncio.gather(*(one(stem, *where) for stem, where in wanted.items()))
        return sum(came)

    def _is_full(self) -> bool:
        with self._lock:
            self._known()
            full = self._size >= self._bound()
            if full and not self._full:
                log.warning(
                    "no more pictures are kept", bytes=self._size, remedy="raise output.picture_archive"
                )
            self._full = full
            return full

    def _reserve(self, size: int) -> bool:
        """Take the room before the file is written: others are on their way at the same time."""
        with self._lock:
            self._known()
            fits = self._size + self._coming + size <= self._bound()
            self._coming += size if fits else 0
            return fits

    def _note_lost(self, stem: str, reason: str, address: str) -> None:
        log.info("a picture cannot be had and keeps its address", reason=reason, address=address)
        with self._lock:
            times = self._lost[stem].times + 1 if stem in self._lost else 1
            wait = WAITS[min(times, len(WAITS)) - 1]
            if len(self._lost) >= MOST:
                self._lost.pop(next(iter(self._lost)))
            self._lost[stem] = _Lost(times, self._clock() + wait)

    def _save(self, stem: str, picture: Had) -> bool:
        """Into the room that was taken for it."""
        name = f"{stem}.{picture.type.ending}"
        beside = self._folder / f".{name}.{os.getpid()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(picture.body)
            beside.replace(self._folder / name)
        except OSError as error:
            log.error("a picture could not be kept", file=str(self._folder / name), error=error.strerror)
            beside.unlink(missing_ok=True)
            with self._lock:
                self._coming -= len(picture.body)
            return False
        with self._lock:
            self._coming -= len(picture.body)
            if stem not in self._known():  # else the folder was looked through meanwhile
                self._size += len(picture.body)
            self._known()[stem] = name
            self._unprinted.add(name)
            self._lost.pop(stem, None)
        return True

    def prune(self) -> int:
        """Take away what nothing published names any more, and what a killed process left half written."""
        with self._lock:
            if self._is_guest or (not self._known() and not self._folder.is_dir()):
                return 0
            named = set(self._mentioned()) | self._unprinted
            gone = 0
            for file in list(_files_in(self._folder)):
                if file.name not in named and not self._is_being_written(file):
                    file.unlink(missing_ok=True)
                    gone += 1
            self._files = None
            self._known()
            return gone

    def _is_being_written(self, file: Path) -> bool:
        return file.name.startswith(".") and file.stat().st_mtime > self._clock().timestamp() - _WRITING

    def _mentioned(self) -> Iterator[str]:
        for file in self._public.rglob("*"):
            if file.suffix in _PUBLISHED and file.is_file():
                yield from (found.decode() for found in _NAMED.findall(file.read_bytes()))

    def _known(self) -> dict[str, str]:
        """What lies in the folder; looked at once."""
        if self._files is None:
            files = [file for file in _files_in(self._folder) if _FILE.fullmatch(file.name)]
            self._files = {file.stem: file.name for file in files}
            self._size = sum(file.stat().st_size for file in files)
        return self._files


def _files_in(folder: Path) -> Iterator[Path]:
    try:
        yield from (file for file in folder.iterdir() if file.is_file() and not file.is_symlink())
    except FileNotFoundError:
        return
