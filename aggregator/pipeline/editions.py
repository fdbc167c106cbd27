"""The feeds as they stand in the published folder: what a hub is told of, and brings.

The files say what there is to tell, not the press: so nothing is forgotten when the process is killed between writing
and telling, nor what another process has printed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from aggregator.config.model import Config
from aggregator.publish.combined import COMBINED, has_combined_feed
from aggregator.text.mediatypes import FEED_TYPES

#: Gives the address of the paper, without a slash at its end: with port 0 only the server knows.
Address = Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One feed."""

    name: str  #: of the file
    tag: str  #: of its bytes
    stamp: tuple[int, ...]

    @property
    def type(self) -> str:
        return FEED_TYPES[os.path.splitext(self.name)[1]]


def feed_names(config: Config) -> frozenset[str]:
    """The files of all sections' feeds, and of that of all of them together."""
    endings = [f".{form}" for form in config.output.formats if f".{form}" in FEED_TYPES]
    ids = [section.id for section in config.sections]
    together = [COMBINED] if has_combined_feed(config.output, ids) else []
    return frozenset(f"{name}{ending}" for name in (*ids, *together) for ending in endings)


def topic_of(address: str, name: str) -> str:
    """The address of a feed, as it stands in the feed itself; ``address`` is the paper's."""
    return f"{address}/{name}"


def name_of(address: str, topic: str) -> str | None:
    """The feed at this address; None for what lies elsewhere."""
    return topic.removeprefix(f"{address}/") if topic.startswith(f"{address}/") else None


class Editions:
    """Reads what has changed. Its methods block on the disk; ``look`` is called by one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Edition] = {}
        self._last = ("", b"")  #: the tag and the bytes that were wanted last: many subscribers want the same

    def look(self, names: Collection[str]) -> Mapping[str, Edition]:
        """Those of the feeds that there are, as they are now."""
        found = {name: self._edition(name) for name in names}
        self._known = {name: edition for name, edition in found.items() if edition is not None}
        return self._known

    def tag(self, name: str) -> str:
        """Of the feed as it is now; empty where there is none."""
        found = self._edition(name)
        return found.tag if found else ""

    def body(self, edition: Edition) -> bytes | None:
        """None where the file is another one by now."""
        tag, body = self._last
        if tag != edition.tag:
            try:
                body = (self._folder / edition.name).read_bytes()
            except OSError:
                return None
            if _tag(body) != edition.tag:
                return None
            self._last = edition.tag, body
        return body

    def _edition(self, name: str) -> Edition | None:
        path, known = self._folder / name, self._known.get(name)
        try:
            if known is not None and known.stamp == _stamp(os.stat(path)):
                return known
            with path.open("rb") as file:
                stamp, body = _stamp(os.fstat(file.fileno())), file.read()
        except OSError:
            return None
        return Edition(name=name, tag=_tag(body), stamp=stamp)


def _tag(body: bytes) -> str:
    return blake2b(body, digest_size=16).hexdigest()


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_mtime_ns, status.st_size, status.st_ino
