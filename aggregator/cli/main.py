"""The command and its subcommands, one module a group of them; only the one that is called is imported."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

import click

from aggregator import program_version
from aggregator.lazy import loading


class _Home(NamedTuple):
    """Where a subcommand lives, and what it is for: the list of them is told without importing any."""

    module: str  #: of this package, and the name of the command in it
    purpose: str  #: in the words of a list, whole on a terminal of 80 columns


_COMMANDS = {
    "init": _Home("sources:init", "Write a commented feeds.yaml, with sources of the addresses given."),
    "add": _Home("sources:add", "Add sources to feeds.yaml, keeping its comments."),
    "import": _Home("opml:import_opml", "Add the feeds of an OPML file to feeds.yaml."),
    "export": _Home("opml:export_opml", "Print the configured sources as OPML."),
    "check": _Home("check:check", "Validate the file and run its page tests; try sources."),
    "run": _Home("run:run", "The daemon: poll, publish and serve until SIGTERM."),
    "publish": _Home("publish:publish", "Render every section again from the store."),
    "serve": _Home("serve:serve", "Serve the published directory only; polls nothing."),
    "status": _Home("inspect:status", "Each source: its state, its next poll and why, its last error."),
    "articles": _Home("inspect:articles", "List, search and filter articles, the newest first."),
    "explain": _Home("explain:explain", "Tell what was decided about an article, and why."),
    "split": _Home("stories:split", "Take an article out of its story, for good."),
    "join": _Home("stories:join", "Let an article be a copy in the story of another."),
    "withdraw": _Home("withdraw:withdraw", "Take an article out of all feeds and pages for good."),
    "doctor": _Home("doctor:doctor", "Look at the environment, the database and the network."),
}


class _Commands(click.Group):
    """Knows the subcommands by name; a second saved by not importing the daemon is felt in ``status``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].module.partition(":")
        with loading():
            command = getattr(import_module(f"aggregator.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, home.purpose) for name, home in _COMMANDS.items()])


def _tell_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(f"aggregator, version {program_version()}")
        ctx.exit()


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_tell_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Poll feeds and plain web pages, print each story once, publish per-section feeds.

    \b
    Start with:  aggregator run --demo        a sample newsstand, no network needed
    Then with:   aggregator init URL…         writes feeds.yaml;  aggregator run
    """
