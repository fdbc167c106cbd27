"""What makes an article itself, and what makes it another revision."""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Iterable
from hashlib import blake2b
from itertools import compress, pairwise

from aggregator.text.html import single_spaced
from storage.model import Article

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
    return b32encode(digest).decode("ascii").rstrip("=").lower()


def identity_of(article: Article) -> str:
    """What the source knows the article by: guid, else address, else title and date, else title and text."""
    if article.guid or article.canonical_url:
        return article.guid or article.canonical_url
    return f"{article.title}\n{article.published.isoformat() if article.published else article.text}"


def content_hash(article: Article) -> str:
    """32 hexadecimal digits over what a reader sees; dates, counters and pictures' queries are left out."""
    image = (article.image or "").partition("?")[0]
    body = _SIGNATURE.sub(r"\1", single_spaced(article.html))
    seen = (article.title, _standing(body), *article.authors, image, article.url)
    return _digest((*seen, *(enclosure.url for enclosure in article.enclosures)))


def _standing(body: str) -> str:
    """The body with its counters blanked. Most bodies have none, which is quickly found: a counter has a number."""
    between = _NUMBER.split(body)
    near = [f"{before[-_NEAR:]}0{after[:_NEAR]}" for before, after in pairwise(between)]
    lower = "\n".join(near).lower()  # the body is one line
    words = [word for word in _WORDS if word in lower]
    if not words:
        return body
    may_count = [any(word in text for word in words) for text in lower.split("\n")]
    counts = any(map(_COUNTERS.search, compress(near, may_count)))
    return _COUNTERS.sub("#", body) if counts else body


def _digest(parts: Iterable[str]) -> str:
    """Parts are told apart by a character that clean text never holds."""
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
