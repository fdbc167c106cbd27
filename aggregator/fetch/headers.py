"""Header fields, both ways: what is said of us, and what is read of theirs."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping

from aggregator.fetch.exchange import Kind, Request
from aggregator.fetch.plain import RawHeaders
from aggregator.fetch.target import Target
from storage.model import Validators

#: What we can read, the best first; HTML last, since a server that has both shall send the feed.
_ACCEPT: Mapping[Kind, bytes] = {
    "feed": b"application/atom+xml, application/rss+xml;q=0.9, application/rdf+xml;q=0.8, "
    b"application/feed+json;q=0.7, application/json;q=0.6, application/xml;q=0.5, text/xml;q=0.5, "
    b"*/*;q=0.2, text/html;q=0.1",
    "page": b"text/html, application/xhtml+xml, application/xml;q=0.5, */*;q=0.1",
    "picture": b"image/avif, image/webp, image/png, image/jpeg, image/gif, */*;q=0.1",
    "robots": b"text/plain, */*;q=0.1",
    "other": b"*/*",
}
#: Fields that have one value: of several the last counts. The others are lists, and joined (RFC 9110 §5.3).
_SINGLE = frozenset(
    (
        b"age",
        b"content-length",
        b"content-type",
        b"date",
        b"etag",
        b"expires",
        b"last-modified",
        b"location",
        b"retry-after",
    )
)
_UNREAD = frozenset((b"set-cookie", b"set-cookie2"))  # cookies are not kept, so nobody shall see them
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]+")
_BREAKING = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # a tab is one of the blanks (RFC 9110 §5.5)
#: Bytes of both validators. Many servers take 8 KiB for a whole head (Tomcat, Jetty) or a line of it (Apache, nginx): a
#: longer one would get the next request refused, and the rest of our head has few hundred.
_LONGEST_VALIDATORS = 7 * 1024


def request_headers(request: Request, target: Target, home: Target, user_agent: str) -> RawHeaders:
    """The fields of a request to ``target``, on the way from ``home``, where the caller sent us.

    Credentials go to the home origin only.
    """
    headers: RawHeaders = [
        (b"Host", target.netloc.encode("ascii")),
        (b"User-Agent", _safe(request.user_agent or user_agent)),
        (b"Accept", _ACCEPT[request.kind]),
        (b"Accept-Encoding", b"gzip"),
    ]
    if request.form is not None:
        headers.append((b"Content-Type", _safe(request.form_type)))
        headers.append((b"Content-Length", b"%d" % len(request.form)))
    headers += [(_safe(name), _safe(value)) for name, value in request.fields]
    if home.credentials is not None and target.origin == home.origin:
        headers.append((b"Authorization", b"Basic " + b64encode(b":".join(home.credentials))))
    return headers


def conditional_headers(validators: Validators, *, a_im: bool) -> RawHeaders:
    """Validators go back byte for byte: some servers compare nothing else."""
    headers: RawHeaders = []
    if validators.etag is not None:
        headers.append((b"If-None-Match", validators.etag))
    if validators.last_modified is not None:
        headers.append((b"If-Modified-Since", validators.last_modified))
    if headers and a_im:
        headers.append((b"A-IM", b"feed"))
    return headers


def usable(validators: Validators) -> Validators:
    """Without what cannot stand in a header field."""
    etag = _echoed(validators.etag, _LONGEST_VALIDATORS)
    return Validators(
        etag=etag, last_modified=_echoed(validators.last_modified, _LONGEST_VALIDATORS - len(etag or b""))
    )


def received_validators(raw: Iterable[tuple[bytes, bytes]]) -> Validators:
    found = {name.lower(): value for name, value in raw}
    return usable(Validators(etag=found.get(b"etag"), last_modified=found.get(b"last-modified")))


def merged(old: Validators, new: Validators) -> Validators:
    """A 304 may carry new validators; those that it does not name stand (RFC 9111 §4.3.4)."""
    return Validators(etag=new.etag or old.etag, last_modified=new.last_modified or old.last_modified)


def readable(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The fields as text without control characters; UTF-8 where it is that, else Latin-1."""
    values: dict[bytes, list[bytes]] = {}
    for name, value in raw:
        values.setdefault(name.lower(), []).append(value)
    return {
        text(name): text(many[-1] if name in _SINGLE else b", ".join(many))
        for name, many in values.items()
        if name not in _UNREAD
    }


def text(value: bytes) -> str:
    value = _CONTROL.sub(b" ", value).strip()
    try:
        decoded = value.decode("utf-8")
    except UnicodeDecodeError:
        decoded = value.decode("latin-1")
    return decoded if decoded.isprintable() else "".join(c if c.isprintable() else " " for c in decoded)


def _echoed(value: bytes | None, room: int) -> bytes | None:
    if not value or len(value) > room or value != value.strip() or _BREAKING.search(value):
        return None
    return value


def _safe(value: str) -> bytes:
    return _CONTROL.sub(b" ", value.encode("utf-8", "replace")).strip()
