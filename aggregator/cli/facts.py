"""Articles as the command line names them and its JSON shows them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from aggregator.text.urls import canonical_url
from storage.interface import ArticleStore
from storage.model import Article, Decision

NO_ARTICLE = "no article {!r}; `aggregator articles --search WORDS` finds uids"
#: A uid, the id of an entry, the address of a page of ours.
_NAMED = re.compile(r"(?:tag:.*:|https?://.*/(?:a|story)/)?([0-9a-z]{26})(?:\.html|:[a-z0-9-]+)?")


def articles_at(store: ArticleStore, wanted: str) -> list[Article]:
    """The articles that somebody means by a uid, an entry's id or an address; printed ones first."""
    named = _NAMED.fullmatch(wanted.strip())
    if named and (article := store.article(named[1])) is not None:
        return [article]
    return store.find(wanted, canonical_url(wanted)) if "://" in wanted else []


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
