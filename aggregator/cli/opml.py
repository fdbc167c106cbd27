"""``aggregator import`` and ``export``: subscriptions as OPML."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import click

from aggregator.cli.common import FAILED, USAGE, fail, load, with_config
from aggregator.cli.sources import write_sources
from aggregator.config import NewSource, new_config
from aggregator.sources import NotOpml, OpmlEntry, OpmlOutline, parse_opml, render_opml


@click.command("import")
@click.argument("file", type=click.File("rb"))
@with_config
def import_opml(path: Path, file: BinaryIO) -> None:
    """Add the feeds of an OPML file to feeds.yaml; `-` reads standard input. A folder becomes the section."""
    try:
        entries = parse_opml(file.read())
    except NotOpml as error:
        fail(f"{file.name}: {error}", FAILED)
        return
    if not path.exists():
        path.write_text(new_config([], title="My newspaper", language="en", timezone="UTC"), encoding="utf-8")
    loaded = load(path)
    known = {source.url for source in loaded.config.sources}
    labels = {
        name for section in loaded.config.sections for name in (section.id, section.title, *section.include)
    }
    fresh = [entry for entry in entries if entry.url not in known]
    if fresh:
        write_sources(path, [_source(entry, labels, bool(loaded.config.sections)) for entry in fresh])
    click.echo(f"{len(fresh)} sources added to {path}, {len(entries) - len(fresh)} were there", err=True)


def _source(entry: OpmlEntry, labels: set[str], declared: bool) -> NewSource:
    """Where sections are declared, a folder that names none of them cannot be one."""
    section = entry.folder if entry.folder and (not declared or entry.folder in labels) else None
    return NewSource(url=entry.url, name=entry.title or None, section=section)


@click.command("export")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here, not to standard output.",
)
@with_config
def export_opml(path: Path, output: Path | None) -> None:
    """Print the configured sources as OPML."""
    loaded = load(path)
    outlines = [
        OpmlOutline(
            title=source.name or source.id,
            url=source.url,
            html_url="",
            folder=source.section if isinstance(source.section, str) else "",
        )
        for source in loaded.config.sources
    ]
    document = render_opml(loaded.config.site.title, outlines)
    if output is None:
        click.echo(document, nl=False)
        return
    try:
        output.write_bytes(document)
    except OSError as error:
        fail(f"{output}: {error.strerror}; name a file that can be written", USAGE)
