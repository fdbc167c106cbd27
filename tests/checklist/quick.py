"""``aggregator run`` with fifty ticks a second, so that a hundred polls of a real process take seconds."""

import asyncio
from datetime import timedelta
from pathlib import Path

from aggregator.app.office import RunOptions, run_daemon
from aggregator.cli.logs import configure_logs
from aggregator.config import load_config
from aggregator.daemon import Pace

PACE = Pace(tick=timedelta(milliseconds=20), edition=timedelta(milliseconds=50), rest=0)

if __name__ == "__main__":
    configure_logs()
    path = Path("feeds.yaml")
    asyncio.run(run_daemon(load_config(path, env={}), RunOptions(path=path, env={}), pace=PACE))
