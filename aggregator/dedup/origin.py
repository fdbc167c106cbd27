"""Which outlet an article says it has its text from. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from aggregator.text.fold import fold, simplified
from aggregator.text.urls import canonical_url
from storage.model import Article
from storage.search import nfkc

#: A name has so many letters at least: 网 or "AP" begins too many others.
LEAST_HAN, LEAST_LATIN = 2, 3
#: Characters at the beginning and at the end of a text in which an origin is named.
HEAD, TAIL = 80, 160

_HAN = re.compile("[\u3400-\u9fff]")
#: What stands before the name, and what after it; simplified characters, lower case.
_BEFORE = (
    r"来源|来自|转载自|转自|摘自|稿源|原载|首发|据|"
    r"source|via|by|from|credit|appeared (?:first )?(?:on|in|at)|published (?:on|in|at|by)"
)
_AFTER = r"[^。.,，;；]{0,16}?[0-9日)）]?(?:电|讯)|(?:网|社|报)?(?:记者|报道|消息|独家)|\s*[)）]\s*[-–—]"
_PLAIN = re.compile(r"\s+")


class Credits:
    """What one article says of where it was taken from."""

    def __init__(self, article: Article) -> None:
        self._origin = article.origin or ""
        self._site = site_of_page(f"http://{self._origin}") if "." in self._origin else ""
        self._edges = _edges(article.text)

    def name(self, names: Collection[str], sites: Collection[str] = ()) -> bool:
        """Whether an outlet of one of these names, or at one of these sites, is what it was taken from."""
        if self._origin and any(same_outlet(self._origin, name) for name in names):
            return True
        return self._site in sites or any(_is_credited(name, self._edges) for name in names)


def same_outlet(one: str, other: str) -> bool:
    """新华社 and 新华社客户端: one name, or one with more behind it."""
    short, long = sorted((fold(one), fold(other)), key=len)
    return _is_telling(short) and long.startswith(short)


def site_of_page(url: str) -> str:
    """Host and port of an address, as origins are compared by it: without what names a device; "" for none."""
    return re.split("[/?#]", canonical_url(url), maxsplit=1)[0]


def _is_telling(folded: str) -> bool:
    return len(folded) >= (LEAST_HAN if _HAN.search(folded) else LEAST_LATIN)


def _edges(text: str) -> str:
    """Where a text says who wrote it: its beginning and its end, written plainly."""
    ends = text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n{text[-TAIL:]}"
    return simplified(nfkc(ends).lower())


def _is_credited(name: str, edges: str) -> bool:
    plain = _PLAIN.sub(" ", simplified(nfkc(name).lower())).strip()
    if not _is_telling(fold(plain)) or plain not in edges:
        return False
    called = re.escape(plain)
    latin = "" if _HAN.search(plain) else r"\b"
    before = rf"(?:{_BEFORE})[\s:：(（「“\"《]{{0,3}}(?:the )?{latin}{called}{latin}"
    return re.search(rf"{before}|{latin}{called}{latin}(?:{_AFTER})", edges) is not None
