"""``aggregator publish``: the paper printed again."""

from __future__ import annotations

from pathlib import Path

import click

from aggregator.app.desk import press_of
from aggregator.app.plan import plan_of
from aggregator.cli.common import fail, load, with_config
from aggregator.clock import system_clock
from aggregator.pipeline.reroute import reroute
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
