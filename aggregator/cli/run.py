"""``aggregator run``: the daemon, one round for cron, or the demo."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from aggregator import loop
from aggregator.app.desk import open_desk
from aggregator.app.office import RunOptions, run_daemon
from aggregator.cli.common import FAILED, fail, load, with_config
from aggregator.cli.demo import run_demo
from aggregator.cli.logs import configure_logs
from aggregator.config import Loaded
from aggregator.daemon import poll_round
from aggregator.daemon.notices import Notices
from aggregator.heap import give_back, keep_what_is_loaded, share_one_heap
from aggregator.pipeline import PollResult, PressReport, reroute, retain
from storage import open_store

#: Seconds that ``--once`` gives hubs, subscribers and webhooks at its end.
TELLING = 30.0


@click.command()
@click.option("--once", is_flag=True, help="Poll what is due, publish, exit; for cron.")
@click.option(
    "--all", "early", is_flag=True, help="With --once: also what is not yet due (a Retry-After is kept)."
)
@click.option(
    "--demo", is_flag=True, help="Run over a bundled sample newsstand; needs no network and no file."
)
@click.option("--listen", metavar="ADDRESS:PORT", help="Serve here instead of server.listen.")
@with_config
def run(path: Path, once: bool, early: bool, demo: bool, listen: str | None) -> None:
    """The daemon: poll, publish and serve until SIGTERM; SIGHUP or a changed file reloads."""
    if early and not once:
        raise click.UsageError("--all goes with --once; the daemon polls what is due")
    if demo and once:
        raise click.UsageError("--demo is the daemon; it goes without --once")
    share_one_heap()
    if demo:
        loop.run(run_demo(listen or "127.0.0.1:8000"))
        return
    loaded = load(path)
    keep_what_is_loaded()
    if once:
        _once(loaded, early)
        return
    options = RunOptions(
        path=path,
        env=os.environ,
        announce=_announcer(loaded),
        amend=lambda read: listening(read, listen),
    )
    loop.run(run_daemon(listening(loaded, listen), options))


def listening(loaded: Loaded, listen: str | None) -> Loaded:
    """The configuration with another address to serve at."""
    if listen is None:
        return loaded
    server = loaded.config.server.model_copy(update={"listen": listen})
    return replace(loaded, config=loaded.config.model_copy(update={"server": server}))


def _announcer(loaded: Loaded) -> Callable[[str], None]:
    def announce(address: str) -> None:
        click.echo(f"{loaded.config.site.title}: {address}/", err=True)
        for section in loaded.config.sections:
            click.echo(f"  {section.title}: {address}/{section.id}.atom", err=True)

    return announce


def _once(loaded: Loaded, early: bool) -> None:
    results, report = loop.run(_poll_once(loaded, early))
    failures = [result for result in results if not result.ok]
    for result in failures:
        click.echo(f"{result.source}: {result.error}", err=True)
    if report.error is not None:
        fail(report.error)
    new = sum(result.counts.get("new", 0) for result in results)
    click.echo(
        f"polled: {len(results)}, failed: {len(failures)}, new articles: {new}, "
        f"files written: {len(report.written)}, in {loaded.output_dir}",
        err=True,
    )
    if failures:
        raise SystemExit(FAILED)


async def _poll_once(loaded: Loaded, early: bool) -> tuple[list[PollResult], PressReport]:
    store = await asyncio.to_thread(open_store, loaded.storage_url)
    try:
        with _progress(len(loaded.config.sources)) as advance:
            async with open_desk(loaded, store, on_result=advance) as desk:
                store.sync_sources(desk.plan.seeds(store.sources()), desk.clock())
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
    """A bar on a terminal; log lines elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    configure_logs(quiet=True)
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
