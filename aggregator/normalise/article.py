"""Items, raw, to articles of ours: the one way in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

from aggregator.item import Item
from aggregator.normalise.addresses import address_in, base_of, identity_url, site_of_origin
from aggregator.normalise.bounds import shortened
from aggregator.normalise.context import Dropped, Normalised, SourceContext
from aggregator.normalise.dating import aware, published_of, updated_of
from aggregator.normalise.identity import hash_of, identity_of, mint_uid
from aggregator.normalise.language import language_of
from aggregator.normalise.markup import clean_all, lead_picture, markup_of
from aggregator.normalise.names import authors_of, breadcrumb_of, labels_of, tags_of
from aggregator.normalise.plain import line
from aggregator.normalise.words import summary_of, title_of
from aggregator.text.fold import hash_text
from aggregator.text.html import text_of_regular, xml_safe
from aggregator.text.mediatypes import plain_media_type
from storage.model import Article, Enclosure

GUID = 1000  #: characters
MAX_ENCLOSURES = 30


def normalise(item: Item, source: SourceContext, *, now: datetime) -> Article | Dropped:
    """The item as an article first seen at ``now`` under a fresh uid; what is stored may overrule both.

    Never raises. An item with nothing to read and nowhere to go is dropped, as is one from the future where
    the source's configuration says so.
    """
    (one,) = normalise_all([item], source, now=now)
    return one.became


def normalise_all(items: Sequence[Item], source: SourceContext, *, now: datetime) -> list[Normalised]:
    """``normalise`` for the items of one document; as many as there are items, in their order.

    Undated items keep the order of their document: the first is seen a moment later than the second.
    """
    moment = timedelta(microseconds=1)
    columns = _Columns(items, source)
    return [columns.normalised(place, now=now - place * moment) for place in range(len(items))]


class _Columns:
    """What becomes of the items of a document, step by step: a step is done sooner right after its like."""

    def __init__(self, items: Sequence[Item], source: SourceContext) -> None:
        self._items = items
        self._source = source
        self._bases = bases = [base_of(item, source) for item in items]
        whole = clean_all(
            list(zip(map(_markup, items), bases, strict=True)),
            lazy_images=source.lazy_images,
            no_referrer=source.no_referrer,
        )
        self._html = html = [shortened(body, source.max_length) for body in whole]
        self._cut = [short is not body for short, body in zip(html, whole, strict=True)]
        self._texts = texts = list(map(text_of_regular, html))
        self._text_hashes = list(map(hash_text, texts))
        self._urls = urls = [address_in(base, item.url) for base, item in zip(bases, items, strict=True)]
        self._canonical_urls = list(map(identity_url, items, bases, urls))
        self._titles = titles = list(map(title_of, items, texts, urls))
        self._summaries = list(map(summary_of, items, html, texts))
        self._languages = [
            language_of(item.language, source.language, f"{title}\n{text}")
            for item, title, text in zip(items, titles, texts, strict=True)
        ]
        self._authors = authors = list(map(authors_of, items))
        self._tags = list(map(tags_of, items))
        self._enclosures = enclosures = list(map(_enclosures, items, bases))
        self._images = images = list(map(_image, items, html, enclosures, bases))
        self._content_hashes = list(map(hash_of, titles, html, authors, images, urls, enclosures))

    def normalised(self, place: int, *, now: datetime) -> Normalised:
        return Normalised(became=self._article(place, now), cut=self._cut[place])

    def _article(self, place: int, now: datetime) -> Article | Dropped:
        """The item at this place as an article first seen at ``now``."""
        item, source = self._items[place], self._source
        title = self._titles[place]
        if not title:
            return Dropped(reason=f"an entry without title, text and address (guid {item.guid[:80]!r})")
        dated = aware(item.published or item.updated, source)
        if dated is not None and dated > now and source.future_dates == "drop":
            return Dropped(
                reason=f"{title!r} is dated {dated:%Y-%m-%d %H:%M} UTC, which is ahead of now", later=True
            )
        base, url, text, tags = self._bases[place], self._urls[place], self._texts[place], self._tags[place]
        guid, canonical_url, published = (
            _guid(item.guid),
            self._canonical_urls[place],
            published_of(dated, source, now),
        )
        uid = mint_uid(source.id, identity_of(guid, canonical_url, title, published, text))
        breadcrumb = breadcrumb_of(item)
        site = line(item.site or "", 100) or None
        return Article(
            uid=uid,
            source=source.id,
            url=url,
            canonical_url=canonical_url,
            guid=guid,
            title=title,
            summary=self._summaries[place],
            html=self._html[place],
            text=text,
            authors=self._authors[place],
            published=published,
            updated=updated_of(aware(item.updated, source), dated, source, now),
            first_seen=now,
            breadcrumb=breadcrumb,
            tags=tags,
            labels=labels_of(source.label, item.section, breadcrumb, tags, site),
            language=self._languages[place],
            image=self._images[place],
            enclosures=self._enclosures[place],
            site=site,
            origin=line(item.origin or site_of_origin(item, base, url), 100) or None,
            content_hash=self._content_hashes[place],
            text_hash=self._text_hashes[place],
            story=uid,
        )


def _markup(item: Item) -> str:
    return markup_of(item.content if item.content.strip() else item.summary)


def _guid(guid: str) -> str:
    """Raw, so that it compares equal tomorrow; only what a database cannot hold is taken out or hashed."""
    safe = xml_safe(guid)
    return safe if len(safe) <= GUID else f"blake2b:{blake2b(safe.encode(), digest_size=16).hexdigest()}"


def _enclosures(item: Item, base: str) -> tuple[Enclosure, ...]:
    found: dict[str, Enclosure] = {}
    for enclosure in item.enclosures[:MAX_ENCLOSURES]:
        url = address_in(base, enclosure.url)
        length = enclosure.length if enclosure.length and 0 < enclosure.length < 2**62 else None
        if url:
            found.setdefault(url, Enclosure(url=url, type=plain_media_type(enclosure.type), length=length))
    return tuple(found.values())


def _image(item: Item, html: str, enclosures: tuple[Enclosure, ...], base: str) -> str | None:
    pictures = (file.url for file in enclosures if (file.type or "").startswith("image/"))
    return address_in(base, item.image) or lead_picture(html) or next(pictures, None)
