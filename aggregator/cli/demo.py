"""``aggregator run --demo``: the newsstand and the daemon over it, in one process and a folder that goes away."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

import click

from aggregator import loop
from aggregator.app.office import RunOptions, run_daemon
from aggregator.clock import system_clock
from aggregator.config import Loaded, load_config
from aggregator.demo import Newsstand, demo_config
from aggregator.serve import HttpServer


def run_demo(listen: str) -> None:
    """Serve the newsstand and the daemon over it until SIGTERM or SIGINT."""
    loop.run(_run(listen))


async def _run(listen: str) -> None:
    """Serve the newsstand on a free loopback port, poll it, publish at ``listen``; until SIGTERM or SIGINT."""
    with tempfile.TemporaryDirectory(prefix="aggregator-demo-") as folder:
        async with HttpServer(Newsstand(system_clock).app(), "127.0.0.1:0") as stand:
            path = Path(folder) / "feeds.yaml"
            path.write_text(demo_config(stand.address, listen), encoding="utf-8")
            loaded = await asyncio.to_thread(load_config, path, env=os.environ)
            _say(f"the newsstand is at {stand.address}/, its configuration in {path}")
            await run_daemon(
                loaded, RunOptions(path=path, env=os.environ, announce=lambda at: _announce(loaded, at))
            )


def _announce(loaded: Loaded, address: str) -> None:
    _say("")
    _say(f"  front page   {address}/")
    for section in loaded.config.sections:
        _say(f"  {section.title:12} {address}/{section.id}.atom   .rss   .json")
    _say(f"  sources      {address}/status")
    _say("")
    _say("A news wire changes while you watch, and one source is broken on purpose. Ctrl-C ends it.")


def _say(text: str) -> None:
    click.echo(text, err=True)
