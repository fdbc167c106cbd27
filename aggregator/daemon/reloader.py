"""Notices that the configuration's files changed, and reads them again."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable
from pathlib import Path

import structlog

from aggregator.config import ConfigError, Loaded
from aggregator.config.looks import template_files

log = structlog.get_logger("aggregator.config")

#: By file: what changes when it does; None while it is away.
_Stamps = dict[Path, tuple[int, int, int] | None]


class Reloader:
    """Called, it reads the configuration again; a broken one is told of and left out (None)."""

    def __init__(
        self, loaded: Loaded, load: Callable[[], Loaded], *, told: Callable[[float], object]
    ) -> None:
        self._loaded = loaded
        self._load = load
        self._told = told  #: 1 after a good load, 0 after a broken one
        self._broken = False
        self._seen = _stamps(self._watched())

    def changed(self) -> bool:
        return _stamps(self._watched()) != self._seen

    def __call__(self) -> Loaded | None:
        before = _stamps(self._watched())
        loaded = None
        try:
            loaded = self._load()
        except ConfigError as error:
            for fault in error.faults:
                log.error("configuration not reloaded, the old one goes on", fault=str(fault))
        finally:
            self._broken = loaded is None
            self._note(loaded, before)
        return loaded

    def _note(self, loaded: Loaded | None, before: _Stamps) -> None:
        self._told(0 if loaded is None else 1)
        if loaded is not None:
            for key in _needs_restart(self._loaded, loaded):
                log.warning("this change takes effect at the next start", key=key)
            self._loaded = loaded
            log.info("configuration reloaded", sources=len(loaded.config.sources))
        # Of what was there before, the state before: a change while the files were read must not go unnoticed.
        now = _stamps(self._watched())
        self._seen = {file: before.get(file, stamp) for file, stamp in now.items()}

    def _watched(self) -> set[Path]:
        """The files read, those that ``include`` names by now, and the folder while what it names is unknown."""
        loaded = self._loaded
        matches = (
            loaded.root / match
            for pattern in loaded.config.include
            for match in glob.glob(pattern, root_dir=loaded.root, recursive=True)
        )
        return {
            *(file.absolute() for file in loaded.files),
            *matches,
            *_look_of(loaded),
            *([loaded.root] if self._broken else []),
        }


def _look_of(loaded: Loaded) -> list[Path]:
    """The operator's templates with their folder, where one may come or go, and the style."""
    folder, style = loaded.templates, loaded.stylesheet
    return [*([folder, *template_files(folder)] if folder else []), *([style] if style else [])]


def _stamps(files: Iterable[Path]) -> _Stamps:
    def one(file: Path) -> tuple[int, int, int] | None:
        try:
            status = file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    return {file: one(file) for file in files}


def _needs_restart(old: Loaded, new: Loaded) -> list[str]:
    keys = {
        "server": (old.config.server, new.config.server),
        "storage": (old.storage_url, new.storage_url),
        "output.dir": (old.output_dir, new.output_dir),
        "site.base_url": (old.base_url, new.base_url),
        "defaults.concurrency": (old.config.defaults.concurrency, new.config.defaults.concurrency),
    }
    return [key for key, (before, after) in keys.items() if before != after]
