"""What kinds of files are published, and the headers each is served with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

_MINUTES, _DAY = "max-age=300", "max-age=86400"

#: Pages bring no script and ask for none; pictures and recordings come from wherever the articles have them.
PAGE_POLICY = (
    "default-src 'none'; img-src * data:; media-src *; style-src 'self'; font-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
#: Documents that a browser may render: nothing in them is ever run.
DOCUMENT_POLICY = "default-src 'none'; style-src 'self'; img-src * data:; frame-ancestors 'none'; sandbox"

COMMON_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    # Besides the reader's privacy: many picture hosts refuse readers that come from other sites.
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """How files of one suffix are served."""

    type: str  #: Content-Type
    cache: str = _DAY
    policy: str = DOCUMENT_POLICY
    shared: bool = False  #: pages of other sites may read it (CORS)
    compressible: bool = True


def _feed(media_type: str) -> FileKind:
    return FileKind(type=f"{media_type}; charset=utf-8", cache=_MINUTES, shared=True)


def _binary(media_type: str) -> FileKind:
    return FileKind(type=media_type, compressible=False)


UNKNOWN = _binary("application/octet-stream")

KINDS: Mapping[str, FileKind] = {
    ".html": FileKind(type="text/html; charset=utf-8", cache=_MINUTES, policy=PAGE_POLICY),
    ".rss": _feed("application/rss+xml"),
    ".atom": _feed("application/atom+xml"),
    ".json": _feed("application/feed+json"),
    ".opml": _feed("text/x-opml"),
    ".xml": _feed("application/xml"),
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
    return KINDS.get(PurePath(name).suffix.lower(), UNKNOWN)
