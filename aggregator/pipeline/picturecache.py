"""Pictures fetched for readers, on the disk within a bound: those asked for last stay."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from threading import Lock

import structlog

from aggregator.pipeline.pictures import Picture
from aggregator.publish.pictures import picture_name
from aggregator.text.pictures import picture_type

log = structlog.get_logger("aggregator.pictures")


class PictureCache:
    """A folder of files named by source and address. What the disk refuses is fetched again."""

    def __init__(self, folder: Path, bound: int) -> None:
        self._folder, self._bound = folder, bound
        self._lock = Lock()
        self._sizes: OrderedDict[str, int] | None = None  #: the last asked for at the end
        self._size = 0
        self._complained = False

    def get(self, source: str, address: str) -> Picture | None:
        name = _name(source, address)
        with self._lock:
            if name not in self._known():
                return None
            self._known().move_to_end(name)
        try:
            body = (self._folder / name).read_bytes()
            os.utime(self._folder / name)
        except OSError:
            self._forget(name)
            return None
        kind = picture_type(body)
        return Picture(body=body, type=kind) if kind else None

    def put(self, source: str, address: str, picture: Picture) -> None:
        if len(picture.body) > self._bound:
            return
        name = _name(source, address)
        beside = self._folder / f".{name}.{os.getpid()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(picture.body)
            beside.replace(self._folder / name)
        except OSError as error:
            beside.unlink(missing_ok=True)
            self._complain(error)
            return
        with self._lock:
            known = self._known()
            self._size += len(picture.body) - known.pop(name, 0)
            known[name] = len(picture.body)
            self._shrink(known)

    def _shrink(self, known: OrderedDict[str, int]) -> None:
        while self._size > self._bound and known:
            name, size = known.popitem(last=False)
            self._size -= size
            (self._folder / name).unlink(missing_ok=True)

    def _forget(self, name: str) -> None:
        with self._lock:
            self._size -= self._known().pop(name, 0)

    def _known(self) -> OrderedDict[str, int]:
        """What lies in the folder; looked at once, and cut to the bound, which may have been lowered."""
        if self._sizes is None:
            self._sizes = OrderedDict()
            for file in sorted(_files(self._folder), key=lambda one: one.stat().st_mtime_ns):
                self._sizes[file.name] = file.stat().st_size
            self._size = sum(self._sizes.values())
            self._shrink(self._sizes)
        return self._sizes

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            log.warning("pictures are not kept", folder=str(self._folder), error=error.strerror)
        self._complained = True


def _name(source: str, address: str) -> str:
    return picture_name(f"{source} {address}")


def _files(folder: Path) -> list[Path]:
    try:
        return [file for file in folder.iterdir() if file.is_file() and not file.name.startswith(".")]
    except OSError:
        return []
