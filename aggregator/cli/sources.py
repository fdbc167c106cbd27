"""``aggregator init`` and ``add``: from an address to a configured source."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from aggregator.app.probing import probe_addresses
from aggregator.cli.common import FAILED, USAGE, counted, fail, with_config
from aggregator.cli.rewrite import rewrite
from aggregator.config import NewSource, add_sources, load_config, new_config, parse_config
from aggregator.config.model import Network
from aggregator.pipeline.probe import Probe

private_option = click.option(
    "--allow-private",
    multiple=True,
    metavar="CIDR",
    help="A network that the addresses may lie in although it is not public, as 127.0.0.0/8.",
)


@click.command()
@click.argument("urls", nargs=-1, metavar="[URL]...")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@private_option
@with_config
def init(path: Path, urls: tuple[str, ...], force: bool, allow_private: tuple[str, ...]) -> None:
    """Write a commented feeds.yaml; of addresses given, their feeds are found, else they become page sources."""
    if path.exists() and not force:
        fail(f"{path} is there already; `aggregator add URL` adds to it, --force writes over it", USAGE)
    found, lost = _look(urls, allow_private, ZoneInfo("UTC"))
    if urls and not found:
        _tell_lost(lost)
        raise SystemExit(FAILED)
    language = next((probe.language for probe in found if probe.language), None) or "en"
    text = new_config(
        [_source(probe, allow_private) for probe in found],
        title=found[0].title if len(found) == 1 and found[0].title else "My newspaper",
        language=language,
        timezone="Asia/Shanghai" if language.lower().startswith("zh") else "UTC",
    )
    write_new(path, text)
    _tell_found(found)
    click.echo(
        f"wrote {path}; next: aggregator run" + ("" if str(path) == "feeds.yaml" else f" -c {path}"), err=True
    )
    _end(lost)


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--section", metavar="NAME", help="The section that the articles go to.")
@private_option
@with_config
def add(path: Path, urls: tuple[str, ...], section: str | None, allow_private: tuple[str, ...]) -> None:
    """Add sources to feeds.yaml, keeping its comments; a running daemon takes them in by itself.

    Of a page without a feed one article is kept beside the file, as a test that `check` runs.
    """
    loaded = load_config(path, env=os.environ)
    known = {source.url for source in loaded.config.sources}
    networks = (*allow_private, *(str(network) for network in loaded.config.defaults.allow_private))
    found, lost = _look(urls, networks, ZoneInfo(loaded.config.site.timezone))
    fresh = [probe for probe in found if probe.url not in known]
    for probe in found:
        if probe.url in known:
            click.echo(f"{probe.url}: a source already", err=True)
    if fresh:
        kept = {probe.url for probe in fresh if _is_kept(loaded.root, probe)}
        new = [_source(probe, allow_private, section, test=probe.url in kept) for probe in fresh]
        write_sources(path, new)
        _tell_found(fresh)
        click.echo(f"{path}: {counted(len(fresh), 'source')} added", err=True)
    _end(lost)


def _is_kept(root: Path, probe: Probe) -> bool:
    """Whether an article of the page source stands beside the file, to test what comes out of it."""
    if probe.sample is None:
        return False
    file = root / probe.sample.file
    try:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(probe.sample.body)
    except OSError as error:
        click.echo(f"{file}: {error.strerror}; the source is added without a page test", err=True)
        return False
    return True


def write_new(path: Path, text: str) -> None:
    """Begin a configuration file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        _not_writable(path, error)


def write_sources(path: Path, new: Sequence[NewSource]) -> None:
    """Add the sources to the file, or leave it as it is when the result would not load."""
    before = path.read_text(encoding="utf-8")
    after = add_sources(before, new)
    parse_config(after, env=os.environ, path=path)
    try:
        rewrite(path, after)
    except OSError as error:
        _not_writable(path, error)


def _not_writable(path: Path, error: OSError) -> None:
    fail(f"{path}: {error.strerror}; let this user write it and its folder", USAGE)


def _look(
    urls: Sequence[str], allow_private: Sequence[str], zone: ZoneInfo
) -> tuple[list[Probe], dict[str, str]]:
    addresses = [url if "://" in url else f"https://{url}" for url in urls]
    outcomes = asyncio.run(probe_addresses(addresses, _networks(allow_private), zone))
    found = [outcome for outcome in outcomes.values() if isinstance(outcome, Probe)]
    lost = {url: outcome for url, outcome in outcomes.items() if isinstance(outcome, str)}
    return found, lost


def _networks(given: Sequence[str]) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(text, strict=False) for text in given)
    except ValueError as error:
        raise click.BadParameter(
            f"{error}; write a network as 127.0.0.0/8", param_hint="--allow-private"
        ) from error


def _source(
    probe: Probe, allow_private: Sequence[str], section: str | None = None, *, test: bool = False
) -> NewSource:
    extra: dict[str, object] = {"allow_private": list(allow_private)} if allow_private else {}
    extra |= {
        key: dict(chosen) for key, chosen in (("page", probe.page), ("article", probe.article)) if chosen
    }
    if test and probe.sample is not None:
        extra["test"] = [probe.sample.test()]
    return NewSource(
        url=probe.url,
        name=probe.title or None,
        type="page" if probe.kind == "page" else None,
        section=section,
        extra=extra,
    )


def _tell_found(found: Sequence[Probe]) -> None:
    for probe in found:
        what = {"feed": "feed", "json": "JSON feed", "page": "page without a feed"}[probe.kind]
        click.echo(f"{probe.url}: {what}, {counted(len(probe.items), 'article')}: {probe.title}", err=True)
        for title in probe.items[:3]:
            click.echo(f"    {title}", err=True)
        for other in probe.others[:5]:
            click.echo(f"    also there: {other}", err=True)
        for line in _sampled(probe):
            click.echo(f"    {line}", err=True)


def _sampled(probe: Probe) -> list[str]:
    """What comes out of an article of a page source, for people to look at."""
    if probe.kind != "page":
        return []
    told = [*_advised(probe)]
    if (sample := probe.sample) is None:
        return [
            *told,
            "no article could be read behind its links; look at one, or give selectors under article:",
        ]
    found = sample.found
    facts = [sample.date or "no date", found.section or "no section", f"{len(found.text)} characters"]
    by = ", ".join((*found.authors, *filter(None, [found.origin])))
    return [
        f"read, as an example: {sample.url}",
        f"  {found.title}  ({'; '.join([*facts, by or 'no author'])})",
        *told,
    ]


def _advised(probe: Probe) -> Iterator[str]:
    """Which selectors were written down, and why; or that none are needed."""
    yield from (f"in doubt: {doubt}" for doubt in probe.doubts)
    chosen = [
        f"{key}.{name}: {select}"
        for key, selectors in (("page", probe.page), ("article", probe.article))
        for name, select in selectors.items()
    ]
    if chosen:
        yield f"selectors proposed, look at them: {'; '.join(chosen)}"
    elif probe.doubts:
        yield "no selector was found that mends it; look at the articles, or give selectors under article:"
    elif probe.sample:
        yield "its articles are read alike without selectors; none are written"


def _tell_lost(lost: dict[str, str]) -> None:
    for url, reason in lost.items():
        click.echo(f"{url}: {reason}", err=True)
    if any("in allow_private" in reason for reason in lost.values()):
        click.echo("this command names such a network by --allow-private", err=True)


def _end(lost: dict[str, str]) -> None:
    _tell_lost(lost)
    if lost:
        raise SystemExit(FAILED)
