"""``aggregator run``: the daemon, one round for cron, or the demo; only what is asked for is imported."""

from __future__ import annotations

from pathlib import Path

import click

from aggregator.cli.common import load, with_config
from aggregator.heap import keep_what_is_loaded, share_one_heap
from aggregator.lazy import loading


@click.command()
@click.option("--once", is_flag=True, help="Poll what is due, publish, exit; for cron.")
@click.option(
    "--all", "early", is_flag=True, help="With --once: also what is not yet due (a Retry-After is kept)."
)
@click.option(
    "--demo", is_flag=True, help="Run over a bundled sample newsstand; needs no network and no file."
)
@click.option("-q", "--quiet", is_flag=True, help="With --once: say only what failed, as cron would mail it.")
@click.option("--listen", metavar="ADDRESS:PORT", help="Serve here instead of server.listen.")
@with_config
def run(path: Path, once: bool, early: bool, demo: bool, quiet: bool, listen: str | None) -> None:
    """The daemon: poll, publish and serve until SIGTERM; SIGHUP or a changed file reloads."""
    if early and not once:
        raise click.UsageError("--all goes with --once; the daemon polls what is due")
    if quiet and not once:
        raise click.UsageError("--quiet goes with --once; the daemon's lines are its log")
    if demo and once:
        raise click.UsageError("--demo is the daemon; it goes without --once")
    share_one_heap()
    if demo:
        with loading():
            from aggregator.cli.demo import run_demo
        run_demo(listen or "127.0.0.1:8000")
        return
    loaded = load(path)
    if once:
        with loading():
            from aggregator.cli.once import run_once
        keep_what_is_loaded()
        run_once(loaded, early=early, quiet=quiet)
        return
    with loading():
        from aggregator.cli.daemon import run_for_long
    keep_what_is_loaded()
    run_for_long(loaded, path, listen)
