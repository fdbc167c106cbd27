"""Other articles than the labelled pairs: the bodies of pages that were annotated by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from tests.benchmarks.dedup.measure import LONG_AGO, Piece

_SETS = {"zh": ("zh-portals", "zh-essays-and-news", "zh-mixed"), "en": ("articles",)}
#: Shorter ones are no articles; of longer ones so much is taken, as news are.
_LEAST, _MOST = {"zh": 150, "en": 500}, {"zh": 1_500, "en": 4_500}


def pieces(corpus: Path, lang: str) -> list[Piece]:
    found: dict[str, Piece] = {}
    for name in _SETS[lang]:
        with gzip.open(corpus / "pages" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                text = _cut((row["gold"].get("body") or "").strip(), _MOST[lang])
                if len(text) < _LEAST[lang] or not _is_of(text, lang) or text[:60] in found:
                    continue
                found[text[:60]] = Piece(
                    uid=f"{name}/{row['id']}",
                    source="first",
                    title=(row["gold"].get("title") or "").strip(),
                    text=text,
                    published=LONG_AGO,
                    first_seen=LONG_AGO,
                )
    return list(found.values())


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    end = max(text.rfind(mark, 0, most) for mark in "。.\n")
    return text[: end + 1 if end > 0 else most]


def _is_of(text: str, lang: str) -> bool:
    han = sum("\u4e00" <= sign <= "\u9fff" for sign in text) / len(text)
    words = f" {text.casefold()} "
    return han > 0.4 if lang == "zh" else han == 0 and words.count(" the ") > len(words) / 400
