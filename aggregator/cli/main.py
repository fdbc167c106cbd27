"""The command and its subcommands, one module a group of them; only the one that is called is imported."""

from __future__ import annotations

from contextlib import nullcontext
from importlib import import_module

import click

from aggregator import __version__
from aggregator.lazy import left_out

#: Subcommand: module of this package, and the name of the command in it.
_COMMANDS = {
    "init": "sources:init",
    "add": "sources:add",
    "import": "opml:import_opml",
    "export": "opml:export_opml",
    "check": "check:check",
    "run": "run:run",
    "publish": "publish:publish",
    "serve": "publish:serve",
    "status": "inspect:status",
    "articles": "inspect:articles",
    "explain": "explain:explain",
    "split": "stories:split",
    "join": "stories:join",
    "withdraw": "withdraw:withdraw",
    "doctor": "doctor:doctor",
}
#: Those that stay in memory.
_FOR_LONG = frozenset({"run", "serve"})


class _Commands(click.Group):
    """Knows the subcommands by name; a second saved by not importing the daemon is felt in ``status``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        # structlog and httpx take along what draws tables for people: 4 MB that a daemon has no use for.
        with left_out("rich", "pygments") if cmd_name in _FOR_LONG else nullcontext():
            command = getattr(import_module(f"aggregator.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="aggregator")
def main() -> None:
    """Poll feeds and plain web pages, print each story once, publish per-section feeds.

    \b
    Start with:  aggregator run --demo        a sample newsstand, no network needed
    Then with:   aggregator init URL…         writes feeds.yaml;  aggregator run
    """
