"""Measures the extractor on a corpus of real pages: ``python -m tests.benchmarks.extraction --corpus DIR [--set NAME] [--worst N]``.

``--peers-python PYTHON`` sets trafilatura, readability-lxml and newspaper4k beside it: PYTHON is the interpreter of a venv
with ``trafilatura``, ``readability-lxml``, ``newspaper4k`` and ``jieba``, which are no dependency of the project.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aggregator.extract import Extracted, extract_article, extract_links
from tests.benchmarks.extraction_peers import NoPeers, Run, runs

ARTICLE_SETS = ("zh-portals", "zh-essays-and-news", "zh-mixed", "articles", "dates")
LISTING_SETS = ("zh-listings",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One page of the corpus and what it must give."""

    id: str
    url: str
    html: bytes
    gold: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Tally:
    """Scores of one set."""

    name: str
    body: list[float] = field(default_factory=list)
    short: list[float] = field(default_factory=list)  #: of them, pages whose gold has under 400 characters
    facts: dict[str, Counter[str]] = field(default_factory=dict)  #: "ok", "wrong" or "none" for each fact
    listing: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    pages: list[tuple[float, str]] = field(default_factory=list)  #: body F1 and id, for --worst

    def share(self, fact: str, verdict: str) -> float | None:
        counts = self.facts.get(fact)
        return counts[verdict] / counts.total() if counts else None


