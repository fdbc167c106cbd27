"""The page tests that stand in feeds.yaml: a saved page and what must come out of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from aggregator.config.model import Config, PageTest, Source
from aggregator.extract import Extracted, extract_article


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVerdict:
    """What came of one page test."""

    source: str
    page: str
    faults: tuple[str, ...] = ()  #: empty: it came out as written


def run_page_tests(config: Config, root: Path, *, only: Collection[str] | None = None) -> list[PageVerdict]:
    """Run the tests of saved pages (``file:`` addresses, beside the configuration file)."""
    return [
        _verdict(source, test, root, ZoneInfo(source.timezone or config.site.timezone))
        for source in config.sources
        if only is None or source.id in only
        for test in source.test
    ]


def _verdict(source: Source, test: PageTest, root: Path, zone: ZoneInfo) -> PageVerdict:
    if not test.url.startswith("file:"):
        return PageVerdict(
            source=source.id,
            page=test.url,
            faults=("not a saved page; save it and name it as file:pages/one.html",),
        )
    file = root / test.url.removeprefix("file:")
    try:
        body = file.read_bytes()
    except OSError as error:
        return PageVerdict(source=source.id, page=test.url, faults=(f"{file}: {error.strerror}",))
    extracted = extract_article(
        body, source.url, zone=zone, selectors=source.article, encoding=source.encoding
    )
    return PageVerdict(source=source.id, page=test.url, faults=_faults(test, extracted, zone))


def _faults(test: PageTest, extracted: Extracted, zone: ZoneInfo) -> tuple[str, ...]:
    date = extracted.published.astimezone(zone).date().isoformat() if extracted.published else None
    wanted_and_got = (
        ("title", test.title, extracted.title),
        ("date", test.date, date),
        ("section", test.section, extracted.section),
    )
    faults = [
        f"{what} is {got!r}, not {wanted!r}"
        for what, wanted, got in wanted_and_got
        if wanted not in (None, got)
    ]
    if test.contains is not None and test.contains not in extracted.text:
        faults.append(f"the text does not contain {test.contains!r}")
    return tuple(faults)
