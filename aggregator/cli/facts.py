"""Articles as the JSON of the command line shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from storage.model import Article, Decision


def rfc3339(moment: datetime | None) -> str | None:
    """``2024-10-24T01:00:00Z``: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def article_facts(article: Article) -> dict[str, Any]:
    """The object that ``articles --json`` prints."""
    return {
        "uid": article.uid,
        "source": article.source,
        "url": article.url,
        "guid": article.guid,
        "title": article.title,
        "summary": article.summary,
        "html": article.html,
        "text": article.text,
        "authors": list(article.authors),
        "published": rfc3339(article.published),
        "updated": rfc3339(article.updated),
        "first_seen": rfc3339(article.first_seen),
        "sections": list(article.sections),
        "breadcrumb": list(article.breadcrumb),
        "tags": list(article.tags),
        "language": article.language,
        "image": article.image,
        "story": article.story,
        "copy_of": article.copy_of,
        "canonical_url": article.canonical_url,
        "site": article.site,
        "origin": article.origin,
        "revision": article.revision,
        "enclosures": [{"url": e.url, "type": e.type, "length": e.length} for e in article.enclosures],
    }


def decision_facts(decision: Decision) -> dict[str, Any]:
    return {
        "at": rfc3339(decision.at),
        "verdict": decision.verdict,
        "of": decision.of,
        "similarity": round(decision.similarity, 4),
        "clause": decision.clause,
    }
