"""How often something may be done within a time, for each of many and for all of them."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta


class Quota:
    """Kept in memory: whoever restarts the program may begin anew."""

    def __init__(self, *, of_one: int, in_all: int, within: timedelta) -> None:
        self._of_one, self._in_all, self._within = of_one, in_all, within
        self._taken: deque[tuple[datetime, str]] = deque()
        self._by_name: dict[str, int] = {}

    def take(self, name: str, now: datetime) -> bool:
        """Whether once more is within bounds; then it is counted."""
        while self._taken and not now - self._within < self._taken[0][0] <= now:
            self._drop(self._taken.popleft()[1])
        if len(self._taken) >= self._in_all or self._by_name.get(name, 0) >= self._of_one:
            return False
        self._taken.append((now, name))
        self._by_name[name] = self._by_name.get(name, 0) + 1
        return True

    def _drop(self, name: str) -> None:
        self._by_name[name] -= 1
        if not self._by_name[name]:
            del self._by_name[name]
