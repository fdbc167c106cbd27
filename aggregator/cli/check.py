"""``aggregator check``: the file, its page tests, and sources tried without storing anything."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click

from aggregator.app.desk import open_desk
from aggregator.cli.common import FAILED, USAGE, fail, json_option, load, print_json, with_config
from aggregator.cli.facts import article_facts, rfc3339
from aggregator.config import ConfigError, Loaded
from aggregator.daemon import poll_round
from aggregator.pipeline import PollResult
from aggregator.pipeline.pagetest import PageVerdict, run_page_tests
from storage import open_store
from storage.errors import NothingPolled


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@json_option
@with_config
def check(path: Path, sources: tuple[str, ...], as_json: bool) -> None:
    """Validate the file and run its page tests; with SOURCE (an id): poll it without storing, and show each step."""
    loaded = _loaded(path, as_json)
    _must_be_sources(loaded, sources)
    verdicts = run_page_tests(loaded.config, loaded.root, only=set(sources) or None)
    results = asyncio.run(_try(loaded, sources)) if sources else []
    if as_json:
        print_json(_facts(loaded, verdicts, results))
    else:
        _tell(loaded, verdicts, results)
    if any(verdict.faults for verdict in verdicts) or not all(result.ok for result in results):
        raise SystemExit(FAILED)


def _loaded(path: Path, as_json: bool) -> Loaded:
    """The configuration; its faults are facts too, for whoever asks for JSON."""
    try:
        loaded = load(path)
    except ConfigError as error:
        if as_json:
            faults = [
                {"file": str(f.file), "line": f.line, "column": f.column, "message": f.message}
                for f in error.faults
            ]
            print_json({"file": str(path), "faults": faults})
        raise
    with contextlib.suppress(NothingPolled):
        open_store(loaded.storage_url, read_only=True).close()
    return loaded


def _must_be_sources(loaded: Loaded, wanted: Sequence[str]) -> None:
    known = [source.id for source in loaded.config.sources]
    for source in wanted:
        if source not in known:
            fail(f"no source {source!r}; there are: {', '.join(known) or 'none'}", USAGE)


async def _try(loaded: Loaded, wanted: Sequence[str]) -> list[PollResult]:
    """Poll the sources into a store that is thrown away."""
    store = open_store("memory://")
    async with open_desk(loaded, store) as desk:
        store.sync_sources(desk.plan.seeds(), desk.clock())
        return await poll_round(desk, early=True, only=set(wanted))


def _facts(
    loaded: Loaded, verdicts: Sequence[PageVerdict], results: Sequence[PollResult]
) -> dict[str, object]:
    return {
        "file": str(loaded.files[0]),
        "sources": len(loaded.config.sources),
        "sections": [section.id for section in loaded.config.sections],
        "faults": [],
        "warnings": [str(warning) for warning in loaded.warnings],
        "page_tests": [{"source": v.source, "page": v.page, "faults": list(v.faults)} for v in verdicts],
        "polls": [_poll_facts(result) for result in results],
    }


def _poll_facts(result: PollResult) -> dict[str, object]:
    return {
        "source": result.source,
        "url": result.url,
        "outcome": result.kind,
        "status": result.status,
        "format": result.format,
        "error": result.error,
        "faults": list(result.faults),
        "items": result.items,
        "dropped": list(result.dropped),
        "counts": result.counts,
        "next_poll": rfc3339(result.next_poll),
        "next_poll_reason": result.next_poll_reason,
        "articles": [article_facts(r.article) for r in result.resolutions if r.article is not None],
    }


def _tell(loaded: Loaded, verdicts: Sequence[PageVerdict], results: Sequence[PollResult]) -> None:
    config = loaded.config
    click.echo(f"{loaded.files[0]}: fine (sources: {len(config.sources)}, sections: {len(config.sections)})")
    for verdict in verdicts:
        click.echo(f"page test {verdict.source} {verdict.page}: {'; '.join(verdict.faults) or 'fine'}")
    for result in results:
        for line in _steps(result):
            click.echo(line)


def _steps(result: PollResult) -> list[str]:
    milliseconds = round(result.elapsed / timedelta(milliseconds=1))
    lines = [
        f"{result.source}  {result.url}",
        f"  fetch      {result.status or 'no answer'}, {milliseconds} ms in all",
        f"  read       {result.format or 'nothing'}, items: {result.items}",
    ]
    if result.error is not None:
        lines.append(f"  error      {result.error}")
    lines += [f"  fault      {fault}" for fault in result.faults]
    lines += [f"  dropped    {reason}" for reason in result.dropped]
    lines += [f"  decided    {count} {kind}" for kind, count in sorted(result.counts.items())]
    articles = [r.article for r in result.resolutions if r.article is not None]
    for article in articles[:10]:
        sections = ", ".join(article.sections) or "no section"
        size = f"{len(article.text)} characters"
        lines.append(f"  article    {article.date:%Y-%m-%d %H:%MZ}  {article.title}  ({size}; {sections})")
    if len(articles) > 10:
        lines.append(f"             and {len(articles) - 10} more")
    lines.append(f"  next poll  {rfc3339(result.next_poll)}: {result.next_poll_reason}")
    return lines
