"""Pairs of articles, labelled copy or not, and how they are decided.

Pairwise: each pair alone. Streaming: all first articles of the pairs together in one memory, then every second one.
"""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.dedup import Decision, Deduplicator

#: Of no site, but such as sites have.
FOOTER = {
    "zh": "本站所刊登的各种新闻、信息和专题资料，均为本站版权所有，未经书面协议授权禁止下载使用。凡注明来源为其他媒体的稿件，"
    "均转载自其他媒体，转载目的在于传递更多信息，并不代表本站赞同其观点和对其真实性负责。如其他媒体、网站或个人从本站下载使用，"
    "必须保留本站注明的稿件来源，并自负法律责任。如对稿件内容有疑问，或发现作品侵犯了您的合法权益，请在作品发表之日起一个月内"
    "与本站联系，我们将及时予以更正或者删除。投诉电话零一零一二三四五六七八，信箱在页面下方，办公时间为周一至周五。",
    "en": "This publication follows a code of conduct that is supervised by an independent body of readers and editors. "
    "If you believe that something in this report is not correct, please write to the desk that is named on our contact page; "
    "we answer every letter. Reports by agencies are marked as such and do not always reflect the view of our newsroom. "
    "Our journalism is paid for by those who read it: members receive the weekend edition, the archive and our letters from "
    "the regions, and may take part in the meetings at which the next season is planned. Membership may be ended at any time.",
}
SHORT = {"zh": 110, "en": 260}
LONG_AGO = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An article as the deduplicator asks for it."""

    uid: str
    source: str
    title: str
    text: str
    published: datetime
    first_seen: datetime
    guid: str = ""
    url: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    kind: str
    lang: str
    copy: bool
    one: Piece
    other: Piece


@dataclass(slots=True, kw_only=True)
class Tally:
    """How many of each kind of pair, by language and kind, were merged, were merged with something else, and of how many."""

    name: str
    merged: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: Counter[tuple[str, str]] = field(default_factory=Counter)
    related: Counter[tuple[str, str]] = field(default_factory=Counter)
    total: Counter[tuple[str, str]] = field(default_factory=Counter)
    copies: set[tuple[str, str]] = field(default_factory=set)
    missed: list[str] = field(default_factory=list)
    milliseconds: float = 0.0  #: CPU an article

    def share(self, key: tuple[str, str]) -> float:
        return self.merged[key] / self.total[key]

    def macro_recall(self, lang: str) -> float:
        kinds = [self.share(key) for key in self.copies if key[0] == lang]
        return sum(kinds) / len(kinds) if kinds else 1.0

    def least_recall(self) -> float:
        return min((self.share(key) for key in self.copies), default=1.0)

    def false_merges(self, kinds: Iterable[str] | None = None) -> int:
        return sum(
            self.merged[key]
            for key in self.total
            if key not in self.copies and (kinds is None or key[1] in kinds)
        )

    def look_alikes(self) -> int:
        return sum(count for key, count in self.total.items() if key not in self.copies)


def pairs(corpus: Path, half: int | None = None) -> list[Pair]:
    """``half`` 0 or 1: every other pair only, those of one first article together."""
    with gzip.open(corpus / "dedup" / "pairs.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    halves = {name: at % 2 for at, name in enumerate(sorted({row["a"]["id"] for row in rows}))}
    return [
        Pair(
            kind=row["kind"],
            lang=row["lang"],
            copy=bool(row["label"]),
            one=_piece(row["a"], "first"),
            other=replace(_piece(row["b"], "second"), uid=f"{at}/{row['b']['id']}"),
        )
        for at, row in enumerate(rows)
        if half is None or halves[row["a"]["id"]] == half
    ]


def rewrites(corpus: Path) -> list[Pair]:
    with (corpus / "dedup" / "rewrites.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Pair(
            kind=kind,
            lang=row["lang"],
            copy=kind == "rewrite",
            one=_piece({**row["original"], "id": row["id"], "date": "2026-01-01"}, "first"),
            other=_piece({**row[kind], "id": f"{row['id']}-{kind}", "date": "2026-01-01"}, "second"),
        )
        for row in rows
        for kind in ("rewrite", "other")
    ]


def footers(found: Sequence[Pair], between: str = "\n") -> dict[str, list[Piece]]:
    """By language: beginnings of unrelated articles, all of one source with one footer."""
    pieces = {pair.one.title: (pair.lang, pair.one) for pair in found if pair.copy}
    made: dict[str, list[Piece]] = defaultdict(list)
    for lang, piece in pieces.values():
        short = piece.text.replace("\n", "")[: SHORT[lang]]
        made[lang].append(replace(piece, source="site", text=f"{short}{between}{FOOTER[lang]}"))
    return made


def _piece(row: Mapping[str, Any], source: str) -> Piece:
    when = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
    return Piece(
        uid=row["id"],
        source=source,
        title=row["title"],
        text="\n".join(row["paras"]),
        published=when,
        first_seen=when,
    )


def pairwise(
    found: Sequence[Pair], name: str = "pairwise", make: Callable[[], Deduplicator] = Deduplicator
) -> Tally:
    tally, begin = Tally(name=name), time.process_time()
    for pair in found:
        known = make()
        known.add([pair.one])
        [decision] = known.add([pair.other])
        _score(tally, pair, decision, pair.one.uid)
    tally.milliseconds = 1000 * (time.process_time() - begin) / (2 * len(found))
    return tally


def streaming(
    found: Sequence[Pair], name: str = "streaming", make: Callable[[], Deduplicator] = Deduplicator
) -> Tally:
    known, tally, begin = make(), Tally(name=name), time.process_time()
    printed: dict[str, str] = {}
    for piece in {pair.one.uid: pair.one for pair in found}.values():
        [decision] = known.add([piece])
        printed[piece.uid] = decision.of or piece.uid
    for pair in found:
        [decision] = known.add([pair.other])
        _score(tally, pair, decision, printed[pair.one.uid])
    tally.milliseconds = 1000 * (time.process_time() - begin) / (len(found) + len(printed))
    return tally


def backwards(found: Sequence[Pair], name: str = "copies first") -> Tally:
    """All copies before all originals. What a decision said may have been overtaken by a later one."""
    known, tally, begin = Deduplicator(), Tally(name=name), time.process_time()
    for pair in found:
        known.add([pair.other])
    for piece in {pair.one.uid: pair.one for pair in found}.values():
        known.add([piece])
    for pair in found:
        key = pair.lang, pair.kind
        tally.total[key] += 1
        if pair.copy:
            tally.copies.add(key)
        if known.printed(pair.one.uid) == known.printed(pair.other.uid):
            tally.merged[key] += 1
        if (known.printed(pair.one.uid) == known.printed(pair.other.uid)) != pair.copy:
            tally.missed.append(f"{pair.lang} {pair.kind} {pair.one.uid} {pair.other.uid}")
    tally.milliseconds = 1000 * (time.process_time() - begin) / (len(found) + len({p.one.uid for p in found}))
    return tally


def _score(tally: Tally, pair: Pair, decision: Decision, expected: str) -> None:
    key = pair.lang, pair.kind
    tally.total[key] += 1
    if pair.copy:
        tally.copies.add(key)
    tally.merged[key] += decision.of == expected
    # Two second articles of look-alikes may be copies of each other: that is no fault here.
    tally.wrong[key] += decision.of is not None and decision.of != expected and "/" not in decision.of
    tally.related[key] += decision.related == expected
    if (decision.of == expected) != pair.copy or (decision.of and decision.of != expected):
        tally.missed.append(f"{pair.lang} {pair.kind} {pair.one.uid} {pair.other.uid}: {decision}")


def false_merges_among(pieces: Sequence[Piece]) -> int:
    """In one stream of articles of which none is a copy."""
    known = Deduplicator()
    return sum(known.add([piece])[0].verdict != "new" for piece in pieces)


def table(tallies: Sequence[Tally]) -> str:
    return "\n".join(_lines(tallies))


def _lines(tallies: Sequence[Tally]) -> Iterator[str]:
    yield f"{'merged (with another article) related':42}" + "".join(f"{tally.name:>22}" for tally in tallies)
    for key in sorted(tallies[0].total, key=lambda key: (key not in tallies[0].copies, key)):
        cells = "".join(
            f"{tally.share(key):10.3f} ({tally.wrong[key]:2}) {tally.related[key] / tally.total[key]:5.2f} "
            for tally in tallies
        )
        yield f"{key[0]} {key[1]:34}{tallies[0].total[key]:5}{cells}"
    figures: tuple[tuple[str, Callable[[Tally], str]], ...] = (
        ("macro recall zh", lambda tally: f"{tally.macro_recall('zh'):.4f}"),
        ("macro recall en", lambda tally: f"{tally.macro_recall('en'):.4f}"),
        ("least recall of a kind", lambda tally: f"{tally.least_recall():.3f}"),
        ("false merges", lambda tally: f"{tally.false_merges()} of {tally.look_alikes()}"),
        ("copies merged with another", lambda tally: str(sum(tally.wrong[key] for key in tally.copies))),
        ("CPU an article, ms", lambda tally: f"{tally.milliseconds:.2f}"),
    )
    for name, figure in figures:
        yield f"{name:42}" + "".join(f"{figure(tally):>22}" for tally in tallies)
