"""Documents that hubs have pushed and that are not taken in yet: a bounded queue for each source."""

from __future__ import annotations

from collections import deque

from aggregator.fetch import Response

#: Documents that wait for one source; a live blog may push one by one what a poll would find at once.
MOST = 200
MOST_BYTES = 64 * 1024 * 1024  #: of all that waits


class Inbox:
    """Keeps the order within a source. What finds no room is left out, and an empty document says so in its place."""

    def __init__(self, *, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._waiting: dict[str, deque[Response]] = {}
        self._bytes = 0

    def put(self, source: str, document: Response) -> bool:
        """Whether there was room. If not, an empty document at the end of the queue asks for a poll instead."""
        queue = self._waiting.setdefault(source, deque())
        fits = len(queue) < self._most and self._bytes + len(document.body) <= self._most_bytes
        if fits:
            queue.append(document)
            self._bytes += len(document.body)
        elif not queue or queue[-1].body:
            queue.append(Response(url=document.url, requested=document.requested, status=document.status))
        return fits

    def first(self, source: str) -> Response | None:
        queue = self._waiting.get(source)
        return queue[0] if queue else None

    def done(self, source: str) -> None:
        """The first is taken in."""
        self._bytes -= len(self._waiting[source].popleft().body)
        if not self._waiting[source]:
            del self._waiting[source]

    def sources(self) -> list[str]:
        """Those for which something waits."""
        return sorted(self._waiting)

    def drop(self, source: str) -> int:
        """Forget all that waits for a source; returns how much."""
        queue = self._waiting.pop(source, deque())
        self._bytes -= sum(len(document.body) for document in queue)
        return len(queue)
