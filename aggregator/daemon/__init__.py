"""The ticking part: claims due sources, polls them, publishes what changed, drains, reloads."""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily

if TYPE_CHECKING:
    from aggregator.daemon.daemon import Daemon
    from aggregator.daemon.pace import Pace
    from aggregator.daemon.round import poll_round

__all__ = ["Daemon", "Pace", "poll_round"]

__getattr__ = lazily(
    __name__,
    daemon="Daemon",
    pace="Pace",
    round="poll_round",
)
