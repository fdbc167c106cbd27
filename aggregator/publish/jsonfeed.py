"""JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from aggregator.publish import markup
from aggregator.publish.edition import Paper, PrintedArticle, modified
from aggregator.publish.entry import (
    Imprint,
    authors,
    content,
    copies_of,
    headline,
    imprint_of,
    language_tag,
    line,
    link_of,
    summary,
    tags,
)
from aggregator.publish.fragments import FragmentCache, Rendered, gather
from aggregator.publish.heads import FeedHead
from aggregator.publish.links import enclosures, entry_id, public_url, source_address
from aggregator.publish.rss import rfc3339

VERSION = "https://jsonfeed.org/version/1.1"
_BETWEEN = b",\n"


def render_json(
    paper: Paper, head: FeedHead, articles: Sequence[PrintedArticle], cache: FragmentCache
) -> Rendered:
    """The articles as JSON Feed 1.1. What cannot be rendered is left out and named in ``faults``."""
    imprint = imprint_of(paper, head.language, head.suffix)
    gathered = gather(
        f"{head.name}.json",
        articles,
        cache,
        hash(("json", imprint)),
        lambda printed: json_item(printed, imprint, cache.cleaned),
    )
    opening = _dump(_top(paper, head)).removesuffix(b"}")
    first, *others = gathered.fragments or (_BETWEEN,)
    document = (opening + b', "items": [\n', first.removeprefix(_BETWEEN), *others, b"\n]}\n")
    return Rendered(document=document, faults=gathered.faults)


def _top(paper: Paper, head: FeedHead) -> dict[str, Any]:
    top: dict[str, Any] = {
        "version": VERSION,
        "title": head.title,
        "home_page_url": head.page,
        "feed_url": head.address("json"),
        "next_url": dict(head.linked("json")).get("prev-archive", ""),
        "description": head.description,
        "language": language_tag(head.language) or "en",
        "icon": markup.logo_url(paper),
        "favicon": markup.icon_url(paper),
        "authors": [{"name": line(paper.site.title) or markup.GENERATOR, "url": f"{paper.base_url}/"}],
        "hubs": [{"type": "WebSub", "url": head.hub}] if head.hub else [],
    }
    return {key: value for key, value in top.items() if value}


def json_item(printed: PrintedArticle, imprint: Imprint, clean: Callable[[str], str]) -> bytes:
    """One item of ``items``, with what divides it from the one before. A function of its arguments alone."""
    article = printed.article
    changed = modified(article)
    item: dict[str, Any] = {
        "id": entry_id(article.uid, imprint.authority, imprint.feed),
        "url": link_of(printed, imprint),
        "title": headline(article, imprint.language),
        **_text(printed, imprint, clean),
        "summary": summary(article),
        "image": public_url(article.image or ""),
        "date_published": rfc3339(article.date.replace(microsecond=0)),
        "date_modified": rfc3339(changed.replace(microsecond=0)) if changed > article.date else "",
        "authors": [{"name": name} for name in authors(printed)],
        "tags": [*dict.fromkeys([*(line(title) or id for id, title in printed.sections), *tags(printed)])],
        "language": language_tag(article.language) or imprint.language,
        "attachments": _attachments(printed),
        "_source": _known({"name": line(printed.source_name), "url": source_address(printed.source_url)}),
        "_alternates": [
            _known({"url": url, "source": name, "title": title}) for url, name, title in copies_of(printed)
        ],
    }
    return _BETWEEN + _dump(_known(item))


def _text(printed: PrintedArticle, imprint: Imprint, clean: Callable[[str], str]) -> dict[str, str]:
    """An item has to have ``content_html`` or ``content_text``."""
    html = content(printed, imprint, clean)
    return (
        {"content_html": html}
        if html
        else {"content_text": summary(printed.article) or headline(printed.article)}
    )


def _attachments(printed: PrintedArticle) -> list[dict[str, Any]]:
    return [
        {"url": file.url, "mime_type": file.type} | ({"size_in_bytes": file.length} if file.length else {})
        for file in enclosures(printed.article)
    ]


def _known(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is not known: JSON Feed wants no empty values."""
    return {key: value for key, value in values.items() if value}


def _dump(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()
