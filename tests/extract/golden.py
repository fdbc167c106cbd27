"""The pages of this suite and what must come out of them.

``pages/x.html`` is an input, ``pages/x.expected.json`` its ``why``, its ``url`` and the fields that it is about. After a wanted
change: ``python -m tests.extract.golden`` writes the fields again; read the diff.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.extract import Extracted, extract_article

PAGES = Path(__file__).parent / "pages"
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=ZONE)


def cases() -> list[str]:
    return sorted(path.name.removesuffix(".expected.json") for path in PAGES.glob("*.expected.json"))


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAGES / f"{name}.expected.json").read_text(encoding="utf-8"))
    return found


def extracted(name: str) -> Extracted:
    case = expected(name)
    zone = ZoneInfo(case["zone"]) if "zone" in case else ZONE
    html = (PAGES / f"{name}.html").read_bytes()
    return extract_article(html, case["url"], content_type=case.get("content_type"), zone=zone, now=NOW)


def fields(result: Extracted) -> dict[str, Any]:
    """The result as JSON has it."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(result), default=lambda value: value.isoformat()))
    return plain


def rewrite() -> None:
    for name in cases():
        case = expected(name)
        case["expect"] = {key: fields(extracted(name))[key] for key in case["expect"]}
        text = json.dumps(case, ensure_ascii=False, indent=2)
        (PAGES / f"{name}.expected.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    rewrite()
