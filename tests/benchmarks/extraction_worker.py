"""One extractor over sets of the corpus, in a process of its own: a JSON line a page, then one for the process.

A script by itself, since the peers live in another interpreter: ``python extraction_worker.py NAME DIR SET…``. It
imports the standard library and what the named extractor needs. Seconds are CPU of this process.
"""

from __future__ import annotations

import base64
import gzip
import json
import logging
import resource
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Extractor = Callable[[bytes, str], str]


def ours() -> Extractor:
    from aggregator.extract import extract_article

    return lambda html, url: extract_article(html, url).text


def trafilatura(**options: bool) -> Extractor:
    from trafilatura import bare_extraction  # type: ignore[import-not-found,unused-ignore]

    def extract(html: bytes, url: str) -> str:
        found = bare_extraction(html, url=url, with_metadata=True, **options)
        return str(found.text or "") if found else ""

    return extract


def readability() -> Extractor:
    from lxml.html import fromstring  # type: ignore[import-untyped,unused-ignore]
    from readability import Document  # type: ignore[import-not-found,unused-ignore]
    from trafilatura.utils import decode_file  # type: ignore[import-not-found,unused-ignore]

    def extract(html: bytes, url: str) -> str:
        document = Document(decode_file(html), url=url)
        document.short_title()
        return "".join(map(str, fromstring(document.summary()).itertext()))

    return extract


def newspaper() -> Extractor:
    from newspaper import Article  # type: ignore[import-not-found,unused-ignore]
    from trafilatura.utils import decode_file

    def extract(html: bytes, url: str) -> str:
        text = decode_file(html)
        chinese = sum("\u4e00" <= sign <= "\u9fff" for sign in text) > 200
        article = Article(url, language="zh" if chinese else "en", fetch_images=False)
        article.download(input_html=text)
        article.parse()
        return str(article.text)

    return extract


#: Name on the command line, and how the extractor is made.
EXTRACTORS: dict[str, Callable[[], Extractor]] = {
    "ours": ours,
    "trafilatura": trafilatura,
    "trafilatura-precision": lambda: trafilatura(favor_precision=True),
    "readability-lxml": readability,
    "newspaper4k": newspaper,
}


def pages(corpus: Path, name: str) -> Iterator[tuple[str, str, bytes]]:
    with gzip.open(corpus / "pages" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["id"], row["url"], base64.b64decode(row["html_base64"])


def run(extract: Extractor, html: bytes, url: str) -> tuple[str, float]:
    """The text and the CPU seconds; an extractor that raises has found nothing."""
    begin = time.process_time()
    try:
        text = extract(html, url)
    except Exception:
        text = ""
    return text, time.process_time() - begin


def main(extractor: str, corpus: str, *names: str) -> None:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    extract = EXTRACTORS[extractor]()
    for name in names:
        for page, url, html in pages(Path(corpus), name):
            text, seconds = run(extract, html, url)
            _write({"set": name, "id": page, "text": text, "seconds": seconds})
    _write({"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024})


def _write(row: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
