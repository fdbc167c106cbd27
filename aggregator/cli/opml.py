"""``aggregator import`` and ``export``: subscriptions as OPML, articles as lines of JSON."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import click

from aggregator.app.plan import plan_of
from aggregator.cli.common import FAILED, USAGE, fail, load, reading, with_config
from aggregator.cli.sources import write_new, write_sources
from aggregator.clock import system_clock
from aggregator.config import Loaded, NewSource, load_config, new_config
from aggregator.config.slugs import label_key
from aggregator.pipeline import NotCarried, carry_in, carry_out
from aggregator.sources import NotOpml, Opml, OpmlEntry, OpmlOutline, read_opml, render_opml
from storage import open_store


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--articles", is_flag=True, help="FILE has articles: take those in that are not there yet.")
@with_config
def import_opml(path: Path, file: BinaryIO, articles: bool) -> None:
    """Add the feeds of an OPML file to feeds.yaml; `-` reads standard input. A folder becomes the section."""
    if articles:
        _import_articles(load(path), file)
        return
    try:
        read = read_opml(file.read())
    except NotOpml as error:
        fail(f"{file.name}: {error}", FAILED)
        return
    if not path.exists():
        write_new(path, new_config())
    # Without its warnings: that there are no sources is being mended.
    loaded = load_config(path, env=os.environ)
    known = {source.url for source in loaded.config.sources}
    fresh = [entry for entry in read.entries if entry.url not in known]
    labels = _labels(loaded)
    if fresh:
        write_sources(path, [_source(entry, labels) for entry in fresh])
    _tell(path, read, fresh, labels)


def _tell(path: Path, read: Opml, fresh: list[OpmlEntry], labels: frozenset[str] | None) -> None:
    click.echo(f"{path}: {len(fresh)} added, {len(read.entries) - len(fresh)} were there already", err=True)
    for refused in read.refused:
        click.echo(f"left out: {refused}", err=True)
    for folder in sorted({entry.folder for entry in fresh if not _leads(entry.folder, labels)}):
        click.echo(
            f"the folder {folder!r} names no section of {path}: declare one, then set `section:` of its sources",
            err=True,
        )


def _labels(loaded: Loaded) -> frozenset[str] | None:
    """What leads to a section; None where sections follow from what the sources name, so that every label does."""
    if not loaded.sections_declared:
        return None
    sections = loaded.config.sections
    return frozenset(label_key(name) for s in sections for name in (s.id, s.title, *s.include) if name != "*")


def _leads(folder: str, labels: frozenset[str] | None) -> bool:
    return not folder or labels is None or label_key(folder) in labels


def _source(entry: OpmlEntry, labels: frozenset[str] | None) -> NewSource:
    section = entry.folder if entry.folder and _leads(entry.folder, labels) else None
    return NewSource(url=entry.url, name=entry.title or None, section=section)


def _import_articles(loaded: Loaded, file: BinaryIO) -> None:
    lines = (line.decode("utf-8") for line in file)
    plan = plan_of(loaded)
    store = open_store(loaded.storage_url)
    try:
        store.sync_sources(plan.seeds(), system_clock())
        taken = carry_in(store, lines, plan, system_clock())
    except (NotCarried, UnicodeDecodeError) as error:
        fail(f"{file.name}: {error}", FAILED)
        return
    finally:
        store.close()
    click.echo(f"{taken.new} articles taken in, {taken.known} were there already", err=True)
    if taken.authority is not None:
        click.echo(
            f"their entry ids were made with {taken.authority}, and other ids have been published here since: "
            f"subscribers know them when site.id_domain is {taken.authority}",
            err=True,
        )


def _export_articles(loaded: Loaded, output: Path | None) -> None:
    with reading(loaded) as store:
        lines = carry_out(store, [section.id for section in loaded.config.sections])
        if output is None:
            for line in lines:
                click.echo(line)
            return
        unfinished = output.with_name(f"{output.name}.part")
        try:
            with unfinished.open("w", encoding="utf-8", newline="\n") as stream:
                stream.writelines(f"{line}\n" for line in lines)
            unfinished.replace(output)
        except OSError as error:
            fail(f"{output}: {error.strerror}; name a file that can be written", USAGE)


@click.command("export")
@click.option(
    "--articles", is_flag=True, help="All articles, as lines of JSON: for another database, see `import`."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here, not to standard output.",
)
@with_config
def export_opml(path: Path, output: Path | None, articles: bool) -> None:
    """Print the configured sources as OPML."""
    loaded = load(path)
    if articles:
        _export_articles(loaded, output)
        return
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
