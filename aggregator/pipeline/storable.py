"""What comes from outside, made fit for every store: no NUL, no half characters. One bad name must not fail a poll."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import chain
from operator import attrgetter
from typing import Any

from aggregator.text.html import xml_safe
from storage.model import Article, SourceRecord

#: An error is a line for people; a server's own words in it may be long.
MAX_ERROR = 1000
#: Normalising has cleaned these, and they are long.
_CLEAN = frozenset({"title", "summary", "html", "text"})
#: There is nothing to clean in these.
_NUMBERS = frozenset({int, float, bool})
_texts_of = attrgetter(
    *"uid source url canonical_url guid language image site origin content_hash text_hash story copy_of".split()
)
_ARTICLE_FIELDS = tuple(field.name for field in fields(Article) if field.name not in _CLEAN)


def storable_article(article: Article) -> Article:
    """Itself, mostly: normalising has cleaned what is shown, not every address."""
    if _said_in_short(article).isprintable():
        return article
    values = {name: getattr(article, name) for name in _ARTICLE_FIELDS}
    cleaned = {name: clean for name, value in values.items() if (clean := _clean(value)) != value}
    return replace(article, **cleaned) if cleaned else article


def _said_in_short(article: Article) -> str:
    """All of its texts but the long ones, to be looked through at once."""
    texts = [value for value in _texts_of(article) if value]
    names = (article.authors, article.breadcrumb, article.labels, article.tags, article.sections)
    files = ((one.url, one.type or "") for one in article.enclosures)
    return "".join(chain(texts, *names, *files))


def storable_record(record: SourceRecord) -> SourceRecord:
    """Itself, mostly."""
    clean = {
        "url": xml_safe(record.url),
        "title": xml_safe(record.title),
        "last_error": None if record.last_error is None else xml_safe(record.last_error)[:MAX_ERROR],
        "memory": _clean(record.memory),
    }
    changed = {name: value for name, value in clean.items() if value != getattr(record, name)}
    return replace(record, **changed) if changed else record


def _clean(value: Any) -> Any:
    """The same value with the texts in it cleaned."""
    if isinstance(value, str):
        return xml_safe(value)
    if not value or type(value) in _NUMBERS:
        return value
    if isinstance(value, Mapping):
        return {xml_safe(key): _clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        # A rhythm is two dozen numbers, and every poll comes by here.
        return value if _NUMBERS.issuperset(map(type, value)) else type(value)(_clean(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _clean(getattr(value, field.name)) for field in fields(value)})
    return value
