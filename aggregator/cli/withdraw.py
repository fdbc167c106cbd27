"""``aggregator withdraw``: out of the paper, for good. Works beside a running daemon."""

from __future__ import annotations

from pathlib import Path

import click

from aggregator.cli.common import FAILED, fail, json_option, load, print_json, with_config
from aggregator.cli.facts import articles_at
from aggregator.cli.stories import changing, named, only, say_when
from aggregator.clock import system_clock
from aggregator.pipeline import withdraw as take_out


@click.command()
@click.argument("article")
@click.option("--reason", default="", metavar="TEXT", help="Kept with the article, and told by `explain`.")
@json_option
@with_config
def withdraw(path: Path, article: str, reason: str, as_json: bool) -> None:
    """Take an article (uid or address) out of all feeds and pages for good, and forget its text.

    With the article that a story is printed under go its copies. It never comes back as new, and nothing undoes it.
    """
    with changing(load(path)) as change:
        found = only(articles_at(change.store, article), article, among_copies=False)
        gone = take_out(change.store, found.uid, system_clock(), reason)
        printed = bool(gone) and change.publish()
    if as_json:
        print_json({"withdrawn": [one.uid for one in gone], "printed": printed})
        return
    if not gone:
        fail(f"{article} has no text any more: it was withdrawn, or its time is over", FAILED)
    for one in gone:
        click.echo(f"withdrawn: {named(one)}")
    say_when(printed)
