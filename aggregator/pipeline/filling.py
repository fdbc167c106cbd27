"""An entry of a feed and the page behind it, made one article."""

from __future__ import annotations

from dataclasses import replace

from aggregator.normalise import content_hash
from storage.model import Article


def with_body(entry: Article, page: Article) -> Article:
    """The entry with the body of the page; the entry's own words about itself stay."""
    filled = replace(
        entry,
        html=page.html,
        text=page.text,
        text_hash=page.text_hash,
        image=page.image or entry.image,
        authors=entry.authors or page.authors,
        published=entry.published or page.published,
        breadcrumb=page.breadcrumb or entry.breadcrumb,
        labels=tuple(dict.fromkeys((*page.labels, *entry.labels))),
        tags=entry.tags or page.tags,
        site=page.site or entry.site,
        origin=page.origin or entry.origin,
        language=page.language or entry.language,
        summary=entry.summary or page.summary,
    )
    return replace(filled, content_hash=content_hash(filled))
