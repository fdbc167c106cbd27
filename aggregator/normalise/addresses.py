"""The addresses of an article: where it is to be read, and by which of them its copies are known."""

from __future__ import annotations

import re

from aggregator.item import Item
from aggregator.normalise.context import SourceContext
from aggregator.text.urls import absolute, canonical_url, host_of

MOST_CHARACTERS = 4000

_CREDENTIALS = re.compile(r"^(https?://)[^/?#]*@")
#: Second levels under which registries sell names: of these the third label tells one owner from another.
_PUBLIC_SECOND = frozenset("com net org gov edu co ac or ne go gob nom".split())


def base_of(item: Item, source: SourceContext) -> str:
    """What the item's addresses are relative to; at worst, where the document came from."""
    return absolute(source.url, item.base_url or item.url) or source.url


def address_in(base: str, given: str | None) -> str:
    """Absolute, without credentials, which are nobody's to republish; "" for what no browser would take."""
    if not given or not given.strip() or len(given) > MOST_CHARACTERS:
        return ""
    bare = _CREDENTIALS.sub(r"\1", absolute(base, given) or "")
    return bare if len(bare) <= MOST_CHARACTERS else ""


def identity_url(item: Item, base: str, url: str) -> str:
    """The address by which copies are known: what the page declares where that is plausible, else its own."""
    own = canonical_url(url)
    if not item.canonical_url:
        return own
    declared = address_in(base, item.canonical_url)
    identity = canonical_url(declared)
    # Templates that declare the front page on every page would make all articles of a site one.
    return identity if _deep(identity) and (not own or _one_site(declared, url)) else own


def site_of_origin(item: Item, base: str, url: str) -> str:
    """The site of another owner whose page is declared to be the original of this one; "" for none."""
    if not item.canonical_url:
        return ""
    declared = address_in(base, item.canonical_url)
    identity = canonical_url(declared)
    return host_of(declared) if url and _deep(identity) and not _one_site(declared, url) else ""


def _deep(identity: str) -> bool:
    return bool(identity.partition("/")[2] or identity.partition("?")[2] or identity.partition("#")[2])


def _one_site(one: str, other: str) -> bool:
    return _owner(host_of(one)) == _owner(host_of(other))


def _owner(host: str) -> str:
    """The part of a host name that its owner registered, closely enough to compare two of them."""
    labels = host.split(".")
    registered = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _PUBLIC_SECOND else 2
    return host if host.replace(".", "").isdigit() else ".".join(labels[-registered:])
