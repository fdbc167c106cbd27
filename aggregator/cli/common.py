"""What every subcommand shares: its options, its exit status, its way of saying things.

Exit status: 0 fine; 1 the work was done but something failed; 2 usage or configuration error. Facts go to standard
output, everything else to standard error.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ParamSpec

import click

from aggregator.cli.logs import configure_logs
from aggregator.clock import system_clock
from aggregator.config import ConfigError, Loaded, load_config
from aggregator.publish.errors import PublishError
from aggregator.serve.errors import ServeError
from storage import open_store
from storage.errors import NothingPolled, StorageError
from storage.interface import ArticleStore

P = ParamSpec("P")
Command = Callable[P, None]

FAILED = 1
USAGE = 2


def fail(message: str, status: int = FAILED) -> None:
    """Say what is wrong and end with this status."""
    click.echo(f"aggregator: {message}", err=True)
    raise SystemExit(status)


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def with_config(command: Command[P]) -> Command[P]:
    """Add ``-c/--config``, the log options, and turn known errors into messages and exit status."""

    @click.option(
        "-c",
        "--config",
        "path",
        type=click.Path(dir_okay=False, path_type=Path),
        envvar="AGGREGATOR_CONFIG",
        default="feeds.yaml",
        show_default=True,
        help="The configuration file; also $AGGREGATOR_CONFIG.",
    )
    @click.option("-v", "--verbose", is_flag=True, help="Say more on standard error.")
    @click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        envvar="AGGREGATOR_LOG_FORMAT",
        help="Form of the log lines.",
    )
    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        verbose, log_format = bool(kwargs.pop("verbose")), str(kwargs.pop("log_format"))
        configure_logs(logging.DEBUG if verbose else logging.INFO, json_lines=log_format == "json")
        try:
            command(*args, **kwargs)
        except ConfigError as error:
            for fault in error.faults:
                click.echo(str(fault), err=True)
            raise SystemExit(USAGE) from error
        except (StorageError, PublishError, ServeError) as error:
            fail(str(error))
        except BrokenPipeError:  # the reader of our output has gone, as in `aggregator articles | head`
            sys.stderr.close()
            raise SystemExit(0) from None

    return wrapped


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on standard output."
)


def load(path: Path) -> Loaded:
    """The configuration; its warnings are said on standard error."""
    loaded = load_config(path, env=os.environ)
    for warning in loaded.warnings:
        click.echo(f"{warning} (warning)", err=True)
    return loaded


def listening(loaded: Loaded, listen: str | None) -> Loaded:
    """The configuration with another address to serve at."""
    if listen is None:
        return loaded
    server = loaded.config.server.model_copy(update={"listen": listen})
    return replace(loaded, config=loaded.config.model_copy(update={"server": server}))


@contextmanager
def reading(loaded: Loaded) -> Iterator[ArticleStore]:
    """The store, for looking only: works beside a running daemon, and shows the sources before there is one."""
    try:
        store = open_store(loaded.storage_url, read_only=True)
    except NothingPolled as error:
        from aggregator.app.plan import plan_of  # half the program: not for every look at a store

        click.echo(f"aggregator: {error}", err=True)
        store = open_store("memory://")
        store.sync_sources(plan_of(loaded).seeds(), system_clock())
    try:
        yield store
    finally:
        store.close()


def print_json(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
