"""``aggregator status`` and ``articles``: looking, never changing; they work beside a running daemon."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from aggregator.cli.common import USAGE, fail, json_option, load, print_json, reading, with_config
from aggregator.cli.facts import article_facts
from aggregator.clock import system_clock
from aggregator.config import Loaded
from aggregator.config.durations import parse_duration
from aggregator.config.slugs import label_key
from aggregator.serve.status import ago, stale_bounds, status_rows
from storage.model import Article, ArticleQuery

_HEADINGS = ("source", "state", "last poll", "next poll", "304", "articles", "why then; last error")

# -- status


@click.command()
@json_option
@with_config
def status(path: Path, as_json: bool) -> None:
    """Each source: state, last and next poll and the reason for it, last error, 304 ratio, yield."""
    loaded = load(path)
    with reading(loaded) as store:
        records, agreed = store.sources(), store.subscriptions()
        copies = store.copy_counts() if as_json else {}
    bounds = stale_bounds(loaded.config)
    now = system_clock()
    rows = status_rows(records, now, agreed, copies=copies, whole=True, stale_after=bounds)
    if as_json:
        print_json(rows)
        return
    from aggregator.cli.table import for_people, for_programs

    if sys.stdout.isatty():
        from rich.console import Console  # 4 MB: only where something is drawn

        for_people(_HEADINGS, [_status_cells(row, lambda at: _ago(at, now)) for row in rows], Console())
    else:
        headings = [f"{name} (UTC)" if name.endswith(" poll") else name for name in _HEADINGS]
        click.echo(for_programs(headings, [_status_cells(row, _minute) for row in rows]))


def _status_cells(row: dict[str, Any], told: Callable[[str | None], str]) -> list[str]:
    ratio = f"{row['not_modified'] / row['polls']:.0%}" if row["polls"] else "-"
    push = "" if row["push"] == "none" else f"push {row['push']}"
    said = [
        row["next_poll_reason"],
        push,
        row["push_error"],
        row["last_error"],
        row["stale_since"] and f"stale since {_minute(row['stale_since'])}",
        *(f"read despite: {fault}" for fault in row["faults"]),
    ]
    return [
        row["source"],
        row["state"],
        told(row["last_poll"]),
        told(row["next_poll"]),
        ratio,
        str(row["articles"]),
        "; ".join(filter(None, said)) or "-",
    ]


def _ago(moment: str | None, now: datetime) -> str:
    return ago(datetime.fromisoformat(moment), now) if moment else "-"


def _minute(moment: str | None) -> str:
    return moment[:16].replace("T", " ") if moment else "-"


# -- articles


@click.command()
@click.option("--search", metavar="WORDS", help="Only articles in which all the words occur.")
@click.option("--section", metavar="NAME", help="Only this section, by id or title.")
@click.option("--source", metavar="ID", help="Only this source.")
@click.option("--since", metavar="WHEN", help="Only from then on: 2024-10-24, or an age as 6h or 7d.")
@click.option("--limit", type=click.IntRange(0), default=0, help="At most so many; 0: all.")
@click.option("--printed", is_flag=True, help="Leave out the copies of other articles.")
@json_option
@with_config
def articles(
    path: Path,
    search: str | None,
    section: str | None,
    source: str | None,
    since: str | None,
    limit: int,
    printed: bool,
    as_json: bool,
) -> None:
    """List, search and filter articles, the newest first."""
    loaded = load(path)
    section = _section_id(loaded, section)
    _must_exist("source", source, [known.id for known in loaded.config.sources])
    query = ArticleQuery(
        section=section,
        source=source,
        search=search,
        since=_moment(since),
        limit=limit or None,
        copies=not printed,
    )
    with reading(loaded) as store:
        found = store.articles(query)
    if as_json:
        print_json([article_facts(article) for article in found])
        return
    for article in found:
        click.echo(_line(article))


def _section_id(loaded: Loaded, given: str | None) -> str | None:
    """A section by its id or its title."""
    for section in loaded.config.sections:
        if given is not None and label_key(given) in (label_key(section.id), label_key(section.title)):
            return section.id
    _must_exist("section", given, [section.id for section in loaded.config.sections])
    return given


def _must_exist(what: str, given: str | None, known: Sequence[str]) -> None:
    if given is not None and given not in known:
        fail(f"no {what} {given!r}; there are: {', '.join(known) or 'none'}", USAGE)


def _line(article: Article) -> str:
    mark = "=" if article.copy_of else " "
    return f"{article.date:%Y-%m-%d %H:%MZ} {mark} {article.uid}  {article.title}  [{article.source}]"


def _moment(text: str | None) -> datetime | None:
    """A date, a time or an age."""
    if text is None:
        return None
    try:
        return system_clock() - parse_duration(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is neither a date (2024-10-24) nor an age (6h, 7d)") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
