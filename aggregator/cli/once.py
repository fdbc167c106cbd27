"""``aggregator run --once``: one round over what is due, printed and told of; for cron."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from aggregator import loop
from aggregator.app.desk import open_desk
from aggregator.cli.common import FAILED, fail
from aggregator.cli.logs import configure_logs
from aggregator.config import Loaded
from aggregator.daemon import poll_round
from aggregator.daemon.notices import Notices
from aggregator.heap import give_back
from aggregator.pipeline import PollResult, retain
from aggregator.pipeline.reroute import reroute
from storage import open_store

if TYPE_CHECKING:
    from aggregator.pipeline import PressReport

#: Seconds that are given to hubs, subscribers and webhooks at the end.
TELLING = 30.0


def run_once(loaded: Loaded, *, early: bool, quiet: bool) -> None:
    """Poll what is due, with ``early`` the rest too, and publish. Ends with a status where something failed.

    ``quiet`` says what failed, and that once: cron sends every word by mail.
    """
    if quiet:
        configure_logs(logging.ERROR)
    results, report = loop.run(_poll_once(loaded, early, quiet))
    failures = [result for result in results if not result.ok]
    for result in failures:
        click.echo(f"{result.source}: {result.error}", err=True)
    if report.error is not None:
        fail(report.error)
    new = sum(result.counts.get("new", 0) for result in results)
    if quiet and not failures:
        return
    click.echo(
        f"polled: {len(results)}, failed: {len(failures)}, new articles: {new}, "
        f"files written: {len(report.written)}, in {loaded.output_dir}",
        err=True,
    )
    if failures:
        raise SystemExit(FAILED)


async def _poll_once(loaded: Loaded, early: bool, quiet: bool) -> tuple[list[PollResult], PressReport]:
    store = await asyncio.to_thread(open_store, loaded.storage_url)
    try:
        with _progress(0 if quiet else len(loaded.config.sources)) as advance:
            async with open_desk(loaded, store, on_result=advance) as desk:
                store.sync_sources(desk.plan.seeds(store.sources(), desk.clock()), desk.clock())
                reroute(store, desk.plan)
                results = await poll_round(desk, early=early, brief=True)
                give_back()
                report = await desk.staff.press.run(desk.press.publish)
                if report.error is None and await desk.fetch_pictures():
                    again = await desk.staff.press.run(partial(desk.press.publish, everything=True))
                    written = (*dict.fromkeys((*report.written, *again.written)),)
                    report = replace(again, written=written)
                await desk.staff.store.run(retain, store, desk.plan, desk.press, desk.clock())
                await Notices(desk.messengers, desk.clock).once(desk.plan, TELLING)
                return results, report
    finally:
        store.close()


@contextmanager
def _progress(total: int) -> Iterator[Callable[[PollResult], None]]:
    """A bar on a terminal; log lines elsewhere, or with nothing to come."""
    if not total or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    configure_logs(logging.WARNING)
    columns = (
        TextColumn("[progress.description]{task.description}", table_column=None),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("polling", total=total)

        def advance(result: PollResult) -> None:
            progress.update(task, advance=1, description=f"{result.source[:32]:32}")

        yield advance
