"""``aggregator serve``: the published files, without a daemon."""

from __future__ import annotations

from pathlib import Path

import click

from aggregator import loop
from aggregator.app.server import run_server
from aggregator.cli.common import listening, load, with_config


@click.command()
@click.option("--listen", metavar="ADDRESS:PORT", help="Serve here instead of server.listen.")
@with_config
def serve(path: Path, listen: str | None) -> None:
    """Serve the published directory only; polls nothing."""
    loaded = listening(load(path), listen)
    if not loaded.output_dir.is_dir():
        click.echo(f"{loaded.output_dir}: nothing was published yet; start `aggregator run`", err=True)
    loop.run(
        run_server(loaded, lambda address: click.echo(f"serving {loaded.output_dir} at {address}/", err=True))
    )