def samples(corpus: Path, name: str) -> Iterator[Sample]:
    with gzip.open(corpus / "pages" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Sample(
                id=row["id"], url=row["url"], html=base64.b64decode(row["html_base64"]), gold=row["gold"]
            )


def bare(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def grams(text: str) -> Counter[str]:
    text = bare(text)
    return Counter(text[at : at + 4] for at in range(max(len(text) - 3, 1))) if text else Counter()


def f1(gold: Counter[str], found: Counter[str]) -> float:
    common = (gold & found).total()
    return 2 * common / (gold.total() + found.total()) if common else 0.0


def folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def same_author(gold: str, found: Sequence[str]) -> bool:
    """One of the gold names stands in one of the found, which is not much longer, or the reverse."""
    wanted = [
        folded(name)
        for name in re.split(r"[;,，、]|\s+and\s+| {1,}(?=[\u4e00-\u9fff])", gold)
        if folded(name)
    ]
    have = [folded(name) for name in found if folded(name)]
    return any((w in h and len(h) <= len(w) + 10) or (h in w and len(h) >= 2) for w in wanted for h in have)


def verdict(right: bool, given: bool) -> str:
    return "ok" if right else "wrong" if given else "none"


def judge(sample: Sample, result: Extracted) -> dict[str, str]:
    gold, verdicts = sample.gold, {}
    if gold.get("title"):
        verdicts["title"] = verdict(folded(gold["title"]) == folded(result.title), bool(result.title))
    if gold.get("date"):
        day = result.published.date().isoformat() if result.published else None
        verdicts["date"] = verdict(day == gold["date"][:10], day is not None)
    if gold.get("author"):
        names = [*result.authors, *([result.origin] if result.origin else [])]
        verdicts["author"] = verdict(same_author(gold["author"], names), bool(names))
    if gold.get("section"):
        verdicts["section"] = verdict(
            folded(gold["section"]) == folded(result.section or ""), bool(result.section)
        )
    return verdicts


def measure_articles(corpus: Path, name: str) -> Tally:
    tally = Tally(name=name)
    for sample in samples(corpus, name):
        begin = time.perf_counter()
        result = extract_article(sample.html, sample.url)
        tally.seconds.append(time.perf_counter() - begin)
        for fact, found in judge(sample, result).items():
            tally.facts.setdefault(fact, Counter())[found] += 1
        if sample.gold.get("body"):
            _score_body(tally, sample, result)
    return tally


def _score_body(tally: Tally, sample: Sample, result: Extracted) -> None:
    gold = sample.gold["body"]
    score = f1(grams(gold), grams(result.text))
    tally.body.append(score)
    tally.pages.append((score, sample.id))
    if len(bare(gold)) < 400:
        tally.short.append(score)


def measure_listings(corpus: Path, name: str) -> Tally:
    tally = Tally(name=name)
    for sample in samples(corpus, name):
        begin = time.perf_counter()
        found = {address(link.url) for link in extract_links(sample.html, sample.url)}
        tally.seconds.append(time.perf_counter() - begin)
        gold = {address(url) for url in sample.gold["links"]}
        right = len(gold & found)
        score = 2 * right / (len(gold) + len(found)) if right else 0.0
        tally.listing.append(score)
        tally.pages.append((score, sample.id))
    return tally


def address(url: str) -> str:
    return re.sub(r"^https?://", "", url.split("#", 1)[0]).rstrip("/")


def measure(corpus: Path, names: Sequence[str]) -> list[Tally]:
    return [
        measure_listings(corpus, name) if name in LISTING_SETS else measure_articles(corpus, name)
        for name in names
    ]


def mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _number(value: float | None) -> str:
    return f"{value:8.3f}" if value is not None else "       -"


def table(tallies: Sequence[Tally]) -> str:
    columns = [
        "body",
        "<400",
        "<.5",
        "title",
        "date",
        "d.wrong",
        "author",
        "a.wrong",
        "section",
        "links",
        "pages/s",
        "p99 s",
    ]
    lines = [f"{'set':20}" + "".join(f"{name:>8}" for name in columns)]
    for tally in tallies:
        low = mean([float(score < 0.5) for score in tally.body])
        slowest = sorted(tally.seconds)[int(0.99 * (len(tally.seconds) - 1))] if tally.seconds else None
        values = [
            mean(tally.body), mean(tally.short), low,
            tally.share("title", "ok"), tally.share("date", "ok"), tally.share("date", "wrong"),
            tally.share("author", "ok"), tally.share("author", "wrong"), tally.share("section", "ok"),
            mean(tally.listing), len(tally.seconds) / max(sum(tally.seconds), 1e-9), slowest,
        ]  # fmt: skip
        lines.append(f"{tally.name:20}" + "".join(_number(value) for value in values))
    return "\n".join(lines)


# -- beside the peers

BODY_SETS = tuple(name for name in ARTICLE_SETS if name != "dates")
#: Chinese sets other than the portals, which the goals take together.
OTHERS = ("zh-essays-and-news", "zh-mixed")


def beside_peers(corpus: Path, names: Sequence[str], peers_python: Path) -> str:
    """A row for each extractor and set; pages a second and p99 of CPU, the memory of the whole process."""
    columns = ("body", "<400", "<.5", "pages/s", "p99 s", "MB")
    lines = [f"{'set':20}{'extractor':>22}" + "".join(f"{column:>8}" for column in columns)]
    golds = {
        name: {sample.id: sample.gold.get("body") or "" for sample in samples(corpus, name)} for name in names
    }
    found = list(runs(peers_python, corpus, names))
    for name in names:
        lines.extend(_row(name, run, golds[name], (name,)) for run in found)
    if set(OTHERS) <= set(names):
        both = {page: gold for name in OTHERS for page, gold in golds[name].items()}
        lines.extend(_row("both of these", run, both, OTHERS) for run in found)
    return "\n".join(lines)


def _row(title: str, run: Run, gold: dict[str, str], names: Sequence[str]) -> str:
    scores: list[float] = []
    short: list[float] = []
    for (name, page), text in run.texts.items():
        if name in names and gold[page]:
            scores.append(f1(grams(gold[page]), grams(text)))
            short.extend(scores[-1:] if len(bare(gold[page])) < 400 else ())
    seconds = sorted(second for name in names for second in run.of(name))
    values = (
        mean(scores), mean(short), mean([float(score < 0.5) for score in scores]),
        len(seconds) / max(sum(seconds), 1e-9), seconds[int(0.99 * (len(seconds) - 1))], run.megabytes,
    )  # fmt: skip
    return f"{title:20}{run.extractor:>22}" + "".join(_number(value) for value in values)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument(
        "--set", action="append", choices=(*ARTICLE_SETS, *LISTING_SETS), help="only this one; may repeat"
    )
    parser.add_argument(
        "--worst", type=int, default=0, help="name the pages that scored lowest, so many of each set"
    )
    parser.add_argument(
        "--peers-python", type=Path, help="interpreter that has the peers; they run beside ours"
    )
    options = parser.parse_args(arguments)
    if options.peers_python:
        names = [name for name in options.set or BODY_SETS if name in BODY_SETS]
        try:
            sys.stdout.write(beside_peers(options.corpus, names, options.peers_python) + "\n\n")
        except NoPeers as lack:
            sys.stdout.write(f"The peers are left out. {lack}\n\n")
    tallies = measure(options.corpus, options.set or (*ARTICLE_SETS, *LISTING_SETS))
    sys.stdout.write(table(tallies) + "\n")
    for tally in tallies if options.worst else ():
        worst = "  ".join(f"{score:.2f} {name}" for score, name in sorted(tally.pages)[: options.worst])
        sys.stdout.write(f"{tally.name}: {worst}\n")


if __name__ == "__main__":
    main()
