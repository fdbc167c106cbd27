"""What webhooks are told, as JSON: an article, a source in trouble or out of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aggregator.text.urls import shown_text, shown_url
from storage.model import Article, SourceRecord

_SUMMARY = 500  #: characters


def article_told(article: Article, source_name: str) -> dict[str, Any]:
    return {
        "uid": article.uid,
        "title": article.title,
        "url": article.url,
        "summary": article.summary[:_SUMMARY],
        "source": {"id": article.source, "name": source_name},
        "sections": list(article.sections),
        "authors": list(article.authors),
        "tags": list(article.tags),
        "language": article.language,
        "image": article.image,
        "published": _instant(article.published),
        "first_seen": _instant(article.first_seen),
    }


def source_told(event: str, record: SourceRecord, name: str, stale: datetime | None) -> dict[str, Any]:
    """``stale`` is since when; addresses are shown without what may open them."""
    error = record.last_error and shown_text(record.last_error)
    said = {
        "source_broken": error or record.health.value,
        "source_stale": f"nothing new; stale since {_instant(stale)}",
        "source_recovered": "well again",
    }[event]
    return {
        "event": event,
        "text": f"{name} ({record.id}): {said}",
        "source": {
            "id": record.id,
            "name": name,
            "url": shown_url(record.url, elided="?…"),
            "state": record.health.value,
            "last_error": error,
            "failing_since": _instant(record.failing_since),
            "last_success": _instant(record.last_success),
            "stale_since": _instant(stale),
        },
    }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")
