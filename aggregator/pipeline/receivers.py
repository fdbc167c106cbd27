"""Who is sent something by us, and what became of it: counted for the operator's metrics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

#: A subscriber of our own hub, a hub of others, a webhook.
Channel = Literal["subscriber", "hub", "webhook"]

#: Told of each document, ping or message: to whom it went, and whether it was taken.
OnSent = Callable[[Channel, bool], None]


def unheard(_channel: Channel, _taken: bool) -> None:
    """Nobody counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """How many there are at this moment."""

    channel: Channel
    well: int = 0
    failing: int = 0  #: that did not take what was sent last
