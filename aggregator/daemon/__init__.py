"""The ticking part: claims due sources, polls them, publishes what changed, drains, reloads."""

from aggregator.daemon.daemon import Daemon
from aggregator.daemon.pace import Pace
from aggregator.daemon.round import poll_round

__all__ = ["Daemon", "Pace", "poll_round"]
