"""``aggregator publish`` and ``aggregator serve``."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from aggregator.app.desk import press_of
from aggregator.app.plan import plan_of
from aggregator.app.server import run_server
from aggregator.cli.common import fail, load, with_config
from aggregator.cli.run import listening
from aggregator.clock import system_clock
from aggregator.pipeline import reroute
from storage import open_store


@click.command()
@with_config
def publish(path: Path) -> None:
    """Render every section again from the store."""
    loaded = load(path)
    plan = plan_of(loaded)
    store = open_store(loaded.storage_url)
    try:
        store.sync_sources(plan.seeds(), system_clock())
        reroute(store, plan)
        report = press_of(loaded, plan, store, system_clock).publish(everything=True)
    finally:
        store.close()
    if report.error is not None:
        fail(report.error)
    click.echo(
        f"sections: {len(report.sections)}, files written: {len(report.written)}, "
        f"unchanged: {report.unchanged}, in {loaded.output_dir}",
        err=True,
    )


@click.command()
@click.option("--listen", metavar="ADDRESS:PORT", help="Serve here instead of server.listen.")
@with_config
def serve(path: Path, listen: str | None) -> None:
    """Serve the published directory only; polls nothing."""
    loaded = listening(load(path), listen)
    if not loaded.output_dir.is_dir():
        click.echo(f"{loaded.output_dir}: nothing was published yet; start `aggregator run`", err=True)
    asyncio.run(
        run_server(loaded, lambda address: click.echo(f"serving {loaded.output_dir} at {address}/", err=True))
    )
