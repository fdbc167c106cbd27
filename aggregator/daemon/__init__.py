"""The ticking part: claims due sources, polls them, publishes what changed, drains, reloads."""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily

if TYPE_CHECKING:
    from aggregator.daemon.daemon import Daemon as Daemon
    from aggregator.daemon.pace import Pace as Pace
    from aggregator.daemon.round import poll_round as poll_round
else:
    __getattr__ = lazily(__name__)
