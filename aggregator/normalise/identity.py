"""What makes an article itself, and what makes it another revision."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise

from aggregator.text.html import single_spaced
from storage.model import Article, Enclosure

#: Base 32 (RFC 4648) in small letters, two of them for ten bits.
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [one + other for one in _LETTERS for other in _LETTERS]

_COUNT = r"\d[\d,.]*\s*[kKmM万萬]?"
_COUNTED = (
    "评论 評論 阅读 閱讀 浏览 瀏覽 点击 點擊 点赞 點讚 跟贴 跟帖 回复 回覆 参与 參與 人气 人氣 热度".split()
)
_COUNTED_EN = "comment view read like share replies reaction vote point".split()
#: Counters that move while the article stands still (comments, readers, likes): no revision.
_COUNTERS = re.compile(
    rf"{_COUNT}\+?\s*(?:comments?|views?|reads?|likes?|shares?|replies|reactions?|votes?|points?)\b"
    rf"|{_COUNT}\s*[条則则次人个個]?\s*(?:{'|'.join(_COUNTED)})"
    rf"|(?:{'|'.join(_COUNTED)})[次]?[数數量]?\s*[:：(（]?\s*{_COUNT}"
    rf"|\b(?:comments?|views?|reads?|likes?|shares?)\s*[:(]\s*{_COUNT}",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d[\d,.]*")
_WORDS = (*_COUNTED, *_COUNTED_EN)
#: Characters between which and its number a counter's words stand, white space folded; the longest need 13.
_NEAR = 16
#: Picture addresses that are signed anew at every request differ in their query alone.
_SIGNATURE = re.compile(r'(<img src="[^"?]*)\?[^"]*')


def mint_uid(source_id: str, identity: str) -> str:
    """26 characters of [a-z2-7], the same for the same source and identity (128 bits of BLAKE2b)."""
    digest = blake2b(f"{source_id}\0{identity}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
    bits = int.from_bytes(digest, "big") << 2  # 130, as many as 26 letters tell
    return "".join([_PAIRS[bits >> at & 1023] for at in range(120, -1, -10)])


def identity_of(guid: str, canonical_url: str, title: str, published: datetime | None, text: str) -> str:
    """What the source knows an article by: guid, else address, else title and date, else title and text."""
    return guid or canonical_url or f"{title}\n{published.isoformat() if published else text}"


def content_hash(article: Article) -> str:
    """``hash_of`` what a reader sees of the article."""
    return hash_of(
        article.title, article.html, article.authors, article.image, article.url, article.enclosures
    )


def hash_of(
    title: str,
    html: str,
    authors: Iterable[str],
    image: str | None,
    url: str,
    enclosures: Iterable[Enclosure],
) -> str:
    """32 hexadecimal digits over what a reader sees; dates, counters and pictures' queries are left out."""
    body = _standing(_SIGNATURE.sub(r"\1", single_spaced(html)))
    seen = (title, body, *authors, (image or "").partition("?")[0], url)
    return _digest((*seen, *[enclosure.url for enclosure in enclosures]))


def _standing(body: str) -> str:
    """The body with its counters blanked. Most bodies have none, which is quickly found: a counter has a number."""
    between = _NUMBER.split(body)
    near = [text if len(text) <= 2 * _NEAR else f"{text[:_NEAR]}\n{text[-_NEAR:]}" for text in between]
    lower = "\n".join(near).lower()
    words = [word for word in _WORDS if word in lower]
    return _COUNTERS.sub("#", body) if words and _counts(between, words) else body


def _counts(between: list[str], words: list[str]) -> bool:
    """Whether one of the words stands between these texts, which numbers part, so that it counts something."""
    numbers = (f"{before[-_NEAR:]}0{after[:_NEAR]}" for before, after in pairwise(between))
    return any(
        any(word in number.lower() for word in words) and _COUNTERS.search(number) for number in numbers
    )


def _digest(parts: Iterable[str]) -> str:
    """Parts are told apart by a character that clean text never holds."""
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
