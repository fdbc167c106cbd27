"""Addresses of pictures as they are printed: our own in the place of the source's. Pure; who fetches is elsewhere."""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b, sha256
from html import escape, unescape

from aggregator.publish.links import media_type, public_url
from storage.model import Article, Enclosure

#: Where the server answers for pictures that it fetches itself, and the folder of those that are kept.
PROXY, ARCHIVE = "image", "i"

#: Bodies are normalised: names in lower case, values in double quotes.
_IMG = re.compile(r'(<img\b[^>]*?\ssrc=")([^"]*)(")')
_POSTER = re.compile(r'(<video\b[^>]*?\sposter=")([^"]*)(")')
_SIGNED_BYTES = 15  #: of the signature: 120 bits, in 20 characters
_LONGEST = 2000  #: characters of an address; a longer one makes no path that every server takes


def readdressed(article: Article, printed: Callable[[str], str]) -> Article:
    """The article with other addresses for its pictures: in its text, of its own picture, of attached ones."""

    def replaced(found: re.Match[str]) -> str:
        address = unescape(found[2])
        return f"{found[1]}{escape(printed(address))}{found[3]}" if address else found[0]

    html = _POSTER.sub(replaced, _IMG.sub(replaced, article.html))
    files = tuple(
        replace(file, url=printed(file.url)) if _is_picture(file) else file for file in article.enclosures
    )
    image = printed(article.image) if article.image else article.image
    return replace(article, html=html, image=image, enclosures=files)


def _is_picture(file: Enclosure) -> bool:
    return (media_type(file.url, file.type) or "").startswith("image/")


# -- signed addresses: only what was printed can be asked for


def signed_path(key: bytes, source: str, address: str) -> str | None:
    """Below the root of the paper; None for what is no address to fetch."""
    address = public_url(address)
    if not address or len(address) > _LONGEST:
        return None
    coded = urlsafe_b64encode(address.encode()).decode().rstrip("=")
    return f"{PROXY}/{_signature(key, source, address)}/{source}/{coded}"


def address_in(key: bytes, signature: str, source: str, coded: str) -> str | None:
    """The address that was signed for this source with this key."""
    try:
        address = urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
    except (ValueError, Error):
        return None
    given, right = signature.encode("utf-8", "replace"), _signature(key, source, address).encode()
    return address if hmac.compare_digest(given, right) else None


def _signature(key: bytes, source: str, address: str) -> str:
    digest = hmac.new(key, f"{source}\n{address}".encode(), sha256).digest()[:_SIGNED_BYTES]
    return urlsafe_b64encode(digest).decode().rstrip("=")


# -- kept pictures


def picture_name(address: str) -> str:
    """What the file of a kept picture is called, without its ending."""
    return blake2b(address.encode("utf-8", "replace"), digest_size=16).hexdigest()
