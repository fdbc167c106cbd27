"""``aggregator doctor``: what this machine, the files and the network have to say."""

from __future__ import annotations

import asyncio
import os
import platform
import pyexpat
import shutil
import sqlite3
import ssl
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from aggregator.app.plan import plan_of
from aggregator.app.probing import ask
from aggregator.cli.common import FAILED, json_option, print_json, with_config
from aggregator.config import ConfigError, Loaded, load_config
from aggregator.extras import NO_SEMANTIC, semantic_encoder
from storage import open_store
from storage.errors import StorageError

PACKAGES = (
    "feed-aggregator",
    "feedparser",
    "feedgen",
    "httpx",
    "apscheduler",
    "sqlalchemy",
    "lxml",
    "nh3",
)
#: Less free disk than this is a fault: the database and the published files must be able to grow.
FLOOR = 100 * 2**20
SKEW = timedelta(minutes=5)
#: So many sources are asked, to see whether the network is there.
ASKED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at."""

    about: str
    ok: bool
    says: str


@click.command()
@click.option("--offline", is_flag=True, help="Leave the network out.")
@json_option
@with_config
def doctor(path: Path, offline: bool, as_json: bool) -> None:
    """Look at the environment, the database, permissions, the clock, the network and installed versions."""
    findings = list(_examine(path, offline))
    if as_json:
        print_json([{"about": f.about, "ok": f.ok, "says": f.says} for f in findings])
    else:
        for finding in findings:
            click.echo(f"{'ok   ' if finding.ok else 'FAULT'} {finding.about:14} {finding.says}")
    if not all(finding.ok for finding in findings):
        raise SystemExit(FAILED)


def _examine(path: Path, offline: bool) -> Iterator[Finding]:
    yield Finding(about="python", ok=True, says=f"{platform.python_version()} on {platform.platform()}")
    yield Finding(about="packages", ok=True, says=", ".join(_versions()))
    yield _semantic()
    yield _expat()
    yield Finding(about="libraries", ok=True, says=f"SQLite {sqlite3.sqlite_version}, {ssl.OPENSSL_VERSION}")
    try:
        loaded = load_config(path, env=os.environ)
    except ConfigError as error:
        for fault in error.faults:
            yield Finding(about="configuration", ok=False, says=str(fault))
        return
    sources = len(loaded.config.sources)
    yield Finding(about="configuration", ok=True, says=f"{path}: {sources} sources")
    for warning in loaded.warnings:
        yield Finding(about="configuration", ok=True, says=f"{warning} (warning)")
    yield _name(loaded)
    yield _database(loaded)
    yield _folder(loaded.output_dir)
    now = datetime.now(UTC)
    yield Finding(about="clock", ok=now.year >= 2026, says=f"{now:%Y-%m-%d %H:%M:%S} UTC")
    if not offline:
        yield from asyncio.run(_network(loaded))


def _versions() -> Iterator[str]:
    for package in PACKAGES:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            yield f"{package} not installed"


def _semantic() -> Finding:
    encoder = semantic_encoder()
    says = f"rewrites are found by {encoder}" if encoder else f"rewrites are not found; {NO_SEMANTIC}"
    return Finding(about="semantic", ok=True, says=says)


def _expat() -> Finding:
    """Entity bombs are stopped by expat itself from 2.4.1 on."""
    safe = pyexpat.version_info >= (2, 4, 1)
    return Finding(
        about="XML parser",
        ok=safe,
        says=pyexpat.EXPAT_VERSION + ("" if safe else ": open to entity bombs; upgrade to 2.4.1 or newer"),
    )


def _name(loaded: Loaded) -> Finding:
    """Publishers want to know whom to write to; an address that leads nowhere would be no help to them."""
    says = f"requests say {plan_of(loaded).user_agent}"
    if loaded.config.site.base_url is None:
        says += "; with site.base_url publishers see where to read about it"
    return Finding(about="user agent", ok=True, says=says)


def _database(loaded: Loaded) -> Finding:
    try:
        store = open_store(loaded.storage_url, read_only=True)
    except StorageError as error:
        return Finding(
            about="database", ok="nothing" in str(error) or "not yet" in str(error), says=str(error)
        )
    try:
        faults = store.check()
        return Finding(
            about="database", ok=not faults, says="; ".join(faults) or f"{loaded.storage_url}: sound"
        )
    except StorageError as error:
        return Finding(about="database", ok=False, says=str(error))
    finally:
        store.close()


def _folder(folder: Path) -> Finding:
    """Writable, and room left: tried, not guessed from the permission bits."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(
            about="output",
            ok=False,
            says=f"{folder}: {error.strerror}; make it a folder that can be written, or set output.dir",
        )
    return Finding(about="output", ok=free > FLOOR, says=f"{folder}: writable, {free // 2**20} MB free")


async def _network(loaded: Loaded) -> list[Finding]:
    """The first sources, asked once each; what their clocks say is held against ours."""
    findings = []
    sources = loaded.config.sources
    for source in sources[:ASKED]:
        answer, error = await ask(loaded, source)
        if answer is None:
            findings.append(Finding(about="network", ok=False, says=f"{source.id}: {error}"))
            continue
        findings.append(Finding(about="network", ok=True, says=f"{source.id}: HTTP {answer.status}"))
        findings.extend(_clock(answer.headers.get("date")))
    if len(sources) > ASKED:
        says = f"the first {ASKED} of {len(sources)} sources were asked; `aggregator status` tells of all"
        findings.append(Finding(about="network", ok=True, says=says))
    return findings


def _clock(date: str | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> list[Finding]:
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return []
    skew = now() - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
    if abs(skew) <= SKEW:
        return [Finding(about="clock", ok=True, says="agrees with a source's, to five minutes")]
    return [
        Finding(about="clock", ok=False, says=f"{skew} off a source's clock; set the time of this machine")
    ]
