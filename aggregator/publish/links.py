"""Addresses and ids as they are printed: only http(s), only what RFC 3986 allows, no credentials."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

from aggregator.text.mediatypes import plain_media_type
from aggregator.text.urls import shown_url
from storage.model import Article, Enclosure

_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]")
_PATH_SAFE = "/%:@!$&'()*+,;=~"
_QUERY_SAFE = _PATH_SAFE + "?"
_LONGEST = 4096

#: Media type by the end of the name. Python's own table differs from machine to machine, and bytes with it.
MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "svg": "image/svg+xml",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "webm": "video/webm",
    "mov": "video/quicktime",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "epub": "application/epub+zip",
}
UNKNOWN_MEDIA = "application/octet-stream"


def entry_id(uid: str, authority: str, feed: str = "") -> str:
    """The id of the article, for good: no host, section or source is in it that could move.

    With ``feed`` it is that of the article in this feed alone (``output.entry_ids: per_section``).
    """
    return f"tag:{authority}:{uid}:{feed}" if feed else f"tag:{authority}:{uid}"


def section_tag(authority: str, section_id: str) -> str:
    return f"tag:{authority}:section:{section_id}"


def section_scheme(authority: str) -> str:
    """The scheme of categories that are sections of ours."""
    return f"tag:{authority}:sections"


def public_url(url: str) -> str:
    """The address as it may be printed, "" when it is none: http(s), ASCII, without user and password."""
    url = url.strip()
    if not url or len(url) > _LONGEST or _UNPRINTABLE.search(url):
        return ""
    try:
        parts = urlsplit(url)
        host = _host(parts.hostname or "")
        port = f":{parts.port}" if parts.port is not None else ""
    except (ValueError, UnicodeError):
        return ""
    if parts.scheme not in ("http", "https") or not host or "\\" in parts.netloc:
        return ""  # a backslash ends the host for browsers, and does not for others
    path = quote(parts.path or "/", safe=_PATH_SAFE)
    query, fragment = quote(parts.query, safe=_QUERY_SAFE), quote(parts.fragment, safe=_QUERY_SAFE)
    return urlunsplit((parts.scheme, host + port, path, query, fragment))


def source_address(url: str) -> str:
    """The address of a source as it may be printed: its query stays with us, it may be what opens the feed."""
    return public_url(shown_url(url))


def _host(name: str) -> str:
    if ":" in name:
        return f"[{name}]"
    ascii_name = name if name.isascii() else name.encode("idna").decode("ascii")
    return ascii_name if re.fullmatch(r"[A-Za-z0-9._-]+", ascii_name) else ""


def media_type(url: str, said: str | None = None) -> str | None:
    """The media type as the source says, when that is one, else by the end of the address, else None."""
    by_name = MEDIA_TYPES.get(url.split("?")[0].split("#")[0].rpartition(".")[2].lower())
    return plain_media_type(said) or by_name


def enclosures(article: Article) -> list[Enclosure]:
    """The files of an article, printable, each once, with a media type; recordings come first."""
    files: dict[str, Enclosure] = {}
    for file in article.enclosures:
        url = public_url(file.url)
        if url:
            kind = media_type(url, file.type) or UNKNOWN_MEDIA
            length = file.length if file.length is not None and file.length >= 0 else None
            files.setdefault(url, Enclosure(url=url, type=kind, length=length))
    return sorted(files.values(), key=lambda file: not (file.type or "").startswith(("audio/", "video/")))
