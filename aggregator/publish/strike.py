"""Takes entries out of a finished document: an archive is never built again, only what was withdrawn is struck."""

from __future__ import annotations

import json
from collections.abc import Collection

from lxml import etree

from aggregator.publish import markup
from aggregator.publish.heads import FeedForm

_ENTRIES: dict[FeedForm, tuple[str, str]] = {
    "rss": ("item", "guid"),
    "atom": (f"{{{markup.ATOM}}}entry", f"{{{markup.ATOM}}}id"),
}


def strike(form: FeedForm, body: bytes, ids: Collection[str]) -> bytes:
    """The document without the entries of these ids; the very same bytes where it has none of them."""
    if not any(id.encode() in body for id in ids):
        return body
    if form == "json":
        return _strike_json(body, ids)
    entry, name = _ENTRIES[form]
    root = etree.fromstring(body)
    for one in list(root.iter(entry)):
        if one.findtext(name) in ids and (parent := one.getparent()) is not None:
            parent.remove(one)
    struck: bytes = etree.tostring(root, encoding="utf-8")
    return markup.DECLARATION + struck + b"\n"


def _strike_json(body: bytes, ids: Collection[str]) -> bytes:
    feed = json.loads(body)
    feed["items"] = [item for item in feed["items"] if item["id"] not in ids]
    return json.dumps(feed, ensure_ascii=False).encode() + b"\n"
