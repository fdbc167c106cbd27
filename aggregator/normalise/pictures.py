"""Pictures: the address of a lazily loaded one, trackers told apart, the lead picture of an article."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

#: Where pages keep the address of a picture that a script would load later; the first that is given counts.
LAZY = (
    "data-original",
    "data-src",
    "data-lazy-src",
    "data-actualsrc",  # zhihu
    "data-original-src",
    "data-lazyload",
    "data-lazy",
    "data-ks-lazyload",  # taobao, kissy
    "data-backsrc",
    "data-echo",
    "data-url",
    "data-img",
    "data-image",
    "data-full-src",
    "data-hi-res-src",
    "data-orig-file",  # WordPress
    "data-runner-src",
    "ess-data",  # eastmoney
    "zoomfile",  # Discuz!
    "file",  # Discuz!
    "original",
    "_src",
    "lazy-src",
    "lazysrc",
)
LAZY_SETS = ("data-srcset", "data-lazy-srcset")
_ANY_LAZY = frozenset((*LAZY, *LAZY_SETS))

#: Addresses of pictures that nobody is meant to see: pixels that count readers.
_TRACKER_HOST = re.compile(
    r"""https?://(?:[^/]+\.)?(?:
        feedburner\.com/~[r4]/ | feedsportal\.com/ | feedblitz\.com/ | rss-tracker\.
      | pixel\.wp\.com/ | stats\.wordpress\.com/ | feeds\.wordpress\.com/1\.0/
      | doubleclick\.net/ | google-analytics\.com/ | googletagmanager\.com/ | bat\.bing\.com/
      | facebook\.com/tr\b | scorecardresearch\.com/ | quantserve\.com/ | mf\.gigya\.com/
      | hm\.baidu\.com/ | cnzz\.com/
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# Patterns that are looked for in every picture's address begin with what stands in few places, to be tried there alone.
_TRACKER_FILE = re.compile(
    r"/(?:pixel|beacon|tracker|tracking|counter|count|stat)\.(?:gif|png|php|aspx?)(?:$|[?#])", re.IGNORECASE
)
_NO_FILE = re.compile(r"(?:data|about|blob):", re.IGNORECASE)
#: This and the next are looked for in an address with a slash before it.
_PLACEHOLDER = re.compile(
    r"[/_-](?:blank|spacer|transparent|placeholder|loading|lazy(?:load)?|grey|gray|nopic|1x1|s|t|x)"
    r"\.(?:gif|png|svg|webp|jpe?g)(?:$|[?#])",
    re.IGNORECASE,
)
_ORNAMENT = re.compile(
    r"[/_.-](?:icons?|logos?|avatars?|emoji|emoticons?|smil(?:ey|ies)|faces?|buttons?|share|qrcode|badge|arrow|bullet"
    r"|spacer|sprite)(?:$|[/_.-])",
    re.IGNORECASE,
)
_CANDIDATE = re.compile(r"([^\s,]\S*[^\s,]|[^\s,])(?:\s+(\d+(?:\.\d+)?)[wxh])?\s*(?:,|$)")
_PIXELS = re.compile(r"\s*(\d{1,6})(?:\.\d+)?\s*(?:px)?\s*$")
#: Pixels; what is narrower or lower is an ornament.
SMALLEST_LEAD = 100


def sources_of(attributes: Mapping[str, str], lazy: bool, beside: str = "") -> Iterator[str]:
    """The addresses a picture may be shown from, as written, the likeliest first.

    ``beside`` is what a ``<source>`` beside it offers, for a picture that holds a placeholder only.
    """
    src = attributes.get("src", "").strip()
    if lazy:
        if not _ANY_LAZY.isdisjoint(attributes):
            yield from (attributes[name] for name in LAZY if name in attributes and _shows(attributes[name]))
            yield from (_largest(attributes[name]) for name in LAZY_SETS if name in attributes)
        if not src or _holds_a_place(src):
            yield from (_largest(attributes.get("srcset", "")), beside)
    yield src


def offered(attributes: Mapping[str, str]) -> str:
    """The largest picture of a ``<source>``."""
    return _largest(attributes.get("srcset", "")) or _largest(attributes.get("data-srcset", ""))


def is_tracker(url: str, attributes: Mapping[str, str]) -> bool:
    """Whether a picture is there to count readers: a pixel or less, or of a known counting address."""
    return _least(attributes, 2) < 2 or bool(_TRACKER_HOST.match(url) or _TRACKER_FILE.search(url))


def may_lead(url: str, attributes: Mapping[str, str]) -> bool:
    """Whether a picture is large enough, as far as is known, to stand for its article."""
    if _least(attributes, SMALLEST_LEAD) < SMALLEST_LEAD:
        return False
    return not (_ORNAMENT.search(f"/{url}") or "gravatar.com/" in url.lower())


def _holds_a_place(src: str) -> bool:
    """Whether a picture shows nothing until a script puts another in its place."""
    return bool(_NO_FILE.match(src) or _PLACEHOLDER.search(f"/{src}"))


def _shows(address: str) -> bool:
    """Whether a lazy attribute holds an address: some hold "true", a number, or a script's settings."""
    address = address.strip()
    return (
        len(address) > 4
        and ("/" in address or "." in address)
        and not address.startswith(("{", "[", "data:"))
    )


def _largest(srcset: str) -> str:
    """The candidate of the greatest width or density (HTML §4.8.4.2.2); "" without any."""
    candidates = [(float(size or 1), url) for url, size in _CANDIDATE.findall(srcset[:10_000])]
    candidates = [(size, url) for size, url in candidates if not url.startswith("data:")]
    return max(candidates, key=lambda candidate: candidate[0])[1] if candidates else ""


def _least(attributes: Mapping[str, str], default: int) -> int:
    """The lesser of width and height in pixels; what is not said counts as the default."""
    return min(_pixels(attributes.get("width"), default), _pixels(attributes.get("height"), default))


def _pixels(size: str | None, default: int) -> int:
    match = _PIXELS.match(size) if size else None
    return int(match[1]) if match else default
