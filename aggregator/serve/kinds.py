"""What kinds of files are published, and the headers each is served with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aggregator.text.mediatypes import FEED_TYPES

_MINUTES, _DAY = "max-age=300", "max-age=86400"

#: Of scripts only our own two files are run (other types are none, which nosniff says), and these ask only us;
#: pictures and recordings come from wherever the articles have them.
PAGE_POLICY = (
    "default-src 'none'; img-src * data:; media-src *; style-src 'self'; font-src 'self'; script-src 'self'; "
    "connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
#: Documents that a browser may render: nothing in them is ever run.
DOCUMENT_POLICY = "default-src 'none'; style-src 'self'; img-src * data:; frame-ancestors 'none'; sandbox"

COMMON_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    # Besides the reader's privacy: many picture hosts refuse readers that come from other sites.
    "Referrer-Policy": "no-referrer",
}


#: As ASGI sends them: names in lower case.
Fields = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """How files of one suffix are served."""

    type: str  #: Content-Type
    cache: str = _DAY
    policy: str = DOCUMENT_POLICY
    shared: bool = False  #: pages of other sites may read it (CORS)
    compressible: bool = True
    fields: Fields = field(init=False, repr=False, compare=False)  #: what all that it says comes to

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", tuple(_fields(self)))


def _fields(kind: FileKind) -> list[tuple[bytes, bytes]]:
    named = {**COMMON_HEADERS, "Content-Security-Policy": kind.policy, "Cache-Control": kind.cache}
    if kind.compressible:
        named["Vary"] = "Accept-Encoding"
    if kind.shared:
        named |= {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "ETag, Last-Modified, Link",
        }
    return [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in named.items()]


def _feed(full_type: str) -> FileKind:
    return FileKind(type=full_type, cache=_MINUTES, shared=True)


def _binary(media_type: str) -> FileKind:
    return FileKind(type=media_type, compressible=False)


UNKNOWN = _binary("application/octet-stream")

KINDS: Mapping[str, FileKind] = {
    ".html": FileKind(type="text/html; charset=utf-8", cache=_MINUTES, policy=PAGE_POLICY),
    **{ending: _feed(full_type) for ending, full_type in FEED_TYPES.items()},
    ".opml": _feed("text/x-opml; charset=utf-8"),
    ".xml": _feed("application/xml; charset=utf-8"),
    ".txt": FileKind(type="text/plain; charset=utf-8", cache=_MINUTES),
    ".css": FileKind(type="text/css; charset=utf-8"),
    ".js": FileKind(type="text/javascript; charset=utf-8"),
    ".webmanifest": FileKind(type="application/manifest+json; charset=utf-8"),
    ".svg": FileKind(type="image/svg+xml; charset=utf-8"),
    ".ico": _binary("image/x-icon"),
    ".png": _binary("image/png"),
    ".jpg": _binary("image/jpeg"),
    ".jpeg": _binary("image/jpeg"),
    ".gif": _binary("image/gif"),
    ".webp": _binary("image/webp"),
    ".avif": _binary("image/avif"),
    ".woff2": _binary("font/woff2"),
    ".gz": _binary("application/gzip"),
}


def kind_of(name: str) -> FileKind:
    """By the ending of a path's last part."""
    stem, dot, ending = name.rpartition("/")[2].rpartition(".")
    return KINDS.get(f"{dot}{ending.lower()}", UNKNOWN) if stem else UNKNOWN
