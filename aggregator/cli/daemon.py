"""``aggregator run``: the daemon, until it is told to stop."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import click

from aggregator import loop
from aggregator.app.office import RunOptions, run_daemon
from aggregator.cli.common import listening
from aggregator.config import Loaded


def run_for_long(loaded: Loaded, path: Path, listen: str | None) -> None:
    """Poll, publish and serve; changed files are read again."""
    options = RunOptions(
        path=path,
        env=os.environ,
        announce=_announcer(loaded),
        amend=lambda read: listening(read, listen),
    )
    loop.run(run_daemon(listening(loaded, listen), options))


def _announcer(loaded: Loaded) -> Callable[[str], None]:
    def announce(address: str) -> None:
        click.echo(f"{loaded.config.site.title}: {address}/", err=True)
        for section in loaded.config.sections:
            click.echo(f"  {section.title}: {address}/{section.id}.atom", err=True)

    return announce
