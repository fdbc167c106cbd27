"""The command and its subcommands, one module a group of them."""

from __future__ import annotations

import click

from aggregator import __version__
from aggregator.cli.check import check
from aggregator.cli.doctor import doctor
from aggregator.cli.inspect import articles, explain, status
from aggregator.cli.opml import export_opml, import_opml
from aggregator.cli.publish import publish, serve
from aggregator.cli.run import run
from aggregator.cli.sources import add, init


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="aggregator")
def main() -> None:
    """Poll feeds and plain web pages, print each story once, publish per-section feeds.

    Start with:  aggregator run --demo        a sample newsstand, no network needed
    Then with:   aggregator init URL…         writes feeds.yaml;  aggregator run
    """


for command in (
    init,
    add,
    import_opml,
    export_opml,
    check,
    run,
    publish,
    serve,
    status,
    articles,
    explain,
    doctor,
):
    main.add_command(command)
